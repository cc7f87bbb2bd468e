"""A training that went wrong, for the break-it lab of chapter 3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.data.tables import counted
from tlcourse.errors import must_be_whole
from tlcourse.experiments.small_networks import pixels_and_labels, show_training, small_network
from tlcourse.figures import Figure

if TYPE_CHECKING:
    import keras

_RATE = 20.0
"""A hundred times what the network learns well with; see `small_network`."""

_BATCH = 32


@dataclass(frozen=True, eq=False, repr=False)
class FailedTraining:
    """What is handed over of a training that came to nothing.

    Attributes
    ----------
    network : keras.Model
        As it is after the training, with the optimizer that it was compiled with.
    pixels : np.ndarray
        `(n, height, width, 1)` float32: what `fit` was given.
    labels : np.ndarray
        `(n,)` int64: the labels that it was given.
    fitted : keras.callbacks.History
        Loss and accuracy of each epoch.
    before : float
        The loss on these pictures before the training.
    accuracy : float
        Share of these pictures that the network names rightly now, 0..1.

    """

    network: keras.Model
    pixels: np.ndarray
    labels: np.ndarray
    fitted: keras.callbacks.History
    before: float
    accuracy: float

    def draw(self) -> Figure:
        """Draw loss and accuracy against the epochs, with the loss before."""
        return show_training(self.fitted, before=self.before)

    def __repr__(self) -> str:
        epochs = counted(len(self.fitted.history["loss"]), "epoch")
        return (
            f"A training over {epochs} on {len(self.labels):,} pictures: {self.accuracy:.1%} of "
            "them are named rightly."
        )


def failed_training(images: ImageSet, *, epochs: int = 6, seed: int = 0) -> FailedTraining:
    """Train the small network on digits with one setting that is wrong.

    Which one is the question of the lab; do not read on in this file before you have answered it.

    Parameters
    ----------
    images
        Grey pictures of digits, all of one size.
    epochs
        Passes over the pictures, from 1 on.
    seed
        Of the random weights and of the order of the pictures.

    Returns
    -------
    A `FailedTraining`.

    Raises
    ------
    DataError
        When the pictures do not fit into one array.

    """
    must_be_whole("epochs", epochs, 1, 1000)
    pixels, labels = pixels_and_labels(images)
    network = small_network(pixels.shape[1], seed=seed)
    import keras

    network.compile(
        keras.optimizers.SGD(_RATE), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    before, _ = network.evaluate(pixels, labels, verbose=0)
    fitted = network.fit(pixels, labels, batch_size=_BATCH, epochs=epochs, verbose=0)
    _, accuracy = network.evaluate(pixels, labels, verbose=0)
    return FailedTraining(network, pixels, labels, fitted, before, accuracy)
