"""Motorboats: runabouts, cuddy cabins, flybridge cruisers, inflatables, fishing boats, classics."""

from __future__ import annotations

import numpy as np

from .boats import classic, cuddy, inflatable, runabout
from .cruisers import fishing, flybridge
from .draw import between, chance, pick
from .hull import Lines, add_hull
from .mesh import Mesh
from .people import flag
from .shape import Shape

BUILDERS = {
    "runabout": runabout,
    "cuddy": cuddy,
    "flybridge": flybridge,
    "inflatable": inflatable,
    "fishing": fishing,
    "classic": classic,
}
KINDS = tuple(BUILDERS)
LENGTHS = {
    "runabout": (5, 7.5),
    "cuddy": (6.5, 9.5),
    "flybridge": (11, 18),
    "inflatable": (5.5, 9.5),
    "fishing": (8, 14),
    "classic": (6.5, 9.5),
}
HULLS = ("e8e8e5", "ecebe6", "dfe3e5", "22355c", "7c1f22", "1e2326", "b8c4c8", "2f5d50", "e6dcc4")


def design_motorboat(rng: np.random.Generator, number: int) -> dict:
    """Draw a motorboat of one of six kinds."""
    kind = KINDS[number % len(KINDS)]
    length = between(rng, *LENGTHS[kind])
    return {
        "kind": kind,
        "length": length,
        "beam": length * (0.29 if length > 10 else 0.33) * between(rng, 0.94, 1.06),
        "freeboard": between(rng, 0.9, 1.12),
        "engines": int(pick(rng, (1, 2, 2, 3) if length > 6.5 else (1, 1, 2))),
        "hull": pick(
            rng, ("2a5a7a", "7c2a22", "2c5a3f", "d8d6cc", "24406a") if kind == "fishing" else HULLS
        ),
        "house": pick(rng, ("e4e3de", "d9d3c2", "e6e6e4", "c9cfd0")),
        "stripe": pick(rng, ("1f3a5f", "8a1f1f", "20262c", "c46a1e", "2c5a44")),
        "canvas": pick(rng, ("22304a", "d5d2c6", "3f4a4a", "6d1f24")),
        "tube": pick(rng, ("565b60", "2a2d30", "c7572a", "d3d3d0", "6d7478")),
        "top": chance(rng, 0.55),
        "arch": chance(rng, 0.5),
        "rail": chance(rng, 0.65),
        "crew": int(rng.integers(1, 6)),
        "trim": between(rng, 1.5, 5.0),
        "dirt": between(rng, 0.05, 0.6),
    }


def build_motorboat(d: dict, rng: np.random.Generator) -> Shape:
    """Build what `design_motorboat` drew."""
    length, beam, kind = d["length"], d["beam"], d["kind"]
    free = (0.42 + length * 0.062) * d["freeboard"] * (0.72 if kind == "inflatable" else 1.0)
    ratio = {"fishing": (1.75, 1.0, 0.95), "classic": (1.15, 0.95, 0.72)}.get(
        kind, (1.35, 1.05, 0.92)
    )
    open_boat = kind in ("runabout", "inflatable", "classic")
    lines = Lines(
        length,
        beam,
        0.35 if kind != "fishing" else 0.8,
        free * ratio[0],
        free * ratio[1],
        free * ratio[2],
        rake=length * {"classic": 0.03, "fishing": 0.07}.get(kind, 0.14),
        transom=0.9,
        transom_rake=-0.1 if kind == "classic" else 0.05,
        waterline_fullness=1.7,
        deck_fullness=2.6,
        flare=0.78 if kind != "fishing" else 0.9,
        bilge=1.2,
        bulwark=free * 0.5 if open_boat else (0.55 if kind == "fishing" else 0.1),
        widest=0.4,
        stem_curve=1.3,
    )
    mesh = Mesh()
    add_hull(mesh, lines, deck="sole", inside="inside", heights=8)
    height = BUILDERS[kind](mesh, rng, d, lines)
    for sign in (1, -1):
        for low, high, material in (
            (0.66, 0.74, "stripe"),
            (0.95, 1.0, "fender" if kind != "classic" else "chrome"),
        ):
            strip = lines.side(lines.stations(30), np.array([low, high])) * (1, sign, 1)
            strip[:, :, 1] += sign * 0.025
            if kind != "inflatable" or material == "stripe":
                mesh.grid(material, strip)
    if chance(rng, 0.55):
        flag(mesh, rng, -length * 0.48, beam * 0.2, float(lines.edge(0.02)), 0.5, 1.0)
    wooden = kind == "classic"
    paints = {
        "hull": ("varnish", pick(rng, ("6b3a1e", "5a2f1a", "7c4a26")))
        if wooden
        else ("gelcoat", d["hull"]),
        "inside": ("cloth", "d6d1c3") if not wooden else ("varnish", "74451f"),
        "sole": ("wood", "9c8462") if chance(rng, 0.4) or wooden else ("deck_white", "c9c8c0"),
        "foredeck": ("varnish", "7a451f") if wooden else ("gelcoat", d["house"]),
        "house": ("gelcoat", d["house"]),
        "stripe": ("gloss", d["stripe"]),
        "canvas": ("cloth", d["canvas"]),
        "tube": ("rubber", d["tube"]),
    }
    marks = {
        "boot": 0.1,
        "boot_colour": "20262c",
        "below": pick(rng, ("7a1f1f", "1f2c4a", "20262c")),
        "rust": 0.5 if kind == "fishing" else 0.0,
        "dirt": d["dirt"],
        "camouflage": None,
    }
    trim = 0.4 if kind == "fishing" else d["trim"]
    return Shape(mesh, lines, paints, marks, heel=between(rng, -3, 3), trim=trim, height=height)
