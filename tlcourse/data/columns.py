"""What is known of a picture besides its class: a column of the manifest, or the date of EXIF."""

from __future__ import annotations

import csv
import datetime
import io
import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import ExifTags, Image

from tlcourse.data.images import ImageSet
from tlcourse.data.parts import names_column
from tlcourse.data.reading import read_picture, shown
from tlcourse.data.tables import counted
from tlcourse.errors import ArgumentError, DataError, PictureError, must_be
from tlcourse.messages import progress
from tlcourse.parallel import map_ahead

Column: TypeAlias = str | Sequence[str] | np.ndarray
"""The name of a column, or its values themselves, one a picture."""

DATE = "date"
"""The column whose values are cut to the day, and that EXIF stands in for."""

_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")
# Not DateTime, which is when a program last wrote the file.
_TAKEN = (ExifTags.Base.DateTimeOriginal, ExifTags.Base.DateTimeDigitized)


def column_values(images: ImageSet, column: Column) -> np.ndarray:
    """Return what a column says of each picture.

    Parameters
    ----------
    images
        A set.
    column
        The name of a column in the manifest that the set was loaded with, in any case; or the
        values themselves, one a picture. For `"date"`, dates in ISO 8601 are cut to the day, and
        where there is no such column, the day when each photograph was taken is read from its EXIF
        data.

    Returns
    -------
    np.ndarray
        `(n,)` str; "" where nothing is known.

    Raises
    ------
    ArgumentError
        When there is no such column, or not one value a picture.
    DataError
        When the manifest cannot be read again, or no longer lists all the pictures.

    """
    must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
    if not isinstance(column, str):
        values = names_column("by", list(column), len(images))
        assert values is not None
        return values
    name = column.strip().lower()
    known = _manifest_columns(images)
    if name in known:
        values = np.array(known[name], np.str_)
        return np.array([_day(value) for value in values], np.str_) if name == DATE else values
    if name == DATE:
        return picture_dates(images)
    there = ", ".join(f"'{name}'" for name in known)
    raise ArgumentError(
        f"The set has no column '{column}'.",
        expected=f"one of {there}, 'date' (from EXIF)" if known else "'date' (from EXIF)",
        received=repr(column),
        todo="Hand over the values themselves, one a picture, or load a manifest that has them.",
    )


def picture_dates(images: ImageSet) -> np.ndarray:
    """Return the day when each photograph was taken, as its EXIF data tells.

    Returns
    -------
    np.ndarray
        `(n,)` str such as "2024-06-30"; "" for pictures without a date, or that cannot be read.

    """
    dates = progress(map_ahead(_taken, images.paths), what="Reading dates", total=len(images))
    return np.array(list(dates), np.str_)


def _taken(path: Path) -> str:
    try:
        data = read_picture(path)
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            known = image.getexif().get_ifd(ExifTags.IFD.Exif)
    except PictureError:
        return ""
    except Exception:  # as many kinds as there are ways to damage a file
        return ""
    for tag in _TAKEN:
        value = known.get(tag)
        day = value[:10].replace(":", "-") if isinstance(value, str) else ""
        if _is_date(day):
            return day
    return ""


def _is_date(text: str) -> bool:
    """Tell whether a text is a day that there was; cameras without a clock write zeros."""
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _day(text: str) -> str:
    """Return the day of a date with or without a time; any other text as it is."""
    try:
        return datetime.datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        return text


def _manifest_columns(images: ImageSet) -> dict[str, list[str]]:
    """Return the columns of the manifest that a set was loaded with, in the set's order."""
    if "manifest" not in images.record:
        return {}
    manifest, folder = Path(images.record["manifest"]), Path(images.record["folder"])
    rows = {_key(row.get("file", "")): row for row in _rows(manifest)}
    keys = [_key(os.path.relpath(path, folder)) for path in images.paths]
    missing = [key for key in keys if key not in rows]
    if missing:
        raise DataError(
            f"The manifest {shown(manifest)} is no longer that of this set.",
            expected="a line for each picture",
            received=f"none for {counted(len(missing), 'picture')}: {shown(missing[0])} …",
            todo="Load the set again.",
        )
    names = [name for name in next(iter(rows.values()), {}) if name]
    return {name: [rows[key].get(name, "") for key in keys] for name in names}


def _rows(manifest: Path) -> list[dict[str, str]]:
    """Return the lines of a manifest that `read_manifest` has found to be without faults."""
    try:
        text = manifest.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"The manifest {shown(manifest)} cannot be read again.",
            expected="the file that the set was loaded with",
            received=str(error),
            todo="Load the set again.",
        ) from error
    head = text.partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns = [name.strip().lower() for name in next(reader, [])]
    return [
        {
            name: unicodedata.normalize("NFC", cell.strip())
            for name, cell in zip(columns, cells, strict=False)
        }
        for cells in reader
        if any(cell.strip() for cell in cells)
    ]


def _key(name: str) -> str:
    """Return the path of a picture in the one form in which lines and files meet."""
    return unicodedata.normalize("NFC", os.path.normpath(name.replace("\\", "/")))
