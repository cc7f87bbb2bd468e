"""What a hull does to the sea: contact foam, bow wave, Kelvin wake, wash, spray."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .waves import GRAVITY


@dataclass
class Disturbance:
    """What is added to the sea at n points.

    Attributes
    ----------
    height
        (n,) metres.
    slope
        (n, 2).
    foam
        (n,) 0 to about 1.
    calm
        (n,) how far short waves are smoothed away, 0 to 1.
    milky
        (n,) air under the surface, 0 to 1.

    """

    height: np.ndarray
    slope: np.ndarray
    foam: np.ndarray
    calm: np.ndarray
    milky: np.ndarray


def disturb(
    x: np.ndarray,
    y: np.ndarray,
    waterline: np.ndarray,
    speed: float,
    *,
    planing: bool,
    rough: float,
) -> Disturbance:
    """Return what a vessel at the origin, sailing along +x at `speed` m/s, adds to the sea.

    Parameters
    ----------
    x, y
        (n,) points of the undisturbed sea.
    waterline
        (m, 2) stations of x and half breadth, from stern to stem.
    speed
        m/s.
    planing
        Whether the hull runs on top of the water.
    rough
        Wave height against freeboard, 0 to 1: more water breaks on the hull.

    """
    stern, stem = waterline[0, 0], waterline[-1, 0]
    length = stem - stern
    beam = 2 * waterline[:, 1].max()
    if planing:
        # The fore body hangs in the air: the water meets the hull on a wedge from amidships aft.
        keep = waterline[:, 0] < stern + 0.62 * length
        taper = np.clip((stern + 0.62 * length - waterline[:, 0]) / (0.4 * length), 0, 1)
        waterline = np.column_stack([waterline[:, 0], waterline[:, 1] * taper**0.6])[keep]
        stem = waterline[-1, 0]
    half = np.interp(x, waterline[:, 0], waterline[:, 1])
    beyond = np.maximum(np.maximum(stern - x, x - stem), 0.0)
    gap = np.hypot(np.maximum(np.abs(y) - half, 0.0), beyond)
    inside = (np.abs(y) < half) & (beyond <= 0)
    astern = np.maximum(stern - x, 0.0)
    behind_stem = np.clip((stem - x) / length, 0, None)
    run = speed / np.sqrt(GRAVITY * length)
    effort = np.clip(run / (0.9 if planing else 0.3), 0, 1.3)
    # A yacht leaves hardly any white behind it; propellers and blunt bows do.
    white = effort * (1.0 if planing else np.clip(length / 70, 0.3, 1.0))

    foam = np.exp(-gap / (0.1 + 0.004 * length)) * (0.35 + 0.5 * rough + 0.3 * effort)
    # Bow wave: a lip of water thrown aside, breaking into a band that leaves the hull.
    leaves = gap - 0.1 * behind_stem * length * (0.6 if not planing else 1.2)
    width = 0.012 * length + 0.03 * beam + 0.05 * behind_stem * length
    if planing:
        # Sheets of water leave the chines.
        width = width + 0.02 * length + 0.08 * beam
    start = 0.0
    along = np.clip(behind_stem - start * 0.6, 0, None)
    decay = np.exp(-along / (0.55 if planing else 0.3)) * (behind_stem > start * 0.6) * (x <= stem)
    foam = foam + (1.1 if planing else 1.05) * white * decay * np.exp(-((leaves / width) ** 2))
    lip = min(0.16 * speed**2 / GRAVITY, 0.02 * length + 0.25) * effort * (0.12 if planing else 1.0)
    height = lip * np.exp(-along / 0.1) * np.exp(-np.clip(gap, 0, None) / width) * (x <= stem)

    # Wash: white behind the stern, then a smooth, milky road.
    road = waterline[0, 1] * 0.9 + 0.12 * beam + 0.045 * astern
    across = np.abs(y) / road
    inner = 1 / (1 + np.exp(np.clip((across - 0.9) * 9, -50, 50))) * (astern > 0)
    lasting = max(speed * (9 if planing else 14), 0.1)
    foam = foam + inner * white * (
        0.62 * np.exp(-astern / lasting) + 0.4 * np.exp(-astern / (5 * lasting))
    )
    edges = np.exp(-(((across - 0.95) / 0.25) ** 2)) * (astern > 0)
    foam = foam + edges * white * 0.4 * np.exp(-astern / (3 * lasting))
    calm = inner * np.exp(-astern / (14 * lasting)) * np.clip(effort * 1.4, 0, 0.9)
    milky = inner * white * np.exp(-astern / (3 * lasting)) + 0.5 * np.clip(foam, 0, 1)
    if planing:
        tail = np.exp(-(((astern - 0.9 * length) / (0.5 * length)) ** 2)) - 0.9 * np.exp(
            -astern / (0.3 * length)
        )
        height = height + 0.016 * length * min(run, 1.2) * tail * np.exp(
            -((y / (0.6 * beam)) ** 2)
        ) * (astern > 0)
        arm = np.abs(y) - (0.5 * beam + 0.2 * (stern + 0.35 * length - x))
        reach = np.exp(-astern / (7 * length)) * (x < stern + 0.35 * length)
        foam = foam + 0.72 * effort * reach * np.exp(-((arm / (0.1 * beam + 0.03 * astern)) ** 2))

    slope = np.zeros((len(x), 2))
    if speed > 0.8:
        z, sx, sy = _kelvin(x, y, stern, stem, speed, beam, planing)
        height = height + z
        slope += np.stack([sx, sy], -1)
    height = np.where(inside, -0.15 - 0.2 * beam if not planing else height - 0.12, height)
    return Disturbance(height, slope, np.where(inside, 0, foam), calm, np.clip(milky, 0, 1))


def _kelvin(x, y, stern: float, stem: float, speed: float, beam: float, planing: bool):
    """Return height and slopes of the ship waves that keep up with the vessel.

    Waves of direction t travel with the ship where their number is g / (U cos t)^2; their sum makes
    the pattern that Kelvin found (1887). Bow and stern each raise one.
    """
    z, sx, sy = (np.zeros(len(x)) for _ in range(3))
    length = stem - stern
    k0 = GRAVITY / speed**2
    angle = np.linspace(-1.25, 1.25, 64)
    size = min(0.055 * speed**2 / GRAVITY, 0.012 * length + 0.05) * np.clip(
        beam / length * 8, 0.6, 1.8
    )
    if planing:
        size *= 0.35
    for origin, sign in ((stem - 0.06 * length, 1.0), (stern, 0.0 if planing else -0.8)):
        back = origin - x
        mask = (back > 0) & (np.abs(y) < 0.6 * back + beam) & (back < 30 * length)
        if not sign or not mask.any():
            continue
        b, side = back[mask], y[mask]
        fade = np.clip(b / (0.12 * length), 0, 1) * np.sqrt(length / (length + b)) * size * sign
        part = np.zeros((3, len(b)))
        for t in angle:
            k = k0 / np.cos(t) ** 2
            phase = k * (b * np.cos(t) + side * np.sin(t))
            weight = np.exp(-((k * 0.012 * length) ** 2)) * 2 / len(angle)
            part[0] += weight * np.cos(phase)
            part[1] += weight * k * np.cos(t) * np.sin(phase)
            part[2] += -weight * k * np.sin(t) * np.sin(phase)
        # Cut off softly outside the wedge, where a finite sum does not quite vanish.
        fade = fade * np.clip((0.6 * b + beam - np.abs(side)) / (0.25 * b + 0.5 * beam), 0, 1) ** 2
        z[mask] += fade * part[0]
        sx[mask] += fade * part[1]
        sy[mask] += fade * part[2]
    return z, np.clip(sx, -0.5, 0.5), np.clip(sy, -0.5, 0.5)


def spray(
    rng: np.random.Generator, waterline: np.ndarray, speed: float, *, planing: bool, rough: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return drops thrown up at the bow (or along a planing hull) and at the stern.

    Returns
    -------
    points, sizes
        (n, 3) and (n,) metres.

    """
    stern, stem = waterline[0, 0], waterline[-1, 0]
    length = stem - stern
    run = speed / np.sqrt(GRAVITY * length)
    effort = float(np.clip(run / (0.9 if planing else 0.33), 0, 1.2)) + 0.5 * rough * (speed > 1)
    count = int(900 * effort * (12.0 if planing else 2.5))
    if count < 40:
        return np.zeros((0, 3)), np.zeros(0)
    start = rng.uniform(0.35, 0.6, count) if planing else np.abs(rng.normal(0, 0.05, count)) + 0.004
    x0 = stem - start * length
    side = rng.choice((-1.0, 1.0), count)
    half = np.interp(x0, waterline[:, 0], waterline[:, 1])
    throw = min(0.03 * length + 0.12 * speed**2 / GRAVITY * 0.4, 0.07 * length + 0.3) * min(
        effort, 1.0
    )
    t = rng.uniform(0, 1, count) ** 0.8
    peak = rng.exponential(0.38, count) * throw
    out = rng.exponential(0.5, count) * throw * (1.6 if planing else 0.8)
    points = np.stack(
        [
            x0 - t * out * (2.2 if planing else 1.2),
            side * (half + 0.05 + t * out),
            4 * t * (1 - t) * peak + 0.02,
        ],
        -1,
    )
    size = rng.lognormal(0, 0.5, count) * (0.006 + 0.0006 * length)
    if planing:
        n = count // 2
        back = rng.exponential(0.5, n) * length
        tail = np.stack(
            [
                stern - back,
                rng.normal(0, 0.25, n) * (1 + back / length),
                np.abs(rng.normal(0, 0.05, n)) * length * np.exp(-back / length),
            ],
            -1,
        )
        points = np.concatenate([points, tail])
        size = np.concatenate([size, rng.lognormal(0, 0.5, n) * 0.009])
    return points, size
