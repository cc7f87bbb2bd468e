"""What the learning part of a network is fed with: pixels, or what the frozen part makes of them.

Each picture comes in several versions. Version 0 is the picture itself; the others are changed by
augmentation, version v as `Augmentation` draws it for epoch v. Epoch e of training sees version
e modulo their number. So the frozen part of a network computes each version once, however many
epochs there are.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tlcourse.data import ImageSet, Problem, load_pictures
from tlcourse.errors import DataError
from tlcourse.features.engines import BATCH
from tlcourse.messages import progress, say
from tlcourse.parallel import map_ahead

if TYPE_CHECKING:
    from tlcourse.augmentation import Augmentation
    from tlcourse.features.engines import Engine

_IN_MEMORY_BYTES = 512 * 2**20
_PROBLEMS_SHOWN = 5
_LARGEST_HALF = 65504.0
"""The largest number of float16."""


class Rows(Protocol):
    """One row a picture and version, fetched in batches."""

    def __len__(self) -> int:
        """Return the number of pictures."""

    def batch(self, positions: np.ndarray, epoch: int) -> np.ndarray:
        """Return `(k, …)` rows of some pictures, in the version of an epoch."""


class PixelRows:
    """The pictures themselves, changed when they are asked for.

    Parameters
    ----------
    pixels
        `(n, height, width, 3)` uint8.
    augmentation
        None for version 0 alone.
    versions
        How many versions there are.

    """

    def __init__(
        self, pixels: np.ndarray, augmentation: Augmentation | None = None, versions: int = 1
    ) -> None:
        self._pixels, self._augmentation, self._versions = pixels, augmentation, versions

    def __len__(self) -> int:
        return len(self._pixels)

    def batch(self, positions: np.ndarray, epoch: int) -> np.ndarray:
        """Return `(k, height, width, 3)` uint8; see `Rows`."""
        pixels = np.asarray(self._pixels[positions])
        version = epoch % self._versions
        if self._augmentation is None or version == 0:
            return pixels
        return self._augmentation(pixels, positions.tolist(), version)


class FrozenRows:
    """What the frozen part of a network makes of the pictures, computed once, in a nameless file.

    The numbers are kept as float16, which halves the file: its 11 bits of precision are more than
    the 8 with which bfloat16 computed them. Where a number is too large for it (beyond 65,504),
    all are kept as float32 instead, and that is said.

    Parameters
    ----------
    rows
        The pictures.
    engine
        Runs the frozen part.
    shape
        Of one row.
    versions
        How many versions of each picture.

    """

    def __init__(
        self, rows: PixelRows, engine: Engine, shape: tuple[int, ...], versions: int
    ) -> None:
        self._versions = versions
        self._kept = nameless((versions, len(rows), *shape), np.float16)
        places = [
            (version, np.arange(start, min(start + BATCH, len(rows))))
            for version in range(versions)
            for start in range(0, len(rows), BATCH)
        ]

        def changed(place: tuple[int, np.ndarray]) -> np.ndarray:
            version, positions = place
            return rows.batch(positions, version)

        total = versions * len(rows)
        with progress(what=f"frozen layers, {engine.name}", total=total) as bar:
            pictures = map_ahead(changed, places, ahead=4)
            for (version, positions), pixels in zip(places, pictures, strict=True):
                self._keep(version, positions, engine(pixels))
                bar.update(len(positions))

    def _keep(self, version: int, positions: np.ndarray, numbers: np.ndarray) -> None:
        if self._kept.dtype == np.float16 and not np.abs(numbers).max() <= _LARGEST_HALF:
            say(
                "The frozen layers give numbers beyond 65,504, the largest of float16: "
                "they are kept as float32, in twice the room."
            )
            wider = nameless(self._kept.shape, np.float32)
            for index in range(len(wider)):
                wider[index] = self._kept[index]
            self._kept = wider
        self._kept[version, positions[0] : positions[-1] + 1] = numbers

    def __len__(self) -> int:
        return self._kept.shape[1]

    @property
    def nbytes(self) -> int:
        """Bytes in the file."""
        return self._kept.nbytes

    def batch(self, positions: np.ndarray, epoch: int) -> np.ndarray:
        """Return `(k, …)` float32; see `Rows`."""
        return self._kept[epoch % self._versions, positions].astype(np.float32)


def nameless(shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """Return zeros in memory, or in a file without a name where they would fill it.

    The file goes when the process does, however it ends.

    Raises
    ------
    DataError
        When the disk has no room for it.

    """
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    if size <= _IN_MEMORY_BYTES:
        return np.zeros(shape, dtype)
    if size > (free := room_for_files()):
        raise DataError(
            "There is no room for the temporary file.",
            expected=f"{in_bytes(size)} free in {tempfile.gettempdir()}",
            received=f"{in_bytes(free)}",
            todo="Fewer variants, fewer pictures, or another folder: set TMPDIR.",
        )
    return np.memmap(tempfile.TemporaryFile(), dtype, shape=shape)


def room_for_files() -> int:
    """Return the bytes that are free where temporary files go."""
    return shutil.disk_usage(tempfile.gettempdir()).free


def in_bytes(size: float) -> str:
    """Return "157 MB", "1.2 GB"."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def decode(images: ImageSet, size: tuple[int, int]) -> tuple[ImageSet, np.ndarray]:
    """Return the readable pictures of a set, and the pixels of them all.

    Files that cannot be read are named and left out.

    Parameters
    ----------
    images
        The pictures.
    size
        Height and width in pixels.

    Raises
    ------
    DataError
        When a class has no readable picture left.

    """
    pixels = nameless((len(images), *size, 3), np.uint8)
    problems: list[Problem] = []
    count = 0
    loaded = load_pictures(images.paths, size)
    for _, result in progress(loaded, what="decoding", total=len(images)):
        if isinstance(result, Problem):
            problems.append(result)
        else:
            pixels[count] = result
            count += 1
    if problems:
        say(f"{len(problems)} of {len(images)} pictures cannot be read and are left out:")
        for problem in problems[:_PROBLEMS_SHOWN]:
            say(f"  {problem}")
        if len(problems) > _PROBLEMS_SHOWN:
            say(f"  … and {len(problems) - _PROBLEMS_SHOWN} more: tl.check_pictures tells all")
        images = images.without(problems)
    return images, pixels[:count]


def in_order(rows: Rows, compute: Callable[[Any], Any], batch: int) -> Iterator[np.ndarray]:
    """Yield what `compute` makes of version 0 of all pictures, a batch at a time, in order."""
    places = [np.arange(i, min(i + batch, len(rows))) for i in range(0, len(rows), batch)]
    for numbers in map_ahead(lambda place: rows.batch(place, 0), places, ahead=2):
        yield np.asarray(compute(numbers))
