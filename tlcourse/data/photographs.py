"""Real photographs that installed packages carry: nothing is downloaded."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tlcourse.data.decode import open_picture
from tlcourse.errors import ArgumentError, DataError


@dataclass(frozen=True)
class _Photograph:
    """Where a photograph lies, and whom to thank for it."""

    package: str
    file: str
    credit: str


_INSTALLED_AS = {"skimage": "scikit-image", "sklearn": "scikit-learn"}
_FLICKR = "CC BY 2.0, www.flickr.com/photos"
_PHOTOGRAPHS = {
    "astronaut": _Photograph(
        "skimage",
        "data/astronaut.png",
        "The astronaut Eileen Collins. NASA Great Images, public domain.",
    ),
    "camera": _Photograph(
        "skimage", "data/camera.png", "A photographer, in grey. Lav Varshney, CC0."
    ),
    "cat": _Photograph("skimage", "data/chelsea.png", "Chelsea the cat. Stéfan van der Walt, CC0."),
    "china": _Photograph(
        "sklearn",
        "datasets/images/china.jpg",
        f"A Chinese temple. danielbuechele, {_FLICKR}/danielbuechele/6061409035.",
    ),
    "coffee": _Photograph(
        "skimage",
        "data/coffee.png",
        "A cup of coffee, courtesy of Pikolo Espresso Bar. Rachel Michetti, CC0.",
    ),
    "flower": _Photograph(
        "sklearn",
        "datasets/images/flower.jpg",
        f"A dahlia. vultilion, {_FLICKR}/vultilion/6056698931.",
    ),
    "motorcycle": _Photograph(
        "skimage",
        "data/motorcycle_left.png",
        "A motorcycle, the left of two views. Middlebury Stereo 2014: D. Scharstein et al., "
        "High-resolution stereo datasets with subpixel-accurate ground truth, GCPR 2014.",
    ),
    "rocket": _Photograph(
        "skimage",
        "data/rocket.jpg",
        "A Falcon 9 on its launch pad, with DSCOVR. SpaceX Photos, public domain.",
    ),
}


def photograph_names() -> tuple[str, ...]:
    """Return the names that `photograph` knows."""
    return tuple(_PHOTOGRAPHS)


def photograph(name: str) -> np.ndarray:
    """Return a real photograph.

    Parameters
    ----------
    name
        One of `photograph_names()`.

    Returns
    -------
    np.ndarray
        `(height, width, 3)` uint8 RGB, 300 to 750 pixels a side; grey ones have three equal
        channels.

    Raises
    ------
    ArgumentError
        When there is no photograph of this name.
    DataError
        When the package that carries it is not complete.

    """
    chosen = _chosen(name)
    return open_picture(packaged_file(chosen.package, chosen.file))


def photograph_credit(name: str) -> str:
    """Return what a photograph shows, who made it, and its licence, in one line."""
    return _chosen(name).credit


def _chosen(name: str) -> _Photograph:
    if name not in _PHOTOGRAPHS:
        raise ArgumentError(
            "The argument 'name' names no photograph.",
            expected=", ".join(_PHOTOGRAPHS),
            received=repr(name),
        )
    return _PHOTOGRAPHS[name]


def packaged_file(package: str, file: str) -> Path:
    """Return a file that an installed package carries, without importing the package.

    Parameters
    ----------
    package
        `"skimage"` or `"sklearn"`.
    file
        Its path in there.

    Raises
    ------
    DataError
        When it is missing. (The package's own functions would try to download it.)

    """
    spec = importlib.util.find_spec(package)
    for place in (spec and spec.submodule_search_locations) or ():
        if (path := Path(place) / file).is_file():
            return path
    name = _INSTALLED_AS[package]
    raise DataError(
        f"A part of the package {name} is missing.",
        expected=f"the file {file} in it",
        todo=f"Install it again: pip install --force-reinstall {name}",
    )
