"""Published data sets: how each is laid out, and the way from its archives to a labelled set."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np

from tlcourse.assets import (
    Asset,
    Dataset,
    cached_path,
    damage,
    fetch,
    locate,
    make_sure_of_room,
    unpack_archive,
)
from tlcourse.assets.words import check_the_path, in_megabytes
from tlcourse.data.idx import read_idx
from tlcourse.data.images import ImageSet
from tlcourse.data.library_sets import write_pictures
from tlcourse.data.load import load_images
from tlcourse.data.pets import read_pets
from tlcourse.data.reading import shown
from tlcourse.data.set_folders import is_there, ready_folder
from tlcourse.errors import AssetError, DataError
from tlcourse.messages import say

_BLOCK = 4096  # what a file takes on most disks, at least

_CLOTHES = (
    "T-shirt or top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
"""The classes of Fashion-MNIST; the first is "T-shirt/top" there, which is no name for a folder."""


@dataclass(frozen=True)
class _Layout:
    """What is inside the archives of a set.

    Parameters
    ----------
    keep
        Which members of the archives are unpacked; None for Fashion-MNIST, which has none.
    root
        The folder in there that holds the classes or the splits; "" for the archive itself.
    read
        Makes the labelled set out of that folder.
    papers
        Files in that folder that are no pictures and no problem.

    """

    keep: str | None
    root: str = ""
    read: Callable[[Path], ImageSet] = load_images
    papers: frozenset[str] = frozenset()


_LAYOUTS = {
    "cats_vs_dogs": _Layout(
        r"cats_and_dogs_filtered/(train|validation)/(cats|dogs)/[^/]+\.jpg",
        "cats_and_dogs_filtered",
        papers=frozenset({"vectorize.py"}),
    ),
    "cats_vs_dogs_full": _Layout(r"PetImages/(Cat|Dog)/[^/]+\.jpg|[^/]+\.(txt|docx)", "PetImages"),
    "flower_photos": _Layout(
        r"flower_photos/(LICENSE\.txt|[^/]+/[^/]+\.jpg)",
        "flower_photos",
        papers=frozenset({"LICENSE.txt"}),
    ),
    "hymenoptera": _Layout(
        r"hymenoptera_data/(train|val)/(ants|bees)/[^/.][^/]*", "hymenoptera_data"
    ),
    "oxford_iiit_pet": _Layout(
        r"images/[^/.][^/]*\.jpg|annotations/(list|trainval|test)\.txt", read=read_pets
    ),
    "beans": _Layout(r"(train|validation|test)/[^/]+/[^/.][^/]*\.jpg"),
    "fashion_mnist": _Layout(None),
}


def load_public_set(entry: Dataset, given: Path | None) -> tuple[ImageSet, str]:
    """Return a published set, and how it was verified, in words.

    Parameters
    ----------
    entry
        What the catalogue knows of it.
    given
        None for the cache or, where it is not there, a download; or what the user has: an archive
        of the set, a folder with its archives, a folder with its pictures.

    Raises
    ------
    AssetError
        When an archive is not the genuine one, is missing, or cannot be had or unpacked.
    DataError
        When a folder of the user's does not hold the set.

    """
    layout = _LAYOUTS[entry.name]
    archives = None if given is None else _archives_in(entry, given)
    if given is not None and archives is None:
        images = _read(layout, given)
        there = "" if len(images) == entry.pictures else f"; published are {entry.pictures:,}"
        return images, f"your folder, not verified: {len(images):,} pictures{there}"
    folder = ready_folder(
        entry.name,
        [asset.hash for asset in entry.files],
        lambda empty: _fill(entry, layout, archives, empty),
    )
    return _read(layout, folder), f"verified by the SHA-256 that {entry.hashes}"


def public_set_place(entry: Dataset) -> str:
    """Return where a published set is, in words; "" where it has to be downloaded."""
    if is_there(entry.name):
        return "the course's cache"
    there = [asset for asset in entry.files if _lies_there(asset)]
    return "the course's cache, still packed" if len(there) == len(entry.files) else ""


def _lies_there(asset: Asset) -> bool:
    """Tell whether an archive is in the cache, by its size: a list should not take long."""
    path = cached_path(asset)
    return path.is_file() and path.stat().st_size == asset.bytes


def _read(layout: _Layout, folder: Path) -> ImageSet:
    inside = folder / layout.root
    images = layout.read(inside if inside.is_dir() else folder)
    kept = [p for p in images.problems if p.file.name not in layout.papers]
    return replace(images, problems=tuple(kept))


def _fill(
    entry: Dataset, layout: _Layout, archives: Mapping[str, Path] | None, empty: Path
) -> None:
    """Bring the archives of a set here, and write its pictures into an empty folder."""
    if archives is None:
        archives = _fetched(entry, empty)
    if layout.keep is None:
        make_sure_of_room(empty, _unpacked(entry))
        _write_clothes(archives, empty)
        return
    for asset in entry.files:
        unpack_archive(archives[asset.name], empty, re.compile(layout.keep))


def _fetched(entry: Dataset, empty: Path) -> dict[str, Path]:
    """Download the archives that are not here, once it is clear that all will fit."""
    missing = sum(asset.bytes or 0 for asset in entry.files if locate(asset) is None)
    if missing:
        make_sure_of_room(empty, missing + _unpacked(entry))
        say(f"'{entry.name}' is not on this machine: downloading {in_megabytes(missing)}, once.")
    return {asset.name: fetch(asset) for asset in entry.files}


def _unpacked(entry: Dataset) -> int:
    """Return about how many bytes the pictures of a set take on a disk, at most."""
    return entry.bytes + (entry.pictures or 0) * _BLOCK


def _write_clothes(archives: Mapping[str, Path], folder: Path) -> None:
    for split, prefix in (("train", "train"), ("test", "t10k")):
        images, labels = (archives[f"fashion_mnist/{prefix}-{w}"] for w in ("images", "labels"))
        write_pictures(_clothes(images, labels), folder / split)


def _clothes(images: Path, labels: Path) -> Iterator[tuple[str, np.ndarray]]:
    pixels, classes = read_idx(images), read_idx(labels)
    if pixels.ndim != 3 or classes.shape != pixels.shape[:1] or classes.max(initial=0) > 9:
        raise DataError(
            f"{shown(images)} and {shown(labels)} do not belong together.",
            expected="pictures, and as many labels from 0 to 9",
            received=f"shapes {pixels.shape} and {classes.shape}",
        )
    for label, picture in zip(classes.tolist(), pixels, strict=True):
        yield _CLOTHES[label], picture


def _archives_in(entry: Dataset, given: Path) -> dict[str, Path] | None:
    """Return the verified archives of a set that the user has; None for a folder without any."""
    if given.is_file():
        beside = {name: path for name, path in _named(entry, given.parent).items() if path != given}
        name = _recognised(entry, given)
        return _complete(entry, {**beside, name: given}, given)
    if not given.is_dir():
        raise DataError(
            f"There is no folder and no archive {shown(given)}.",
            expected=f"the archive of '{entry.name}', or the folder that it unpacks to",
            todo=check_the_path(given),
        )
    archives = _named(entry, given)
    return _complete(entry, archives, given) if archives else None


def _named(entry: Dataset, folder: Path) -> dict[str, Path]:
    """Return the archives that lie in a folder, under their name in the cache or on the server."""
    found = {}
    for asset in entry.files:
        names = [asset.filename, *(PurePosixPath(url).name for url in asset.urls)]
        paths = [folder / name for name in names if (folder / name).is_file()]
        if paths:
            found[asset.name] = paths[0]
    return found


def _recognised(entry: Dataset, archive: Path) -> str:
    """Return which file of a set this is: a browser may have given it another name."""
    wrong = {}
    for asset in entry.files:
        wrong[asset.name] = damage(asset, archive)
        if wrong[asset.name] is None:
            return asset.name
    reasons = "; ".join(f"as {name}: {reason}" for name, reason in wrong.items())
    raise _not_genuine(entry, archive, reasons)


def _complete(entry: Dataset, archives: dict[str, Path], given: Path) -> dict[str, Path]:
    """Return an archive for each file of a set, verified; what is not given may be in the cache."""
    missing = []
    for asset in entry.files:
        if asset.name in archives:
            known = archives[asset.name] == given  # verified when it was recognised
            if not known and (reason := damage(asset, archives[asset.name])):
                raise _not_genuine(entry, archives[asset.name], reason)
        elif located := locate(asset):
            archives[asset.name] = located.path
        else:
            missing.append(_published_name(asset))
    if missing:
        raise AssetError(
            f"Not all archives of '{entry.name}' are there.",
            expected=f"in one folder: {', '.join(map(_published_name, entry.files))}",
            received=f"{shown(given)}, without {', '.join(missing)}",
            todo=f"Put them together; or write tl.load_dataset({entry.name!r}) to download them.",
        )
    return archives


def _published_name(asset: Asset) -> str:
    """Return the name under which a browser saves an archive."""
    return PurePosixPath(asset.urls[0]).name


def _not_genuine(entry: Dataset, archive: Path, reason: str) -> AssetError:
    return AssetError(
        f"{shown(archive)} is not the genuine archive of '{entry.name}'.",
        received=reason,
        todo=f"Download it again (see {entry.homepage}); or, where you trust it, unpack it "
        "yourself and give the folder.",
    )
