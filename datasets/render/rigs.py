"""Masts, radars, funnels, aircraft: what stands above a warship's deck."""

from __future__ import annotations

import numpy as np

from .draw import chance
from .mesh import Mesh


def lattice_mast(
    mesh: Mesh, x: float, z: float, height: float, foot: float, top: float, *, lean: float = 0.0
) -> None:
    """Add a four-legged lattice mast; `lean` metres aft at its head."""
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    steps = max(int(height / 2.6), 3)

    def ring(k: int) -> list[np.ndarray]:
        u = k / steps
        half = (foot * (1 - u) + top * u) / 2
        return [np.array((x - lean * u + a * half, b * half, z + height * u)) for a, b in corners]

    thick = 0.05 + height * 0.006
    for k in range(steps):
        low, high = ring(k), ring(k + 1)
        for i in range(4):
            j = (i + 1) % 4
            mesh.rod("mast", low[i], high[i], thick, n=4)
            mesh.rod("mast", high[i], high[j], thick * 0.7, n=3)
            mesh.rod("mast", low[i], high[j], thick * 0.55, n=3)
            mesh.rod("mast", low[j], high[i], thick * 0.55, n=3)


def pole(
    mesh: Mesh, rng: np.random.Generator, x: float, z: float, height: float, yard: float
) -> None:
    """Add a pole mast with yards, whip antennas and stays."""
    mesh.rod("mast", (x, 0, z), (x, 0, z + height), 0.05 + height * 0.011, 0.08, 6)
    for u in (0.45, 0.62, 0.8)[: 2 + int(height > 9)]:
        half = yard * (1.15 - u)
        level = z + height * u
        mesh.rod("mast", (x, -half, level), (x, half, level), 0.1, n=4)
        for side in np.linspace(-half, half, 5):
            mesh.rod("mast", (x, side, level), (x, side, level + rng.uniform(0.5, 1.8)), 0.07, n=4)


def enclosed_mast(
    mesh: Mesh, x: float, z: float, height: float, foot: float, *, panels: bool, taper: float
) -> None:
    """Add a plated pyramid mast, with flat radar faces if `panels`."""
    inset = foot * taper / 2
    walls = mesh.block(
        "super",
        x - foot / 2,
        x + foot / 2,
        foot * 0.9,
        z,
        z + height,
        front=inset,
        back=inset,
        side=inset * 0.9,
    )
    if panels:
        for wall in walls.values():
            mesh.windows(wall, 1, u=(0.28, 0.72), v=(0.5, 0.82), fill=(1, 1), material="panel")
    else:
        for level in (0.35, 0.7):
            half = foot * (1 - taper * level) / 2 + 0.8
            mesh.block(
                "super",
                x - half,
                x + half,
                half * 2.1,
                z + height * level,
                z + height * level + 0.35,
            )


def dish(mesh: Mesh, rng: np.random.Generator, x: float, y: float, z: float, width: float) -> None:
    """Add a turning search radar: a curved lattice reflector."""
    with mesh.at(x, y, z, yaw=rng.uniform(0, 360)):
        mesh.rod("mast", (0, 0, -0.8), (0, 0, 0.3), 0.35, n=8)
        u, v = np.meshgrid(np.linspace(-1, 1, 9), np.linspace(0, 1, 4))
        bow = 0.25 * width * (u**2 + 0.4 * (v - 0.5) ** 2)
        mesh.grid("radar", np.stack([bow, u * width / 2, 0.3 + v * width * 0.42], -1))
        mesh.rod("mast", (0, 0, 0.3), (width * 0.35, 0, 0.4), 0.08, n=4)


def bar_radar(
    mesh: Mesh, rng: np.random.Generator, x: float, y: float, z: float, width: float
) -> None:
    """Add a navigation radar: a thin turning bar."""
    with mesh.at(x, y, z, yaw=rng.uniform(0, 180)):
        mesh.rod("mast", (0, 0, -0.5), (0, 0, 0.2), 0.05 * width, n=6)
        mesh.block("white", -0.045 * width, 0.045 * width, width, 0.15, 0.17 + 0.075 * width)


