"""Exercises of several parts, and the break-it labs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlcourse.classroom.exercise import Exercise, is_open
from tlcourse.classroom.feedback import SOLVED, Feedback, UnclearError, Verdict, unclear
from tlcourse.errors import ArgumentError

_IN_WORDS: dict[Verdict, str] = {
    "right": "right",
    "noted": "noted",
    "not yet": "not yet",
    "unclear": "not understood",
    "unanswered": "not answered yet",
}


class Parts(Exercise):
    """Several answers that belong together, each with feedback of its own.

    Parameters
    ----------
    id
        Of the whole.
    parts
        An exercise each; its `id` is the name by which the part is answered.
    hint, because
        Of the whole; `because` is said when all parts are right.

    """

    parts: tuple[Exercise, ...]

    def __init__(self, id: str, *parts: Exercise, hint: str, because: str = "") -> None:
        super().__init__(id, hint=hint, because=because)
        object.__setattr__(self, "parts", parts)
        names = [part.id for part in parts]
        if not parts or len(set(names)) < len(names):
            raise ArgumentError(
                f"The exercise {id} needs parts with names of their own.",
                received=", ".join(names) or "no part",
            )

    @property
    def expects(self) -> str:
        """The names of the parts."""
        named = ", ".join(f"{part.id}=…" for part in self.parts)
        return f'an answer in parts: tl.check("{self.id}", {named})'

    @property
    def time_limit(self) -> float:
        """How many seconds all parts together may take."""
        return sum(part.time_limit for part in self.parts)

    def read(self, answer: Any) -> dict[str, Any]:
        """Return the answers by the names of the parts; those left out are None."""
        names = [part.id for part in self.parts]
        if isinstance(answer, Mapping):
            given = dict(answer)
        elif isinstance(answer, list | tuple) and len(answer) == len(names):
            given = dict(zip(names, answer, strict=True))
        else:
            raise UnclearError
        if not set(given) <= set(names):
            raise UnclearError
        return {name: given.get(name) for name in names}

    def judge(self, answer: Any) -> Feedback:
        """Return what is to be said of each part, and of all together."""
        if is_open(answer):
            return Feedback("unanswered", "Not answered yet.")
        try:
            given = self.read(answer)
        except UnclearError:
            return unclear(self.expects, answer)
        judged = {part.id: part.judge(given[part.id]) for part in self.parts}
        verdicts = {feedback.verdict for feedback in judged.values()}
        if verdicts == {"unanswered"}:
            return Feedback("unanswered", "Not answered yet.")
        points = tuple(_point(name, feedback) for name, feedback in judged.items())
        if verdicts <= set(SOLVED):
            return Feedback("right", self.because, points)
        solved = sum(feedback.verdict in SOLVED for feedback in judged.values())
        return Feedback("not yet", f"{solved} of {len(judged)} parts done.", points)

    def all_hints(self) -> list[str]:
        """Return the hints of all parts."""
        return [self.hint, *(hint for part in self.parts for hint in part.all_hints())]


class Lab(Parts):
    """A break-it lab: what was wrong, and the result after it was mended.

    Parameters
    ----------
    id
        `"L3.1"`: chapter 3, lab 1.
    diagnosis
        What breaks the thing; its `id` is `"diagnosis"`.
    mended
        What comes out when that is put right; its `id` is `"mended"`.
    hint, because
        As for `Parts`.

    """

    def __init__(
        self, id: str, diagnosis: Exercise, mended: Exercise, *, hint: str, because: str = ""
    ) -> None:
        super().__init__(id, diagnosis, mended, hint=hint, because=because)
        if not id.startswith("L") or (diagnosis.id, mended.id) != ("diagnosis", "mended"):
            raise ArgumentError(
                f"The lab {id} is not declared as labs are.",
                expected='an id such as "L3.1", and the parts "diagnosis" and "mended"',
                received=f'"{id}", with the parts "{diagnosis.id}" and "{mended.id}"',
            )


def _point(name: str, feedback: Feedback) -> str:
    words = _IN_WORDS[feedback.verdict]
    said = "" if feedback.verdict == "unanswered" else f" {feedback}"
    return f"{name}: {words}.{said}".rstrip()
