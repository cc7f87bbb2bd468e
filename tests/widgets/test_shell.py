"""Questions and answers: whatever a browser sends, it gets one answer, and errors are sentences."""

from __future__ import annotations

import base64

import pytest

from tests.widgets.helpers import asked, stored_answer
from tlcourse.errors import ArgumentError
from tlcourse.figures import Figure
from tlcourse.widgets.shell import Answer, Shell, key_of

STILL = Figure(b"\x89PNG still", "What is to be seen.")


class Echo(Shell):
    def answer(self, question):
        if question.get("raise"):
            raise question["raise"]
        return Answer({"heard": question}, b"bytes")


@pytest.fixture
def echo() -> Echo:
    stored = {"a/0": Answer({"n": 1}, b"xy"), "b": Answer({}, b"z")}
    return Echo({"name": "é"}, stored, STILL, view="attribution")


def test_an_answer_comes_under_the_number_of_its_question(echo):
    content, buffers = asked(echo, {"id": "view-7", "kind": "maps"})
    assert content == {"id": "view-7", "record": {"size": 5, "heard": {"kind": "maps"}}}
    assert buffers == [b"bytes"]


def test_an_error_of_the_course_arrives_in_its_own_words(echo):
    error = ArgumentError("There is no such layer.", expected="one of: a", received="'b'")
    content, buffers = asked(echo, {"id": "1", "raise": error})
    assert content == {"id": "1", "error": str(error)}
    assert buffers == []


@pytest.mark.parametrize("error", [KeyError("x"), MemoryError("too much"), ValueError()])
def test_any_other_error_arrives_as_a_sentence(echo, error):
    content, _ = asked(echo, {"id": "1", "raise": error})
    assert content["error"].startswith(f"The kernel could not answer: {type(error).__name__}")


@pytest.mark.parametrize("nonsense", [None, [], "text", 3, {}])
def test_nonsense_is_answered_too(echo, nonsense):
    content, _ = asked(echo, nonsense)
    assert ("error" in content) == (not isinstance(nonsense, dict))


def test_stored_answers_lie_where_their_records_say(echo):
    assert stored_answer(echo, "a/0") == ({"key": "a/0", "at": 0, "size": 2, "n": 1}, b"xy")
    assert stored_answer(echo, "b")[1] == b"z"
    assert echo.about["name"] == "é"


def test_a_key_names_its_question():
    assert key_of({"kind": "maps", "model": 0, "layer": 12}) == "maps/0/12"


def test_where_no_script_runs_there_is_a_picture_and_words(echo):
    data, metadata = echo._repr_mimebundle_()
    assert data["image/png"] == STILL.png
    assert metadata["image/png"]["alt"] == STILL.alt
    assert data["text/plain"] == STILL.alt == repr(echo)
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == echo.model_id


def test_the_saved_state_holds_everything_that_a_page_needs(echo):
    state = echo.get_state()
    assert bytes(state["stored"]) == b"xyz"
    assert "export default" in state["_esm"]
    assert "renderAttribution" in state["_esm"]
    assert "renderActivations" not in state["_esm"]
    assert ".tlcourse" in state["_css"]
    embedded = echo._get_embed_state()["buffers"][0]
    assert base64.b64decode(embedded["data"]) == b"xyz"
