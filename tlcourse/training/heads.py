"""Heads: what stands between a backbone's features and the names of the new classes.

However it was fitted, a head is one or two dense layers of plain numbers. So every kind, the
support vector machine too, runs in numpy on cached features and as Keras layers in a saved model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

HeadName = Literal["gap", "dense", "svm"]


class Layer(NamedTuple):
    """A dense layer: `activation(x @ weights + bias)`; weights `(inputs, outputs)` float32."""

    weights: np.ndarray
    bias: np.ndarray
    activation: Literal["relu", "softmax"]


@dataclass(frozen=True)
class Head:
    """A fitted head, from `(n, d)` features to `(n, classes)` probabilities.

    Attributes
    ----------
    name
        `"gap"`, `"dense"` or `"svm"`.
    layers
        Its dense layers; the last one ends in a softmax.
    fitted
        How it came about: the regularisation that was chosen, the scores in cross-validation.
        Empty for a head that has learned nothing yet.

    """

    name: HeadName
    layers: tuple[Layer, ...]
    fitted: dict[str, Any]

    @property
    def is_trained(self) -> bool:
        """Whether it has learned anything."""
        return bool(self.fitted)

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Return `(n, classes)` float32 probabilities for `(n, d)` float32 features."""
        x = features
        for weights, bias, activation in self.layers:
            x = x @ weights + bias
            x = np.maximum(x, 0) if activation == "relu" else softmax(x)
        return x

    def keras_layers(self, features: Any, *, scores: bool = False) -> Any:
        """Add the head to a functional Keras model; `features` is a `(None, d)` tensor.

        With `scores` it ends before the last softmax, where a loss is computed without rounding.
        """
        import keras

        for number, (weights, bias, activation) in enumerate(self.layers, start=1):
            last = number == len(self.layers)
            layer = keras.layers.Dense(
                len(bias),
                activation="linear" if last and scores else activation,
                name="probabilities" if last else f"head_dense{number}",
                dtype="float32",
            )
            features = layer(features)
            layer.set_weights([weights, bias])
        return features


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return probabilities for `(n, classes)` scores; large scores do not overflow."""
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)
