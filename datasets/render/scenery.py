"""What lies behind the vessel: hills, a coast with houses, a harbour wall, other craft."""

from __future__ import annotations

import numpy as np

from .hull import Lines, add_hull
from .lens import Lens
from .mesh import Mesh
from .water import drop


def add_land(mesh: Mesh, rng: np.random.Generator, sight: dict, lens: Lens) -> None:
    """Add the view's land across the picture's field and a little beyond."""
    kind, distance = sight["land"], sight["land_distance"]
    if kind == "none":
        return
    reach = distance * (np.tan(lens.field / 2) * 1.5 + 0.05)
    heading = np.degrees(np.arctan2(lens.axes[2, 1], lens.axes[2, 0]))
    with mesh.at(lens.position[0], lens.position[1], -float(drop(distance)), yaw=heading):
        if kind == "harbour":
            _harbour(mesh, rng, distance, reach)
        else:
            _hills(mesh, rng, distance, reach, houses=kind == "coast")


def _ridge(rng: np.random.Generator, along: np.ndarray, rough: float) -> np.ndarray:
    """Return a profile 0..1 of summed sines with random phases, steeper where `rough` is high."""
    profile = np.zeros_like(along)
    for octave in range(9):
        wave = 2**octave
        profile += (
            np.sin(along * wave * rng.uniform(0.8, 1.2) + rng.uniform(0, 6.3)) * rough**octave
        )
    return np.clip(0.5 + profile * 0.28, 0.02, 1.5)


def _hills(
    mesh: Mesh, rng: np.random.Generator, distance: float, reach: float, *, houses: bool
) -> None:
    ends = rng.choice((0, 1, 2))
    for layer in range(3 if not houses else 2):
        far = distance * (1 + 0.45 * layer)
        width = reach * (1 + 0.45 * layer)
        columns = 420
        y = np.linspace(-width, width, columns)
        tall = rng.uniform(0.02, 0.06) * far * (0.6 + 0.5 * layer) * (0.45 if houses else 1.0)
        profile = _ridge(rng, y / width * rng.uniform(1.5, 4), 0.52) * tall
        if ends:
            # The land runs out into the sea on one side.
            side = 1 if ends == 1 else -1
            profile *= np.clip((y / width * side + rng.uniform(0.1, 0.7)) * 2.2, 0, 1)
        # Spurs and valleys: the slope's relief runs obliquely down from the ridge.
        rows = []
        relief = [_ridge(rng, y / width * rng.uniform(3, 9), 0.6) - 0.5 for _ in range(3)]
        for rise in np.linspace(0, 1, 14):
            step = 0.14 * rise**1.3
            bend = sum(np.roll(r, int(rise * 40 * (k - 1))) for k, r in enumerate(relief)) / 3
            trees = 0.012 * rng.normal(size=columns) * (rise > 0.1)
            depth = far * (1 + step + 0.05 * bend * np.sin(np.pi * rise))
            z = profile * (rise * (1 + 0.2 * bend * (1 - rise)) + trees) - 3 * (profile < 1)
            rows.append(np.stack([depth, y, z - 0.5], -1))
        mesh.grid("land", np.array(rows))
        if layer == 0:
            shore = [
                np.stack([rows[0][:, 0] * 0.998, y, np.full(columns, h)], -1)
                for h in (-1.0, 0.0012 * far)
            ]
            lit = profile > tall * 0.05
            if lit.all():
                mesh.grid("rock", np.array(shore), smooth=False)
        if houses and layer == 0:
            _houses(mesh, rng, y, profile, far)


def _houses(
    mesh: Mesh, rng: np.random.Generator, y: np.ndarray, profile: np.ndarray, far: float
) -> None:
    middle = rng.uniform(-0.5, 0.5) * y[-1]
    for _ in range(220):
        at = rng.normal(middle, 0.45 * y[-1])
        ridge = float(np.interp(at, y, profile))
        if ridge < 12 or abs(at) > y[-1]:
            continue
        depth = rng.uniform(0.0, 0.045) ** 1.0
        z = ridge * np.interp(depth, [0.002, 0.02, 0.05], [0.04, 0.3, 0.65])
        wide, tall = rng.uniform(8, 22), rng.uniform(5, 12) * (2.5 if rng.random() < 0.06 else 1)
        x = far * (1 + depth) - 3
        colour = ("house", "white", "concrete")[int(rng.integers(3))]
        mesh.block(colour, x, x + 10, wide, z - 3, z + tall, y=at)
        mesh.block(
            "roof", x - 0.5, x + 10.5, wide + 1, z + tall, z + tall + 3, y=at, front=4.8, back=4.8
        )


