"""Pictures in the same light and of the same size: options, each to be looked at before use."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from PIL import Image

from tlcourse.data import PictureSource, open_picture
from tlcourse.errors import ArgumentError

LightMethod = Literal["contrast", "colour"]
Fit = Literal["crop", "letterbox"]

_MOST_GAIN = 2.0
_CLIP = 0.01
"""How much steeper than before the curve of a part of the picture may become: `clip_limit` of
scikit-image; a cautious value, above which noise of the camera becomes a pattern."""

_BORDER = 128


def normalise_light(picture: PictureSource, method: LightMethod = "contrast") -> np.ndarray:
    """Return a picture as if it had been taken in a common light.

    Parameters
    ----------
    picture
        Anything that `open_picture` takes.
    method
        `"contrast"`: contrast-limited adaptive histogram equalisation (CLAHE: Zuiderveld 1994) of
        the brightness (luma), in 8 x 8 parts of the picture. It opens shadows and haze, and leaves
        colours as they are. `"colour"`: the grey-world assumption (Buchsbaum 1980). On the average
        a scene is grey, so whatever tint the average has is the light's: each channel is multiplied
        so that their means, in linear light, are equal. Where a colour truly fills the picture, a
        meadow or the open sea, it is greyed out, though no channel changes by more than a
        factor of 2.

    Returns
    -------
    np.ndarray
        `(height, width, 3)` uint8, 0..255.

    Raises
    ------
    ArgumentError
        When there is no such method.
    PictureError
        When the picture cannot be read.

    """
    if method not in get_args(LightMethod):
        raise ArgumentError(
            "The argument 'method' names no way to normalise light.",
            expected="'contrast' or 'colour'",
            received=f"method={method!r}",
        )
    pixels = open_picture(picture)
    return _equalised(pixels) if method == "contrast" else _grey_world(pixels)


def normalise_size(
    picture: PictureSource, size: tuple[int, int] = (224, 224), fit: Fit = "crop"
) -> np.ndarray:
    """Return a picture of a given size.

    Parameters
    ----------
    picture
        Anything that `open_picture` takes.
    size
        `(height, width)` in pixels.
    fit
        `"crop"`: the largest centred part of that shape, as `open_picture` does everywhere in this
        course. `"letterbox"`: the whole picture, with grey (128) bars at two of its sides; for
        things that reach from edge to edge.

    Returns
    -------
    np.ndarray
        `(*size, 3)` uint8, 0..255; nothing is stretched.

    Raises
    ------
    ArgumentError
        When there is no such way to fit, or the size is none.
    PictureError
        When the picture cannot be read.

    """
    if fit not in get_args(Fit):
        raise ArgumentError(
            "The argument 'fit' names no way to fit a picture into a size.",
            expected="'crop' or 'letterbox'",
            received=f"fit={fit!r}",
        )
    if fit == "crop":
        return open_picture(picture, size)
    pixels = open_picture(picture)
    whole = open_picture(np.full((1, 1), _BORDER, np.uint8), size)
    shrink = min(size[0] / pixels.shape[0], size[1] / pixels.shape[1])
    height, width = (
        min(max(1, round(shrink * side)), limit)
        for side, limit in zip(pixels.shape[:2], size, strict=True)
    )
    resized = Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC)
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    whole[top : top + height, left : left + width] = np.asarray(resized)
    return whole


def _equalised(pixels: np.ndarray) -> np.ndarray:
    from skimage.exposure import equalize_adapthist

    luma, blue, red = Image.fromarray(pixels).convert("YCbCr").split()
    values = np.asarray(luma)
    if values.min() == values.max():  # nothing to equalise; scikit-image would make it black
        return pixels
    equalised = np.rint(255 * equalize_adapthist(values, clip_limit=_CLIP)).astype(np.uint8)
    merged = Image.merge("YCbCr", (Image.fromarray(equalised), blue, red))
    return np.array(merged.convert("RGB"))


def _grey_world(pixels: np.ndarray) -> np.ndarray:
    light = _to_light(np.arange(256) / 255)
    means = light[pixels].mean(axis=(0, 1))
    # A black picture has no tint, and a channel that is not there cannot be made up.
    gains = np.clip(means.mean() / np.maximum(means, 1e-6), 1 / _MOST_GAIN, _MOST_GAIN)
    tables = np.rint(255 * _from_light(np.minimum(light[:, None] * gains, 1))).astype(np.uint8)
    return np.stack([tables[pixels[..., channel], channel] for channel in range(3)], axis=-1)


def _to_light(values: np.ndarray) -> np.ndarray:
    """Return linear light, 0..1, for sRGB values in 0..1 (IEC 61966-2-1)."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _from_light(light: np.ndarray) -> np.ndarray:
    """Return sRGB values, 0..1, for linear light in 0..1."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
