"""Hulls lofted from a few numbers that a naval architect would recognise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .mesh import Mesh


@dataclass(frozen=True)
class Lines:
    """The lines of a hull. Lengths in metres, the rest as parts of one.

    Attributes
    ----------
    length, beam, draft
        Over all; greatest, on deck; below the waterline.
    bow, middle, stern
        Freeboard: height of the deck edge above the water.
    rake
        How far the stem at deck height stands ahead of the stem at the water; may be negative.
    transom
        Width of the stern as a part of the beam: 0 is a pointed stern.
    transom_rake
        How far the deck edge of the stern stands behind (positive) its waterline.
    waterline_fullness, deck_fullness
        How full the bow is in plan, 1 (a wedge) to 4 (blunt).
    flare
        Width at the waterline as a part of the width on deck, amidships.
    step
        Where the deck drops behind a forecastle (0 stern, 1 bow), and by how much.
    bulwark
        How high the sides rise above the deck.
    bilge
        Roundness of the sections below the water.

    """

    length: float
    beam: float
    draft: float
    bow: float
    middle: float
    stern: float
    rake: float = 5.0
    transom: float = 0.6
    transom_rake: float = 0.0
    waterline_fullness: float = 1.5
    deck_fullness: float = 2.4
    flare: float = 0.95
    step: tuple[float, float] | None = None
    bulwark: float = 0.0
    bilge: float = 2.5
    widest: float = 0.45
    stem_curve: float = 1.0

    def stations(self, count: int = 48) -> np.ndarray:
        """Return station positions from 0 (stern) to 1 (stem), closer together at the ends."""
        s = np.linspace(0, 1, count)
        s = s + 0.06 * np.sin(2 * np.pi * s) * -1
        if self.step:
            s = np.sort(np.append(s, [self.step[0] - 0.0015, self.step[0] + 0.0015]))
        return np.clip(s, 0, 1)

    def x(self, s: np.ndarray | float) -> np.ndarray:
        """Return where station `s` stands on the waterline."""
        aft = -self.length / 2 + max(self.transom_rake, 0.0)
        forward = self.length / 2 - max(self.rake, 0.0)
        return aft + (forward - aft) * np.asarray(s, float)

    def s(self, x: np.ndarray | float) -> np.ndarray:
        """Return the station at `x` (0..1, clipped)."""
        aft, forward = self.x(0.0), self.x(1.0)
        return np.clip((np.asarray(x, float) - aft) / (forward - aft), 0.0, 1.0)

    def edge(self, s: np.ndarray | float) -> np.ndarray:
        """Return the height of the deck edge."""
        s = np.asarray(s, float)
        ahead = np.clip((s - 0.4) / 0.6, 0, 1) ** 2
        behind = np.clip((0.4 - s) / 0.4, 0, 1) ** 2
        z = self.middle + (self.bow - self.middle) * ahead + (self.stern - self.middle) * behind
        if self.step:
            z = z - self.step[1] * (s < self.step[0])
        return z

    def half(self, s: np.ndarray | float, height: np.ndarray | float = 1.0) -> np.ndarray:
        """Return the half breadth at `height`: 0 the waterline, 1 the deck edge."""
        s, height = np.asarray(s, float), np.asarray(height, float)
        fullness = self.waterline_fullness + height * (self.deck_fullness - self.waterline_fullness)
        ahead = np.clip((s - self.widest) / (1 - self.widest), 0, 1)
        behind = np.clip((self.widest - s) / self.widest, 0, 1)
        plan = (1 - ahead**fullness) * (1 - (1 - self.transom) * behind**2.2)
        flare = self.flare + (1 - self.flare) * height**1.3
        return self.beam / 2 * np.maximum(plan, 0.0) * flare

    def deck(self, x: float) -> tuple[float, float]:
        """Return (height of the deck, half breadth) at `x`."""
        s = np.linspace(0, 1, 101)
        edge = self.x(s) + self.rake * s**8 - self.transom_rake * (1 - s) ** 12
        at = float(np.interp(x, edge, s))
        return float(self.edge(at)) - self.bulwark, float(self.half(at))

    def waterline(self, count: int = 64) -> np.ndarray:
        """Return (x, half breadth at the water), from stern to stem, shape (count, 2)."""
        s = np.linspace(0, 1, count)
        return np.stack([self.x(s), self.half(s, 0.0)], -1)

    def side(self, s: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Return the port side, shape (stations, heights, 3); v in -1 (keel)..1 (deck)."""
        s, v = s[:, None], v[None, :]
        above, below = np.clip(v, 0, 1), np.clip(-v, 0, 1)
        half = self.half(s, above) * (1 - below**self.bilge) ** 0.6
        # The forefoot rises, so that no knife of a keel shows through a wave at the stem.
        depth = self.draft * (1 - 0.7 * s**6)
        z = above * self.edge(s) - below * depth
        x = self.x(s) + self.rake * (s**8) * np.where(v > 0, above**self.stem_curve, -0.3 * below)
        x = x - self.transom_rake * (1 - s) ** 12 * above
        return np.stack(np.broadcast_arrays(x, half, z), -1)


def add_hull(
    mesh: Mesh,
    lines: Lines,
    *,
    paint: str = "hull",
    deck: str | None = "deck",
    inside: str = "super",
    heights: int = 9,
) -> None:
    """Add the sides, the transom and, unless `deck` is None, the deck."""
    s = lines.stations()
    v = np.concatenate([[-1.0, -0.6, -0.25], np.linspace(0, 1, heights)])
    port = lines.side(s, v)
    for sign in (1.0, -1.0):
        side = port * (1.0, sign, 1.0)
        mesh.grid(paint, side if sign < 0 else side[:, ::-1])
        top = side[:, -1]
        low = top - (0, 0, lines.bulwark)
        low[:, 1] *= 0.985
        if lines.bulwark:
            mesh.grid(inside, np.stack([top, low], 1))
    stern = np.concatenate([port[0], (port[0] * (1, -1, 1))[::-1]])
    mesh.polygon(paint, stern)
    if deck is not None:
        edge = port[:, -1] - (0, 0, lines.bulwark)
        mesh.grid(deck, np.stack([edge, edge * (1, 0, 1), edge * (1, -1, 1)], 1), smooth=False)


def add_rail(
    mesh: Mesh,
    lines: Lines,
    x0: float,
    x1: float,
    *,
    height: float = 1.1,
    wires: int = 3,
    spacing: float = 2.2,
    radius: float = 0.025,
    material: str = "rail",
) -> None:
    """Add stanchions and wires along both edges of the deck from `x0` to `x1`."""
    posts = np.arange(x0, x1 + spacing / 2, spacing)
    for sign in (1, -1):
        feet = []
        for x in posts:
            z, half = lines.deck(float(x))
            feet.append(np.array([x, sign * max(half - 0.15, 0.0), z]))
        for foot in feet:
            mesh.rod(material, foot, np.add(foot, (0, 0, height)), radius * 1.3, n=3)
        for wire in range(wires):
            lift = (0, 0, height * (wire + 1) / wires)
            mesh.wire(material, [foot + lift for foot in feet], radius)
