"""The one pass over the files: each is read and decoded once, and everything is measured then."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from tlcourse.data import ImageSet, read_picture, reason_of
from tlcourse.data.fingerprints import Fingerprint, fingerprint
from tlcourse.data.headers import Header, open_whole, read_header
from tlcourse.diagnosis.measures import SIDE, Measures, measure
from tlcourse.errors import PictureError
from tlcourse.messages import progress
from tlcourse.parallel import map_ahead

_CUT_SHORT = "cut short"


@dataclass(frozen=True)
class Examined:
    """What the pass found out about one file.

    Attributes
    ----------
    reason : str
        Why the picture cannot be read; "" where it can.
    truncated : bool
        Whether that is because the end of the file is missing.
    digest : bytes
        SHA-256 of the file; b"" where it could not be read at all.
    header, measures, mark
        None where the picture cannot be read.

    """

    reason: str = ""
    truncated: bool = False
    digest: bytes = b""
    header: Header | None = None
    measures: Measures | None = None
    mark: Fingerprint | None = None


def examine(images: ImageSet) -> list[Examined]:
    """Return what is found out about each picture of a set, in its order.

    Memory holds a few pictures at a time; about 5 kB of each remain.
    """
    results = map_ahead(_examine, images.paths)
    return list(progress(results, what="Looking at pictures", total=len(images)))


def _examine(path: Path) -> Examined:
    data = b""
    try:
        data = read_picture(path)
        header = read_header(data)
        if header is None:
            return Examined(_why_not(data), _ends_early(data), hashlib.sha256(data).digest())
        pixels = open_whole(data, header, SIDE)
    except PictureError as error:
        reason = reason_of(error)
        truncated = _CUT_SHORT in reason or _ends_early(data)
        return Examined(reason, truncated, hashlib.sha256(data).digest() if data else b"")
    digest = hashlib.sha256(data).digest()
    return Examined("", False, digest, header, measure(pixels), fingerprint(pixels))


def _why_not(data: bytes) -> str:
    """Return in plain words what `open_picture` has against bytes without a picture's header."""
    from tlcourse.data import open_picture

    try:
        open_picture(data, (8, 8))
    except PictureError as error:
        return reason_of(error)
    return "a damaged file"  # Pillow's header said no, its pixels yes: not to be relied upon


def _ends_early(data: bytes) -> bool:
    """Tell whether a WebP file is shorter than it says; its decoder only says 'damaged'."""
    length = int.from_bytes(data[4:8], "little") + 8
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) < length
