"""Parameters and multiply-adds of known networks, counted by building them, and a table of these.

The table, `networks.csv`, holds what was counted, and beside it what was published: year, paper,
accuracy, and what the weights were trained on. Its counts can be counted again, `recount`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from tlcourse.backbones.applications import APPLICATIONS, build_application
from tlcourse.errors import ArgumentError
from tlcourse.experiments.landmarks import alexnet, vision_transformer
from tlcourse.experiments.lenet import lenet_5
from tlcourse.inside.graph import Layer, input_shape, list_layers

if TYPE_CHECKING:
    import keras

TABLE = Path(__file__).with_name("networks.csv")

_OTHERS: dict[str, Callable[[], keras.Model]] = {
    "lenet_5": lenet_5,
    "alexnet": alexnet,
    "vit_b_16": vision_transformer,
    "vit_b_16_384": lambda: vision_transformer(384),
}
"""Builders of networks that `keras.applications` lacks."""

_WITHOUT_SUMS = {
    "BatchNormalization",
    "ClassTokenAndPositions",
    "LayerNormalization",
    "LayerScale",
    "Normalization",
}
"""Layers with parameters that scale and shift only: not counted, as in the papers."""


class Count(NamedTuple):
    """What was counted of a network.

    Attributes
    ----------
    parameters : int
        All numbers that it holds: learned ones, and the means of batch normalisation.
    multiply_adds : int
        Multiplications, each followed by an addition, in convolutions, dense layers and attention,
        for one picture.

    """

    parameters: int
    multiply_adds: int


class KnownNetwork(NamedTuple):
    """A row of the table.

    Attributes
    ----------
    name, family : str
        "ResNet50V2", "ResNet".
    year : int
        Of the publication, as a preprint where there was one.
    parameters, multiply_adds : int
        As `Count` has them, at `input_size` and with the head for 1,000 classes (LeNet-5: 10).
    top1 : float or None
        Share of ImageNet's validation pictures whose likeliest class is the right one, 0..1; None
        for LeNet-5, which never saw them.
    paper : str
        Authors, year, title.
    input_size : int
        Side of the picture in pixels.
    trained_on : str
        What the weights with this accuracy have learned from.
    source : str
        Where the accuracy was published.
    key : str
        For `build_network`.

    """

    name: str
    family: str
    year: int
    parameters: int
    multiply_adds: int
    top1: float | None
    paper: str
    input_size: int
    trained_on: str
    source: str
    key: str


@cache
def known_networks() -> tuple[KnownNetwork, ...]:
    """Return the table: the networks of `keras.applications`, and those of the story besides."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            KnownNetwork(*(_read(field, row[field]) for field in KnownNetwork._fields))
            for row in csv.DictReader(file)
        )


def _read(field: str, text: str) -> Any:
    if field == "top1":
        return float(text) if text else None
    return int(text) if field in ("year", "parameters", "multiply_adds", "input_size") else text


def find_network(name: str) -> KnownNetwork:
    """Return a row of the table by its name, whatever its capitals.

    Raises
    ------
    ArgumentError
        When there is none; the message lists those that there are.

    """
    for network in known_networks():
        if str(name).casefold() in (network.name.casefold(), network.key.casefold()):
            return network
    raise ArgumentError(
        "There is no such network in the table.",
        expected="one of: " + ", ".join(network.name for network in known_networks()),
        received=repr(name),
    )


def build_network(name: str) -> keras.Model:
    """Build a network of the table with random weights; nothing is fetched.

    The largest takes 1.4 GB of memory, and all of them seconds.

    Raises
    ------
    ArgumentError
        As `find_network` does.

    """
    from tlcourse.quiet import start_tensorflow

    key = find_network(name).key
    start_tensorflow()
    if key in _OTHERS:
        return _OTHERS[key]()
    application = APPLICATIONS[key]
    size = (application.input_size, application.input_size)
    return build_application(application, include_top=True, input_size=size)


def recount(name: str) -> Count:
    """Build a network of the table, and count it anew.

    Raises
    ------
    ArgumentError
        As `find_network` does.

    """
    return count(build_network(name))


