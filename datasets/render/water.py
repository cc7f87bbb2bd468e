"""The visible sea as a grid that is as fine as the picture needs, out to the horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .lens import Lens
from .wake import Disturbance
from .waves import Band, sample

EARTH = 6.371e6
MAX_ROWS, MAX_COLUMNS = 760, 520


@dataclass
class Water:
    """A grid of the sea's surface.

    Attributes
    ----------
    points
        (rows, columns, 3).
    normals
        (rows, columns, 3), of the waves themselves, finer than the grid.
    foam, rough, milky
        (rows, columns): foam 0..1, roughness of what the grid can't show, air under the surface.

    """

    points: np.ndarray
    normals: np.ndarray
    foam: np.ndarray
    rough: np.ndarray
    milky: np.ndarray


def drop(distance: np.ndarray | float) -> np.ndarray:
    """Return how far the sea lies below the tangent plane at `distance`, metres."""
    return np.asarray(distance, float) ** 2 / (2 * EARTH)


def _rows(lens: Lens, near: float, far: float) -> np.ndarray:
    """Return distances from the camera: a row or more a pixel, closer where waves hide waves."""
    for scale in np.geomspace(1.0, 6.0, 12):
        distance, d = [], near
        while d < far and len(distance) <= MAX_ROWS:
            distance.append(d)
            pixel = lens.pixel * d
            step = min(pixel * d / lens.position[2], 0.008 * d)
            d += scale * 0.9 * max(pixel, step)
        if len(distance) <= MAX_ROWS:
            return np.array([*distance, far])
    return np.geomspace(near, far, MAX_ROWS)


def make_water(lens: Lens, bands: list[Band], disturb, wind: float, crest: float) -> Water:
    """Return the sea in front of the camera.

    Parameters
    ----------
    lens
        The camera.
    bands
        The waves.
    wind
        m/s.
    crest
        Height of the highest waves.
    disturb
        Function of (x, y) that returns the `Disturbance` of the vessel.

    """
    camera = lens.position
    azimuth, near, far = lens.footprint(crest)
    distance = _rows(lens, near, far)
    columns = int(np.clip((azimuth[1] - azimuth[0]) / (lens.pixel * 0.9), 80, MAX_COLUMNS))
    angle = np.linspace(*azimuth, columns)
    r = distance[:, None]
    x = (camera[0] + r * np.cos(angle)).ravel()
    y = (camera[1] + r * np.sin(angle)).ravel()
    radial = np.gradient(distance)
    cell = np.sqrt(radial * distance * (angle[1] - angle[0]))
    cell = np.repeat(cell, columns).astype(np.float32)
    effect: Disturbance = disturb(x, y)
    z = np.zeros(len(x), np.float32)
    shift = np.zeros((len(x), 2), np.float32)
    slope = effect.slope.astype(np.float32)
    squeeze = np.zeros(len(x), np.float32)
    lost = np.full(len(x), 0.0015 + 0.0004 * wind, np.float32)
    gust = _gusts(bands, x, y)
    for band in bands:
        weight = np.clip(band.wavelength / (2.2 * cell) - 0.35, 0, 1)
        # Wakes and gusts change short waves only.
        quiet = (1 - effect.calm) * gust if band.wavelength < 12 else np.ones(len(x), np.float32)
        lost += ((1 - weight) * quiet) ** 2 * band.slope2
        on = np.flatnonzero(weight > 0.01)
        if not len(on):
            continue
        f = sample(band, x[on], y[on]) * (weight * quiet)[on, None]
        z[on] += f[:, 0]
        shift[on] += f[:, 1:3] * 0.8
        slope[on] += f[:, 3:5]
        squeeze[on] += f[:, 5]
    z = z + effect.height
    # Crests that converge break. Below about 4 m/s nothing does.
    breaking = np.clip((squeeze - (1.02 - 0.042 * wind)) * 2.2, 0, 1) * np.clip(
        (wind - 3.5) / 4, 0, 1
    )
    foam = effect.foam + 0.95 * breaking
    away = np.repeat(distance, columns)
    points = np.stack([x + shift[:, 0], y + shift[:, 1], z - drop(away)], -1)
    normals = np.concatenate([-slope, np.ones((len(x), 1), np.float32)], -1)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    rough = np.clip(np.sqrt(np.sqrt(lost)), 0.04, 0.62)
    shape = (len(distance), columns)
    return Water(
        points.reshape(*shape, 3),
        normals.reshape(*shape, 3),
        np.clip(foam, 0, 1.3).reshape(shape),
        rough.reshape(shape),
        effect.milky.reshape(shape),
    )


def _gusts(bands: list[Band], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return patches of rougher and smoother water, 0.45 to 1.4: the wind's footprints."""
    patch = sample(bands[0], x / 170.0, y / 400.0)[:, 0]
    patch = patch / (bands[0].fields[..., 0].std() + 1e-9)
    return np.clip(1 + 0.22 * patch, 0.45, 1.4).astype(np.float32)
