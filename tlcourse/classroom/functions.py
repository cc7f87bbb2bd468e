"""Exercises whose answer is a function, which is tried on cases."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from tlcourse.classroom.exercise import Exercise
from tlcourse.classroom.feedback import Feedback, UnclearError, described


class Case(NamedTuple):
    """One call of the student's function.

    Attributes
    ----------
    arguments : tuple
        By position.
    result
        What must come out: a number, an array, a list, a text.
    hint : str
        What to think of where something else comes out.

    """

    arguments: tuple[Any, ...]
    result: Any
    hint: str


class _Raised(NamedTuple):
    """In place of a result: what the function raised."""

    error: BaseException


@dataclass(frozen=True, repr=False)
class Function(Exercise):
    """A function of the student, called on each case.

    A mistake's `match` is a wrong function: who gets its results on all cases gets its hint.

    Parameters
    ----------
    cases
        In this order; the first that fails gives the hint.
    tolerance
        Absolute and relative, for numbers and arrays.
    seconds
        For all cases together; a loop without end is stopped then.

    """

    cases: Sequence[Case] = ()
    tolerance: float = 1e-6
    seconds: float = 5

    @property
    def time_limit(self) -> float:
        """How many seconds all cases together may take."""
        return self.seconds

    @property
    def expects(self) -> str:
        """Words for a function."""
        return "a function: hand over its name, without brackets behind it"

    def read(self, answer: Any) -> list[Any]:
        """Return what the function gives for each case, or what it raises."""
        if not callable(answer):
            raise UnclearError
        return [_called(answer, case.arguments) for case in self.cases]

    def is_right(self, read: list[Any]) -> bool:
        """Tell whether every case is right."""
        return all(
            self._same(found, case.result) for found, case in zip(read, self.cases, strict=True)
        )

    def is_mistake(self, match: Callable[..., Any], read: list[Any]) -> bool:
        """Tell whether a wrong function gives the same for every case."""
        if any(isinstance(found, _Raised) for found in read):
            return False
        return all(self._same(a, b) for a, b in zip(read, self.read(match), strict=True))

    def shortfall(self, read: list[Any]) -> str:
        """Say for which case something else comes out, and its hint."""
        found, case = next(
            (found, case)
            for found, case in zip(read, self.cases, strict=True)
            if not self._same(found, case.result)
        )
        call = ", ".join(_shown(one) for one in case.arguments)
        if isinstance(found, _Raised):
            error = found.error
            said = f"raises {type(error).__name__}: {_message(error)}".removesuffix(": ")
        elif found is None:
            return f"For ({call}) your function returns nothing. Does it end in a 'return'?"
        else:
            said = f"returns {_shown(found)}"
        return f"For ({call}) your function {said}. {case.hint}"

    def judge(self, answer: Any) -> Feedback:
        """Judge a function; a class or a method is one, too."""
        if callable(answer):
            return self.judge_read(self.read(answer))
        return super().judge(answer)

    def all_hints(self) -> list[str]:
        """Return the hints of mistakes and cases."""
        return [*super().all_hints(), *(case.hint for case in self.cases)]

    def _same(self, found: Any, expected: Any) -> bool:
        try:
            if isinstance(expected, str | dict | set) or expected is None:
                return bool(found == expected)
            a, b = np.asarray(found), np.asarray(expected)
            if a.shape != b.shape or a.dtype.kind not in "biuf" or b.dtype.kind not in "biuf":
                return a.shape == b.shape and bool((a == b).all())
            return np.allclose(
                a.astype(float), b.astype(float), self.tolerance, self.tolerance, equal_nan=True
            )
        except Exception:  # results that cannot be compared are not the same
            return False


def _called(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Call a function on copies, so that one that changes its arguments harms no other case."""
    try:
        return function(*copy.deepcopy(arguments))
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        return _Raised(error)


def _shown(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return f"{value:.6g}" if isinstance(value, float) else str(value)
        except ValueError:  # an integer of thousands of digits
            return "a very large number"
    if isinstance(value, list | tuple) and len(value) <= 5 and not isinstance(value, str):
        inner = ", ".join(_shown(one) for one in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    return described(value)


def _message(error: BaseException) -> str:
    try:
        return " ".join(str(error).split())[:120]
    except Exception:
        return ""
