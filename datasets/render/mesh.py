"""A list of coloured polygons, and the few solids that ships are put together from.

Metres; x points to the bow, y to port, z up, with z = 0 at the waterline.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import numpy as np

Point = Sequence[float]


class Mesh:
    """Vertices and faces, each face with the name of its material.

    Attributes
    ----------
    points
        List of (n, 3) float arrays.
    faces
        List of (vertex indices, material, smooth).

    """

    def __init__(self) -> None:
        self.points: list[np.ndarray] = []
        self.faces: list[tuple[tuple[int, ...], str, bool]] = []
        self._count = 0
        self._matrix = np.eye(4)

    def vertices(self) -> np.ndarray:
        """Return all vertices, shape (n, 3)."""
        return np.concatenate(self.points) if self.points else np.zeros((0, 3))

    @contextmanager
    def at(
        self,
        x: float = 0.0,
        y: float = 0.0,
        z: float = 0.0,
        yaw: float = 0.0,
        pitch: float = 0.0,
        scale: float = 1.0,
    ) -> Iterator[None]:
        """Place what is built inside the block: turned by `yaw` about z, then `pitch` (degrees)."""
        a, b = np.radians(yaw), np.radians(pitch)
        turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
        tilt = np.array([[np.cos(b), 0, -np.sin(b)], [0, 1, 0], [np.sin(b), 0, np.cos(b)]])
        local = np.eye(4)
        local[:3, :3] = turn @ tilt * scale
        local[:3, 3] = x, y, z
        before, self._matrix = self._matrix, self._matrix @ local
        yield
        self._matrix = before

    def add(
        self,
        points: np.ndarray,
        faces: Sequence[Sequence[int]],
        material: str,
        smooth: bool = False,
    ) -> None:
        """Add polygons; `faces` index into `points`."""
        points = np.asarray(points, float).reshape(-1, 3)
        self.points.append(points @ self._matrix[:3, :3].T + self._matrix[:3, 3])
        self.faces += [(tuple(i + self._count for i in face), material, smooth) for face in faces]
        self._count += len(points)

    def grid(self, material: str, points: np.ndarray, smooth: bool = True) -> None:
        """Add a surface through a (rows, columns, 3) grid of points."""
        rows, columns = points.shape[:2]
        corner = np.arange(rows * columns).reshape(rows, columns)
        quads = np.stack([corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]], -1)
        self.add(points, quads.reshape(-1, 4).tolist(), material, smooth)

    def polygon(self, material: str, points: Sequence[Point]) -> None:
        """Add one flat face."""
        self.add(np.array(points), [range(len(points))], material)

    def prism(
        self,
        material: str,
        bottom: Sequence[Point],
        top: Sequence[Point],
        cap: str | None = None,
    ) -> None:
        """Add the solid between two rings of as many points; `cap` is the material of its top."""
        n = len(bottom)
        ring = [(i, (i + 1) % n, n + (i + 1) % n, n + i) for i in range(n)]
        points = np.concatenate([np.asarray(bottom, float), np.asarray(top, float)])
        self.add(points, [*ring, range(n - 1, -1, -1)], material)
        self.add(points[n:], [range(n)], cap or material)

    def block(
        self,
        material: str,
        x0: float,
        x1: float,
        width: float,
        z0: float,
        z1: float,
        *,
        y: float = 0.0,
        front: float = 0.0,
        back: float = 0.0,
        side: float = 0.0,
        narrow: float = 1.0,
        cap: str | None = None,
    ) -> dict[str, np.ndarray]:
        """Add a house: a box whose walls may lean inwards.

        Parameters
        ----------
        material
            Of the walls.
        x0, x1, width, z0, z1
            From aft to forward, across, from bottom to top.
        y
            Of its middle.
        front, back, side
            How far the top edge of that wall lies inside the bottom edge.
        narrow
            Width of the forward wall as a part of `width`.
        cap
            Material of the roof.

        Returns
        -------
        dict
            The walls `front`, `back`, `port`, `starboard` as (4, 3) corners: bottom left, bottom
            right, top right, top left, seen from outside. For `windows`.

        """
        h = width / 2
        low = [(x0, y - h), (x1, y - h * narrow), (x1, y + h * narrow), (x0, y + h)]
        t, tn = h - side, max(h * narrow - side, 0.02)
        high = [(x0 + back, y - t), (x1 - front, y - tn), (x1 - front, y + tn), (x0 + back, y + t)]
        a = np.array([(*p, z0) for p in low])
        b = np.array([(*p, z1) for p in high])
        self.prism(material, a, b, cap)
        return {
            "front": np.array([a[1], a[2], b[2], b[1]]),
            "back": np.array([a[3], a[0], b[0], b[3]]),
            "port": np.array([a[2], a[3], b[3], b[2]]),
            "starboard": np.array([a[0], a[1], b[1], b[0]]),
        }

    def windows(
        self,
        wall: np.ndarray,
        columns: int,
        rows: int = 1,
        *,
        u: tuple[float, float] = (0.06, 0.94),
        v: tuple[float, float] = (0.5, 0.8),
        fill: tuple[float, float] = (0.7, 0.8),
        material: str = "glass",
        proud: float = 0.03,
    ) -> None:
        """Put `rows` by `columns` panes on a wall; `u`, `v` say which part of it they fill."""
        left, right = wall[1] - wall[0], wall[3] - wall[0]
        normal = np.cross(left, right)
        offset = normal / max(float(np.linalg.norm(normal)), 1e-9) * proud
        for row in range(rows):
            for column in range(columns):
                uc = u[0] + (u[1] - u[0]) * (column + 0.5) / columns
                vc = v[0] + (v[1] - v[0]) * (row + 0.5) / rows
                du = (u[1] - u[0]) / columns * fill[0] / 2
                dv = (v[1] - v[0]) / rows * fill[1] / 2
                corners = [
                    (uc - du, vc - dv),
                    (uc + du, vc - dv),
                    (uc + du, vc + dv),
                    (uc - du, vc + dv),
                ]
                self.polygon(material, [_on_wall(wall, *c) + offset for c in corners])

    def rod(
        self, material: str, p: Point, q: Point, r: float, r2: float | None = None, n: int = 6
    ) -> None:
        """Add a cylinder or cone from `p` to `q`."""
        p, q = np.asarray(p, float), np.asarray(q, float)
        along = q - p
        length = float(np.linalg.norm(along))
        if length < 1e-6:
            return
        along = along / length
        aside = np.cross(along, (0.0, 0.0, 1.0) if abs(along[2]) < 0.9 else (1.0, 0.0, 0.0))
        aside /= np.linalg.norm(aside)
        up = np.cross(along, aside)
        angle = np.arange(n) * 2 * np.pi / n
        ring = np.cos(angle)[:, None] * aside + np.sin(angle)[:, None] * up
        points = np.concatenate([p + ring * r, q + ring * (r if r2 is None else r2)])
        sides = [(i, (i + 1) % n, n + (i + 1) % n, n + i) for i in range(n)]
        self.add(points, sides, material, smooth=n > 4)
        if n > 3:
            self.add(points, [range(n), range(2 * n - 1, n - 1, -1)], material)

    def wire(self, material: str, points: Sequence[Point], r: float) -> None:
        """Add a thin line through `points`."""
        for p, q in pairwise(points):
            self.rod(material, p, q, r, n=3)

    def ball(self, material: str, centre: Point, radius: Point | float, n: int = 8) -> None:
        """Add an ellipsoid."""
        radius = np.broadcast_to(np.asarray(radius, float), (3,))
        a = np.linspace(0, 2 * np.pi, n + 1)
        b = np.linspace(-np.pi / 2, np.pi / 2, n // 2 + 1)
        a, b = np.meshgrid(a, b)
        unit = np.stack([np.cos(a) * np.cos(b), np.sin(a) * np.cos(b), np.sin(b)], -1)
        self.grid(material, unit * radius + np.asarray(centre, float))


def _on_wall(wall: np.ndarray, u: float, v: float) -> np.ndarray:
    bottom = wall[0] * (1 - u) + wall[1] * u
    top = wall[3] * (1 - u) + wall[2] * u
    return bottom * (1 - v) + top * v
