"""`check` and `hint`, as a student calls them."""

from __future__ import annotations

import pytest

from tlcourse.classroom import check, hint
from tlcourse.classroom.journal import Event, read_journal
from tlcourse.classroom.records import read_record
from tlcourse.errors import ArgumentError


@pytest.mark.parametrize("nothing", [None, ..., "", {"head": None}])
def test_what_is_not_answered_stops_nothing(nothing):
    card = check("1.1", nothing)
    assert card.verdict == "unanswered"
    assert repr(card) == (
        "○ 1.1: Not answered yet. Put your answer in the place of None, and run the cell again. "
        'A hint: `tl.hint("1.1")`.'
    )


def test_parts_are_answered_by_name():
    card = check("1.1", head="12,810", changed=None)
    assert card.verdict == "not yet"
    assert "head: right" in card.points[0]
    assert card.points[1] == "changed: not answered yet."
    assert check("1.1", head=12810, changed="none").verdict == "right"


@pytest.mark.parametrize("id", ["1.1", " 1.1 ", "Exercise 1.1", "exercise 1.1.", 1.1])
def test_an_exercise_is_found_by_its_number(id):
    assert "1.1: A hint." in repr(hint(id))


@pytest.mark.parametrize("id", ["1.99", "L1.1", "", "one", None, [], "999999.1", "1", "x" * 10_000])
def test_an_unknown_exercise_is_told_which_there_are(id):
    for call in (check, hint):
        with pytest.raises(ArgumentError, match=r"one of 1\.1, 1\.2, 1\.3, 1\.4") as caught:
            call(id)
        assert len(str(caught.value)) < 2000


def test_a_part_that_there_is_not_is_named():
    with pytest.raises(ArgumentError, match="the parts head, changed"):
        check("1.1", body=3)
    with pytest.raises(ArgumentError, match="and an answer"):
        check("1.1", 3, head=3)
    with pytest.raises(ArgumentError, match="one answer, without a name"):
        check("1.4", answers="x")


def test_a_hint_of_parts_speaks_of_each():
    text = repr(hint("1.1"))
    assert "  - head: " in text
    assert "  - changed: " in text


def test_what_was_said_goes_into_record_and_progress(monkeypatch, tmp_path):
    monkeypatch.setenv("TLCOURSE_RECORD", str(tmp_path / "record.jsonl"))
    check("1.1")
    check("1.1", head=12810, changed=0)
    check("1.1", head=12810, changed=0)
    said = [(line["id"], line["verdict"]) for line in read_record(tmp_path / "record.jsonl")]
    assert said == [("1.1", "unanswered"), ("1.1", "right"), ("1.1", "right")]
    assert read_journal() == [Event("check", "1.1", "unanswered"), Event("check", "1.1", "right")]


def test_a_card_is_html_for_eyes_and_screen_readers():
    shown = check("1.1", head="<b>2562</b>")._repr_mimebundle_()
    assert shown["text/plain"].startswith("✘ 1.1: Not yet.")
    page = shown["text/html"]
    assert '<span aria-hidden="true">✘</span> 1.1: Not yet.' in page
    assert "<b>2562" not in page
    assert '<code>tl.hint("1.1")</code>' in check("1.1")._repr_mimebundle_()["text/html"]
