"""What a picture file says of itself before a pixel is decoded; the whole picture made small."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image

from tlcourse.data.decode import open_picture

_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF")
_SIDEWAYS = (5, 6, 7, 8)
_TIFF_BITS = 258


@dataclass(frozen=True)
class Header:
    """The head of a picture file.

    Attributes
    ----------
    format : str
        What the content is, whatever the name says: `"JPEG"`, `"PNG"`, `"GIF"`, `"BMP"`, `"WEBP"`
        or `"TIFF"`.
    mode : str
        Pillow's word for how colours are stored: `"RGB"`, `"L"`, `"P"`, `"CMYK"`, …
    bits : int
        Per channel: 1 to 32.
    width, height : int
        In pixels, of the upright picture.
    orientation : int
        EXIF's number, 1 (upright) to 8.
    frames : int
        1, or more for what moves or has several pages.
    transparent : bool
        Whether the file has an alpha channel or a colour that counts as transparent.

    """

    format: str
    mode: str
    bits: int
    width: int
    height: int
    orientation: int
    frames: int
    transparent: bool


def read_header(data: bytes) -> Header | None:
    """Return the head of a picture file, or None where the bytes begin like no picture.

    A header may be whole although the picture behind it is not: only `open_picture` can tell.
    """
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            return _header(image, data)
    except Exception:  # plugins raise whatever damaged bytes make them stumble over
        return None


def open_whole(data: bytes, header: Header, side: int) -> np.ndarray:
    """Return the whole picture, its shorter side reduced to `side` pixels where it is longer.

    The pixels come from `open_picture`, and with them its contract: upright RGB, and a large JPEG
    file decoded at a fraction of its size.

    Parameters
    ----------
    data
        The bytes of the file.
    header
        What `read_header` returned for them.
    side
        In pixels. Smaller pictures keep their size. The longer side is at most 16 times `side`:
        beyond, the centre alone is shown.

    Returns
    -------
    np.ndarray
        `(height, width, 3)` uint8.

    Raises
    ------
    PictureError
        When the picture is not whole.

    """
    scale = min(1.0, side / min(header.width, header.height))
    height, width = (max(1, round(s * scale)) for s in (header.height, header.width))
    return open_picture(data, (min(height, 16 * side), min(width, 16 * side)))


def _header(image: Image.Image, data: bytes) -> Header:
    orientation = _orientation(image)
    width, height = image.size[::-1] if orientation in _SIDEWAYS else image.size
    kind = image.format or ""
    return Header(
        format="JPEG" if kind == "MPO" else kind,  # a JPEG file with more pictures behind the first
        mode=image.mode,
        bits=_bits(image, data),
        width=width,
        height=height,
        orientation=orientation,
        frames=1 if kind in ("JPEG", "MPO") else getattr(image, "n_frames", 1),
        transparent=image.has_transparency_data,
    )


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # damaged EXIF data: `open_picture` ignores it too
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _bits(image: Image.Image, data: bytes) -> int:
    """Return the bits of a channel; Pillow's mode is RGB for PNG and TIFF files of 16 bits too."""
    if image.format == "PNG":
        return data[24]
    if image.format == "TIFF":
        stored = image.tag_v2.get(_TIFF_BITS, (8,))  # type: ignore[attr-defined]
        return int(max(stored)) if isinstance(stored, tuple) else int(stored)
    return 8
