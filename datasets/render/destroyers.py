"""Destroyers of the 1940s and of today."""

from __future__ import annotations

import numpy as np

from . import rigs, weapons
from .destroyers_1940s import build_1940s
from .draw import between, chance, pick
from .flightdeck import landing_deck
from .hull import Lines, add_hull, add_rail
from .mesh import Mesh
from .people import crew, flag, raft_canisters, ship_boat
from .shape import Shape, hull_number, navy_paint, navy_shape


def design_destroyer(rng: np.random.Generator, number: int) -> dict:
    """Draw a destroyer: of the 1940s (two in five) or modern."""
    old = number % 5 in (0, 2)
    length = between(rng, 104, 122) if old else between(rng, 142, 172)
    return {
        "era": "1940s" if old else "modern",
        "length": length,
        "beam": length / (between(rng, 9.6, 10.8) if old else between(rng, 7.6, 8.9)),
        "bow": between(rng, 6.5, 8.0) if old else between(rng, 9.5, 12.5),
        "middle": between(rng, 3.0, 3.8) if old else between(rng, 6.0, 7.2),
        "rake": between(rng, 3.0, 8.0) if old else between(rng, 8.0, 14.0),
        "forecastle": between(rng, 0.58, 0.72) if old and chance(rng, 0.75) else 0.0,
        "funnels": int(pick(rng, (1, 2, 2))) if old else int(pick(rng, (1, 2), (0.4, 0.6))),
        "lean": between(rng, 0.2, 2.2),
        "guns": int(pick(rng, (3, 4, 5))) if old else 1,
        "twin": chance(rng, 0.45),
        "torpedoes": int(pick(rng, (3, 4, 5))),
        "lattice": chance(rng, 0.4 if old else 0.45),
        "facet": chance(rng, 0.5),
        "panels": chance(rng, 0.6),
        "cells": int(pick(rng, (4, 6, 8))),
        "bridge_height": between(rng, 0.85, 1.15),
        "hangar": chance(rng, 0.7),
        "second_gun": chance(rng, 0.3),
        "paint": navy_paint(rng, old=old),
    }


def build_destroyer(design: dict, rng: np.random.Generator) -> Shape:
    """Build what `design_destroyer` drew."""
    return (build_1940s if design["era"] == "1940s" else _modern)(design, rng)


