"""The kernels of a layer: what it has learned to look for."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from tlcourse.errors import ArgumentError, must_be_whole
from tlcourse.inside.calling import call
from tlcourse.inside.choosing import CONVOLUTIONS, one_layer
from tlcourse.inside.graph import Layer
from tlcourse.inside.network import Model, Network, open_network


@dataclass(frozen=True, eq=False, repr=False)
class Kernels:
    """The kernels of one layer.

    Attributes
    ----------
    layer : Layer
        The layer.
    values : np.ndarray
        `(height, width, channels in, kernels)` float32, as learned. For a depthwise layer, where
        each kernel looks at one channel, `(height, width, 1, kernels)`.
    colours : np.ndarray or None
        `(height, width, 3, kernels)` float32 for a layer that looks at the picture itself: by how
        much the answer grows with each level, 0 to 255, of red, green and blue. The order of the
        colours and their scaling in the preprocessing are accounted for.

    """

    layer: Layer
    values: np.ndarray
    colours: np.ndarray | None

    def __len__(self) -> int:
        return self.values.shape[3]

    @cached_property
    def norms(self) -> np.ndarray:
        """The Euclidean norm of each kernel, `(kernels,)` float64."""
        return np.sqrt((self.values.astype(np.float64) ** 2).sum(axis=(0, 1, 2)))

    @property
    def order(self) -> np.ndarray:
        """The numbers of the kernels, largest norm first, `(kernels,)` int."""
        return np.argsort(-self.norms, kind="stable")

    def strongest_inputs(self, kernel: int, n: int = 8) -> np.ndarray:
        """Return the input channels to which a kernel gives most weight, `(n,)` int."""
        must_be_whole("kernel", kernel, 0, len(self) - 1)
        part = self.values[..., kernel].astype(np.float64)
        return np.argsort(-(part**2).sum(axis=(0, 1)), kind="stable")[:n]

    def pictures(self, scaling: Literal["shared", "channel"] = "shared") -> np.ndarray:
        """Return the kernels of a first layer as small RGB pictures.

        Parameters
        ----------
        scaling
            `"shared"`: the largest weight of all kernels is full colour, so that weak kernels are
            pale; `"channel"`: each kernel's own largest weight is.

        Returns
        -------
        np.ndarray
            `(kernels, height, width, 3)` uint8. Middle grey, 128, is weight 0; lighter in a colour:
            the more of it, the stronger the answer; darker: the weaker.

        Raises
        ------
        ArgumentError
            When the layer does not look at the picture itself.

        """
        if self.colours is None:
            raise ArgumentError(
                f"The kernels of '{self.layer.name}' have no colours.",
                expected="a layer that looks at the red, green and blue of the picture itself",
                received=f"{self.values.shape[2]} input channels, the answers of other layers",
                todo="show_kernels(model, layer) draws them channel by channel.",
            )
        kernels = np.moveaxis(self.colours, 3, 0)
        axes = None if scaling == "shared" else (1, 2, 3)
        largest = np.abs(kernels).max(axis=axes, keepdims=True)
        share = kernels / np.where(largest > 0, largest, 1)
        return np.rint(128 + 127 * share).astype(np.uint8)

    def __repr__(self) -> str:
        height, width, channels, count = self.values.shape
        seen = "the colours of the picture" if self.colours is not None else f"{channels} channels"
        return (
            f"Kernels of {self.layer.name}: {count} of {height} × {width} on {seen}, "
            f"norms {self.norms.min():.3g} to {self.norms.max():.3g}"
        )


def kernels(model: Model, layer: str | Layer) -> Kernels:
    """Return the kernels of a convolution.

    Parameters
    ----------
    model
        A `Backbone`, a `Classifier`, a functional or Sequential Keras model, or a `Network`.
    layer
        The name of a `Conv2D`, `DepthwiseConv2D`, `SeparableConv2D` (its depthwise part) or
        `Conv2DTranspose` layer.

    Notes
    -----
    How the first layer's inputs depend on red, green and blue is measured: pictures of one colour
    go through what stands before it. A bare Keras model whose pixels are prepared outside of it,
    such as `keras.applications.VGG16()`, is taken as it stands: what it wants in BGR order is shown
    as if it were RGB. In a `Backbone` the preparation is part of the model.

    Raises
    ------
    ArgumentError
        When there is no such layer, or it has no kernels; the message lists those that have.

    """
    network = open_network(model)
    found = one_layer(network, layer)
    if found.kind not in CONVOLUTIONS:
        having = [x.name for x in network.layers if x.kind in CONVOLUTIONS]
        raise ArgumentError(
            f"The layer '{found.name}' of '{network.name}' has no kernels.",
            expected="one of: " + ", ".join(having),
            received=f"{found.name} ({found.kind})",
        )
    values = _values(found)
    colours = None
    if found.kind == "Conv2D" and _sees_pixels(network, found):
        by_colour = _response_to_colours(network, found)
        if values.shape[2] == len(by_colour):
            colours = np.einsum("hwif,ic->hwcf", values, by_colour).astype(np.float32)
    return Kernels(found, values, colours)


def _values(layer: Layer) -> np.ndarray:
    """Return the kernel as `(height, width, channels in, kernels)`."""
    array = np.asarray(layer.weights[0], np.float32)
    if layer.kind in ("DepthwiseConv2D", "SeparableConv2D"):
        return array.reshape(*array.shape[:2], 1, -1)
    if layer.kind == "Conv2DTranspose":
        return array.transpose(0, 1, 3, 2)
    return array


class _Pixels:
    """Stands in a walk for values that come straight from the picture."""


class _Learned:
    """Stands in a walk for values in which learned weights have had a part."""


def _sees_pixels(network: Network, layer: Layer) -> bool:
    """Tell whether nothing with learned kernels stands between the picture and a layer."""
    import keras

    found: list[bool] = []

    def visit(here: Layer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        inputs = keras.tree.flatten((args, kwargs))
        raw = not any(isinstance(x, _Learned) for x in inputs)
        if here is layer:
            found.append(raw)
        fixed = here.parameters == 0 or here.kind in ("Normalization", "BatchNormalization")
        return _Pixels() if raw and fixed else _Learned()

    network.walk(_Pixels(), visit)
    return found[0]


class _Found(Exception):  # noqa: N818 - a way out of the graph, no error
    """The input of the layer has been reached."""


def _response_to_colours(network: Network, layer: Layer) -> np.ndarray:
    """Return by how much each input channel of a layer grows with a level of each colour.

    Returns
    -------
    np.ndarray
        `(channels, 3)`: a reversed unit matrix for a network in BGR order. Of a grey network,
        `(channels, 1)` is spread evenly over the three colours.

    """
    import keras

    height, width, colours = network.input_shape
    # Middle grey, and a step further in each colour: what is linear gives exact differences.
    levels = np.vstack([np.zeros(colours), np.eye(colours)]) + 128
    pixels = np.broadcast_to(levels[:, None, None], (colours + 1, height, width, colours))
    reached: list[np.ndarray] = []

    def visit(here: Layer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if here is layer:
            values = np.asarray(args[0], np.float64)
            reached.append(values[:, values.shape[1] // 2, values.shape[2] // 2])
            raise _Found
        return call(here.operation, args, kwargs)

    with contextlib.suppress(_Found):
        network.walk(keras.ops.convert_to_tensor(pixels, dtype="float32"), visit)
    steps = (reached[0][1:] - reached[0][0]).T
    return steps if colours == 3 else np.repeat(steps / 3, 3, axis=1)
