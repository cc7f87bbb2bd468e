"""Masts, rigging and sails of a yacht."""

from __future__ import annotations

import numpy as np

from .draw import chance
from .hull import Lines
from .mesh import Mesh


def _sail(
    mesh: Mesh,
    tack,
    clew,
    head,
    *,
    camber: float,
    lee: float,
    roach: float,
    material: str,
    head_width: float = 0.03,
) -> None:
    tack, clew, head = (np.asarray(p, float) for p in (tack, clew, head))
    u, v = np.meshgrid(np.linspace(0, 1, 17), np.linspace(0, 1, 9), indexing="ij")
    luff = tack + (head - tack) * u[..., None]
    peak = head + (clew - tack) * head_width
    leech = clew + (peak - clew) * u[..., None]
    leech = leech + (clew - tack) * (roach * np.sin(np.pi * u))[..., None]
    points = luff + (leech - luff) * v[..., None]
    chord = np.linalg.norm(leech - luff, axis=-1)
    depth = (
        camber
        * chord
        * 6.7
        * v
        * (1 - v) ** 1.6
        * (0.35 + 0.65 * np.sin(np.pi * np.clip(u + 0.15, 0, 1)))
    )
    points[..., 1] += lee * depth
    # The leech twists off to leeward higher up.
    points[..., 1] += lee * 0.12 * chord * v * u
    mesh.grid(material, points)
    for k in (4, 8, 12):
        mesh.wire("stay", list(points[k, ::2] + (0, 0.015, 0)), 0.012)


def add_rig(mesh: Mesh, rng: np.random.Generator, d: dict, lines: Lines, deck: float) -> float:
    """Add what the yacht's design says it carries; return the height of the mast."""
    length, beam = d["length"], d["beam"]
    lee = float(d["tack"]) * -1.0
    base = deck + d["cabin"]
    foot, tall = length * 0.09, length * d["mast"] * (0.9 if d["rig"] == "ketch" else 1.0)
    bow = (length * 0.485, 0.0, lines.deck(length * 0.48)[0] + 0.15)
    masts = [(foot, tall, 0.36)]
    if d["rig"] == "ketch":
        masts.append((-length * 0.3, tall * 0.68, 0.22))
    for index, (x, height, boom) in enumerate(masts):
        head = (x - height * 0.015, 0.0, base + height)
        mesh.rod("spar", (x, 0, deck), head, 0.045 + length * 0.004, 0.05, 8)
        for u in (0.36, 0.68)[: 2 if length > 10 else 1]:
            z, reach = base + height * u, beam * 0.3 * (1.15 - u)
            mesh.rod("spar", (x, -reach, z), (x, reach, z), 0.035, n=4)
        for side in (-1, 1):
            chain = (x - 0.2, side * beam * 0.46, deck)
            spreader = (x, side * beam * 0.24, base + height * 0.36)
            upper = (x, side * beam * 0.14, base + height * 0.68)
            mesh.wire("stay", [chain, spreader, upper, head], 0.012)
            mesh.wire("stay", [chain, (x, 0, base + height * 0.36)], 0.01)
        mesh.wire("stay", [head, (x - 0.6, 0, head[2] + 0.5)], 0.012)
        mesh.rod("black", (head[0], 0, head[2]), (head[0], 0, head[2] + 0.6), 0.015, n=3)
        out = np.radians(d["boom"] if d["sails"] != "furled" else 0.0)
        reach = length * boom
        level = base + 0.75
        end = np.array((x - reach * np.cos(out), lee * reach * np.sin(out), level + 0.12))
        mesh.rod("spar", (x, 0, level), end, 0.07, n=7)
        mesh.wire("stay", [tuple(end * (0.8, 0.8, 1)), (x - reach * 0.75, 0, deck + 0.1)], 0.02)
        if d["sails"] == "furled":
            middle = (np.array((x, 0, level)) + end) / 2
            mesh.rod("canvas", (x - 0.1, 0, level + 0.2), np.add(end, (0, 0, 0.12)), 0.2, 0.13, 8)
            mesh.ball("canvas", np.add(middle, (0, 0, 0.17)), (reach * 0.4, 0.2, 0.2))
        else:
            _sail(
                mesh,
                (x - 0.1, 0, level + 0.1),
                np.add(end, (0, 0, 0.06)),
                np.array(head) - (0.06, 0, 0.15),
                camber=0.11,
                lee=lee,
                roach=0.12,
                material="sail",
                head_width=0.09 if d["modern"] else 0.03,
            )
        if index == 0:
            _headsails(mesh, rng, d, np.array(head), np.array(bow), x, lee, deck)
    mesh.wire(
        "stay",
        [(masts[0][0], 0, base + tall), (-length * 0.49, 0, lines.deck(-length * 0.48)[0])],
        0.012,
    )
    return base + tall


def _headsails(mesh: Mesh, rng, d: dict, head, bow, mast: float, lee: float, deck: float) -> None:
    length, beam = d["length"], d["beam"]
    hounds = head + (bow - head) * 0.04
    mesh.wire("stay", [bow, hounds], 0.014)
    rolled = d["sails"] in ("furled", "main_only", "gennaker")
    if rolled:
        mesh.rod(
            "canvas" if chance(rng, 0.5) else "sail",
            bow + (hounds - bow) * 0.04,
            bow + (hounds - bow) * 0.95,
            0.1,
            0.05,
            6,
        )
    else:
        overlap = rng.uniform(-0.02, 0.12) * length
        clew = (mast - overlap, lee * beam * rng.uniform(0.34, 0.5), deck + rng.uniform(0.5, 1.2))
        _sail(
            mesh,
            np.add(bow, (0, 0, 0.35)),
            clew,
            bow + (hounds - bow) * 0.95,
            camber=0.15,
            lee=lee,
            roach=-0.03,
            material="sail",
            head_width=0.0,
        )
        mesh.wire("stay", [clew, (mast - 0.25 * length, lee * beam * 0.42, deck + 0.1)], 0.015)
        if d["rig"] == "cutter":
            inner = np.add(bow, (length * -0.14, 0, 0.1))
            _sail(
                mesh,
                inner,
                (mast + 0.2, lee * beam * 0.3, deck + 0.8),
                inner + (hounds - inner) * 0.72,
                camber=0.13,
                lee=lee,
                roach=-0.02,
                material="sail",
                head_width=0.0,
            )
    if d["sails"] == "gennaker":
        tack = np.add(bow, (length * 0.06, 0, 0.5))
        clew = np.array((mast + length * 0.02, lee * beam * 1.25, deck + 1.3))
        u, v = np.meshgrid(np.linspace(0, 1, 15), np.linspace(0, 1, 11), indexing="ij")
        luff = tack + (hounds - tack) * u[..., None]
        leech = clew + (hounds - clew) * u[..., None]
        points = luff + (leech - luff) * v[..., None]
        chord = np.linalg.norm(leech - luff, axis=-1)
        swell = np.sin(np.pi * v) * (0.25 + 0.75 * np.sin(np.pi * u**0.8))
        points = points + (swell * chord.max() * 0.24)[..., None] * np.array(
            (0.75, lee * 0.65, 0.0)
        )
        mesh.grid("gennaker", points[:8])
        mesh.grid("gennaker_2" if chance(rng, 0.6) else "gennaker", points[7:])
        mesh.wire("stay", [clew, (-length * 0.4, lee * beam * 0.42, deck + 0.2)], 0.015)
