"""Pictures that are there twice: the same file under two names, or a copy that was worked on."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path

import numpy as np

from tlcourse.data.fingerprints import (
    HASH_BITS,
    SIDE,
    Fingerprint,
    distance_between,
    fingerprint,
    look_alike,
)
from tlcourse.data.headers import open_whole, read_header
from tlcourse.data.images import ImageSet
from tlcourse.data.reading import read_picture
from tlcourse.errors import ArgumentError, PictureError, must_be
from tlcourse.messages import progress
from tlcourse.parallel import map_ahead

DISTANCE = 24
"""Bits of 128 by which the hashes of two copies may differ; pictures trimmed by 4% reach 24."""

_ROWS = 256
"""Rows of the table of distances that are in memory at once."""

_MOST_NEIGHBOURS = 50
_MOST_REFUSALS = 6
"""Neighbours by hash that may turn out to be others; then a picture is left alone. Ten thousand
ships between sky and sea would else be compared for minutes."""

Groups = tuple[tuple[int, ...], ...]
"""Positions in a set, ascending in each group; groups in the order of their first pictures."""


def exact_duplicates(images: ImageSet) -> Groups:
    """Return groups of pictures whose files have the same bytes.

    Parameters
    ----------
    images
        A set; files that cannot be read, and empty ones, are like none.

    Returns
    -------
    tuple of tuple of int
        Positions in `images`, two or more a group, ascending.

    """
    must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
    results = map_ahead(_digest, images.paths)
    return same_groups(list(progress(results, what="Comparing files", total=len(images))))


def near_duplicates(images: ImageSet, *, distance: int = DISTANCE) -> Groups:
    """Return groups of pictures that are copies of each other, whatever their bytes.

    Found are copies that were saved anew, made smaller, brighter, darker or grey, trimmed by up to
    4% of each side, mirrored, stamped or captioned; the same file twice as well. Two
    photographs of one thing are not copies.

    Parameters
    ----------
    images
        A set; pictures that cannot be read, or are of one colour, are like none.
    distance
        Bits of 128, 0 to 64. Each picture has two difference hashes of 64 bits, by rows and by
        columns, of the whole picture (package imagehash). Pairs within this Hamming distance are
        compared in their details at 64 x 64 pixels, and joined only where those agree
        (`tlcourse.data.fingerprints.look_alike`). A larger distance finds copies that were trimmed
        more, and takes longer.

    Returns
    -------
    tuple of tuple of int
        Positions in `images`, two or more a group, ascending. Groups are the connected components
        of pairs, with a guard against chains in which the last picture has nothing of the first: no
        hash in a group differs from that of its first picture by more than twice the distance.

    Raises
    ------
    ArgumentError
        When the distance is out of range.

    """
    must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
    if isinstance(distance, bool) or distance not in range(HASH_BITS // 2 + 1):
        raise ArgumentError(
            "The argument 'distance' is no distance between hashes.",
            expected=f"a whole number of bits, 0 to {HASH_BITS // 2}",
            received=f"distance={distance!r}",
        )
    results = map_ahead(_fingerprint, images.paths)
    bar = progress(results, what="Looking for duplicates", total=len(images))
    return alike_groups(list(bar), distance)


def same_groups(keys: Sequence[Hashable | None]) -> Groups:
    """Return the groups of positions that have the same key; None is like nothing.

    Parameters
    ----------
    keys
        One a picture, such as the SHA-256 of its file.

    """
    found: dict[Hashable, list[int]] = defaultdict(list)
    for position, key in enumerate(keys):
        if key is not None:
            found[key].append(position)
    return tuple(tuple(group) for group in found.values() if len(group) > 1)


def alike_groups(prints: Sequence[Fingerprint | None], distance: int = DISTANCE) -> Groups:
    """Return the groups of positions whose pictures are copies of each other.

    Parameters
    ----------
    prints
        One a picture; None is like nothing.
    distance
        As for `near_duplicates`.

    """
    # A thousand copies of one file are one picture here, and not half a million pairs.
    places: dict[bytes, list[int]] = defaultdict(list)
    for position, mark in enumerate(prints):
        if mark is not None and not mark.flat:
            places[mark.small.tobytes()].append(position)
    unlike = [prints[positions[0]] for positions in places.values()]
    marks = [mark for mark in unlike if mark is not None]
    forest = _Forest(marks, distance)
    for one, other in _near_pairs(marks, distance):
        forest.consider(one, other)
    positions = list(places.values())
    groups = [[p for number in members for p in positions[number]] for members in forest.groups()]
    return tuple(sorted(tuple(sorted(group)) for group in groups if len(group) > 1))


class _Forest:
    """Groups that grow pair by pair (union-find), each pair looked at before it is joined.

    The root of a group is its first picture.
    """

    def __init__(self, marks: Sequence[Fingerprint], distance: int) -> None:
        self._marks = marks
        self._reach = 2 * distance
        self._root = list(range(len(marks)))
        self._members = [[number] for number in range(len(marks))]
        self._refused: set[tuple[int, int]] = set()
        self._refusals = [0] * len(marks)

    def groups(self) -> list[list[int]]:
        """Return all groups, those of one picture too; each picture is in one."""
        return [members for members in self._members if members]

    def consider(self, one: int, other: int) -> None:
        """Join the groups of two pictures that are alike, if no member is far from the first."""
        first, second = sorted((self._root[one], self._root[other]))
        tried = max(self._refusals[one], self._refusals[other])
        if first == second or (first, second) in self._refused or tried >= _MOST_REFUSALS:
            return
        marks, joining = self._marks, self._members[second]
        near = all(min(distance_between(marks[first], marks[i])) <= self._reach for i in joining)
        if near and look_alike(marks[one], marks[other]):
            self._members[first] += joining
            self._members[second] = []
            for number in joining:
                self._root[number] = first
            return
        self._refused.add((first, second))
        self._refusals[one] += 1
        self._refusals[other] += 1


def _near_pairs(marks: Sequence[Fingerprint], distance: int) -> Iterator[tuple[int, int]]:
    """Yield the pairs of positions whose hashes are near, the nearest first.

    All pairs are compared, some rows at a time: 10,000 pictures in a quarter of a second, 100,000
    in half a minute. Of those near to a picture, the nearest 50 among the later ones are taken.
    """
    if not marks:
        return
    # Transposed, so that each half of a hash is one long run of numbers.
    hashes = np.stack([mark.hash for mark in marks], axis=1)
    mirrored = np.stack([mark.mirrored for mark in marks], axis=1)
    found = []
    for start in range(0, len(marks), _ROWS):
        rows = hashes[:, start : start + _ROWS, None]
        apart = np.minimum(_apart(rows, hashes[:, start:]), _apart(rows, mirrored[:, start:]))
        row, column = np.nonzero(np.triu(apart <= distance, k=1))
        near = apart[row, column]
        order = np.lexsort((near, row))
        row, column, near = row[order], column[order], near[order]
        rank = np.arange(len(row)) - np.searchsorted(row, row)
        few = rank < _MOST_NEIGHBOURS
        found.append(np.stack([start + row, start + column, near])[:, few])
    one, other, near = np.concatenate(found, axis=1)
    nearest = np.argsort(near, kind="stable")
    yield from zip(one[nearest].tolist(), other[nearest].tolist(), strict=True)


def _apart(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return `(rows, columns)` uint8: in how many bits the hashes of two lists differ."""
    upper, lower = (np.bitwise_count(a ^ b[None]) for a, b in zip(rows, columns, strict=True))
    return upper + lower


def _digest(path: Path) -> bytes | None:
    try:
        data = read_picture(path)
    except PictureError:
        return None
    return hashlib.sha256(data).digest() if data else None


def _fingerprint(path: Path) -> Fingerprint | None:
    try:
        data = read_picture(path)
        header = read_header(data)
        return fingerprint(open_whole(data, header, 2 * SIDE)) if header else None
    except PictureError:
        return None
