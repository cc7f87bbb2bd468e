"""Sailing yachts: sloops, cutters and ketches, under sail or with sails furled."""

from __future__ import annotations

import numpy as np

from .draw import between, chance, pick
from .hull import Lines, add_hull, add_rail
from .mesh import Mesh
from .people import flag, person
from .sails import add_rig
from .shape import Shape

HULLS = ("e6e6e2", "e3dfd2", "f0efec", "1f2f4f", "2b3a3a", "6e1f24", "7a4a2a", "9fb4bf", "e8e8e6")
GENNAKERS = ("b8332b", "23458f", "d9a21b", "2f7d4f", "d8d8d4", "7b2d63", "cf5a1e")


def design_sailing_yacht(rng: np.random.Generator, number: int) -> dict:
    """Draw a yacht of 8 to 18 m."""
    length = between(rng, 8, 18)
    modern = chance(rng, 0.6)
    return {
        "length": length,
        "beam": length / between(rng, 3.0, 3.5) * (1.0 if modern else 0.92),
        "modern": modern,
        "rig": ("sloop", "sloop", "cutter", "ketch")[number % 4],
        "sails": pick(rng, ("up", "up", "main_only", "furled", "gennaker"), (5, 3, 1, 2, 2)),
        "mast": between(rng, 1.22, 1.42),
        "cabin": between(rng, 0.2, 0.5),
        "heel": between(rng, 4, 22),
        "tack": int(pick(rng, (-1, 1))),
        "boom": between(rng, 6, 34),
        "tan_sails": not modern and chance(rng, 0.25),
        "hull": pick(rng, HULLS),
        "stripe": pick(rng, ("1f3a5f", "7a1f1f", "20262c", "2c5a44")),
        "teak": chance(rng, 0.5),
        "canvas": pick(rng, ("22304a", "6d1f24", "3f4a4a", "8a8474", "27506b")),
        "gennaker": list(rng.permutation(len(GENNAKERS))[:2].tolist()),
        "sprayhood": chance(rng, 0.6),
        "crew": int(rng.integers(1, 6)),
        "dinghy": chance(rng, 0.2),
        "dirt": between(rng, 0.05, 0.5),
    }


