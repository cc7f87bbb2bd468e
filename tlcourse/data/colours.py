"""From every way in which files store colours to 8-bit RGB."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms


def to_rgb(image: Image.Image) -> Image.Image:
    """Return a loaded picture of any Pillow mode as mode `RGB`.

    - Transparent pixels show white, as on paper.
    - 16-bit grey keeps its upper 8 bits: 0..65535 becomes 0..255 for every picture alike, as Pillow
      does with 16-bit colour.
    - 32-bit integers and floats have no agreed range. Floats within 0..1 become 0..255; for all
      others the picture's own minimum and maximum do. What is not a number becomes black.
    - CMYK with a colour profile goes through it to sRGB, since the plain formula is a guess at
      what ink looks like. Profiles of RGB and grey pictures are ignored: networks were trained on
      the values as they lie in the file.
    """
    if image.mode == "CMYK":
        return _from_inks(image)
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode in ("I", "F"):
        image = Image.fromarray(_spread(np.asarray(image, np.float64)))
    if image.has_transparency_data and not _has_16_bit_key(image):
        return _on_white(image.convert("RGBA"))
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_inks(image: Image.Image) -> Image.Image:
    """Return a CMYK picture as RGB, by its profile where that can be used."""
    profile = image.info.get("icc_profile")
    if profile:
        try:
            inks = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                image, inks, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError, ImportError):
            pass  # a damaged profile, or one of another kind of picture: the formula is left
        else:
            if converted is not None:
                return converted
    return image.convert("RGB")


def _spread(values: np.ndarray) -> np.ndarray:
    """Return float64 `(height, width)` of any range as uint8."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return np.zeros(values.shape, np.uint8)
    low, high = float(finite.min()), float(finite.max())
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    known = np.nan_to_num(values, nan=low, posinf=high, neginf=low)
    return np.rint((known - low) * (255 / ((high - low) or 1))).astype(np.uint8)


def _has_16_bit_key(image: Image.Image) -> bool:
    """Tell whether the one transparent colour of a PNG is given in 16 bits, of which 8 are left."""
    key = image.info.get("transparency")
    colours = key if isinstance(key, tuple) else (key,)
    return image.mode in ("L", "RGB") and any(isinstance(c, int) and c > 255 for c in colours)


def _on_white(image: Image.Image) -> Image.Image:
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image)
    return paper.convert("RGB")
