"""The small parts of an `ImageSet`: a problem, a picture, a column, and the order of names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from natsort import natsort_keygen, ns

from tlcourse.data.decode import open_picture
from tlcourse.data.reading import shown
from tlcourse.errors import DataError

SPLITS = ("train", "validation", "test")

_natural = natsort_keygen(alg=ns.INT | ns.IGNORECASE)


@dataclass(frozen=True)
class Problem:
    """A file that is left out, or a part of a folder that is not as it should be, and why."""

    file: Path
    reason: str

    def __str__(self) -> str:
        return f"{shown(self.file)}: {self.reason}"


@dataclass(frozen=True)
class LabelledPicture:
    """One picture of a set: where it lies, and its class as position and as name."""

    path: Path
    label: int
    class_name: str

    def load(self, size: tuple[int, int] | None = None) -> np.ndarray:
        """Return the pixels, `(height, width, 3)` uint8; see `open_picture`."""
        return open_picture(self.path, size)


def natural_key(text: str) -> tuple[Any, ...]:
    """Return a sort key: "2" before "10", "ant" before "Bee", the same on every system.

    No locale takes part, and "é" in one character sorts as "é" in two.
    """
    return _natural(unicodedata.normalize("NFC", text)), text


def natural_order(names: Iterable[str]) -> tuple[str, ...]:
    """Return names in their natural order."""
    return tuple(sorted(names, key=natural_key))


def labels_column(values: Any, count: int) -> np.ndarray:
    """Return labels as `(count,)` int64, read-only."""
    column = np.asarray(values)
    if column.size == 0:
        column = column.astype(np.int64)
    if column.shape != (count,) or column.dtype.kind not in "iu":
        raise _misfit("labels", column, f"{count} whole numbers, one a picture")
    return _read_only(column, np.dtype(np.int64))


def names_column(what: str, values: Any, count: int) -> np.ndarray | None:
    """Return names as `(count,)` of str, read-only, or None where there are none."""
    if values is None:
        return None
    column = np.asarray(values)
    if column.shape != (count,):
        raise _misfit(what, column, f"{count} names, one a picture")
    return _read_only(column, np.dtype(str))


def splits_column(values: Any, count: int) -> np.ndarray | None:
    """Return splits as `names_column` does, none but those in `SPLITS`."""
    column = names_column("splits", values, count)
    unknown = sorted(set([] if column is None else column.tolist()) - set(SPLITS))
    if unknown:
        raise DataError(
            "Some splits have unknown names.",
            expected=", ".join(SPLITS),
            received=", ".join(unknown),
        )
    return column


def same_column(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    """Tell whether two columns are equal, or both missing."""
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other)


def _misfit(what: str, column: np.ndarray, expected: str) -> DataError:
    return DataError(
        f"The argument '{what}' does not fit the pictures.",
        expected=expected,
        received=f"shape {column.shape}, type {column.dtype}",
    )


def _read_only(column: np.ndarray, kind: np.dtype) -> np.ndarray:
    """Return a column that nobody can change, copied where somebody could."""
    own = column.astype(kind, copy=column.flags.writeable)
    own.flags.writeable = False
    return own
