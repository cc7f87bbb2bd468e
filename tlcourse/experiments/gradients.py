"""The gradient seen at work: checked against small steps, and followed for one step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.data.tables import as_html, as_text, counted
from tlcourse.errors import HIGHEST_SEED, ArgumentError, must_be_whole
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.inside.maps import short

if TYPE_CHECKING:
    import keras

_STEP = 1e-5
"""In double precision: the error of the difference falls with the step, its rounding grows."""


@dataclass(frozen=True, eq=False, repr=False)
class GradientCheck:
    """Some derivatives of the loss, twice; shows as a table.

    Attributes
    ----------
    weights : tuple of str
        Which weights: the layer's name and the place in its array.
    by_gradient : np.ndarray
        `(n,)` float64: what automatic differentiation says.
    by_difference : np.ndarray
        `(n,)` float64: how much the loss changes when that weight alone is moved a little, divided
        by the move.

    """

    weights: tuple[str, ...]
    by_gradient: np.ndarray
    by_difference: np.ndarray

    @property
    def largest_gap(self) -> float:
        """The largest difference between the two, as a share of the largest derivative."""
        gap = np.abs(self.by_gradient - self.by_difference).max()
        return float(gap / max(np.abs(self.by_gradient).max(), np.finfo(np.float64).tiny))

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        rows = [
            [name, f"{one:+.8f}", f"{other:+.8f}"]
            for name, one, other in zip(
                self.weights, self.by_gradient, self.by_difference, strict=True
            )
        ]
        many = counted(len(self.weights), "weight")
        sentence = f"The derivative of the loss for {many}, computed in two ways"
        return sentence, [["weight", "gradient", "by trying"], *rows], []

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())


@dataclass(frozen=True, eq=False, repr=False)
class Steps:
    """The loss after one step along the gradient, for many learning rates; draws itself.

    Attributes
    ----------
    rates : np.ndarray
        `(n,)` learning rates, ascending.
    losses : np.ndarray
        `(n,)` the loss after one step at each; not finite where it has overflowed.
    before : float
        The loss before the step.

    """

    rates: np.ndarray
    losses: np.ndarray
    before: float

    @property
    def best(self) -> float:
        """The rate after which the loss is lowest."""
        return float(self.rates[np.nanargmin(self.losses)])

    @property
    def highest_useful(self) -> float:
        """The highest rate up to which every step lowers the loss; 0 where none does."""
        harmful = np.flatnonzero(~(self.losses < self.before))
        first = harmful[0] if len(harmful) else len(self.rates)
        return float(self.rates[first - 1]) if first else 0.0

    def __repr__(self) -> str:
        return (
            f"Loss {self.before:.3f} before the step; lowest after it, "
            f"{np.nanmin(self.losses):.3f}, at a learning rate of {short(self.best)}."
        )

    def draw(self) -> Figure:
        """Draw the loss after one step against the learning rate: near the start, and in full."""
        last = float(self.losses[np.isfinite(self.losses)][-1])
        with drawing(8.4, 3.2) as canvas:
            near, full = canvas.subplots(1, 2)
            for axes in (near, full):
                axes.plot(self.rates, self.losses, "o-", c=PALETTE[0], ms=4, label="after the step")
                axes.axhline(self.before, c="0.4", ls="--", lw=1, label="before")
                best = [self.best], [float(np.nanmin(self.losses))]
                axes.plot(*best, "D", c=PALETTE[5], ms=7, label="lowest")
                axes.set(xlabel="learning rate", ylabel="loss", xscale="log")
            gain = self.before - float(np.nanmin(self.losses))
            near.set_ylim(self.before - 1.3 * gain, self.before + 1.3 * gain)
            near.set_title("around the loss before")
            near.legend()
            full.set_yscale("log")
            full.set_title(f"and in full, up to {short(last)}")
            return finish(
                canvas,
                f"Loss after one step against the learning rate, from {short(self.rates[0])} to "
                f"{short(self.rates[-1])}. {self!r} Steps up to {short(self.highest_useful)} lower "
                f"it; at the highest rate it is {short(last)}.",
            )


def check_gradients(
    network: keras.Model,
    pixels: np.ndarray,
    labels: np.ndarray,
    *,
    count: int = 6,
    seed: int = 0,
) -> GradientCheck:
    """Compare the gradient of the loss with what happens when single weights are moved.

    Both are computed in double precision, on a copy of the network: in single precision the
    difference of two nearly equal losses would keep few digits.

    Parameters
    ----------
    network
        A functional or Sequential model that ends in probabilities.
    pixels, labels
        `(n, height, width, channels)` as the network takes them, and `(n,)` whole numbers.
    count
        How many weights, drawn at random from all.
    seed
        Of the draw.

    Raises
    ------
    ArgumentError
        When the network has fewer weights, or pixels and labels do not match.

    """
    import keras

    total = sum(int(np.prod(weight.shape)) for weight in network.trainable_variables)
    must_be_whole("count", count, 1, total)
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    _must_match(pixels, labels)
    double = keras.models.clone_model(network, clone_function=_in_double_precision)
    double.set_weights(network.get_weights())
    _, gradients = _loss_and_gradients(double, pixels, labels)
    variables = double.trainable_variables
    ends = np.cumsum([int(np.prod(variable.shape)) for variable in variables])
    names, slopes, differences = [], [], []
    for place in np.sort(np.random.default_rng(seed).choice(total, count, replace=False)):
        which = int(np.searchsorted(ends, place, side="right"))
        variable = variables[which]
        shape = tuple(variable.shape)
        index = np.unravel_index(place - ends[which] + int(np.prod(shape)), shape)
        names.append(f"{'/'.join(variable.path.split('/')[-2:])}{_listed(index)}")
        slopes.append(float(np.asarray(gradients[which])[index]))
        differences.append(_difference(double, variable, index, pixels, labels))
    return GradientCheck(tuple(names), np.array(slopes), np.array(differences))


def step_at_rates(
    network: keras.Model, pixels: np.ndarray, labels: np.ndarray, rates: Sequence[float]
) -> Steps:
    """Take one step along the gradient from the same place, at many learning rates.

    The weights are put back afterwards, whatever happens.

    Parameters
    ----------
    network
        A Keras model that ends in probabilities.
    pixels, labels
        `(n, height, width, channels)` as the network takes them, and `(n,)` whole numbers.
    rates
        Learning rates above 0.

    Raises
    ------
    ArgumentError
        When a rate is not above 0, there is none, or pixels and labels do not match.

    """
    listed = np.sort(np.asarray(rates, np.float64).ravel())
    if not listed.size or not (listed > 0).all() or not np.isfinite(listed).all():
        raise ArgumentError(
            "The argument 'rates' holds no learning rates.",
            expected="numbers above 0",
            received=f"rates={rates!r}"[:200],
        )
    _must_match(pixels, labels)
    before, gradients = _loss_and_gradients(network, pixels, labels)
    kept = [np.asarray(variable) for variable in network.trainable_variables]
    losses = []
    try:
        for rate in listed:
            for variable, start, gradient in zip(
                network.trainable_variables, kept, gradients, strict=True
            ):
                variable.assign(start - np.float32(rate) * np.asarray(gradient))
            losses.append(_loss(network, pixels, labels))
    finally:
        for variable, start in zip(network.trainable_variables, kept, strict=True):
            variable.assign(start)
    return Steps(listed, np.array(losses), before)


def _in_double_precision(layer: Any) -> Any:
    return layer.__class__.from_config({**layer.get_config(), "dtype": "float64"})


def _loss_and_gradients(
    network: keras.Model, pixels: np.ndarray, labels: np.ndarray
) -> tuple[float, list[Any]]:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = _mean_loss(network, pixels, labels)
    weights = [variable.value for variable in network.trainable_variables]
    return float(loss), tape.gradient(loss, weights)


def _mean_loss(network: keras.Model, pixels: np.ndarray, labels: np.ndarray) -> Any:
    import keras

    probabilities = network(pixels, training=False)
    losses = keras.losses.sparse_categorical_crossentropy(labels, probabilities)
    return keras.ops.mean(losses)


def _loss(network: keras.Model, pixels: np.ndarray, labels: np.ndarray) -> float:
    return float(_mean_loss(network, pixels, labels))


def _difference(
    network: keras.Model,
    variable: Any,
    index: tuple[Any, ...],
    pixels: np.ndarray,
    labels: np.ndarray,
) -> float:
    """Return the change of the loss when one weight is moved to both sides, over the move."""
    start = np.asarray(variable)
    losses = []
    for move in (_STEP, -_STEP):
        moved = start.copy()
        moved[index] += move
        variable.assign(moved)
        losses.append(_loss(network, pixels, labels))
    variable.assign(start)
    return (losses[0] - losses[1]) / (2 * _STEP)


def _listed(index: tuple[Any, ...]) -> str:
    return f"[{', '.join(str(int(i)) for i in index)}]"


def _must_match(pixels: np.ndarray, labels: np.ndarray) -> None:
    if np.ndim(pixels) != 4 or np.shape(labels) != np.shape(pixels)[:1] or not len(labels):
        raise ArgumentError(
            "Pixels and labels do not match.",
            expected="pixels (n, height, width, channels) and labels (n,)",
            received=f"shapes {np.shape(pixels)} and {np.shape(labels)}",
        )
