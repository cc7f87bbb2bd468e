"""Sentences out of measured values."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from tlcourse.classroom import reading
from tlcourse.errors import ArgumentError


def test_measured_values_stand_in_the_sentence():
    said = reading("Of {n:,} pictures **{share:.1%}** were right.", n=1800, share=np.float32(0.985))
    text = "Of 1,800 pictures **98.5%** were right."
    assert said._repr_mimebundle_() == {"text/markdown": text, "text/plain": text}
    assert repr(said) == text


def test_names_attributes_items_and_braces():
    report = SimpleNamespace(interval=(0.25, 0.75))
    said = reading("{who}: {r.interval[0]:.0%} to {r.interval[1]:.0%} {{set}}", who="zoë", r=report)
    assert repr(said) == "zoë: 25% to 75% {set}"
    assert repr(reading("nothing measured")) == "nothing measured"
    assert repr(reading("{template}", template="x")) == "x"


def test_all_missing_and_unused_values_are_named():
    with pytest.raises(ArgumentError) as caught:
        reading("{a} of {b}, {c:.1%}", b=1, d=2, e=3)
    assert "none for a, c; d, e without a place" in str(caught.value)
    assert "a value for a, b, c" in str(caught.value)


@pytest.mark.parametrize(
    ("template", "values", "said"),
    [
        ("{a:.1%}", {"a": "many"}, "'a' cannot be written as {a:.1%}"),
        ("{a:.1f}", {"a": np.zeros(3)}, "'a' cannot be written as {a:.1f}"),
        ("{a.b}", {"a": 1}, "'a' cannot be written as {a.b}"),
        ("{a[9]}", {"a": [1]}, "'a' cannot be written"),
        ("{a}", {"a": None}, "'a' says nothing"),
        ("{a:.1%}", {"a": float("nan")}, "'a' says nothing"),
        ("{a}", {"a": np.float64("inf")}, "'a' says nothing"),
        ("{}", {}, "needs a name"),
        ("{0}", {}, "needs a name"),
        ("{a", {"a": 1}, "cannot be read"),
        ("a}", {}, "cannot be read"),
        (3, {}, "cannot be read"),
    ],
)
def test_what_cannot_be_written_is_named(template, values, said):
    with pytest.raises(ArgumentError) as caught:
        reading(template, **values)
    assert said in str(caught.value)
