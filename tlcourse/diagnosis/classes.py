"""Findings about classes: names that are probably slips, and sizes far apart."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.data.reading import shown
from tlcourse.data.tables import counted
from tlcourse.diagnosis.findings import Finding

_FEW = 5
"""A class with a fifth of the pictures of another, or fewer, is small beside it."""

_SHORT, _LONG = 3, 6
"""Letters from which on one slip, and from which on two, are taken for one."""

_BINS = 64
_ROWS = 512
_NAMED = 10


def class_findings(images: ImageSet) -> Iterator[Finding]:
    """Yield what is odd about the names and the sizes of the classes."""
    counts = np.bincount(images.labels, minlength=len(images.class_names))
    present = np.flatnonzero(counts)
    if len(present) < 2:
        return
    respelt: set[int] = set()
    for kind, small, large, how in _slips(images.class_names, counts, present):
        respelt.add(small)
        yield _slip(images, counts, kind, small, large, how)
    largest = int(counts.max())
    rare = [int(i) for i in present if counts[i] * _FEW <= largest and int(i) not in respelt]
    if rare:
        rare.sort(key=lambda i: (counts[i], i))
        names = [f"{images.class_names[i]} ({counts[i]:,})" for i in rare[:_NAMED]]
        more = [f"and {len(rare) - _NAMED:,} more"] if len(rare) > _NAMED else []
        most = images.class_names[int(counts.argmax())]
        yield Finding(
            "imbalance",
            (),
            f"{', '.join([*names, *more])}; the largest class, {most}, has {largest:,}",
            classes=tuple(images.class_names[i] for i in rare),
            strength=float(1 - counts[rare[0]] / largest),
        )


def _slip(
    images: ImageSet, counts: np.ndarray, kind: str, small: int, large: int, how: str
) -> Finding:
    name, other = images.class_names[small], images.class_names[large]
    positions = np.flatnonzero(images.labels == small).tolist()
    beside = f"{shown(other)} with {counts[large]:,}"
    return Finding(
        kind,
        tuple(images.paths[i] for i in positions),
        f"{shown(name)} with {counted(int(counts[small]), 'picture')} beside {beside}: {how}",
        tuple(positions),
        (name, other),
        float(1 - counts[small] / (counts[small] + counts[large])),
        other,
    )


def _slips(
    names: tuple[str, ...], counts: np.ndarray, present: np.ndarray
) -> Iterator[tuple[str, int, int, str]]:
    """Yield kind, small class, large class, and what is between them; a small class once."""
    plain = {int(i): _plain(names[i]) for i in present}
    spelt: dict[str, list[int]] = defaultdict(list)
    for i in sorted(plain, key=lambda i: (-counts[i], i)):
        spelt[plain[i]].append(i)
    for large, *others in spelt.values():
        for small in others:
            yield "class_spelling", small, large, "only capitals, spaces or signs differ"
    usual = [members[0] for members in spelt.values()]
    texts = [plain[i] for i in usual]
    sizes = counts[usual]
    small_ones = np.flatnonzero(sizes * _FEW <= sizes.max())
    for row, columns in _similar_bags(texts, small_ones):
        best: tuple[int, int] | None = None
        for column in columns:
            most = 2 if len(texts[row]) >= _LONG else 1 if len(texts[row]) >= _SHORT else 0
            if sizes[row] * _FEW > sizes[column] or _digits(texts[row]) != _digits(texts[column]):
                continue
            distance = edit_distance(texts[row], texts[column], most)
            if distance <= most and (best is None or (distance, -sizes[column]) < best):
                best = (distance, -int(sizes[column]))
                nearest = column
        if best is not None:
            how = f"{counted(best[0], 'letter')} apart"
            yield "class_name", usual[row], usual[nearest], how


def _plain(name: str) -> str:
    """Return a name without what nobody hears: capitals, spaces, signs, ways to write "é"."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if c.isalnum()) or folded


def _digits(text: str) -> list[str]:
    """Return the numbers in a name: "ship 1" and "ship 2" are no slips of each other."""
    return re.findall(r"\d+", text)


def _similar_bags(texts: list[str], rows: np.ndarray) -> Iterator[tuple[int, list[int]]]:
    """Yield for some of the texts which others could be within two slips, by their letters.

    Two texts within two slips differ in at most four letters, counted without their order: that is
    found for ten thousand names in seconds, before any two of them are compared in earnest.
    """
    from scipy.spatial.distance import cdist

    bags = np.zeros((len(texts), _BINS), np.float32)
    for row, text in enumerate(texts):
        for letter in text:
            bags[row, ord(letter) % _BINS] += 1
    for start in range(0, len(rows), _ROWS):
        some = rows[start : start + _ROWS]
        for row, near in zip(some.tolist(), cdist(bags[some], bags, "cityblock") <= 4, strict=True):
            near[row] = False
            yield row, np.flatnonzero(near).tolist()


def edit_distance(one: str, other: str, most: int) -> int:
    """Return how many letters must be added, left out, changed or swapped; `most + 1` if more.

    Optimal string alignment (Damerau 1964): two neighbours that changed places are one slip.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    above = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        row = [i]
        for j, b in enumerate(other, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most and min(above) > most:
            return most + 1
        before, above = above, row
    return min(above[-1], most + 1)
