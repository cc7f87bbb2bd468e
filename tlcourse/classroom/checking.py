"""`check` and `hint`: an answer is judged at once, with a hint that teaches."""

from __future__ import annotations

from typing import Any

from tlcourse.classroom import journal, records
from tlcourse.classroom.cards import Card
from tlcourse.classroom.exercises import find_exercise
from tlcourse.classroom.feedback import Feedback, Verdict
from tlcourse.classroom.kinds import Exercise, Parts
from tlcourse.classroom.time_limit import TimeUpError, within
from tlcourse.errors import ArgumentError

_SIGNS: dict[Verdict, str] = {
    "right": "✔", "noted": "✎", "not yet": "✘", "unclear": "?", "unanswered": "○",
}  # fmt: skip
_TITLES: dict[Verdict, str] = {
    "right": "Right", "noted": "Noted", "not yet": "Not yet", "unclear": "Not understood",
    "unanswered": "Not answered yet",
}  # fmt: skip


def check(id: str, answer: Any = None, **parts: Any) -> Card:
    """Judge an answer to an exercise, and say at once what to think of next.

    Nothing but an unknown exercise raises: an answer of None, or one that makes no sense, is told
    in words. The answer itself is never told.

    Parameters
    ----------
    id
        Which exercise: `"3.2"`, or `"L3.1"` for a lab.
    answer
        Numbers may be written in many ways ("2,562", "93 %"), texts in any case; lists, arrays,
        functions and other things where the exercise asks for them.
    **parts
        The answers of an exercise in parts, by name: `tl.check("L3.1", diagnosis=…, mended=…)`.

    Returns
    -------
    Card
        Shows itself in a notebook; `.verdict` is `"right"`, `"noted"`, `"not yet"`, `"unclear"` or
        `"unanswered"`.

    Raises
    ------
    ArgumentError
        When there is no such exercise, or it is answered both as a whole and in parts.

    """
    exercise = find_exercise(id)
    if parts:
        answer = _joined(exercise, answer, parts)
    feedback = judge(exercise, answer)
    records.note(kind="check", id=exercise.id, verdict=feedback.verdict)
    journal.note("check", exercise.id, feedback.verdict)
    text, points = feedback.text, list(feedback.points)
    if feedback.verdict == "unanswered":
        text = (
            "Put your answer in the place of None, and run the cell again. "
            f'A hint: `tl.hint("{exercise.id}")`.'
        )
    return Card(
        _SIGNS[feedback.verdict],
        f"{exercise.id}: {_TITLES[feedback.verdict]}.",
        text,
        tuple(points),
        verdict=feedback.verdict,
    )


def hint(id: str) -> Card:
    """Return a hint for an exercise, before any answer.

    Parameters
    ----------
    id
        Which exercise: `"3.2"`, or `"L3.1"` for a lab.

    Raises
    ------
    ArgumentError
        When there is no such exercise.

    """
    exercise = find_exercise(id)
    points: tuple[str, ...] = ()
    if isinstance(exercise, Parts):
        points = tuple(f"{part.id}: {part.hint}" for part in exercise.parts)
    return Card("→", f"{exercise.id}: A hint.", exercise.hint, points)


def judge(exercise: Exercise, answer: Any) -> Feedback:
    """Return what is to be said of an answer, within the time that the exercise allows."""
    limit = exercise.time_limit
    try:
        return within(limit, lambda: exercise.judge(answer))
    except TimeUpError:
        text = f"It had not ended after {limit:g} seconds. Is there a loop without end?"
        return Feedback("not yet", text)
    except (Exception, SystemExit):  # of an object that raises when it is looked at
        text = f"This cannot be read as {exercise.expects}. Received: something that raises errors."
        return Feedback("unclear", text)


def _joined(exercise: Exercise, answer: Any, parts: dict[str, Any]) -> dict[str, Any]:
    names = [part.id for part in exercise.parts] if isinstance(exercise, Parts) else []
    if answer is not None or not set(parts) <= set(names):
        usual = f"the parts {', '.join(names)}" if names else "one answer, without a name"
        raise ArgumentError(
            f"The exercise {exercise.id} is not answered like this.",
            expected=usual,
            received=", ".join(parts) + (" and an answer" if answer is not None else ""),
        )
    return parts
