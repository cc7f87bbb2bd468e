"""What is said of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

Verdict = Literal["right", "noted", "not yet", "unclear", "unanswered"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
SOLVED: tuple[Verdict, ...] = ("right", "noted")
"""Where nothing is left to do; `"noted"` is for open-ended exercises."""

_MOST_SHOWN = 60


@dataclass(frozen=True)
class Feedback:
    """A verdict, and words that teach.

    Attributes
    ----------
    verdict : str
        `"right"`, `"noted"` (open-ended), `"not yet"`, `"unclear"` (not a form of answer that the
        exercise can read) or `"unanswered"`.
    text : str
        One or more sentences; a line for each part or point.
    points : tuple of str
        What to compare an open-ended answer with, or what is said of each part.

    """

    verdict: Verdict
    text: str
    points: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([self.text, *(f"- {point}" for point in self.points)])


class UnclearError(Exception):
    """An answer is of a form that an exercise cannot read; the text says what it expects."""


def unclear(expects: str, answer: Any) -> Feedback:
    """Return that an answer could not be read, what would have been, and what came instead."""
    return Feedback("unclear", f"This cannot be read as {expects}. Received: {described(answer)}.")


def described(answer: Any) -> str:
    """Return an answer in a few words, whatever it is: its own `repr` may be long, or raise."""
    kind = type(answer).__name__
    try:
        if isinstance(answer, str):
            return f"the text {_shortened(repr(answer[: 2 * _MOST_SHOWN]))}"
        if isinstance(answer, list | tuple | set | frozenset | dict):
            return f"{kind} of {len(answer):,}"
        if hasattr(answer, "shape"):
            return f"{kind} of shape {tuple(answer.shape)}"
        return f"{_shortened(repr(answer))} ({kind})"
    except Exception:
        return kind


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST_SHOWN else f"{line[:_MOST_SHOWN]}…"
