"""Taking pictures out of a zip or tar archive, without trusting what the archive says.

An archive is looked through before anything is written. Sizes are promises of its author: what
comes out is counted while it comes, and there is a limit to all of it.
"""

from __future__ import annotations

import gzip
import re
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple, cast

from tlcourse.assets.cache import make_folder, make_sure_of_room, unwritable
from tlcourse.assets.members import entry_fault, path_fault, portable_fault, repeated
from tlcourse.errors import ArchiveError
from tlcourse.messages import progress

_CHUNK = 1 << 20
_BLOCK = 4096  # what a file takes on most disks, at least
_MOST_MEMBERS = 200_000
_LONGEST_READ = 2 * _CHUNK  # `tarfile` would take a header of any length into memory
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def unpack_archive(archive: Path, folder: Path, keep: re.Pattern[str]) -> int:
    """Write the files of an archive that are wanted below a folder.

    The caller sees to it that the folder is its own, and that an archive is genuine where a hash is
    known. Links, devices, encrypted members, names that lead out of the folder or that some system
    cannot write, names that are there twice, and archives that swell beyond any set of pictures are
    refused, wanted or not, before anything is written.

    Parameters
    ----------
    archive
        A zip with stored or deflated members; a tar, compressed by gzip or not, whatever the ending
        of its name.
    folder
        Where to; it is made where it is missing.
    keep
        Which members are wanted: what their path in the archive matches in full. Other files are
        not written.

    Returns
    -------
    int
        The number of files written.

    Raises
    ------
    ArchiveError
        When the archive is broken or refused, or holds nothing that is wanted. What was written
        until the fault was found is left for the caller to remove.
    AssetError
        When the disk has not enough room, or cannot be written to.

    """
    with _opened(archive) as opened:
        wanted = [file for file in _looked_through(opened, archive) if keep.fullmatch(file.path)]
        if not wanted:
            raise _refusal(archive, "none of the files that are expected is in it")
        room = sum(-(-file.size // _BLOCK) * _BLOCK for file in wanted)
        make_sure_of_room(make_folder(folder), room)
        total = sum(file.size for file in wanted)
        with progress(what=f"Unpacking {archive.name}", total=total, unit="B") as bar:
            for file in wanted:
                _write(opened, file, folder / file.path, archive)
                bar.update(file.size)
    return len(wanted)


@dataclass(frozen=True)
class _Member:
    """A file in an archive: the path that its name means, and its declared size in bytes."""

    path: str
    size: int
    entry: zipfile.ZipInfo | tarfile.TarInfo


class _Step(NamedTuple):
    """What is met on the way through an archive: a file, or None for a folder."""

    name: str
    file: _Member | None
    fault: str | None


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def walk(self) -> Iterator[_Step]:
        for entry in self._archive.infolist():
            name = entry.orig_filename
            fault = entry_fault(entry)
            if fault is None and entry.compress_type not in _COMPRESSIONS:
                fault = "is compressed in an unusual way"
            file = None if name.endswith("/") else _Member(_plain(name), entry.file_size, entry)
            yield _Step(name, file, fault)

    def open(self, member: _Member) -> IO[bytes]:
        return self._archive.open(cast(zipfile.ZipInfo, member.entry))


class _Tar:
    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive

    def walk(self) -> Iterator[_Step]:
        for entry in self._archive:
            if entry.type == tarfile.DIRTYPE:
                yield _Step(entry.name, None, None)
                continue
            plain = entry.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not entry.issparse()
            fault = None if plain else "is a link or a device, not a file"
            yield _Step(entry.name, _Member(_plain(entry.name), entry.size, entry), fault)

    def open(self, member: _Member) -> IO[bytes]:
        file = self._archive.extractfile(cast(tarfile.TarInfo, member.entry))
        assert file is not None  # nothing but plain files gets here
        return file


class _Limited:
    """A file for `tarfile` that ends the work where an archive swells, or asks for memory."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._file, self._limit = file, limit

    def read(self, size: int) -> bytes:
        if size > _LONGEST_READ:
            raise ValueError(f"it has a header of {size:,} bytes")
        self._check(self._file.tell() + size)
        return self._file.read(size)

    def seek(self, position: int) -> int:
        self._check(position)
        return self._file.seek(position)

    def tell(self) -> int:
        return self._file.tell()

    def _check(self, position: int) -> None:
        if position > self._limit:
            raise ValueError(f"it swells to more than {self._limit:,} bytes")


@contextmanager
def _opened(path: Path) -> Iterator[_Zip | _Tar]:
    """Open an archive by what it is, not by its name."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise _refusal(path, f"it cannot be opened: {error.strerror}") from error
    with file:
        start = file.read(4)
        file.seek(0)
        if start[:2] == b"PK":
            with _reading(path):
                archive = zipfile.ZipFile(file)
            with archive:
                yield _Zip(archive)
            return
        inside = gzip.GzipFile(fileobj=file) if start[:2] == b"\x1f\x8b" else file
        limited = cast(IO[bytes], _Limited(cast(IO[bytes], inside), _limit(path)))
        with _reading(path):
            tar = tarfile.TarFile(fileobj=limited)
        with tar:
            yield _Tar(tar)


def _limit(path: Path) -> int:
    """Return the most bytes that may come out of an archive: pictures are compressed already."""
    return 8 * path.stat().st_size + 50_000_000


def _looked_through(archive: _Zip | _Tar, path: Path) -> list[_Member]:
    """Return the files of an archive once all its members, wanted or not, were found harmless."""
    files: list[_Member] = []
    total, limit = 0, _limit(path)
    with _reading(path):
        for number, (name, file, fault) in enumerate(archive.walk(), start=1):
            fault = fault or path_fault(name) or (portable_fault(file.path) if file else None)
            if fault:
                raise _refusal(path, f"its member {name!r} {fault}")
            if number > _MOST_MEMBERS:
                raise _refusal(path, f"it has more than {_MOST_MEMBERS:,} members")
            if file is not None:
                files.append(file)
                total += file.size
                if total > limit:
                    raise _refusal(path, f"it would swell to more than {limit:,} bytes")
    if twice := repeated(file.path for file in files):
        raise _refusal(path, f"its member {twice!r} is there more than once")
    return files


def _write(archive: _Zip | _Tar, member: _Member, target: Path, path: Path) -> None:
    """Write one file, and not a byte more than it has declared."""
    with _reading(path):
        source = archive.open(member)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with source, target.open("xb") as sink:
            for chunk in _chunks(source, member, path):
                sink.write(chunk)
    except FileExistsError as error:
        raise _refusal(path, f"its member {member.path!r} was in another archive too") from error
    except OSError as error:
        raise unwritable(target, error) from error


def _chunks(source: IO[bytes], member: _Member, path: Path) -> Iterator[bytes]:
    left = member.size
    while True:
        with _reading(path):
            chunk = source.read(min(_CHUNK, left + 1))
        if not chunk:
            break
        left -= len(chunk)
        if left < 0:
            raise _refusal(path, f"its member {member.path!r} is larger than it declares")
        yield chunk
    if left:
        raise _refusal(path, f"its member {member.path!r} is cut short")


def _plain(name: str) -> str:
    """Return a member's path without `./` and doubled slashes."""
    return PurePosixPath(name.lstrip("/")).as_posix() if name.strip("/") else ""


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Name the archive in whatever `zipfile`, `tarfile` and `gzip` have to complain about.

    Over bytes that make no sense they raise almost anything, besides their own errors.
    """
    try:
        yield
    except ArchiveError:
        raise
    except Exception as error:
        raise _refusal(path, f"it is broken, or no archive at all ({error})") from error


def _refusal(path: Path, reason: str) -> ArchiveError:
    return ArchiveError(
        f"{path} is not unpacked: {reason}.",
        expected="a zip or tar archive of pictures",
        todo="Do not use this file. Delete it, and download it again.",
    )
