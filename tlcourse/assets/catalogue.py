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
        What it is (`"weights"`) and how it is written (`"onnx"`, `"torch"`, `"hdf5"`).
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


def get_asset(name: str) -> Asset:
    """Return the asset of this name.

    Raises
    ------
    ArgumentError
        When the catalogue has no such name; the message lists similar ones.

    """
    assets = _read(CATALOGUE)
    if name in assets:
        return assets[name]
    close = _similar(name, assets)
    raise ArgumentError(
        f"There is no asset named '{name}'.",
        expected=f"a name out of the catalogue, perhaps {' or '.join(close)}" if close else None,
        received=f"name={name!r}",
        todo="Run 'tlcourse assets list --all' to see every name.",
    )


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
    return tuple(_read(CATALOGUE).values())


@cache
def _read(path: Path) -> dict[str, Asset]:
    """Read a catalogue; its tests hold it to the rules, so that nothing is checked here."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    assets = [_own(entry) for entry in table["asset"]]
    for family in table.get("keras_family", ()):
        assets += [_keras(family, entry) for entry in family["files"]]
    return {asset.name: asset for asset in assets}


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
