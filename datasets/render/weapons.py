"""Guns, launchers and what stands around them."""

from __future__ import annotations

import numpy as np

from .mesh import Mesh


def big_turret(
    mesh: Mesh, x: float, z: float, *, size: float, barrels: int, train: float, raised: float
) -> None:
    """Add a battleship's turret on its barbette; `size` is the length of its house (15 m)."""
    aft = 180 if abs(train) > 90 else 0
    mesh.rod("super", (x, 0, z - size * 0.6), (x, 0, z + 0.02), size * 0.36, n=20)
    with mesh.at(x, 0, z, yaw=train):
        width, height = size * 0.72, size * 0.24
        house = [(-0.5, -0.36), (0.2, -0.5), (0.42, -0.3), (0.42, 0.3), (0.2, 0.5), (-0.5, 0.36)]
        low = [(a * size, b * width, 0.15) for a, b in house]
        high = [
            (
                a * size * (0.97 if a < 0.3 else 0.8),
                b * width * 0.92,
                height * (1 - 0.2 * (a > 0.3)),
            )
            for a, b in house
        ]
        mesh.prism("super", low, high, "turret_top")
        for side in (-1, 1):
            mesh.rod(
                "super",
                (-size * 0.25, side * width * 0.36, height * 0.8),
                (-size * 0.25, side * width * 0.55, height * 0.8),
                size * 0.05,
            )
        spread = width * (0.22 if barrels > 2 else 0.2)
        for k in range(barrels):
            y = (k - (barrels - 1) / 2) * spread
            length = size * 1.05
            angle = np.radians(raised + 0.6 * np.sin(k * 2 + aft))
            start = np.array((size * 0.34, y, height * 0.45))
            tip = start + length * np.array((np.cos(angle), 0, np.sin(angle)))
            middle = start + 0.3 * (tip - start)
            mesh.rod("canvas", start, start + 0.09 * (tip - start), size * 0.058, size * 0.05, 8)
            mesh.rod("gun", start, middle, size * 0.042, size * 0.034, 8)
            mesh.rod("gun", middle, tip, size * 0.032, size * 0.021, 8)


def gun_house(
    mesh: Mesh,
    x: float,
    y: float,
    z: float,
    *,
    size: float,
    barrels: int,
    train: float,
    raised: float = 4.0,
) -> None:
    """Add a shielded gun of the years around 1940; `size` is the length of its shield (4 m)."""
    with mesh.at(x, y, z, yaw=train):
        mesh.rod("super", (0, 0, -0.3), (0, 0, 0.35), size * 0.42, n=12)
        mesh.block(
            "super",
            -size * 0.5,
            size * 0.4,
            size * 0.85,
            0.3,
            size * 0.55,
            front=size * 0.2,
            back=size * 0.08,
            side=size * 0.1,
            narrow=0.75,
        )
        for k in range(barrels):
            side = (k - (barrels - 1) / 2) * size * 0.26
            angle = np.radians(raised)
            start = np.array((size * 0.2, side, size * 0.33))
            tip = start + size * 1.15 * np.array((np.cos(angle), 0, np.sin(angle)))
            mesh.rod("gun", start, tip, size * 0.04, size * 0.026, 6)


def naval_gun(
    mesh: Mesh, x: float, z: float, *, size: float, facet: bool, train: float = 0
) -> None:
    """Add a modern single gun: a rounded dome or a faceted one."""
    with mesh.at(x, 0, z, yaw=train):
        mesh.rod("super", (0, 0, -0.2), (0, 0, size * 0.12), size * 0.36, n=14)
        if facet:
            mesh.block(
                "super",
                -size * 0.42,
                size * 0.42,
                size * 0.66,
                size * 0.1,
                size * 0.62,
                front=size * 0.36,
                back=size * 0.2,
                side=size * 0.17,
            )
        else:
            mesh.block("super", -size * 0.4, size * 0.1, size * 0.6, size * 0.1, size * 0.4)
            mesh.ball("super", (0, 0, size * 0.32), (size * 0.44, size * 0.33, size * 0.34), 12)
        start = np.array((size * 0.2, 0, size * 0.36))
        mesh.rod(
            "gun", start, np.add(start, (size * 1.05, 0, size * 0.09)), size * 0.05, size * 0.03, 6
        )


