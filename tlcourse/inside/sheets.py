"""Contact sheets: many small maps or pictures on one, with numbers and a colour bar."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from tlcourse.figures import Figure
from tlcourse.inside.maps import LEVELS, Scale

_GAP, _MARGIN = 8, 12
_LABEL_SIZE, _TITLE_SIZE = 12, 15
_LINE = 1.3
_LEAST_SIDE, _MOST_SIDE = 96, 160
"""In pixels: smaller tiles are enlarged, and larger ones shrunk, by whole factors."""

_LEAST_WIDTH = 460
_BAR = (180, 12)
_GREYS = 256 - LEVELS


def contact_sheet(
    tiles: Sequence[np.ndarray],
    labels: Sequence[str],
    title: str,
    alt: str,
    *,
    scale: Scale | None = None,
    ends: tuple[str, str] = ("", ""),
    columns: int = 8,
) -> Figure:
    """Put small maps or pictures on one sheet, row after row.

    Parameters
    ----------
    tiles
        All of the same size: maps as levels of a scale, `(height, width)` uint8, or pictures,
        `(height, width, 3)` uint8. Small ones are enlarged pixel by pixel; of large ones the mean
        of 2 × 2, 3 × 3, … pixels is drawn.
    labels
        A line or more for each tile.
    title
        Above them.
    alt
        What is to be seen, in words, with numbers.
    scale
        Of the maps, whose colours are drawn as a bar at the end; without it, `tiles` are pictures.
    ends
        What the first and the last colour of the bar stand for.
    columns
        How many stand in a row.

    Returns
    -------
    A `Figure`.

    """
    drawn = [_resized(tile) for tile in tiles]
    columns = min(columns, len(drawn))
    height, width = drawn[0].shape[:2]
    font = _font(_LABEL_SIZE)
    widest = max(int(font.getlength(line)) for text in labels for line in text.split("\n"))
    cell = max(width, widest) + _GAP
    lines = max(text.count("\n") + 1 for text in labels)
    below = int(lines * _LABEL_SIZE * _LINE) + _GAP
    rows = -(-len(drawn) // columns)
    wide = max(cell * columns, _LEAST_WIDTH) + 2 * _MARGIN
    heading = _wrapped(title, _font(_TITLE_SIZE), wide - 2 * _MARGIN)
    top = _MARGIN + int(len(heading) * _TITLE_SIZE * _LINE) + _GAP
    grid = rows * (height + below)
    bar = _BAR[1] + 2 * _GAP + int(_LABEL_SIZE * _LINE) if scale else 0
    text = Image.new("L", (wide, top + grid + bar + _MARGIN), 255)
    pen = ImageDraw.Draw(text)
    _write(pen, (_MARGIN, _MARGIN), heading, _TITLE_SIZE)
    places = []
    for number, label in enumerate(labels):
        row, column = divmod(number, columns)
        x, y = _MARGIN + column * cell, top + row * (height + below)
        places.append((x, y))
        _write(pen, (x, y + height + 2), label.split("\n"), _LABEL_SIZE)
    start = (_MARGIN, top + grid + _GAP)
    if scale:
        _write_ends(pen, start, ends)
    canvas = _canvas(np.array(text), coloured=scale is None)
    for (x, y), tile in zip(places, drawn, strict=True):
        canvas[y : y + height, x : x + width] = tile
    if scale:
        strip = np.linspace(0, LEVELS - 1, _BAR[0]).astype(np.uint8)
        canvas[start[1] : start[1] + _BAR[1], start[0] : start[0] + _BAR[0]] = strip
    return _finish(canvas, scale, alt)


def _canvas(text: np.ndarray, *, coloured: bool) -> np.ndarray:
    """Return letters on white: as RGB, or as places in a palette whose last colours are greys."""
    if coloured:
        return np.repeat(text[..., np.newaxis], 3, axis=2)
    return (LEVELS + text.astype(int) * (_GREYS - 1) // 255).astype(np.uint8)


def _finish(canvas: np.ndarray, scale: Scale | None, alt: str) -> Figure:
    """Return the sheet as a PNG file that holds its own description."""
    image = Image.fromarray(canvas)
    if scale:
        greys = np.repeat(np.rint(np.linspace(0, 255, _GREYS)).astype(np.uint8), 3)
        image.putpalette(scale.palette().tobytes() + greys.tobytes())
    description = PngImagePlugin.PngInfo()
    description.add_itxt("Description", alt)
    buffer = io.BytesIO()
    image.save(buffer, "png", pnginfo=description)
    return Figure(buffer.getvalue(), alt)


def _resized(tile: np.ndarray) -> np.ndarray:
    """Return a tile of a size to be seen: enlarged pixel by pixel, or shrunk by averaging."""
    side = max(tile.shape[:2])
    if side <= _MOST_SIDE:
        factor = max(1, round(_LEAST_SIDE / side))
        return tile.repeat(factor, axis=0).repeat(factor, axis=1)
    factor = -(-side // _MOST_SIDE)
    return np.array(Image.fromarray(tile).reduce(factor))


def _write(pen: Any, place: tuple[int, int], lines: Sequence[str], size: int) -> None:
    for number, line in enumerate(lines):
        pen.text((place[0], place[1] + int(number * size * _LINE)), line, 0, _font(size))


def _write_ends(pen: Any, start: tuple[int, int], ends: tuple[str, str]) -> None:
    """Write what the ends of the colour bar stand for, below it."""
    font = _font(_LABEL_SIZE)
    y = start[1] + _BAR[1] + 2
    pen.text((start[0], y), ends[0], 0, font)
    # To the left of the bar's end where there is room, so that both ends can be told apart.
    x = max(start[0] + _BAR[0] - font.getlength(ends[1]), start[0] + font.getlength(ends[0]) + 24)
    pen.text((x, y), ends[1], 0, font)


def _wrapped(text: str, font: Any, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


@cache
def _font(size: int) -> Any:
    """Return matplotlib's own font: it is there wherever figures are, with all its letters."""
    from matplotlib import font_manager

    return ImageFont.truetype(font_manager.findfont("DejaVu Sans"), size)
