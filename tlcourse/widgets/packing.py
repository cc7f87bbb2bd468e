"""Feature maps as bytes for the browser: whole numbers, and the range that they stand for.

A map of floats takes four bytes a unit, and a PNG of each must be encoded. Whole numbers of 16 bits
with the lowest and highest value of each channel are half of that, exact to 1/131,070 of the
channel's range, and painted as they are; 8 bits are for what is saved with a notebook.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence

import numpy as np
from PIL import Image

from tlcourse.errors import DataError
from tlcourse.inside import Scale, encode_picture
from tlcourse.widgets.shell import Answer

STORED_SIDE = 56
"""Units a side of maps that are saved with a notebook, at most."""

# Channels, and the share of a side, that are kept; what is given up, step by step, where the bytes
# do not suffice.
_STEPS = (
    (64, 1), (32, 1), (32, 0.7), (16, 0.7), (16, 0.5), (8, 0.5), (4, 0.5), (2, 0.25), (1, 0.125),
)  # fmt: skip

_QUALITY = 85


def pack_maps(maps: np.ndarray, order: Sequence[int], bits: int = 16) -> Answer:
    """Return all maps of a layer, for a browser that asks.

    Parameters
    ----------
    maps
        `(height, width, channels)` floats.
    order
        All channels, strongest first.
    bits
        16 or 8 for each unit.

    Returns
    -------
    Answer
        Bytes of the lowest and highest value of each channel (float32), then the units of each
        channel, row by row; the record says how many.

    Raises
    ------
    DataError
        When some values are no numbers.

    """
    channels = np.arange(maps.shape[-1])
    return _packed(maps, channels, order, bits, _whole_range(maps))


def pack_stored(
    layers: Sequence[tuple[np.ndarray, Sequence[int]]], limit: int, *, side: int = STORED_SIDE
) -> list[Answer]:
    """Return several layers so small that together they fit in a saved notebook.

    The strongest channels of each are kept, with 8 bits a unit, and compressed. Where the bytes do
    not suffice, there are fewer channels, and fewer units.

    Parameters
    ----------
    layers
        Maps and order of each, as for `pack_maps`.
    limit
        The most bytes, all together.
    side
        The most units a side; larger maps become means of the units that fall together.

    Returns
    -------
    list of Answer
        One a layer; none at all where even the smallest do not fit.

    Raises
    ------
    DataError
        When some values are no numbers.

    """
    for count, share in _STEPS:
        longest = max(1, round(side * share))
        packed = [_stored(maps, order, count, longest) for maps, order in layers]
        if sum(len(answer.data) for answer in packed) <= limit:
            return packed
    return []


def pack_picture(pixels: np.ndarray, *, stored: bool = False) -> Answer:
    """Return a `(height, width, 3)` uint8 picture as a file that a browser opens.

    PNG, so that its pixels are those that the network gets; JPEG, a fifth of that, where it is
    `stored` with a notebook.
    """
    if not stored:
        return Answer({"type": "image/png", "complete": True}, encode_picture(pixels))
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "JPEG", quality=_QUALITY)
    return Answer({"type": "image/jpeg", "complete": True}, data.getvalue())


def _stored(maps: np.ndarray, order: Sequence[int], count: int, side: int) -> Answer:
    channels = np.asarray(order[:count])
    small = shrink(maps[..., channels], side)
    record, data = _packed(small, channels, order, 8, _whole_range(maps))
    return Answer({**record, "deflated": True}, zlib.compress(data, 9))


def shrink(maps: np.ndarray, side: int) -> np.ndarray:
    """Return `(h, w, channels)` maps with no side above `side`, by means of neighbouring units."""
    height, width = maps.shape[:2]
    if max(height, width) <= side:
        return maps
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    planes = [
        Image.fromarray(np.ascontiguousarray(plane, np.float32)).resize(size, Image.Resampling.BOX)
        for plane in np.moveaxis(maps, -1, 0)
    ]
    return np.stack([np.asarray(plane) for plane in planes], axis=-1)


def _packed(
    maps: np.ndarray,
    channels: np.ndarray,
    order: Sequence[int],
    bits: int,
    whole_range: tuple[float, float],
) -> Answer:
    planes = np.ascontiguousarray(np.moveaxis(maps, -1, 0), np.float32)
    count, height, width = planes.shape
    low, high = planes.min(axis=(1, 2)), planes.max(axis=(1, 2))
    top = 2**bits - 1
    spread = np.where(high > low, high - low, 1)
    units = np.rint((planes - low[:, None, None]) * (top / spread)[:, None, None])
    record = {
        "count": count,
        "height": height,
        "width": width,
        "bits": bits,
        "range": list(whole_range),
        "order": [int(channel) for channel in order],
        "channels": [int(channel) for channel in channels],
    }
    limits = np.stack([low, high], axis=1).astype("<f4")
    return Answer(record, limits.tobytes() + units.astype(f"<u{bits // 8}").tobytes())


def _whole_range(maps: np.ndarray) -> tuple[float, float]:
    low, high = float(maps.min()), float(maps.max())
    if not np.isfinite([low, high]).all():
        raise DataError(
            "The layer answers with values that are no finite numbers.",
            expected="finite numbers",
            received=f"{int((~np.isfinite(maps)).sum()):,} of {maps.size:,} are not",
            todo="Look at its weights: training may have gone astray.",
        )
    return low, high


def palettes() -> list[str]:
    """Return the colours of maps from 0 on, and of those with both signs: "rrggbb" for each."""
    return [Scale(low, 1).palette().tobytes().hex() for low in (0, -1)]
