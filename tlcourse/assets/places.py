"""Finding a file on this machine, and making sure that it is the genuine one. No network here."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tlcourse.assets.cache import atomic_write, cache_folder, file_hash
from tlcourse.assets.catalogue import Asset, Source
from tlcourse.errors import AssetError


@dataclass(frozen=True)
class Located:
    """A file of an asset on this machine, and the source that it is there by.

    `source.kind` is `"keras_cache"`, `"package"` or `"cache"`.
    """

    path: Path
    source: Source

    def __str__(self) -> str:
        return f"{self.path} ({self.source})"


@dataclass(frozen=True)
class Checked:
    """What the verification of one file found: `damage` says what is wrong, or is None."""

    asset: Asset
    located: Located
    damage: str | None

    def __str__(self) -> str:
        return f"{self.located}: {self.damage or 'intact'}"


def cached_path(asset: Asset) -> Path:
    """Return where the course keeps its own copy of an asset, there or not."""
    return cache_folder() / "assets" / asset.filename


def keras_cache_folder() -> Path:
    """Return the folder where Keras keeps its weight files: `$KERAS_HOME/models`, or its default.

    Keras reads the variable when it is imported; here it is read at each call.
    """
    home = os.environ.get("KERAS_HOME")
    return (Path(home).expanduser() if home else Path.home() / ".keras") / "models"


def locate(asset: Asset) -> Located | None:
    """Return the first intact file of an asset on this machine, or None.

    The places are looked at in the order of the catalogue, then the course's own cache. A file
    whose size or hash is wrong is passed over; `verify` tells about it.
    """
    for located in _candidates(asset):
        fingerprint = _fingerprint(asset, located.path)
        if _recall(located.path, fingerprint):
            return located
        if damage(asset, located.path) is None:
            _remember(located.path, fingerprint)
            return located
    return None


def look(asset: Asset) -> tuple[Checked, ...]:
    """Return what `verify` would, for lists: what was found genuine before is not read again.

    Nothing is written, so that looking leaves no trace in the cache.
    """
    checked = []
    for located in _candidates(asset):
        known = _recall(located.path, _fingerprint(asset, located.path))
        checked.append(Checked(asset, located, None if known else damage(asset, located.path)))
    return tuple(checked)


def verify(asset: Asset) -> tuple[Checked, ...]:
    """Read every file of an asset on this machine in full, and compare it with its hash.

    Returns
    -------
    tuple of Checked
        One for each place that has such a file; empty where none has.

    """
    checked = []
    for located in _candidates(asset):
        fingerprint = _fingerprint(asset, located.path)
        wrong = damage(asset, located.path)
        if wrong is None:
            _remember(located.path, fingerprint)
        checked.append(Checked(asset, located, wrong))
    return tuple(checked)


def matches(asset: Asset, path: Path) -> bool:
    """Tell whether a file, wherever it lies, is the genuine file of an asset."""
    return damage(asset, path) is None


def damage(asset: Asset, path: Path) -> str | None:
    """Return what tells a file from the genuine one, in plain words, or None for the genuine one.

    The whole file is read, unless its size is wrong already.
    """
    try:
        size = path.stat().st_size
        if asset.bytes is not None and size != asset.bytes:
            return f"expected {asset.bytes:,} bytes, received {size:,}"
        digest = file_hash(path, asset.algorithm)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if digest != asset.digest:
        return f"expected {asset.hash}, received {asset.algorithm}:{digest}"
    return None


def _candidates(asset: Asset) -> Iterator[Located]:
    """Walk over the files that bear the name of an asset, in order, genuine or not."""
    own = Source("cache", asset.filename)
    for source in (*asset.sources, own):
        if source.kind == "keras_cache":
            paths = [keras_cache_folder() / source.location]
        elif source.kind == "package":
            paths = [folder / source.location for folder in _package_folders(source.package)]
        elif source.kind == "cache":
            paths = [cached_path(asset)]
        else:
            paths = []
        yield from (Located(path, source) for path in paths if path.is_file())


def _package_folders(package: str | None) -> list[Path]:
    """Return the folders of an installed package, which is looked up but never imported."""
    try:
        spec = find_spec(package or "")
    except (ImportError, ValueError):  # half-installed, or a module without a specification
        return []
    return [Path(folder) for folder in (spec and spec.submodule_search_locations) or ()]


# Hashing 500 MB takes a second or more. A file that was found genuine is not read again as long as
# its size and times stand still; whoever can set those back on purpose can change this memory too.


def _fingerprint(asset: Asset, path: Path) -> dict[str, str | int]:
    try:
        status = path.stat()
    except OSError:
        return {}
    return {
        "path": str(path.absolute()),
        "hash": asset.hash,
        "size": status.st_size,
        "mtime_ns": status.st_mtime_ns,
        "ctime_ns": status.st_ctime_ns,
    }


def _memory(path: Path) -> Path:
    key = hashlib.sha256(str(path.absolute()).encode("utf-8", "surrogateescape")).hexdigest()
    return cache_folder() / "verified" / f"{key[:32]}.json"


def _recall(path: Path, fingerprint: dict[str, str | int]) -> bool:
    """Tell whether this file was found genuine before and has not changed since."""
    try:
        known = json.loads(_memory(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(fingerprint) and bool(known == fingerprint)


def _remember(path: Path, fingerprint: dict[str, str | int]) -> None:
    # A cache that cannot be written to costs time only.
    with suppress(OSError, AssetError), atomic_write(_memory(path)) as file:
        file.write(json.dumps(fingerprint).encode())