def launch_cells(mesh: Mesh, x: float, z: float, rows: int, columns: int) -> None:
    """Add a field of vertical launch hatches."""
    length, width = rows * 1.3, columns * 1.25
    mesh.block(
        "super",
        x - length / 2 - 0.5,
        x + length / 2 + 0.5,
        width + 1,
        z - 0.5,
        z + 0.35,
        front=0.15,
        back=0.15,
        side=0.15,
    )
    for row in range(rows):
        for column in range(columns):
            mesh.block(
                "deck_dark",
                x - length / 2 + row * 1.3 + 0.15,
                x - length / 2 + row * 1.3 + 1.15,
                1.0,
                z + 0.3,
                z + 0.46,
                y=-width / 2 + (column + 0.5) * 1.25,
            )


def close_in(mesh: Mesh, x: float, y: float, z: float, train: float) -> None:
    """Add a close-in weapon with its white radar dome."""
    with mesh.at(x, y, z, yaw=train):
        mesh.block("super", -0.9, 0.9, 1.7, 0, 1.0, side=0.2)
        mesh.block("super", -0.6, 0.5, 1.1, 1.0, 2.2, front=0.2)
        mesh.rod("white", (0, 0, 2.2), (0, 0, 3.4), 0.55, n=10)
        mesh.ball("white", (0, 0, 3.4), 0.55)
        mesh.rod("gun", (0.4, 0, 1.6), (2.0, 0, 1.75), 0.13)


def missile_tubes(mesh: Mesh, x: float, z: float, *, count: int = 4, reach: float = 5.0) -> None:
    """Add crossed canisters of anti-ship missiles, one group to each side."""
    for sign, shift in ((1, -1.2), (-1, 1.2)):
        for k in range(count):
            a, b = x + shift + (k % 2) * 0.75 - 0.4, z + 0.7 + (k // 2) * 0.75
            mesh.rod(
                "super",
                (a, -sign * reach * 0.4, b),
                (a, sign * reach * 0.5, b + reach * 0.3),
                0.34,
                n=6,
            )
        mesh.block("super", x + shift - 0.8, x + shift + 0.9, 2.2, z - 0.2, z + 0.9)


def torpedo_bank(mesh: Mesh, x: float, z: float, tubes: int, train: float) -> None:
    """Add a bank of trainable torpedo tubes."""
    with mesh.at(x, 0, z, yaw=train):
        mesh.rod("super", (0, 0, 0), (0, 0, 0.8), 1.5, n=12)
        for k in range(tubes):
            y = (k - (tubes - 1) / 2) * 0.75
            mesh.rod("super", (-3.6, y, 1.2), (3.8, y, 1.2), 0.35, n=7)
        mesh.block("super", -1.4, 0.8, tubes * 0.7, 1.3, 2.5, front=0.4)


def light_guns(
    mesh: Mesh, rng: np.random.Generator, x: float, y: float, z: float, side: float
) -> None:
    """Add an anti-aircraft mount in a round tub."""
    with mesh.at(x, y, z, yaw=side * 90 + rng.uniform(-40, 40)):
        ring = np.linspace(0, 2 * np.pi, 11)
        wall = np.stack([np.cos(ring) * 1.5, np.sin(ring) * 1.5, 0 * ring], -1)
        mesh.grid("super", np.stack([wall, np.add(wall, (0, 0, 1.0))], 0))
        mesh.block("gun", -0.5, 0.4, 0.9, 0.0, 1.2)
        for k in (-0.25, 0.25):
            mesh.rod("gun", (0, k, 1.2), (2.4, k, 1.2 + rng.uniform(0.4, 1.4)), 0.07, n=4)
