"""Destroyers of the 1940s: gun houses, torpedo banks, round funnels, light guns."""

from __future__ import annotations

import numpy as np

from . import rigs, weapons
from .draw import between, chance
from .hull import Lines, add_hull, add_rail
from .mesh import Mesh
from .people import crew, flag, raft_canisters, ship_boat
from .shape import Shape, hull_number, navy_shape


def build_1940s(d: dict, rng: np.random.Generator) -> Shape:
    """Build a destroyer of the 1940s from its design."""
    length, beam = d["length"], d["beam"]
    step = (d["forecastle"], d["middle"] * 0.62) if d["forecastle"] else None
    middle = d["middle"] * (1.55 if step else 1.25)
    lines = Lines(
        length,
        beam,
        3.8,
        d["bow"],
        middle,
        middle * 1.02,
        rake=d["rake"],
        transom=0.45,
        transom_rake=-1.0,
        waterline_fullness=1.35,
        deck_fullness=2.3,
        flare=0.97,
        step=step,
    )
    mesh = Mesh()
    add_hull(mesh, lines)
    fore = lines.x(d["forecastle"]) if step else lines.x(0.6)
    fore = float(fore)
    high, low = lines.deck(fore + 4)[0], lines.deck(fore - 8)[0]
    gun = 3.6 + 0.7 * d["twin"]
    barrels = 2 if d["twin"] else 1
    # The bridge stands near the forecastle's break, two guns before it, one above the other.
    bridge = fore + length * 0.045
    k = d["bridge_height"]
    mesh.block(
        "super", fore - 4, bridge + length * 0.1, beam * 0.62, high - 0.3, high + 2.5, narrow=0.8
    )
    base = mesh.block(
        "super",
        bridge - 5,
        bridge + 5.5,
        beam * 0.6,
        high + 2.4,
        high + 5.2 * k,
        front=0.3,
        cap="deck",
    )
    mesh.windows(base["port"], 6, v=(0.45, 0.65), fill=(0.35, 0.9))
    mesh.windows(base["starboard"], 6, v=(0.45, 0.65), fill=(0.35, 0.9))
    top = mesh.block(
        "super",
        bridge - 3,
        bridge + 4.4,
        beam * 0.52,
        high + 5.1 * k,
        high + 7.8 * k,
        front=0.25,
        narrow=0.8,
        cap="deck",
    )
    mesh.windows(top["front"], 7, v=(0.5, 0.78))
    for side in ("port", "starboard"):
        mesh.windows(top[side], 4, u=(0.1, 0.6), v=(0.5, 0.78))
    mesh.block("super", bridge - 1.2, bridge + 1.0, 2.2, high + 7.7 * k, high + 9.6 * k)
    mesh.rod("super", (bridge, -2.4, high + 9.0 * k), (bridge, 2.4, high + 9.0 * k), 0.3)
    ahead = fore + length * 0.17
    weapons.gun_house(
        mesh, ahead, 0, lines.deck(ahead)[0], size=gun, barrels=barrels, train=between(rng, -8, 8)
    )
    weapons.gun_house(
        mesh, ahead - gun * 2.1, 0, high + 2.6, size=gun, barrels=barrels, train=between(rng, -8, 8)
    )
    height = high + 22
    mast = bridge - 6.5
    if d["lattice"]:
        rigs.lattice_mast(mesh, mast, high, 19, 3.4, 1.0, lean=1.0)
    else:
        for side in (-1, 1):
            mesh.rod("mast", (mast - 3, side * 1.7, high), (mast - 1, 0, high + 15), 0.2)
    rigs.pole(mesh, rng, mast - 1, high, 21, 3.6)
    rigs.dish(mesh, rng, mast - 1, 0, high + 20.4, 3.2)
    # Funnels, torpedo banks between and behind them, guns aft.
    x = fore - 7 - length * 0.03
    for k in range(d["funnels"]):
        size = 5.2 if d["funnels"] == 1 else 4.0
        mesh.block("super", x - 5, x + 5, beam * 0.45, low - 0.3, low + 2.4)
        rigs.round_funnel(mesh, x, low + 2.2, 8.6 - k * 0.6, size, 2.8, lean=d["lean"], cap=True)
        for side in (-1, 1):
            weapons.light_guns(mesh, rng, x + 4, side * beam * 0.3, low + 2.4, side)
        x -= length * 0.13
    for k in range(2):
        tx = x + 2 - k * length * 0.1
        mesh.block("super", tx - 2, tx + 2, 2.6, low - 0.2, low + 0.6)
        weapons.torpedo_bank(mesh, tx, low + 0.5, d["torpedoes"], between(rng, -6, 6))
    aft = x - length * 0.13
    mesh.block("super", aft - 9, aft + 6, beam * 0.5, low - 0.3, low + 2.5, cap="deck")
    rigs.pole(mesh, rng, aft + 4, low + 2, 10, 2.0)
    for side in (-1, 1):
        weapons.light_guns(mesh, rng, aft + 3, side * 1.9, low + 2.6, side)
    places = [(aft - 5, low + 2.7), (aft - 5 - gun * 2.3, low), (aft + 0.5, low + 2.7)]
    for gx, gz in places[: d["guns"] - 2]:
        weapons.gun_house(
            mesh, gx, 0, gz, size=gun, barrels=barrels, train=180 + between(rng, -8, 8)
        )
    stern = float(lines.x(0.0))
    mesh.block("super", stern + 2, stern + 7, 2.2, low - 0.1, low + 1.3, y=beam * 0.15)
    mesh.block("super", stern + 2, stern + 7, 2.2, low - 0.1, low + 1.3, y=-beam * 0.15)
    for side in (-1, 1):
        ship_boat(mesh, fore - 13, side * beam * 0.46, low + 2.2, 7.5, "super")
    raft_canisters(mesh, aft - 4, aft + 8, beam * 0.42, low, 4)
    rigs.clutter(mesh, rng, lines, stern + 3, fore - 3, 34, beam * 0.2)
    rigs.clutter(mesh, rng, lines, ahead + 4, length * 0.44, 8)
    add_rail(mesh, lines, fore + 1, length * 0.49, wires=2, radius=0.04)
    add_rail(mesh, lines, -length * 0.49, fore - 1, wires=2, radius=0.04)
    _portholes(mesh, rng, lines, 0.12, 0.9)
    crew(mesh, rng, lines, [(stern + 4, fore - 6), (fore + 3, length * 0.45)], 14)
    flag(mesh, rng, stern + 0.5, 0, low, 2.4, 4.5)
    hull_number(mesh, lines, d["paint"]["number"] % 1000, length * 0.36, 2.6)
    return navy_shape(mesh, lines, d["paint"], height)


def _portholes(mesh: Mesh, rng: np.random.Generator, lines: Lines, s0: float, s1: float) -> None:
    for row, level in enumerate((0.72, 0.45)):
        for s in np.arange(s0, s1, 0.016 if row == 0 else 0.021):
            if chance(rng, 0.25):
                continue
            x = float(lines.x(s))
            edge = float(lines.edge(s))
            if edge * level < 1.6:
                continue
            y = float(lines.half(s, level)) + 0.04
            for sign in (-1, 1):
                ring = [
                    (x + 0.24 * np.cos(a), sign * y, edge * level + 0.24 * np.sin(a))
                    for a in np.arange(6) * np.pi / 3
                ]
                mesh.polygon("shadow", ring)
