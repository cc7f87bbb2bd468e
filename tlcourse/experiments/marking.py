"""The doctor's work marked: what it found of the known faults, and what it said in vain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tlcourse.data.tables import as_text, counted
from tlcourse.diagnosis import KINDS, Diagnosis, Fault, Finding, Messy
from tlcourse.errors import DataError, must_be
from tlcourse.figures import PALETTE, Figure, drawing, finish

_COPIES = ("duplicate", "near_duplicate", "conflict", "across_splits")
_FOLDERS = ("imbalance", "empty_class")
"""Faults that are told by the name of a folder, not by files."""


@dataclass(frozen=True)
class KindMark:
    """How one kind of fault was found.

    Attributes
    ----------
    kind, title : str
        Its short name, and in a few words.
    put_in, found : int
        How many faults of this kind there are, and of these, how many the doctor named.
    in_vain : tuple of Path
        Pictures that nothing was done to, named as this kind all the same.

    """

    kind: str
    title: str
    put_in: int
    found: int
    in_vain: tuple[Path, ...]


@dataclass(frozen=True, repr=False)
class Marks:
    """What a diagnosis found of a list of known faults; shows as a table, and draws as a figure.

    Attributes
    ----------
    kinds : tuple of KindMark
        In the order of their cost, each kind that was put in or named.
    missed : tuple of Fault
        What was put in and not found.
    untouched : int
        How many pictures nothing was done to.

    """

    kinds: tuple[KindMark, ...]
    missed: tuple[Fault, ...]
    untouched: int

    @property
    def put_in(self) -> int:
        """How many faults there are in all."""
        return sum(kind.put_in for kind in self.kinds)

    @property
    def found(self) -> int:
        """How many of them were found."""
        return sum(kind.found for kind in self.kinds)

    @property
    def in_vain(self) -> int:
        """How many pictures without a fault were named."""
        return len({path for kind in self.kinds for path in kind.in_vain})

    def of(self, kind: str) -> KindMark:
        """Return the mark of one kind; a DataError where there is none."""
        found = [mark for mark in self.kinds if mark.kind == kind]
        if not found:
            raise DataError(
                "This kind of fault was neither put in nor named.",
                expected=", ".join(mark.kind for mark in self.kinds),
                received=repr(kind),
            )
        return found[0]

    def __repr__(self) -> str:
        head = ["what", "put in", "found", "in vain"]
        rows = [
            [mark.title, f"{mark.put_in}", f"{mark.found}", f"{len(mark.in_vain)}"]
            for mark in self.kinds
        ]
        return as_text(self._in_words(), [head, *rows], [])

    def draw(self) -> Figure:
        """Draw for each kind how many were found and missed, and how many were named in vain."""
        from matplotlib.ticker import MaxNLocator

        places = np.arange(len(self.kinds))
        found = np.array([mark.found for mark in self.kinds])
        missed = np.array([mark.put_in for mark in self.kinds]) - found
        in_vain = np.array([len(mark.in_vain) for mark in self.kinds])
        with drawing(7.5, 0.4 + 0.22 * len(self.kinds)) as canvas:
            axes = canvas.subplots()
            axes.barh(places, found, color=PALETTE[0], label="found")
            axes.barh(places, missed, left=found, color=PALETTE[1], hatch="///", label="missed")
            axes.barh(places, -in_vain, color="0.6", hatch="...", label="named in vain")
            axes.axvline(0, c="black", lw=0.8)
            axes.set_yticks(places, [mark.title for mark in self.kinds])
            axes.invert_yaxis()
            axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):.0f}")
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.set_xlabel("pictures without a fault  |  faults of the list")
            axes.legend(loc="lower right")
            told = "; ".join(
                f"{mark.title}: {mark.found} of {mark.put_in}, {len(mark.in_vain)} in vain"
                for mark in self.kinds
            )
            return finish(canvas, f"{self._in_words()} By kind: {told}.")

    def _in_words(self) -> str:
        return (
            f"{self.found} of {counted(self.put_in, 'fault')} found; {self.in_vain} of "
            f"{counted(self.untouched, 'picture')} without a fault named in vain."
        )


def mark_diagnosis(diagnosis: Diagnosis, messy: Messy) -> Marks:
    """Compare what was found with what is known to be wrong.

    A fault counts as found when a finding of its kind names its files: for copies, at least two of
    them together. A picture is named in vain when a finding names it although nothing was done to
    it; real faults that the set had before count so as well, for they are not told apart. A picture
    with one fault that is named for another is neither: much of that is true.

    Parameters
    ----------
    diagnosis
        Of the messy folder.
    messy
        What `make_messy` returned.

    Returns
    -------
    `Marks`.

    Raises
    ------
    DataError
        When the diagnosis is of another folder.

    """
    must_be("diagnosis", diagnosis, Diagnosis, "Write diagnosis = tl.diagnose(messy.folder).")
    must_be("messy", messy, Messy, 'Write messy = tl.make_messy(images, "folder").')
    root = messy.folder.resolve()
    if not all(path.resolve().is_relative_to(root) for path in diagnosis.images.paths):
        raise DataError(
            "The diagnosis is of another folder than the list of faults.",
            expected=f"tl.diagnose of {messy.folder.name}",
            received=str(diagnosis.images.record.get("folder", "a set of pictures")),
        )
    spoilt = {root / file for fault in messy.faults for file in fault.files}
    untouched = {path.resolve() for path in diagnosis.images.paths} - spoilt
    missed = [fault for fault in messy.faults if not _is_found(fault, diagnosis, root)]
    kinds = [
        KindMark(
            kind=kind.name,
            title=kind.title,
            put_in=(count := sum(fault.kind == kind.name for fault in messy.faults)),
            found=count - sum(fault.kind == kind.name for fault in missed),
            in_vain=tuple(sorted(set(_files(diagnosis.of(kind.name))) & untouched)),
        )
        for kind in KINDS.values()
    ]
    told = tuple(mark for mark in kinds if mark.put_in or mark.in_vain)
    return Marks(told, tuple(missed), len(untouched))


def _is_found(fault: Fault, diagnosis: Diagnosis, root: Path) -> bool:
    """Tell whether a finding of its kind names a fault."""
    if fault.kind in _FOLDERS:
        return any(_names_folder(finding, fault) for finding in diagnosis.of(fault.kind))
    # A file that lay there twice before has another copy now, and not all of equal bytes.
    kinds = _COPIES[:2] if fault.kind == "duplicate" else (fault.kind,)
    needed = 2 if fault.kind in _COPIES else 1
    wanted = {root / file for file in fault.files}
    findings = [finding for kind in kinds for finding in diagnosis.of(kind)]
    return any(len(wanted.intersection(_files([finding]))) >= needed for finding in findings)


def _names_folder(finding: Finding, fault: Fault) -> bool:
    names = {*finding.classes, *(path.name for path in finding.files)}
    return Path(fault.files[0]).name in names


def _files(findings: Sequence[Finding]) -> Iterator[Path]:
    for finding in findings:
        for file in finding.files:
            yield file.resolve()
