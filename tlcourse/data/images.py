"""`ImageSet`: which pictures there are, what is on them, and how the set came about."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, overload

import numpy as np

from tlcourse.data.parts import (
    SPLITS,
    LabelledPicture,
    Problem,
    labels_column,
    names_column,
    natural_order,
    same_column,
    splits_column,
)
from tlcourse.data.tables import Table, as_html, as_text, count_table, counted
from tlcourse.errors import ArgumentError, DataError


@dataclass(frozen=True, eq=False, repr=False)
class ImageSet:
    """Pictures with labels, on disk until they are loaded. It never changes.

    `len(images)`, `images[0]` and a loop give pictures; `images[:10]`, `images[mask]` and
    `images[[3, 1]]` give smaller sets. Two sets are equal when they hold the same pictures, labels,
    class names, groups and splits in the same order.

    Attributes
    ----------
    paths : tuple of Path
        One file a picture.
    labels : np.ndarray
        `(n,)` int64, read-only: positions in `class_names`.
    class_names : tuple of str
        In their natural order ("2" before "10"); a subset keeps them all.
    groups : np.ndarray or None
        `(n,)` str, read-only: what belongs together, such as all pictures of one ship.
    splits : np.ndarray or None
        `(n,)` str, read-only: `"train"`, `"validation"` or `"test"`.
    problems : tuple of Problem
        Files that were met and left out.
    record : dict
        How the set was made, ready for JSON.

    Raises
    ------
    DataError
        When the parts do not fit together.

    """

    paths: tuple[Path, ...]
    labels: np.ndarray
    class_names: tuple[str, ...]
    groups: np.ndarray | None = None
    splits: np.ndarray | None = None
    problems: tuple[Problem, ...] = ()
    record: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.paths)
        parts: dict[str, Any] = {
            "paths": tuple(p if isinstance(p, Path) else Path(p) for p in self.paths),
            "labels": labels_column(self.labels, count),
            "class_names": tuple(str(name) for name in self.class_names),
            "groups": names_column("groups", self.groups, count),
            "splits": splits_column(self.splits, count),
            "problems": tuple(self.problems),
            "record": copy.deepcopy(self.record),
        }
        for name, value in parts.items():
            object.__setattr__(self, name, value)
        self._check()

    def _check(self) -> None:
        """Raise a DataError when the parts contradict each other."""
        names = self.class_names
        if len(set(names)) < len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise DataError("Class names are there twice.", received=", ".join(twice))
        outside = self.labels[(self.labels < 0) | (self.labels >= len(names))]
        if outside.size:
            raise DataError(
                "Some labels name no class.",
                expected=f"positions in the {len(names)} class names, 0 to {len(names) - 1}",
                received=f"{int(outside[0])}",
            )
        try:
            json.dumps(self.record)
        except (TypeError, ValueError) as error:
            raise DataError("The record cannot be written as JSON.", received=str(error)) from error

    def __len__(self) -> int:
        return len(self.paths)

    def __iter__(self) -> Iterator[LabelledPicture]:
        for path, label in zip(self.paths, self.labels.tolist(), strict=True):
            yield LabelledPicture(path, label, self.class_names[label])

    @overload
    def __getitem__(self, position: int | np.integer) -> LabelledPicture: ...
    @overload
    def __getitem__(self, position: slice | Sequence[int] | np.ndarray) -> ImageSet: ...
    def __getitem__(
        self, position: int | np.integer | slice | Sequence[int] | np.ndarray
    ) -> LabelledPicture | ImageSet:
        if not isinstance(position, int | np.integer):
            return self.subset(position)
        label = int(self.labels[position])  # IndexError ends a loop, as with any sequence
        return LabelledPicture(self.paths[int(position)], label, self.class_names[label])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ImageSet):
            return NotImplemented
        return (
            self.paths == other.paths
            and self.class_names == other.class_names
            and np.array_equal(self.labels, other.labels)
            and same_column(self.groups, other.groups)
            and same_column(self.splits, other.splits)
        )

    def subset(self, selection: slice | Sequence[int] | np.ndarray) -> ImageSet:
        """Return some of the pictures as a set with the same classes.

        Parameters
        ----------
        selection
            A slice, positions `(k,)`, or a mask `(n,)` of bool.

        Raises
        ------
        ArgumentError
            When it does not fit this set.

        """
        positions = self._positions(selection)
        return replace(
            self,
            paths=tuple(self.paths[i] for i in positions),
            labels=self.labels[positions],
            groups=None if self.groups is None else self.groups[positions],
            splits=None if self.splits is None else self.splits[positions],
        )

    def _positions(self, selection: slice | Sequence[int] | np.ndarray) -> np.ndarray:
        everything = np.arange(len(self))
        chosen = selection if isinstance(selection, slice) else np.asarray(selection)
        if isinstance(chosen, np.ndarray) and chosen.size == 0 and chosen.dtype != bool:
            chosen = chosen.astype(np.int64)  # an empty list comes as floats
        try:
            positions = everything[chosen]
            if positions.ndim == 1:
                return positions
        except IndexError:
            pass
        raise ArgumentError(
            "The argument 'selection' does not fit the set.",
            expected=f"a slice, positions below {len(self)}, or a mask of {len(self)} bools",
            received=repr(selection)[:200],
        )

    @property
    def train(self) -> ImageSet:
        """The pictures to learn from; a DataError where the set has no such split."""
        return self._split("train")

    @property
    def validation(self) -> ImageSet:
        """The pictures to choose settings with; a DataError where the set has no such split."""
        return self._split("validation")

    @property
    def test(self) -> ImageSet:
        """The pictures to judge with, once; a DataError where the set has no such split."""
        return self._split("test")

    def _split(self, name: str) -> ImageSet:
        there = [] if self.splits is None else [s for s in SPLITS if s in self.splits]
        if self.splits is None or name not in there:
            raise DataError(
                f"This set has no '{name}' split.",
                received=f"a set split into {', '.join(there)}" if there else "a set not split yet",
                todo="Split it: images = tl.split(images, test=0.25, validation=0.0).",
            )
        return self.subset(self.splits == name)

    def counts(self) -> dict[str, int]:
        """Return how many pictures each class has, in the order of the classes."""
        numbers = np.bincount(self.labels, minlength=len(self.class_names))
        return dict(zip(self.class_names, numbers.tolist(), strict=True))

    def with_splits(self, splits: Sequence[str] | np.ndarray | None) -> ImageSet:
        """Return the set with other splits, one name a picture, or with none."""
        return replace(self, splits=None if splits is None else np.asarray(splits))

    def relabel(self, names: Sequence[str]) -> ImageSet:
        """Return the set with the class names given, one a picture.

        Classes that no picture has any more are kept; new ones take their natural place.
        """
        if isinstance(names, str) or len(names) != len(self):
            raise ArgumentError(
                "The argument 'names' does not fit the set.",
                expected=f"{len(self)} class names, one a picture",
                received=repr(names) if isinstance(names, str) else f"{len(names)}",
            )
        classes = natural_order({*self.class_names, *names})
        position = {name: index for index, name in enumerate(classes)}
        labels = np.array([position[name] for name in names], np.int64)
        return replace(self, labels=labels, class_names=classes)

    def rename_classes(self, names: Mapping[str, str]) -> ImageSet:
        """Return the set with some classes under other names; two of one name become one class.

        Parameters
        ----------
        names
            From the old name to the new, `{"Cats ": "cats"}`; classes that are not in it keep
            theirs.

        """
        unknown = [name for name in names if name not in self.class_names]
        if unknown:
            raise ArgumentError(
                "The argument 'names' has classes that this set has not.",
                expected=f"some of: {', '.join(self.class_names)}",
                received=", ".join(unknown),
            )
        new = [names.get(name, name) for name in self.class_names]
        classes = natural_order(set(new))
        position = np.array([classes.index(name) for name in new], np.int64)
        return replace(self, labels=position[self.labels], class_names=classes)

    def without(self, problems: Sequence[Problem]) -> ImageSet:
        """Return the set without the pictures that turned out to be unusable.

        Parameters
        ----------
        problems
            Which and why; they are added to the set's own.

        Raises
        ------
        DataError
            When a class (in any of the splits) loses its last picture.

        """
        files = {problem.file for problem in problems}
        kept = np.array([path not in files for path in self.paths], bool)
        lost = set(self._cells()) - set(self.subset(kept)._cells())
        if lost:
            raise DataError(
                "Some classes have no readable picture left.",
                expected="at least one in each class",
                received=", ".join(natural_order(lost)),
                todo="\n    ".join(["Replace these files:", *map(str, problems[:10])]),
            )
        return replace(self.subset(kept), problems=(*self.problems, *problems))

    def _cells(self) -> list[str]:
        """Return for each picture the class, and the split if there is one, that it counts for."""
        names = [self.class_names[label] for label in self.labels]
        if self.splits is None:
            return names
        return [f"{name} ({split})" for name, split in zip(names, self.splits, strict=True)]

    def _summary(self) -> tuple[str, Table, list[str]]:
        """Return a sentence, the table of counts, and what else should be known."""
        pictures = counted(len(self), "picture")
        classes = counted(len(self.class_names), "class", "classes")
        columns = {
            name: self.subset(self.splits == name).counts()
            for name in SPLITS
            if self.splits is not None and name in self.splits
        }
        columns["all" if columns else "pictures"] = self.counts()
        notes = []
        if self.groups is not None:
            groups = counted(len(np.unique(self.groups)), "group")
            notes.append(f"{groups} of pictures that belong together")
        if self.problems:
            what = counted(len(self.problems), "file or folder", "files or folders")
            notes.append(f"{what} left out, see .problems; the first: {self.problems[0]}")
        return f"{pictures} in {classes}", count_table(columns), notes

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())
