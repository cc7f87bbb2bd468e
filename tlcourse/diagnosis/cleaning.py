"""What cleaning leaves out, renames and converts: decided first, in one place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.data import ImageSet, Problem
from tlcourse.diagnosis.findings import Finding
from tlcourse.diagnosis.kinds import KINDS, check_kinds
from tlcourse.errors import DataError

if TYPE_CHECKING:
    from tlcourse.diagnosis.diagnosis import Diagnosis

_COPIES = ("across_splits", "conflict", "duplicate", "near_duplicate")


@dataclass(frozen=True)
class Plan:
    """What is to be done.

    Attributes
    ----------
    images : ImageSet
        What is kept, under the class names that are right.
    kept : np.ndarray
        `(n,)` int: the positions of these pictures in the set that was diagnosed.
    dropped : dict
        From the positions that are left out to the findings that say why.
    renamed : dict
        From class names to those that take their pictures.
    converted : dict
        From the positions of pictures that are written anew, or under another ending, to the kinds
        of findings that ask for it.

    """

    images: ImageSet
    kept: np.ndarray
    dropped: dict[int, Finding]
    renamed: dict[str, str]
    converted: dict[int, set[str]]


def plan(diagnosis: Diagnosis, also: tuple[str, ...], leave: tuple[str, ...]) -> Plan:
    """Return what cleaning does; see `Diagnosis.clean`."""
    possible = tuple(name for name, kind in KINDS.items() if kind.action != "list")
    check_kinds("also", also, possible)
    check_kinds("leave", leave, possible)
    wanted = {name for name in possible if KINDS[name].unasked} | set(also)
    findings = [f for f in diagnosis.findings if f.kind in wanted - set(leave)]
    renamed = _renamed(findings)
    dropped: dict[int, Finding] = {}
    for finding in findings:
        if KINDS[finding.kind].action == "drop" and finding.kind not in _COPIES:
            for position in finding.positions:
                dropped.setdefault(position, finding)
    for finding in findings:
        if finding.kind in _COPIES:
            for position in _superfluous(finding, renamed, dropped):
                dropped.setdefault(position, finding)
    converted: dict[int, set[str]] = {}
    for finding in findings:
        if KINDS[finding.kind].action == "convert":
            for position in finding.positions:
                converted.setdefault(position, set()).add(finding.kind)
    kept = np.array([i for i in range(len(diagnosis.images)) if i not in dropped], np.int64)
    images = _cleaned(diagnosis.images, kept, dropped, renamed)
    return Plan(images, kept, dropped, renamed, converted)


def _renamed(findings: list[Finding]) -> dict[str, str]:
    """Return the class names that become others; a slip of a slip ends where the last one does."""
    renamed = {
        finding.classes[0]: finding.suggestion
        for finding in findings
        if KINDS[finding.kind].action == "merge" and finding.suggestion is not None
    }
    return {name: _last(renamed, name) for name in renamed}


def _last(renamed: dict[str, str], name: str) -> str:
    while name in renamed:  # each has more pictures than the one before: it ends
        name = renamed[name]
    return name


def _superfluous(
    finding: Finding, renamed: dict[str, str], dropped: dict[int, Finding]
) -> Iterator[int]:
    """Yield which of the copies of a picture to leave out; the first of the others is kept."""
    left = [position for position in finding.positions if position not in dropped]
    classes = {renamed.get(name, name) for name in finding.classes}
    yield from left if finding.kind == "conflict" and len(classes) > 1 else left[1:]


def _cleaned(
    images: ImageSet, kept: np.ndarray, dropped: dict[int, Finding], renamed: dict[str, str]
) -> ImageSet:
    if not len(kept):
        raise DataError(
            "Cleaning would leave no picture.",
            received=f"{len(images):,} pictures, all with faults",
            todo="Look at the findings: all of these are to be left out.",
        )
    rest = images.subset(kept).rename_classes(renamed)
    present = np.unique(rest.labels)
    problems = [
        Problem(images.paths[position], f"{KINDS[finding.kind].title}: {finding.detail}")
        for position, finding in sorted(dropped.items())
    ]
    return replace(
        rest,
        labels=np.searchsorted(present, rest.labels),
        class_names=tuple(rest.class_names[i] for i in present),
        problems=(*images.problems, *problems),
        record={**images.record, "cleaned": {"left_out": len(dropped), "renamed": renamed}},
    )
