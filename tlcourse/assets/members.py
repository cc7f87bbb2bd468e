"""What a member of an archive may be called and may be, whoever packed it."""

from __future__ import annotations

import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterable
from pathlib import PurePosixPath

_LONGEST = 255  # bytes of a name; no common file system takes more
_FORBIDDEN = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]')
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[1-9¹²³]) *(\..*)?", re.I)


def entry_fault(entry: zipfile.ZipInfo) -> str | None:
    """Tell why a member of a zip is neither a plain file nor a folder, or return None."""
    folder = {stat.S_IFDIR} if entry.orig_filename.endswith("/") else set()
    if stat.S_IFMT(entry.external_attr >> 16) not in {0, stat.S_IFREG, *folder}:
        return "is a link or a device, not a file"
    if entry.flag_bits & 0x1:
        return "is encrypted"
    return None


def path_fault(name: str) -> str | None:
    """Tell how the name of a member leads out of the folder it is unpacked to, or return None."""
    if PurePosixPath(name).is_absolute() or re.match(r"[A-Za-z]:|\\", name):
        return "has an absolute path"
    if ".." in re.split(r"[/\\]", name):
        return "leaves its folder"
    return None


def portable_fault(name: str) -> str | None:
    """Tell why some system could not write a file of this name, or return None.

    The rules are those of Windows, the strictest: a set is the same on every machine of a class.
    """
    parts = PurePosixPath(name).parts
    if not parts:
        return "has no name"
    for part in parts:
        if _FORBIDDEN.search(part) or part != part.rstrip(" .") or _DEVICES.fullmatch(part):
            return "has a name that Windows cannot write"
        if len(part.encode("utf-8", "surrogateescape")) > _LONGEST:
            return f"has a name of more than {_LONGEST} bytes"
    return None


def same_file(name: str) -> str:
    """Return what two names have in common that are one file on Windows or macOS."""
    return unicodedata.normalize("NFC", name).casefold()


def repeated(names: Iterable[str]) -> str | None:
    """Return the first name that is there twice, or is a folder of another; None where none is."""
    seen: set[str] = set()
    folders: set[str] = set()
    for name in names:
        key = same_file(name)
        above = [parent.as_posix() for parent in PurePosixPath(key).parents]
        if key in seen or key in folders or not seen.isdisjoint(above):
            return name
        seen.add(key)
        folders.update(above)
    return None
