"""Three activation functions in one deep stack: what starts to learn, and what does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.data.tables import as_html, as_text
from tlcourse.errors import HIGHEST_SEED, ArgumentError, must_be_whole
from tlcourse.experiments.digit_runs import Training, steps_of
from tlcourse.experiments.gradient_sizes import gradients_by_layer
from tlcourse.experiments.small_networks import pixels_and_labels
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.messages import progress

if TYPE_CHECKING:
    import keras

INITIAL = {"sigmoid": "glorot_uniform", "tanh": "glorot_uniform", "relu": "he_normal"}
"""The random weights made for each (Glorot and Bengio 2010; He and others 2015)."""

_RATE = 0.02
_WIDTH = 16
_LOOKS = {
    "sigmoid": (PALETTE[5], "s"),
    "tanh": (PALETTE[3], "D"),
    "relu": (PALETTE[0], "o"),
}


@dataclass(frozen=True, eq=False, repr=False)
class ActivationComparison:
    """One stack of layers with each activation; shows as a table, and draws as a figure.

    Attributes
    ----------
    layers : int
        With weights.
    errors : dict
        From the activation to `(epochs,)` float64: share of the training pictures named wrongly in
        each epoch, 0..1.
    reaches : dict
        From the activation to the size of the gradient in the first layer, as a share of that in
        the last convolution, before training.

    """

    layers: int
    errors: dict[str, np.ndarray]
    reaches: dict[str, float]

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        epochs = len(next(iter(self.errors.values())))
        head = ["activation", "gradient in the first layer"]
        rows = [[*head, *(f"epoch {epoch}" for epoch in range(1, epochs + 1))]]
        for name, errors in self.errors.items():
            reach = self.reaches[name]
            shown = f"{reach:.6f} of" if reach < 0.01 else f"{reach:.1f} times"
            rows.append([name, f"{shown} the last", *(f"{error:.1%}" for error in errors)])
        sentence = f"Training error of {self.layers} layers with weights, by epoch"
        return sentence, rows, []

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())

    def draw(self) -> Figure:
        """Draw the training error against the epochs."""
        from matplotlib.ticker import MaxNLocator

        with drawing(5.6, 3.2) as canvas:
            axes = canvas.subplots()
            for name, errors in self.errors.items():
                colour, marker = _LOOKS[name]
                epochs = range(1, len(errors) + 1)
                axes.plot(epochs, errors, ms=6, label=name, c=colour, marker=marker)
            axes.axhline(0.9, c="0.4", ls="--", lw=1, label="guessing")
            axes.set(xlabel="epoch", ylabel="training error", ylim=(0, 1))
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
            axes.set_title(f"{self.layers} layers with weights")
            axes.legend()
            return finish(canvas, as_text(*self._summary()))


def compare_activations(
    images: ImageSet,
    activations: Sequence[str] = tuple(INITIAL),
    *,
    layers: int = 8,
    epochs: int = 6,
    seed: int = 0,
) -> ActivationComparison:
    """Train the same stack of convolutions with each activation, and note the training error.

    Convolutions of 3 × 3 and one dense layer; no batch normalisation, which 2012 did not have.

    Parameters
    ----------
    images
        Pictures of one size, looked at in grey; of a split set the part "train".
    activations
        Out of "sigmoid", "tanh" and "relu".
    layers
        With weights, from 2 on; AlexNet has 8.
    epochs
        Passes over the pictures.
    seed
        Of weights and order.

    Raises
    ------
    ArgumentError
        When an activation is unknown, or there is none.

    """
    must_be_whole("layers", layers, 2, 100)
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    if not len(activations) or set(activations) - set(INITIAL):
        raise ArgumentError(
            "There are activations that are not known here.",
            expected="some of " + ", ".join(map(repr, INITIAL)),
            received=f"activations={activations!r}",
        )
    pixels, labels = pixels_and_labels(images.train if images.splits is not None else images)
    errors, reaches = {}, {}
    for name in progress(activations, what="Activations", unit="network"):
        network = _stack(name, layers, pixels.shape[1], len(images.class_names), seed)
        sizes = gradients_by_layer(network, pixels, labels)
        reaches[name] = float(sizes[0] / sizes[-1])
        training = Training(network, steps=steps_of(len(pixels), epochs), rate=_RATE)
        errors[name] = training(pixels, labels, epochs=epochs, seed=seed).errors
    return ActivationComparison(layers, errors, reaches)


def _stack(activation: str, count: int, side: int, classes: int, seed: int) -> keras.Model:
    from tlcourse.quiet import start_tensorflow

    start_tensorflow()
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    convolutions = [
        layers.Conv2D(
            _WIDTH,
            3,
            padding="same",
            activation=activation,
            kernel_initializer=INITIAL[activation],
            name=f"conv_{number}",
        )
        for number in range(1, count)
    ]
    return keras.Sequential(
        [
            keras.Input((side, side, 1)),
            layers.Rescaling(1 / 255, name="scale"),
            *convolutions,
            layers.Flatten(name="row"),
            layers.Dense(classes, name="scores"),
        ]
    )
