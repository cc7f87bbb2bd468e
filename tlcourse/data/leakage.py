"""Leaks: pictures to judge with that are, or nearly are, pictures that were learned from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from tlcourse.data.duplicates import DISTANCE, Groups, exact_duplicates, near_duplicates
from tlcourse.data.headers import read_header
from tlcourse.data.images import ImageSet
from tlcourse.data.parts import SPLITS
from tlcourse.data.reading import read_picture, shown
from tlcourse.data.tables import counted
from tlcourse.errors import DataError, PictureError, must_be
from tlcourse.messages import say
from tlcourse.parallel import map_ahead

LeakKind = Literal["same file", "copy", "group"]

_SMALLEST = 32
"""Pixels a side below which pictures have too little detail for one to be called a copy."""

_SHOWN = 3


@dataclass(frozen=True)
class Leak:
    """Pictures that belong together, and lie in more than one split.

    Attributes
    ----------
    kind : str
        `"same file"`: their bytes are the same; `"copy"`: they are one picture, resized, brightened
        or saved anew (`near_duplicates`); `"group"`: they are of one group of the set.
    name : str
        The name of the group, "" for copies.
    pictures : dict of str to tuple of Path
        The pictures in each split, in the order train, validation, test.

    """

    kind: LeakKind
    name: str
    pictures: dict[str, tuple[Path, ...]]

    def __str__(self) -> str:
        there = " and ".join(
            f"{counted(len(paths), 'picture')} in {split}" for split, paths in self.pictures.items()
        )
        if self.kind == "group":
            return f"the group {shown(self.name)} has {there}"
        alike = "the same file" if self.kind == "same file" else "copies of one picture"
        names = ", ".join(shown(paths[0]) for paths in self.pictures.values())
        return f"{alike}: {there} ({names})"


def find_leaks(images: ImageSet, *, distance: int = DISTANCE) -> tuple[Leak, ...]:
    """Return what lies in more than one split of a set and should not.

    A picture to judge with that was learned from, or a brightened copy of it, or another picture of
    the same ship from the same minute, is named rightly by memory: the accuracy is too good.

    Parameters
    ----------
    images
        A set with splits: from `split`, or in folders train, val and test that somebody else made.
    distance
        As for `near_duplicates`.

    Returns
    -------
    tuple of Leak
        Groups first, then files that are the same, then copies; empty where nothing leaks. A leak
        of a file is not told a second time as one of copies. Of pictures with fewer than 32 pixels
        a side only files that are the same are found.

    Raises
    ------
    DataError
        When the set has no splits.
    ArgumentError
        When the distance is out of range.

    """
    must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
    if images.splits is None:
        raise DataError(
            "There can be no leak: the set is not split.",
            expected="a set with splits",
            received=counted(len(images), "picture"),
            todo="Split it first, images = tl.split(images), or load folders train and test.",
        )
    return leaks_of(images, find_copies(images, distance=distance))


class Copies(NamedTuple):
    """Positions of pictures that are the same file, and of those that are copies of each other."""

    same: Groups
    near: Groups


def find_copies(images: ImageSet, *, distance: int = DISTANCE) -> Copies:
    """Return the groups of pictures of a set that are one picture.

    Parameters
    ----------
    images
        A set; files that cannot be read are like none.
    distance
        As for `near_duplicates`.

    """
    detailed = np.flatnonzero(list(map_ahead(_has_detail, images.paths)))
    near = near_duplicates(images.subset(detailed), distance=distance)
    return Copies(
        exact_duplicates(images),
        tuple(tuple(detailed[list(group)].tolist()) for group in near),
    )


def leaks_of(images: ImageSet, copies: Copies) -> tuple[Leak, ...]:
    """Return the leaks of a set with splits, the copies in it being known."""
    leaks = []
    if images.groups is not None:
        names, members = np.unique(images.groups, return_inverse=True)
        order = np.argsort(members, kind="stable")
        bounds = np.flatnonzero(np.diff(members[order])) + 1
        for name, positions in zip(names.tolist(), np.split(order, bounds), strict=False):
            leaks += _leak(images, "group", positions.tolist(), name)
    same = [leak for group in copies.same for leak in _leak(images, "same file", group)]
    told = {frozenset(p for paths in leak.pictures.values() for p in paths) for leak in same}
    for group in copies.near:
        if frozenset(images.paths[position] for position in group) not in told:
            same += _leak(images, "copy", group)
    return (*leaks, *same)


def warn_of(leaks: tuple[Leak, ...]) -> None:
    """Say in plain words that a set leaks, if it does."""
    if not leaks:
        return
    say(
        f"Careful: {counted(len(leaks), 'leak')} between the splits. An accuracy measured on this "
        "set is too good, since some of its pictures are known from learning:"
    )
    for leak in leaks[:_SHOWN]:
        say(f"  {leak}")
    if len(leaks) > _SHOWN:
        say(f"  … and {len(leaks) - _SHOWN:,} more: tl.find_leaks(images) lists them")


def _leak(
    images: ImageSet, kind: LeakKind, positions: tuple[int, ...] | list[int], name: str = ""
) -> list[Leak]:
    """Return one leak, or none where all positions are of one split."""
    assert images.splits is not None
    found: dict[str, tuple[Path, ...]] = {}
    for split in SPLITS:
        paths = tuple(images.paths[i] for i in positions if images.splits[i] == split)
        if paths:
            found[split] = paths
    return [Leak(kind, name, found)] if len(found) > 1 else []


def _has_detail(path: Path) -> bool:
    try:
        header = read_header(read_picture(path))
    except PictureError:
        return False
    return header is not None and min(header.width, header.height) >= _SMALLEST
