"""`contracts.json`: found beside the notebooks, and every mistake in it is named at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.classroom.conftest import contents
from tlcourse.classroom.contracts import Band, find_contracts, read_contracts
from tlcourse.errors import DataError


def write(folder, said):
    path = folder / "contracts.json"
    path.write_text(said if isinstance(said, str) else json.dumps(said), "utf-8")
    return path


def test_a_good_file_is_read(tmp_path):
    found = read_contracts(write(tmp_path, contents()))
    assert found.chapters[1].seconds == {"smoke": 30, "laptop": 90, "gpu": 90}
    accuracy = found.results["1.accuracy"]
    assert accuracy.bands["gpu"] == Band(0.95, 1)
    assert accuracy.causes == ("fewer epochs", "another seed")
    time = found.results["1.time"]
    assert time.bands["gpu"] == time.bands["laptop"] == Band(1, None)


@pytest.mark.parametrize(
    ("low", "high", "value", "inside"),
    [
        (0.9, 0.99, 0.9, True), (0.9, 0.99, 0.99, True), (0.9, 0.99, 0.8999, False),
        (None, 5, -1e300, True), (None, 5, 5.01, False), (1, None, float("inf"), True),
        (0, 1, float("nan"), False), (None, 5, float("nan"), False),
    ],
)  # fmt: skip
def test_a_band_holds_its_ends_and_no_nan(low, high, value, inside):
    assert Band(low, high).holds(value) is inside


def test_every_problem_is_named_at_once(tmp_path):
    said = contents()
    said["format"] = 2
    said["extra"] = 1
    said["chapters"]["one"] = {"file": "", "title": "T", "needs": "about 3", "seconds": []}
    said["chapters"]["1"]["seconds"] = {"smoke": 0, "phone": 3}
    said["results"]["accuracy"] = []
    said["results"]["1.time"] |= {"bands": {"smoke": [5, 1], "laptop": [None, None]}, "causes": []}
    said["results"]["1.accuracy"] |= {"bands": {"laptop": [0, "1"]}, "unit": 3, "why": "x"}
    del said["results"]["1.accuracy"]["what"]
    with pytest.raises(DataError) as caught:
        read_contracts(write(tmp_path, said))
    text = str(caught.value)
    for problem in (
        "format: 2 instead of 1", "extra: unknown", "chapter one: not the number of a chapter",
        "chapter one: file: not a text", "chapter one: needs: 'about 3'",
        "chapter one: reading_minutes: missing", "chapter one: seconds: not an object",
        "chapter 1: seconds: smoke: not a number above 0", "chapter 1: seconds: laptop: missing",
        "chapter 1: seconds: phone: no profile", "accuracy: not a key such as",
        "accuracy: not an object", "1.time: bands: smoke: not [lowest, highest]",
        "1.time: bands: laptop: not [lowest, highest]", "1.time: causes: not a list",
        "1.accuracy: what: missing", "1.accuracy: why: unknown", "1.accuracy: unit: not a text",
        "1.accuracy: bands: smoke: missing", "1.accuracy: bands: laptop: not [lowest",
    ):  # fmt: skip
        assert problem in text, problem


@pytest.mark.parametrize(
    "said", ["", "{", "[]", "null", '{"format": 1}', '"x"', '{"chapters": 3, "results": []}',
             '{"format": 1, "chapters": {}, "results": {"1.a": 1, "1.a": 2}}', "\x00\ufeff",
             '{"format": 1, "chapters": {"1": null}, "results": {"1.a": null}}']
)  # fmt: skip
def test_a_damaged_file_is_named(tmp_path, said):
    with pytest.raises(DataError, match=r"contracts\.json"):
        read_contracts(write(tmp_path, said))


def test_a_result_that_stands_twice_is_named(tmp_path):
    text = json.dumps(contents()).replace('"1.time"', '"1.accuracy"')
    with pytest.raises(DataError, match=r"'1\.accuracy' stands there twice"):
        read_contracts(write(tmp_path, text))


@pytest.mark.parametrize("where", [".", "solutions", "..", "../elsewhere/deep"])
def test_it_is_found_from_the_folder_of_a_notebook_upwards(course, where):
    start = course / where
    start.mkdir(parents=True, exist_ok=True)
    assert find_contracts(start.resolve()) == course / "contracts.json"


def test_the_working_folder_is_where_a_notebook_is(course):
    assert find_contracts() == course / "contracts.json"


def test_another_programs_file_of_that_name_is_passed_over(tmp_path, monkeypatch):
    from tlcourse.classroom import contracts

    monkeypatch.setattr(contracts, "__file__", str(tmp_path / "nowhere" / "b" / "c.py"))
    write(tmp_path, '{"solidity": true}')
    assert find_contracts(tmp_path / "x") is None
    write(tmp_path, contents())
    assert find_contracts(tmp_path / "x") == tmp_path / "contracts.json"


def test_elsewhere_the_checkout_has_it(tmp_path):
    root = Path(__file__).parents[2]
    assert find_contracts(tmp_path) == root / "chapters" / "contracts.json"


def test_the_courses_own_file_is_in_order():
    found = read_contracts(Path(__file__).parents[2] / "chapters" / "contracts.json")
    assert sorted(found.chapters) == [1, 2, 3, 4, 5, 6]
    assert {int(key.partition(".")[0]) for key in found.results} <= set(found.chapters)
