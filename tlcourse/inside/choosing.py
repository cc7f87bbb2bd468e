"""Which layers, which channel: what a person writes, as the network's own; errors list what is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from tlcourse.errors import ArgumentError, must_be_whole
from tlcourse.inside.graph import Layer
from tlcourse.inside.network import Network

Choice: TypeAlias = "Literal['all', 'maps', 'convolutions'] | str | Layer | Iterable[str | Layer]"
"""All layers, those that answer with feature maps, the convolutions; or layers by name."""

CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose")


def choose_layers(network: Network, layers: Choice = "all") -> tuple[Layer, ...]:
    """Return the chosen layers in the order in which they compute, each once.

    Raises
    ------
    ArgumentError
        When there is no such layer, or none at all; the message lists what there is.

    """
    if layers == "all":
        chosen = set(network.layers)
    elif layers == "maps":
        chosen = set(network.maps)
    elif layers == "convolutions":
        chosen = {layer for layer in network.layers if layer.kind in CONVOLUTIONS}
    elif isinstance(layers, str | Layer):
        chosen = {one_layer(network, layers)}
    else:
        chosen = {one_layer(network, layer) for layer in layers}
    if not chosen:
        raise ArgumentError(
            "The argument 'layers' chooses no layer.",
            expected='"all", "maps", "convolutions", or names of layers',
            received=f"layers={layers!r}",
            todo=f"These there are: {', '.join(layer.name for layer in network.layers)}",
        )
    return tuple(layer for layer in network.layers if layer in chosen)


def one_layer(network: Network, layer: str | Layer) -> Layer:
    """Return one layer of a network, given by its name or as a layer of another opening of it."""
    return network.layer(layer.path if isinstance(layer, Layer) else layer)


def one_channel(layer: Layer, channel: int) -> int:
    """Return a channel's number, or raise an ArgumentError that says how many there are."""
    return must_be_whole("channel", channel, 0, layer.shape[-1] - 1)


def map_layer(network: Network, layer: str | Layer) -> Layer:
    """Return a layer that answers with a feature map, or raise an ArgumentError."""
    found = one_layer(network, layer)
    if not found.is_map:
        raise ArgumentError(
            f"The layer '{found.name}' answers with no feature map.",
            expected="one of: " + ", ".join(layer.name for layer in network.maps),
            received=f"{found.name} ({found.kind}), an output of shape {found.shape}",
        )
    return found
