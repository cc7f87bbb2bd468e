"""What a vessel is once it is built, and the paints that every vessel has."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .draw import between, chance, pick
from .hull import Lines
from .mesh import Mesh

# Material name: (kind of surface, colour as sRGB hex). `surfaces` knows the kinds.
PAINTS: dict[str, tuple[str, str]] = {
    "hull": ("hull", "7d858a"),
    "super": ("paint", "868d91"),
    "deck": ("deck", "5d6265"),
    "deck_dark": ("deck", "3c4043"),
    "turret_top": ("deck", "70767a"),
    "mast": ("paint", "70777b"),
    "gun": ("metal", "3f4346"),
    "rail": ("metal", "8d9295"),
    "radar": ("metal", "5a5f62"),
    "panel": ("paint", "a3a59c"),
    "louvre": ("paint", "2c2e30"),
    "soot": ("paint", "303234"),
    "black": ("paint", "161718"),
    "white": ("paint", "d8d9d6"),
    "marking": ("deck", "c4c4ba"),
    "marking_yellow": ("deck", "b79a3c"),
    "lift": ("paint", "1b1d1f"),
    "number": ("paint", "d5d6d4"),
    "shadow": ("paint", "232526"),
    "glass": ("glass", "0c1014"),
    "aircraft": ("paint", "8c9499"),
    "canvas": ("cloth", "8a8474"),
    "sail": ("sail", "e9e7df"),
    "gennaker": ("sail", "c0392b"),
    "gennaker_2": ("sail", "f2f2f2"),
    "spar": ("metal", "b9bcbd"),
    "stay": ("metal", "5f6466"),
    "wood": ("wood", "6b4226"),
    "teak": ("wood", "a08664"),
    "upholstery": ("cloth", "d9d4c6"),
    "tube": ("rubber", "6c7175"),
    "engine": ("gloss", "1c1e20"),
    "stripe": ("gloss", "1f3a5f"),
    "chrome": ("metal", "c8cbcc"),
    "fender": ("rubber", "1e2f4a"),
    "net": ("cloth", "3e6b58"),
    "buoy": ("rubber", "d4622a"),
    "skin": ("cloth", "b98a6a"),
    "cloth_red": ("cloth", "a5302a"),
    "cloth_navy": ("cloth", "232d45"),
    "cloth_white": ("cloth", "dcdcd8"),
    "cloth_orange": ("cloth", "d9641e"),
    "cloth_black": ("cloth", "202124"),
    "cloth_teal": ("cloth", "2f7d86"),
    "cloth_khaki": ("cloth", "9b8e6d"),
    "concrete": ("stone", "8f8b82"),
    "rock": ("stone", "5f5a53"),
    "house": ("paint", "d3c9b8"),
    "roof": ("paint", "8a4b38"),
}


@dataclass
class Shape:
    """A vessel, ready to be put to sea.

    Attributes
    ----------
    mesh, lines
        Its polygons, and the lines of its hull.
    paints
        Colours that differ from `PAINTS`: name to (kind, sRGB hex).
    marks
        `boot` (top of the boot-topping, metres above the water), `boot_colour`, `below` (colour of
        the bottom), `rust` and `dirt` (0 to 1), `camouflage` (second colour or None).
    heel
        Degrees, positive to starboard.
    trim
        Degrees, positive bow up.
    height
        Of the highest point that matters for framing, metres.

    """

    mesh: Mesh
    lines: Lines
    paints: dict[str, tuple[str, str]] = field(default_factory=dict)
    marks: dict[str, object] = field(default_factory=dict)
    heel: float = 0.0
    trim: float = 0.0
    height: float = 20.0


def shade(colour: str, factor: float) -> str:
    """Return an sRGB hex colour, lighter or darker by `factor`."""
    channels = [int(colour[i : i + 2], 16) for i in (0, 2, 4)]
    return "".join(f"{int(np.clip(c * factor, 0, 255)):02x}" for c in channels)


NAVY_GREYS = ("8f979b", "7d8a92", "9aa0a1", "6f7a82", "a3a8a6", "878c8c", "5f6a74", "8b9799")


def navy_paint(rng: np.random.Generator, *, old: bool) -> dict[str, object]:
    """Draw the colours and the wear of a warship."""
    grey = pick(rng, NAVY_GREYS)
    wooden = old and chance(rng, 0.45)
    return {
        "hull": grey,
        "super": shade(grey, between(rng, 0.96, 1.1)),
        "deck": pick(rng, ("8f7f66", "9a8b72", "7e7360"))
        if wooden
        else pick(rng, ("55595c", "4a4d50", "4f4a46", "5b6a64", "3f474d")),
        "deck_kind": "wood" if wooden else "deck",
        "boot": between(rng, 0.3, 0.8),
        "boot_colour": "1d1e20",
        "below": pick(rng, ("5b2320", "4a2422", "2a2c2e")),
        "rust": between(rng, 0.1, 0.9) ** 1.5,
        "dirt": between(rng, 0.2, 0.9),
        "camouflage": pick(rng, ("3b4a5a", "4c5654", "2f3840", "a7b0b2"))
        if chance(rng, 0.22 if old else 0.04)
        else None,
        "number": int(rng.integers(10, 999)),
    }


def navy_shape(mesh: Mesh, lines: Lines, colours: dict[str, object], height: float) -> Shape:
    """Dress a warship in the colours that `navy_paint` drew."""
    grey = str(colours["super"])
    return Shape(
        mesh,
        lines,
        {
            "hull": ("hull", str(colours["hull"])),
            "super": ("paint", grey),
            "deck": (str(colours["deck_kind"]), str(colours["deck"])),
            "mast": ("paint", shade(grey, 0.85)),
            "turret_top": ("paint", shade(grey, 0.9)),
        },
        {
            key: colours[key]
            for key in ("boot", "boot_colour", "below", "rust", "dirt", "camouflage")
        },
        height=height,
    )


_SEGMENTS = {
    "0": "abcdef",
    "1": "bc",
    "2": "abged",
    "3": "abgcd",
    "4": "fgbc",
    "5": "afgcd",
    "6": "afgecd",
    "7": "abc",
    "8": "abcdefg",
    "9": "abfgcd",
}
_STROKES = {
    "a": (0, 1, 1, 1),
    "b": (1, 0.5, 1, 1),
    "c": (1, 0, 1, 0.5),
    "d": (0, 0, 1, 0),
    "e": (0, 0, 0, 0.5),
    "f": (0, 0.5, 0, 1),
    "g": (0, 0.5, 1, 0.5),
}


def hull_number(
    mesh: Mesh, lines: Lines, number: int, x: float, size: float, height: float = 0.62
) -> None:
    """Paint digits of `size` metres on both bows, around `x`."""
    for sign in (1, -1):
        text = str(number)
        for k, digit in enumerate(text):
            start = x - sign * -1 * (k - len(text) / 2) * size * 0.85
            for stroke in _SEGMENTS[digit]:
                u0, v0, u1, v1 = _STROKES[stroke]
                wide = 0.1
                corners = [
                    (min(u0, u1) - wide, min(v0, v1) - wide * 0.7),
                    (max(u0, u1) + wide, min(v0, v1) - wide * 0.7),
                    (max(u0, u1) + wide, max(v0, v1) + wide * 0.7),
                    (min(u0, u1) - wide, max(v0, v1) + wide * 0.7),
                ]
                points = []
                for u, v in corners:
                    px = start + sign * -1 * -u * size * 0.55
                    s = lines.s(px)
                    level = float(lines.edge(s)) * height + (v - 0.5) * size
                    part = np.clip(level / float(lines.edge(s)), 0, 1)
                    points.append((px, sign * (float(lines.half(s, part)) + 0.09), level))
                mesh.polygon("number", points)
