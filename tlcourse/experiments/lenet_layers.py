"""The layers of LeNet-5 that Keras does not have; import this only where a network is built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tlcourse.quiet import start_tensorflow

start_tensorflow()
import keras  # noqa: E402
from keras import ops  # noqa: E402

_HEIGHT, _SLOPE = 1.7159, 2 / 3
_KERNEL = 5

NONE_OF_THEM = 1.0
"""The squared distance at which 'none of them' becomes likelier than a digit: the paper's j.

The paper gives no value. With 1, a digit is sure when two or three of the 84 points are unclear.
"""


def squash(values: Any) -> Any:
    """Return 1.7159 tanh(2/3 x): close to x within ±1, at most ±1.7159."""
    return _HEIGHT * ops.tanh(_SLOPE * values)


def spread(inputs: int, seed: int) -> keras.initializers.Initializer:
    """Return the paper's random weights: even within ±2.4 over the number of inputs."""
    return keras.initializers.RandomUniform(-2.4 / inputs, 2.4 / inputs, seed=seed)


@keras.saving.register_keras_serializable("tlcourse")
def criterion(labels: Any, scores: Any) -> Any:
    """Return the paper's loss (equation 9): cross-entropy with one more class, 'none of them'.

    The score of that class is fixed. As long as the right drawing is farther away than that, the
    loss pulls the values to it; once it is nearer, what counts is that the other drawings are
    farther.
    """
    none = ops.zeros_like(scores[:, :1]) - NONE_OF_THEM
    whole = ops.concatenate([scores, none], axis=1)
    return keras.losses.sparse_categorical_crossentropy(labels, whole, from_logits=True)


class Subsampling(keras.layers.Layer):
    """Halves a map: the sum of 2 × 2 values, times a learned number, plus another, squashed.

    Each map has its own two numbers.

    Input `(n, height, width, maps)`, output half as high and wide.
    """

    def build(self, shape: Sequence[int]) -> None:
        """Make the two numbers of each map; at first they give the mean."""
        maps = shape[-1]
        quarter = keras.initializers.Constant(0.25)
        self.factor = self.add_weight(shape=(maps,), initializer=quarter, name="factor")
        self.bias = self.add_weight(shape=(maps,), initializer="zeros", name="bias")

    def call(self, maps: Any) -> Any:
        """Return the smaller maps."""
        summed = 4 * ops.average_pool(maps, 2, 2)
        return squash(summed * self.factor + self.bias)

    def multiply_adds(self, shape: Sequence[int]) -> int:
        """Return the multiplications: one a value of the output."""
        return int(np.prod(shape))


class PartialConvolution(keras.layers.Layer):
    """A convolution of 5 × 5, squashed, in which each map looks at some of the maps before it only.

    Input `(n, height, width, maps)`, output 4 less high and wide. Kernels that would not be used do
    not exist, so that the parameters are as many as the paper counts.

    Parameters
    ----------
    takes
        For each map of the output, the numbers of the maps that it looks at.
    seed
        Of the random weights.

    """

    def __init__(self, takes: Sequence[Sequence[int]], *, seed: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.takes = tuple(map(tuple, takes))
        self.seed = seed

    def build(self, shape: Sequence[int]) -> None:
        """Make a kernel of 5 × 5 for each pair of maps that are connected, and the biases."""
        inputs, outputs = shape[-1], len(self.takes)
        pairs = [(i, o) for o, taken in enumerate(self.takes) for i in taken]
        places = np.zeros((len(pairs), inputs, outputs), np.float32)
        for number, (i, o) in enumerate(pairs):
            places[number, i, o] = 1
        self._places = places.reshape(len(pairs), -1)
        limits = 2.4 / np.array([_KERNEL**2 * len(self.takes[o]) for _, o in pairs], np.float32)
        random = np.random.default_rng(self.seed)
        drawn = random.uniform(-limits, limits, (_KERNEL, _KERNEL, len(pairs)))
        self.kernel = self.add_weight(
            shape=drawn.shape, initializer=lambda *_, **__: drawn.astype(np.float32), name="kernel"
        )
        self.bias = self.add_weight(shape=(outputs,), initializer="zeros", name="bias")
        self._shape = (_KERNEL, _KERNEL, inputs, outputs)

    def call(self, maps: Any) -> Any:
        """Return the new maps."""
        whole = ops.reshape(ops.matmul(self.kernel, self._places), self._shape)
        return squash(ops.conv(maps, whole, padding="valid") + self.bias)

    def multiply_adds(self, shape: Sequence[int]) -> int:
        """Return the multiplications: each number of a kernel that exists, at every place."""
        return int(np.prod(shape[:-1]) * np.prod(self.kernel.shape))


class DistanceToDrawings(keras.layers.Layer):
    """Scores: minus the squared distance of the input to a fixed drawing of each class.

    Input `(n, values)`, output `(n, classes)`. Nothing is learned here.

    Parameters
    ----------
    drawings
        `(classes, values)`, -1 and 1.

    """

    def __init__(self, drawings: np.ndarray, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.drawings = np.asarray(drawings, np.float32)

    def call(self, values: Any) -> Any:
        """Return the scores."""
        return -ops.sum(ops.square(values[:, None] - self.drawings[None]), axis=-1)

    def multiply_adds(self, _shape: Sequence[int]) -> int:
        """Return the multiplications: a square for each value of each drawing."""
        return int(self.drawings.size)
