"""Findings from features: pictures that look like nothing else in the set.

How far is far depends on the set, the network and the number of pictures. So photographs that
surely do not belong are measured along: a cup of coffee, a rocket, an astronaut. A picture that
lies nearly as far from the set as they do is named.

Measured on 398 photographs of ants and bees, 700 of cats and dogs and 312 rendered ships, with 4
strangers of 100 out of the other two sets, mean of 8 draws: found 0.99, 0.94 and 1.00; of its own
called strangers 2.0%, 0.6% and 0.0% (of the first most are odd: a worm, a bait box, a message that
a picture was not found). With 8 of 100, half are missed among cats and dogs: the strangers are then
neighbours of each other. At 2% called wrongly, local outlier factors (Breunig and others 2000) find
0.78, 0.56 and 1.00, distances to the mean (Mahalanobis) 0.15, 0.30 and 1.00.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.data.photographs import packaged_file
from tlcourse.diagnosis.findings import Finding
from tlcourse.errors import DataError

FEWEST = 12
"""Pictures that a set must have."""

_NEIGHBOURS = 20
_LEAST_SHARE, _MOST_SHARE, _TIMES_LARGE = 0.66, 0.78, 1.7
"""Share of the way from a usual picture to a stranger at which a picture is named: so many times
that of the 90th of 100 pictures, within these bounds."""

_ON_THE_WAY, _TIMES_THE_SPREAD = 0.4, 6.0
"""In a set whose pictures are much alike: this share at least, and so many spreads."""

_ROWS = 512
_STRANGERS = (
    ("skimage", "data/astronaut.png"),
    ("skimage", "data/camera.png"),
    ("skimage", "data/chelsea.png"),
    ("sklearn", "datasets/images/china.jpg"),
    ("skimage", "data/coffee.png"),
    ("sklearn", "datasets/images/flower.jpg"),
    ("skimage", "data/motorcycle_left.png"),
    ("skimage", "data/rocket.jpg"),
)
"""One or two of them may belong to a set after all: their middle counts."""


def strangers() -> tuple[Path, ...]:
    """Return photographs out of installed packages that no set is about."""
    found = []
    for package, file in _STRANGERS:
        try:
            found.append(packaged_file(package, file))
        except DataError:  # another version of the package: the others do
            continue
    return tuple(found)


def outlier_findings(
    images: ImageSet, positions: np.ndarray, features: np.ndarray, foreign: np.ndarray
) -> Iterator[Finding]:
    """Yield pictures that lie far from all others.

    The measure is the distance to the k-th nearest neighbour (Ramaswamy, Rastogi and Shim 2000), by
    the cosine of the features, k = 20 or less in small sets. A few outliers that are alike do not
    hide each other, unless there are k of them.

    Parameters
    ----------
    images
        The whole set.
    positions
        `(n,)` int: which of its pictures have features.
    features
        `(n, d)` float32.
    foreign
        `(m, d)` float32, of pictures that do not belong.

    """
    if len(positions) < FEWEST or not len(foreign):
        return
    k = min(_NEIGHBOURS, len(positions) // 4)
    rows = _unit(features)
    distances = _distance_to_neighbour(rows, rows, k + 1)  # a row is its own nearest
    limit = _limit(distances, _distance_to_neighbour(_unit(foreign), rows, k))
    for row in np.flatnonzero(distances > limit).tolist():
        position = int(positions[row])
        name = images.class_names[images.labels[position]]
        yield Finding(
            "outlier",
            (images.paths[position],),
            f"{distances[row]:.2f} from its nearest neighbours, where {np.median(distances):.2f} "
            f"is usual and {limit:.2f} the limit",
            (position,),
            (name,),
            float(1 - limit / distances[row]),
        )


def _limit(distances: np.ndarray, foreign: np.ndarray) -> float:
    """Return the distance beyond which a picture is like no other of the set.

    The upper half of the distances tells which share of the way to the strangers is too far for
    this set; a few outliers do not move that. In a set whose pictures are much alike, less is
    needed: there the middle half tells how much they vary.
    """
    lower, usual, upper, large = np.percentile(distances, (25, 50, 75, 90)).tolist()
    far = float(np.median(foreign))
    if far <= usual:  # a set of anything and everything: nothing is strange in it
        return math.inf
    way = far - usual
    share = min(max(_TIMES_LARGE * (large - usual) / way, _LEAST_SHARE), _MOST_SHARE)
    among_alike = max(usual + _ON_THE_WAY * way, usual + _TIMES_THE_SPREAD * (upper - lower))
    return min(usual + share * way, among_alike)


def _unit(features: np.ndarray) -> np.ndarray:
    rows = np.asarray(features, np.float32)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def _distance_to_neighbour(rows: np.ndarray, others: np.ndarray, k: int) -> np.ndarray:
    """Return for each row 1 minus its cosine with the k-th nearest of the others.

    A few hundred rows at a time: all pairs of 100,000 pictures would not fit into the memory.
    """
    result = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _ROWS):
        cosines = rows[start : start + _ROWS] @ others.T
        result[start : start + _ROWS] = 1 - np.partition(cosines, -k, axis=1)[:, -k]
    return result
