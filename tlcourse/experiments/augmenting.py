"""A small network trained with several augmentations: what few changes gain, and many lose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.augmentation import Augmentation, make_dataset
from tlcourse.data import ImageSet
from tlcourse.data.tables import as_text, counted
from tlcourse.errors import HIGHEST_SEED, must_be, must_be_whole
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.messages import progress

if TYPE_CHECKING:
    import keras

_WIDTHS = (16, 32, 64, 128)
_BATCH = 32
_RATE = 2e-3


@dataclass(frozen=True, eq=False, repr=False)
class AugmentationTrial:
    """Networks trained with several augmentations; shows as a table, and draws as a figure.

    Attributes
    ----------
    names : tuple of str
        Of the augmentations.
    learned : np.ndarray
        `(names, seeds)` float64, 0..1: accuracy in the last epoch on the changed pictures that were
        learned from.
    tested : np.ndarray
        `(names, seeds)` float64, 0..1: accuracy on the test pictures, which nobody changes.
    epochs, n_train, n_test : int

    """

    names: tuple[str, ...]
    learned: np.ndarray
    tested: np.ndarray
    epochs: int
    n_train: int
    n_test: int

    def of(self, name: str) -> float:
        """Return the mean accuracy on the test with one augmentation."""
        return float(self.tested[self.names.index(name)].mean())

    def __repr__(self) -> str:
        head = ["augmentation", "on what it learned", "on the test"]
        rows = [
            [name, f"{self.learned[row].mean():.1%}", f"{self.tested[row].mean():.1%}"]
            for row, name in enumerate(self.names)
        ]
        return as_text(self._in_words(), [head, *rows], [])

    def draw(self) -> Figure:
        """Draw both accuracies for each augmentation, with a dot for each seed."""
        places = np.arange(len(self.names))
        with drawing(7.2, 3.4) as canvas:
            axes = canvas.subplots()
            told = []
            for what, values, colour, style in (
                ("on the changed pictures that it learned from", self.learned, "0.55", "s--"),
                ("on the test", self.tested, PALETTE[0], "o-"),
            ):
                means = values.mean(axis=1)
                axes.plot(places, means, style, c=colour, label=what)
                if values.shape[1] > 1:
                    axes.plot(places, values, ".", c=colour, ms=5, alpha=0.6)
                told.append(
                    f"{what}: "
                    + ", ".join(f"{n} {m:.0%}" for n, m in zip(self.names, means, strict=True))
                )
            for place, mean in zip(places, self.tested.mean(axis=1), strict=True):
                axes.annotate(
                    f"{mean:.0%}", (place, mean), (0, -15), textcoords="offset points",
                    ha="center", color=PALETTE[0],
                )  # fmt: skip
            axes.set_xticks(places, self.names)
            bottom = min(self.learned.min(), self.tested.min()) - 0.1  # room for the numbers
            axes.set(
                xlabel="changes of a picture at a time", ylabel="accuracy", ylim=(bottom, 1.03)
            )
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
            axes.legend()
            return finish(canvas, f"{self._in_words()} {'; '.join(told)}.")

    def _in_words(self) -> str:
        return (
            f"A small network trained from scratch on {self.n_train:,} pictures for "
            f"{counted(self.epochs, 'epoch')}, judged on {self.n_test:,}; mean of "
            f"{counted(self.tested.shape[1], 'seed')}."
        )


def small_colour_network(side: int, classes: int, *, seed: int = 0) -> keras.Model:
    """Return an untrained network for small colour pictures: four convolutions and a head.

    Each convolution of 3 × 3 is followed by batch normalisation, ReLU and a pooling of 2 × 2; the
    last feature map is averaged. 98,000 parameters or so, few enough to be trained in seconds.

    Parameters
    ----------
    side
        Height and width of the pictures in pixels, from 16 on.
    classes
        How many there are.
    seed
        Of the random weights.

    Returns
    -------
    A Keras model from `(n, side, side, 3)` pixels, 0 to 255, to `(n, classes)` probabilities.

    """
    from tlcourse.quiet import start_tensorflow

    must_be_whole("side", side, 16, 512)
    must_be_whole("classes", classes, 2, 10_000)
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    start_tensorflow()
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    network = keras.Sequential([keras.Input((side, side, 3)), layers.Rescaling(1 / 127.5, -1)])
    for width in _WIDTHS:
        network.add(layers.Conv2D(width, 3, padding="same", use_bias=False))
        # The usual memory of 0.99 is longer than a training of a few hundred steps.
        network.add(layers.BatchNormalization(momentum=0.9))
        network.add(layers.ReLU())
        network.add(layers.MaxPooling2D())
    network.add(layers.GlobalAveragePooling2D())
    network.add(layers.Dense(classes, activation="softmax"))
    return network


def try_augmentations(
    learned: ImageSet,
    test: ImageSet,
    augmentations: Mapping[str, Augmentation | None],
    *,
    epochs: int = 30,
    seeds: int = 1,
    side: int = 48,
) -> AugmentationTrial:
    """Train a small network from scratch with each of several augmentations, and judge it.

    Nothing else differs: network, starting weights, order, epochs and learning rate are the same.

    Parameters
    ----------
    learned, test
        Pictures to learn from and to judge with, of the same classes.
    augmentations
        By name; None for no change.
    epochs
        Passes over the pictures.
    seeds
        How often each is trained, with other starting weights and another order.
    side
        Height and width to which the pictures are made, in pixels.

    Returns
    -------
    An `AugmentationTrial`.

    Raises
    ------
    DataError
        When there is no readable picture.

    """
    todo = 'Write images = tl.load_dataset("fleet") first.'
    must_be("learned", learned, ImageSet, todo)
    must_be("test", test, ImageSet, todo)
    for name, value in {"epochs": epochs, "seeds": seeds}.items():
        must_be_whole(name, value, 1, 10_000)
    learned, test = learned.with_splits(None), test.with_splits(None)
    on_learned, on_test = np.zeros((2, len(augmentations), seeds))
    steps = [(row, seed) for row in range(len(augmentations)) for seed in range(seeds)]
    chosen = list(augmentations.values())
    for row, seed in progress(steps, what="Training", unit="network"):
        on_learned[row, seed], on_test[row, seed] = _train(
            learned, test, chosen[row], epochs, seed, side
        )
    return AugmentationTrial(
        names=tuple(augmentations),
        learned=on_learned,
        tested=on_test,
        epochs=epochs,
        n_train=len(learned),
        n_test=len(test),
    )


def _train(
    learned: ImageSet,
    test: ImageSet,
    augmentation: Augmentation | None,
    epochs: int,
    seed: int,
    side: int,
) -> tuple[float, float]:
    """Return the accuracy of the last epoch, and that on the test."""
    network = small_colour_network(side, len(learned.class_names), seed=seed)
    import keras

    size = (side, side)
    pictures = make_dataset(
        learned, augmentation, shuffle=True, batch_size=_BATCH, size=size, seed=seed
    )
    asked = make_dataset(test, shuffle=False, batch_size=4 * _BATCH, size=size)
    falling = keras.optimizers.schedules.CosineDecay(_RATE, epochs * len(pictures))
    network.compile(
        keras.optimizers.Adam(falling),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=len(pictures),  # a whole epoch at a time: less of Python in between
    )
    fitted = network.fit(pictures, epochs=epochs, shuffle=False, verbose=0)
    return fitted.history["accuracy"][-1], network.evaluate(asked, verbose=0)[1]
