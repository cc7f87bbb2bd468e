"""Pictures with the texture of photographs, drawn so that no two are alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from tlcourse.data import ImageSet

SIZE = (240, 180)


def scene(seed: int, thing: str = "discs") -> Image.Image:
    """Return a coloured landscape of noise on all scales, with discs or bars in front of it."""
    random = np.random.default_rng([seed, len(thing)])
    width, height = SIZE
    ground = np.zeros((height, width, 3))
    for cells in (2, 5, 12, 30, 80):
        noise = random.normal(0, 1, (cells, cells, 3)) * 38 / cells**0.35
        layers = [
            Image.fromarray(noise[..., c].astype(np.float32)).resize(SIZE, Image.Resampling.BICUBIC)
            for c in range(3)
        ]
        ground += np.stack(layers, axis=2)
    ground += random.uniform(90, 160, 3) + random.normal(0, 5, ground.shape)
    image = Image.fromarray(np.clip(ground, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for _ in range(5):
        colour = tuple(int(v) for v in random.integers(0, 256, 3))
        x, y, r = (
            int(random.integers(0, width)),
            int(random.integers(0, height)),
            8 + 22 * random.random(),
        )
        if thing == "discs":
            pen.ellipse((x - r, y - r, x + r, y + r), fill=colour, outline="black")
        else:
            pen.rectangle(
                (x - 2 * r, y - r / 4, x + 2 * r, y + r / 4), fill=colour, outline="black"
            )
    return image


def write_scenes(folder: Path, count: int, classes: tuple[str, ...] = ("discs", "bars")) -> Path:
    """Write class folders of scenes; no two are alike."""
    for label, name in enumerate(classes):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            picture = scene(1000 * label + number, "discs" if label % 2 == 0 else "bars")
            picture.save(folder / name / f"{name}{number}.jpg", quality=92)
    return folder


def seascape(seed: int, size: int = 224) -> Image.Image:
    """Return a ship between sky and sea: all of them have nearly the same hash."""
    random = np.random.default_rng(seed)
    horizon = int(size * random.uniform(0.42, 0.5))
    down = np.linspace(0, 1, size)[:, None, None]
    sky = np.array([150, 175, 215]) * (1 - 0.3 * down)
    sea = np.array([50, 90, 120]) * (0.8 + 0.4 * down)
    pixels = np.where(np.arange(size)[:, None, None] < horizon, sky, sea) * np.ones((1, size, 1))
    waves = Image.fromarray(random.normal(0, 1, (size // 2, size // 6)).astype(np.float32))
    pixels[horizon:] += 14 * np.asarray(waves.resize((size, size)))[horizon:, :, None]
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    length = int(size * random.uniform(0.5, 0.6))
    left = int(random.integers(30, size - length - 20))
    pen.rectangle((left, horizon - 16, left + length, horizon + 2), fill=(105, 110, 118))
    for _ in range(6):
        x, tall = left + int(random.integers(5, length - 20)), int(random.integers(6, 40))
        pen.rectangle((x, horizon - 16 - tall, x + 12, horizon - 16), fill=(120, 124, 130))
    return image


def as_set(files: list[Path], labels: list[int] | None = None, names: tuple = ("a",)) -> ImageSet:
    """Return files as a set, all of one class if nothing else is said."""
    return ImageSet(tuple(files), np.array(labels or [0] * len(files), np.int64), names)
