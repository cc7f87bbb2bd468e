"""`explore_convolution`: a kernel to edit, and what it makes of a picture."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import traitlets
from PIL import Image

from tlcourse.backbones import Backbone
from tlcourse.data import open_picture
from tlcourse.errors import ArgumentError, must_be, must_be_whole
from tlcourse.figures import Figure
from tlcourse.inside import KERNELS, convolve, kernels, open_network, pool
from tlcourse.inside.choosing import CONVOLUTIONS
from tlcourse.inside.sheets import contact_sheet
from tlcourse.widgets.pictures import offered
from tlcourse.widgets.shell import Answer, Shell

if TYPE_CHECKING:
    from tlcourse.data import PictureSource

_MOST_SIDE = 7
_MOST_LEARNED = 32
_POOLING = ["none", *(f"{mode} {side}" for mode in ("max", "average") for side in (2, 3, 4))]
_PADDING = ["valid", "same", *map(str, range(1, 9))]
_STILLS = ("Gaussian blur", "sharpen", "Sobel, vertical edges", "Sobel, horizontal edges")


class Preset(NamedTuple):
    """A kernel to begin with, `[row][column][channel]`, its bias, and what it does."""

    kernel: list[list[list[float]]]
    bias: float
    description: str


class ConvolutionExplorer(Shell):
    """A convolution whose every number can be changed; made by `explore_convolution`.

    It is computed in the browser, with or without a kernel, and the same by `result`.

    Attributes
    ----------
    kernel : list
        `[row][column][channel]`: of one channel for the grey picture, of three for its colours.
    bias : float
        Added to each output.
    stride, dilation : int
        1 to 8, for rows and columns.
    padding : str
        `"valid"`, `"same"`, or the number of zeros on each side, `"1"` to `"8"`.
    relu : bool
        Whether what is negative becomes 0.
    pooling : str
        `"none"`, `"max 2"`, `"average 3"` and the like, with 2 to 4 for the window's side.
    brightness : str
        What black and white stand for: `"range"`, `"pixels"` or `"zero"`.
    row, column : int
        The output whose sum is written out.

    """

    kernel = traitlets.List().tag(sync=True)
    bias = traitlets.Float(0.0).tag(sync=True)
    stride = traitlets.Int(1, min=1, max=8).tag(sync=True)
    dilation = traitlets.Int(1, min=1, max=8).tag(sync=True)
    padding = traitlets.Enum(_PADDING, "valid").tag(sync=True)
    relu = traitlets.Bool(False).tag(sync=True)
    pooling = traitlets.Enum(_POOLING, "none").tag(sync=True)
    brightness = traitlets.Enum(["range", "pixels", "zero"], "range").tag(sync=True)
    row = traitlets.Int(0, min=0).tag(sync=True)
    column = traitlets.Int(0, min=0).tag(sync=True)

    def __init__(self, pixels: np.ndarray, name: str, presets: Mapping[str, Preset]) -> None:
        self._colours = pixels
        self._grey = np.asarray(Image.fromarray(pixels).convert("L"))
        data = zlib.compress(self._colours.tobytes() + self._grey.tobytes(), 9)
        about = {
            "name": name,
            "size": pixels.shape[:2],
            "presets": [{"name": name, **preset._asdict()} for name, preset in presets.items()],
        }
        first = presets["Sobel, vertical edges"]
        super().__init__(
            about,
            {"pixels": Answer({"deflated": True}, data)},
            _sheet(self._grey, name),
            view="convolution",
            kernel=first.kernel,
            bias=first.bias,
            row=pixels.shape[0] // 2,
            column=pixels.shape[1] // 2,
        )

    @traitlets.validate("kernel")
    def _check_kernel(self, proposal: dict[str, Any]) -> list[list[list[float]]]:
        try:
            numbers = np.array(proposal["value"], np.float64)
        except (TypeError, ValueError):
            numbers = np.zeros(())
        sides = numbers.shape
        if len(sides) != 3 or sides[0] != sides[1] or not 1 <= sides[0] <= _MOST_SIDE:
            fits = False
        else:
            fits = sides[2] in (1, 3) and bool(np.isfinite(numbers).all())
        if not fits:
            raise ArgumentError(
                "The kernel does not fit.",
                expected="finite numbers [row][column][channel]: 1 to 7 rows, as many columns, and "
                "1 channel for the grey picture or 3 for its colours",
                received=f"shape {sides}: {proposal['value']!r}"[:200],
            )
        return numbers.tolist()

    @property
    def picture(self) -> np.ndarray:
        """The picture that is convolved: `(height, width)` or `(height, width, 3)` uint8."""
        return self._grey if len(self.kernel[0][0]) == 1 else self._colours

    @property
    def result(self) -> np.ndarray:
        """What the browser shows, computed here: `(h, w)` float32.

        Raises
        ------
        ArgumentError
            When the kernel, or the window of the pooling, does not fit into the picture.

        """
        padding = int(self.padding) if self.padding.isdecimal() else self.padding
        output = convolve(
            np.atleast_3d(self.picture),
            np.array(self.kernel),
            self.stride,
            padding,
            self.dilation,
            bias=self.bias,
            relu=self.relu,
        )
        if self.pooling == "none":
            return output
        mode, side = self.pooling.split()
        return pool(output, int(side), mode="max" if mode == "max" else "average")


def explore_convolution(
    picture: PictureSource, backbone: Backbone | None = None, *, side: int = 128
) -> ConvolutionExplorer:
    """Show what a kernel makes of a picture; every number of it can be changed.

    Everything is computed in the browser, as `tlcourse.inside.convolve` and `pool` do, so that it
    also works on a page without a kernel. For one pixel of the result the sum is written out.

    Parameters
    ----------
    picture
        Anything that `open_picture` takes; its centre square is used, in grey or in colour.
    backbone
        Whose first kernels can be chosen, beside those of picture editors.
    side
        Height and width of the picture, 16 to 224 pixels.

    Returns
    -------
    ConvolutionExplorer
        A widget; its settings can be read and set, and `explorer.result` is what it shows.

    Raises
    ------
    ArgumentError
        When `side` is out of range, or the backbone's first layer has kernels above 7 x 7.
    PictureError
        When the picture cannot be read.

    References
    ----------
    V. Dumoulin and F. Visin (2016). A guide to convolution arithmetic for deep learning.
    arXiv:1603.07285.

    """
    must_be_whole("side", side, 16, 224)
    sources, names = offered(picture)
    presets = {
        name: Preset(
            preset.values[..., None].tolist(),
            0.0,
            _sentence(preset.description),
        )
        for name, preset in KERNELS.items()
    }
    if backbone is not None:
        must_be("backbone", backbone, Backbone, 'Write backbone = tl.load_backbone("vgg16").')
        presets |= _learned(backbone)
    return ConvolutionExplorer(open_picture(sources[0], (side, side)), names[0], presets)


def _learned(backbone: Backbone) -> dict[str, Preset]:
    """Return the kernels of a network's first layer, for colours from 0 to 255."""
    network = open_network(backbone)
    layer = next(x for x in network.layers if x.kind in CONVOLUTIONS)
    found = kernels(network, layer)
    assert found.colours is not None  # the first convolution looks at the picture
    if max(found.colours.shape[:2]) > _MOST_SIDE:
        raise ArgumentError(
            f"The first kernels of '{backbone.name}' are too large to be edited.",
            expected=f"at most {_MOST_SIDE} x {_MOST_SIDE}",
            received="{} x {}".format(*found.colours.shape[:2]),
        )
    learned = layer.weights[1] if len(layer.weights) > 1 else np.zeros(len(found))
    # What the network adds to a pixel before the kernel comes to the same for all pixels.
    offset = np.array(backbone.preprocessing.offset, np.float64)
    biases = learned + np.einsum("ijcf,c->f", found.values.astype(np.float64), offset)
    described = (
        f"Kernel {{}} of {layer.name} in {backbone.name}, as learned, in three digits, for red, "
        "green and blue from 0 to 255; the bias holds what the preprocessing adds."
    )
    return {
        f"{backbone.name}, kernel {number}": Preset(
            _rounded(found.colours[..., number]), float(f"{biases[number]:.3g}"),
            described.format(number),
        )
        for number in found.order[:_MOST_LEARNED]
    }  # fmt: skip


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _rounded(numbers: np.ndarray) -> list[list[list[float]]]:
    """Return a kernel in three digits, so that they fit into their fields."""
    return np.array([float(f"{x:.3g}") for x in numbers.flat]).reshape(numbers.shape).tolist()


def _sheet(grey: np.ndarray, name: str) -> Figure:
    """Return what some kernels make of the picture, for where no script runs."""
    results = [np.clip(convolve(grey, kernel, padding="same"), 0, 255) for kernel in _STILLS]
    tiles = [np.repeat(x[..., None], 3, 2).astype(np.uint8) for x in (grey, *results)]
    return contact_sheet(
        tiles,
        [name, *_STILLS],
        "A picture, and what some kernels make of it (below 0 is black)",
        f"The picture {name} in grey, and convolved with these kernels: {'; '.join(_STILLS)}. "
        "Where this notebook runs, and on a page with scripts, the kernel can be changed.",
        columns=5,
    )