def _modern(d: dict, rng: np.random.Generator) -> Shape:
    length, beam = d["length"], d["beam"]
    lines = Lines(
        length,
        beam,
        5.5,
        d["bow"],
        d["middle"],
        d["middle"] * 0.86,
        rake=d["rake"],
        transom=0.8,
        waterline_fullness=1.4,
        deck_fullness=2.3,
        flare=0.9,
        transom_rake=1.0,
    )
    mesh = Mesh()
    add_hull(mesh, lines)
    unit = length / 155
    deck = lines.deck(0)[0]
    fore = length * 0.19
    front = lines.deck(length * 0.3)[0]
    weapons.naval_gun(
        mesh, length * 0.325, lines.deck(length * 0.325)[0], size=6.2 * unit, facet=d["facet"]
    )
    weapons.launch_cells(mesh, length * 0.262, front - 0.2, 6, d["cells"])
    house = mesh.block(
        "super",
        -length * 0.03,
        fore,
        beam * 0.9,
        deck - 0.4,
        deck + 5.6 * unit,
        front=1.0,
        side=0.6,
        narrow=0.82,
        cap="deck",
    )
    k = d["bridge_height"]
    bridge = mesh.block(
        "super",
        fore - 17 * unit,
        fore - 1.6,
        beam * 0.84,
        deck + 5.4 * unit,
        deck + 5.4 * unit + 6.4 * k,
        front=2.4,
        side=1.2,
        back=1.0,
        narrow=0.62,
        cap="deck",
    )
    mesh.windows(bridge["front"], 9, v=(0.62, 0.8))
    for side in ("port", "starboard"):
        mesh.windows(
            bridge[side], 7, u=(0.02, 0.55) if side == "port" else (0.45, 0.98), v=(0.62, 0.8)
        )
        mesh.windows(house[side], 9, v=(0.45, 0.6), fill=(0.12, 0.9), material="shadow")
        if d["panels"]:
            mesh.windows(
                bridge[side],
                1,
                u=(0.5, 0.82) if side == "port" else (0.18, 0.5),
                v=(0.14, 0.56),
                fill=(1, 1),
                material="panel",
            )
    if d["panels"]:
        mesh.windows(
            bridge["front"], 1, u=(0.28, 0.72), v=(0.1, 0.55), fill=(1, 1), material="panel"
        )
    roof = deck + 5.4 * unit + 6.4 * k
    mast = fore - 13 * unit
    if d["lattice"]:
        rigs.lattice_mast(mesh, mast, roof, 15 * unit, 4.4, 1.6, lean=2.0)
        rigs.dish(mesh, rng, mast - 2, 0, roof + 16 * unit, 5.0)
    else:
        rigs.enclosed_mast(mesh, mast, roof - 0.3, 12 * unit, 6.4, panels=False, taper=0.6)
    rigs.pole(mesh, rng, mast - 0.8, roof + 6, 13 * unit, 4.6)
    rigs.bar_radar(mesh, rng, mast + 2.6, 0, roof + 4.4, 3.2)
    weapons.close_in(mesh, fore - 2.8, 0, deck + 5.6 * unit, 0)
    for side in (-1, 1):
        rigs.dome(mesh, fore - 17 * unit, side * beam * 0.3, roof, 1.3)
    x = -length * 0.005
    for index in range(d["funnels"]):
        mesh.block(
            "super",
            x - 9 * unit,
            x + 8 * unit,
            beam * 0.62,
            deck + 5.0 * unit,
            deck + 8.0 * unit,
            side=0.5,
            front=0.8,
            back=0.8,
        )
        rigs.square_funnel(mesh, x, deck + 7.8 * unit, 7.2 * unit, 9.5 * unit, beam * 0.42, 3)
        if index == 0:
            weapons.missile_tubes(mesh, x - 12.5 * unit, deck + 0.4, reach=6)
        x -= length * 0.165
    after = -length * 0.26
    mesh.block(
        "super",
        after - 8 * unit,
        x + length * 0.17,
        beam * 0.86,
        deck - 0.6,
        deck + 5.2 * unit,
        side=0.6,
        back=0.5,
        cap="deck",
    )
    if d["hangar"]:
        walls = mesh.block(
            "super",
            after - 15 * unit,
            after - 1,
            beam * 0.8,
            deck - 0.8,
            deck + 6.6 * unit,
            side=0.7,
            cap="deck",
        )
        mesh.windows(
            walls["back"], 2, u=(0.08, 0.92), v=(0.05, 0.86), fill=(0.84, 1), material="louvre"
        )
    rigs.dish(mesh, rng, after + 2, 0, deck + 9.4 * unit, 4.0)
    mesh.block("super", after, after + 4, 3.4, deck + 5 * unit, deck + 8.6 * unit, side=0.5)
    weapons.close_in(mesh, after - 9 * unit, 0, deck + 6.0 * unit, 180)
    weapons.launch_cells(mesh, after - 1, deck + 5.4 * unit, 4, 6)
    aft = -length * 0.37
    if d["second_gun"]:
        weapons.naval_gun(
            mesh, aft, lines.deck(aft)[0], size=5.6 * unit, facet=d["facet"], train=180
        )
    else:
        landing_deck(mesh, lines, -length * 0.48, after - 16 * unit)
    for side in (-1, 1):
        ship_boat(mesh, -length * 0.12, side * beam * 0.44, deck + 1.4, 8, "super")
    raft_canisters(mesh, after - 4, fore - 30, beam * 0.46, deck + 0.1, 7)
    rigs.whips(mesh, rng, after, fore - 8, beam * 0.42, deck + 5, 6)
    rigs.clutter(mesh, rng, lines, length * 0.34, length * 0.46, 12)
    rigs.clutter(mesh, rng, lines, -length * 0.3, length * 0.2, 14, beam * 0.44)
    add_rail(mesh, lines, -length * 0.49, length * 0.49, wires=2, radius=0.035)
    crew(mesh, rng, lines, [(-length * 0.46, -length * 0.36), (length * 0.34, length * 0.46)], 12)
    flag(mesh, rng, mast - 6, 0, roof + 2, 3.0, 7)
    hull_number(mesh, lines, d["paint"]["number"], length * 0.37, 4.2 * unit)
    return navy_shape(mesh, lines, d["paint"], roof + 16)