def _harbour(mesh: Mesh, rng: np.random.Generator, distance: float, reach: float) -> None:
    top = rng.uniform(3.0, 6.0)
    left, right = (
        (-reach, reach) if rng.random() < 0.5 else (-reach, rng.uniform(-0.1, 0.6) * reach)
    )
    mesh.block(
        "concrete", distance, distance + 8, right - left, -2, top, y=(left + right) / 2, back=0.6
    )
    mesh.block(
        "concrete", distance + 5, distance + 6, right - left, top, top + 1.6, y=(left + right) / 2
    )
    for _ in range(420):
        y = rng.uniform(left, right)
        z = rng.uniform(-0.8, top * 0.6)
        size = rng.uniform(0.5, 1.7)
        x = distance - 1 - (top - z) * 1.1 + rng.uniform(-0.5, 0.5)
        with mesh.at(x, y, z, yaw=rng.uniform(0, 90), pitch=rng.uniform(-30, 30)):
            mesh.block(
                "rock", -size, size, size * 1.6, -size * 0.7, size * 0.7, front=size * 0.4, side=0.2
            )
    light = right - 3 if right < reach else rng.uniform(-0.6, 0.6) * reach
    colour = ("white", "cloth_red", "concrete")[int(rng.integers(3))]
    mesh.rod(colour, (distance + 4, light, top), (distance + 4, light, top + 9), 1.5, 1.1, 14)
    mesh.rod("glass", (distance + 4, light, top + 9.2), (distance + 4, light, top + 11), 0.8, n=10)
    mesh.rod(
        colour, (distance + 4, light, top + 11), (distance + 4, light, top + 12.4), 1.2, 0.1, 10
    )
    if right < reach:
        return
    for _ in range(int(rng.integers(8, 26))):
        y, wide, tall = rng.uniform(left, right), rng.uniform(8, 30), rng.uniform(5, 15)
        x = distance + rng.uniform(14, 60)
        body = ("house", "concrete", "white", "roof")[int(rng.integers(4))]
        walls = mesh.block(body, x, x + 12, wide, top - 1, top + tall, y=y)
        mesh.windows(
            walls["back"],
            int(wide / 3),
            max(int(tall / 3), 1),
            v=(0.15, 0.9),
            fill=(0.4, 0.5),
            material="shadow",
        )
        mesh.block(
            "roof",
            x - 0.6,
            x + 12.6,
            wide + 1.2,
            top + tall,
            top + tall + 3,
            y=y,
            front=5.5,
            back=5.5,
        )
    for _ in range(int(rng.integers(2, 9))):
        y = rng.uniform(left, right)
        mesh.rod(
            "mast",
            (distance + 9, y, top),
            (distance + 9, y, top + rng.uniform(6, 16)),
            0.16,
            0.06,
            5,
        )


def add_other(mesh: Mesh, rng: np.random.Generator, sight: dict, lens: Lens) -> None:
    """Add a merchant ship or a sail far off; never one of the naval classes."""
    kind, distance = sight["other"], sight["other_distance"]
    if kind == "none":
        return
    across = sight["other_offset"] * distance * np.tan(lens.field / 2)
    heading = np.degrees(np.arctan2(lens.axes[2, 1], lens.axes[2, 0]))
    with (
        mesh.at(lens.position[0], lens.position[1], -float(drop(distance)), yaw=heading),
        mesh.at(distance, across, 0, yaw=rng.uniform(0, 360)),
    ):
        if kind == "sail":
            lines = Lines(11, 3.4, 0.6, 1.4, 1.1, 1.1)
            add_hull(mesh, lines, paint="white", heights=3)
            mesh.rod("spar", (0.5, 0, 1), (0.5, 0, 15), 0.1)
            mesh.polygon("sail", [(0.3, 0, 2), (-4.2, 0.9, 2.2), (0.3, 0, 14.6)])
            mesh.polygon("sail", [(5.2, 0, 1.6), (0.2, 1.0, 2.0), (0.7, 0, 13.5)])
            return
        length = rng.uniform(110, 240)
        lines = Lines(
            length, length / 6.4, 5, 14, 9, 10, rake=6, transom=0.7, waterline_fullness=2.8
        )
        add_hull(
            mesh,
            lines,
            paint=("roof", "cloth_navy", "black", "shadow")[int(rng.integers(4))],
            heights=4,
        )
        walls = mesh.block("white", -length * 0.45, -length * 0.36, length * 0.13, 9, 29, side=0.5)
        mesh.windows(walls["front"], 9, 5, v=(0.3, 0.95))
        mesh.rod("cloth_orange", (-length * 0.46, 0, 20), (-length * 0.46, 0, 34), 3, n=10)
        if rng.random() < 0.6:
            colours = ("cloth_red", "cloth_teal", "house", "cloth_navy", "cloth_orange", "concrete")
            for x in np.arange(-length * 0.33, length * 0.4, 7):
                tall = 9 + 2.6 * rng.integers(2, 7)
                mesh.block(colours[int(rng.integers(6))], x, x + 6.2, length * 0.12, 8, tall)
        else:
            for x in np.linspace(-length * 0.28, length * 0.36, 4):
                mesh.rod("mast", (x, 0, 9), (x, 0, 26), 0.8)
