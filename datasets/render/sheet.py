"""Contact sheets of a rendered set.

    python -m datasets.render.sheet FLEET sheet.jpg [--columns 12] [--split test] [--seed 0]

A row a class; the pictures are drawn at random, one a vessel as long as there are vessels.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from PIL import Image


def make_sheet(
    folder: Path, *, columns: int = 12, split: str | None = None, seed: int = 0, edge: int = 192
) -> Image.Image:
    """Return a sheet of `columns` pictures a class, each `edge` pixels wide.

    Parameters
    ----------
    folder
        With a `labels.csv`.
    columns, edge
        Pictures a class, and how large each is shown.
    split
        Only pictures of this split.
    seed
        Of the draw.

    """
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if split in (None, row["split"])]
    labels = list(dict.fromkeys(row["label"] for row in rows))
    sheet = Image.new("RGB", (columns * edge, len(labels) * edge), "white")
    rng = np.random.default_rng(seed)
    for y, label in enumerate(labels):
        mine = [row for row in rows if row["label"] == label]
        mine = [mine[k] for k in rng.permutation(len(mine))]
        seen: dict[str, int] = {}
        for row in mine:
            seen[row["file"]] = sum(1 for other in seen if _group(other) == _group(row["file"]))
        mine.sort(key=lambda row: seen[row["file"]])
        for x, row in enumerate(sorted(mine[:columns], key=lambda row: row["file"])):
            with Image.open(folder / row["file"]) as picture:
                sheet.paste(
                    picture.resize((edge, edge), Image.Resampling.LANCZOS), (x * edge, y * edge)
                )
    return sheet


def _group(file: str) -> str:
    return file.rsplit("_", 1)[0]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--columns", type=int, default=12)
    parser.add_argument("--split", choices=("train", "validation", "test"))
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    picture = make_sheet(given.folder, columns=given.columns, split=given.split, seed=given.seed)
    picture.save(given.sheet, quality=90)


if __name__ == "__main__":
    main()
