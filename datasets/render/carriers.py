"""Aircraft carriers: a flight deck, an island, the aircraft of their time."""

from __future__ import annotations

import numpy as np

from . import rigs
from .draw import between, chance, pick
from .flightdeck import add_flight_deck
from .hull import Lines, add_hull
from .mesh import Mesh
from .people import flag
from .shape import Shape, navy_paint, navy_shape


def design_carrier(rng: np.random.Generator, number: int) -> dict:
    """Draw an aircraft carrier: of the 1940s (one in four), or a jet carrier."""
    old = number % 4 == 3
    length = between(rng, 210, 266) if old else between(rng, 205, 330)
    return {
        "era": "1940s" if old else "jets",
        "length": length,
        "beam": length / between(rng, 7.6, 8.6),
        "deck_width": between(rng, 1.15, 1.3) if old else between(rng, 1.7, 2.05),
        "freeboard": between(rng, 14.5, 16.5) if old else between(rng, 16, 19.5),
        "angled": not old and chance(rng, 0.72),
        "ramp": not old and chance(rng, 0.45),
        "ramp_rise": between(rng, 4.0, 7.0),
        "island": between(rng, -0.08, 0.14),
        "islands": 2 if not old and chance(rng, 0.18) else 1,
        "island_length": between(rng, 0.09, 0.16),
        "island_height": between(rng, 0.85, 1.25),
        "lattice": chance(rng, 0.4) or old,
        "aircraft": int(rng.integers(5, 27)),
        "helicopters": int(rng.integers(1, 5)),
        "wooden": old and chance(rng, 0.5),
        "number": int(rng.integers(1, 99)),
        "paint": {
            **navy_paint(rng, old=old),
            "deck_kind": "deck",
            "deck": pick(rng, ("4b4e50", "55585a", "3f4345", "5f6160", "4a5350")),
        },
    }


def build_carrier(d: dict, rng: np.random.Generator) -> Shape:
    """Build what `design_carrier` drew."""
    length, beam = d["length"], d["beam"]
    top = d["freeboard"]
    lines = Lines(
        length * 0.96,
        beam,
        9,
        top - 1.2,
        top - 2.2,
        top - 2.4,
        rake=between(rng, 7, 12),
        transom=0.75,
        waterline_fullness=1.6,
        deck_fullness=2.2,
        flare=0.92,
    )
    mesh = Mesh()
    add_hull(mesh, lines)
    add_flight_deck(mesh, rng, d, lines)
    head = top
    for k in range(d["islands"]):
        x = (d["island"] - k * 0.2) * length
        head = max(head, _island(mesh, rng, d, x))
    flag(mesh, rng, -length * 0.47, 0, top, 3.5, 5)
    shape = navy_shape(mesh, lines, d["paint"], head)
    if d["wooden"]:
        shape.paints["deck"] = ("wood", "7d715e")
    return shape


def _island(mesh: Mesh, rng: np.random.Generator, d: dict, x: float) -> float:
    """Add the island at `x` on the starboard side; return the height of its mast."""
    length, half = d["length"] * d["island_length"], d["beam"] * d["deck_width"] / 2
    z, tall = d["freeboard"], d["island_height"]
    y = -half * (0.8 if d["angled"] else 0.74)
    width = 6.5 if d["era"] == "1940s" else 8.5
    level = z
    for k, (grow, rise) in enumerate(((1.0, 5.5), (0.85, 4.2), (0.62, 4.0), (0.36, 3.4))):
        a, b = x - length * grow * 0.5, x + length * grow * 0.46
        walls = mesh.block(
            "super",
            a,
            b,
            width * (1 - 0.08 * k),
            level,
            level + rise * tall,
            y=y,
            front=0.5,
            back=0.3,
            side=0.15,
            cap="deck",
        )
        if k in (1, 2):
            for wall in ("front", "port", "starboard", "back"):
                panes = 6 if wall in ("front", "back") else 14
                mesh.windows(walls[wall], panes, v=(0.5, 0.78))
        elif k == 0:
            for wall in ("port", "starboard"):
                mesh.windows(walls[wall], 8, 1, v=(0.1, 0.5), fill=(0.2, 0.9), material="shadow")
        mesh.block(
            "super",
            a - 0.8,
            b + 1.0,
            width * (1 - 0.08 * k) + 1.6,
            level + rise * tall - 0.3,
            level + rise * tall + 0.1,
            y=y,
            cap="deck",
        )
        level += rise * tall
    with mesh.at(0, y, 0):
        if d["era"] == "1940s":
            rigs.round_funnel(mesh, x - length * 0.3, z + 5, 12 * tall, 8, 5, lean=1.0, cap=True)
        else:
            rigs.square_funnel(
                mesh, x - length * 0.27, z + 9 * tall, 9 * tall, length * 0.22, width * 0.6, 2
            )
        if d["lattice"]:
            rigs.lattice_mast(mesh, x, level - 3, 13, 3.5, 1.2)
        else:
            rigs.enclosed_mast(mesh, x, level - 3, 13, 4.6, panels=True, taper=0.6)
        rigs.pole(mesh, rng, x, level + 6, 13, 5)
        rigs.dish(mesh, rng, x + 3.5, 0, level + 3, 5.5)
        rigs.dish(mesh, rng, x - length * 0.4, 0, z + 12 * tall, 4.5)
        rigs.bar_radar(mesh, rng, x + 2.5, 0, level + 10, 3)
        for side in (-1, 1):
            rigs.dome(mesh, x + length * 0.34, side * 2.5, z + 10 * tall, 1.2)
    return level + 14
