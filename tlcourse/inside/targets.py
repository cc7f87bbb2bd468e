"""What a map explains: one column of a network's answer, and the score that is taken apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from tlcourse.errors import ArgumentError
from tlcourse.inside.calling import squashes
from tlcourse.inside.graph import Layer
from tlcourse.inside.network import Network

Weights: TypeAlias = Mapping[Layer, Sequence[Any]]
"""Other weights for some layers, as `Network.run` takes them."""

BATCH = 16
"""Pictures in one pass: more are hardly faster on a CPU, and take memory for nothing."""


@dataclass(frozen=True)
class Target:
    """A column of the answer, and what the network says there about one picture.

    `score` is the number before the last softmax or sigmoid; `probability` what comes out of it,
    0 to 1, or None where the network ends without one.
    """

    index: int
    name: str
    score: float
    probability: float | None


def find_target(
    network: Network, pixels: np.ndarray, target: int | str | None, weights: Weights | None = None
) -> Target:
    """Return the column that is meant, with its score for one picture.

    Parameters
    ----------
    network
        The network.
    pixels
        `(1, height, width, channels)` float32.
    target
        The position or the name of a class; None for the likeliest. For a network that ends with
        features, the number of a feature.
    weights
        As for `Network.run`.

    Raises
    ------
    ArgumentError
        When there is no such class, or the network has no classes and no feature was named.

    """
    last = network.layers[-1].operation
    has_classes = network.class_names is not None or squashes(last) or _is_dense(last)
    if not has_classes and (target is None or isinstance(target, str)):
        raise _no_classes(network, target)
    index = None if target is None else network.class_index(target)
    scores, _ = network.run(pixels, weights=weights, scores=True)
    scores = _by_column(scores)
    probabilities = np.asarray(_squashed(last, scores))[0] if squashes(last) else None
    row = np.asarray(scores, np.float64)[0]
    if index is None:
        index = int(row.argmax())
    thing = "class" if has_classes else "feature"
    return Target(
        index=index,
        name=network.class_names[index] if network.class_names else f"{thing} {index}",
        score=float(row[index]),
        probability=None if probabilities is None else float(probabilities[index]),
    )


def scores_of(
    network: Network,
    pixels: Any,
    index: int,
    layers: Iterable[Layer | str] = (),
    weights: Weights | None = None,
) -> tuple[Any, dict[str, Any]]:
    """Return the scores of one column, a tensor `(n,)`, and the outputs of some layers."""
    scores, outputs = network.run(pixels, layers, weights=weights, scores=True)
    return _by_column(scores)[:, index], outputs


def probabilities_of(network: Network, pixels: np.ndarray, index: int) -> np.ndarray:
    """Return `(n,)` float64: what the network ends with in one column, for many pictures."""
    parts = [pixels[start : start + BATCH] for start in range(0, len(pixels), BATCH)]
    rows = [np.asarray(_by_column(network.run(part)[0]), np.float64)[:, index] for part in parts]
    return np.concatenate(rows)


def _by_column(answer: Any) -> Any:
    """Return `(n, columns)`, a feature map averaged over its positions."""
    import keras

    if len(answer.shape) <= 2:
        return answer
    return keras.ops.mean(answer, axis=tuple(range(1, len(answer.shape) - 1)))


def _is_dense(operation: Any) -> bool:
    return type(operation).__name__ == "Dense"


def _squashed(operation: Any, scores: Any) -> Any:
    """Return what the last layer, for which `squashes` holds, makes of its scores."""
    activation = getattr(operation, "activation", operation)
    return activation(scores)


def _no_classes(network: Network, target: str | None) -> ArgumentError:
    count = int(network.model.output_shape[-1])
    return ArgumentError(
        f"The network '{network.name}' ends with {count:,} features and has no classes to explain.",
        expected=f"a network with classes; or the number of a feature, target=0 to {count - 1}",
        received=f"target={target!r}",
        todo="Give it a head, tl.train_head(tl.extract_features(backbone, images)), or take "
        'tl.load_backbone("efficientnet_lite0"), which knows 1,000 classes.',
    )
