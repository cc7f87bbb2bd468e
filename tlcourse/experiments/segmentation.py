"""A name for every place of a photograph, learned from a few places that a person has named.

The body is run on the whole photograph once. Each place of its feature maps has features of its
own, so a head can be trained on the named places and asked about all others. That a classification
network can be turned into one that names places is the idea of Long, Shelhamer and Darrell (2015),
'Fully convolutional networks for semantic segmentation'; that features of several depths are put
together for it, of Hariharan, Arbeláez, Girshick and Malik (2015), 'Hypercolumns for object
segmentation and fine-grained localization'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from tlcourse.data import PictureSource, open_picture
from tlcourse.data.tables import counted
from tlcourse.errors import ArgumentError, must_be
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.inside import record_activations
from tlcourse.training.fitting import fit_head

if TYPE_CHECKING:
    from tlcourse.backbones import Backbone

_STRIDES = (8, 16, 32)
"""Of the feature maps that are put together: pixels from one place to the next."""

Place = tuple[int, int]
"""Column and row of a pixel."""

_SHADES = (*PALETTE[:4], PALETTE[6], PALETTE[5])  # no two blues


@dataclass(frozen=True, eq=False, repr=False)
class Segmentation:
    """A photograph with a name for each pixel; shows itself as a figure.

    Attributes
    ----------
    photograph : np.ndarray
        `(height, width, 3)` uint8.
    names : tuple of str
    probabilities : np.ndarray
        `(height, width, len(names))` float32; those of a pixel sum to 1.
    places : dict
        From a name to the places that a person gave that name.
    parameters : int
        Numbers that the head has learned.

    """

    photograph: np.ndarray
    names: tuple[str, ...]
    probabilities: np.ndarray
    places: dict[str, tuple[Place, ...]]
    parameters: int

    @property
    def labels(self) -> np.ndarray:
        """`(height, width)` int64: which name is the likeliest, pixel by pixel."""
        return self.probabilities.argmax(axis=2)

    def shares(self) -> dict[str, float]:
        """Return the share of the photograph that has each name, 0..1."""
        counts = np.bincount(self.labels.ravel(), minlength=len(self.names)) / self.labels.size
        return dict(zip(self.names, counts.tolist(), strict=True))

    def draw(self) -> Figure:
        """Draw the photograph with the places that were named, and beside it, coloured, the rest.

        The borders between the names are drawn as lines too, for those who see colours otherwise.
        """
        height, width = self.labels.shape
        shades = [_SHADES[at % len(_SHADES)] for at in range(len(self.names))]
        colours = np.array([_rgb(shade) for shade in shades])
        grey = self.photograph.mean(axis=2, keepdims=True)
        mixed = 0.55 * grey + 0.45 * colours[self.labels]
        scale = 3.3 / max(height, width)
        with drawing(2 * width * scale + 0.2, height * scale + 0.6) as canvas:
            left, right = canvas.subplots(1, 2)
            left.imshow(self.photograph)
            right.imshow(np.rint(mixed).astype(np.uint8))
            for at, name in enumerate(self.names):
                columns, rows = zip(*self.places[name], strict=True)
                left.scatter(
                    columns, rows, s=34, color=shades[at], marker="osD^v"[at % 5],
                    edgecolors="white", label=name,
                )  # fmt: skip
                right.contour(self.labels == at, [0.5], colors="white", linewidths=0.8)
                right.text(
                    columns[0], rows[0], name, fontsize=9, ha="center", va="center",
                    bbox={"fc": "white", "ec": "none", "alpha": 0.75, "pad": 1.5},
                )  # fmt: skip
            for axes in (left, right):
                axes.set_axis_off()
            canvas.legend(loc="outside lower center", ncols=len(self.names))
            told = ", ".join(f"{name} {share:.0%}" for name, share in self.shares().items())
            return finish(
                canvas,
                f"On the left a photograph with {counted(self._named(), 'place')} that a person has"
                f" named; on the right every pixel of it named by the head: {told}.",
            )

    def _named(self) -> int:
        return sum(map(len, self.places.values()))

    def __repr__(self) -> str:
        told = ", ".join(f"{name} {share:.0%}" for name, share in self.shares().items())
        height, width = self.labels.shape
        return (
            f"{height:,} × {width:,} pixels named after {counted(self._named(), 'place')}, by a "
            f"head of {self.parameters:,} parameters: {told}"
        )


def segment(
    backbone: Backbone, photograph: PictureSource, places: Mapping[str, Sequence[Place]]
) -> Segmentation:
    """Train a head on a few named places of a photograph, and let it name all others.

    Parameters
    ----------
    backbone
        From `load_backbone`; with `input_size=448` it sees finer than with 224. The photograph is
        cut to its centre square.
    photograph
        Anything that `open_picture` takes.
    places
        From each name to places that bear it: pairs of column and row, in pixels of the square.

    Returns
    -------
    A `Segmentation` of the square.

    Raises
    ------
    ArgumentError
        When there are fewer than two names, or a place lies outside.
    PictureError
        When the photograph cannot be read.

    """
    from tlcourse.backbones import Backbone as AnyBackbone

    todo = 'Write backbone = tl.load_backbone("efficientnet_lite0", input_size=448) first.'
    must_be("backbone", backbone, AnyBackbone, todo)
    whole = open_picture(photograph)
    side = min(whole.shape[:2])
    square = open_picture(whole, size=(side, side))
    named = _checked(places, side)
    columns = _columns(backbone, square)
    grid = columns.shape[0]
    positions = [
        (row * grid // side, column * grid // side, label)
        for label, found in enumerate(named.values())
        for column, row in found
    ]
    learned = np.stack([columns[row, column] for row, column, _ in positions])
    head = fit_head("gap", learned, np.array([label for _, _, label in positions]))
    answers = head(columns.reshape(grid * grid, -1)).reshape(grid, grid, -1)
    probabilities = np.stack(
        [_enlarged(answers[..., at], side) for at in range(answers.shape[2])], axis=2
    )
    size = sum(layer.weights.size + layer.bias.size for layer in head.layers)
    probabilities = probabilities[..., : len(named)]
    return Segmentation(square, tuple(named), probabilities, named, size)


def _checked(places: Mapping[str, Sequence[Place]], side: int) -> dict[str, tuple[Place, ...]]:
    """Return the places as they should be, or raise an ArgumentError."""
    named = {
        str(name): tuple((int(column), int(row)) for column, row in found)
        for name, found in places.items()
    }
    if len(named) < 2 or not all(named.values()):
        raise ArgumentError(
            "The argument 'places' gives a head nothing to tell apart.",
            expected="two names or more, each with a place or more",
            received=", ".join(f"{name}: {len(found)}" for name, found in named.items()) or "none",
        )
    for name, found in named.items():
        for place in found:
            if not (0 <= place[0] < side and 0 <= place[1] < side):
                raise ArgumentError(
                    "A place lies outside of the photograph.",
                    expected=f"column and row from 0 to {side - 1}, of its centre square",
                    received=f"{name}: {place}",
                )
    return named


def _columns(backbone: Backbone, square: np.ndarray) -> np.ndarray:
    """Return `(grid, grid, features)` float32: maps of several depths, laid over each other.

    Each map is standardised and divided by the root of its channels, so that all count alike.
    """
    last = {
        backbone.input_size[0] // layer.output.shape[1]: layer.name
        for layer in backbone.network.layers
        if len(layer.output.shape) == 4
    }
    chosen = [last[stride] for stride in _STRIDES if stride in last]
    maps = record_activations(backbone, square, chosen)
    grid = max(maps[name].shape[0] for name in chosen)
    laid = []
    for name in chosen:
        values = np.asarray(maps[name], np.float32)
        spread = values.var(axis=(0, 1))
        values = (values - values.mean(axis=(0, 1))) / np.sqrt(spread + spread.mean() + 1e-12)
        channels = [_enlarged(values[..., at], grid) for at in range(values.shape[2])]
        laid.append(np.stack(channels, axis=2) / np.sqrt(np.float32(values.shape[2])))
    return np.concatenate(laid, axis=2)


def _enlarged(values: np.ndarray, side: int) -> np.ndarray:
    """Return a map of numbers at another size, interpolated."""
    image = Image.fromarray(np.ascontiguousarray(values, np.float32))
    return np.asarray(image.resize((side, side), Image.Resampling.BILINEAR))


def _rgb(colour: str) -> tuple[int, int, int]:
    """Return a colour as red, green and blue, 0..255."""
    number = int(colour.removeprefix("#"), 16)
    return number >> 16, number >> 8 & 255, number & 255
