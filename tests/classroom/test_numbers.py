"""Numbers as people write them."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlcourse.classroom.numbers import read_number


@pytest.mark.parametrize(
    "answer",
    [
        2562, 2562.0, "2562", "2,562", "2 562", "2\u00a0562", "2\u202f562", "2_562", "2'562",
        "2’562", " 2562. ", "2562 parameters", "about 2,562", "≈ 2562", "= 2562", "2.562e3",
        "2.562 × 10^3", "2.562 · 10³", "2.562*10**3", "2.562k", "2.562 thousand", "２５６２",
        np.int64(2562), np.float32(2562), np.array(2562), np.array([2562]), np.array([[2562.0]]),
        [2562], ("2562",), Decimal(2562), Fraction(5124, 2), "5124/2", "It is 2562!", "+2562",
    ],
)  # fmt: skip
def test_many_ways_to_write_one_number(answer):
    assert read_number(answer)[0] == pytest.approx(2562)


@pytest.mark.parametrize(
    ("answer", "values"),
    [
        ("93 %", [0.93, 93]),
        ("93%", [0.93, 93]),
        ("93 per cent", [0.93, 93]),
        ("93.5 percent", [0.935, 93.5]),
        ("0,93", [0.93]),
        (".93", [0.93]),
        ("-5", [-5]),
        ("− 5", [-5]),
        ("2,303", [2303, 2.303]),
        ("1.281.000", [1281000]),
        ("1,281,000.5", [1281000.5]),
        ("138 M", [138e6]),
        ("138.4 million", [138.4e6]),
        ("175 bn", [175e9]),
        ("14 m", [14]),
        ("550 MB", [550]),
        ("1/4", [0.25]),
        ("none", [0]),
        ("Twelve", [12]),
        ("10^6", []),
        ("1e6", [1e6]),
    ],
)
def test_what_may_be_meant(answer, values):
    assert read_number(answer) == pytest.approx(values)


@pytest.mark.parametrize(
    "answer",
    [
        "", "abc", "3 x 3", "1 in 20", "93-95", "VGG-16 has 138 M", "1/0", "1e999", "10 × 10^999",
        "1.2.3", "9" * 1000, None, True, np.True_, [], [1, 2], np.array([1, 2]), np.array(["5"]),
        float("nan"), float("inf"), np.nan, 10**400, 3 + 4j, {}, {1}, b"5", object(), len,
    ],
    ids=lambda answer: repr(answer)[:20],
)  # fmt: skip
def test_what_is_no_number(answer):
    assert read_number(answer) == []


def test_a_tensor_of_one_is_a_number():
    import tensorflow as tf

    assert read_number(tf.constant(0.5)) == [0.5]
    assert read_number(tf.Variable([7])) == [7]


@given(st.text())
def test_no_text_breaks_it(text):
    assert all(map(math.isfinite, read_number(text)))


@given(st.integers(-(10**15), 10**15))
def test_every_whole_number_is_read_with_and_without_groups(number):
    for text in (f"{number}", f"{number:,}", f"{number:_}", f"{number:,}".replace(",", " ")):
        assert read_number(text)[0] == number
