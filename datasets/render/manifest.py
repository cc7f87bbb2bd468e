"""The set's `labels.csv`: a row a picture, in the plan's order."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

from .plan import View

COLUMNS = ("file", "label", "group", "split", "bytes", "sha256")
# The scene parameters that a reader may want to sort by; the rest follows from the seed.
SCENE = (
    "azimuth",
    "stand",
    "distance",
    "height",
    "fill",
    "sky",
    "sun_elevation",
    "sun_azimuth",
    "visibility",
    "wind",
    "speed",
    "land",
    "other",
    "quality",
)


def write_manifest(views: Sequence[View], folder: Path) -> Path:
    """Write `labels.csv` for those of `views` that are rendered, and return its path."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*COLUMNS, *SCENE])
    for view in views:
        path = folder / view.file
        if not path.exists():
            continue
        data = path.read_bytes()
        vessel = view.vessel
        digest = hashlib.sha256(data).hexdigest()
        row = [view.file, vessel.label, vessel.name, vessel.split, len(data), digest]
        writer.writerow([*row, *(view.sight[name] for name in SCENE)])
    path = folder / "labels.csv"
    part = path.with_suffix(".csv.part")
    part.write_text(text.getvalue(), encoding="utf-8")
    part.replace(path)
    return path
