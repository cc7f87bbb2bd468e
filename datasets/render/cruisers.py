"""Motorboats with a house: flybridge cruisers and fishing boats."""

from __future__ import annotations

from . import rigs
from .draw import chance, pick
from .fittings import (
    aboard,
    foredeck,
    hull_windows,
    screen,
    seats,
)
from .hull import Lines, add_rail
from .mesh import Mesh


def flybridge(mesh: Mesh, rng, d: dict, lines: Lines) -> float:
    """Add a saloon and a second helm on its roof; return its height."""
    length, beam = d["length"], d["beam"]
    deck = lines.deck(0)[0]
    foredeck(mesh, lines, length * 0.12, length * 0.49, 0.2)
    trunk = mesh.block(
        "house",
        length * 0.1,
        length * 0.36,
        beam * 0.62,
        deck,
        deck + 0.85,
        front=length * 0.13,
        side=0.25,
        narrow=0.5,
    )
    for side in ("port", "starboard"):
        mesh.windows(trunk[side], 1, u=(0.1, 0.8), v=(0.35, 0.75), fill=(1, 1))
        hull_windows(mesh, lines, 1 if side == "port" else -1)
    saloon = mesh.block(
        "house",
        -length * 0.26,
        length * 0.17,
        beam * 0.84,
        deck - 0.1,
        deck + 2.05,
        front=length * 0.11,
        side=0.22,
        narrow=0.86,
        cap="foredeck",
    )
    mesh.windows(saloon["front"], 3, u=(0.03, 0.97), v=(0.45, 0.92), fill=(0.94, 1), proud=0.04)
    for side in ("port", "starboard"):
        mesh.windows(saloon[side], 3, u=(0.04, 0.94), v=(0.42, 0.88), fill=(0.95, 1), proud=0.04)
    top = deck + 2.05
    mesh.block(
        "house", -length * 0.38, length * 0.1, beam * 0.88, top - 0.08, top + 0.12, narrow=0.7
    )
    for sign in (1, -1):
        mesh.block(
            "house",
            -length * 0.36,
            length * 0.05,
            0.12,
            top,
            top + 0.55,
            y=sign * beam * 0.38,
            front=0.4,
        )
        mesh.rod(
            "chrome",
            (-length * 0.38, sign * beam * 0.38, deck),
            (-length * 0.36, sign * beam * 0.38, top),
            0.05,
        )
    screen(mesh, length * 0.06, top + 0.3, beam * 0.34, 0.4, 0.35)
    seats(mesh, -length * 0.04, top + 0.1, (-beam * 0.16, beam * 0.16))
    mesh.block("upholstery", -length * 0.2, -length * 0.12, beam * 0.6, top + 0.1, top + 0.6)
    arch = -length * 0.26
    for sign in (1, -1):
        mesh.block(
            "house",
            arch - 0.4,
            arch + 0.5,
            0.2,
            top,
            top + 1.7,
            y=sign * beam * 0.36,
            front=0.5,
            back=-0.3,
        )
    mesh.block("house", arch - 0.65, arch + 0.1, beam * 0.78, top + 1.6, top + 1.8)
    rigs.dome(mesh, arch - 0.2, beam * 0.15, top + 1.9, 0.28)
    rigs.bar_radar(mesh, rng, arch - 0.2, -beam * 0.12, top + 2.2, 1.2)
    rigs.whips(mesh, rng, arch - 0.3, arch, beam * 0.3, top + 1.8, 2, 0.3)
    if d["top"]:
        mesh.block("canvas", arch, length * 0.04, beam * 0.76, top + 1.85, top + 1.97, side=0.1)
        for sign in (1, -1):
            mesh.rod(
                "chrome",
                (length * 0.01, sign * beam * 0.34, top + 0.4),
                (length * 0.02, sign * beam * 0.34, top + 1.9),
                0.03,
            )
    cockpit = lines.deck(-length * 0.38)[0]
    mesh.windows(saloon["back"], 3, u=(0.05, 0.95), v=(0.05, 0.88), fill=(0.95, 1))
    mesh.block("upholstery", -length * 0.46, -length * 0.42, beam * 0.7, cockpit, cockpit + 0.8)
    mesh.block("teak", -length * 0.545, -length * 0.49, beam * 0.84, 0.25, 0.35)
    add_rail(
        mesh,
        lines,
        -length * 0.1,
        length * 0.48,
        height=0.75,
        wires=2,
        spacing=length * 0.07,
        radius=0.02,
        material="chrome",
    )
    aboard(
        mesh,
        rng,
        d,
        [
            (-length * 0.04, -beam * 0.16, top + 0.55, True),
            (-length * 0.16, 0.4, top + 0.6, True),
            (-length * 0.36, -0.5, cockpit, False),
            (length * 0.3, 0.5, lines.deck(length * 0.3)[0] + 0.2, True),
            (-length * 0.1, beam * 0.25, top + 0.1, False),
        ],
    )
    return top + 2.6


