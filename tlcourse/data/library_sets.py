"""Data sets that installed packages carry, as folders of pictures like any other set."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from tlcourse.assets import cache_folder, file_hash, locked
from tlcourse.data.images import ImageSet
from tlcourse.data.load import load_images
from tlcourse.data.photographs import packaged_file
from tlcourse.errors import ArgumentError, AssetError
from tlcourse.progress import say_once

_CONTENTS = "contents.json"

_Pictures = Iterator[tuple[str, np.ndarray]]


@dataclass(frozen=True)
class _LibrarySet:
    """A set out of a package: what it is, and how to get pairs of class name and grey pixels."""

    title: str
    licence: str
    citation: str
    pictures: Callable[[], _Pictures]


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


_SETS = {
    "digits": _LibrarySet(
        "1,797 handwritten digits, 8 × 8 pixels, from scikit-learn",
        "CC BY 4.0",
        "E. Alpaydin and C. Kaynak (1998). Optical Recognition of Handwritten Digits. UCI Machine "
        "Learning Repository. https://doi.org/10.24432/C50P49",
        _digits,
    ),
    "faces": _LibrarySet(
        "100 faces and 100 other patches, 25 × 25 pixels, from scikit-image",
        "photographs of the press, for research and teaching; no licence is stated",
        "G. B. Huang, M. Ramesh, T. Berg, E. Learned-Miller (2007). Labeled Faces in the Wild. "
        "University of Massachusetts, Amherst, Technical Report 07-49.",
        _faces,
    ),
}


def load_dataset(name: str) -> ImageSet:
    """Return a known data set.

    It is written once into the cache folder, as PNG files in class folders, and verified at every
    call. Its source is told once, and stands in the set's `record` with licence and citation.

    Parameters
    ----------
    name
        `"digits"`: 1,797 handwritten digits, 8 × 8 pixels, classes "0" to "9"; `"faces"`: 100 faces
        and 100 other patches, 25 × 25 pixels, classes "face" and "no face".

    Raises
    ------
    ArgumentError
        When there is no set of this name.
    AssetError
        When the cache folder cannot be written.

    """
    if name not in _SETS:
        raise ArgumentError(
            "The argument 'name' names no data set.",
            expected=", ".join(_SETS),
            received=repr(name),
            todo="For pictures of your own write tl.load_images(folder).",
        )
    chosen = _SETS[name]
    folder = cache_folder() / "datasets" / name
    try:
        with locked(f"dataset {name}"):
            if not _is_whole(folder):
                _write(folder, chosen)
    except OSError as error:
        raise AssetError(
            f"The data set '{name}' cannot be written to {folder}.",
            received=error.strerror or str(error),
            todo="Make room, or set TLCOURSE_CACHE to a folder that you may write to.",
        ) from error
    say_once(f"Data set '{name}': {chosen.title}. Licence: {chosen.licence}. {chosen.citation}")
    images = load_images(folder / "pictures")
    about = {"dataset": name, "licence": chosen.licence, "citation": chosen.citation}
    return replace(images, record={**images.record, **about})


def _is_whole(folder: Path) -> bool:
    """Tell whether a folder holds exactly the pictures that its table of contents lists."""
    try:
        listed = json.loads((folder / _CONTENTS).read_text("utf-8"))
        return bool(listed == _contents(folder / "pictures"))
    except (OSError, ValueError):
        return False


def _contents(pictures: Path) -> dict[str, str]:
    """Return the SHA-256 of each file below a folder, by its path in there."""
    files = sorted(path for path in pictures.rglob("*") if path.is_file())
    return {path.relative_to(pictures).as_posix(): file_hash(path) for path in files}


def _write(folder: Path, chosen: _LibrarySet) -> None:
    """Put the folder in its place in one step, complete; the caller holds the lock."""
    building = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(building, ignore_errors=True)  # from a process that was killed
    try:
        for number, (class_name, pixels) in enumerate(chosen.pictures()):
            place = building / "pictures" / class_name
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(place / f"{number:04}.png")
        contents = json.dumps(_contents(building / "pictures"), indent=0)
        (building / _CONTENTS).write_text(contents, "utf-8")
        if folder.exists():  # damaged
            shutil.rmtree(folder)
        building.replace(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
