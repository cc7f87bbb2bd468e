"""The one decoder: training, prediction, widgets and tests see the same pixels.

The contract of the course: upright, 8-bit RGB, the centre of the picture in the wanted shape,
resized with Pillow's bicubic filter, which smooths where it shrinks.
"""

from __future__ import annotations

import io
import operator
import os
import warnings
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from PIL import (
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from tlcourse.data.colours import to_rgb
from tlcourse.data.reading import UnreadableError, content, no_picture, refusal, shown
from tlcourse.errors import ArgumentError

PictureSource: TypeAlias = str | os.PathLike[str] | bytes | Image.Image | np.ndarray

DECODER_VERSION = "1"
"""Changes whenever the same file would give other pixels: part of the key of cached features."""

MAX_PIXELS = 120_000_000
"""Cameras reach 108 million; a header that promises more is taken for a decompression bomb."""

# The plugins by name, in place of `Image.open`: only the formats that the course promises, no other
# parser, and a limit on pixels that does not move with `PIL.Image.MAX_IMAGE_PIXELS` (those of GIF,
# TIFF and WebP keep to twice that one as well).
_PLUGINS: tuple[tuple[bytes, Callable[[io.BytesIO], ImageFile.ImageFile]], ...] = (
    (b"\xff\xd8\xff", JpegImagePlugin.JpegImageFile),
    (b"\x89PNG\r\n\x1a\n", PngImagePlugin.PngImageFile),
    (b"GIF87a", GifImagePlugin.GifImageFile),
    (b"GIF89a", GifImagePlugin.GifImageFile),
    (b"RIFF", WebPImagePlugin.WebPImageFile),
    (b"II*\0", TiffImagePlugin.TiffImageFile),
    (b"MM\0*", TiffImagePlugin.TiffImageFile),
    (b"II+\0", TiffImagePlugin.TiffImageFile),
    (b"MM\0+", TiffImagePlugin.TiffImageFile),
    (b"BM", BmpImagePlugin.BmpImageFile),
)

_BOMB = "Make it smaller, or take it out if nobody knows where it comes from."

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)

# Pillow warns of odd metadata, which does not touch the pixels. Once, for the whole process:
# `warnings.catch_warnings` is not safe in the threads that decode.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.(Tiff|Png)ImagePlugin")


def open_picture(source: PictureSource, size: tuple[int, int] | None = None) -> np.ndarray:
    """Return a picture as upright RGB pixels.

    Parameters
    ----------
    source
        A path, the bytes of a file, a Pillow image, or a uint8 array: `(height, width)` grey,
        `(height, width, 3)` RGB or `(height, width, 4)` RGBA. Of several frames or pages, the first
        is taken.
    size
        `(height, width)` in pixels. The largest centred part of that shape is taken and resized.
        Without it the picture keeps its own size.

    Returns
    -------
    np.ndarray
        `(height, width, 3)` uint8, 0..255, the caller's own. `tlcourse.data.colours.to_rgb` tells
        how transparency, 16 bits, inks and the rest become RGB.

    Raises
    ------
    PictureError
        When there is no whole picture to be had. `received` holds the reason. Whatever the bytes
        are, nothing else is raised.
    ArgumentError
        When `size` is no pair of positive whole numbers.

    Notes
    -----
    A JPEG file that is at least four times as large as needed is shrunk by 2, 4 or 8 while it is
    decoded, to no less than twice `size`: faster, and the same to the eye. A Pillow image or an
    array of the same picture is not, so it may differ by a few levels.

    Safe to call from several threads at once.

    """
    wanted = None if size is None else _checked(size)
    try:
        return _pixels(source, wanted)
    except UnreadableError as error:
        raise refusal(_name(source), error) from error.__cause__
    except MemoryError as error:
        reason = UnreadableError("a picture that does not fit into the memory", "Make it smaller.")
        raise refusal(_name(source), reason) from error
    except Exception as error:  # plugins raise whatever a damaged file makes them stumble over
        raise refusal(_name(source), _damage(error)) from error


