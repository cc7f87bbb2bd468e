"""Small pictures that lie inside the report itself."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from PIL import Image

from tlcourse.data import read_picture
from tlcourse.data.headers import open_whole, read_header
from tlcourse.errors import PictureError

_QUALITY = 72


def thumbnail(path: Path, side: int) -> str | None:
    """Return a picture as a `data:` address, its longer side `side` pixels at most.

    None where it cannot be read, also when it was readable before. Whatever is written is a new
    JPEG file of pixels alone: no metadata of the original, such as where it was taken, goes along.
    """
    try:
        data = read_picture(path)
        header = read_header(data)
        if header is None:
            return None
        image = Image.fromarray(open_whole(data, header, side))
    except PictureError:
        return None
    image.thumbnail((side, side))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
