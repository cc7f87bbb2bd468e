"""From a map of numbers to a small picture: scales, colours, and maps laid over pictures.

The colours are told apart with every kind of colour vision, and equal steps of the numbers look
equally large: cividis (Nuñez, Anderton and Renslow 2018, 'Optimizing colormaps with consideration
for color vision deficiency'); where there are negative numbers, blue over white to red (ColorBrewer
'RdBu': Harrower and Brewer 2003), with white at 0.
"""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np
from PIL import Image

from tlcourse.data import open_picture
from tlcourse.errors import ArgumentError

if TYPE_CHECKING:
    from tlcourse.data import PictureSource

Scaling: TypeAlias = Literal["shared", "channel"]

LEVELS = 224
"""How many colours a map is drawn in; a palette has 256, and letters need the others."""


class Scale(NamedTuple):
    """Which numbers are drawn in the first and in the last colour.

    With negative numbers on it, a scale is symmetrical about 0, and its colours diverge from white.
    """

    low: float
    high: float

    @property
    def diverges(self) -> bool:
        """Whether there are numbers of both signs on it."""
        return self.low < 0

    def levels(self, values: np.ndarray) -> np.ndarray:
        """Return each number's place in the palette, uint8, 0 to `LEVELS - 1`.

        What lies beyond the scale gets its first or last colour; what is no number, the first.
        """
        span = self.high - self.low
        share = (np.asarray(values, np.float32) - self.low) / (span if span > 0 else 1)
        share = np.nan_to_num(share, nan=0.0, posinf=1.0, neginf=0.0)
        return np.rint(share.clip(0, 1) * (LEVELS - 1)).astype(np.uint8)

    def palette(self) -> np.ndarray:
        """Return the colours from low to high, `(LEVELS, 3)` uint8."""
        return _palette("RdBu_r" if self.diverges else "cividis")

    def colours(self, values: np.ndarray) -> np.ndarray:
        """Return numbers as RGB colours, `(…, 3)` uint8."""
        return self.palette()[self.levels(values)]

    def __str__(self) -> str:
        return f"{short(self.low)} to {short(self.high)}"


def scale_of(values: np.ndarray) -> Scale:
    """Return the scale of an array: from 0 to its largest number, or as far to both sides of 0."""
    finite = np.asarray(values, np.float32)
    finite = finite[np.isfinite(finite)]
    low, high = float(finite.min(initial=0)), float(finite.max(initial=0))
    return Scale(-max(high, -low), max(high, -low)) if low < 0 else Scale(0.0, high)


def encode_map(values: np.ndarray, scale: tuple[float, float] | None = None) -> bytes:
    """Return one map of numbers as a PNG file of its own size, one pixel a number.

    Parameters
    ----------
    values
        `(height, width)`, numbers.
    scale
        Which numbers get the first and the last colour; by default `scale_of(values)`. Give the
        scale of a whole layer to several maps, so that they can be compared.

    Returns
    -------
    bytes
        A PNG file with a palette, a byte a pixel before compression: 3 kB or less for a map of
        56 × 56.

    Raises
    ------
    ArgumentError
        When `values` is no map.

    """
    values = as_map(values)
    own = scale_of(values) if scale is None else Scale(*scale)
    image = Image.fromarray(own.levels(values))
    image.putpalette(own.palette().tobytes())
    return as_png(image)


def overlay(
    picture: PictureSource,
    values: np.ndarray,
    *,
    opacity: float = 0.7,
    scale: tuple[float, float] | None = None,
) -> np.ndarray:
    """Lay a map over the picture that it is about.

    The picture turns grey, and the more colour lies on a place, the further its number is from 0:
    where the map is 0, the grey picture is left as it is.

    Parameters
    ----------
    picture
        Anything that `open_picture` takes. Hand over what the network saw, such as
        `open_picture(file, size=network.input_shape[:2])`, or map and picture do not match.
    values
        `(height, width)`, numbers, of any size; the map is enlarged to the picture, smoothly.
    opacity
        Of the colour at the largest number, 0 to 1.
    scale
        As for `encode_map`.

    Returns
    -------
    np.ndarray
        `(height, width, 3)` uint8, of the size of the picture.

    Raises
    ------
    ArgumentError
        When `values` is no map, or `opacity` is out of range.

    """
    if not 0 <= opacity <= 1:
        raise ArgumentError(
            "The argument 'opacity' is out of range.",
            expected="a number from 0 to 1",
            received=f"opacity={opacity!r}",
        )
    pixels = open_picture(picture).astype(np.float32)
    values = np.nan_to_num(np.asarray(as_map(values), np.float32))
    own = scale_of(values) if scale is None else Scale(*scale)
    height, width = pixels.shape[:2]
    enlarged = np.array(
        Image.fromarray(values).resize((width, height), Image.Resampling.BILINEAR), np.float32
    )
    grey = (pixels @ np.array([0.299, 0.587, 0.114], np.float32))[..., np.newaxis]  # BT.601
    furthest = max(abs(own.low), abs(own.high)) or 1.0
    strength = opacity * (np.abs(enlarged) / furthest).clip(0, 1)[..., np.newaxis]
    return np.rint(grey * (1 - strength) + own.colours(enlarged) * strength).astype(np.uint8)


def encode_picture(pixels: np.ndarray) -> bytes:
    """Return `(height, width, 3)` uint8 pixels as a PNG file."""
    return as_png(Image.fromarray(pixels))


def as_png(image: Image.Image) -> bytes:
    """Return a Pillow image as a PNG file."""
    buffer = io.BytesIO()
    image.save(buffer, "png")  # `optimize` would take 7 times as long and save 1%
    return buffer.getvalue()


def short(number: float) -> str:
    """Return a number in three digits, and a large one without an exponent: 0.0123, 2,480."""
    return f"{number:,.0f}" if 1000 <= abs(number) < 1e7 else f"{number:.3g}"


def percent(share: float) -> str:
    """Return a share in percent, in two digits where it is small: 37%, 3.2%, 0.018%."""
    return f"{100 * share:.0f}%" if share >= 0.1 or share == 0 else f"{100 * share:.2g}%"


def as_map(values: np.ndarray) -> np.ndarray:
    """Return a map `(height, width)` of numbers, or raise an ArgumentError."""
    array = np.asarray(values)
    if array.ndim != 2 or array.size == 0 or array.dtype.kind not in "biuf":
        raise ArgumentError(
            "This is no map.",
            expected="numbers of shape (height, width)",
            received=f"an array of shape {array.shape} and type {array.dtype}",
            todo='Take one channel: activations["block1_conv1"][:, :, 0].',
        )
    return array


@cache
def _palette(name: str) -> np.ndarray:
    import matplotlib

    colours = matplotlib.colormaps[name](np.linspace(0, 1, LEVELS))[:, :3]
    palette = np.rint(colours * 255).astype(np.uint8)
    palette.flags.writeable = False
    return palette
