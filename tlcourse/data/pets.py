"""The layout of the Oxford-IIIT pets: the breed in the name of a file, the splits in two lists."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from tlcourse.data.folders import FolderReader, listed
from tlcourse.data.images import ImageSet
from tlcourse.data.parts import Problem, natural_key, natural_order
from tlcourse.data.reading import shown
from tlcourse.errors import DataError

_LISTS = {"trainval.txt": "train", "test.txt": "test"}
_LINE = re.compile(r"(?P<file>(?P<breed>\S+)_\d+) +\d+ +[12] +\d+")


def read_pets(folder: Path) -> ImageSet:
    """Return the pictures of `images` in the splits of `annotations/trainval.txt` and `test.txt`.

    Parameters
    ----------
    folder
        What holds the two folders.

    Returns
    -------
    ImageSet
        Labelled by breed ("Abyssinian", "american_bulldog", …), in the order of the splits
        ("trainval" is train here), the breeds and the file names. Pictures that no list names, and
        lines that name no picture, are in its problems.

    Raises
    ------
    DataError
        When folders or lists are missing, or a list has lines that are no such lines.

    """
    images, annotations = folder / "images", folder / "annotations"
    needed = (images, *(annotations / name for name in _LISTS))
    missing = [path.relative_to(folder).as_posix() for path in needed if not path.exists()]
    if missing:
        raise DataError(
            f"The folder {shown(folder)} does not hold the Oxford-IIIT pets.",
            expected="images/, annotations/trainval.txt and annotations/test.txt in it",
            received=f"without {', '.join(missing)}",
            todo="Unpack both archives, images.tar.gz and annotations.tar.gz, into it.",
        )
    reader = FolderReader(images)
    there = {path.relative_to(images).as_posix(): path for path in reader.pictures(images)}
    rows, problems = [], list(reader.problems)
    for name, split in _LISTS.items():
        for file, breed in _read_list(annotations / name):
            path = there.pop(f"{file}.jpg", None)
            if path is None:
                problems.append(Problem(images / f"{file}.jpg", f"listed in {name}, but not there"))
            else:
                rows.append((split, breed, path))
    if not rows:
        raise DataError(
            f"The folder {shown(images)} holds none of the pictures that are listed.",
            received=reader.what_was_in(images),
        )
    problems += [Problem(path, "in neither of the two lists") for path in there.values()]
    rows.sort(key=lambda row: (row[0] == "test", natural_key(row[1]), natural_key(row[2].name)))
    class_names = natural_order({breed for _, breed, _ in rows})
    position = {name: index for index, name in enumerate(class_names)}
    return ImageSet(
        paths=tuple(path for _, _, path in rows),
        labels=np.array([position[breed] for _, breed, _ in rows], np.int64),
        class_names=class_names,
        splits=np.array([split for split, _, _ in rows]),
        problems=tuple(problems),
        record={"layout": "Oxford-IIIT pets", "folder": str(folder)},
    )


def _read_list(path: Path) -> list[tuple[str, str]]:
    """Return the name of each file, without its ending, and its breed."""
    found, faults = [], []
    for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            faults.append(f"line {number}: {shown(line[:80])}")
        else:
            found.append((match["file"], match["breed"]))
    if faults:
        raise DataError(
            f"The list {shown(path)} cannot be read.",
            expected="lines like 'Abyssinian_201 1 1 1': file, class, species, breed",
            received=listed(faults),
            todo="Unpack annotations.tar.gz again.",
        )
    return found
