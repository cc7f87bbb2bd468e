"""What a frozen backbone sees in a set of pictures: one row of numbers a picture."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.assets import atomic_write
from tlcourse.data import Problem
from tlcourse.errors import DataError, must_be

if TYPE_CHECKING:
    from tlcourse.backbones import Backbone

_FORMAT = "tlcourse features 1"


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Features of a set of pictures, with their labels.

    Attributes
    ----------
    features : np.ndarray
        `(n, d)` float32, one row a picture.
    labels : np.ndarray
        `(n,)` int64, positions in `class_names`.
    class_names : tuple of str
    paths : tuple of Path
    groups, splits : np.ndarray or None
        `(n,)` of str, as in the `ImageSet` that the table was made from.
    problems : tuple of Problem
        Pictures that are not in the table, with the reason.
    record : dict
        How the table was made: backbone, weights' hash, picture size, engine, precision, times.
    backbone : Backbone or None
        The network itself, in the process that made the table; it is not saved.

    """

    features: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    paths: tuple[Path, ...]
    groups: np.ndarray | None = None
    splits: np.ndarray | None = None
    problems: tuple[Problem, ...] = ()
    record: dict[str, Any] = field(default_factory=dict)
    backbone: Backbone | None = None

    def __len__(self) -> int:
        return len(self.features)

    def subset(self, rows: np.ndarray) -> FeatureTable:
        """Return the rows of a boolean mask or of positions, in that order."""
        positions = np.arange(len(self))[rows]
        return replace(
            self,
            features=self.features[positions],
            labels=self.labels[positions],
            paths=tuple(self.paths[i] for i in positions),
            groups=None if self.groups is None else self.groups[positions],
            splits=None if self.splits is None else self.splits[positions],
        )

    def part(self, name: str) -> FeatureTable:
        """Return one part of a split table: `"train"`, `"validation"` or `"test"`."""
        if self.splits is None or not (rows := self.splits == name).any():
            raise DataError(
                f"This table has no part '{name}'.",
                received="no split" if self.splits is None else ", ".join(np.unique(self.splits)),
                todo="Split the pictures first: extract_features(backbone, split(images)).",
            )
        return self.subset(rows)

    @property
    def train(self) -> FeatureTable:
        """The rows to learn from."""
        return self.part("train")

    @property
    def validation(self) -> FeatureTable:
        """The rows to choose with."""
        return self.part("validation")

    @property
    def test(self) -> FeatureTable:
        """The rows to judge with, once."""
        return self.part("test")

    def save(self, path: str | Path) -> Path:
        """Write the table to one `.npz` file, all or nothing; nothing in it is pickled."""
        must_be("path", path, (str, Path), "Give the path of a .npz file.")
        path = Path(path).expanduser()
        described = {
            "format": _FORMAT,
            "class_names": self.class_names,
            "paths": [str(p) for p in self.paths],
            "problems": [[str(p.file), p.reason] for p in self.problems],
            "groups": None if self.groups is None else self.groups.tolist(),
            "splits": None if self.splits is None else self.splits.tolist(),
            "record": self.record,
        }
        text = np.frombuffer(json.dumps(described).encode(), np.uint8)
        with atomic_write(path) as file:
            np.savez(
                file,
                features=self.features,
                labels=self.labels,
                described=text,
                allow_pickle=False,
            )
        return path

    def __repr__(self) -> str:
        made = self.record.get("backbone", "an unknown network")
        lines = [
            f"FeatureTable: {len(self):,} pictures of {len(self.class_names)} classes, "
            f"{self.features.shape[1]:,} features each, by {made}"
        ]
        if self.problems:
            lines.append(f"  {len(self.problems)} pictures left out: {self.problems[0].file} …")
        return "\n".join(lines)


def load_features(path: str | Path) -> FeatureTable:
    """Read a table that `FeatureTable.save` wrote.

    Raises
    ------
    DataError
        When the file is missing, damaged or something else.

    """
    must_be("path", path, (str, Path), "Give the path that FeatureTable.save returned.")
    path = Path(path).expanduser()
    try:
        with np.load(path, allow_pickle=False) as file:
            features, labels = file["features"], file["labels"]
            described = json.loads(file["described"].tobytes())
        if described["format"] != _FORMAT or len(features) != len(labels):
            raise ValueError(f"format {described['format']!r}")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(
            f"The feature table '{path}' cannot be read.",
            expected=f"a file that FeatureTable.save wrote ({_FORMAT})",
            received=f"{type(error).__name__}: {error}",
            todo="Extract the features again; what the cache holds is not computed twice.",
        ) from error

    def strings(values: list[str] | None) -> np.ndarray | None:
        return None if values is None else np.array(values, dtype=np.str_)

    return FeatureTable(
        features=features,
        labels=labels,
        class_names=tuple(described["class_names"]),
        paths=tuple(Path(p) for p in described["paths"]),
        groups=strings(described["groups"]),
        splits=strings(described["splits"]),
        problems=tuple(Problem(Path(file), reason) for file, reason in described["problems"]),
        record=described["record"],
    )
