"""Frigates: near relatives of destroyers, told apart by size, guns, decks and funnels."""

from __future__ import annotations

import numpy as np

from . import rigs, weapons
from .draw import between, chance, pick
from .flightdeck import landing_deck
from .hull import Lines, add_hull, add_rail
from .mesh import Mesh
from .people import crew, flag, raft_canisters, ship_boat
from .shape import Shape, hull_number, navy_paint, navy_shape


def design_frigate(rng: np.random.Generator, number: int) -> dict:
    """Draw a frigate: shorter, one gun, one funnel, a helicopter's hangar and deck aft."""
    length = between(rng, 96, 134)
    return {
        "era": pick(rng, ("1970s", "modern", "stealth")),
        "length": length,
        "beam": length / between(rng, 7.4, 8.8),
        "bow": between(rng, 8.0, 10.5),
        "middle": between(rng, 5.2, 6.4),
        "rake": between(rng, 6.0, 12.0),
        "lattice": chance(rng, 0.35),
        "panels": chance(rng, 0.6),
        "facet": chance(rng, 0.5),
        "cells": int(pick(rng, (0, 2, 4))),
        "dish_aft": chance(rng, 0.5),
        "bridge_height": between(rng, 0.85, 1.1),
        "twin_funnels": chance(rng, 0.3),
        "helicopter": chance(rng, 0.45),
        "paint": navy_paint(rng, old=False),
    }


def build_frigate(d: dict, rng: np.random.Generator) -> Shape:
    """Build what `design_frigate` drew."""
    length, beam = d["length"], d["beam"]
    stealth = d["era"] == "stealth"
    lines = Lines(
        length,
        beam,
        4.6,
        d["bow"],
        d["middle"],
        d["middle"] * 0.8,
        rake=d["rake"],
        transom=0.82,
        waterline_fullness=1.45,
        deck_fullness=2.3,
        flare=0.86 if stealth else 0.93,
        transom_rake=0.8,
    )
    mesh = Mesh()
    add_hull(mesh, lines)
    unit = length / 115
    deck = lines.deck(0)[0]
    side_lean = 1.1 if stealth else 0.2
    fore, after = length * 0.17, -length * 0.22
    weapons.naval_gun(
        mesh, length * 0.315, lines.deck(length * 0.315)[0], size=4.4 * unit, facet=d["facet"]
    )
    if d["cells"]:
        weapons.launch_cells(mesh, length * 0.245, lines.deck(length * 0.245)[0], d["cells"], 4)
    else:
        mesh.block(
            "super",
            length * 0.225,
            length * 0.26,
            3.4,
            lines.deck(length * 0.24)[0],
            lines.deck(length * 0.24)[0] + 2.6,
            front=0.8,
            back=0.5,
        )
    width = beam * (0.97 if stealth else 0.84)
    house = mesh.block(
        "super",
        after,
        fore,
        width,
        deck - 0.4,
        deck + 4.4 * unit,
        front=1.5,
        side=side_lean,
        narrow=0.8,
        cap="deck",
    )
    k = d["bridge_height"]
    bridge = mesh.block(
        "super",
        fore - 13 * unit,
        fore - 1.2,
        width * 0.9,
        deck + 4.2 * unit,
        deck + 4.2 * unit + 4.0 * k,
        front=1.6,
        side=side_lean,
        back=0.8,
        narrow=0.7,
        cap="deck",
    )
    mesh.windows(bridge["front"], 8, v=(0.5, 0.78))
    for side in ("port", "starboard"):
        mesh.windows(
            bridge[side], 5, u=(0.03, 0.5) if side == "port" else (0.5, 0.97), v=(0.5, 0.78)
        )
        mesh.windows(house[side], 8, v=(0.45, 0.62), fill=(0.12, 0.9), material="shadow")
    roof = deck + 4.2 * unit + 4.0 * k
    mast = fore - 10 * unit
    if d["lattice"]:
        rigs.lattice_mast(mesh, mast, roof, 12 * unit, 3.6, 1.4, lean=0.6)
        rigs.dish(mesh, rng, mast, 0, roof + 13 * unit, 3.6)
    else:
        rigs.enclosed_mast(mesh, mast, roof - 0.2, 11 * unit, 5.4, panels=d["panels"], taper=0.62)
        if not d["panels"]:
            rigs.dish(mesh, rng, mast, 0, roof + 11.4 * unit, 3.4)
    rigs.pole(mesh, rng, mast - 0.6, roof + 6, 10 * unit, 3.4)
    rigs.bar_radar(mesh, rng, mast + 3.0, 0, roof + 1.6, 2.6)
    rigs.dome(mesh, mast - 5.5, beam * 0.2, roof, 1.0)
    funnel = -length * 0.05
    if d["twin_funnels"]:
        for side in (-1, 1):
            mesh.block(
                "super",
                funnel - 4,
                funnel + 3.4,
                beam * 0.2,
                deck + 4 * unit,
                deck + 9 * unit,
                y=side * beam * 0.28,
                front=0.8,
                back=0.5,
                side=0.2,
                cap="soot",
            )
    else:
        rigs.square_funnel(mesh, funnel, deck + 4.2 * unit, 5.6 * unit, 7.0 * unit, beam * 0.36, 2)
    weapons.missile_tubes(mesh, funnel + 8 * unit, deck + 4.3 * unit, reach=4.5)
    hangar_end = after - 4 * unit
    walls = mesh.block(
        "super",
        hangar_end,
        after + 9 * unit,
        width * 0.94,
        deck - 0.8,
        deck + 6.0 * unit,
        side=side_lean,
        front=1.0,
        cap="deck",
    )
    mesh.windows(walls["back"], 1, u=(0.18, 0.72), v=(0.04, 0.86), fill=(1, 1), material="louvre")
    weapons.close_in(mesh, hangar_end + 4, 0, deck + 6.0 * unit, 180)
    if d["dish_aft"]:
        mesh.block("super", after + 4, after + 8, 3, deck + 5.8 * unit, deck + 9 * unit, side=0.4)
        rigs.dish(mesh, rng, after + 6, 0, deck + 10 * unit, 4.2)
    landing_deck(mesh, lines, -length * 0.485, hangar_end - 0.5)
    if d["helicopter"]:
        x = (-length * 0.485 + hangar_end) / 2
        rigs.helicopter(mesh, rng, x, 0, lines.deck(x)[0] + 0.1, between(rng, -12, 12))
    for side in (-1, 1):
        ship_boat(mesh, -length * 0.12, side * beam * 0.45, deck + 1.2, 6.5, "cloth_orange")
    raft_canisters(mesh, after + 12, fore - 14, beam * 0.45, deck + 0.1, 5)
    rigs.whips(mesh, rng, after, fore - 8, beam * 0.38, deck + 4.5, 5)
    rigs.clutter(mesh, rng, lines, length * 0.34, length * 0.46, 10)
    add_rail(mesh, lines, -length * 0.49, length * 0.49, wires=2, radius=0.035)
    crew(mesh, rng, lines, [(-length * 0.46, hangar_end - 2), (length * 0.34, length * 0.46)], 10)
    flag(mesh, rng, mast - 5, 0, roof + 1, 2.6, 6)
    hull_number(mesh, lines, d["paint"]["number"], length * 0.36, 3.4 * unit)
    return navy_shape(mesh, lines, d["paint"], roof + 14)
