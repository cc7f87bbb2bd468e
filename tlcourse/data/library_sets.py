"""Data sets that installed packages carry, as folders of pictures like any other set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from tlcourse.data.photographs import packaged_file
from tlcourse.messages import progress

_Pictures = Iterator[tuple[str, np.ndarray]]


def _digits() -> _Pictures:
    from sklearn.datasets import load_digits  # here: its import takes a second

    images, labels = load_digits(return_X_y=True)
    for pixels, label in zip(images.reshape(-1, 8, 8), labels, strict=True):
        # 0..16 to 0..255, dark to bright as in the package
        yield str(label), np.rint(pixels * (255 / 16)).astype(np.uint8)


def _faces() -> _Pictures:
    patches = np.load(packaged_file("skimage", "data/lfw_subset.npy"), allow_pickle=False)
    for position, patch in enumerate(patches):  # floats in 0..1, the faces first
        yield "face" if position < 100 else "no face", np.rint(patch * 255).astype(np.uint8)


LIBRARY_SETS: dict[str, Callable[[], _Pictures]] = {"digits": _digits, "faces": _faces}
"""By the name of the set: what yields its class names with grey pixels, `(h, w)` uint8."""


def write_library_set(name: str, folder: Path) -> None:
    """Write a set that a package carries as PNG files in class folders.

    Parameters
    ----------
    name
        A key of `LIBRARY_SETS`.
    folder
        An empty folder.

    """
    write_pictures(LIBRARY_SETS[name](), folder)


def write_pictures(pictures: _Pictures, folder: Path) -> None:
    """Write grey pixels as PNG files, numbered in their order, into a folder for each class."""
    bar = progress(pictures, what="Writing pictures")
    for number, (class_name, pixels) in enumerate(bar):
        place = folder / class_name
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(place / f"{number:04}.png")
