"""The receptive field: which pixels of the picture a unit of a network can be influenced by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from tlcourse.errors import ArgumentError, must_be_whole
from tlcourse.inside.choosing import one_layer
from tlcourse.inside.field_rules import UnknownRuleError, fields_behind
from tlcourse.inside.fields import NOTHING, Fields, Progression, of_picture
from tlcourse.inside.graph import Layer
from tlcourse.inside.maps import percent
from tlcourse.inside.network import Model, Network, open_network


class Rectangle(NamedTuple):
    """A rectangle of pixels: rows `top` to `bottom - 1`, columns `left` to `right - 1`."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        """In pixels."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """In pixels."""
        return self.right - self.left

    @property
    def area(self) -> int:
        """In pixels."""
        return self.height * self.width

    def cut(self, pixels: np.ndarray) -> np.ndarray:
        """Return the part of a picture that it marks, `(height, width, …)`, a view."""
        return pixels[max(0, self.top) : self.bottom, max(0, self.left) : self.right]


@dataclass(frozen=True, repr=False)
class ReceptiveField:
    """Which pixels can influence a unit.

    Attributes
    ----------
    layer : str
        The name of its layer.
    unit : tuple of int or None
        Its `(row, column)` in a feature map, or `(position,)` in a vector.
    size : tuple of int
        Height and width in pixels, as if the picture had no end.
    stride : tuple of float or None
        How many pixels further down and right the field of the next unit lies; None where there is
        no such number: in a vector, and where a unit sees the whole picture besides.
    centre : tuple of float
        Row and column of its middle, as if the picture had no end; pixel centres have whole
        numbers. It may lie outside the picture.
    unclipped : Rectangle
        The field as if the picture had no end: it may reach out of it.
    rectangle : Rectangle
        The pixels of the picture that can influence the unit: no pixel outside can, and none of
        the rectangle's four sides could be moved in. Within it there may be gaps, as with dilated
        kernels. Without any pixel (a unit that sees nothing but padding), its area is 0.
    input_shape : tuple of int
        Height, width and channels of the picture.

    """

    layer: str
    unit: tuple[int, ...] | None
    size: tuple[int, int]
    stride: tuple[float, float] | None
    centre: tuple[float, float]
    unclipped: Rectangle
    rectangle: Rectangle
    input_shape: tuple[int, int, int]

    @property
    def share(self) -> float:
        """Which share of the picture it covers, 0 to 1."""
        return self.rectangle.area / (self.input_shape[0] * self.input_shape[1])

    def __repr__(self) -> str:
        top, left, bottom, right = self.rectangle
        where = f" {self.unit}" if self.unit else ""
        step = f", stride {self.stride[0]:g} × {self.stride[1]:g}" if self.stride else ""
        seen = (
            f"rows {top}–{bottom - 1}, columns {left}–{right - 1}, {percent(self.share)} of it"
            if self.rectangle.area
            else "no pixel, only padding"
        )
        return (
            f"Receptive field of {self.layer}{where}: {self.size[0]} × {self.size[1]} pixels{step};"
            f" in the picture {seen}"
        )


class ReceptiveFields:
    """The receptive fields of all units of a layer; `at` gives one of them.

    Attributes
    ----------
    layer : Layer
        The layer.
    input_shape : tuple of int
        Height, width and channels of the picture.

    """

    def __init__(self, layer: Layer, input_shape: tuple[int, int, int], fields: Fields) -> None:
        self.layer = layer
        self.input_shape = input_shape
        self._fields = fields

    def at(self, unit: tuple[int, ...] | int | None = None) -> ReceptiveField:
        """Return the receptive field of one unit.

        Parameters
        ----------
        unit
            `(row, column)` in a feature map (over all of its channels), the position in a vector;
            by default the one in the middle of a map, and all units of a vector together.

        Raises
        ------
        ArgumentError
            When there is no such unit.

        """
        shape = self.layer.shape
        if unit is None:
            unit = (shape[0] // 2, shape[1] // 2) if self.layer.is_map else None
        else:
            unit = self._checked(unit)
        down, across = self._fields.endless
        place = unit if self.layer.is_map and unit else (0, 0)
        (top, bottom), (left, right) = _span(down, place[0]), _span(across, place[1])
        slopes = {part.slope for part in down}, {part.slope for part in across}
        stride = None
        if self.layer.is_map and all(len(s) == 1 for s in slopes):
            stride = float(min(slopes[0])), float(min(slopes[1]))
        return ReceptiveField(
            self.layer.name,
            unit,
            (bottom - top, right - left),
            stride,
            ((top + bottom - 1) / 2, (left + right - 1) / 2),
            Rectangle(top, left, bottom, right),
            self._rectangle(unit),
            self.input_shape,
        )

    def _checked(self, unit: tuple[int, ...] | int) -> tuple[int, ...]:
        shape = self.layer.shape[:-1] if len(self.layer.shape) > 1 else self.layer.shape
        given = tuple(unit) if isinstance(unit, tuple | list) else (unit,)
        if len(given) != len(shape):
            raise ArgumentError(
                f"The layer '{self.layer.name}' has no such unit.",
                expected="(row, column)" if self.layer.is_map else "one position",
                received=f"unit={unit!r}",
            )
        names = ("row", "column") if self.layer.is_map else ("position",) * len(shape)
        return tuple(
            must_be_whole(name, x, 0, n - 1) for name, x, n in zip(names, given, shape, strict=True)
        )

    def _rectangle(self, unit: tuple[int, ...] | None) -> Rectangle:
        rectangles = self._fields.rectangles
        if unit is None:
            chosen = rectangles.reshape(4, -1)
        elif self.layer.is_map:
            chosen = rectangles[:, unit[0], unit[1]]
        else:
            chosen = rectangles[:, unit[0] if rectangles.shape[1] > 1 else 0].reshape(4, -1)
        top, left = chosen[:2].min(axis=1).tolist()
        bottom, right = chosen[2:].max(axis=1).tolist()
        if top > bottom:
            return Rectangle(0, 0, 0, 0)
        return Rectangle(top, left, bottom + 1, right + 1)


def receptive_fields(model: Model, layer: str | Layer) -> ReceptiveFields:
    """Return the receptive fields of all units of a layer; nothing is computed on pixels.

    The errors are those of `receptive_field`.
    """
    import keras

    network = open_network(model)
    found = one_layer(network, layer)
    reached: list[Fields | _Unknown] = []

    def visit(here: Layer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        inputs = keras.tree.flatten((args, kwargs))
        unknown = next((x for x in inputs if isinstance(x, _Unknown)), None)
        output = unknown or _after(here, args, kwargs)
        if here is found:
            reached.append(output)
        return output

    network.walk(of_picture(*network.input_shape), visit)
    fields = reached[0]
    if isinstance(fields, _Unknown):
        raise ArgumentError(
            f"The receptive field of '{found.name}' in '{network.name}' is not known: on the way "
            f"to it stands the layer '{fields.layer.name}' ({fields.layer.kind}).",
            expected="convolutions, pooling, padding, and layers that act on each place by itself",
            received=f"{fields.layer.kind}: {fields.reason}",
            todo=_before(network, fields.layer),
        )
    return ReceptiveFields(found, network.input_shape, fields)


def receptive_field(
    model: Model, layer: str | Layer, unit: tuple[int, ...] | int | None = None
) -> ReceptiveField:
    """Return which pixels can influence a unit of a layer.

    It follows from the network's shape alone: kernels, strides, dilation and padding, branches
    united (Araujo, Norris and Sim 2019, 'Computing Receptive Fields of Convolutional Neural
    Networks', Distill), however the weights are. How much each pixel does influence the unit is
    another matter: in the middle mostly much more than at the rim (Luo and others 2016,
    'Understanding the Effective Receptive Field').

    Parameters
    ----------
    model
        A `Backbone`, a `Classifier`, a functional or Sequential Keras model, or a `Network`.
    layer
        Its name.
    unit
        As for `ReceptiveFields.at`.

    Raises
    ------
    ArgumentError
        When there is no such layer or unit, or when a layer on the way is of a kind for which no
        rule is known: the message names it.

    """
    return receptive_fields(model, layer).at(unit)


@dataclass(frozen=True, eq=False)
class _Unknown:
    """Stands in a walk behind a layer for which there is no rule."""

    layer: Layer
    reason: str


def _after(layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Fields | _Unknown:
    try:
        fields = fields_behind(layer, args, kwargs)
    except UnknownRuleError as error:
        return _Unknown(layer, str(error))
    assert fields.shape == layer.shape, (layer, fields.shape)
    return fields


def _before(network: Network, layer: Layer) -> str:
    names = [x.name for x in network.layers[: network.layers.index(layer)]]
    return f"Ask for a layer before it: {', '.join(names[-5:])}." if names else ""


def _span(endless: tuple[Progression, ...], unit: int) -> tuple[int, int]:
    """Return the first pixel and the one after the last; twice the same where there is none."""
    spans = [part.span(np.array([unit])) for part in endless]
    low = min(int(low[0]) for low, _ in spans)
    high = max(int(high[0]) for _, high in spans)
    return (low, high + 1) if low < NOTHING else (0, 0)
