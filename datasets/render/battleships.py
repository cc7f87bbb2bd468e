"""Battleships: three or four big turrets round a tower."""

from __future__ import annotations

import numpy as np

from . import rigs, weapons
from .draw import between, chance, pick
from .hull import Lines, add_hull, add_rail
from .mesh import Mesh
from .people import crew, flag, ship_boat
from .shape import Shape, navy_paint, navy_shape


def design_battleship(rng: np.random.Generator, number: int) -> dict:
    """Draw a battleship: three or four big turrets round a tower."""
    length = between(rng, 188, 262)
    return {
        "length": length,
        "beam": length / between(rng, 6.6, 7.9),
        "bow": between(rng, 9, 12),
        "middle": between(rng, 5.6, 7.0),
        "rake": between(rng, 1.0, 12.0),
        "turrets": ("AB-Y", "AB-XY", "AB-XY", "AB-X")[number % 4],
        "barrels": int(pick(rng, (2, 3, 3, 4))),
        "tower": ("pagoda", "tower", "tripod")[number % 3],
        "funnels": int(pick(rng, (1, 2), (0.45, 0.55))),
        "funnel_width": between(rng, 0.85, 1.3),
        "casemates": chance(rng, 0.4),
        "secondaries": int(pick(rng, (3, 4, 5))),
        "catapult": chance(rng, 0.6),
        "train": [between(rng, -14, 14) for _ in range(4)],
        "raised": between(rng, 0, 14),
        "paint": navy_paint(rng, old=True),
    }


