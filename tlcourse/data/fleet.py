"""The embedded set: ships, rendered for this course, each vessel in several views."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import tlcourse
from tlcourse.data.images import ImageSet
from tlcourse.data.load import load_images
from tlcourse.data.reading import shown
from tlcourse.errors import DataError

LABELS = "labels.csv"


def fleet_folder() -> Path | None:
    """Return the folder of the set: in the installed package, or in the project around it."""
    package = Path(tlcourse.__file__).parent
    for place in (package / "datasets" / "fleet", package.parent / "datasets" / "fleet"):
        if (place / LABELS).is_file():
            return place
    return None


def read_fleet(folder: Path) -> ImageSet:
    """Return the pictures that `labels.csv` lists, in its order.

    Parameters
    ----------
    folder
        What holds `labels.csv`: a manifest as `load_images` reads it, with the vessels in its
        column `group`, the column `split`, and columns on the scene that are of no use here.

    Raises
    ------
    DataError
        When the table is missing or has faults, or files that it lists are not there.

    """
    images = load_images(folder, LABELS)
    if images.groups is None or images.splits is None:
        raise DataError(
            f"The table {shown(folder / LABELS)} lacks columns.",
            expected="file, label, group (the vessel) and split",
            todo="Give the folder of the fleet, or read another set with load_images.",
        )
    about_pictures = tuple(p for p in images.problems if p.file != folder / LABELS)
    return replace(images, problems=about_pictures)


def count_fleet(folder: Path) -> tuple[int, int]:
    """Return how many pictures and classes the table of the set lists."""
    images = read_fleet(folder)
    return len(images), len(images.class_names)
