"""Findings about single pictures: their files, their colours, their light, their sharpness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.data.headers import Header
from tlcourse.diagnosis.examine import Examined
from tlcourse.diagnosis.findings import Finding
from tlcourse.diagnosis.measures import Measures

_ENDINGS = {
    "JPEG": {".jpg", ".jpeg", ".jpe", ".jfif"},
    "PNG": {".png"},
    "GIF": {".gif"},
    "BMP": {".bmp"},
    "WEBP": {".webp"},
    "TIFF": {".tif", ".tiff"},
}
_HUGE_PIXELS = 24_000_000
_TINY_SIDE, _TINY_SHARE = 64, 0.5
_MOST_ASPECT = 2.5
_MODES = {
    "1": "one bit a pixel",
    "P": "a palette",
    "PA": "a palette with transparency",
    "CMYK": "inks (CMYK)",
    "LAB": "Lab",
    "YCbCr": "YCbCr",
    "I": "32-bit integers",
    "F": "floats",
}

# On 1,100 photographs, the darkest of which had 99 here, the brightest 163, the flattest 58.
_DARK, _BRIGHT, _CONSTANT = 75.0, 170.0, 10.0
_GREY_COLOUR = 3.0  # JPEG stores grey as grey, to a level or two
_GREY_SHARE = 0.5
_BLURRED, _BLURRED_AMONG_SHARP = -1.25, -1.0
"""Photographs: 1 of 200 below the first. Blurred by a Gaussian of 2 pixels at 224: all below."""


def picture_findings(images: ImageSet, examined: Sequence[Examined]) -> Iterator[Finding]:
    """Yield what is wrong with single pictures; some is wrong only beside the others of the set."""
    usual = _Usual(examined)
    for position, (path, one) in enumerate(zip(images.paths, examined, strict=True)):
        name = images.class_names[images.labels[position]]
        for kind, detail, strength in _faults(path, one, usual):
            yield Finding(kind, (path,), detail, (position,), (name,), strength)


class _Usual:
    """What is usual in the set."""

    def __init__(self, examined: Sequence[Examined]) -> None:
        headers = [one.header for one in examined if one.header]
        measures = [one.measures for one in examined if one.measures]
        sides = [min(header.width, header.height) for header in headers]
        self.side = float(np.median(sides)) if sides else 0.0
        grey = [m.colour <= _GREY_COLOUR for m in measures]
        self.coloured = bool(grey) and float(np.mean(grey)) < _GREY_SHARE
        ways = Counter(way for header in headers for way in _oddities(header))
        self.oddities = {way for way, times in ways.items() if times > len(headers) / 2}
        self.sharp_enough = _sharp_enough([m.sharpness for m in measures])


def _sharp_enough(sharpness: list[float]) -> float:
    """Return the limit below which a picture of this set counts as blurred.

    A set may be soft as a whole: hazy weather, drawings, an old lens. Then only what is softer
    still counts. One that is sharp throughout lets more be seen: a ship that moved sideways keeps
    the edges of its deck. The upper half tells the spread, which no blurred picture moves.
    """
    if not sharpness:
        return _BLURRED
    middle, above = np.percentile(sharpness, (50, 84))
    spread = above - middle
    soft = min(_BLURRED, float(middle - 2.5 * spread))
    return max(soft, min(_BLURRED_AMONG_SHARP, float(middle - 4.0 * spread)))


def _faults(path: Path, one: Examined, usual: _Usual) -> Iterator[tuple[str, str, float]]:
    """Yield kind, detail and strength of each fault of one picture."""
    if one.reason:
        yield "truncated" if one.truncated else "unreadable", one.reason, 1.0
    if one.header is not None and one.measures is not None:
        yield from _file_faults(path, one.header, usual)
        yield from _pixel_faults(one.measures, usual)


def _file_faults(path: Path, header: Header, usual: _Usual) -> Iterator[tuple[str, str, float]]:
    width, height = header.width, header.height
    size = f"{width:,} × {height:,} pixels"
    if path.suffix.lower() not in _ENDINGS[header.format]:
        yield "wrong_extension", f"a {header.format} picture named {path.suffix}", 1.0
    if header.orientation != 1:
        yield "rotated", f"EXIF orientation {header.orientation}", 1.0
    if odd := [way for way in _oddities(header) if way not in usual.oddities]:
        yield "mode", ", ".join(odd), 1.0
    if width * height > _HUGE_PIXELS:
        yield "huge", size, 1 - _HUGE_PIXELS / (width * height)
    short = min(width, height)
    if short < _TINY_SIDE and short < _TINY_SHARE * usual.side:
        yield "tiny", f"{size}; usual here: {usual.side:,.0f}", 1 - short / _TINY_SIDE
    ratio = max(width, height) / short
    if ratio > _MOST_ASPECT:
        yield "aspect", f"{size}, {ratio:.1f} : 1", 1 - _MOST_ASPECT / ratio


def _oddities(header: Header) -> list[str]:
    """Return in words what is unusual in how a file stores its pixels."""
    odd = []
    if header.mode in _MODES:
        odd.append(_MODES[header.mode])
    if header.bits > 8 and header.mode not in ("I", "F"):
        odd.append(f"{header.bits} bits a channel")
    if header.transparent:
        odd.append("transparency")
    if header.frames > 1:
        odd.append(f"{header.frames} frames, of which the first is used")
    return odd


def _pixel_faults(measures: Measures, usual: _Usual) -> Iterator[tuple[str, str, float]]:
    flat = measures.spread <= _CONSTANT
    if flat:
        levels = f"brightness within {measures.spread:.0f} of 255 levels"
        yield "constant", levels, 1 - measures.spread / 255
    elif usual.coloured and measures.colour <= _GREY_COLOUR:
        yield "grey", "no colour in it", 1.0
    if measures.bright_end < _DARK:
        levels = f"95% of it is darker than {measures.bright_end:.0f} of 255"
        yield "dark", levels, 1 - measures.bright_end / 255
    if measures.dark_end > _BRIGHT:
        levels = f"95% of it is brighter than {measures.dark_end:.0f} of 255"
        yield "bright", levels, measures.dark_end / 255
    if not flat and measures.sharpness < usual.sharp_enough:
        beyond = usual.sharp_enough - measures.sharpness
        detail = f"sharpness {measures.sharpness:.2f}, the limit here is {usual.sharp_enough:.2f}"
        yield "blurred", detail, float(1 - np.exp(-3 * beyond))
