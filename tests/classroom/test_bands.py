"""A measured result beside what it is expected to be."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tlcourse.classroom import OutOfBandError, in_band
from tlcourse.classroom.records import read_record
from tlcourse.errors import ArgumentError, DataError


def shown(card):
    return card._repr_mimebundle_()


def test_within_the_band(course):
    assert repr(in_band("1.accuracy", 0.9512)) == (
        "✔ In band. Accuracy on the test set: 95.1%. Expected under the profile laptop: 90% to 99%."
    )


def test_outside_the_likely_causes_are_told(course):
    card = in_band("1.accuracy", np.float32(0.5))
    assert repr(card) == (
        "✘ Out of band. Accuracy on the test set: 50%. "
        "Expected under the profile laptop: 90% to 99%.\n"
        "  - Likely cause: fewer epochs.\n  - Likely cause: another seed."
    )
    assert '<strong><span aria-hidden="true">✘</span> Out of band.' in shown(card)["text/html"]
    assert "<li>Likely cause: another seed.</li>" in shown(card)["text/html"]


@pytest.mark.parametrize(
    ("profile", "inside"), [("smoke", True), ("laptop", False), ("gpu", False)]
)
def test_each_profile_has_its_band(course, monkeypatch, profile, inside):
    monkeypatch.setenv("TLCOURSE_PROFILE", profile)
    text = repr(in_band("1.accuracy", 0.3))
    assert text.startswith("✔ In band." if inside else "✘ Out of band.")
    assert f"under the profile {profile}" in text


def test_an_end_may_be_open(course, monkeypatch):
    assert "at least 1 seconds" in repr(in_band("1.time", 1234.5678))
    assert "1,235 seconds" in repr(in_band("1.time", 1234.5678))
    monkeypatch.setenv("TLCOURSE_PROFILE", "smoke")
    assert "at most 5 seconds" in repr(in_band("1.time", 0.25))


@pytest.mark.parametrize("value", [float("nan"), np.nan, np.float32("nan")])
def test_a_training_that_went_astray_is_out_of_band(course, value):
    assert repr(in_band("1.accuracy", value)).startswith("✘ Out of band.")


@pytest.mark.parametrize("value", ["0.95", None, [0.9, 0.8], object(), True, {}, np.zeros(3)])
def test_what_is_no_number_is_named(course, value):
    with pytest.raises(ArgumentError, match=r"'1\.accuracy' is not a number"):
        in_band("1.accuracy", value)


@pytest.mark.parametrize("key", ["1.acuracy", "9.x", "", None, 3])
def test_an_unknown_result_is_told_which_there_are(course, key):
    with pytest.raises(ArgumentError, match=r"1\.accuracy, 1\.time"):
        in_band(key, 1)


def test_without_the_file_it_says_so_and_goes_on(nowhere):
    assert repr(in_band("1.accuracy", 0.5)) == (
        "○ Not compared. There is no contracts.json in this folder or above it, so '1.accuracy' "
        "was compared with nothing."
    )


def test_a_damaged_file_is_an_error(course):
    (course / "contracts.json").write_text("{", "utf-8")
    with pytest.raises(DataError, match="cannot be read"):
        in_band("1.accuracy", 0.5)


def test_a_strict_run_raises_after_it_has_noted_the_result(course, monkeypatch, tmp_path):
    monkeypatch.setenv("TLCOURSE_STRICT", "1")
    monkeypatch.setenv("TLCOURSE_RECORD", str(tmp_path / "record"))
    in_band("1.accuracy", 0.95)
    with pytest.raises(OutOfBandError) as caught:
        in_band("1.accuracy", 0.5)
    for words in ("'1.accuracy' is out of its band", "90% to 99%", "50%", "fewer epochs"):
        assert words in str(caught.value)
    said = read_record(tmp_path / "record")
    assert [(line["value"], line["inside"], line["band"]) for line in said] == [
        (0.95, True, [0.9, 0.99]),
        (0.5, False, [0.9, 0.99]),
    ]
    assert said[0]["profile"] == "laptop"


def test_a_strict_run_wants_the_file(nowhere, monkeypatch):
    monkeypatch.setenv("TLCOURSE_STRICT", "1")
    with pytest.raises(OutOfBandError, match=r"no contracts\.json"):
        in_band("1.accuracy", 0.95)


def test_a_record_survives_what_a_kill_has_cut_short(tmp_path):
    path = tmp_path / "record"
    path.write_bytes(b'{"kind": "check"}\n[]\n\xff\xfe\n{"kind": "in_b')
    assert read_record(path) == [{"kind": "check"}]
    assert read_record(tmp_path / "none") == []


def test_nan_in_a_record_is_read_back(course, monkeypatch, tmp_path):
    monkeypatch.setenv("TLCOURSE_RECORD", str(tmp_path / "record"))
    in_band("1.accuracy", float("nan"))
    [said] = read_record(tmp_path / "record")
    assert said["inside"] is False
    assert json.dumps(said["value"]) == "NaN"