def dome(mesh: Mesh, x: float, y: float, z: float, radius: float) -> None:
    """Add a satellite antenna under its white dome."""
    mesh.rod("super", (x, y, z - radius * 0.6), (x, y, z + radius * 0.5), radius * 0.7, n=10)
    mesh.ball("white", (x, y, z + radius), radius, 12)


def round_funnel(
    mesh: Mesh,
    x: float,
    z: float,
    height: float,
    length: float,
    width: float,
    *,
    lean: float,
    cap: bool,
) -> None:
    """Add an oval funnel leaning aft, with a black top and steam pipes."""
    angle = np.linspace(0, 2 * np.pi, 19)[:-1]
    ring = np.stack([np.cos(angle) * length / 2, np.sin(angle) * width / 2, 0 * angle], -1)

    def at(u: float) -> np.ndarray:
        return ring * (1 - 0.08 * u, 1 - 0.08 * u, 1) + (x - lean * u, 0, z + height * u)

    split = 0.82
    mesh.prism("super", at(0), at(split))
    mesh.prism("soot", at(split), at(1.0), "black")
    if cap:
        wide = ring * (1.06, 1.12, 1)
        mesh.prism(
            "soot",
            np.add(wide, (x - lean * 0.93, 0, z + height * 0.93)),
            np.add(wide, (x - lean, 0, z + height * 1.02)),
            "black",
        )
    for side in (-1, 1):
        mesh.rod(
            "super",
            (x + length * 0.3, side * width * 0.5, z),
            (x + length * 0.3 - lean, side * width * 0.46, z + height * 1.03),
            0.16,
            n=5,
        )


def square_funnel(
    mesh: Mesh, x: float, z: float, height: float, length: float, width: float, pipes: int = 2
) -> None:
    """Add a boxy modern uptake with louvres and exhaust pipes."""
    walls = mesh.block(
        "super",
        x - length / 2,
        x + length / 2,
        width,
        z,
        z + height,
        front=length * 0.16,
        back=length * 0.12,
        side=width * 0.14,
        cap="soot",
    )
    for side in ("port", "starboard"):
        mesh.windows(walls[side], 2, 3, u=(0.15, 0.85), v=(0.25, 0.8), material="louvre")
    for k in range(pipes):
        px = x + (k - (pipes - 1) / 2) * length * 0.3
        mesh.rod("soot", (px, 0, z + height), (px - 0.5, 0, z + height * 1.13), width * 0.15, n=9)


def whips(
    mesh: Mesh,
    rng: np.random.Generator,
    x0: float,
    x1: float,
    y: float,
    z: float,
    n: int,
    size: float = 1.0,
) -> None:
    """Add whip antennas, 5 to 10 m times `size`, along both sides."""
    for x in rng.uniform(x0, x1, n):
        side = rng.choice((-1, 1))
        tilt = rng.uniform(0, 1.5) * size
        tip = (x - rng.uniform(-1, 1) * size, side * (y + tilt), z + rng.uniform(5, 10) * size)
        mesh.rod("mast", (x, side * y, z), tip, 0.07 * size, 0.03 * size, 4)


def clutter(
    mesh: Mesh,
    rng: np.random.Generator,
    lines,
    x0: float,
    x1: float,
    count: int,
    inner: float = 0.0,
) -> None:
    """Add vents, lockers, winches and bollards on open deck between `x0` and `x1`."""
    for _ in range(count):
        x = rng.uniform(x0, x1)
        z, half = lines.deck(x)
        y = rng.choice((-1, 1)) * rng.uniform(inner, max(half - 0.6, inner + 0.1))
        size = rng.uniform(0.4, 1.3)
        if chance(rng, 0.5):
            mesh.block("super", x - size, x + size, size * rng.uniform(0.6, 1.6), z, z + size, y=y)
        else:
            mesh.rod("super", (x, y, z), (x, y, z + size * 1.2), size * 0.3, n=7)


