"""Exercises with one answer: a number, a choice, a text, or anything that a function judges."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlcourse.classroom.exercise import Exercise, Idea
from tlcourse.classroom.feedback import Feedback, UnclearError
from tlcourse.classroom.numbers import read_number
from tlcourse.classroom.profiles import PROFILES, pick
from tlcourse.classroom.words import count_words, plain, speaks_of, without_article
from tlcourse.errors import ArgumentError

Range = tuple[float, float]

_SAME_WORD = {"true": "yes", "y": "yes", "false": "no", "n": "no"}


@dataclass(frozen=True, repr=False)
class Number(Exercise):
    """A number: an exact one, one within a tolerance, or a measured one between two bounds.

    Parameters
    ----------
    answer
        The right number; or
    between
        the lowest and highest that are right, or such a pair for each profile (without one for
        `"gpu"`, that of `"laptop"` counts).
    tolerance
        How far from `answer` is still right, on both sides.
    share
        Whether 0.93, "93 %" and 93 mean the same.

    """

    answer: float | None = None
    between: Range | Mapping[str, Range] | None = None
    tolerance: float = 0
    share: bool = False

    def __post_init__(self) -> None:
        if (self.answer is None) == (self.between is None):
            raise ArgumentError(
                f"The exercise {self.id} needs one of 'answer' and 'between'.",
                received="both" if self.between is not None else "neither",
            )

    @property
    def expects(self) -> str:
        """Words for a number."""
        return 'a share such as 0.5 or "50 %"' if self.share else 'a number such as 12 or "1,200"'

    def read(self, answer: Any) -> list[float]:
        """Return the values that the answer may stand for."""
        found = read_number(answer)
        if not found:
            raise UnclearError
        if self.share:
            found += [value / 100 for value in found if 1 < value <= 100]
        return found

    def is_right(self, read: list[float]) -> bool:
        """Tell whether one of the readings is right."""
        low, high = self._bounds()
        return any(low <= value <= high for value in read)

    def is_mistake(self, match: Any, read: list[float]) -> bool:
        """Compare with another number, or ask a function of the likeliest reading."""
        if callable(match):
            # Of a share that was told in per cent, conditions speak of the share.
            value = read[-1] if self.share else read[0]
            return super().is_mistake(match, value)
        wrong = self.read(match)
        return any(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-12) for a in read for b in wrong)

    def _bounds(self) -> Range:
        if isinstance(self.between, Mapping):
            given = {name: self.between[name] for name in PROFILES if name in self.between}
            return pick(**given)
        if self.between is not None:
            return self.between
        assert self.answer is not None
        slack = self.tolerance + 1e-9 * max(1.0, abs(self.answer))
        return self.answer - slack, self.answer + slack


@dataclass(frozen=True, repr=False)
class Choice(Exercise):
    """One of several options, which are the right one and those of the mistakes.

    Parameters
    ----------
    answer
        The right option: a letter, or words; a tuple gives several forms of it, the first of which
        is told as an option. So do the mistakes, each for its own option. True and False are "yes"
        and "no".

    """

    answer: str | bool | tuple[str, ...] = ""

    @property
    def expects(self) -> str:
        """The options, in an order that tells nothing."""
        named = sorted(forms[0] for forms in self._options())
        return "one of the options " + ", ".join(f'"{name}"' for name in named)

    def read(self, answer: Any) -> tuple[str, ...]:
        """Return the forms of the option that was chosen."""
        if isinstance(answer, list | tuple) and len(answer) == 1:
            answer = answer[0]
        if not isinstance(answer, str | bool | int | float | np.bool_ | np.integer):
            raise UnclearError
        options = self._options()
        chosen = _option(str(answer), letters=all(len(forms[0]) == 1 for forms in options))
        for forms in options:
            if chosen in (_option(form) for form in forms):
                return forms
        raise UnclearError

    def is_right(self, read: tuple[str, ...]) -> bool:
        """Tell whether the right option was chosen."""
        return read == _forms(self.answer)

    def is_mistake(self, match: Any, read: tuple[str, ...]) -> bool:
        """Tell whether the option of a mistake was chosen."""
        return read == _forms(match)

    def _options(self) -> list[tuple[str, ...]]:
        return [_forms(option) for option in (self.answer, *(m.match for m in self.mistakes))]


@dataclass(frozen=True, repr=False)
class Words(Exercise):
    """A free text that must speak of certain ideas.

    A mistake's `match` is a tuple of stems, as of an idea: a text that lacks an idea and speaks of
    one of them gets its hint. A text that has all ideas is right, whatever else it mentions: words
    are found, and not what is said of them.

    Parameters
    ----------
    ideas
        All of them must be spoken of; the first that is missing gives the hint.

    """

    ideas: Sequence[Idea] = ()

    @property
    def expects(self) -> str:
        """Words for a text."""
        return "a sentence in quotation marks"

    def read(self, answer: Any) -> str:
        """Return the text in plain letters; a list of strings is one text."""
        if isinstance(answer, list | tuple) and all(isinstance(part, str) for part in answer):
            answer = " ".join(answer)
        if not isinstance(answer, str):
            raise UnclearError
        return plain(answer)

    def is_mistake(self, match: Any, read: str) -> bool:
        """Look for the stems of a mistake."""
        return super().is_mistake(match, read) if callable(match) else speaks_of(read, match)

    def judge_read(self, read: str) -> Feedback:
        """Look for what is missing, and whether a mistake tells why."""
        missing = [idea.hint for idea in self.ideas if not speaks_of(read, idea.stems)]
        if missing:
            if (hint := self.hint_for(read)) is not None:
                return Feedback("not yet", hint)
            began = "That is part of it. " if 0 < len(missing) < len(self.ideas) else ""
            return Feedback("not yet", began + missing[0])
        return Feedback("right", self.because)

    def all_hints(self) -> list[str]:
        """Return the hints of mistakes and ideas."""
        return [*super().all_hints(), *(idea.hint for idea in self.ideas)]


@dataclass(frozen=True, repr=False)
class Open(Words):
    """An open-ended exercise: no machine can judge it, so it is noted, with points to compare with.

    Parameters
    ----------
    compare
        Questions that the student puts to the own answer.
    least_words
        A text with fewer is not taken yet.

    """

    compare: Sequence[str] = ()
    least_words: int = 20

    def judge_read(self, read: str) -> Feedback:
        """Note a text without a mistake that is long enough and speaks of what it must."""
        if (hint := self.hint_for(read)) is not None:
            return Feedback("not yet", hint)
        if count_words(read) < self.least_words:
            text = f"That is short: write at least {self.least_words} words. {self.hint}"
            return Feedback("not yet", text)
        judged = super().judge_read(read)
        if judged.verdict != "right":
            return judged
        if len(set(read.split())) < self.least_words / 2:
            return Feedback("not yet", "The same words many times over: say it in sentences.")
        text = self.because or "No machine can judge this. Put these questions to your answer:"
        return Feedback("noted", text, tuple(self.compare))


@dataclass(frozen=True, repr=False)
class Judged(Exercise):
    """Any other thing: a report, a split, a model. A function judges it.

    Parameters
    ----------
    judge_with
        Takes the answer and returns True, or the hint for what is wrong. Where it raises, the
        answer is none that it can work with.
    expected
        What it can work with, in words: `"a set with parts, as tl.split returns it"`.

    """

    judge_with: Callable[[Any], Any] = bool
    expected: str = ""

    @property
    def time_limit(self) -> float:
        """How many seconds judging may take: longer, because a model may have to answer."""
        return 60

    @property
    def expects(self) -> str:
        """What the judge can work with."""
        return self.expected

    def read(self, answer: Any) -> Any:
        """Return what the judge says."""
        try:
            return self.judge_with(answer)
        except Exception as error:
            raise UnclearError from error

    def judge_read(self, read: Any) -> Feedback:
        """Tell what the judge said."""
        if read is True:
            return Feedback("right", self.because)
        return Feedback("not yet", read if isinstance(read, str) else self.hint)


def _forms(option: Any) -> tuple[str, ...]:
    return tuple(option) if isinstance(option, tuple) else (str(option),)


def _option(text: str, *, letters: bool = False) -> str:
    """Return an option as it is compared: "(B)", "b." and "option b" are "b" among letters."""
    words = without_article(plain(text[:500]))
    words = _SAME_WORD.get(words, words)
    if letters:
        first, _, rest = words.partition(" ")
        if first in ("option", "answer", "choice") and rest:
            words = rest
        head = text.strip().lstrip("([").casefold()
        if len(words) > 1 and len(head) > 1 and head[1] in ").:]":  # "b) because …"
            words = head[0]
    return words
