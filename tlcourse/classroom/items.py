"""Exercises whose answer is a list or a set."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlcourse.classroom.exercise import Exercise
from tlcourse.classroom.feedback import Feedback, UnclearError
from tlcourse.classroom.numbers import read_number
from tlcourse.classroom.words import MOST_CHARACTERS, plain, without_article

_MOST = 1_000
_BETWEEN_NUMBERS = re.compile(r"[x×;\s()\[\]{}]|\band\b|,(?=\s|$)")
_COMMAS_TOO = re.compile(r"[,\s()\[\]{}]|\band\b")
_BETWEEN_NAMES = re.compile(r"\s*(?:[,;\n()\[\]{}]|\band\b)\s*")
_NUMBER_BEFORE = re.compile(r"(?:(?<=[,;\n])|^)[ \t]*\d{1,2}[.)][ \t]+")
"""The number that an item of a list bears: "1. ResNet"."""


@dataclass(frozen=True, repr=False)
class Items(Exercise):
    """Several numbers or names, in order or not.

    A list, a set, an array of any shape (read row by row) or a text such as "a, b and c" or
    "112 × 112 × 64" is taken. Names are compared without regard to case, accents and hyphens.

    A mistake's `match` is another such list, or a function of the list as it was read.

    Parameters
    ----------
    answer
        The right ones: numbers, or names; a tuple in place of a name gives several forms of it.
    ordered
        Whether their order and number count; without, the answer is a set.
    tolerance
        How far from each number is still right.

    """

    answer: Sequence[Any] = ()
    ordered: bool = False
    tolerance: float = 0

    @property
    def expects(self) -> str:
        """Words for a list."""
        return "a list of numbers" if self._of_numbers else 'a list of names such as ["a", "b"]'

    @property
    def _of_numbers(self) -> bool:
        return all(isinstance(one, int | float) for one in self.answer)

    def read(self, answer: Any) -> list[Any]:
        """Return the items: floats, or plain names."""
        found = [self._item(one) for one in self._split(answer)]
        return found if self.ordered else _without_repetitions(found)

    def is_right(self, read: list[Any]) -> bool:
        """Tell whether all that belongs there is there, and nothing else."""
        return self._equal(read, self._expected())

    def is_mistake(self, match: Any, read: list[Any]) -> bool:
        """Compare with another list, or ask a function."""
        if callable(match):
            return super().is_mistake(match, read)
        return self._equal(read, [[one] for one in self.read(match)])

    def shortfall(self, read: list[Any]) -> str:
        """Say how many are right, without saying which."""
        expected = self._expected()
        if self.ordered:
            right = sum(self._among(a, b) for a, b in zip(read, expected, strict=False))
            told = f"{right} of {len(read)} {'is' if right == 1 else 'are'} right and in its place."
        else:
            right = sum(any(self._among(one, e) for e in expected) for one in read)
            strange, missing = len(read) - right, len(expected) - right
            told = f"{right} of your {len(read)} {'belongs' if right == 1 else 'belong'} there."
            told += " Some are missing." if missing > 0 and not strange else ""
        return f"{told} {self.hint}"

    def judge_read(self, read: list[Any]) -> Feedback:
        """An empty list is no answer yet."""
        if not read:
            return Feedback("unanswered", "The list is empty.")
        return super().judge_read(read)

    def _equal(self, read: list[Any], expected: list[list[Any]]) -> bool:
        if len(read) != len(expected):
            return False
        if self.ordered:
            return all(self._among(a, b) for a, b in zip(read, expected, strict=True))
        return all(any(self._among(one, e) for one in read) for e in expected)

    def _among(self, found: Any, forms: list[Any]) -> bool:
        if isinstance(found, float):
            slack = self.tolerance + 1e-9 * max(1.0, abs(found))
            return any(isinstance(f, float) and abs(f - found) <= slack for f in forms)
        return found in forms

    def _expected(self) -> list[list[Any]]:
        """Return each right item in all its forms."""
        several = [one if isinstance(one, tuple) else (one,) for one in self.answer]
        return [[self._item(form) for form in forms] for forms in several]

    def _split(self, answer: Any) -> list[Any]:
        """Return the parts of an answer as they came."""
        if isinstance(answer, str):
            between, text = self._separators(answer), answer[:MOST_CHARACTERS]
            if not self._of_numbers:
                text = _NUMBER_BEFORE.sub("", text)
            return [part for part in between.split(text) if part.strip()]
        if isinstance(answer, int | float | np.number) and not isinstance(answer, bool):
            return [answer]
        if hasattr(answer, "__array__"):
            return list(np.asarray(answer).ravel()[: _MOST + 1])
        if not isinstance(answer, Iterable) or isinstance(answer, bytes | Mapping):
            raise UnclearError
        parts: list[Any] = []
        for one in itertools.islice(answer, _MOST + 1):
            parts += self._split(one) if isinstance(one, list | tuple) else [one]
        if len(parts) > _MOST:
            raise UnclearError
        return parts

    def _separators(self, text: str) -> re.Pattern[str]:
        """Return what divides the items of a text: "1,200; 64" has two, "112,64" as well."""
        if not self._of_numbers:
            return _BETWEEN_NAMES
        return _BETWEEN_NUMBERS if re.search(r"[x×;\n]|,\s", text) else _COMMAS_TOO

    def _item(self, one: Any) -> Any:
        if self._of_numbers:
            if not (values := read_number(one)):
                raise UnclearError
            return values[0]
        if not isinstance(one, str):
            raise UnclearError
        return without_article(plain(one))


def _without_repetitions(found: list[Any]) -> list[Any]:
    return list(dict.fromkeys(v for v in found if not (isinstance(v, float) and math.isnan(v))))
