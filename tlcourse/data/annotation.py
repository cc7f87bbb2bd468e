"""`AnnotationLog`: what people say of pictures, kept as it was said."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from tlcourse.data.annotation_entries import (
    QUALITIES,
    UNDO,
    Annotation,
    Interpreter,
    LineError,
    Names,
    new_cells,
)
from tlcourse.data.annotation_file import AnnotationFile, Row
from tlcourse.data.images import ImageSet
from tlcourse.data.parts import LabelledPicture, Problem, natural_order
from tlcourse.data.reading import shown
from tlcourse.data.tables import counted
from tlcourse.errors import ArgumentError, must_be
from tlcourse.messages import say

Question = Literal["label", "quality"]

_PROBLEMS_SHOWN = 5


class Opinion(NamedTuple):
    """What somebody thinks of a picture now; None where nothing was said."""

    label: str | None
    quality: int | None


class AnnotationLog:
    """Labels and ratings of the pictures of a set, by one or more people, in one CSV file.

    Every entry is a line that is added and stays: file, label, quality (1 to 5), annotator, action,
    time (UTC, ISO 8601). What somebody says later of a picture stands in place of what they said of
    it before, label and quality each by itself; taking back is an entry too. Nothing is lost by a
    crash, and several programs may write at once (`tlcourse.data.annotation_file`). Lists by Excel
    are read as well, without the columns that they lack.

    Lines that make no sense are left out and named in `problems` with their numbers; they stay in
    the file.

    Parameters
    ----------
    path
        The file; it is made with the first entry.
    images
        The pictures. Their files are told relative to the set's folder.
    class_names
        The labels that may be given; those of the set without.
    asks
        What a picture must have been told to count as done: `("label", "quality")` or one of them.

    Raises
    ------
    ArgumentError
        When `class_names` or `asks` is no such list.
    DataError
        When the file is none of this kind.

    """

    def __init__(
        self,
        path: str | Path,
        images: ImageSet,
        *,
        class_names: Sequence[str] | None = None,
        asks: Sequence[Question] = get_args(Question),
    ) -> None:
        must_be("path", path, (str, Path), "Give the path of a CSV file.")
        must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
        labels = images.class_names if class_names is None else class_names
        self.images = images
        self.class_names = natural_order(set(_listed("class_names", labels)))
        self.asks = _listed("asks", asks)
        if unknown := set(self.asks) - set(get_args(Question)):
            raise ArgumentError(
                "The argument 'asks' has questions that there are not.",
                expected="'label', 'quality', or both",
                received=", ".join(sorted(unknown)),
            )
        self._names = Names(images)
        self._interpreter = Interpreter(self._names, self.class_names)
        self._file = AnnotationFile(Path(path).expanduser())
        self._rows: list[Row] = []
        self._taken = 0
        self._entries: list[Annotation] = []
        self._senseless: list[tuple[int, str]] = []
        self._refresh()
        self._say_what_is_left_out()

    @property
    def path(self) -> Path:
        """The CSV file."""
        return self._file.path

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The lines that are left out, and why."""
        self._refresh()
        faults = sorted(self._file.faults + self._senseless)
        words = [f"line {line}: {fault}" for line, fault in faults]
        if self._file.torn:
            words.append(f"its end is cut short ({counted(len(self._file.torn), 'byte')})")
        return tuple(Problem(self.path, reason) for reason in words)

    def entries(self) -> tuple[Annotation, ...]:
        """Return all entries that were not taken back, in the order of the file."""
        self._refresh()
        return tuple(self._entries)

    def opinions(self) -> dict[Path, dict[str, Opinion]]:
        """Return what each annotator thinks now, by picture, in the order of the set."""
        found: dict[Path, dict[str, Opinion]] = {}
        for entry in self.entries():
            by_annotator = found.setdefault(entry.path, {})
            before = by_annotator.get(entry.annotator, Opinion(None, None))
            by_annotator[entry.annotator] = Opinion(
                before.label if entry.label is None else entry.label,
                before.quality if entry.quality is None else entry.quality,
            )
        return {path: found[path] for path in self.images.paths if path in found}

    @property
    def annotators(self) -> tuple[str, ...]:
        """Who has said something that was not taken back, in natural order."""
        return natural_order({entry.annotator for entry in self.entries()})

    def add(
        self,
        picture: str | Path | LabelledPicture,
        *,
        annotator: str,
        label: str | None = None,
        quality: int | None = None,
    ) -> None:
        """Add an entry. When this returns, it is on the disk.

        Parameters
        ----------
        picture
            A picture of the set, or its path.
        annotator
            Who says it.
        label
            One of the class names.
        quality
            1 (unusable) to 5 (perfect).

        Raises
        ------
        ArgumentError
            When the picture is not of the set, the label none of the class names, the quality none
            of the five, or nothing is said.
        DataError
            When the file cannot be written.

        """
        path = picture.path if isinstance(picture, LabelledPicture) else Path(picture)
        name, who = self._names.name_of(path), _annotator(annotator)
        if label is not None and label not in self.class_names:
            raise ArgumentError(
                "The argument 'label' is no class of this log.",
                expected=", ".join(self.class_names),
                received=repr(label),
            )
        if quality is not None and (isinstance(quality, bool) or quality not in QUALITIES):
            raise ArgumentError(
                "The argument 'quality' is no rating.",
                expected="a whole number from 1 (unusable) to 5 (perfect)",
                received=repr(quality),
            )
        if label is None and quality is None:
            raise ArgumentError(
                "Nothing is said of the picture.", expected="a label, a quality, or both"
            )
        self._file.append(lambda: new_cells(name, who, label, quality))

    def undo(self, annotator: str) -> Annotation | None:
        """Take back the last entry of somebody; called again, the one before it.

        Returns
        -------
        Annotation or None
            What was taken back, None where there was nothing.

        Raises
        ------
        DataError
            When the file cannot be written.

        """
        who = _annotator(annotator)
        last: list[Annotation] = []

        def compose() -> dict[str, str] | None:
            self._take_stock()  # another program may have added or taken back something
            last.extend([entry for entry in self._entries if entry.annotator == who][-1:])
            if not last:
                return None
            return new_cells(self._names.name_of(last[0].path), who, None, None, UNDO)

        self._file.append(compose)
        return last[0] if last else None

    def next_unrated(self, annotator: str) -> LabelledPicture | None:
        """Return the first picture of the set of which somebody has not yet said all that is asked.

        Returns
        -------
        LabelledPicture or None
            None where nothing is left to do.

        """
        return next(self._open_for(annotator), None)

    def count_unrated(self, annotator: str) -> int:
        """Return how many pictures `next_unrated` has still to show."""
        return sum(1 for _ in self._open_for(annotator))

    def _open_for(self, annotator: str) -> Iterator[LabelledPicture]:
        who, opinions = _annotator(annotator), self.opinions()
        for picture in self.images:
            opinion = opinions.get(picture.path, {}).get(who, Opinion(None, None))
            if any(getattr(opinion, question) is None for question in self.asks):
                yield picture

    def __repr__(self) -> str:
        opinions = self.opinions()
        lines = [
            f"AnnotationLog {shown(self.path)}: {len(opinions):,} of "
            f"{counted(len(self.images), 'picture')} annotated"
        ]
        lines += [
            f"  {who or 'somebody'}: {len(self.images) - self.count_unrated(who):,} done"
            for who in self.annotators
            if who
        ]
        if problems := self.problems:
            lines.append(f"  {counted(len(problems), 'line')} left out, see .problems")
        return "\n".join(lines)

    def _say_what_is_left_out(self) -> None:
        problems = self.problems
        if not problems:
            return
        say(f"{shown(self.path)}: {counted(len(problems), 'line')} left out:")
        for problem in problems[:_PROBLEMS_SHOWN]:
            say(f"  {problem.reason}")
        if len(problems) > _PROBLEMS_SHOWN:
            say(f"  … and {len(problems) - _PROBLEMS_SHOWN:,} more, in .problems")

    def _refresh(self) -> None:
        """Take in what other programs have added."""
        self._file.read()
        self._take_stock()

    def _take_stock(self) -> None:
        """Make entries of the lines that are new, and drop those that they take back."""
        if self._file.rows is not self._rows:  # the file was written anew
            self._rows, self._taken = self._file.rows, 0
            self._entries, self._senseless = [], []
        while self._taken < len(self._rows):
            row = self._rows[self._taken]
            self._taken += 1
            try:
                entry, undone = self._interpreter.understand(row)
                if undone:
                    del self._entries[self._last_alike(entry)]
                else:
                    self._entries.append(entry)
            except LineError as fault:
                self._senseless.append((row.line, str(fault)))

    def _last_alike(self, entry: Annotation) -> int:
        """Return the place of the last entry of this annotator on this picture."""
        for place in range(len(self._entries) - 1, -1, -1):
            other = self._entries[place]
            if (other.path, other.annotator) == (entry.path, entry.annotator):
                return place
        raise LineError("takes back what was never said")


def _listed(argument: str, values: Sequence[str]) -> tuple[str, ...]:
    """Return a list of names as a tuple; raise an ArgumentError for anything else."""
    names = () if isinstance(values, str) else tuple(values)
    if names and all(isinstance(name, str) and name.strip() for name in names):
        return names
    raise ArgumentError(
        f"The argument '{argument}' is no list of names.",
        expected="at least one name, none of them empty",
        received=repr(values)[:200],
    )


def _annotator(name: str) -> str:
    if isinstance(name, str) and name.strip():
        return unicodedata.normalize("NFC", name.strip())
    raise ArgumentError(
        "The argument 'annotator' names nobody.", expected="a name", received=repr(name)
    )
