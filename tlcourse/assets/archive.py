"""One file that carries assets to a classroom without internet.

The format: a zip whose members are stored as they are. The first, `tlcourse-assets.json`, is the
manifest: name, size and SHA-256 of each asset. The others are `assets/<file name>`. `unpack` takes
nothing else. Since nothing is compressed, no member can swell.
"""

from __future__ import annotations

import json
import re
import stat
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import IO, Any

from tlcourse.assets.cache import (
    atomic_write,
    cache_folder,
    file_hash,
    make_folder,
    make_sure_of_room,
    new_hash,
    remove_leftovers,
)
from tlcourse.assets.catalogue import Asset, assets_of, list_assets
from tlcourse.assets.fetch import fetch
from tlcourse.assets.members import entry_fault, path_fault, repeated
from tlcourse.assets.places import cached_path, locate
from tlcourse.assets.words import check_the_path
from tlcourse.errors import ArchiveError, ArgumentError
from tlcourse.messages import progress

_MANIFEST = "tlcourse-assets.json"
_FORMAT = "tlcourse-assets 1"
_MANIFEST_LIMIT = 1_000_000  # bytes; the whole catalogue needs 20,000
_CHUNK = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same assets give the same archive, byte for byte
_REGULAR = stat.S_IFREG | 0o644


@dataclass(frozen=True)
class Member:
    """A line of the manifest: an asset in the archive, its size in bytes and its SHA-256."""

    name: str
    filename: str
    bytes: int
    sha256: str


def pack(path: str | Path, names: Iterable[str] = ()) -> tuple[Asset, ...]:
    """Write assets into one archive, which `unpack` reads on another computer.

    Parameters
    ----------
    path
        The archive to write; nothing may be there yet. `~` is the user's own folder.
    names
        The assets, or data sets for all their files. Those that are not on this machine are
        downloaded. Without names: every asset that is on this machine.

    Returns
    -------
    tuple of Asset
        What was packed.

    Raises
    ------
    ArgumentError
        When a name is unknown, `path` is taken, or there is nothing to pack.
    AssetError
        When an asset cannot be had, or the archive cannot be written.

    """
    path = Path(path).expanduser()
    if path.exists():
        raise ArgumentError(
            f"The archive {path} is there already.",
            expected="a new file",
            todo="Give another name, or delete it first.",
        )
    chosen = list(dict.fromkeys(asset for name in names for asset in assets_of(name)))
    chosen = chosen or [asset for asset in list_assets() if locate(asset) is not None]
    if not chosen:
        raise ArgumentError(
            "There is nothing to pack: no asset is on this machine.",
            todo="Name the assets to download and pack; 'tlcourse assets list --all' shows them.",
        )
    files = [(asset, fetch(asset)) for asset in chosen]
    members = [
        Member(asset.name, asset.filename, file.stat().st_size, file_hash(file))
        for asset, file in files
    ]
    manifest = {"format": _FORMAT, "files": [asdict(member) for member in members]}
    with (
        atomic_write(path) as out,
        zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive,
        progress(what=path.name, total=sum(m.bytes for m in members), unit="B") as bar,
    ):
        archive.writestr(_entry(_MANIFEST), json.dumps(manifest, indent=1))
        for (_, file), member in zip(files, members, strict=True):
            entry = _entry(f"assets/{member.filename}", member.bytes)
            with file.open("rb") as source, archive.open(entry, "w") as sink:
                while chunk := source.read(_CHUNK):
                    sink.write(chunk)
                    bar.update(len(chunk))
    return tuple(chosen)