def build_battleship(d: dict, rng: np.random.Generator) -> Shape:
    """Build what `design_battleship` drew."""
    length, beam = d["length"], d["beam"]
    lines = Lines(
        length,
        beam,
        8,
        d["bow"],
        d["middle"],
        d["middle"] * 0.92,
        rake=d["rake"],
        transom=0.35,
        transom_rake=-2,
        waterline_fullness=1.9,
        deck_fullness=2.6,
        flare=0.99,
    )
    mesh = Mesh()
    add_hull(mesh, lines)
    unit = length / 225
    deck = lines.deck(0)[0]
    size = (14 + d["barrels"]) * unit
    # Turrets: A and B forward, X and Y aft, the inner ones a deck higher.
    places = {"A": (0.285, 0.0), "B": (0.19, 1.0), "X": (-0.235, 1.0), "Y": (-0.33, 0.0)}
    for k, name in enumerate(n for n in d["turrets"] if n != "-"):
        part, level = places[name]
        x = part * length
        z = lines.deck(x)[0] + 1.2 + level * 3.4 * unit
        train = d["train"][k] + (180 if name in "XY" else 0)
        weapons.big_turret(
            mesh, x, z, size=size, barrels=d["barrels"], train=train, raised=d["raised"]
        )
    fore, after = 0.135 * length, -0.17 * length
    first = mesh.block(
        "super",
        after,
        fore,
        beam * 0.58,
        deck - 0.3,
        deck + 3.4 * unit,
        front=0.5,
        narrow=0.75,
        cap="deck",
    )
    mesh.block(
        "super",
        after + 8,
        fore - 6,
        beam * 0.46,
        deck + 3.2 * unit,
        deck + 6.2 * unit,
        narrow=0.8,
        cap="deck",
    )
    for side in ("port", "starboard"):
        mesh.windows(first[side], 30, v=(0.5, 0.68), fill=(0.2, 1), material="shadow")
    tower = fore - 15 * unit
    top = _tower(mesh, rng, d["tower"], tower, deck + 6 * unit, unit)
    funnel = tower - 21 * unit
    for k in range(d["funnels"]):
        rigs.round_funnel(
            mesh,
            funnel - k * 20 * unit,
            deck + 6 * unit,
            15 * unit,
            9 * unit * d["funnel_width"],
            6 * unit,
            lean=0.4 + (d["tower"] == "pagoda") * 2.4,
            cap=True,
        )
        for side in (-1, 1):
            mesh.rod(
                "super",
                (funnel - k * 20 * unit + 3, side * 4.6 * unit, deck + 6 * unit),
                (funnel - k * 20 * unit + 3, side * 4.6 * unit, deck + 14 * unit),
                0.9,
                n=8,
            )
            mesh.rod(
                "black",
                (funnel - k * 20 * unit + 3, side * 4.6 * unit, deck + 13.2 * unit),
                (funnel - k * 20 * unit + 3, side * 4.6 * unit, deck + 15 * unit),
                1.5,
                n=10,
            )
    main = after + 17 * unit
    for side in (-1, 1):
        mesh.rod("mast", (main - 4, side * 3, deck + 5 * unit), (main, 0, deck + 23 * unit), 0.4)
    mesh.block(
        "super",
        main - 5,
        main + 4,
        7 * unit,
        deck + 6 * unit,
        deck + 12 * unit,
        front=0.8,
        side=0.6,
    )
    rigs.pole(mesh, rng, main, deck + 8 * unit, 27 * unit, 7)
    # A second director behind, then guns along both sides.
    mesh.rod("super", (main - 7, 0, deck + 11 * unit), (main - 7, 0, deck + 14 * unit), 2.2, n=12)
    mesh.rod("super", (main - 7, -4, deck + 13.4 * unit), (main - 7, 4, deck + 13.4 * unit), 0.5)
    for side in (-1, 1):
        for k in range(d["secondaries"]):
            x = after + 22 * unit + k * (fore - after - 40 * unit) / max(d["secondaries"] - 1, 1)
            weapons.gun_house(
                mesh,
                x,
                side * beam * 0.36,
                deck + (0.2 if k % 2 else 3.2) * unit,
                size=5.2 * unit,
                barrels=2,
                train=side * 90 + between(rng, -25, 25),
                raised=between(rng, 2, 25),
            )
        for _ in range(9):
            x = rng.uniform(after + 6, fore - 4)
            weapons.light_guns(
                mesh,
                rng,
                x,
                side * beam * rng.uniform(0.2, 0.3),
                deck + rng.choice((3.4, 6.2)) * unit,
                side,
            )
        if d["casemates"]:
            for x in np.linspace(after + 10, fore + 6, 6):
                half = float(lines.half(lines.s(x), 0.8))
                with mesh.at(
                    x, side * (half - 0.2), deck - 2.4, yaw=side * 90 + rng.uniform(-30, 30)
                ):
                    mesh.rod("super", (0, 0, -1.4), (0, 0, 1.4), 1.7, n=10)
                    mesh.rod("gun", (1, 0, 0), (6.5, 0, 0.5), 0.24, 0.16)
        for x in (funnel - 6, funnel - 18):
            ship_boat(mesh, x, side * beam * 0.33, deck + 4.4 * unit, 11, "super")
    stern = float(lines.x(0.0))
    if d["catapult"]:
        z = lines.deck(stern + 12)[0]
        for side in (-1, 1):
            with mesh.at(stern + 11, side * 7, z + 0.6, yaw=side * 12):
                mesh.block("mast", -9, 9, 1.4, 0.2, 1.3)
                mesh.rod("super", (0, 0, -0.6), (0, 0, 0.3), 1.8, n=10)
        rigs.fighter(
            mesh, stern + 11, 7, z + 1.7, 180 + rng.uniform(-20, 20), folded=False, jet=False
        )
        mesh.rod("mast", (stern + 3, 0, z), (stern + 3, 0, z + 5), 0.5)
        mesh.rod("mast", (stern + 3, 0, z + 5), (stern - 5, 0, z + 9), 0.3)
    rigs.clutter(mesh, rng, lines, stern + 14, length * 0.2, 40, beam * 0.3)
    rigs.clutter(mesh, rng, lines, length * 0.34, length * 0.46, 14)
    add_rail(mesh, lines, -length * 0.49, length * 0.49, wires=2, radius=0.05, spacing=2.6)
    for s in np.arange(0.1, 0.93, 0.012):
        for level in (0.72, 0.42):
            if chance(rng, 0.3):
                continue
            x, z = float(lines.x(s)), float(lines.edge(s)) * level
            y = float(lines.half(s, level)) + 0.05
            for sign in (-1, 1):
                mesh.polygon(
                    "shadow",
                    [
                        (x - 0.25, sign * y, z - 0.25),
                        (x + 0.25, sign * y, z - 0.25),
                        (x + 0.25, sign * y, z + 0.25),
                        (x - 0.25, sign * y, z + 0.25),
                    ],
                )
    crew(mesh, rng, lines, [(stern + 10, -length * 0.3), (length * 0.3, length * 0.45)], 26)
    flag(mesh, rng, stern + 1, 0, lines.deck(stern + 2)[0], 3.5, 6)
    return navy_shape(mesh, lines, d["paint"], top)


