"""Open motorboats and small cabins: what stands on their hulls."""

from __future__ import annotations

import numpy as np

from . import rigs
from .fittings import (
    aboard,
    bimini,
    bow_rail,
    foredeck,
    outboards,
    screen,
    seats,
)
from .hull import Lines
from .mesh import Mesh


def runabout(mesh: Mesh, rng, d: dict, lines: Lines) -> float:
    """Add an open boat's foredeck, screen, seats and engines; return its height."""
    length, beam = d["length"], d["beam"]
    floor = lines.deck(-length * 0.1)[0]
    foredeck(mesh, lines, length * 0.1, length * 0.49)
    z = floor + lines.bulwark + 0.06
    screen(mesh, length * 0.12, z, beam * 0.4, 0.5, 0.3)
    mesh.block("house", length * 0.02, length * 0.1, 0.6, floor, z + 0.05, y=-beam * 0.22)
    seats(mesh, -length * 0.06, floor, (-beam * 0.22, beam * 0.22))
    mesh.block("upholstery", -length * 0.42, -length * 0.34, beam * 0.75, floor, floor + 0.5)
    mesh.block("upholstery", -length * 0.44, -length * 0.41, beam * 0.75, floor + 0.4, floor + 0.95)
    outboards(mesh, lines, d["engines"])
    if d["top"]:
        bimini(mesh, -length * 0.12, floor, beam, 2.0, length * 0.28)
    if d["rail"]:
        bow_rail(mesh, lines, 0.2, 0.35)
    aboard(
        mesh,
        rng,
        d,
        [
            (-length * 0.06, -beam * 0.22, floor + 0.45, True),
            (-length * 0.06, beam * 0.22, floor + 0.45, True),
            (-length * 0.37, -0.4, floor + 0.5, True),
            (-length * 0.37, 0.4, floor + 0.5, True),
            (-length * 0.22, 0.2, floor, False),
        ],
    )
    return floor + 2.2


def cuddy(mesh: Mesh, rng, d: dict, lines: Lines) -> float:
    """Add a low cabin forward; return its height."""
    length, beam = d["length"], d["beam"]
    deck = lines.deck(0)[0]
    walls = mesh.block(
        "house",
        length * 0.02,
        length * 0.36,
        beam * 0.66,
        deck - 0.1,
        deck + 0.55,
        front=length * 0.15,
        side=0.18,
        narrow=0.5,
    )
    for side in ("port", "starboard"):
        mesh.windows(walls[side], 2, u=(0.12, 0.85), v=(0.35, 0.8))
    screen(mesh, length * 0.07, deck + 0.4, beam * 0.4, 0.75, 0.5)
    mesh.block("sole", -length * 0.44, length * 0.0, beam * 0.7, deck - 0.02, deck + 0.02)
    for sign in (1, -1):
        mesh.block(
            "house",
            -length * 0.45,
            length * 0.04,
            beam * 0.1,
            deck - 0.05,
            deck + 0.42,
            y=sign * beam * 0.4,
        )
    seats(mesh, -length * 0.08, deck, (-beam * 0.2, beam * 0.2))
    mesh.block("upholstery", -length * 0.42, -length * 0.33, beam * 0.66, deck, deck + 0.45)
    if d["arch"]:
        for x in (-length * 0.22, -length * 0.26):
            arch = [
                (x + 0.3, -beam * 0.43, deck + 0.3),
                (x, -beam * 0.36, deck + 1.75),
                (x, beam * 0.36, deck + 1.75),
                (x + 0.3, beam * 0.43, deck + 0.3),
            ]
            mesh.wire("house", arch, 0.06)
        rigs.bar_radar(mesh, rng, -length * 0.24, 0, deck + 2.1, 0.9)
    if d["top"]:
        bimini(mesh, -length * 0.1, deck, beam, 1.95, length * 0.3)
    outboards(mesh, lines, d["engines"])
    if d["rail"]:
        bow_rail(mesh, lines, 0.05, 0.5)
    aboard(
        mesh,
        rng,
        d,
        [
            (-length * 0.08, -beam * 0.2, deck + 0.45, True),
            (-length * 0.08, beam * 0.2, deck + 0.45, True),
            (-length * 0.37, 0.5, deck + 0.45, True),
            (-length * 0.24, -0.4, deck, False),
        ],
    )
    return deck + 2.4