def unpack(path: str | Path) -> tuple[Asset, ...]:
    """Put the assets of an archive into the course's cache.

    The archive is looked through before anything is written. Each file is verified against the
    catalogue, and appears in the cache complete or not at all. What is there is left as it is.

    Parameters
    ----------
    path
        The archive; `~` is the user's own folder.

    Returns
    -------
    tuple of Asset
        What the archive holds.

    Raises
    ------
    ArchiveError
        When it is not an archive that `pack` wrote, or has been damaged or tampered with. Assets
        that were verified before the fault was found stay in the cache.

    """
    path = Path(path).expanduser()
    with _opened(path) as archive:
        members = _looked_through(archive, path)
        missing = [(asset, member) for asset, member in members if locate(asset) is None]
        total = sum(member.bytes for _, member in missing)
        folder = make_folder(cache_folder() / "assets")
        remove_leftovers(folder)
        make_sure_of_room(folder, total)
        with progress(what=path.name, total=total, unit="B") as bar:
            for asset, member in missing:
                with _reading(path):
                    source = archive.open(f"assets/{member.filename}")
                with source:
                    _write_verified(source, asset, member, path)
                bar.update(member.bytes)
    return tuple(asset for asset, _ in members)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive, and read its list of members."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise ArgumentError(
            f"The archive {path} cannot be opened: {error.strerror}.",
            expected="a file that 'tlcourse assets pack' wrote",
            todo=check_the_path(path),
        ) from error
    with file:
        with _reading(path):
            archive = zipfile.ZipFile(file)
        with archive:
            yield archive


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Name the archive in whatever `zipfile` has to complain about while it reads.

    Over bytes that make no sense it raises almost anything, besides its own BadZipFile.
    """
    try:
        yield
    except Exception as error:
        raise _refusal(path, f"it is broken, or no archive at all ({error})") from error


def _looked_through(archive: zipfile.ZipFile, path: Path) -> list[tuple[Asset, Member]]:
    """Compare the list of members with the manifest and the catalogue; read no member but it."""
    entries = archive.infolist()
    for entry in entries:
        if reason := _suspicious(entry):
            raise _refusal(path, f"its member {entry.orig_filename!r} {reason}")
    if twice := repeated(entry.filename for entry in entries):
        raise _refusal(path, f"its member {twice!r} is there more than once")
    members = _manifest(archive, path)
    sizes = {entry.filename: entry.file_size for entry in entries if entry.filename != _MANIFEST}
    listed = {f"assets/{member.filename}": member.bytes for _, member in members}
    for name in sorted(sizes.keys() ^ listed.keys()):
        where = "listed but not there" if name in listed else "there but not listed"
        raise _refusal(path, f"its member {name!r} is {where} in its manifest")
    for name, size in sizes.items():
        if size != listed[name]:
            raise _refusal(path, f"its member {name!r} has {size:,} bytes, not {listed[name]:,}")
    return members


def _suspicious(entry: zipfile.ZipInfo) -> str | None:
    """Tell why a member of a zip cannot be from `pack`, or return None."""
    name = entry.orig_filename
    if fault := entry_fault(entry) or path_fault(name):
        return fault
    if name != _MANIFEST and not re.fullmatch(r"assets/[^/\\:\x00-\x1f]+", name):
        return "is in no place where 'tlcourse assets pack' puts a file"
    if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
        return "is compressed, which 'tlcourse assets pack' never does"
    return None


def _manifest(archive: zipfile.ZipFile, path: Path) -> list[tuple[Asset, Member]]:
    """Read the manifest; every line must agree with the catalogue."""
    try:
        size = archive.getinfo(_MANIFEST).file_size
        if size > _MANIFEST_LIMIT:
            raise _refusal(path, f"its manifest has {size:,} bytes")
        with _reading(path):
            text = archive.read(_MANIFEST)
        manifest: dict[str, Any] = json.loads(text)
        if manifest["format"] != _FORMAT:
            raise _refusal(path, f"its format is {manifest['format']!r}, not {_FORMAT!r}")
        members = [_line(line) for line in manifest["files"]]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise _refusal(path, "it has no manifest that can be read") from error
    assets = {asset.name: asset for asset in list_assets()}
    agreed = []
    for member in members:
        asset = assets.get(member.name)
        if asset is None:
            raise _refusal(path, f"it holds {member.name!r}, which the catalogue does not know")
        if asset.filename != member.filename or asset.bytes not in (None, member.bytes):
            raise _refusal(path, f"its file for {member.name!r} is not the one of the catalogue")
        agreed.append((asset, member))
    if not agreed:
        raise _refusal(path, "it is empty")
    return agreed


def _line(line: dict[str, Any]) -> Member:
    """Make a member out of a line of a manifest; what is no such line raises an error."""
    member = Member(**line)
    if [type(value) for value in astuple(member)] != [str, str, int, str]:
        raise TypeError(f"not a line of a manifest: {line!r}")
    return member


def _write_verified(source: IO[bytes], asset: Asset, member: Member, path: Path) -> None:
    """Copy a member into the cache under both its hashes; a wrong one leaves nothing there."""
    sha256, published = new_hash("sha256"), new_hash(asset.algorithm)
    with atomic_write(cached_path(asset)) as sink:
        for chunk in _chunks(source, member.bytes, path):
            sink.write(chunk)
            sha256.update(chunk)
            published.update(chunk)
        received = f"{asset.algorithm}:{published.hexdigest()}"
        if sha256.hexdigest() != member.sha256 or received != asset.hash:
            raise _refusal(
                path,
                f"its file {member.filename} is not the genuine one",
                expected=asset.hash,
                received=received,
            )


def _chunks(source: IO[bytes], limit: int, path: Path) -> Iterator[bytes]:
    """Read at most `limit` bytes; the size that a zip declares is a promise of its author."""
    while limit > 0:
        with _reading(path):
            chunk = source.read(min(_CHUNK, limit))
        if not chunk:
            return
        limit -= len(chunk)
        yield chunk


def _entry(name: str, size: int = 0) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system = 3  # so that the rights below mean the same wherever it is written
    entry.external_attr = _REGULAR << 16
    entry.file_size = size
    return entry


def _refusal(
    path: Path, reason: str, *, expected: str | None = None, received: str | None = None
) -> ArchiveError:
    return ArchiveError(
        f"{path} is not unpacked: {reason}.",
        expected=expected or "an archive as 'tlcourse assets pack' wrote it",
        received=received,
        todo="Do not use this file. Pack it again, and copy it again.",
    )
