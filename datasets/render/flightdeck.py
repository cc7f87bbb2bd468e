"""Flight decks: markings, edges, parked aircraft."""

from __future__ import annotations

import numpy as np

from . import rigs, weapons
from .draw import chance
from .hull import Lines
from .mesh import Mesh


def _outline(d: dict, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return port edge, starboard edge and height of the flight deck at `x`."""
    length, half = d["length"], d["beam"] * d["deck_width"] / 2
    u = x / length + 0.5
    narrow = np.interp(u, [0, 0.03, 0.1, 0.72, 0.92, 1.0], [0.72, 0.8, 0.9, 0.92, 0.66, 0.52])
    port, starboard = half * narrow * 0.86, half * narrow * 0.92
    if d["angled"]:
        port = np.interp(
            u,
            [0, 0.05, 0.2, 0.45, 0.69, 0.76, 0.95, 1.0],
            half * np.array([0.7, 0.8, 0.95, 1.12, 1.12, 0.72, 0.56, 0.5]),
        )
        starboard = np.interp(
            u,
            [0, 0.06, 0.2, 0.3, 0.68, 0.78, 1.0],
            half * np.array([0.6, 0.68, 0.82, 1.02, 1.02, 0.74, 0.5]),
        )
    z = np.full_like(u, d["freeboard"])
    if d["ramp"]:
        z = z + d["ramp_rise"] * np.clip((u - 0.84) / 0.16, 0, 1) ** 2
    return port, starboard, z


def add_flight_deck(mesh: Mesh, rng: np.random.Generator, d: dict, lines: Lines) -> None:
    """Add the deck, what is painted on it, what hangs from it and what stands on it."""
    length = d["length"]
    x = np.linspace(-length / 2, length / 2, 70)
    port, starboard, z = _outline(d, x)
    top = np.stack([np.stack([x, port, z], -1), np.stack([x, -starboard, z], -1)], 1)
    mesh.grid("deck", top, smooth=False)
    skirt = top - (0, 0, 2.4)
    mesh.grid("super", skirt, smooth=False)
    for edge in (0, 1):
        mesh.grid("super", np.stack([top[:, edge], skirt[:, edge]], 1), smooth=False)
    for end in (0, -1):
        mesh.polygon("super", [top[end, 0], top[end, 1], skirt[end, 1], skirt[end, 0]])
    # The underside slopes down to the hull: sponsons rather than a table top.
    for sign, edge in ((1, port), (-1, starboard)):
        low = np.array([lines.deck(float(p))[1] for p in x])
        foot = np.stack(
            [
                np.clip(x, -length * 0.47, length * 0.46),
                sign * low * 0.98,
                np.full_like(x, d["freeboard"] * 0.62),
            ],
            -1,
        )
        mesh.grid("hull", np.stack([np.stack([x, sign * edge * 0.97, z - 2.3], -1), foot], 1))
        _edge(mesh, rng, d, lines, x, sign, edge, z)
    _markings(mesh, d)
    _park(mesh, rng, d)


def _edge(mesh: Mesh, rng, d: dict, lines: Lines, x, sign: int, edge, z) -> None:
    """Add catwalks, nets, rafts, openings and guns along one side."""
    length = d["length"]
    for k in range(2, len(x) - 2):
        if chance(rng, 0.55):
            width = rng.uniform(0.8, 2.2)
            step = x[1] - x[0]
            mesh.block(
                "super",
                x[k],
                x[k] + step * rng.uniform(0.5, 1),
                width,
                z[k] - rng.uniform(1.5, 2.6),
                z[k] - 0.7,
                y=sign * (edge[k] + width / 2),
            )
        for _ in range(3):
            px = x[k] + rng.uniform(0, 3)
            reach = edge[k] + rng.uniform(0.6, 1.8)
            mesh.rod(
                "rail", (px, sign * edge[k], z[k] - 0.4), (px, sign * reach, z[k] - 0.2), 0.06, n=3
            )
        if chance(rng, 0.3):
            mesh.rod(
                "white",
                (x[k], sign * (edge[k] + 0.6), z[k] - 2.2),
                (x[k] + 1.4, sign * (edge[k] + 0.6), z[k] - 2.2),
                0.45,
                n=6,
            )
    low = d["freeboard"] * 0.6
    for u in rng.uniform(-0.4, 0.36, 5):
        px = u * length
        half = max(float(lines.half(lines.s(px), 0.7)), 2)
        wide = rng.uniform(6, 15)
        mesh.polygon(
            "lift",
            [
                (px, sign * (half + 0.12), low * 0.62),
                (px + wide, sign * (half + 0.12), low * 0.62),
                (px + wide, sign * (half + 0.5), low),
                (px, sign * (half + 0.5), low),
            ],
        )
    for u in rng.choice([-0.42, -0.3, -0.1, 0.1, 0.25, 0.36], 3, replace=False):
        px = u * length
        at = float(np.interp(px, x, edge))
        mesh.block(
            "super", px - 5, px + 5, 6, d["freeboard"] - 5.5, d["freeboard"] - 3, y=sign * at
        )
        if d["era"] == "jets":
            weapons.close_in(mesh, px, sign * (at + 1), d["freeboard"] - 3, sign * 90)
        else:
            weapons.gun_house(
                mesh,
                px,
                sign * (at + 0.5),
                d["freeboard"] - 3,
                size=4.5,
                barrels=2,
                train=sign * 90,
                raised=25,
            )
    for px in rng.uniform(-length * 0.4, length * 0.35, 7):
        at = float(np.interp(px, x, edge))
        mesh.rod(
            "mast",
            (px, sign * at, d["freeboard"] - 1.5),
            (px, sign * (at + rng.uniform(2, 7)), d["freeboard"] + rng.uniform(2, 6)),
            0.12,
            n=4,
        )


def _stripe(mesh: Mesh, d: dict, a, b, width: float, material: str = "marking") -> None:
    """Paint a line on the deck from `a` to `b`, following the ramp."""
    a, b = np.array(a, float), np.array(b, float)
    u = np.linspace(0, 1, 14)[:, None]
    middle = a + (b - a) * u
    normal = np.array((-(b - a)[1], (b - a)[0])) / np.linalg.norm(b - a) * width / 2
    z = _outline(d, middle[:, 0])[2] + 0.08
    left = np.column_stack([middle + normal, z])
    right = np.column_stack([middle - normal, z])
    mesh.grid(material, np.stack([left, right], 1), smooth=False)


def _markings(mesh: Mesh, d: dict) -> None:
    length, half = d["length"], d["beam"] * d["deck_width"] / 2
    if d["angled"]:
        start, end = (-length * 0.48, -half * 0.25), (length * 0.22, half * 0.8)
        across = np.array((-0.13, 1.0)) * half * 0.34
        _stripe(mesh, d, start, end, 0.9, "marking_yellow")
        for sign in (-1, 1):
            _stripe(mesh, d, np.add(start, sign * across), np.add(end, sign * across), 0.9)
        for lane in (0.05, -0.28):
            _stripe(mesh, d, (length * 0.1, half * lane), (length * 0.49, half * lane), 0.8)
        for k in range(4):
            x = -length * (0.36 - 0.025 * k)
            _stripe(mesh, d, (x, -half * 0.5), (x + 2, half * 0.55), 0.5, "shadow")
    else:
        for lane in (0.0, 0.5, -0.42):
            dashes = np.linspace(-0.47, 0.49, 24)
            for p, q in zip(dashes[:-1:2], dashes[1::2], strict=True):
                _stripe(mesh, d, (length * p, half * lane), (length * q, half * lane), 0.9)
    for x, y in ((0.05, -0.62), (-0.2, -0.62), (0.2, -0.45)):
        px, py = length * x, half * y
        for a, b in (
            ((-8, -7), (8, -7)),
            ((8, -7), (8, 7)),
            ((8, 7), (-8, 7)),
            ((-8, 7), (-8, -7)),
        ):
            _stripe(mesh, d, (px + a[0], py + a[1]), (px + b[0], py + b[1]), 0.5, "shadow")
    for sign in (-1, 1):
        xs = np.linspace(-length * 0.48, length * 0.47, 16)
        port, starboard, _ = _outline(d, xs)
        edge = (port if sign > 0 else -starboard) * 0.96
        for k in range(15):
            _stripe(mesh, d, (xs[k], edge[k]), (xs[k + 1], edge[k + 1]), 0.45)


def _park(mesh: Mesh, rng: np.random.Generator, d: dict) -> None:
    """Stand aircraft along the edges, clear of the landing area."""
    length, half = d["length"], d["beam"] * d["deck_width"] / 2
    jet = d["era"] == "jets"
    spots = [(u, -0.72) for u in np.arange(-0.42, 0.28, 17 / length)]
    spots += [(u, -0.36 + 0.1 * (u > 0.38)) for u in np.arange(0.27, 0.44, 15 / length)]
    spots += [(u, 0.34) for u in np.arange(0.3, 0.42, 15 / length)] if d["angled"] else []
    spots += [(u, 0.62) for u in np.arange(-0.44, -0.25, 16 / length)]
    island = [(d["island"] - k * 0.2) for k in range(d["islands"])]
    reach = d["island_length"] / 2 + 10 / length
    spots = [s for s in spots if not (s[1] < -0.5 and any(abs(s[0] - i) < reach for i in island))]
    order = rng.permutation(len(spots))
    for count, k in enumerate(order[: d["aircraft"]]):
        u, side = spots[k]
        port, starboard, z = (float(v) for v in _outline(d, np.array(u * length)))
        y = (starboard - 7) * np.sign(side) * -1 if abs(side) > 0.5 and side < 0 else half * side
        y = -abs(y) if side < 0 else min(half * side, port - 7)
        yaw = (62 if side < 0 else -62) + rng.uniform(-6, 6)
        if count < d["helicopters"]:
            rigs.helicopter(mesh, rng, u * length, y, z, yaw)
        else:
            rigs.fighter(mesh, u * length, y, z, yaw, folded=chance(rng, 0.7), jet=jet)
    for _ in range(16):
        px, py = rng.uniform(-0.4, 0.4) * length, rng.uniform(-0.75, 0.5) * half
        colour = ("marking_yellow", "super", "white")[int(rng.integers(3))]
        z = float(_outline(d, np.array(px))[2])
        mesh.block(colour, px, px + 3.2, 1.8, z, z + 1.3, y=py)
        mesh.rod("cloth_navy", (px + 5, py, z), (px + 5, py, z + 1.75), 0.28, n=5)


def landing_deck(mesh: Mesh, lines: Lines, x0: float, x1: float) -> None:
    """Mark the helicopter deck of an escort between `x0` and `x1`, with nets at its edges."""
    middle, z = (x0 + x1) / 2, lines.deck((x0 + x1) / 2)[0] + 0.06
    half = lines.deck(middle)[1] * 0.86
    mesh.polygon("deck_dark", [(x0, -half, z), (x1, -half, z), (x1, half, z), (x0, half, z)])
    angle = np.linspace(0, 2 * np.pi, 25)
    ring = np.stack(
        [middle + np.cos(angle) * half * 0.6, np.sin(angle) * half * 0.6, 0 * angle + z + 0.05], -1
    )
    inner = (ring - (middle, 0, 0)) * (0.9, 0.9, 1) + (middle, 0, 0)
    mesh.grid("marking", np.stack([ring, inner], 0))
    for y in (-half * 0.97, 0, half * 0.97):
        mesh.polygon(
            "marking",
            [
                (x0, y - 0.2, z + 0.04),
                (x1, y - 0.2, z + 0.04),
                (x1, y + 0.2, z + 0.04),
                (x0, y + 0.2, z + 0.04),
            ],
        )
    # Safety nets, hung out or raised
    for sign in (-1, 1):
        mesh.polygon(
            "radar",
            [
                (x0, sign * half * 1.1, z),
                (x1, sign * half * 1.1, z),
                (x1, sign * half * 1.25, z + 0.5),
                (x0, sign * half * 1.25, z + 0.5),
            ],
        )
