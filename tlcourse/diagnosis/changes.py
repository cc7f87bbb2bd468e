"""The list beside a cleaned copy: what became of every file that there was a finding about."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tlcourse.assets import atomic_write
from tlcourse.diagnosis.cleaning import Plan
from tlcourse.diagnosis.findings import Finding
from tlcourse.diagnosis.kinds import KINDS

if TYPE_CHECKING:
    from tlcourse.diagnosis.diagnosis import Diagnosis

_COLUMNS = ("file", "done", "kind", "detail", "written_as")


class Done(NamedTuple):
    """What came of copying: new paths by position, and why others could not be written."""

    copied: dict[int, Path]
    lost: dict[int, str]


def write_changes(diagnosis: Diagnosis, todo: Plan, done: Done, report: Path) -> int:
    """Write the list as CSV; return how many pictures were changed.

    The column `done` says "left out", "changed" (converted, renamed, moved to another class),
    "kept" (as it is, although something was found), or "listed" (was never part of the set).
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    changed: set[int] = set()
    for finding in diagnosis.findings:
        for file, position in _parts(finding):
            fate = _fate(finding, position, todo, done)
            if fate == "changed" and position is not None:
                changed.add(position)
            place = done.copied.get(-1 if position is None else position)
            writer.writerow(
                [
                    diagnosis.short(file) if file else "",
                    fate,
                    finding.kind,
                    finding.detail,
                    place.as_posix() if place else "",
                ]
            )
    for position, reason in done.lost.items():
        name = diagnosis.short(diagnosis.images.paths[position])
        writer.writerow([name, "left out", "unreadable", reason, ""])
    with atomic_write(report) as opened:
        opened.write(text.getvalue().encode(errors="backslashreplace"))
    return len(changed)


def _parts(finding: Finding) -> Iterator[tuple[Path | None, int | None]]:
    """Yield the files of a finding with their positions, or nothing twice where it has none."""
    if not finding.files:
        yield None, None
    for index, file in enumerate(finding.files):
        yield file, finding.positions[index] if finding.positions else None


def _fate(finding: Finding, position: int | None, todo: Plan, done: Done) -> str:
    """Return what became of a file."""
    if position is None:
        return "listed"
    if position in todo.dropped or position in done.lost:
        return "left out"
    converted = position in done.copied and finding.kind in todo.converted.get(position, ())
    merged = KINDS[finding.kind].action == "merge" and finding.classes[0] in todo.renamed
    return "changed" if converted or merged else "kept"