def count(network: keras.Model, *, shape: tuple[int, int, int] | None = None) -> Count:
    """Count parameters and multiply-adds of a Keras model; nothing is computed on pixels.

    Parameters
    ----------
    network
        A functional or Sequential model of one input.
    shape
        `(height, width, channels)` of the input; by default the model's own.

    Raises
    ------
    ArgumentError
        When a layer has parameters and is of a kind that is not counted here.

    """
    shape = shape or input_shape(network, network.name)
    layers, _ = list_layers(network, shape)
    return Count(network.count_params(), sum(map(multiply_adds, layers.values())))


def multiply_adds(layer: Layer) -> int:
    """Return the multiply-adds of one layer for one picture; 0 where it sums up nothing.

    Counted as the papers of MobileNet, EfficientNet and ResNet do: convolutions, dense layers and
    attention, without biases, normalisation, activations and pooling.

    Raises
    ------
    ArgumentError
        When the layer has parameters and is of a kind that is not counted here.

    """
    operation = layer.operation
    if layer.kind in _RULES:
        return _RULES[layer.kind](operation, layer.shape)
    if hasattr(operation, "multiply_adds"):
        return int(operation.multiply_adds(layer.shape))
    if layer.parameters and layer.kind not in _WITHOUT_SUMS:
        raise ArgumentError(
            f"The multiplications of the layer '{layer.name}' are not counted here.",
            expected="layers of the kinds " + ", ".join([*_RULES, *sorted(_WITHOUT_SUMS)]),
            received=layer.kind,
            todo="A layer of your own may have a method multiply_adds(output_shape).",
        )
    return 0


def _size(values: Iterable[int]) -> int:
    return int(np.prod(tuple(values), dtype=np.int64))


def _of_convolution(layer: keras.Layer, shape: tuple[int, ...]) -> int:
    """Each number of the kernel is used once at each place; that holds for groups as well."""
    return _size(shape[:-1]) * _size(layer.kernel.shape)


def _of_separable(layer: keras.Layer, shape: tuple[int, ...]) -> int:
    kernels = _size(layer.depthwise_kernel.shape) + _size(layer.pointwise_kernel.shape)
    return _size(shape[:-1]) * kernels


def _of_attention(layer: keras.Layer, shape: tuple[int, ...]) -> int:
    """Four projections of every token; then every pair of tokens, for the weights and the sum."""
    tokens = _size(shape[:-1])
    projections = sum(_size(w.shape) for w in layer.trainable_weights if w.name == "kernel")
    return tokens * projections + 2 * tokens**2 * layer.num_heads * layer.key_dim


_RULES: dict[str, Callable[[keras.Layer, tuple[int, ...]], int]] = {
    "Conv2D": _of_convolution,
    "DepthwiseConv2D": _of_convolution,
    "Dense": _of_convolution,  # on a map or on tokens, at every place
    "SeparableConv2D": _of_separable,
    "MultiHeadAttention": _of_attention,
}


def frontier(
    networks: Iterable[KnownNetwork], by: Literal["parameters", "multiply_adds"] = "multiply_adds"
) -> tuple[KnownNetwork, ...]:
    """Return the networks than which no other is as accurate for less; the cheapest first.

    Parameters
    ----------
    networks
        Rows of the table; those without an accuracy are passed over.
    by
        What is paid: `"parameters"` (memory) or `"multiply_adds"` (work).

    Raises
    ------
    ArgumentError
        When `by` is anything else.

    """
    if by not in ("parameters", "multiply_adds"):
        raise ArgumentError(
            "The argument 'by' is not known.",
            expected="'parameters' or 'multiply_adds'",
            received=f"by={by!r}",
        )
    kept: list[KnownNetwork] = []
    judged = [network for network in networks if network.top1 is not None]
    for network in sorted(judged, key=lambda n: (getattr(n, by), -(n.top1 or 0))):
        if not kept or (network.top1 or 0) > (kept[-1].top1 or 0):
            kept.append(network)
    return tuple(kept)
