"""What the course can fetch: the catalogue, read from `catalogue.toml`."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from tlcourse.errors import ArgumentError

CATALOGUE = Path(__file__).with_name("catalogue.toml")

KERAS = "keras/"
"""How the names of the official Keras weight files begin."""


@dataclass(frozen=True)
class Source:
    """One place where a file can come from.

    Parameters
    ----------
    kind
        `"keras_cache"` (the folder where Keras keeps its downloads), `"package"` (inside an
        installed Python package), `"url"` (a download) or `"cache"` (the course's own cache, where
        downloads and unpacked archives lie).
    location
        The file's name in a cache, its path inside the package, or the address.
    package
        The name under which the package would be imported.
    install
        What to give to pip to get the package.

    """

    kind: Literal["keras_cache", "package", "url", "cache"]
    location: str
    package: str | None = None
    install: str | None = None

    def __str__(self) -> str:
        """Name the place in plain words."""
        return {
            "keras_cache": "the Keras cache",
            "package": f"the package {self.package}",
            "url": self.location,
            "cache": "the course's cache",
        }[self.kind]


@dataclass(frozen=True)
class Asset:
    """A file that the course uses but does not carry.

    Parameters
    ----------
    name
        Its name in the course, such as `"vgg16_onnx"` or `"keras/resnet50/notop"`.
    filename
        Its name on disk, the same in every cache.
    kind, format
        What it is (`"weights"`, `"pictures"`) and how it is written (`"onnx"`, `"torch"`, `"hdf5"`;
        `"zip"`, `"tar"`, `"idx"`).
    hash
        `"sha256:…"` or `"md5:…"`, in lower-case hexadecimal digits.
    bytes
        Its exact size, or None where nobody publishes it.
    licence, citation, homepage
        Under what terms it may be used, the work to cite, and where to read about it.
    sources
        Where it can come from, in the order in which they are tried.

    """

    name: str
    filename: str
    kind: str
    format: str
    hash: str
    bytes: int | None
    licence: str
    citation: str
    homepage: str
    sources: tuple[Source, ...]

    @property
    def algorithm(self) -> str:
        """The name of the hash algorithm: `"sha256"` or `"md5"`."""
        return self.hash.partition(":")[0]

    @property
    def digest(self) -> str:
        """The hash without the name of its algorithm."""
        return self.hash.partition(":")[2]

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses to download from, best first."""
        return tuple(source.location for source in self.sources if source.kind == "url")


@dataclass(frozen=True)
class Dataset:
    """A set of pictures that `tl.load_dataset` knows.

    Parameters
    ----------
    name, title
        Its name in the course, and what it is in a few words.
    pictures, classes
        How many there are; None where the set itself says so.
    licence, citation, homepage
        As for an `Asset`.
    carrier
        What carries it, so that nothing is downloaded: `"the package scikit-learn"`; None where it
        is a download.
    hashes
        Who publishes the hashes of the files, in words that follow "the SHA-256 that"; None where
        there are no files.
    files
        What is downloaded; assets of the kind `"pictures"`, whose names begin with that of the set.

    """

    name: str
    title: str
    pictures: int | None
    classes: int | None
    licence: str
    citation: str
    homepage: str
    carrier: str | None
    hashes: str | None
    files: tuple[Asset, ...]

    @property
    def bytes(self) -> int:
        """How much there is to download; 0 where something carries the set."""
        return sum(file.bytes or 0 for file in self.files)


@dataclass(frozen=True)
class _Catalogue:
    assets: dict[str, Asset]
    datasets: dict[str, Dataset]


def get_asset(name: str) -> Asset:
    """Return the asset of this name.

    Raises
    ------
    ArgumentError
        When the catalogue has no such name; the message lists similar ones.

    """
    assets = _read(CATALOGUE).assets
    if name in assets:
        return assets[name]
    close = _similar(name, assets)
    raise ArgumentError(
        f"There is no asset named '{name}'.",
        expected=f"a name out of the catalogue, perhaps {' or '.join(close)}" if close else None,
        received=f"name={name!r}",
        todo="Run 'tlcourse assets list --all' to see every name.",
    )


