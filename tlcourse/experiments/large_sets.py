"""Two sets with a thousand pictures a class and more, made where the course runs.

The sets that come with the course are small, and large ones have to be fetched. So these are made:
windows out of a few photographs, which look like what a network knows from ImageNet, and drawn
cells, which do not. Both are stand-ins: windows of one photograph resemble each other more than
photographs do, and drawn cells are simpler than real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tlcourse.data import ImageSet, photograph
from tlcourse.errors import HIGHEST_SEED, ArgumentError, must_be_whole
from tlcourse.messages import progress
from tlcourse.parallel import map_ahead

_SIDE = 64
_SMALLEST_WINDOW, _LARGEST_WINDOW = 90, 200
CELLS = ("crescents", "round")
_MOST = 100_000

Make = Callable[[int, int], np.ndarray]
"""From the number of a class and of a picture to its pixels."""


def windows_of_photographs(
    folder: str | Path,
    names: Sequence[str] = ("cat", "coffee", "motorcycle"),
    *,
    each: int = 1000,
    judged: int = 100,
    seed: int = 0,
) -> ImageSet:
    """Cut square windows out of photographs; the question is which photograph one is from.

    The windows to learn from lie in the left half of a photograph, those to judge by in the right
    half, so that no pixel is in both. They are 90 to 200 pixels wide, every second one is mirrored,
    and their light differs by up to a fifth.

    Parameters
    ----------
    folder
        Where to write them, as PNG files of 64 × 64 pixels in a folder a class.
    names
        Two photographs or more, as `tl.photograph` knows them.
    each, judged
        Windows of each photograph to learn from, and to judge by.
    seed
        For places, sizes and light.

    Returns
    -------
    The set, with the splits `"train"` and `"validation"`.

    Raises
    ------
    ArgumentError
        When a photograph is unknown, or there are fewer than two.

    """
    _check(names, each, judged, seed)
    photographs = [photograph(name) for name in names]

    def window(label: int, number: int) -> np.ndarray:
        random = np.random.default_rng([seed, label, number])
        half = photographs[label].shape[1] // 2
        pixels = photographs[label][:, :half] if number < each else photographs[label][:, -half:]
        side = int(random.integers(_SMALLEST_WINDOW, _LARGEST_WINDOW + 1))
        top = random.integers(0, pixels.shape[0] - side + 1)
        left = random.integers(0, pixels.shape[1] - side + 1)
        cut = pixels[top : top + side, left : left + side].astype(np.float32)
        cut = cut[:, ::-1] if random.uniform() < 0.5 else cut
        lit = np.clip(cut * random.uniform(0.8, 1.2), 0, 255).astype(np.uint8)
        return np.asarray(Image.fromarray(lit).resize((_SIDE, _SIDE), Image.Resampling.BILINEAR))

    return _write(Path(folder), tuple(names), each, judged, window)


def drawn_cells(
    folder: str | Path, *, each: int = 1000, judged: int = 100, seed: int = 0
) -> ImageSet:
    """Draw round cells as under a microscope; the question is whether a few are bent to crescents.

    Eight to twelve cells with a pale middle lie on a light ground. In the class "crescents" three
    or four of them are crescents. Places, sizes, stain, light and noise are drawn anew for each
    picture. No such picture comes from a patient, and nothing follows from them for medicine.

    Parameters
    ----------
    folder
        Where to write them, as PNG files of 64 × 64 pixels in a folder a class.
    each, judged
        Pictures of each class to learn from, and to judge by.
    seed
        For everything that is drawn.

    Returns
    -------
    The set, with the splits `"train"` and `"validation"`.

    """
    _check(CELLS, each, judged, seed)

    def cells(label: int, number: int) -> np.ndarray:
        random = np.random.default_rng([seed, label, number])
        stain = np.zeros((_SIDE, _SIDE))
        total = int(random.integers(8, 13))
        crescents = int(random.integers(3, 5)) if CELLS[label] == "crescents" else 0
        for which in range(total):
            stain = np.maximum(stain, _cell(random, crescent=which < crescents))
        ground = np.array([236, 226, 216]) * random.uniform(0.9, 1.05)
        colour = np.array([170, 70, 95]) + random.uniform(-25, 25, 3)
        picture = ground + stain[:, :, np.newaxis] * (colour - ground)
        noise = random.normal(0, 5, picture.shape)
        return np.clip(picture + noise, 0, 255).astype(np.uint8)

    return _write(Path(folder), CELLS, each, judged, cells)


def _cell(random: np.random.Generator, *, crescent: bool) -> np.ndarray:
    """Return how strongly one cell is stained at each pixel, 0..1."""
    down, right = np.mgrid[:_SIDE, :_SIDE]
    middle, radius = random.uniform(5, _SIDE - 5, 2), random.uniform(6, 8)
    away = np.hypot(down - middle[0], right - middle[1])
    inside = np.clip(radius - away + 0.5, 0, 1)
    if not crescent:
        return inside * (1 - 0.55 * np.clip(1 - away / (0.6 * radius), 0, 1))
    angle = random.uniform(0, 2 * np.pi)
    bite = middle + 0.6 * radius * np.array([np.sin(angle), np.cos(angle)])
    bitten = np.hypot(down - bite[0], right - bite[1])
    return inside * np.clip(bitten - 0.85 * radius + 0.5, 0, 1)


def _check(names: Sequence[str], each: int, judged: int, seed: int) -> None:
    if isinstance(names, str) or len(set(names)) < max(2, len(names)):
        raise ArgumentError(
            "The argument 'names' does not name two classes or more.",
            expected="different names",
            received=f"names={names!r}",
        )
    must_be_whole("each", each, 1, _MOST)
    must_be_whole("judged", judged, 1, _MOST)
    must_be_whole("seed", seed, 0, HIGHEST_SEED - 2 * _MOST)


def _write(folder: Path, names: tuple[str, ...], each: int, judged: int, make: Make) -> ImageSet:
    """Write `each` + `judged` pictures of every class, and return them as a set."""
    numbers = [(label, number) for label in range(len(names)) for number in range(each + judged)]
    for name in names:
        (folder / name).mkdir(parents=True, exist_ok=True)

    def work(which: tuple[int, int]) -> Path:
        label, number = which
        path = folder / names[label] / f"{number:05}.png"
        Image.fromarray(make(label, number)).save(path, compress_level=1)
        return path

    made: Iterator[Path] = map_ahead(work, numbers)
    paths = tuple(progress(made, what="Making pictures", total=len(numbers)))
    return ImageSet(
        paths=paths,
        labels=np.array([label for label, _ in numbers]),
        class_names=names,
        splits=np.array(["train" if number < each else "validation" for _, number in numbers]),
    )
