"""From a path to bytes, and plain words for what is no picture."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tlcourse.errors import PictureError

MAX_BYTES = 1_000_000_000
"""Larger files are refused unread."""

_FORMATS = "a JPEG, PNG, GIF, BMP, WebP or TIFF picture"
_CONVERT = "Save it as JPEG or PNG."
_AGAIN = "Copy or download it again, or take it out."

# How files begin that are often met under a picture's name.
_OTHER_FILES = (
    (b"<!doctype html", "a web page saved under a picture's name", _AGAIN),
    (b"<html", "a web page saved under a picture's name", _AGAIN),
    (b"<svg", "an SVG drawing", _CONVERT),
    (b"<?xml", "an XML document", _CONVERT),
    (b"%pdf", "a PDF document", _CONVERT),
    (b"pk\x03\x04", "a zip archive", "Unpack it."),
    (b"version https://git-lfs", "a Git LFS pointer in place of the file", "Run 'git lfs pull'."),
    (b"\0\0\0\x0cjp  ", "a JPEG 2000 picture", _CONVERT),
    (b"\x8bps", "a Photoshop document", _CONVERT),
)


class UnreadableError(Exception):
    """Why a picture cannot be read, and what to do; `refusal` adds the name."""

    def __init__(self, reason: str, todo: str = _AGAIN) -> None:
        super().__init__(reason)
        self.reason, self.todo = reason, todo


def refusal(name: str, error: UnreadableError) -> PictureError:
    """Return the error that a person sees: `received` is the reason."""
    return PictureError(
        f"Cannot read the picture {name}.",
        expected=_FORMATS,
        received=error.reason,
        todo=error.todo,
    )


def shown(path: str | os.PathLike[str]) -> str:
    """Return a path in quotes, on one line and printable whatever is in its name."""
    text = os.fspath(path)
    return f"'{text}'" if text.isprintable() else ascii(text)


def read_picture(path: str | os.PathLike[str]) -> bytes:
    """Return the bytes of a picture file, for `open_picture` and for whoever hashes them.

    Raises
    ------
    PictureError
        When there is no file, or it is empty, larger than `MAX_BYTES`, not to be read by this user,
        or no file (a folder, a pipe); `received` holds the reason.

    """
    try:
        return content(path)
    except UnreadableError as error:
        raise refusal(shown(path), error) from error.__cause__


def content(path: str | os.PathLike[str]) -> bytes:
    """Return the bytes of a file; raise an UnreadableError where there are none to be had."""
    file = Path(path)
    try:
        status = file.stat()
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableError("a folder", "Give the pictures in it.")
        if not stat.S_ISREG(status.st_mode):  # to open a pipe would be to wait for ever
            raise UnreadableError("a pipe or a device", "Take it out of the folder.")
        if status.st_size > MAX_BYTES:
            raise UnreadableError(
                f"a file of {status.st_size:,} bytes (the limit is {MAX_BYTES:,})", _CONVERT
            )
        return file.read_bytes()
    except FileNotFoundError as error:
        if file.is_symlink():
            raise UnreadableError("a link that leads nowhere", "Mend or remove it.") from error
        raise UnreadableError("no such file", "Check the path.") from error
    except PermissionError as error:
        raise UnreadableError("a file that you may not read", "Change its rights.") from error
    except OSError as error:
        raise UnreadableError(f"{error.strerror or error}", "Check the path.") from error
    except ValueError as error:
        raise UnreadableError("a path with a null character", "Check the path.") from error


def no_picture(start: bytes) -> UnreadableError:
    """Return what to say of bytes that begin like none of the formats.

    Parameters
    ----------
    start
        The first bytes of the file; 64 are enough.

    """
    if not start:
        return UnreadableError("an empty file (0 bytes)")
    if start[4:8] == b"ftyp":
        return UnreadableError("a HEIC or AVIF picture, or a video", _CONVERT)
    lowered = start.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n").lower()
    for beginning, reason, todo in _OTHER_FILES:
        if lowered.startswith(beginning):
            return UnreadableError(reason, todo)
    return UnreadableError("no picture, or one of another format", "Save it as JPEG or PNG.")
