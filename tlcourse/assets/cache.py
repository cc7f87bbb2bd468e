"""The folder where the course keeps its files, and how to write there safely."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import platformdirs
from filelock import BaseFileLock, FileLock, Timeout

from tlcourse.assets.words import in_megabytes
from tlcourse.errors import AssetError
from tlcourse.messages import say

_LEFTOVER = ".tlcourse-*.tmp"
_DAY = 86_400.0
_FULL = {errno.ENOSPC, errno.EDQUOT}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}


def cache_folder() -> Path:
    """Return the folder for everything that the course can make or fetch again.

    It is `TLCOURSE_CACHE` where that is set, else the user's cache folder of this platform. The
    variable is read at each call. The folder need not exist yet.
    """
    given = os.environ.get("TLCOURSE_CACHE")
    if given:
        return Path(given).expanduser().absolute()
    return platformdirs.user_cache_path("tlcourse", appauthor=False)


def make_folder(folder: Path) -> Path:
    """Create a folder with its parents, where it is missing, and return it.

    Raises
    ------
    AssetError
        When it cannot be made, for want of rights or because a file is in the way.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AssetError(
            f"The folder {folder} cannot be made.",
            received=error.strerror,
            todo=f"Give yourself the rights, or {_another_place(folder)}.",
        ) from error
    return folder


def make_sure_of_room(folder: Path, size: int) -> None:
    """Raise an AssetError when the disk of a folder has fewer than `size` bytes free."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise AssetError(
            f"The disk of {folder} has not enough room.",
            expected=f"{in_megabytes(size)} free",
            received=f"{in_megabytes(free)} free",
            todo=f"Make room, or {_another_place(folder)}.",
        )


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that appears under its name only when it is complete.

    The bytes go to a temporary file in the same folder, which is made where it is missing. At the
    end they are forced to the disk, and the file takes the place of `path` in one step. After an
    error, or Ctrl-C, nothing is left; after a kill, what was at `path` before is untouched.

    Yields
    ------
    BinaryIO
        A file, open for reading and writing bytes.

    Raises
    ------
    AssetError
        When nothing can be written there, or the disk fills up.

    """
    temporary = make_folder(path.parent) / f".tlcourse-{secrets.token_hex(8)}.tmp"
    try:
        file = temporary.open("x+b")
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _replace(temporary, path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in _FULL:
            raise unwritable(path, error) from error
        raise


def _replace(temporary: Path, path: Path) -> None:
    try:
        temporary.replace(path)
    except OSError as error:  # a folder lies there, or a program on Windows holds the old file
        raise unwritable(path, error) from error


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files that a killed `atomic_write` left in a folder a day or longer ago."""
    for path in folder.glob(_LEFTOVER):
        try:
            if time.time() - path.stat().st_mtime > _DAY:
                path.unlink()
        except OSError:
            continue  # another process was faster, or still holds it


def file_hash(path: Path, algorithm: str = "sha256") -> str:
    """Return the hash of a file as hexadecimal digits, in constant memory.

    Parameters
    ----------
    path
        The file.
    algorithm
        Any name that `hashlib.new` knows, such as `"sha256"` or `"md5"`.

    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: new_hash(algorithm)).hexdigest()


def new_hash(algorithm: str) -> hashlib._Hash:
    """Return an empty hash; MD5 too where a hardened Python reserves it for non-secrets."""
    return hashlib.new(algorithm, usedforsecurity=False)


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Let one process at a time do the work of this name.

    The operating system releases the lock when its holder ends, however it ends. A second process
    says that it waits, and waits. The same process must not ask twice for one name.

    In a cache that may only be read, as a classroom shares it, nobody can take a lock, and nothing
    that is there can change under the reader: the work goes on without one. Whatever it cannot
    write it tells when it tries.

    Parameters
    ----------
    name
        What is worked on; any characters.

    Raises
    ------
    AssetError
        When there can be no lock for another reason than want of rights.

    """
    lock = _lock(name)
    try:
        yield
    finally:
        if lock is not None:
            lock.release()


def _lock(name: str) -> BaseFileLock | None:
    """Wait for the lock of a name and take it; return None where the cache may only be read."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "_", name)[:80]
    different = hashlib.sha256(name.encode()).hexdigest()[:8]  # "a/b" and "a_b" are two names
    path = cache_folder() / "locks" / f"{readable}-{different}.lock"
    lock = FileLock(path, mode=0o666)  # whoever may write to a shared cache may take its locks
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except Timeout:
        say(f"Another process is at work on '{name}'; waiting until it has finished.")
        lock.acquire()
    except OSError as error:
        if error.errno in _READ_ONLY:
            return None
        raise unwritable(path, error) from error
    return lock


def unwritable(path: Path, error: OSError) -> AssetError:
    """Return what to tell a person when a file cannot be written."""
    return AssetError(
        f"{path} cannot be written: {error.strerror or error}.",
        todo=f"Make room on its disk, give yourself the rights, or {_another_place(path)}.",
    )


def _another_place(path: Path) -> str:
    """Say how to write elsewhere: only what lies in the cache follows TLCOURSE_CACHE."""
    if path.absolute().is_relative_to(cache_folder()):
        return "set TLCOURSE_CACHE to a folder elsewhere"
    return "choose another place for it"
