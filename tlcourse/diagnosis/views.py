"""Features for the checks: of a small set at two larger sizes, pooled by a generalised mean.

EfficientNet-Lite0 was trained at 224 x 224 pixels and sees more at larger sizes: random crops made
things larger in its training than they are when it judges (Touvron and others 2019, 'Fixing the
train-test resolution discrepancy'). A second size errs on other pictures than the first. What the
sizes cost is kept within a budget.

The last feature map is averaged by the cubic mean over its positions, which keeps more of what is
seen in one place only (generalised mean: Radenovic, Tolias and Chum 2019, 'Fine-tuning CNN image
retrieval with no human annotation').

Found among wrong labels by the mean, by the cubic mean, and by that at both sizes, at no more than
2% false alarms whatever the threshold, on five messy folders each: 720 ships 0.86, 0.86, 0.88; 398
ants and bees 0.90, 0.95, 0.93. Named without knowing the answers: 0.78, 0.83, 0.87 and 0.90, 0.93,
0.90. Taking the mirror image too, a third size, or the mean and the maximum gained no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.backbones import Backbone
from tlcourse.data import ImageSet

if TYPE_CHECKING:
    import keras

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
        For each size, the largest last, `(n, d)` float32.
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
        "backbone": backbone if isinstance(backbone, str) else backbone.name,
        "input_sizes": [net.input_size[0] for net in networks],
        "engine": tables[0].record["engine"],
    }
    return Views(positions, tuple(own), tuple(foreign), record)


class _CubicMean(Backbone):
    """A network whose last feature map is pooled by the cubic mean.

    The name is another one, for the cache of features tells networks apart by it.
    """

    @classmethod
    def of(cls, network: Backbone) -> _CubicMean:
        return cls(
            f"{network.name}_cubic",
            network.network,
            preprocessing=network.preprocessing,
            provenance=network.provenance,
        )

    @cached_property
    def feature_model(self) -> keras.Model:
        import keras

        pixels = self._input()
        feature_map = keras.ops.cast(self.network(self.preprocessing.layers(pixels)), "float32")
        mean = keras.ops.mean(feature_map * feature_map * feature_map, axis=(1, 2))
        return keras.Model(pixels, keras.ops.power(mean, 1 / 3), name=f"{self.name}_features")


def _networks(backbone: str | Backbone, pictures: int) -> list[Backbone]:
    from tlcourse.backbones import load_backbone

    if isinstance(backbone, Backbone):
        return [backbone]
    if backbone != DEFAULT:
        return [load_backbone(backbone)]
    sides = sides_for(pictures)
    if sides == (None,):
        return [load_backbone(DEFAULT)]
    return [_CubicMean.of(load_backbone(DEFAULT, input_size=side)) for side in sides]


def _features(network: Backbone, paths: list[Path]) -> FeatureTable:
    """Return features of files; one that has vanished since is no reason to stop."""
    from tlcourse.features import extract_features

    # Labels play no part, and a class that lost its last picture would be an error.
    unlabelled = ImageSet(tuple(paths), np.zeros(len(paths), np.int64), ("pictures",))
    return extract_features(network, unlabelled)
