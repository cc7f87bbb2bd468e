"""Whether a VGG-16 is the published one: the first numbers of each layer beside those in print."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tlcourse.data.tables import as_html, as_text, counted
from tlcourse.errors import ArgumentError
from tlcourse.inside import open_network
from tlcourse.inside.network import Model

PUBLISHED = {
    "block1_conv1": (0.42947057, 0.73429835),
    "block1_conv2": (0.16621928, -0.30912212),
    "block2_conv1": (-0.008902963, -0.04577766),
    "block2_conv2": (-0.0023012366, -0.06418542),
    "block3_conv1": (0.002486315, -0.074358866),
    "block3_conv2": (-0.0103266295, 0.019675018),
    "block3_conv3": (0.0024918285, 0.035415243),
    "block4_conv1": (-0.012453815, 0.013485669),
    "block4_conv2": (0.007116542, 0.023680462),
    "block4_conv3": (-0.0041355654, 0.03757768),
    "block5_conv1": (-0.0006068934, 0.09722325),
    "block5_conv2": (-0.0011261065, 0.21327873),
    "block5_conv3": (0.00040788297, 0.18837857),
}
"""Kernel[0, 0, 0, 0] and bias[0] of each layer, as prints on the web show them: of the first layer
those of Keras' own file, of the others those of the authors' model in MatConvNet's format
(`imagenet-vgg-verydeep-16`)."""

_DIGITS = 1e-7
"""As far as the prints go."""


@dataclass(frozen=True, eq=False, repr=False)
class PublishedComparison:
    """The first numbers of a VGG-16 beside the published ones; shows as a table.

    Attributes
    ----------
    network : str
    layers : tuple of str
    published, found : np.ndarray
        `(layers, 2)` float64: the first weight and the first bias.

    """

    network: str
    layers: tuple[str, ...]
    published: np.ndarray
    found: np.ndarray

    @property
    def agrees(self) -> np.ndarray:
        """`(layers,)` bool: whether both numbers are the published ones, to 7 decimals."""
        return (np.abs(self.published - self.found) <= _DIGITS).all(axis=1)

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        rows = [["layer", "first weight: in print", "here", "first bias: in print", "here", ""]]
        for name, printed, found, same in zip(
            self.layers, self.published, self.found, self.agrees, strict=True
        ):
            (weight, bias), (own_weight, own_bias) = printed, found
            numbers = [f"{x:.7f}" for x in (weight, own_weight, bias, own_bias)]
            rows.append([name, *numbers, "agrees" if same else "differs"])
        told = f"{int(self.agrees.sum())} of {counted(len(self.layers), 'layer')}"
        return f"{self.network} beside the published VGG-16: {told} agree", rows, []

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())


def compare_with_published(model: Model) -> PublishedComparison:
    """Compare a network's first weight and bias of each layer with those of VGG-16 in print.

    Two numbers a layer tell a network of the same shape with other weights apart, random or trained
    on. That *all* numbers are those of a certain file, only a hash tells.

    Parameters
    ----------
    model
        A `Backbone`, a `Classifier`, a Keras model or a `Network` with VGG-16's layers in it.

    Raises
    ------
    ArgumentError
        When it lacks one of the 13 convolutions.

    """
    network = open_network(model)
    there = {layer.name: layer for layer in network.layers}
    if missing := [name for name in PUBLISHED if name not in there]:
        raise ArgumentError(
            f"The network '{network.name}' is no VGG-16.",
            expected=f"the 13 layers {next(iter(PUBLISHED))} … {list(PUBLISHED)[-1]}",
            received=f"a network without {', '.join(missing)}",
            todo='Load it: tl.load_backbone("vgg16").',
        )
    found = []
    for name in PUBLISHED:
        kernel, bias = there[name].weights
        found.append((float(kernel[0, 0, 0, 0]), float(bias[0])))
    return PublishedComparison(
        network=network.name,
        layers=tuple(PUBLISHED),
        published=np.array(list(PUBLISHED.values()), np.float64),
        found=np.array(found, np.float64),
    )