def inflatable(mesh: Mesh, rng, d: dict, lines: Lines) -> float:
    """Add tubes, a console and engines; return its height."""
    length, beam = d["length"], d["beam"]
    floor = lines.deck(-length * 0.1)[0]
    s = np.linspace(0, 1, 26)
    angle = np.linspace(0, 2 * np.pi, 11)
    edge = lines.side(s, np.array([0.92]))[:, 0]
    radius = 0.05 * length * np.interp(s, [0, 0.04, 1], [0.5, 1, 0.92])
    for sign in (1, -1):
        tube = np.stack(
            [
                np.repeat(edge[:, :1], 11, 1),
                sign * (edge[:, 1:2] + radius[:, None] * 0.5 * np.cos(angle) * 2 * 0.95),
                edge[:, 2:] + radius[:, None] * np.sin(angle),
            ],
            -1,
        )
        mesh.grid("tube", tube)
    console = -length * 0.02
    mesh.block("house", console - 0.5, console + 0.45, 0.9, floor, floor + 1.15, front=0.25)
    screen(mesh, console + 0.3, floor + 1.1, 0.42, 0.45, 0.3)
    seats(mesh, console - 1.1, floor + 0.1, (0,) if length < 6.5 else (-0.4, 0.4), "engine")
    mesh.block("engine", -length * 0.36, -length * 0.27, 0.8, floor, floor + 0.75)
    outboards(mesh, lines, d["engines"])
    height = floor + 1.7
    if d["top"] and length > 6.5:
        for x in (console - 1.2, console + 0.3):
            for sign in (1, -1):
                mesh.rod("chrome", (x, sign * 0.6, floor), (x, sign * 0.55, floor + 2.1), 0.035)
        mesh.block("canvas", console - 1.6, console + 0.6, 1.6, floor + 2.05, floor + 2.13)
        height = floor + 2.4
    elif d["arch"]:
        mesh.wire(
            "chrome",
            [
                (-length * 0.4, -beam * 0.3, floor + 0.3),
                (-length * 0.43, -beam * 0.26, floor + 1.7),
                (-length * 0.43, beam * 0.26, floor + 1.7),
                (-length * 0.4, beam * 0.3, floor + 0.3),
            ],
            0.05,
        )
        rigs.whips(mesh, rng, -length * 0.43, -length * 0.42, 0.2, floor + 1.7, 1, 0.3)
    aboard(
        mesh,
        rng,
        d,
        [
            (console - 1.0, 0.1, floor, False),
            (console - 1.1, -0.5, floor, False),
            (-length * 0.3, 0.1, floor + 0.75, True),
            (length * 0.15, beam * 0.4, floor + 0.7, True),
            (length * 0.2, -beam * 0.38, floor + 0.7, True),
        ],
    )
    return height


def classic(mesh: Mesh, rng, d: dict, lines: Lines) -> float:
    """Add varnished decks and two cockpits; return its height."""
    length, beam = d["length"], d["beam"]
    floor = lines.deck(-length * 0.1)[0]
    foredeck(mesh, lines, length * 0.08, length * 0.49, 0.1)
    foredeck(mesh, lines, -length * 0.485, -length * 0.24, 0.07)
    z = floor + lines.bulwark + 0.08
    screen(mesh, length * 0.1, z, beam * 0.36, 0.36, 0.22)
    mesh.block("foredeck", -length * 0.1, -length * 0.06, beam * 0.88, z - 0.25, z)
    for x in (0.0, -length * 0.18):
        mesh.block("upholstery", x - 0.35, x + 0.2, beam * 0.74, floor, floor + 0.42)
        mesh.block("upholstery", x - 0.45, x - 0.3, beam * 0.74, floor + 0.3, floor + 0.85)
    mesh.rod("chrome", (length * 0.42, 0, z + 0.1), (length * 0.47, 0, z + 0.2), 0.05)
    mesh.block("chrome", length * 0.3, length * 0.33, 0.25, z + 0.05, z + 0.12)
    mesh.rod("chrome", (-length * 0.47, 0, z - 0.1), (-length * 0.5, 0, z + 0.7), 0.02)
    aboard(
        mesh,
        rng,
        d,
        [
            (0.0, -beam * 0.18, floor + 0.42, True),
            (0.0, beam * 0.18, floor + 0.42, True),
            (-length * 0.18, -0.35, floor + 0.42, True),
            (-length * 0.18, 0.4, floor + 0.42, True),
        ],
    )
    return z + 1.2
