"""People, flags, small boats: what gives a picture its scale."""

from __future__ import annotations

import numpy as np

from .draw import pick
from .mesh import Mesh

CLOTHES = ("cloth_red", "cloth_navy", "cloth_white", "cloth_orange", "cloth_black", "cloth_teal")


def person(
    mesh: Mesh,
    rng: np.random.Generator,
    x: float,
    y: float,
    z: float,
    *,
    seated: bool = False,
    clothes: str | None = None,
) -> None:
    """Add somebody of about 1.75 m, feet (or seat) at (x, y, z), facing somewhere."""
    shirt = clothes or pick(rng, CLOTHES)
    trousers = clothes or pick(rng, ("cloth_navy", "cloth_black", "cloth_khaki", "cloth_white"))
    size = rng.uniform(0.92, 1.06)
    with mesh.at(x, y, z, yaw=rng.uniform(0, 360), scale=size):
        hip = 0.12 if seated else 0.85
        if seated:
            for side in (-0.1, 0.1):
                mesh.rod(trousers, (0, side, 0.1), (0.45, side, 0.12), 0.09, 0.07, 5)
                mesh.rod(trousers, (0.45, side, 0.12), (0.5, side, -0.35), 0.07, 0.06, 5)
        else:
            for side in (-0.1, 0.1):
                foot = (rng.uniform(-0.12, 0.12), side * 1.4, 0.0)
                mesh.rod(trousers, foot, (0, side, hip), 0.07, 0.1, 5)
        lean = rng.uniform(-0.05, 0.15)
        mesh.rod(shirt, (0, 0, hip - 0.05), (lean, 0, hip + 0.52), 0.16, 0.2, 7)
        mesh.ball(shirt, (lean, 0, hip + 0.52), (0.13, 0.21, 0.09), 6)
        for side in (-0.23, 0.23):
            elbow = np.array((lean + rng.uniform(-0.05, 0.2), side * 1.2, hip + 0.22))
            hand = np.add(elbow, (rng.uniform(0.05, 0.28), -side * 0.3, rng.uniform(-0.15, 0.2)))
            mesh.rod(shirt, (lean, side, hip + 0.5), elbow, 0.06, n=5)
            mesh.rod("skin", elbow, hand, 0.045, n=5)
        mesh.ball("skin", (lean + 0.03, 0, hip + 0.74), (0.1, 0.085, 0.13), 6)
        hair = pick(rng, ("cloth_black", "wood", "cloth_white", "cloth_navy"))
        mesh.ball(hair, (lean + 0.01, 0, hip + 0.79), (0.11, 0.095, 0.1), 6)


def crew(mesh: Mesh, rng: np.random.Generator, lines, spans, count: int) -> None:
    """Put `count` sailors near the deck edge; `spans` are (x0, x1) stretches of open deck."""
    for _ in range(count):
        x0, x1 = pick(rng, spans)
        x = rng.uniform(x0, x1)
        z, half = lines.deck(x)
        y = rng.choice((-1, 1)) * max(half - rng.uniform(0.5, 2.0), 0.0)
        person(mesh, rng, x, y, z, clothes=pick(rng, ("cloth_navy", "cloth_black", "cloth_white")))


def flag(
    mesh: Mesh, rng: np.random.Generator, x: float, y: float, z: float, size: float, staff: float
) -> None:
    """Add a flag of `size` metres streaming aft from a staff."""
    mesh.rod("rail", (x, y, z), (x, y, z + staff), 0.03 + size * 0.01, n=4)
    colours = pick(
        rng,
        [
            ("cloth_red", "cloth_white", "cloth_navy"),
            ("cloth_navy", "cloth_white", "cloth_navy"),
            ("cloth_white", "cloth_red", "cloth_white"),
            ("cloth_red", "cloth_red", "cloth_red"),
            ("cloth_white", "cloth_navy", "cloth_red"),
        ],
    )
    u = np.linspace(0, 1, 9)
    sway = 0.13 * size * np.sin(u * rng.uniform(5, 9) + rng.uniform(0, 6)) * u
    droop = size * rng.uniform(0.1, 0.5) * u**1.5
    for band, colour in enumerate(colours):
        rows = []
        for edge in (band, band + 1):
            height = z + staff - edge * size * 0.2
            rows.append(np.stack([x - u * size, y + sway, height - droop], -1))
        mesh.grid(colour, np.array(rows))


def ship_boat(mesh: Mesh, x: float, y: float, z: float, length: float, material: str) -> None:
    """Add a boat on davits."""
    u = np.linspace(-1, 1, 9)
    v = np.linspace(-np.pi / 2, np.pi / 2, 6)
    width = length * 0.15 * np.sqrt(np.clip(1 - u**4, 0, 1))
    points = np.stack(
        [
            x + u[:, None] * length / 2 + 0 * v,
            y + width[:, None] * np.sin(v),
            z + length * 0.16 - (length * 0.15) * np.cos(v) * (width / width.max())[:, None],
        ],
        -1,
    )
    mesh.grid(material, points)
    mesh.grid("canvas", points * (1, 1, 0) + (0, 0, z + length * 0.16) + (0, 0, 0.05))
    for end in (-0.3, 0.3):
        mesh.wire(
            "rail",
            [
                (x + end * length, y * 0.93, z - 0.3),
                (x + end * length, y, z + length * 0.4),
                (x + end * length, y * 1.02, z + length * 0.15),
            ],
            0.12,
        )


def raft_canisters(mesh: Mesh, x0: float, x1: float, y: float, z: float, count: int) -> None:
    """Add a row of white life-raft canisters on both sides."""
    for x in np.linspace(x0, x1, count):
        for sign in (-1, 1):
            mesh.rod(
                "white", (x - 0.65, sign * y, z + 0.5), (x + 0.65, sign * y, z + 0.5), 0.36, n=7
            )
