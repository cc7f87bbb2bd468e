"""What networks say about pictures, kept for a while: the kernel's half of the explorer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np

from tlcourse.data import PictureSource
from tlcourse.errors import ArgumentError
from tlcourse.inside import Activations, Layer, Network, receptive_fields, record_activations
from tlcourse.inside.choosing import Choice, choose_layers

_MEMORY_BYTES = 300_000_000


class Recordings:
    """The activations of one or two networks on some pictures, each computed when first asked for.

    All layers of a network are recorded in one pass, so that another layer of the same picture is
    there at once. The last ones asked for are kept, up to 300 MB.

    Attributes
    ----------
    networks : tuple of Network
        One, or two to compare.
    layers : tuple of Layer
        Of the first network, those that can be chosen; the second has the same by name and shape.
    names : tuple of str
        What the networks are called.

    Raises
    ------
    ArgumentError
        When there is no such layer, or the networks have none in common.

    """

    def __init__(
        self,
        networks: Sequence[Network],
        sources: Sequence[PictureSource],
        layers: Choice,
        names: Sequence[str],
    ) -> None:
        self.networks, self.names = tuple(networks), tuple(names)
        self._sources = sources
        chosen = [layer for layer in choose_layers(networks[0], layers) if _is_wide(layer)]
        others = [{x.name: x.shape for x in network.layers} for network in networks[1:]]
        self.layers = tuple(
            x for x in chosen if all(shapes.get(x.name) == x.shape for shapes in others)
        )
        if not self.layers or len({network.input_shape for network in networks}) > 1:
            raise _nothing_to_show(chosen, networks)
        self._fields: dict[str, dict[str, Any]] = {}
        self._kept: OrderedDict[tuple[int, int], Activations] = OrderedDict()

    def activations(self, network: int, picture: int) -> Activations:
        """Return what a network says about a picture, both given by their places."""
        place = (network, picture)
        if place not in self._kept:
            names = [layer.name for layer in self.layers]
            self._kept[place] = record_activations(
                self.networks[network], self._sources[picture], names
            )
        self._kept.move_to_end(place)
        while len(self._kept) > 1 and sum(x.nbytes for x in self._kept.values()) > _MEMORY_BYTES:
            self._kept.popitem(last=False)
        return self._kept[place]

    def maps(self, network: int, picture: int, layer: Layer) -> tuple[np.ndarray, list[int]]:
        """Return the maps of a layer, `(height, width, channels)`, and its channels by strength."""
        activations = self.activations(network, picture)
        channels = activations.top_channels(layer.name, layer.shape[-1])
        return activations[layer.name], [channel.number for channel in channels]

    def fields(self, layer: Layer) -> dict[str, Any]:
        """Return what the units of a layer see of the picture, ready for JSON.

        `size` is the receptive field's height and width; `rows` and `columns` are the first and the
        last pixel that units of each row and column see. Where that is not known, `unknown` says
        why.
        """
        if layer.name not in self._fields:
            try:
                found = receptive_fields(self.networks[0], layer.name)
            except ArgumentError as error:
                self._fields[layer.name] = {"unknown": error.what}
            else:
                down = [found.at((row, 0)) for row in range(layer.shape[0])]
                across = [found.at((0, column)) for column in range(layer.shape[1])]
                self._fields[layer.name] = {
                    "size": list(down[0].size),
                    "rows": [[x.rectangle.top, x.rectangle.bottom - 1] for x in down],
                    "columns": [[x.rectangle.left, x.rectangle.right - 1] for x in across],
                }
        return self._fields[layer.name]

    def pixels(self, picture: int) -> np.ndarray:
        """Return a picture as the networks get it, `(height, width, 3)` uint8."""
        pixels = self.networks[0].pixels(self._sources[picture])[0]
        rgb = np.broadcast_to(pixels, (*pixels.shape[:2], 3))
        return np.clip(np.rint(rgb), 0, 255).astype(np.uint8)


def _is_wide(layer: Layer) -> bool:
    """Tell whether a layer answers with maps of more than one unit."""
    return layer.is_map and layer.shape[0] * layer.shape[1] > 1


def _nothing_to_show(chosen: Sequence[Layer], networks: Sequence[Network]) -> ArgumentError:
    if not chosen:
        return ArgumentError(
            "The argument 'layers' chooses no layer with feature maps.",
            expected="one or more of: " + ", ".join(layer.name for layer in networks[0].maps),
        )
    one, other = networks
    return ArgumentError(
        "The argument 'compare' is a network without a layer in common.",
        expected=f"layers as of '{one.name}', for pictures of {one.input_shape[:2]} pixels",
        received=f"'{other.name}', for pictures of {other.input_shape[:2]} pixels, with layers "
        + ", ".join(layer.name for layer in other.maps)[:200],
    )
