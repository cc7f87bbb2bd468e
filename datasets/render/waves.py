"""Wind waves by Fourier synthesis, in bands, so that far water can drop what it can't show.

The spectrum is that of Pierson and Moskowitz (1964), doi:10.1029/JZ069i024p05181; the synthesis
follows Tessendorf, "Simulating Ocean Water" (2001). Metres, seconds, radians.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

GRAVITY = 9.81
SHORTEST, LONGEST, BANDS = 0.3, 330.0, 6
SIZE = 256


@dataclass(frozen=True)
class Band:
    """Waves between two lengths on a square that repeats.

    Attributes
    ----------
    tile
        Edge of the square.
    fields
        (size, size, 6): height, shift in x and y, slope in x and y, and the convergence that breaks
        a crest into foam.
    wavelength
        Of a typical wave in the band.
    slope2
        Mean square slope, for the roughness of water too far to show these waves.

    """

    tile: float
    fields: np.ndarray
    wavelength: float
    slope2: float


def make_bands(
    rng: np.random.Generator, wind: float, direction: float, swell: tuple[float, float, float]
) -> list[Band]:
    """Return the sea that a wind of `wind` m/s raises.

    Parameters
    ----------
    rng
        For the waves' heights and phases.
    wind
        m/s, 19.5 m above the sea.
    direction
        Where the wind blows to, radians.
    swell
        Height (m), length (m) and direction (radians) of a swell from elsewhere.

    """
    edges = np.geomspace(SHORTEST, LONGEST, BANDS + 1)
    return [_band(rng, low, high, wind, direction, swell) for low, high in pairwise(edges)]


def _band(rng, low: float, high: float, wind: float, direction: float, swell) -> Band:
    tile = high * 17.0
    k1 = 2 * np.pi * np.fft.fftfreq(SIZE, tile / SIZE)
    kx, ky = np.meshgrid(k1, k1, indexing="ij")
    k = np.hypot(kx, ky)
    k[0, 0] = 1.0
    inside = (k >= 2 * np.pi / high) & (k < 2 * np.pi / low)
    angle = np.arctan2(ky, kx)
    peak = GRAVITY / (1.14 * wind) ** 2
    # Short waves follow the wind at once; calm water is glassy, not merely lower.
    short = np.clip((wind / 7.5) ** 1.2, 0.02, 1.15)
    level = 0.0081 * np.where(k > 4 * peak, short, 1.0)
    spectrum = level / 2 * k**-3 * np.exp(-1.25 * (peak / k) ** 2)
    power = np.clip(6 * (k / peak) ** -0.4, 0.8, 8)
    spread = np.cos((angle - direction) / 2) ** 2
    density = spectrum * spread**power / k * np.sqrt(power / np.pi) * 0.7
    height, length, toward = swell
    k0 = 2 * np.pi / length
    bump = np.exp(-(((k - k0) / (0.25 * k0)) ** 2)) * (np.cos((angle - toward) / 2) ** 2) ** 40
    density = density + bump * (height / 4) ** 2 / (0.25 * k0 * k0 * 0.7)
    cell = (2 * np.pi / tile) ** 2
    noise = rng.normal(size=(2, SIZE, SIZE))
    amplitude = np.where(inside, np.sqrt(density * cell / 2), 0.0) * (noise[0] + 1j * noise[1])

    def real(spectrum: np.ndarray) -> np.ndarray:
        return np.fft.ifft2(spectrum).real * SIZE * SIZE

    z = real(amplitude)
    dx, dy = real(-1j * kx / k * amplitude), real(-1j * ky / k * amplitude)
    sx, sy = real(1j * kx * amplitude), real(1j * ky * amplitude)
    squeeze = real(kx * kx / k * amplitude) + real(ky * ky / k * amplitude)
    fields = np.stack([z, dx, dy, sx, sy, squeeze], -1).astype(np.float32)
    slope2 = float((fields[..., 3] ** 2 + fields[..., 4] ** 2).mean())
    return Band(tile, fields, float(np.sqrt(low * high)), slope2)


def sample(band: Band, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the six fields at points, shape (n, 6), by bilinear interpolation."""
    # Tiles of neighbouring bands are turned against each other, so that no lattice shows.
    u, v = x / band.tile * SIZE, y / band.tile * SIZE
    i, j = np.floor(u), np.floor(v)
    fu, fv = (u - i).astype(np.float32)[:, None], (v - j).astype(np.float32)[:, None]
    i, j = i.astype(np.int64) % SIZE, j.astype(np.int64) % SIZE
    i1, j1 = (i + 1) % SIZE, (j + 1) % SIZE
    f = band.fields.reshape(-1, 6)
    return (
        f[i * SIZE + j] * ((1 - fu) * (1 - fv))
        + f[i1 * SIZE + j] * (fu * (1 - fv))
        + f[i * SIZE + j1] * ((1 - fu) * fv)
        + f[i1 * SIZE + j1] * (fu * fv)
    )


def height_at(bands: list[Band], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the height of the sea at points."""
    return sum(sample(band, x, y)[:, 0] for band in bands)


def ride(bands: list[Band], length: float, beam: float) -> tuple[float, float, float]:
    """Return heave (m), pitch (bow up) and roll (to starboard), degrees, of a floating hull."""
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, 13) * length, np.linspace(-0.5, 0.5, 5) * beam)
    x, y = x.ravel(), y.ravel()
    z = height_at(bands, x, y)
    (heave, along, across), *_ = np.linalg.lstsq(
        np.stack([np.ones_like(x), x, y], -1), z, rcond=None
    )
    return float(heave), float(np.degrees(np.arctan(along))), float(np.degrees(np.arctan(across)))
