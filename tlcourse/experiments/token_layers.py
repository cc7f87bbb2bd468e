"""The one layer of a vision transformer that Keras does not have; import it where one is built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tlcourse.quiet import start_tensorflow

start_tensorflow()
import keras  # noqa: E402
from keras import ops  # noqa: E402


class ClassTokenAndPositions(keras.layers.Layer):
    """Puts a learned token before the others, and adds a learned position to each.

    Input `(n, tokens, width)`, output `(n, tokens + 1, width)`.
    """

    def build(self, shape: Sequence[int]) -> None:
        """Make the token and the positions, as Dosovitskiy and others begin with them."""
        small = keras.initializers.RandomNormal(stddev=0.02)
        self.token = self.add_weight(shape=(1, 1, shape[-1]), initializer="zeros", name="token")
        self.positions = self.add_weight(
            shape=(1, shape[1] + 1, shape[-1]), initializer=small, name="positions"
        )

    def call(self, tokens: Any) -> Any:
        """Return the tokens with the new one first, each at its place."""
        first = ops.tile(self.token, (ops.shape(tokens)[0], 1, 1))
        return ops.concatenate([first, tokens], axis=1) + self.positions