def build_sailing_yacht(d: dict, rng: np.random.Generator) -> Shape:
    """Build what `design_sailing_yacht` drew."""
    length, beam = d["length"], d["beam"]
    free = 0.62 + length * 0.05
    modern = d["modern"]
    lines = Lines(
        length,
        beam,
        0.55,
        free * 1.28,
        free,
        free * (0.98 if modern else 1.05),
        rake=length * (0.03 if modern else 0.13),
        transom=0.86 if modern else 0.42,
        transom_rake=length * (0.01 if modern else 0.07),
        waterline_fullness=1.55,
        deck_fullness=2.0,
        flare=0.84,
        bilge=1.6,
        widest=0.42 if modern else 0.48,
    )
    mesh = Mesh()
    add_hull(mesh, lines, deck="teak_deck", heights=7)
    for sign in (1, -1):
        _band(mesh, lines, sign, 0.8, 0.88, "stripe")
        _band(mesh, lines, sign, 0.97, 1.05, "teak" if d["teak"] else "white")
    deck = lines.deck(0)[0]
    # Coachroof, cockpit, wheel
    a, b = -length * 0.12, length * 0.2
    walls = mesh.block(
        "topside",
        a,
        b,
        beam * 0.5,
        deck - 0.05,
        deck + d["cabin"] + 0.12,
        front=length * 0.06,
        side=0.12,
        narrow=0.55,
    )
    for side in ("port", "starboard"):
        mesh.windows(
            walls[side],
            1 if modern else 4,
            u=(0.12, 0.85),
            v=(0.35, 0.8),
            fill=(0.97 if modern else 0.6, 1),
        )
    for x in (0.02, 0.1, 0.27):
        z = lines.deck(length * x)[0] + (d["cabin"] + 0.12 if x < 0.2 else 0)
        mesh.block("glass", length * x, length * x + 0.5, 0.5, z, z + 0.05)
    cockpit = lines.deck(-length * 0.28)[0]
    mesh.block("shadow", -length * 0.42, a - 0.1, beam * 0.36, cockpit - 0.02, cockpit + 0.03)
    for sign in (1, -1):
        mesh.block(
            "topside",
            -length * 0.42,
            a + 0.2,
            0.14,
            cockpit - 0.05,
            cockpit + 0.34,
            y=sign * beam * 0.23,
        )
        mesh.rod(
            "chrome",
            (a - 0.6, sign * beam * 0.26, cockpit + 0.3),
            (a - 0.6, sign * beam * 0.26, cockpit + 0.52),
            0.07,
        )
    ring = np.linspace(0, 2 * np.pi, 15)
    wheel = [(-length * 0.36, 0.42 * np.cos(t), cockpit + 0.75 + 0.42 * np.sin(t)) for t in ring]
    mesh.wire("chrome", wheel, 0.025)
    if d["sprayhood"]:
        u = np.linspace(0, np.pi, 7)
        hood = [
            [
                (
                    a + 0.5 - k * 0.55,
                    beam * 0.25 * np.cos(t),
                    deck + d["cabin"] + (0.1 + 0.6 * (k > 0)) * np.sin(t),
                )
                for t in u
            ]
            for k in range(3)
        ]
        mesh.grid("canvas", np.array(hood))
    add_rail(
        mesh,
        lines,
        -length * 0.46,
        length * 0.44,
        height=0.62,
        wires=2,
        spacing=length * 0.15,
        radius=0.014,
    )
    for x0, x1 in ((0.44, 0.5), (-0.495, -0.43)):
        rows = []
        for x in (x0, x1):
            z, half = lines.deck(length * x)
            rows += [(length * x, max(half - 0.1, 0), z + 0.66)]
        loop = [
            rows[0],
            rows[1],
            (rows[1][0], -rows[1][1], rows[1][2]),
            (rows[0][0], -rows[0][1], rows[0][2]),
        ]
        mesh.wire("chrome", loop if x0 > 0 else [*loop[:1], *loop[1:]], 0.025)
    top = add_rig(mesh, rng, d, lines, deck)
    _people(mesh, rng, d, lines, cockpit)
    if chance(rng, 0.6):
        flag(mesh, rng, -length * 0.485, 0, cockpit, 0.75, 1.6)
    if d["dinghy"]:
        mesh.ball("tube", (length * 0.3, 0, lines.deck(length * 0.3)[0] + 0.3), (1.2, 0.65, 0.3))
    under_sail = d["sails"] != "furled"
    main = "8a5a40" if d["tan_sails"] else pick(rng, ("eceae3", "e4e2da", "dedfdd", "cfd2cf"))
    paints = {
        "hull": ("gelcoat", d["hull"]),
        "topside": ("gelcoat", "e4e3de"),
        "teak_deck": ("wood", "a98f6c") if d["teak"] else ("deck_white", "cfcdc4"),
        "stripe": ("gloss", d["stripe"]),
        "sail": ("sail", main),
        "canvas": ("cloth", d["canvas"]),
        "gennaker": ("sail", GENNAKERS[d["gennaker"][0]]),
        "gennaker_2": ("sail", GENNAKERS[d["gennaker"][1]]),
    }
    marks = {
        "boot": 0.13,
        "boot_colour": d["stripe"],
        "below": pick(rng, ("7a1f1f", "1f2c4a", "20262c")),
        "rust": 0.0,
        "dirt": d["dirt"],
        "camouflage": None,
    }
    return Shape(
        mesh, lines, paints, marks, heel=d["heel"] * d["tack"] if under_sail else 0.0, height=top
    )


def _band(mesh: Mesh, lines: Lines, sign: int, low: float, high: float, material: str) -> None:
    """Lay a strip along the side between two heights (parts of the freeboard)."""
    s = lines.stations(30)
    strip = lines.side(s, np.array([low, min(high, 1.0)])) * (1, sign, 1)
    strip[:, :, 1] += sign * 0.02
    if high > 1:
        strip[:, 1, 2] += 0.05
    mesh.grid(material, strip)


def _people(mesh: Mesh, rng: np.random.Generator, d: dict, lines: Lines, cockpit: float) -> None:
    length, beam = d["length"], d["beam"]
    windward = float(d["tack"])
    for k in range(d["crew"]):
        x = -length * (0.39 - 0.07 * k) + rng.uniform(-0.2, 0.2)
        if k == 0:
            person(mesh, rng, x, rng.uniform(-0.3, 0.3), cockpit - 0.25)
        elif d["heel"] > 12 and k > 1:
            z, half = lines.deck(x)
            person(mesh, rng, x, windward * (half - 0.3), z + 0.05, seated=True)
        else:
            person(mesh, rng, x, rng.choice((-1, 1)) * beam * 0.24, cockpit + 0.3, seated=True)