def centre_box(width: int, height: int, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the largest centred part of a picture that has the shape of `size`.

    This is the `box` that `open_picture` gives to Pillow's `Image.resize`. Real neighbours from
    outside of it count at its edges, by a level or two.

    Parameters
    ----------
    width, height
        Of the picture, in pixels.
    size
        `(height, width)`, of which only the ratio matters.

    Returns
    -------
    tuple of int
        Left, top, right, bottom in pixels of the picture; at least one pixel wide and high.

    """
    tall, wide = size
    part_width = min(width, max(1, round(height * wide / tall)))
    part_height = min(height, max(1, round(width * tall / wide)))
    left, top = (width - part_width) // 2, (height - part_height) // 2
    return left, top, left + part_width, top + part_height


def _pixels(source: PictureSource, size: tuple[int, int] | None) -> np.ndarray:
    image = _opened(source)
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise UnreadableError(
            f"{width:,} × {height:,} pixels (the limit is {MAX_PIXELS:,} in all)",
            _BOMB,
        )
    shrunk = 1.0
    own = image is not source  # a caller's Pillow image stays as it is
    if size is not None and own and isinstance(image, JpegImagePlugin.JpegImageFile):
        shrunk = _shrink_while_decoding(image, size)
    image.load()
    orientation = _orientation(image)
    if orientation in _TURNS:
        image = image.transpose(_TURNS[orientation])
    if orientation in _SIDEWAYS:
        width, height = height, width
    image = to_rgb(image)
    if size is not None:
        left, top, right, bottom = (side / shrunk for side in centre_box(width, height, size))
        image = image.resize(size[::-1], Image.Resampling.BICUBIC, (left, top, right, bottom))
    return np.array(image)


def _opened(source: PictureSource) -> Image.Image:
    """Return a Pillow image of which a file's header is read, and no more."""
    if isinstance(source, Image.Image):
        return source
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if not isinstance(source, str | os.PathLike | bytes):
        raise UnreadableError(
            f"an object of type {type(source).__name__}",
            "Give a path, the bytes of a file, a Pillow image or a uint8 array.",
        )
    data = source if isinstance(source, bytes) else content(source)
    for signature, plugin in _PLUGINS:
        if data.startswith(signature):
            return plugin(io.BytesIO(data))
    raise no_picture(data[:64])


def _from_array(array: np.ndarray) -> Image.Image:
    """Return an array as a Pillow image."""
    grey = array.ndim == 2
    if array.dtype != np.uint8 or not (grey or (array.ndim == 3 and array.shape[2] in (3, 4))):
        raise UnreadableError(
            f"an array of shape {array.shape} and type {array.dtype}",
            "Give uint8 of shape (height, width, 3); multiply values in 0..1 by 255 and round.",
        )
    if array.size == 0:
        raise UnreadableError(f"an array of shape {array.shape}, without a pixel", "Check it.")
    return Image.fromarray(np.ascontiguousarray(array))


def _shrink_while_decoding(image: JpegImagePlugin.JpegImageFile, size: tuple[int, int]) -> float:
    """Ask libjpeg to leave out detail that resizing would average away; return by what factor.

    Twice the wanted size is kept, so that the last step stays the bicubic filter's.
    """
    height, width = size
    if _orientation(image) in _SIDEWAYS:
        width, height = height, width
    full_width = image.width
    drafted = image.draft(image.mode, (2 * width, 2 * height))
    return full_width / drafted[1][2] if drafted else 1.0


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1..8, or 1 where there is none or the EXIF data is nonsense."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # as many kinds as there are ways to damage EXIF data; the pixels may be fine
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _damage(error: Exception) -> UnreadableError:
    """Say in plain words what a plugin stumbled over."""
    if isinstance(error, Image.DecompressionBombError):  # a few plugins look before we can
        return UnreadableError(f"far too many pixels (the limit is {MAX_PIXELS:,} in all)", _BOMB)
    words = str(error) or type(error).__name__
    if "truncated" in words.lower():
        return UnreadableError("a file that is cut short: its end is missing")
    return UnreadableError(f"a damaged file ({words})")


def _name(source: PictureSource) -> str:
    if isinstance(source, str | os.PathLike):
        return shown(source)
    return {bytes: "from bytes", np.ndarray: "from an array"}.get(type(source), "from memory")


def _checked(size: tuple[int, int]) -> tuple[int, int]:
    """Return a size as two ints."""
    try:
        height, width = (operator.index(side) for side in size)
        if height > 0 and width > 0 and height * width <= MAX_PIXELS:
            return height, width
    except (TypeError, ValueError):
        pass
    raise ArgumentError(
        "The argument 'size' is no size of a picture.",
        expected="(height, width), two positive whole numbers",
        received=f"size={size!r}",
        todo="Write size=(224, 224), for example.",
    )
