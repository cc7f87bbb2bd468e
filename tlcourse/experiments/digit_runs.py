"""Short trainings of small networks on pictures held in memory, all by the same rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tlcourse.errors import HIGHEST_SEED, ArgumentError, must_be_whole
from tlcourse.quiet import standard_error_held_back

if TYPE_CHECKING:
    import keras

BATCH = 32


@dataclass(frozen=True, eq=False)
class Learned:
    """How a training went, epoch by epoch.

    Attributes
    ----------
    losses : np.ndarray
        `(epochs,)` the loss on the training pictures, as it was while they were learned.
    errors : np.ndarray
        `(epochs,)` share of the training pictures that was named wrongly meanwhile, 0..1.

    """

    losses: np.ndarray
    errors: np.ndarray


class Training:
    """Trains a network, each time from the weights that it has now, the learning rate sinking to 0.

    Keras takes longer to prepare the training of a small network than to train it; what is prepared
    here serves for several sets of pictures.

    The rate follows half a cosine (Loshchilov and Hutter 2017, 'SGDR: stochastic gradient descent
    with warm restarts', without the restarts): at the end the weights come to rest, and so do the
    means that batch normalisation keeps.

    Parameters
    ----------
    network
        From pixels to scores before softmax, `(n, classes)`.
    steps
        After how many batches of 32 the rate is 0.
    rate
        The learning rate at the start, above 0.
    optimizer
        `"sgd"`: stochastic gradient descent with momentum; `"adam"` (Kingma and Ba 2015).
    loss
        From labels and scores to `(n,)` losses; by default cross-entropy.

    Raises
    ------
    ArgumentError
        When the rate is not above 0.

    """

    def __init__(
        self,
        network: keras.Model,
        *,
        steps: int,
        rate: float = 0.05,
        optimizer: Literal["sgd", "adam"] = "sgd",
        loss: Callable[[Any, Any], Any] | None = None,
    ) -> None:
        import keras

        if not rate > 0:
            raise ArgumentError(
                "The argument 'rate' is no learning rate.",
                expected="a number above 0",
                received=f"rate={rate!r}",
            )
        sinking = keras.optimizers.schedules.CosineDecay(rate, steps)
        chosen = (
            keras.optimizers.SGD(sinking, momentum=0.9)
            if optimizer == "sgd"
            else keras.optimizers.Adam(sinking)
        )
        cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile(chosen, loss or cross_entropy, metrics=["accuracy"])
        chosen.build(network.trainable_variables)
        self.network = network
        self._variables = [*network.variables, *chosen.variables]
        self._start = [np.array(variable) for variable in self._variables]

    def __call__(
        self, pixels: np.ndarray, labels: np.ndarray, *, epochs: int, seed: int = 0
    ) -> Learned:
        """Put the weights back to the start, and train.

        Parameters
        ----------
        pixels
            `(n, height, width, channels)` float32.
        labels
            `(n,)` whole numbers.
        epochs
            Passes over the pictures, from 1 on.
        seed
            Of the order of the pictures.

        Raises
        ------
        ArgumentError
            When an argument is out of range, or pixels and labels do not match.

        """
        import keras

        must_be_whole("epochs", epochs, 1, 10_000)
        must_be_whole("seed", seed, 0, HIGHEST_SEED)
        if not len(pixels) or len(pixels) != len(labels):
            raise ArgumentError(
                "Pixels and labels do not match.",
                expected="a label for each of at least one picture",
                received=f"{len(pixels):,} pictures and {len(labels):,} labels",
            )
        for variable, value in zip(self._variables, self._start, strict=True):
            variable.assign(value)
        keras.utils.set_random_seed(seed)
        # oneDNN tells on standard error what it cannot do on this processor.
        with standard_error_held_back():
            fitted = self.network.fit(pixels, labels, batch_size=BATCH, epochs=epochs, verbose=0)
        noted = fitted.history
        return Learned(np.array(noted["loss"]), 1 - np.array(noted["accuracy"]))


def steps_of(count: int, epochs: int) -> int:
    """Return how many batches some passes over so many pictures have."""
    return -(-count // BATCH) * epochs


def error_of(network: keras.Model, pixels: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of the pictures that a network of scores names wrongly, 0..1."""
    return float(np.mean(scores_of(network, pixels).argmax(axis=1) != labels))


def scores_of(network: keras.Model, pixels: np.ndarray) -> np.ndarray:
    """Return a network's scores, `(n, classes)` float32.

    Not by `predict`, which compiles a function for every network anew.
    """
    parts = [pixels[first : first + 256] for first in range(0, len(pixels), 256)]
    return np.concatenate([np.asarray(network(part, training=False)) for part in parts])
