"""How near pictures are to those that a backbone has learned from, as far as it can be measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tlcourse.data import ImageSet, Problem, load_pictures
from tlcourse.evaluation.resampling import repeated_folds
from tlcourse.training.heads import softmax

if TYPE_CHECKING:
    from tlcourse.backbones import Backbone
    from tlcourse.features import FeatureTable

_FOLDS = 4
_THUMBNAIL = 16


class Similarity(NamedTuple):
    """What was measured of a set of pictures through a frozen backbone.

    Attributes
    ----------
    confidence : float or None
        Mean probability, 0..1, of the likeliest of the 1,000 ImageNet classes; None where the
        backbone has lost its old head. High: the pictures look like something that it knows.
    spread : float or None
        How many of the 1,000 classes its answers are spread over: e to the entropy of the mean
        answer, 1 to 1,000.
    separability : float
        Balanced accuracy, between chance (0) and perfect (1), of naming each picture by the nearest
        mean of the classes' frozen features, cross-validated, groups kept whole.
    from_pixels : float
        The same from thumbnails of 16 x 16 pixels in the place of features: what is to be had
        without any network.

    """

    confidence: float | None
    spread: float | None
    separability: float
    from_pixels: float


def measure_similarity(table: FeatureTable, backbone: Backbone) -> Similarity:
    """Measure how well a frozen backbone knows its way about pictures.

    Parameters
    ----------
    table
        Features of the pictures by this very backbone.
    backbone
        With its ImageNet head where it came with one.

    Raises
    ------
    DataError
        When a class has one group only, or there is one class.

    """
    old = old_answers(backbone, table.features)
    mean = None if old is None else np.maximum(old.mean(axis=0), 1e-12)
    small = _thumbnails(table)
    return Similarity(
        confidence=None if old is None else float(old.max(axis=1).mean()),
        spread=None if mean is None else float(np.exp(-(mean * np.log(mean)).sum())),
        separability=separability(table.features, table.labels, table.groups),
        from_pixels=separability(small, table.labels, table.groups),
    )


def separability(rows: np.ndarray, labels: np.ndarray, groups: np.ndarray | None) -> float:
    """Return how well the nearest class mean names pictures: 0 as chance does, 1 without fault.

    Rows are standardised and compared by angle; no number is chosen, nothing is trained but means.
    """
    truth = np.unique(labels, return_inverse=True)[1]
    classes = truth.max() + 1
    recalls = []
    for learned, judged in repeated_folds(truth, groups, _FOLDS, 1, 0):
        centre, scale = rows[learned].mean(axis=0), rows[learned].std(axis=0) + 1e-6
        known, asked = ((rows[part] - centre) / scale for part in (learned, judged))
        means = np.stack([known[truth[learned] == k].mean(axis=0) for k in range(classes)])
        means /= np.linalg.norm(means, axis=1, keepdims=True) + 1e-12
        named = (asked @ means.T).argmax(axis=1)
        there = np.unique(truth[judged])
        hits = named == truth[judged]
        recalls.append(np.mean([hits[truth[judged] == k].mean() for k in there]))
    chance = 1 / classes
    return float((np.mean(recalls) - chance) / (1 - chance))


def old_answers(backbone: Backbone, features: np.ndarray) -> np.ndarray | None:
    """Return what the ImageNet head says of averaged features, `(n, 1000)`.

    None where there is no such head, or one that takes more than the average of the last map.
    """
    if backbone.classifier is None:
        return None
    import keras

    known = {layer.name for layer in backbone.network.layers}
    top = [layer for layer in backbone.classifier.layers if layer.name not in known]
    dense: list[Any] = [layer for layer in top if isinstance(layer, keras.layers.Dense)]
    passed = (keras.layers.GlobalAveragePooling2D, keras.layers.Dropout, keras.layers.Activation)
    plain = all(isinstance(layer, (keras.layers.Dense, *passed)) for layer in top)
    if not plain or len(dense) != 1 or dense[0].kernel.shape[0] != features.shape[1]:
        return None
    weights, bias = dense[0].get_weights()
    return softmax(features @ weights + bias)


def _thumbnails(table: FeatureTable) -> np.ndarray:
    """Return `(n, 768)` float32 pixels in 0..1; zeros for what has since become unreadable."""
    images = ImageSet(table.paths, table.labels, table.class_names)
    rows = np.zeros((len(images), _THUMBNAIL * _THUMBNAIL * 3), np.float32)
    loaded = load_pictures(images.paths, (_THUMBNAIL, _THUMBNAIL))
    for row, (_, pixels) in zip(rows, loaded, strict=True):
        if not isinstance(pixels, Problem):
            row[:] = pixels.reshape(-1) / 255
    return rows
