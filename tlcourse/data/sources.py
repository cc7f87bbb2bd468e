"""From what a person hands over to pixels: many pictures, in threads, in order."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image

from tlcourse.data.decode import PictureSource, open_picture
from tlcourse.data.folders import FOREIGN_ENDINGS, FolderReader
from tlcourse.data.images import ImageSet
from tlcourse.data.parts import LabelledPicture, Problem
from tlcourse.data.reading import shown
from tlcourse.errors import ArgumentError, DataError, PictureError, must_be
from tlcourse.messages import progress
from tlcourse.parallel import map_ahead

Pictures: TypeAlias = PictureSource | ImageSet | Sequence[PictureSource]

_CHECK_SIZE = (8, 8)  # every byte of a file is read, but hardly a pixel computed


def find_pictures(pictures: Pictures) -> list[PictureSource]:
    """Return one source a picture, in natural order for a folder.

    Parameters
    ----------
    pictures
        A file, a folder (read with all folders in it), the bytes of a file, a Pillow image, a uint8
        array `(height, width, 3)` or `(n, height, width, 3)`, an `ImageSet`, or a sequence of
        these.

    Raises
    ------
    DataError
        When a folder holds no pictures.

    """
    if isinstance(pictures, ImageSet):
        return list(pictures.paths)
    if isinstance(pictures, LabelledPicture):
        return [pictures.path]
    if isinstance(pictures, np.ndarray):
        _must_be_pixels(pictures)
        return list(pictures) if pictures.ndim == 4 else [pictures]
    if isinstance(pictures, str | os.PathLike):
        path = Path(pictures).expanduser()
        return list(_below(path)) if path.is_dir() else [path]
    if isinstance(pictures, Sequence) and not isinstance(pictures, bytes):
        return [source for part in pictures for source in find_pictures(part)]
    must_be("pictures", pictures, (bytes, Image.Image), "Give a path, an image or a list.")
    return [pictures]


def _must_be_pixels(pixels: np.ndarray) -> None:
    if pixels.dtype == np.uint8:
        return
    raise ArgumentError(
        "These numbers are no pixels as they come out of a file.",
        expected="an array of uint8, 0 to 255",
        received=f"an array of {pixels.dtype}",
        todo="Hand over the picture before any scaling: the model does that itself.",
    )


def _below(folder: Path) -> list[Path]:
    """Return the pictures below a folder, with those whose format nobody reads: to be named."""
    reader = FolderReader(folder)
    found = reader.pictures(folder)
    found += [p.file for p in reader.problems if p.file.suffix.lower() in FOREIGN_ENDINGS]
    if not found:
        raise DataError(
            f"The folder {shown(folder)} holds no pictures.",
            received=f"in it: {reader.what_was_in(folder)}",
            todo="Check the path.",
        )
    return found


def load_pictures(
    sources: Iterable[PictureSource], size: tuple[int, int]
) -> Iterator[tuple[str, np.ndarray | Problem]]:
    """Decode pictures in threads, a few ahead of whoever takes them.

    Parameters
    ----------
    sources
        As from `find_pictures`.
    size
        `(height, width)` in pixels, as for `open_picture`.

    Yields
    ------
    tuple
        The name of the picture (its path; "picture 1" and so on for what has none), and its
        `(height, width, 3)` uint8 pixels, or a `Problem` where it cannot be read. In order.

    """

    def load(numbered: tuple[int, PictureSource]) -> tuple[str, np.ndarray | Problem]:
        number, source = numbered
        name = f"picture {number}"
        if isinstance(source, str | os.PathLike):
            name = os.fspath(source)
        try:
            return name, open_picture(source, size)
        except PictureError as error:
            return name, Problem(Path(name), reason_of(error))

    yield from map_ahead(load, enumerate(sources, start=1))


def check_pictures(images: ImageSet) -> ImageSet:
    """Decode every picture, and return the set without those that cannot be read.

    This is the only way to find files that are cut short or damaged inside. `extract_features`
    leaves them out too; check first where you want to know before.

    Returns
    -------
    ImageSet
        The readable pictures; the others are named in `problems`, after those that were there.

    Raises
    ------
    DataError
        When a class has no readable picture.

    """
    checked = load_pictures(images.paths, _CHECK_SIZE)
    bar = progress(checked, what="Checking pictures", total=len(images))
    return images.without([result for _, result in bar if isinstance(result, Problem)])


def reason_of(error: PictureError) -> str:
    """Return why a picture could not be read, without its name."""
    return error.received or error.what
