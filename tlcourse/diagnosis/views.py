"""Features for the checks: a small set is looked at longer, at more than one size.

EfficientNet-Lite0 was trained at 224 x 224 pixels and sees more at larger sizes: random crops made
things larger in its training than they are when it judges (Touvron and others 2019, 'Fixing the
train-test resolution discrepancy'). A second size errs on other pictures than the first. What the
sizes gain is in `tlcourse.diagnosis.labels`; what they cost is kept within a budget.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.backbones import Backbone
from tlcourse.data import ImageSet

if TYPE_CHECKING:
    from tlcourse.features import FeatureTable

DEFAULT = "efficientnet_lite0"
"""The network whose sizes are chosen here; any other is used at its own."""

BUDGET = 15_000
"""Pictures of 224 x 224 pixels that may be computed, a larger one counted by its pixels. They take
a minute on two cores with OpenVINO, so that 10,000 pictures are diagnosed within three."""

_SIDES = ((320, 416), (320,))
_OWN_SIDE = 224


@dataclass(frozen=True)
class Views:
    """Features of the same pictures, computed at one size or several.

    Attributes
    ----------
    positions : numpy.ndarray
        `(n,)` int: which pictures of the set have features.
    own : tuple of numpy.ndarray
        For each size `(n, d)` float32.
    foreign : tuple of numpy.ndarray
        For each size `(m, d)` float32, of the pictures that were looked at beside them.
    record : dict
        Network, sizes and engine.

    """

    positions: np.ndarray
    own: tuple[np.ndarray, ...]
    foreign: tuple[np.ndarray, ...]
    record: dict[str, Any]


def sides_for(pictures: int) -> tuple[int | None, ...]:
    """Return the sides in pixels at which so many pictures are computed; None: the network's own.

    Both larger sizes up to 2,700 pictures, one of them up to 7,300.
    """
    for sides in _SIDES:
        if pictures * sum(side**2 for side in sides) <= BUDGET * _OWN_SIDE**2:
            return sides
    return (None,)


def look(
    backbone: str | Backbone, images: ImageSet, readable: np.ndarray, beside: tuple[Path, ...]
) -> Views:
    """Return features of the readable pictures of a set, and of others beside them.

    Parameters
    ----------
    backbone
        A network, used at its own size, or a name.
    images
        The whole set.
    readable
        `(n,)` int: which of its pictures to look at; one that has vanished since is left out.
    beside
        Files that are not of the set.

    """
    networks = _networks(backbone, len(readable))
    tables = [_features(net, [*(images.paths[i] for i in readable), *beside]) for net in networks]
    # A file may vanish between two sizes: only those that all have seen count.
    missing = {problem.file for table in tables for problem in table.problems}
    positions = np.array([i for i in readable if images.paths[i] not in missing], np.int64)
    own, foreign = [], []
    for table in tables:
        count = len(table) - len(beside)
        kept = [row for row, path in enumerate(table.paths[:count]) if path not in missing]
        own.append(table.features[kept])
        foreign.append(table.features[count:])
    record = {
        "backbone": networks[0].name,
        "input_sizes": [net.input_size[0] for net in networks],
        "engine": tables[0].record["engine"],
    }
    return Views(positions, tuple(own), tuple(foreign), record)


def _networks(backbone: str | Backbone, pictures: int) -> list[Backbone]:
    from tlcourse.backbones import load_backbone

    if isinstance(backbone, Backbone):
        return [backbone]
    sides = sides_for(pictures) if backbone == DEFAULT else (None,)
    return [load_backbone(backbone, input_size=side) for side in sides]


def _features(network: Backbone, paths: list[Path]) -> FeatureTable:
    """Return features of files; one that has vanished since is no reason to stop."""
    from tlcourse.features import extract_features

    # Labels play no part, and a class that lost its last picture would be an error.
    unlabelled = ImageSet(tuple(paths), np.zeros(len(paths), np.int64), ("pictures",))
    return extract_features(network, unlabelled)
