"""Where somebody is in the course, and what is next."""

from __future__ import annotations

import pytest

from tlcourse.classroom import check, open_chapter, progress, quiz
from tlcourse.classroom.contracts import read_contracts
from tlcourse.classroom.exercises import exercises_of, questions_of
from tlcourse.classroom.journal import Event, journal_path
from tlcourse.classroom.standing import ChapterStanding, Standing, stand


def standing_of(*chapters, current):
    return Standing(
        tuple(
            ChapterStanding(number, f"Title {number}", opened, exercises, questions)
            for number, opened, exercises, questions in chapters
        ),
        current,
    )


ONE = (1, True, {"1.1": True, "1.2": True}, {"1.1": True})
TWO = (2, False, {"2.1": False}, {"2.1": False})


@pytest.mark.parametrize(
    ("chapters", "current", "where", "next"),
    [
        ([ONE, TWO], None, "No chapter has been opened yet.", "open chapter 1, and run its first"),
        ([ONE, TWO], 1, "You are in chapter 1, Title 1.", "Next: chapter 2, Title 2."),
        ([ONE, TWO], 2, "You are in chapter 2, Title 2.", "Next: exercise 2.1."),
        ([(1, True, {"1.1": True, "L1.1": False}, {})], 1, "chapter 1", "Next: lab L1.1."),
        ([(1, True, {"1.1": True}, {"1.1": False})], 1, "chapter 1", "the quiz of chapter 1."),
        ([ONE], 1, "chapter 1", "Everything is done."),
        ([TWO, (3, True, {}, {})], 3, "chapter 3", "Next: chapter 2, Title 2."),
        ([ONE], 8, "You are in chapter 8.", "Everything is done."),
        ([], None, "No chapter", "open chapter 1"),
    ],
)  # fmt: skip
def test_where_and_what_is_next(chapters, current, where, next):
    standing = standing_of(*chapters, current=current)
    assert where in standing.where
    assert next in standing.next


def test_solved_stays_solved_and_labs_and_quizzes_count(course):
    events = [
        Event("opened", "1", ""), Event("check", "1.1", "right"), Event("check", "1.1", "not yet"),
        Event("check", "1.4", "noted"), Event("check", "1.2", "not yet"),
        Event("quiz", "1.1", "wrong"), Event("quiz", "1.1", "right"), Event("quiz", "1.2", "wrong"),
        Event("check", "99.9", "right"), Event("opened", "x", ""),
    ]  # fmt: skip
    first = stand(events, read_contracts(course / "contracts.json")).chapters[0]
    assert first.title == "First"
    assert first.exercises == {"1.1": True, "1.2": False, "1.3": False, "1.4": True}
    assert [id for id, right in first.questions.items() if right] == ["1.1"]
    assert not first.is_done


def test_it_follows_what_is_done_in_a_notebook(course):
    assert progress().current is None
    open_chapter(1)
    check("1.1", head=12810, changed=0)
    for number, question in enumerate(questions_of(1), 1):
        right = [option.right for option in question.options].index(True)
        quiz(1).choose(number, "abcdef"[right])
    standing = progress()
    assert standing.next == "Next: exercise 1.2."
    questions = len(questions_of(1))
    assert standing.rows()[0] == (
        "1. First", "yes", f"1 of {len(exercises_of(1))}", f"{questions} of {questions}"
    )  # fmt: skip


def test_it_shows_itself_as_text_and_as_a_table(course):
    open_chapter(1)
    shown = progress()._repr_mimebundle_()
    lines = shown["text/plain"].splitlines()
    assert lines[0].split() == ["Chapter", "Opened", "Exercises", "Quiz"]
    assert "kept on this machine alone" in lines[-1]
    assert '<th scope="row"' in shown["text/html"]
    assert str(journal_path().parent) not in str(shown), "a notebook may be shared"


def test_without_or_with_damaged_contracts_it_is_told_without_titles(course):
    open_chapter(1)
    (course / "contracts.json").write_text("{", "utf-8")
    assert progress().where == "You are in chapter 1."
