"""`Finding`: one thing that is wrong, with the files that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlcourse.diagnosis.kinds import KINDS


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    files : tuple of Path
        What it is about: a picture, copies of one picture, a folder.
    detail : str
        What was found, in words, for this case.
    positions : tuple of int
        Where the files stand in the set; empty for what is not part of it.
    classes : tuple of str
        The classes of the files, or those that the finding is about.
    strength : float
        How clear the case is, 0..1; within a kind the clearest come first.
    suggestion : str or None
        A class that would be right: where the picture seems to belong, or the usual spelling.

    """

    kind: str
    files: tuple[Path, ...]
    detail: str
    positions: tuple[int, ...] = ()
    classes: tuple[str, ...] = ()
    strength: float = 1.0
    suggestion: str | None = None

    @property
    def cost(self) -> int:
        """How much it costs, 1 to 4; `tlcourse.diagnosis.COSTS` says what that means."""
        return KINDS[self.kind].cost

    @property
    def advice(self) -> str:
        """What to do about this kind of finding."""
        return KINDS[self.kind].advice

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a JSON-able dictionary."""
        return {
            "kind": self.kind,
            "cost": self.cost,
            "files": [str(file) for file in self.files],
            "positions": list(self.positions),
            "classes": list(self.classes),
            "detail": self.detail,
            "strength": round(self.strength, 4),
            "suggestion": self.suggestion,
            "advice": self.advice,
        }


_ORDER = {name: position for position, name in enumerate(KINDS)}


def in_order_of_cost(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return findings by kind, worst kind first, and the clearest first within a kind."""
    return tuple(sorted(findings, key=lambda f: (_ORDER[f.kind], -f.strength)))
