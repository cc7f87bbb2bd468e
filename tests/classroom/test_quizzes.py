"""Quizzes: declared soundly, told in plain text and HTML, and as a widget."""

from __future__ import annotations

import importlib.util
import json
import re

import pytest

from tests.widgets.helpers import asked
from tlcourse.classroom import Quiz, quiz
from tlcourse.classroom.journal import Event, read_journal
from tlcourse.classroom.quiz_widget import QuizWidget
from tlcourse.classroom.quizzes import Option, Question
from tlcourse.errors import ArgumentError

YES, NO = Option("yes", "because", right=True), Option("no", "for *no* `reason` <at all>")
TWO = (Question("Is it?", NO, YES), Question("And <this> & that?", YES, NO))


@pytest.fixture
def sheet():
    return Quiz(7, TWO)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ((YES, Option("maybe", "x", right=True)), "2 right options"),
        ((NO, Option("maybe", "x")), "0 right options"),
        ((YES, Option("no", " ")), "an option without feedback"),
        ((YES,), "fewer than two different options"),
        ((YES, NO, NO), "fewer than two different options"),
        ((), "0 right options, fewer than two"),
    ],
)
def test_a_question_that_is_not_in_order_cannot_be_declared(options, fault):
    with pytest.raises(ArgumentError, match=fault):
        Question("Is it?", *options)


def test_in_plain_text_there_are_questions_options_and_no_answers(sheet):
    assert repr(sheet) == (
        "Quiz of chapter 7, 2 questions\n\n"
        "1. Is it?\n   a) no\n   b) yes\n\n"
        "2. And <this> & that?\n   a) yes\n   b) no\n\n"
        'To answer question 1 in Python: tl.quiz(7).choose(1, "a")'
    )
    assert "because" not in repr(sheet)


def test_in_html_every_option_opens_and_tells_its_feedback(sheet):
    page = sheet._repr_mimebundle_()[0]["text/html"]
    assert page.count("<details") == page.count("</details>") == 4
    assert "And &lt;this&gt; &amp; that?" in page
    assert "for <em>no</em> <code>reason</code> &lt;at all&gt;" in page
    assert re.search(r"<summary>b\) yes</summary><p[^>]*>✔ Right. because</p>", page)
    assert "<script" not in page


@pytest.mark.parametrize(("option", "verdict"), [("b", "right"), (" (A) ", "not yet")])
def test_a_question_is_answered_by_its_letter(sheet, option, verdict):
    assert sheet.choose(1, option).verdict == verdict


@pytest.mark.parametrize(("question", "option"), [(0, "a"), (3, "a"), ("1", "a"), (1, "c"),
                                                  (1, ""), (1, "ab"), (1, None)])  # fmt: skip
def test_there_is_no_such_question_or_option(sheet, question, option):
    with pytest.raises(ArgumentError):
        sheet.choose(question, option)
    assert read_journal() == []


def test_answers_go_into_the_progress(sheet):
    for option in "aba":
        sheet.choose(1, option)
    assert read_journal() == [Event("quiz", "7.1", "wrong"), Event("quiz", "7.1", "right")]


def test_the_widget_notes_what_was_chosen_in_the_browser(sheet):
    content, _ = asked(
        QuizWidget(sheet), {"id": "1", "kind": "answered", "question": 1, "option": 0}
    )
    assert content["record"]["right"] is True
    assert read_journal() == [Event("quiz", "7.2", "right")]


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"question": 5, "option": 0},
        {"question": 0, "option": -1},
        {"question": "0", "option": 0},
    ],
)
def test_nonsense_from_a_browser_is_answered_with_an_error(sheet, message):
    content, _ = asked(QuizWidget(sheet), {"id": "1", **message})
    assert "error" in content
    assert read_journal() == []


def test_the_widget_holds_all_that_a_page_needs_and_its_plain_forms(sheet):
    widget = QuizWidget(sheet)
    data, _ = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"] == repr(widget) == repr(sheet)
    assert data["text/html"] == sheet.to_html()
    told = json.dumps(widget.get_state()["about"])
    assert "for *no* `reason` <at all>" in told
    assert "renderQuiz" in widget.get_state()["_esm"]
    assert widget.choose(2, "a").verdict == "right"


def test_a_chapter_has_its_quiz():
    assert isinstance(quiz(1), QuizWidget)
    assert len(quiz(1).quiz.questions) >= 4


@pytest.mark.parametrize("chapter", [0, 99, "1", None, 1.5])
def test_there_is_no_quiz_for_that(chapter):
    with pytest.raises(ArgumentError, match="one of 1"):
        quiz(chapter)


def test_without_the_packages_of_widgets_it_is_read(monkeypatch):
    find = importlib.util.find_spec
    missing = lambda name, *more: None if name == "anywidget" else find(name, *more)  # noqa: E731
    monkeypatch.setattr(importlib.util, "find_spec", missing)
    assert isinstance(quiz(1), Quiz)
    assert quiz(1).choose(1, "a").verdict in ("right", "not yet")