def fighter(
    mesh: Mesh, x: float, y: float, z: float, yaw: float, *, folded: bool, jet: bool
) -> None:
    """Add a parked aircraft of 12 to 17 m."""
    with mesh.at(x, y, z, yaw=yaw, scale=1.0 if jet else 0.75):
        u = np.linspace(0, 1, 8)
        radius = np.array([0.05, 0.45, 0.75, 0.95, 1.0, 0.95, 0.85, 0.6])
        angle = np.linspace(0, 2 * np.pi, 9)
        body = np.stack(
            [
                8.5 - 16.5 * u[:, None] + 0 * angle,
                radius[:, None] * np.cos(angle),
                2.3 + 0.85 * radius[:, None] * np.sin(angle),
            ],
            -1,
        )
        mesh.grid("aircraft", body)
        mesh.ball("glass", (3.6, 0, 3.1), (1.8, 0.5, 0.55))
        reach = 3.2 if folded else 6.0
        for side in (-1, 1):
            root, tip = (1.5, -5.0), (-2.6, -4.8)
            wing = [
                (root[0], side * 0.8, 2.3),
                (tip[0], side * reach, 2.3),
                (tip[1], side * reach, 2.3),
                (root[1], side * 0.8, 2.3),
            ]
            mesh.prism("aircraft", wing, [np.add(p, (0, 0, 0.16)) for p in wing])
            if folded:
                up = [
                    (tip[0], side * reach, 2.4),
                    (tip[1], side * reach, 2.4),
                    (tip[1], side * reach * 0.8, 4.6),
                    (tip[0] - 0.8, side * reach * 0.8, 4.6),
                ]
                mesh.polygon("aircraft", up)
            cant = 0.9 if jet else 0.0
            fin = [
                (-4.6, side * 0.8 * jet, 2.9),
                (-7.0, side * 0.8 * jet, 2.9),
                (-8.0, side * (0.8 + cant) * jet, 5.2),
                (-6.6, side * (0.8 + cant) * jet, 5.2),
            ]
            mesh.polygon("aircraft", fin)
            mesh.polygon(
                "aircraft",
                [
                    (-6, side * 0.6, 2.3),
                    (-8, side * 3.2, 2.3),
                    (-9, side * 3.2, 2.3),
                    (-8.2, side * 0.6, 2.3),
                ],
            )
            mesh.rod("gun", (-2.2, side * 1.6, 0), (-2.2, side * 1.2, 2.2), 0.18, n=5)
        mesh.rod("gun", (5.5, 0, 0), (5.5, 0, 2), 0.15, n=5)


def helicopter(
    mesh: Mesh, rng: np.random.Generator, x: float, y: float, z: float, yaw: float
) -> None:
    """Add a parked helicopter of about 15 m."""
    with mesh.at(x, y, z, yaw=yaw):
        mesh.ball("aircraft", (0.5, 0, 2.0), (3.6, 1.15, 1.35), 10)
        mesh.ball("glass", (2.9, 0, 2.2), (1.1, 0.9, 0.8), 8)
        mesh.rod("aircraft", (-2, 0, 2.5), (-8.5, 0, 3.0), 0.7, 0.25, 8)
        mesh.prism(
            "aircraft",
            [(-8.0, -0.1, 2.9), (-9.3, -0.1, 2.9), (-9.3, 0.1, 2.9), (-8.0, 0.1, 2.9)],
            [(-8.9, -0.1, 5.0), (-9.7, -0.1, 5.0), (-9.7, 0.1, 5.0), (-8.9, 0.1, 5.0)],
        )
        mesh.rod("gun", (0, 0, 3.1), (0, 0, 4.0), 0.3, n=6)
        turn = rng.uniform(0, 90)
        for k in range(4):
            a = np.radians(turn + 90 * k)
            tip = (7.4 * np.cos(a), 7.4 * np.sin(a), 3.75)
            mesh.rod("gun", (0, 0, 4.0), tip, 0.22, 0.16, 4)
        for side in (-1, 1):
            mesh.rod("gun", (1.5, side * 1.2, 0), (1.5, side * 1.0, 1.5), 0.16, n=5)
        mesh.rod("gun", (-5.5, 0, 0), (-5.5, 0, 2.5), 0.13, n=5)
