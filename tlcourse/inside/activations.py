"""What every layer of a network says about a picture, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np

from tlcourse.data.tables import as_html, as_text, counted
from tlcourse.errors import ArgumentError, must_be_whole
from tlcourse.inside.choosing import Choice, choose_layers
from tlcourse.inside.graph import Layer
from tlcourse.inside.maps import short
from tlcourse.inside.network import Model, Network, open_network

if TYPE_CHECKING:
    from tlcourse.data import PictureSource

Measure: TypeAlias = Literal["mean", "max", "deviation"]

_MEASURES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "mean": lambda values: values.mean(axis=0, dtype=np.float64),
    "max": lambda values: values.max(axis=0).astype(np.float64),
    "deviation": lambda values: values.std(axis=0, dtype=np.float64),
}
_LIMIT = 2_000_000_000
_LARGEST = float(np.finfo(np.float16).max)  # 65,504
_SMALLEST = 2.0**-8
"""Below it, a layer's largest value leaves too few of float16's digits to the others."""

_ROWS_SHOWN = 40


class Channel(NamedTuple):
    """A channel of a layer, and how strongly it answers by some measure."""

    number: int
    value: float


class NoSuchLayerError(ArgumentError, KeyError):
    """The layer was not recorded; a KeyError too, as a mapping raises it."""

    __str__ = Exception.__str__


class Activations(Mapping[str, np.ndarray]):
    """What the layers of a network say about one picture: a mapping from name to array.

    `activations["block1_conv1"]` is `(height, width, channels)` for a feature map and `(features,)`
    for a vector, float16, or float32 for the few layers whose values float16 does not hold.

    Attributes
    ----------
    network : Network
        The network, opened up.
    layers : tuple of Layer
        Those recorded, in the order in which they compute.
    pixels : np.ndarray
        `(height, width, channels)` float32: the picture as the network got it.
    notes : tuple of str
        What is to be known about the numbers, in plain words.

    """

    def __init__(self, network: Network, pixels: np.ndarray, kept: Mapping[Layer, _Kept]) -> None:
        self.network = network
        self.pixels = pixels
        self.layers = tuple(kept)
        self._kept = {layer.name: part for layer, part in kept.items()}
        self._by_path = {layer.path: layer.name for layer in kept}
        self.notes = _notes(self._kept)

    @property
    def nbytes(self) -> int:
        """How many bytes the activations take in memory."""
        return sum(part.halves.nbytes for part in self._kept.values())

    def __getitem__(self, name: str | Layer) -> np.ndarray:
        return self._kept[self._name(name)].values

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def layer(self, name: str | Layer) -> Layer:
        """Return a recorded layer by its name or its path.

        Raises
        ------
        ArgumentError
            When it was not recorded; the message lists those that were.

        """
        return self.network.layer(self._name(name))

    def top_channels(
        self, layer: str | Layer, n: int = 16, by: Measure = "mean"
    ) -> tuple[Channel, ...]:
        """Return the channels of a layer that answer most strongly, the strongest first.

        Parameters
        ----------
        layer
            Its name.
        n
            How many; all where there are fewer.
        by
            The `"mean"` over the map, its `"max"`, or its standard `"deviation"`.

        Raises
        ------
        ArgumentError
            When the layer was not recorded, or there is no such measure.

        """
        strengths = self.strengths(layer, by)
        must_be_whole("n", n, 1, 2**31)
        # Of equal ones the first comes first; what is no number comes last.
        order = np.argsort(-strengths, kind="stable")[:n]
        return tuple(Channel(int(i), float(strengths[i])) for i in order)

    def strengths(self, layer: str | Layer, by: Measure = "mean") -> np.ndarray:
        """Return how strongly each channel of a layer answers, `(channels,)` float64.

        The measures are those of `top_channels`; of a vector each value is its own.
        """
        if by not in _MEASURES:
            raise ArgumentError(
                "The argument 'by' names no measure.",
                expected="one of: " + ", ".join(_MEASURES),
                received=f"by={by!r}",
            )
        values = self[layer]
        if values.ndim == 1:
            return values.astype(np.float64)
        return _MEASURES[by](values.reshape(-1, values.shape[-1]))

    def sparsity(self) -> dict[str, float]:
        """Return the share of exact zeros in each layer, 0 to 1.

        ReLU answers with exactly 0 for whatever is negative, so that behind it often most of a map
        is zero: a channel speaks where it finds its pattern, and is silent elsewhere (Glorot,
        Bordes and Bengio 2011, 'Deep Sparse Rectifier Neural Networks'). Before ReLU, and with
        other activation functions, hardly any value is exactly zero. The zeros are counted in
        float32, before the values are shortened to float16.
        """
        return {name: part.zeros / max(1, part.halves.size) for name, part in self._kept.items()}

    def _name(self, name: str | Layer) -> str:
        name = name.path if isinstance(name, Layer) else name
        found = name if name in self._kept else self._by_path.get(name)
        if found is None:
            raise NoSuchLayerError(
                "There are no activations of such a layer.",
                expected="one of: " + ", ".join(self._kept),
                received=repr(name),
                todo="Record it: record_activations(model, picture, layers=[…]).",
            )
        return found

    def _table(self) -> list[list[str]]:
        rows = [["layer", "kind", "shape", "mean", "max", "zeros"]]
        sparsity = self.sparsity()
        for layer in self.layers[:_ROWS_SHOWN]:
            part = self._kept[layer.name]
            shape = " × ".join(map(str, layer.shape))
            numbers = [short(part.mean), short(part.highest), f"{sparsity[layer.name]:.0%}"]
            rows.append([layer.name, layer.kind, shape, *numbers])
        if (left := len(self) - _ROWS_SHOWN) > 0:
            rows.append([f"… {left} more", "", "", "", "", ""])
        return rows

    def _sentence(self) -> str:
        height, width, _ = self.network.input_shape
        return (
            f"Activations of {self.network.name}: {counted(len(self), 'layer')}, "
            f"a picture of {height} × {width} pixels, {self.nbytes / 1e6:.1f} MB"
        )

    def __repr__(self) -> str:
        return as_text(self._sentence(), self._table(), self.notes)

    def _repr_html_(self) -> str:
        return as_html(self._sentence(), self._table(), self.notes)


def record_activations(
    model: Model, picture: PictureSource, layers: Choice = "all", *, limit: int = _LIMIT
) -> Activations:
    """Record what the layers of a network say about a picture, in one forward pass.

    The values are kept as float16: three decimal digits, half the memory. A layer with values
    beyond float16's largest, 65,504, or with none above 1/256, is kept divided by a power of two
    and given back as float32, multiplied again, so that no value is cut off. The outputs between
    are let go as soon as no layer needs them, and the pass ends with the last layer that was
    chosen.

    Parameters
    ----------
    model
        A `Backbone`, a `Classifier`, a functional or Sequential Keras model, or a `Network`.
    picture
        Anything that `open_picture` takes (its centre is used), or floats of the network's input
        shape that are ready for it.
    layers
        `"all"`, `"maps"` (feature maps), `"convolutions"`, a name, or names.
    limit
        The most bytes that the activations may take; `forecast_bytes` tells how many they will.

    Returns
    -------
    `Activations`: a mapping from the layer's name to `(height, width, channels)` or `(features,)`.

    Raises
    ------
    ArgumentError
        When there is no such layer, or they would need more than `limit` bytes.
    PictureError
        When the picture cannot be read.

    """
    network = open_network(model)
    chosen = choose_layers(network, layers)
    _must_fit(network, chosen, limit)
    pixels = network.pixels(picture)
    kept: dict[Layer, _Kept] = {}

    def see(layer: Layer, output: Any) -> None:
        kept[layer] = _keep(np.asarray(_first(output))[0])

    network.watch(pixels, chosen, see)
    return Activations(network, pixels[0], kept)


def forecast_bytes(model: Model, layers: Choice = "all") -> int:
    """Return how many bytes the activations of some layers will take; nothing is computed.

    Two bytes for each value. While they are recorded, the few outputs that the network still needs
    come on top, at four bytes a value.

    Raises
    ------
    ArgumentError
        When there is no such layer.

    """
    network = open_network(model)
    return _bytes_of(choose_layers(network, layers))


class _Kept(NamedTuple):
    """The values of a layer, divided by a power of two where float16 does not hold them."""

    halves: np.ndarray
    factor: float
    zeros: int
    mean: float
    highest: float
    broken: int

    @property
    def values(self) -> np.ndarray:
        if self.factor == 1:
            return self.halves
        return self.halves.astype(np.float32) * np.float32(self.factor)


def _keep(values: np.ndarray) -> _Kept:
    """Return the output of a layer for one picture, in half the memory."""
    values = np.asarray(values, np.float32)
    sound = values
    if not np.isfinite([values.max(initial=0), values.min(initial=0)]).all():
        sound = values[np.isfinite(values)]
    zeros = int(sound.size - np.count_nonzero(sound))
    largest = max(float(sound.max(initial=0)), -float(sound.min(initial=0)))
    factor = 1.0
    if largest > _LARGEST or 0 < largest < _SMALLEST:
        factor = 2.0 ** (np.floor(np.log2(largest)) - 14)  # the largest comes to 2^14 .. 2^15
    halves = (values / np.float32(factor) if factor != 1 else values).astype(np.float16)
    halves.flags.writeable = False
    mean = float(sound.mean(dtype=np.float64)) if sound.size else float("nan")
    highest = float(sound.max()) if sound.size else float("nan")
    return _Kept(halves, float(factor), zeros, mean, highest, values.size - sound.size)


def _notes(kept: Mapping[str, _Kept]) -> tuple[str, ...]:
    notes = []
    scaled = [name for name, part in kept.items() if part.factor != 1]
    if scaled:
        notes.append(
            "Beyond the range of float16, so kept divided by a power of two and given back as "
            f"float32: {', '.join(scaled)}."
        )
    notes += [
        f"{name}: {part.broken:,} of {part.halves.size:,} values are infinite or no numbers."
        for name, part in kept.items()
        if part.broken
    ]
    return tuple(notes)


def _bytes_of(layers: tuple[Layer, ...]) -> int:
    return sum(2 * int(np.prod(layer.shape, dtype=np.int64)) for layer in layers)


def _must_fit(network: Network, layers: tuple[Layer, ...], limit: int) -> None:
    needed = _bytes_of(layers)
    if needed > limit:
        largest = max(layers, key=lambda layer: int(np.prod(layer.shape, dtype=np.int64)))
        raise ArgumentError(
            f"The activations of {counted(len(layers), 'layer')} of '{network.name}' do not fit "
            "into the memory that they may take.",
            expected=f"at most {limit:,} bytes (limit)",
            received=f"{needed:,} bytes needed; {largest.name} alone takes "
            f"{_bytes_of((largest,)):,}",
            todo='Choose fewer layers, such as layers=["…"], or raise limit=.',
        )


def _first(output: Any) -> Any:
    """Return the first of several outputs, the one whose shape the layer has."""
    return output[0] if isinstance(output, list | tuple) else output
