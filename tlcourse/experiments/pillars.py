"""Data and algorithm, varied separately: who learns what from how many pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.data.tables import as_html, as_text
from tlcourse.errors import ArgumentError, must_be_whole
from tlcourse.experiments.digit_runs import Training, error_of, steps_of
from tlcourse.experiments.lenet import PAPER, lenet_today, on_lenets_paper
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.messages import progress

if TYPE_CHECKING:
    import keras

_NAMES = ("weighted sum of the pixels", "LeNet's plan")
_RATES = (0.03, 0.02)
_LOOKS = ((PALETTE[5], "s"), (PALETTE[0], "o"))


@dataclass(frozen=True, repr=False)
class PillarComparison:
    """Two ways to learn, from more and more pictures; shows as a table, and draws as a figure.

    Attributes
    ----------
    counts : tuple of int
        Numbers of pictures that were learned from, ascending.
    accuracies : dict
        From the name of a way to its accuracy on the test pictures for each count, 0..1.
    parameters : dict
        From the name of a way to the number of its parameters.
    n_test : int

    """

    counts: tuple[int, ...]
    accuracies: dict[str, tuple[float, ...]]
    parameters: dict[str, int]
    n_test: int

    @property
    def simple(self) -> tuple[float, ...]:
        """The accuracies of the weighted sum."""
        return self.accuracies[_NAMES[0]]

    @property
    def convolutional(self) -> tuple[float, ...]:
        """The accuracies of the network of convolutions."""
        return self.accuracies[_NAMES[1]]

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        rows = [["learned from", *self.accuracies]]
        for number, count in enumerate(self.counts):
            rows.append([f"{count:,}", *(f"{a[number]:.1%}" for a in self.accuracies.values())])
        sentence = f"Accuracy on {self.n_test:,} digits that lie anywhere on the paper"
        return sentence, rows, []

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())

    def draw(self) -> Figure:
        """Draw accuracy against the number of pictures."""
        with drawing(6.4, 3.6) as canvas:
            axes = canvas.subplots()
            for (name, shares), (colour, marker) in zip(
                self.accuracies.items(), _LOOKS, strict=True
            ):
                axes.plot(self.counts, shares, label=name, ms=7, c=colour, marker=marker)
            axes.axhline(0.1, c="0.4", ls="--", lw=1, label="guessing")
            axes.set(xscale="log", ylim=(0, 1.02), xlabel="pictures to learn from",
                     ylabel="accuracy on the test pictures")  # fmt: skip
            axes.set_xticks(self.counts, [f"{count:,}" for count in self.counts])
            axes.minorticks_off()
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
            axes.legend()
            return finish(canvas, as_text(*self._summary()))


def compare_pillars(
    images: ImageSet,
    counts: Sequence[int] = (100, 400, 1347, 5388),
    *,
    epochs: int = 20,
    seed: int = 0,
) -> PillarComparison:
    """Let two ways to learn name digits that lie anywhere on the paper, from more and more of them.

    One is a weighted sum of the pixels for each digit (softmax regression), the other LeNet's plan.
    Each takes as many steps whatever the number of pictures. Where more are asked for than the set
    has, each digit lies at several places.

    Parameters
    ----------
    images
        A split set of digits.
    counts
        How many pictures to learn from, in any order.
    epochs
        Every epoch has as many steps as the training part fills.
    seed
        Of choice, places, weights and order.

    Returns
    -------
    A `PillarComparison`.

    Raises
    ------
    ArgumentError
        When there is no count, or one is below 1.
    DataError
        When the set is not split.

    """
    if not len(counts):
        raise ArgumentError("The argument 'counts' is empty.", expected="at least one number")
    ordered = sorted({must_be_whole("counts", count, 1, 1_000_000) for count in counts})
    train = images.train
    test_pixels, test_labels = on_lenets_paper(images.test, anywhere=True, seed=seed + 1)
    accuracies: dict[str, list[float]] = {name: [] for name in _NAMES}
    parameters = {}
    drawn = np.random.default_rng(seed).permutation(len(train))
    sheets: list[tuple[np.ndarray, np.ndarray]] = []
    while sum(len(labels) for _, labels in sheets) < ordered[-1]:
        sheets.append(on_lenets_paper(train[drawn], anywhere=True, seed=seed + 2 + len(sheets)))
    pixels, labels = (np.concatenate(parts) for parts in zip(*sheets, strict=True))
    steps = steps_of(len(train), epochs)
    for name, rate, network in zip(_NAMES, _RATES, _networks(images, seed), strict=True):
        training = Training(network, steps=steps, rate=rate)
        parameters[name] = network.count_params()
        for count in progress(ordered, what=name.capitalize(), unit="count"):
            # Few pictures come several times in an epoch, many in fewer: as many steps for all.
            rows = np.resize(np.arange(count), max(count, len(train)))
            passes = max(1, round(epochs * len(train) / len(rows)))
            training(pixels[rows], labels[rows], epochs=passes, seed=seed)
            accuracies[name].append(1 - error_of(network, test_pixels, test_labels))
    return PillarComparison(
        tuple(ordered),
        {name: tuple(shares) for name, shares in accuracies.items()},
        parameters,
        len(test_labels),
    )


def _networks(images: ImageSet, seed: int) -> tuple[keras.Model, keras.Model]:
    convolutional = lenet_today(seed)
    import keras
    from keras import layers

    simple = keras.Sequential(
        [
            keras.Input((PAPER, PAPER, 1)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(len(images.class_names)),
        ]
    )
    return simple, convolutional
