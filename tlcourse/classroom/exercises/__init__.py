"""The exercises, labs and quizzes of the chapters: one module each, found by number."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import re
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from tlcourse.errors import ArgumentError

if TYPE_CHECKING:
    from tlcourse.classroom.kinds import Exercise
    from tlcourse.classroom.quizzes import Option, Question

_MODULE = re.compile(r"chapter_(\d+)")


def list_chapters() -> list[int]:
    """Return the numbers of the chapters that have exercises."""
    names = (_MODULE.fullmatch(module.name) for module in pkgutil.iter_modules(__path__))
    return sorted(int(found[1]) for found in names if found)


@cache
def exercises_of(chapter: int) -> dict[str, Exercise]:
    """Return the exercises and labs of a chapter by their ids, in order; none where it has none."""
    module = _module(chapter)
    return {} if module is None else {exercise.id: exercise for exercise in module.EXERCISES}


@cache
def questions_of(chapter: int) -> tuple[Question, ...]:
    """Return the questions of a chapter's quiz; none where it has none."""
    module = _module(chapter)
    return () if module is None else tuple(map(_shuffled, module.QUIZ))


def _shuffled(question: Question) -> Question:
    """Return a question with its options in an order that tells nothing, and is always the same."""

    def place(option: Option) -> bytes:
        return hashlib.sha256(f"0{option.text}".encode()).digest()

    return type(question)(question.text, *sorted(question.options, key=place))


def find_exercise(id: object) -> Exercise:
    """Return an exercise by its id: `"3.2"`, `"L3.1"`; "Exercise 3.2" and 3.2 are understood too.

    Raises
    ------
    ArgumentError
        When there is none of this name; it tells those that there are.

    """
    wanted = re.sub(r"^(?:exercise|lab)\s*(?=[\dL])", "", str(id).strip(), flags=re.IGNORECASE)
    wanted = wanted.rstrip(".").upper()
    number = re.match(r"L?(\d{1,3})\.", wanted)
    known = exercises_of(int(number[1])) if number else {}
    if wanted in known:
        return known[wanted]
    have = list(known) or [name for chapter in list_chapters() for name in exercises_of(chapter)]
    raise ArgumentError(
        "There is no exercise of this name.",
        expected="one of " + ", ".join(have),
        received=repr(id)[:80],
    )


def _module(chapter: int) -> ModuleType | None:
    if chapter not in list_chapters():
        return None
    return importlib.import_module(f"{__name__}.chapter_{chapter}")
