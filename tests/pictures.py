"""Small sets of pictures that tests make for themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = {"red": (200, 40, 30), "green": (40, 170, 60), "blue": (30, 60, 190)}


def write_picture(path: Path, colour: Sequence[int], seed: int, size: int = 96) -> Path:
    """Write a picture of a colour with some texture of its own; PNG or JPEG by the name's end."""
    random = np.random.default_rng(seed)
    noise = random.integers(-25, 26, (size // 8, size // 8, 3)).repeat(8, 0).repeat(8, 1)
    pixels = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def write_set(folder: Path, count: int = 6, names: Sequence[str] = ("red", "green")) -> Path:
    """Write class folders of coloured pictures; no two are alike."""
    for label, name in enumerate(names):
        for number in range(count):
            write_picture(folder / name / f"{number}.png", COLOURS[name], 1000 * label + number)
    return folder
