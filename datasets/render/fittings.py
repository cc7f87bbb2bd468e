"""Fittings that motorboats share."""

from __future__ import annotations

import numpy as np

from .hull import Lines
from .mesh import Mesh
from .people import person


def foredeck(mesh: Mesh, lines: Lines, x0: float, x1: float, crown: float = 0.08) -> None:
    """Close the boat at the height of its edge between `x0` and `x1`."""
    x = np.linspace(x0, x1, 10)
    z = np.array([lines.deck(p)[0] + lines.bulwark for p in x])
    half = np.array([lines.deck(p)[1] for p in x]) * 0.99
    rows = [np.stack([x, half * k, z + crown * (1 - k * k)], -1) for k in (1, 0.6, 0, -0.6, -1)]
    mesh.grid("foredeck", np.stack(rows, 1))
    mesh.polygon(
        "inside",
        [rows[0][0], rows[2][0], rows[4][0], rows[4][0] - (0, 0, 0.35), rows[0][0] - (0, 0, 0.35)],
    )


def screen(mesh: Mesh, x: float, z: float, half: float, height: float, back: float) -> None:
    """Add a wrapped windscreen with a bright frame."""
    low = [
        (x - 1.1, half, z),
        (x - 0.2, half * 0.92, z),
        (x, half * 0.5, z),
        (x, -half * 0.5, z),
        (x - 0.2, -half * 0.92, z),
        (x - 1.1, -half, z),
    ]
    high = [(p[0] - back, p[1] * 0.9, p[2] + height) for p in low]
    mesh.grid("screen", np.array([low, high]), smooth=False)
    mesh.wire("chrome", high, 0.025)
    for p, q in zip(low, high, strict=True):
        mesh.wire("chrome", [p, q], 0.018)


def outboards(mesh: Mesh, lines: Lines, count: int) -> None:
    """Hang outboard engines on the transom."""
    stern = float(lines.x(0.0))
    z = float(lines.edge(0.0))
    for k in range(count):
        y = (k - (count - 1) / 2) * 0.62
        mesh.block(
            "engine",
            stern - 0.72,
            stern - 0.12,
            0.4,
            z - 0.1,
            z + 0.58,
            y=y,
            front=0.1,
            back=0.12,
            side=0.06,
        )
        mesh.block("stripe", stern - 0.66, stern - 0.2, 0.41, z + 0.2, z + 0.28, y=y)
        mesh.block("engine", stern - 0.5, stern - 0.22, 0.22, z - 1.0, z - 0.1, y=y)


def seats(mesh: Mesh, x: float, z: float, offsets, material: str = "upholstery") -> None:
    """Add seats with backs at `offsets` from the middle."""
    for y in offsets:
        mesh.block(material, x - 0.3, x + 0.3, 0.55, z, z + 0.45, y=y)
        mesh.block(material, x - 0.36, x - 0.2, 0.55, z + 0.45, z + 0.95, y=y)


def aboard(mesh: Mesh, rng, d: dict, spots) -> None:
    """Put people on some of the (x, y, z, seated) spots; the first is the helm."""
    for x, y, z, seated in spots[: max(d["crew"], 1)]:
        person(mesh, rng, x, y, z, seated=seated)


def bimini(mesh: Mesh, x: float, z: float, beam: float, height: float, length: float) -> None:
    """Add a canvas top on a frame of tubes."""
    u, v = np.meshgrid(np.linspace(-0.5, 0.5, 5), np.linspace(-0.5, 0.5, 7), indexing="ij")
    points = np.stack([x + u * length, v * beam * 0.86, z + height - 0.5 * v**2 - 0.2 * u**2], -1)
    mesh.grid("canvas", points)
    for end in (-0.45, 0.45):
        for side in (-0.43, 0.43):
            mesh.rod(
                "chrome",
                (x, side * beam, z + 0.5),
                (x + end * length, side * beam, z + height - 0.13),
                0.022,
                n=4,
            )


def bow_rail(mesh: Mesh, lines: Lines, s0: float, height: float) -> None:
    """Add a bright rail round the foredeck, from `s0` of the length on."""
    length = lines.length
    x = np.linspace(length * s0, length * 0.485, 7)
    for sign in (1, -1):
        feet = [
            (p, sign * max(lines.deck(p)[1] - 0.08, 0.0), lines.deck(p)[0] + lines.bulwark)
            for p in x
        ]
        tops = [(p[0] + 0.1, p[1], p[2] + height * (0.6 + 0.4 * k / 6)) for k, p in enumerate(feet)]
        mesh.wire("chrome", tops, 0.02)
        for foot, top in zip(feet, tops, strict=True):
            mesh.wire("chrome", [foot, top], 0.016)


def hull_windows(mesh: Mesh, lines: Lines, sign: int) -> None:
    """Let long windows into one side of the hull."""
    for s in (0.42, 0.55, 0.68):
        u = np.linspace(s, s + 0.09, 4)
        strip = lines.side(u, np.array([0.52, 0.72])) * (1, sign, 1)
        strip[:, :, 1] += sign * 0.03
        mesh.grid("glass", strip)
