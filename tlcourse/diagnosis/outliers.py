"""Findings from features: pictures that look like nothing else in the set.

How far is far depends on the set, the network and the number of pictures. So photographs that
surely do not belong are measured along: a cup of coffee, a rocket, an astronaut. A picture that
lies nearly as far from the set as they do is named.

Measured on 398 photographs of ants and bees, 700 of cats and dogs and 176 rendered ships, each with
pictures of the other two as strangers (found / of its own called strangers): 0.96 / 2.0%,
0.94 / 0.1% and 1.00 / 0.0%. Distances to the class means (Mahalanobis) and local outlier factors
(Breunig and others 2000) of the same features found half as many strangers at 2%, and none where
there were twenty: those are neighbours of each other.
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
_AS_FAR = 0.78
"""Share of the way from a usual picture to a stranger at which a picture is named."""

_ON_THE_WAY, _TIMES_THE_SPREAD = 0.4, 6.0
"""The same in a set whose pictures are much alike: this share at least, and so many spreads."""

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

    In a set whose pictures are much alike, less is needed: the middle half of the distances tells
    how much they vary, and no outlier moves that.
    """
    lower, usual, upper = np.percentile(distances, (25, 50, 75)).tolist()
    far = float(np.median(foreign))
    if far <= usual:  # a set of anything and everything: nothing is strange in it
        return math.inf
    nearly_as_far, on_the_way = (usual + share * (far - usual) for share in (_AS_FAR, _ON_THE_WAY))
    return max(on_the_way, min(nearly_as_far, usual + _TIMES_THE_SPREAD * (upper - lower)))


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
