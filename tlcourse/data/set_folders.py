"""Folders of pictures in the cache: made in one step, and whole at every later look.

A set lies in `datasets/<name>` of the cache: its files in `pictures`, and beside them a table of
contents with the SHA-256, size and time of each.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tlcourse.assets import atomic_write, cache_folder, file_hash, locked
from tlcourse.errors import AssetError
from tlcourse.messages import progress, say
from tlcourse.parallel import map_ahead

_CONTENTS = "contents.json"
_PICTURES = "pictures"


def set_folder(name: str) -> Path:
    """Return where the cache keeps the pictures of a set, there or not."""
    return cache_folder() / "datasets" / name / _PICTURES


def is_there(name: str) -> bool:
    """Tell whether a set was unpacked into the cache, without looking whether it still is whole."""
    return (set_folder(name).parent / _CONTENTS).is_file()


def ready_folder(name: str, origin: Sequence[str], fill: Callable[[Path], None]) -> Path:
    """Return the folder with the pictures of a set, made where it is missing or damaged.

    One process makes it, others wait. Its name appears when it is complete: after an error, Ctrl-C
    or a kill there is no folder, or the old one. A whole folder is used without a lock, and without
    writing anything, so that a cache that may only be read will do.

    Parameters
    ----------
    name
        The name of the set.
    origin
        What the pictures are made from, such as the hashes of archives: when it changes, they are
        made anew.
    fill
        Writes all files below the empty folder that it is given.

    Raises
    ------
    AssetError
        When the cache cannot be written to.

    """
    pictures = set_folder(name)
    if _is_whole(pictures.parent, origin):
        return pictures
    try:
        with locked(f"dataset {name}"):
            # Another process may have made it while this one waited.
            if not _is_whole(pictures.parent, origin):
                if is_there(name):
                    say(f"What lies in {pictures} is not as it was; it is made anew.")
                _make(pictures.parent, origin, fill)
    except OSError as error:
        raise AssetError(
            f"The data set '{name}' cannot be written to {pictures.parent}.",
            received=error.strerror or str(error),
            todo="Make room, or set TLCOURSE_CACHE to a folder that you may write to.",
        ) from error
    return pictures


def _is_whole(folder: Path, origin: Sequence[str]) -> bool:
    """Tell whether a folder holds exactly the files of its table of contents.

    A file whose size and time are as they were is not read again; one with another time is, as
    after the cache was copied to another disk.
    """
    pictures = folder / _PICTURES
    try:
        contents = json.loads((folder / _CONTENTS).read_text("utf-8"))
        if contents["origin"] != list(origin):
            return False
        listed: dict[str, list[Any]] = contents["files"]
        there = dict(_files(pictures))
        if listed.keys() != there.keys():
            return False
        if any(there[name].st_size != size for name, (_, size, _) in listed.items()):
            return False
        touched = [n for n, (_, _, time) in listed.items() if there[n].st_mtime_ns != time]
        received = _hashes(pictures, touched)
        if any(listed[n][0] != digest for n, digest in zip(touched, received, strict=True)):
            return False
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    if touched:
        for name in touched:
            listed[name][2] = there[name].st_mtime_ns
        _note(folder, contents)
    return True


def _note(folder: Path, contents: dict[str, Any]) -> None:
    # Where it cannot be written, the files are read again each time, which costs time only.
    with suppress(OSError, AssetError), atomic_write(folder / _CONTENTS) as file:
        file.write(json.dumps(contents, indent=0).encode())


def _make(folder: Path, origin: Sequence[str], fill: Callable[[Path], None]) -> None:
    """Put the folder in its place in one step, complete; the caller holds the lock."""
    building = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(building, ignore_errors=True)  # from a process that was killed
    pictures = building / _PICTURES
    try:
        pictures.mkdir(parents=True)
        fill(pictures)
        there = dict(_files(pictures))
        bar = progress(_hashes(pictures, there), what="Noting what was unpacked", total=len(there))
        files = {
            name: [digest, there[name].st_size, there[name].st_mtime_ns]
            for name, digest in zip(there, bar, strict=True)
        }
        contents = json.dumps({"origin": list(origin), "files": files}, indent=0)
        (building / _CONTENTS).write_text(contents, "utf-8")
        if folder.exists():  # damaged
            shutil.rmtree(folder)
        building.replace(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield each file below a folder by its path in there; links are not followed."""
    waiting = [""]
    while waiting:
        above = waiting.pop()
        with os.scandir(folder / above) as entries:
            for entry in entries:
                name = f"{above}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{name}/")
                else:
                    yield name, entry.stat(follow_symlinks=False)


def _hashes(folder: Path, names: Sequence[str] | dict[str, Any]) -> Iterator[str]:
    """Yield the SHA-256 of files, in order, read in threads."""
    return map_ahead(file_hash, [folder / name for name in names])