def fishing(mesh: Mesh, rng, d: dict, lines: Lines) -> float:
    """Add a wheelhouse, a gantry and gear on deck; return its height."""
    length, beam = d["length"], d["beam"]
    forward = chance(rng, 0.65)
    x = length * (0.16 if forward else -0.22)
    deck = lines.deck(x)[0]
    house = mesh.block(
        "house",
        x - length * 0.12,
        x + length * 0.1,
        beam * 0.56,
        deck,
        deck + 2.3,
        front=0.25,
        side=0.08,
        narrow=0.86,
    )
    mesh.windows(house["front"], 4, v=(0.58, 0.86))
    for side in ("port", "starboard"):
        mesh.windows(house[side], 3, v=(0.58, 0.86))
    mesh.block("stripe", x - length * 0.14, x + length * 0.12, beam * 0.62, deck + 2.28, deck + 2.4)
    top = deck + 2.4
    mesh.rod("mast", (x - 0.8, 0, top), (x - 0.8, 0, top + 3.2), 0.08)
    mesh.rod("mast", (x - 0.8, -0.9, top + 2), (x - 0.8, 0.9, top + 2), 0.04)
    rigs.bar_radar(mesh, rng, x + 0.2, 0, top + 0.7, 1.2)
    rigs.whips(mesh, rng, x - 0.6, x + 0.4, 0.7, top, 3, 0.3)
    after = -length * 0.4 if forward else length * 0.25
    z = lines.deck(after)[0]
    for sign in (1, -1):
        mesh.rod(
            "mast", (after, sign * beam * 0.36, z), (after - 0.3, sign * beam * 0.3, z + 3.4), 0.08
        )
        mesh.rod(
            "stay", (after - 0.3, sign * beam * 0.3, z + 3.3), (x - 0.8, 0, top + 3), 0.02, n=3
        )
    mesh.rod(
        "mast", (after - 0.3, -beam * 0.33, z + 3.3), (after - 0.3, beam * 0.33, z + 3.3), 0.09
    )
    mesh.rod(
        "net", (after + 0.6, -beam * 0.25, z + 0.6), (after + 0.6, beam * 0.25, z + 0.6), 0.5, n=10
    )
    mesh.rod("stay", (x, 0, top), (length * 0.48, 0, lines.deck(length * 0.48)[0] + 0.8), 0.02, n=3)
    for _ in range(16):
        px = rng.uniform(-0.42, 0.02) * length if forward else rng.uniform(-0.05, 0.4) * length
        pz, half = lines.deck(px)
        py = rng.uniform(-1, 1) * max(half - 0.4, 0.1)
        kind = pick(rng, ("buoy", "net", "box"))
        if kind == "buoy":
            mesh.ball("buoy", (px, py, pz + 0.25), 0.24, 6)
        elif kind == "net":
            mesh.ball("net", (px, py, pz + 0.15), (0.6, 0.5, 0.35), 6)
        else:
            mesh.block(
                pick(rng, ("cloth_teal", "white", "cloth_orange")),
                px,
                px + 0.7,
                0.5,
                pz,
                pz + 0.45,
                y=py,
            )
    for k in range(4):
        px = length * (-0.35 + 0.18 * k)
        half = lines.deck(px)[1]
        side = rng.choice((-1, 1))
        mesh.ball(
            pick(rng, ("buoy", "fender")),
            (px, side * (half + 0.1), lines.deck(px)[0] - 0.1),
            (0.22, 0.2, 0.38),
            8,
        )
    spot = -length * 0.3 if forward else length * 0.12
    aboard(
        mesh,
        rng,
        d,
        [
            (spot, 0.5, lines.deck(spot)[0], False),
            (spot + 1.0, -0.7, lines.deck(spot)[0], False),
            (spot + 2, 0.2, lines.deck(spot)[0], False),
        ],
    )
    return top + 3.2
