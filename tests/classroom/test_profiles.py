"""One switch says how much is computed."""

import pytest

from tlcourse.classroom import pick, profile
from tlcourse.errors import ArgumentError


def test_without_a_word_it_is_the_laptop():
    assert profile() == "laptop"
    assert pick(smoke=1, laptop=8, gpu=40) == 8


@pytest.mark.parametrize(
    ("said", "value"), [("smoke", 1), ("laptop", 8), ("gpu", 40), ("SMOKE ", 1), ("", 8), (" ", 8)]
)
def test_the_switch_is_an_environment_variable_read_at_each_call(monkeypatch, said, value):
    monkeypatch.setenv("TLCOURSE_PROFILE", said)
    assert pick(smoke=1, laptop=8, gpu=40) == value


def test_a_gpu_computes_as_much_as_a_laptop_unless_told(monkeypatch):
    monkeypatch.setenv("TLCOURSE_PROFILE", "gpu")
    assert pick(smoke=1, laptop=8) == 8
    assert pick(smoke=1, laptop=8, gpu=None) is None


@pytest.mark.parametrize("said", ["fast", "laptop,gpu", "ü" * 1000])
def test_an_unknown_profile_is_named_with_those_that_there_are(monkeypatch, said):
    monkeypatch.setenv("TLCOURSE_PROFILE", said)
    with pytest.raises(ArgumentError, match="smoke or laptop or gpu") as caught:
        pick(smoke=1, laptop=2)
    assert len(str(caught.value)) < 400
