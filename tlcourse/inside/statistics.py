"""What the channels of a network say over a whole set of pictures, in one pass through it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.data.tables import as_html, as_text, counted
from tlcourse.errors import ArgumentError
from tlcourse.inside.choosing import Choice, choose_layers
from tlcourse.inside.graph import Layer
from tlcourse.inside.maps import short
from tlcourse.inside.network import Model, open_network
from tlcourse.inside.streaming import stream

if TYPE_CHECKING:
    from tlcourse.data import Pictures, Problem

_ROWS_SHOWN = 40


@dataclass(frozen=True, eq=False)
class LayerStatistics:
    """What each channel of a layer said, over all pictures and positions.

    Attributes
    ----------
    count : int
        How many values each channel had: pictures times positions.
    mean, deviation : np.ndarray
        `(channels,)` float64: mean and standard deviation.
    zeros : np.ndarray
        `(channels,)` float64: the share of exact zeros, 0 to 1.
    highest : np.ndarray
        `(channels,)` float64.

    """

    count: int
    mean: np.ndarray
    deviation: np.ndarray
    zeros: np.ndarray
    highest: np.ndarray

    @property
    def silent(self) -> np.ndarray:
        """The numbers of the channels that were 0 everywhere, on every picture."""
        return np.flatnonzero(self.zeros == 1)


@dataclass(frozen=True, eq=False, repr=False)
class ChannelStatistics(Mapping[str, LayerStatistics]):
    """What the channels of some layers said over a set: a mapping from the layer's name.

    Attributes
    ----------
    network_name : str
        Of which network.
    pictures : int
        How many were looked at.
    layers : dict
        From the name of a layer to its `LayerStatistics`.
    problems : tuple of Problem
        Pictures that could not be read, and are left out.

    """

    network_name: str
    pictures: int
    layers: dict[str, LayerStatistics]
    problems: tuple[Problem, ...]

    def __getitem__(self, name: str) -> LayerStatistics:
        return self.layers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def _table(self) -> list[list[str]]:
        rows = [["layer", "channels", "mean", "deviation", "max", "zeros", "silent channels"]]
        for name, x in list(self.layers.items())[:_ROWS_SHOWN]:
            # Of the layer: the spread within channels and that between their means.
            spread = float(np.sqrt(np.mean(x.deviation**2) + np.var(x.mean)))
            numbers = [short(float(x.mean.mean())), short(spread), short(float(x.highest.max()))]
            silent = f"{len(x.silent):,}"
            rows.append([name, f"{len(x.mean):,}", *numbers, f"{x.zeros.mean():.0%}", silent])
        if (left := len(self) - _ROWS_SHOWN) > 0:
            rows.append([f"… {left} more", *[""] * 6])
        return rows

    def _sentence(self) -> str:
        return f"Channels of {self.network_name} over {counted(self.pictures, 'picture')}"

    def _notes(self) -> list[str]:
        return [f"left out: {problem}" for problem in self.problems]

    def __repr__(self) -> str:
        return as_text(self._sentence(), self._table(), self._notes())

    def _repr_html_(self) -> str:
        return as_html(self._sentence(), self._table(), self._notes())


def channel_statistics(
    model: Model, images: Pictures, layers: Choice = "convolutions"
) -> ChannelStatistics:
    """Measure what the channels of some layers say over a set of pictures.

    The set is gone through once, a few pictures at a time; memory does not depend on its size.
    Means and variances of the batches are merged as by Chan, Golub and LeVeque (1983, 'Algorithms
    for Computing the Sample Variance'), so that no digits are lost to large sums.

    Parameters
    ----------
    model
        A `Backbone`, a `Classifier`, a functional or Sequential Keras model, or a `Network`.
    images
        An `ImageSet`, or pictures in any form that `find_pictures` takes.
    layers
        `"all"`, `"maps"`, `"convolutions"`, a name, or names.

    Returns
    -------
    `ChannelStatistics`. Pictures that cannot be read stand in its `problems`.

    Raises
    ------
    ArgumentError
        When there is no such layer.
    DataError
        When there is no picture, or none can be read.

    """
    network = open_network(model)
    chosen = choose_layers(network, layers)
    _must_have_channels(chosen)
    merged: dict[Layer, _Moments] = {}
    problems: list[Problem] = []
    count = 0
    for batch, summaries in stream(
        network, images, chosen, _summary, problems, what="Measuring channels"
    ):
        count += len(batch)
        for layer, parts in summaries.items():
            found = _Moments(len(batch) * int(np.prod(layer.shape[:-1])), *map(_double, parts))
            merged[layer] = merged[layer].with_more(found) if layer in merged else found
    names = {layer.name: merged[layer].statistics() for layer in chosen}
    return ChannelStatistics(network.name, count, names, tuple(problems))


@dataclass(frozen=True, eq=False)
class _Moments:
    """Count, mean, sum of squared distances from the mean, number of zeros, and maximum."""

    count: int
    mean: np.ndarray
    squares: np.ndarray
    zeros: np.ndarray
    highest: np.ndarray

    def with_more(self, other: _Moments) -> _Moments:
        count = self.count + other.count
        step = other.mean - self.mean
        return _Moments(
            count,
            self.mean + step * other.count / count,
            self.squares + other.squares + step**2 * self.count * other.count / count,
            self.zeros + other.zeros,
            np.maximum(self.highest, other.highest),
        )

    def statistics(self) -> LayerStatistics:
        deviation = np.sqrt(self.squares / self.count)
        return LayerStatistics(
            self.count, self.mean, deviation, self.zeros / self.count, self.highest
        )


def _summary(layer: Layer, output: Any) -> tuple[Any, ...]:
    """Return mean, squared distances, zeros and maximum of each channel of a batch, as tensors."""
    import tensorflow as tf

    rows = (-1, layer.shape[-2] if len(layer.shape) > 1 else 1, layer.shape[-1])
    values = tf.reshape(tf.cast(output, tf.float32), rows)

    def total(numbers: Any) -> Any:
        # In a row of the map float32 is enough; added up further it would lose digits.
        return tf.reduce_sum(tf.cast(tf.reduce_sum(numbers, axis=1), tf.float64), axis=0)

    # Distances from any one value lose nothing where all lie far from 0 and close together.
    first = values[0, 0]
    count = tf.cast(tf.size(values[..., 0]), tf.float64)
    shift = total(values - first) / count
    squares = total(tf.square(values - first - tf.cast(shift, tf.float32)))
    zeros = tf.math.count_nonzero(tf.equal(values, 0), axis=(0, 1))
    mean = tf.cast(first, tf.float64) + shift
    return mean, squares, zeros, tf.reduce_max(values, axis=(0, 1))


def _double(values: Any) -> np.ndarray:
    return np.asarray(values, np.float64)


def _must_have_channels(layers: tuple[Layer, ...]) -> None:
    for layer in layers:
        if not layer.shape:
            raise ArgumentError(
                f"The layer '{layer.name}' has no channels.",
                expected="a layer that answers with a map or a vector",
                received=f"{layer.kind}, one number a picture",
            )
