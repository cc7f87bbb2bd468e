"""What a convolution takes for granted: the same pictures with their patches in another order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.data.tables import as_html, as_text
from tlcourse.errors import ArgumentError, must_be_whole
from tlcourse.experiments.digit_runs import Training, error_of, steps_of
from tlcourse.experiments.landmarks import vision_transformer
from tlcourse.experiments.small_networks import pixels_and_labels
from tlcourse.figures import Figure, drawing, finish
from tlcourse.messages import progress

if TYPE_CHECKING:
    import keras

PATCH = 2
"""Side of a patch in pixels."""

_RATE = 0.004
_WIDTH = 32


def shuffle_patches(pixels: np.ndarray, *, patch: int = PATCH, seed: int = 0) -> np.ndarray:
    """Cut pictures into patches, and put these in another order, the same for all pictures.

    Parameters
    ----------
    pixels
        `(n, height, width, channels)`; height and width are multiples of `patch`.
    patch
        Side of a patch in pixels.
    seed
        Of the order.

    Returns
    -------
    A new array of the same shape.

    Raises
    ------
    ArgumentError
        When the pictures do not divide into patches.

    """
    n, height, width, channels = pixels.shape
    must_be_whole("patch", patch, 1, max(height, width))
    if height % patch or width % patch:
        raise ArgumentError(
            "The pictures do not divide into patches.",
            expected=f"height and width multiples of patch={patch}",
            received=f"{height} × {width} pixels",
        )
    rows, columns = height // patch, width // patch
    cut = pixels.reshape(n, rows, patch, columns, patch, channels).swapaxes(2, 3)
    listed = cut.reshape(n, rows * columns, patch, patch, channels)
    order = np.random.default_rng(seed).permutation(rows * columns)
    mixed = listed[:, order].reshape(cut.shape).swapaxes(2, 3)
    return mixed.reshape(pixels.shape)


@dataclass(frozen=True, eq=False, repr=False)
class PatchComparison:
    """Two kinds of network on pictures as they are, and with their patches shuffled.

    Attributes
    ----------
    accuracies : dict
        From the name of a network to its accuracies on the test pictures, 0..1: as they are,
        shuffled.
    parameters : dict
        From the name of a network to the number of its parameters.
    n_train, n_test : int
    pixels, shuffled : np.ndarray
        `(k, height, width)`: some of the pictures, as they are and shuffled.

    """

    accuracies: dict[str, tuple[float, float]]
    parameters: dict[str, int]
    n_train: int
    n_test: int
    pixels: np.ndarray
    shuffled: np.ndarray

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        rows = [["network", "parameters", "as they are", "shuffled"]]
        for name, (whole, shuffled) in self.accuracies.items():
            rows.append([name, f"{self.parameters[name]:,}", f"{whole:.1%}", f"{shuffled:.1%}"])
        sentence = (
            f"Accuracy on {self.n_test:,} digits, learned from {self.n_train:,}; shuffled in the "
            "same way for learning and for the test"
        )
        return sentence, rows, []

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())

    def draw_pictures(self) -> Figure:
        """Draw some pictures as they are, and below them the same shuffled."""
        count = len(self.pixels)
        with drawing(0.85 * count + 0.6, 2.0) as canvas:
            panels = canvas.subplots(2, count, squeeze=False)
            for row, (name, pictures) in enumerate(
                (("as it is", self.pixels), ("shuffled", self.shuffled))
            ):
                for axes, picture in zip(panels[row], pictures, strict=True):
                    axes.imshow(picture, cmap="gray", vmin=0, vmax=255)
                    axes.set(xticks=[], yticks=[])
                panels[row, 0].set_ylabel(name, fontsize=9)
            return finish(
                canvas,
                f"{count} digits, and below each the same digit with its patches in another order: "
                "nothing of it can be recognised.",
            )


def compare_patches(
    images: ImageSet, *, count: int | None = None, epochs: int = 10, seed: int = 0
) -> PatchComparison:
    """Train a network of convolutions and a small vision transformer, each on both orders.

    Parameters
    ----------
    images
        A split set of grey pictures of one size, a multiple of 2 pixels.
    count
        How many pictures to learn from, drawn at random; None takes all. Each network takes as many
        steps as with all.
    epochs
        Passes over the training pictures, were it all of them.
    seed
        Of choice, order, weights and shuffling.

    Returns
    -------
    A `PatchComparison`.

    Raises
    ------
    ArgumentError
        When the pictures do not divide into patches, or there are not so many.
    DataError
        When the set is not split.

    """
    pixels, labels = pixels_and_labels(images.train)
    test_pixels, test_labels = pixels_and_labels(images.test)
    count = must_be_whole("count", len(pixels) if count is None else count, 1, len(pixels))
    chosen = np.random.default_rng(seed).permutation(len(pixels))[:count]
    rows = np.resize(chosen, len(pixels))
    side, classes = pixels.shape[1], len(images.class_names)
    builders: dict[str, Callable[[], keras.Model]] = {
        "convolutions": lambda: _convolutions(side, classes, seed),
        "vision transformer": lambda: vision_transformer(
            side, patch=PATCH, width=_WIDTH, depth=2, heads=4, channels=1, classes=classes,
            seed=seed,
        ),
    }  # fmt: skip
    orders: tuple[Callable[[np.ndarray], np.ndarray], ...] = (
        lambda whole: whole,
        lambda whole: shuffle_patches(whole, seed=seed),
    )
    accuracies: dict[str, tuple[float, float]] = {}
    parameters = {}
    for name, build in progress(builders.items(), what="Patches in order", unit="network"):
        network = build()
        parameters[name] = network.count_params()
        training = Training(
            network, steps=steps_of(len(rows), epochs), rate=_RATE, optimizer="adam"
        )
        shares = []
        for order in orders:
            training(order(pixels)[rows], labels[rows], epochs=epochs, seed=seed)
            shares.append(1 - error_of(network, order(test_pixels), test_labels))
        accuracies[name] = (shares[0], shares[1])
    shown = test_pixels[:: max(1, len(test_pixels) // 8)][:8]
    return PatchComparison(
        accuracies,
        parameters,
        count,
        len(test_labels),
        shown[..., 0],
        orders[1](shown)[..., 0],
    )


def _convolutions(side: int, classes: int, seed: int) -> keras.Model:
    from tlcourse.quiet import start_tensorflow

    start_tensorflow()
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    stack = [
        layers.Conv2D(_WIDTH, 3, padding="same", activation="relu", name=f"conv_{number}")
        for number in range(1, 4)
    ]
    return keras.Sequential(
        [
            keras.Input((side, side, 1)),
            layers.Rescaling(1 / 127.5, -1, name="scale"),
            *stack,
            layers.GlobalAveragePooling2D(name="mean"),
            layers.Dense(classes, name="scores"),
        ]
    )
