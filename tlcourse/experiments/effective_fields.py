"""How much each pixel really moves a unit: the effective receptive field, by gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tlcourse.data import Pictures, Problem, find_pictures, load_pictures
from tlcourse.data.tables import as_html, as_text, counted
from tlcourse.errors import ArgumentError, DataError
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.inside import Layer, open_network
from tlcourse.inside.choosing import Choice, choose_layers, map_layer
from tlcourse.inside.network import Model, Network
from tlcourse.inside.receptive import ReceptiveField, receptive_field
from tlcourse.messages import progress

_SHARES = (0.5, 0.95)
_BRIGHTEST = 99.8
"""Percentile of a map that is drawn at full strength; single pixels lie far above all others."""


@dataclass(frozen=True, eq=False, repr=False)
class EffectiveFields:
    """The result of `measure_fields`; shows as a table, and draws as a figure.

    Attributes
    ----------
    network : str
    fields : tuple of ReceptiveField
        By the network's shape, one a layer: of the unit in the middle of its map.
    influence : tuple of np.ndarray
        `(height, width)` float64 for each layer: the share of each pixel in what moves the unit; 1
        in all, or 0 where nothing moves it.
    pictures : int
    problems : tuple of Problem
        Pictures that were left out, with the reason.

    """

    network: str
    fields: tuple[ReceptiveField, ...]
    influence: tuple[np.ndarray, ...]
    pictures: int
    problems: tuple[Problem, ...] = ()

    def side(self, layer: str, share: float) -> int:
        """Return the side, in pixels, of the centred square that holds a share of the influence.

        Raises
        ------
        ArgumentError
            When the layer was not measured, or `share` is not above 0 and below 1.

        """
        names = [field.layer for field in self.fields]
        if layer not in names or not 0 < share < 1:
            raise ArgumentError(
                "There is no such layer or share.",
                expected=f"one of {', '.join(names)}; a number between 0 and 1",
                received=f"layer={layer!r}, share={share!r}",
            )
        place = names.index(layer)
        return _side(self.influence[place], self.fields[place].centre, share)

    def draw(self) -> Figure:
        """Draw where the influence lies, layer by layer, with the field's frame."""
        from matplotlib.patches import Rectangle as Box

        with drawing(1.7 * len(self.fields) + 0.3, 2.3) as canvas:
            panels = canvas.subplots(1, len(self.fields), squeeze=False)[0]
            for axes, field, values in zip(panels, self.fields, self.influence, strict=True):
                high = float(np.percentile(values[values > 0], _BRIGHTEST)) if values.any() else 1.0
                axes.imshow(np.sqrt(values / high).clip(0, 1), cmap="cividis", vmin=0, vmax=1)
                top, left, bottom, right = field.rectangle
                size = right - left, bottom - top
                axes.add_patch(
                    Box((left - 0.5, top - 0.5), *size, fill=False, ec=PALETTE[5], lw=1.2)
                )
                half = self.side(field.layer, _SHARES[0]) if values.any() else 0
                axes.set_title(f"{field.layer}\n{field.size[0]} pixels; half in {half}", fontsize=9)
                axes.set_axis_off()
            return finish(canvas, as_text(*self._summary()))

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        head = ["layer", "receptive field", *(f"{s:.0%} of the influence in" for s in _SHARES)]
        rows = [head]
        for field, values in zip(self.fields, self.influence, strict=True):
            sides = [f"{_side(values, field.centre, s)} pixels" for s in _SHARES]
            rows.append([field.layer, f"{field.size[0]} pixels", *sides])
        said = (
            f"What moves the unit in the middle, by layer of {self.network}; mean over "
            f"{counted(self.pictures, 'picture')}; sides of squares"
        )
        return said, rows, [f"left out: {problem}" for problem in self.problems]

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())


def measure_fields(model: Model, pictures: Pictures, layers: Choice) -> EffectiveFields:
    """Measure which pixels move the unit in the middle of a layer's map, and how much.

    The gradient of the unit, summed over its channels, by each pixel, in absolute value (Luo, Li,
    Urtasun and Zemel 2016, 'Understanding the effective receptive field in deep convolutional
    neural networks', average over channels in the same way). Each picture counts alike.

    Parameters
    ----------
    model
        A `Backbone`, a `Classifier`, a Keras model or a `Network`.
    pictures
        In any form that `find_pictures` takes. Each goes through the network and back once a layer.
    layers
        As for `record_activations`; all must answer with feature maps.

    Raises
    ------
    ArgumentError
        When there is no such layer, it has no feature map, or its receptive field is not known.
    DataError
        When there is no picture, or none can be read.

    """
    network = open_network(model)
    chosen = [map_layer(network, layer) for layer in choose_layers(network, layers)]
    fields = tuple(receptive_field(network, layer) for layer in chosen)
    height, width, _ = network.input_shape
    sums = np.zeros((len(chosen), height, width))
    problems: list[Problem] = []
    count = 0
    sources = find_pictures(pictures)
    loaded = load_pictures(sources, (height, width))
    for _, pixels in progress(loaded, what="effective fields", total=len(sources)):
        if isinstance(pixels, Problem):
            problems.append(pixels)
            continue
        count += 1
        for number, layer in enumerate(chosen):
            sums[number] += _influence(network, layer, network.pixels(pixels))
    if count == 0:
        raise DataError(
            "There is no picture to measure with.",
            expected="at least one picture that can be read",
            received="; ".join(map(str, problems[:5])) or "none",
        )
    shares = [total / max(total.sum(), 1e-300) for total in sums]
    return EffectiveFields(network.name, fields, tuple(shares), count, tuple(problems))


def _influence(network: Network, layer: Layer, pixels: np.ndarray) -> np.ndarray:
    """Return each pixel's share of the gradient of the middle unit, `(height, width)` float64."""
    import keras
    import tensorflow as tf

    reached: list[Any] = []
    tensor = keras.ops.convert_to_tensor(pixels)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        network.watch(tensor, [layer], lambda _, output: reached.append(output))
        row, column = layer.shape[0] // 2, layer.shape[1] // 2
        unit = tf.reduce_sum(tf.cast(reached[0], tf.float32)[0, row, column])
    gradient = np.abs(np.asarray(tape.gradient(unit, tensor), np.float64)[0]).sum(axis=-1)
    return gradient / max(gradient.sum(), 1e-300)


def _side(values: np.ndarray, centre: tuple[float, float], share: float) -> int:
    """Return the side of the smallest centred square that holds a share of the values."""
    total = values.sum()
    down, across = (np.abs(np.arange(n) - c) for n, c in zip(values.shape, centre, strict=True))
    # How far from the centre a square must reach to hold each pixel.
    reach = np.maximum(down[:, None], across)
    order = np.argsort(reach, axis=None, kind="stable")
    held = np.cumsum(values.ravel()[order])
    place = min(int(np.searchsorted(held, share * total)), len(held) - 1)
    return int(2 * reach.ravel()[order[place]] + 1)
