"""What all exercises have: hints, mistakes, and judging whatever a student hands over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tlcourse.classroom.feedback import Feedback, UnclearError, unclear


class Mistake(NamedTuple):
    """A typical wrong answer and the hint meant for it.

    Attributes
    ----------
    match
        A wrong answer in any form that the exercise reads; or a function that takes the answer as
        it was read and tells whether it is this mistake. What it is for `Words`, `Open` and
        `Function` is told there.
    hint
        What helps somebody who thinks so, without the answer.

    """

    match: Any
    hint: str


class Idea(NamedTuple):
    """What a text must speak of: one of several stems, at the beginning of a word.

    Attributes
    ----------
    stems
        Such as `("frozen", "not change")`; case, accents and hyphens do not count.
    hint
        A question that leads there, for a text without it.

    """

    stems: tuple[str, ...]
    hint: str


@dataclass(frozen=True, kw_only=True, repr=False)
class _Described:
    """What all exercises have."""

    hint: str
    because: str = ""
    mistakes: Sequence[Mistake] = ()


@dataclass(frozen=True, repr=False)
class Exercise(_Described):
    """The base of all kinds.

    Parameters
    ----------
    id
        `"3.2"`, `"L3.1"` for a lab, or the name of a part.
    hint
        Said by `tl.hint`, and to wrong answers that no mistake fits.
    because
        Said with a right answer: why it is right.
    mistakes
        The first that fits a wrong answer gives the hint.

    """

    id: str

    @property
    def time_limit(self) -> float:
        """How many seconds judging may take."""
        return 10

    def __repr__(self) -> str:  # not that of a dataclass, which would tell the answer
        return f"<{type(self).__name__} {self.id}>"

    @property
    def expects(self) -> str:
        """What an answer looks like, in a few words that fit behind 'cannot be read as'."""
        raise NotImplementedError

    def read(self, answer: Any) -> Any:
        """Return the answer in the form that is compared, or raise UnclearError."""
        raise NotImplementedError

    def is_right(self, read: Any) -> bool:
        """Tell whether an answer that was read is right."""
        raise NotImplementedError

    def is_mistake(self, match: Any, read: Any) -> bool:
        """Tell whether an answer that was read is a certain mistake."""
        if callable(match):
            try:
                return bool(match(read))
            except Exception:  # a condition that does not apply to such an answer
                return False
        return bool(self.read(match) == read)

    def shortfall(self, read: Any) -> str:
        """Return what is said of a wrong answer that no mistake fits."""
        return self.hint

    def judge(self, answer: Any) -> Feedback:
        """Return what is to be said of an answer, of whatever kind it is."""
        if is_open(answer):
            return Feedback("unanswered", "Not answered yet.")
        try:
            read = self.read(answer)
        except UnclearError as reason:
            return unclear(str(reason) or self.expects, answer)
        return self.judge_read(read)

    def judge_read(self, read: Any) -> Feedback:
        """Return what is to be said of an answer that was read."""
        if self.is_right(read):
            return Feedback("right", self.because)
        return Feedback("not yet", self.hint_for(read) or self.shortfall(read))

    def hint_for(self, read: Any) -> str | None:
        """Return the hint of the first mistake that fits."""
        return next((hint for match, hint in self.mistakes if self.is_mistake(match, read)), None)

    def all_hints(self) -> list[str]:
        """Return every hint that this exercise can give."""
        return [self.hint, *(hint for _, hint in self.mistakes)]


def is_open(answer: Any) -> bool:
    """Tell whether nothing was answered yet: None, `...`, or an empty text."""
    return answer is None or answer is ... or (isinstance(answer, str) and not answer.strip())