def assets_of(name: str) -> tuple[Asset, ...]:
    """Return all files of the data set of this name, or else the one asset of this name.

    Raises
    ------
    ArgumentError
        When the catalogue has no such name, or the data set comes without a download.

    """
    dataset = _read(CATALOGUE).datasets.get(name)
    if dataset is None:
        return (get_asset(name),)
    if not dataset.files:
        raise ArgumentError(
            f"The data set '{name}' has no files to download.",
            received=f"name={name!r}; {dataset.carrier} carries it",
            todo=f"Write tl.load_dataset({name!r}).",
        )
    return dataset.files


def get_dataset(name: str) -> Dataset:
    """Return what the catalogue knows of a data set.

    Raises
    ------
    ArgumentError
        When there is none of this name; the message lists them all.

    """
    datasets = _read(CATALOGUE).datasets
    if name not in datasets:
        raise ArgumentError(
            "The argument 'name' names no data set.",
            expected=", ".join(datasets),
            received=repr(name),
            todo="For pictures of your own write tl.load_images(folder).",
        )
    return datasets[name]


def catalogued_datasets() -> tuple[Dataset, ...]:
    """Return every data set in the order of the catalogue."""
    return tuple(_read(CATALOGUE).datasets.values())


def _similar(name: str, names: Iterable[str]) -> list[str]:
    """Return up to three names that look like this one, as a whole or by the network in them."""
    owners: dict[str, list[str]] = {}
    for known in names:
        for key in {known, known.removeprefix(KERAS).partition("/")[0]}:
            owners.setdefault(key, []).append(known)
    keys = difflib.get_close_matches(name.lower(), owners, n=3)
    return list(dict.fromkeys(owner for key in keys for owner in owners[key]))[:3]


def list_assets() -> tuple[Asset, ...]:
    """Return every asset in the order of the catalogue."""
    return tuple(_read(CATALOGUE).assets.values())


@cache
def _read(path: Path) -> _Catalogue:
    """Read a catalogue; its tests hold it to the rules, so that nothing is checked here."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    assets = [_own(entry) for entry in table.get("asset", ())]
    for family in table.get("keras_family", ()):
        assets += [_keras(family, entry) for entry in family["files"]]
    datasets = [_dataset(entry) for entry in table.get("dataset", ())]
    for dataset in datasets:
        assets += dataset.files
    return _Catalogue(
        {asset.name: asset for asset in assets}, {dataset.name: dataset for dataset in datasets}
    )


def _own(entry: dict[str, Any]) -> Asset:
    """Make an asset out of an entry that says everything itself."""
    sources = tuple(
        Source(s["kind"], s.get("path") or s["url"], s.get("package"), s.get("install"))
        for s in entry["sources"]
    )
    return Asset(**{"bytes": None, **entry, "sources": sources})


def _keras(family: dict[str, Any], entry: dict[str, str]) -> Asset:
    """Make an asset out of one line of a family of Keras files."""
    filename = entry.get("file") or entry["path"].rpartition("/")[2]
    return Asset(
        name=KERAS + entry["name"],
        filename=filename,
        kind="weights",
        format="hdf5",
        hash=entry["hash"],
        bytes=None,
        licence=family["licence"],
        citation=family["citation"],
        homepage="https://keras.io/api/applications/",
        sources=(
            Source("keras_cache", filename),
            Source("url", family["folder"] + entry["path"]),
        ),
    )


def _dataset(entry: dict[str, Any]) -> Dataset:
    """Make a data set out of its entry, and an asset out of each of its files."""
    shared = {key: entry[key] for key in ("licence", "citation", "homepage")}
    files = tuple(
        Asset(
            name=file["name"],
            filename=file["file"],
            kind="pictures",
            format=file["format"],
            hash=file["hash"],
            bytes=file["bytes"],
            sources=tuple(Source("url", url) for url in file["urls"]),
            **shared,
        )
        for file in entry.get("files", ())
    )
    optional = {key: entry.get(key) for key in ("pictures", "classes", "carrier", "hashes")}
    return Dataset(
        **{"name": entry["name"], "title": entry["title"], **shared, **optional}, files=files
    )
