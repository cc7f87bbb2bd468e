"""The exercises of every chapter: each typical mistake gets its hint, and no hint the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.chapters.course import wrong_answers
from tlcourse.classroom.checking import judge
from tlcourse.classroom.exercises import exercises_of, find_exercise, list_chapters, questions_of
from tlcourse.classroom.feedback import SOLVED
from tlcourse.classroom.kinds import Choice, Exercise, Function, Items, Number, Open, Parts, Words
from tlcourse.classroom.numbers import read_number
from tlcourse.classroom.words import plain

_ID = re.compile(r"L?\d+\.\d+")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?:\s?%)?(?![\w]|\.\d)")

CHAPTERS = [pytest.param(number, id=f"chapter_{number}") for number in list_chapters()]
ALL = [
    pytest.param(exercise, id=f"chapter_{number}-{id}")
    for number in list_chapters()
    for id, exercise in exercises_of(number).items()
]
WRONG = [
    pytest.param(id, answer, words, id=f"chapter_{number}-{id}-{place}")
    for number in list_chapters()
    for id, cases in wrong_answers(number).items()
    for place, (answer, words) in enumerate(cases)
]


@pytest.mark.parametrize(("id", "answer", "words"), WRONG)
def test_a_typical_mistake_gets_the_hint_meant_for_it(id, answer, words):
    feedback = judge(find_exercise(id), answer)
    assert feedback.verdict not in (*SOLVED, "unanswered")
    assert words.strip(), "say which words of the hint to look for"
    assert words in str(feedback)


@pytest.mark.parametrize("number", CHAPTERS)
def test_the_hints_for_mistakes_differ_from_each_other(number):
    """Three wrong answers that get the same general hint would show nothing."""
    for id, cases in wrong_answers(number).items():
        told = {words for _, words in cases}
        assert len(told) >= min(3, len(cases)), f"{id}: {told}"


@pytest.mark.parametrize("number", CHAPTERS)
def test_exercises_have_ids_of_their_chapter_and_a_quiz_has_reasons(number):
    for id in exercises_of(number):
        assert _ID.fullmatch(id)
        assert id.removeprefix("L").startswith(f"{number}.")
    for question in questions_of(number):
        for option in question.options:
            assert len(option.feedback.split()) >= 4, f"{question.text}: {option.feedback}"
    rights = [[o.right for o in q.options].index(True) for q in questions_of(number)]
    assert len(rights) < 4 or len(set(rights)) > 1, "the right option is always at one place"


def test_the_right_option_of_a_quiz_is_no_longer_than_the_others():
    """Who always takes the longest option, or the same letter, should not pass."""
    questions = [question for number in list_chapters() for question in questions_of(number)]
    longest = [max(q.options, key=lambda option: len(option.text)).right for q in questions]
    assert sum(longest) <= len(questions) / 2
    places = [[option.right for option in q.options].index(True) for q in questions]
    assert max(map(places.count, places)) <= len(questions) / 2


@pytest.mark.parametrize("exercise", ALL)
def test_every_exercise_says_why_and_gives_hints(exercise):
    assert exercise.hint.strip()
    assert all(hint.strip() for hint in exercise.all_hints())
    assert exercise.because.strip() or isinstance(exercise, Open)


@pytest.mark.parametrize("exercise", ALL)
def test_no_hint_holds_the_answer(exercise):
    for part in _parts(exercise):
        for hint in part.all_hints():
            assert not _reveals(part, hint), f"{part.id}: {hint}"


@pytest.mark.parametrize("exercise", ALL)
def test_no_odd_answer_is_right(exercise):
    for odd in (object(), [], {}, float("nan"), "?", -1e9, lambda *a, **k: None, ["?"] * 50):
        assert judge(exercise, odd).verdict not in SOLVED
        if isinstance(exercise, Parts):
            answers = {part.id: odd for part in exercise.parts}
            assert judge(exercise, answers).verdict not in SOLVED


def _parts(exercise: Exercise) -> Iterator[Exercise]:
    if isinstance(exercise, Parts):
        for part in exercise.parts:
            yield from _parts(part)
    else:
        yield exercise


def _reveals(exercise: Exercise, hint: str) -> bool:
    """Tell whether the answer can be read off a hint."""
    if isinstance(exercise, Number) and exercise.answer is not None:
        return any(exercise.is_right(read_number(text)) for text in _NUMBER.findall(hint))
    if isinstance(exercise, Choice):
        forms = exercise.answer if isinstance(exercise.answer, tuple) else (str(exercise.answer),)
        if all(len(form) == 1 for form in forms):
            return any(re.search(rf"\({form}\)|\b{form}\)", hint) for form in forms)
        told = f" {plain(hint)} "
        return any(f" {plain(form)} " in told for form in forms if plain(form) not in _TRUTHS)
    if isinstance(exercise, Items) and exercise.ordered:
        return exercise.judge(hint).verdict == "right"
    if isinstance(exercise, Words) and not isinstance(exercise, Open):
        return exercise.judge(hint).verdict == "right"
    return isinstance(exercise, Function) and "return " in hint


_TRUTHS = {"true", "false", "yes", "no"}
