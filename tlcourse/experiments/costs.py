"""What each layer of a network costs: its parameters, and its multiplications for one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tlcourse.data.tables import as_html, as_text
from tlcourse.errors import ArgumentError, must_be_whole
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.inside import Layer, open_network
from tlcourse.inside.choosing import CONVOLUTIONS
from tlcourse.inside.maps import percent
from tlcourse.inside.network import Model

_PLACED = ("Conv2D", "DepthwiseConv2D")
"""Whose kernel is multiplied once for each place of the output."""

_TOP_NAMES = ("fc", "predictions")


class LayerCost(NamedTuple):
    """What a layer costs for one picture.

    Attributes
    ----------
    name, kind : str
    shape : tuple of int
        Of its output.
    parameters : int
    multiply_adds : int
        Multiplications, each followed by an addition; biases, ReLU and the like are not counted.

    """

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int


@dataclass(frozen=True, repr=False)
class LayerCosts:
    """What the layers of a network cost; shows as a table, and draws as a figure.

    Attributes
    ----------
    network : str
    layers : tuple of LayerCost
        Those with parameters, and those that change the size of maps, in the order in which they
        compute.

    """

    network: str
    layers: tuple[LayerCost, ...]

    @property
    def parameters(self) -> int:
        """All parameters together."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """All multiplications for one picture together."""
        return sum(layer.multiply_adds for layer in self.layers)

    def draw(self) -> Figure:
        """Draw parameters and multiplications of each layer that has some, as bars."""
        shown = [layer for layer in self.layers if layer.parameters]
        with drawing(8.6, 0.25 * len(shown) + 1.4) as canvas:
            left, right = canvas.subplots(1, 2, sharey=True)
            for axes, numbers, colour, unit, what, whole in (
                (left, [x.parameters for x in shown], PALETTE[0], 1e6, "million parameters",
                 self.parameters),
                (right, [x.multiply_adds for x in shown], PALETTE[1], 1e9,
                 "billion multiplications for a picture", self.multiply_adds),
            ):  # fmt: skip
                bars = axes.barh(range(len(shown)), [n / unit for n in numbers], color=colour)
                shares = [percent(n / whole) for n in numbers]
                axes.bar_label(bars, shares, padding=3, fontsize=8)
                axes.margins(x=0.12)
                axes.set_xlabel(what)
                axes.set_title(f"{whole / unit:,.1f} {what.split()[0]} together")
            left.set_yticks(range(len(shown)), [layer.name for layer in shown], fontsize=8)
            left.invert_yaxis()
            return finish(canvas, as_text(*self._summary()))

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        rows = [["layer", "output", "parameters", "multiplications"]]
        for layer in self.layers:
            shape = " × ".join(f"{side:,}" for side in layer.shape)
            rows.append([layer.name, shape, f"{layer.parameters:,}", f"{layer.multiply_adds:,}"])
        rows.append(["all", "", f"{self.parameters:,}", f"{self.multiply_adds:,}"])
        return f"What the layers of {self.network} cost for one picture", rows, []

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())


def layer_costs(model: Model, *, dense_top: Sequence[int] = ()) -> LayerCosts:
    """Count what each layer of a network costs; nothing is computed on pixels.

    Parameters
    ----------
    model
        A `Backbone`, a `Classifier`, a Keras model or a `Network`.
    dense_top
        The units of dense layers that are to be counted as if they followed the network's last
        feature map, all of its values in a row: `(4096, 4096, 1000)` for VGG-16. They are not
        built, since they may take much memory.

    Raises
    ------
    ArgumentError
        When a layer is a convolution of a kind that is not counted here, or `dense_top` holds
        anything but whole numbers from 1 on.

    """
    network = open_network(model)
    costs = []
    before: tuple[int, ...] | None = None
    for layer in network.layers:
        resizes = layer.is_map and before is not None and layer.shape[:2] != before[:2]
        if layer.parameters or resizes:
            costs.append(_cost(layer))
        before = layer.shape
    *_, last = (layer for layer in network.layers if layer.is_map)
    costs += _of_dense(int(np.prod(last.shape)), dense_top)
    return LayerCosts(network.name, tuple(costs))


def _cost(layer: Layer) -> LayerCost:
    multiplied = 0
    if layer.kind in _PLACED:
        places = int(np.prod(layer.shape[:2], dtype=np.int64))
        multiplied = places * int(np.prod(layer.operation.kernel.shape, dtype=np.int64))
    elif layer.kind == "Dense":
        multiplied = int(np.prod(layer.operation.kernel.shape, dtype=np.int64))
    elif layer.kind in CONVOLUTIONS:
        raise ArgumentError(
            f"The multiplications of the layer '{layer.name}' are not counted here.",
            expected="convolutions of the kinds " + ", ".join(_PLACED),
            received=layer.kind,
        )
    return LayerCost(layer.name, layer.kind, layer.shape, layer.parameters, multiplied)


def _of_dense(inputs: int, units: Sequence[int]) -> list[LayerCost]:
    """Return the costs of dense layers on so many inputs, named as in Keras' VGG-16."""
    costs = []
    for number, count in enumerate(units, start=1):
        must_be_whole("dense_top", count, 1, 2**31)
        name = f"{_TOP_NAMES[0]}{number}" if number < len(units) else _TOP_NAMES[1]
        costs.append(LayerCost(name, "Dense", (count,), (inputs + 1) * count, inputs * count))
        inputs = count
    return costs