def _tower(
    mesh: Mesh, rng: np.random.Generator, kind: str, x: float, z: float, unit: float
) -> float:
    """Add the bridge tower and return the height of its head."""
    levels = {"pagoda": 9, "tower": 5, "tripod": 4}[kind]
    height = {"pagoda": 27, "tower": 22, "tripod": 17}[kind] * unit
    mesh.rod(
        "super",
        (x + 10 * unit, 0, z - 4),
        (x + 10 * unit, 0, z + 5 * unit),
        4.4 * unit,
        4.0 * unit,
        14,
    )
    length, width = 13.0 * unit, 10.0 * unit
    step = height / levels
    for k in range(levels):
        shrink = 1 - 0.62 * k / levels
        jut = rng.uniform(0.0, 1.8) if kind == "pagoda" else 0.3
        walls = mesh.block(
            "super",
            x - length * 0.5 * shrink,
            x + length * 0.45 * shrink + jut,
            width * shrink,
            z + k * step,
            z + (k + 0.72) * step,
            front=0.2,
            narrow=0.7,
        )
        mesh.block(
            "super",
            x - length * 0.5 * shrink - 0.6,
            x + length * 0.45 * shrink + jut + 0.8,
            width * shrink + 1.6,
            z + (k + 0.7) * step,
            z + (k + 1) * step,
            narrow=0.75,
            cap="deck",
        )
        if k in (1, 2, levels - 2):
            mesh.windows(walls["front"], 7, v=(0.35, 0.8))
            mesh.windows(walls["port"], 5, u=(0.02, 0.6), v=(0.35, 0.8))
            mesh.windows(walls["starboard"], 5, u=(0.4, 0.98), v=(0.35, 0.8))
        if kind == "pagoda" and k % 2 == 0:
            for side in (-1, 1):
                mesh.ball(
                    "super", (x + jut, side * width * shrink * 0.55, z + (k + 0.9) * step), 1.1, 8
                )
    head = z + height
    if kind == "tripod":
        for leg in ((-9, 0), (0, 4.5), (0, -4.5)):
            mesh.rod(
                "mast",
                (x + leg[0] * unit, leg[1] * unit, z),
                (x, 0, head + 11 * unit),
                0.55 * unit,
                n=7,
            )
        mesh.rod("super", (x, 0, head + 8 * unit), (x, 0, head + 11 * unit), 3.2 * unit, n=10)
        head += 11 * unit
    mesh.rod("super", (x, 0, head), (x, 0, head + 2.4 * unit), 2.4 * unit, n=12)
    mesh.rod("super", (x, -6 * unit, head + 1.6), (x, 6 * unit, head + 1.6), 0.65 * unit, n=8)
    rigs.pole(mesh, rng, x - 2, head, 11 * unit, 4.5)
    if chance(rng, 0.5):
        rigs.dish(mesh, rng, x, 0, head + 3.6 * unit, 4.5)
    return head + 6
