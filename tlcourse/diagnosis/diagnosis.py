"""`Diagnosis`: everything that was found, what costs most first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlcourse.data import ImageSet
from tlcourse.data.reading import shown
from tlcourse.data.tables import as_text, counted
from tlcourse.diagnosis.findings import Finding
from tlcourse.diagnosis.kinds import COSTS, KINDS, check_kinds

if TYPE_CHECKING:
    from tlcourse.diagnosis.writing import Written

_EXAMPLES = 3


@dataclass(frozen=True, eq=False, repr=False)
class Diagnosis:
    """What is wrong with a set of pictures; it never changes, and changes nothing.

    Attributes
    ----------
    images : ImageSet
        The pictures that were looked at, the unreadable ones too.
    findings : tuple of Finding
        Sorted by what they cost (`tlcourse.diagnosis.COSTS`), the clearest first within a kind.
    record : dict
        How it was found: how many pictures, the network, the seconds.

    """

    images: ImageSet
    findings: tuple[Finding, ...]
    record: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.findings)

    def of(self, kind: str) -> tuple[Finding, ...]:
        """Return the findings of one kind; an ArgumentError where there is no such kind."""
        check_kinds("kind", (kind,), tuple(KINDS))
        return tuple(finding for finding in self.findings if finding.kind == kind)

    def table(self) -> list[dict[str, Any]]:
        """Return a row for each kind that was found, what costs most first.

        The columns are `kind`, `what`, `cost` (4 to 1), `harm` (the cost in words), `findings`,
        `files` (how many), `examples` (the first files) and `advice`.
        """
        rows = []
        for kind in KINDS.values():
            found = self.of(kind.name)
            if not found:
                continue
            files = list(dict.fromkeys(file for finding in found for file in finding.files))
            rows.append(
                {
                    "kind": kind.name,
                    "what": kind.title,
                    "cost": kind.cost,
                    "harm": COSTS[kind.cost],
                    "findings": len(found),
                    "files": len(files),
                    "examples": [str(file) for file in files[:_EXAMPLES]],
                    "advice": kind.advice,
                }
            )
        return rows

    def short(self, file: Path) -> str:
        """Return a file's path from the folder that was looked at, printable on one line."""
        folder = self.images.record.get("folder")
        if folder is not None and file.is_relative_to(folder):
            file = file.relative_to(folder)
        text = file.as_posix()
        return text if text.isprintable() else shown(file)

    def summary(self) -> str:
        """Return the result in a sentence."""
        pictures = counted(len(self.images), "picture")
        if not self.findings:
            return f"{pictures}, and nothing is wrong with them."
        kinds = counted(len(self.table()), "kind")
        return f"{pictures}, {counted(len(self.findings), 'finding')} of {kinds}."

    def judged_by(self) -> str:
        """Return in a sentence which network judged labels and strangers, if one did."""
        name = self.record.get("backbone")
        if name is None:
            return "Labels and pictures that do not belong were not checked: that needs a network."
        sides = " and ".join(f"{side}" for side in self.record["input_sizes"])
        said = f"Labels, and what belongs to no class, were judged by {name} at {sides} pixels."
        if not self.record.get("thorough"):
            return said
        return f"{said} Labels were judged by fine-tuned copies of it too."

    def clean(self, also: Sequence[str] = (), leave: Sequence[str] = ()) -> ImageSet:
        """Return the set without what is surely wrong; the files stay as they are.

        Without being asked, it leaves out pictures that cannot be read or show nothing, all but one
        of the copies of a picture (the one that judges, then the largest), and all copies of one
        that bears two labels. It makes one class of two spellings. Everything that a person should
        look at first stays in: doubtful labels, pictures like no class, dark, bright and blurred
        ones. Classes that lose all their pictures are gone.

        Parameters
        ----------
        also
            Kinds of findings to act upon as well, such as `["label_error", "outlier"]`.
        leave
            Kinds of findings to leave alone, such as `["near_duplicate"]`.

        Returns
        -------
        ImageSet
            Its `problems` name what was left out and why.

        Raises
        ------
        ArgumentError
            When a kind is unknown, or there is nothing that could be done about it.
        DataError
            When no picture is left.

        """
        from tlcourse.diagnosis.cleaning import plan

        return plan(self, tuple(also), tuple(leave)).images

    def write_clean(
        self, target: str | Path, also: Sequence[str] = (), leave: Sequence[str] = ()
    ) -> Written:
        """Write a cleaned copy; see `tlcourse.diagnosis.writing.write_clean`."""
        from tlcourse.diagnosis.writing import write_clean

        return write_clean(self, Path(target).expanduser(), tuple(also), tuple(leave))

    def to_html(self, path: str | Path) -> Path:
        """Write a report with pictures to one HTML file that needs no other; return its path."""
        from tlcourse.diagnosis.report import write_report

        return write_report(self, Path(path).expanduser())

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a JSON-able dictionary."""
        return {
            "summary": self.summary(),
            "table": self.table(),
            "findings": [finding.to_dict() for finding in self.findings],
            "record": self.record,
        }

    def to_json(self) -> str:
        """Return everything as one JSON object."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def __repr__(self) -> str:
        if not self.findings:
            return self.summary()
        head = ["what", "cost", "files"]
        rows = [[row["what"], str(row["cost"]), f"{row['files']:,}"] for row in self.table()]
        return as_text(self.summary(), [head, *rows], ["Cost 4: the score lies … 1: a trifle."])

    def _repr_html_(self) -> str:
        from tlcourse.diagnosis.report import notebook_html

        return notebook_html(self)
