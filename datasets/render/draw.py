"""Random numbers that depend on names, not on the order in which pictures are made."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(*key: object) -> np.random.Generator:
    """Return a generator whose stream is a pure function of `key`.

    Parameters
    ----------
    key
        Anything with a stable `str()`: `generator(7, "frigate_03", 2, "sea")`.

    """
    digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a plain float drawn evenly from [low, high), rounded so that it prints the same."""
    return round(float(rng.uniform(low, high)), 4)


def chance(rng: np.random.Generator, probability: float) -> bool:
    """Return True with the given probability."""
    return bool(rng.random() < probability)


def pick(rng: np.random.Generator, options, weights=None):
    """Return one of `options`, with the given relative weights."""
    if weights is not None:
        weights = np.asarray(weights, float) / np.sum(weights)
    return options[int(rng.choice(len(options), p=weights))]
