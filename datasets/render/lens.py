"""Where the camera stands, what it looks at and what of the sea it sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Lens:
    """A camera.

    Attributes
    ----------
    position
        (3,) metres; the vessel lies at the origin with its bow to +x.
    axes
        (3, 3): right, up and forward as rows.
    field
        Angle that the (square) picture takes in, radians.
    pixels
        Edge of the rendered picture.

    """

    position: np.ndarray
    axes: np.ndarray
    field: float
    pixels: int

    @property
    def pixel(self) -> float:
        """Angle of one pixel, radians."""
        return self.field / self.pixels

    def rays(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Return unit directions through picture positions u, v in -1 (left, bottom)..1."""
        reach = np.tan(self.field / 2)
        way = self.axes[2] + reach * (u[:, None] * self.axes[0] + v[:, None] * self.axes[1])
        return way / np.linalg.norm(way, axis=-1, keepdims=True)

    def project(self, points: np.ndarray) -> np.ndarray:
        """Return (n, 2) picture positions in -1..1 of points before the camera."""
        local = (np.asarray(points) - self.position) @ self.axes.T
        return local[:, :2] / local[:, 2:] / np.tan(self.field / 2)

    def footprint(self, crest: float) -> tuple[tuple[float, float], float, float]:
        """Return (from, to) azimuth, nearest and farthest distance of the sea in the picture.

        Crests of height `crest` rise into the picture from nearer than level water would.
        """
        edge = np.linspace(-1.04, 1.04, 40)
        full = np.full_like(edge, 1.04)
        u = np.concatenate([edge, edge, full, -full])
        v = np.concatenate([full, -full, edge, edge])
        rays = self.rays(u, v)
        height = self.position[2]
        horizon = np.sqrt(2 * 6.371e6 * height) * 1.02
        down = np.maximum(-rays[:, 2], 1e-9) / np.maximum(np.hypot(rays[:, 0], rays[:, 1]), 1e-9)
        distance = np.minimum(height / down, horizon)
        middle = np.arctan2(self.axes[2, 1], self.axes[2, 0])
        turn = np.angle(np.exp(1j * (np.arctan2(rays[:, 1], rays[:, 0]) - middle)))
        near = float(distance.min()) * 0.9 * max(1 - crest / height, 0.05)
        return (
            (middle + turn.min() - 0.01, middle + turn.max() + 0.01),
            max(near, 0.3),
            float(distance.max()) * 1.05,
        )


def aim(
    *,
    bearing: float,
    distance: float,
    height: float,
    target: float,
    field: float,
    offset: tuple[float, float],
    roll: float,
    pixels: int,
) -> Lens:
    """Return a camera that looks at the vessel.

    Parameters
    ----------
    bearing
        Of the camera seen from the vessel: 0 ahead, 90 to port, degrees.
    distance, height
        Of the camera, metres.
    target
        Height that it looks at.
    field
        Radians.
    offset
        Where the vessel shall stand in the picture, in halves of its edge.
    roll
        Degrees.
    pixels
        Edge of the rendered picture.

    """
    a = np.radians(bearing)
    position = np.array([distance * np.cos(a), distance * np.sin(a), height])
    forward = np.array([0, 0, target]) - position
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, (0, 0, 1.0))
    right /= np.linalg.norm(right)
    up = np.cross(right, forward)
    reach = np.tan(field / 2)
    forward = forward - reach * (offset[0] * right + offset[1] * up)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, (0, 0, 1.0))
    right /= np.linalg.norm(right)
    up = np.cross(right, forward)
    c, s = np.cos(np.radians(roll)), np.sin(np.radians(roll))
    return Lens(
        position, np.stack([c * right + s * up, c * up - s * right, forward]), field, pixels
    )
