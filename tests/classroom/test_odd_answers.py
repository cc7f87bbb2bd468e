"""Whatever a student hands over: words come back, no error, and not after ages."""

from __future__ import annotations

import itertools
import sys
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.classroom.test_kinds import (
    CHOICE,
    COUNT,
    LAB,
    NAMED,
    NAMES,
    OPEN,
    OUTPUT,
    PARTS,
    SHAPE,
    SHARE,
    WORDS,
)
from tlcourse.classroom.checking import judge
from tlcourse.classroom.kinds import Case, Function, Judged
from tlcourse.classroom.time_limit import TimeUpError, within

KINDS = [COUNT, SHARE, CHOICE, NAMED, WORDS, SHAPE, NAMES, OUTPUT, OPEN, PARTS, LAB,
         Judged("9.9", judge_with=lambda x: x.n > 1, expected="a report", hint="")]  # fmt: skip


class Thorny:
    """Raises at whatever is asked of it."""

    def __getattribute__(self, name):
        raise RuntimeError("thorn")

    def __raise(self, *_):
        raise ValueError("thorn")

    __repr__ = __str__ = __eq__ = __iter__ = __len__ = __float__ = __bool__ = __array__ = __raise
    __hash__ = None


def deep_list():
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    return deep


def circle():
    around: list = []
    around.append(around)
    return around


ODD = {
    "none": None, "dots": ..., "empty": "", "spaces": " \n\t", "nan": float("nan"),
    "infinity": -np.inf, "huge number": 10**5000, "complex": 1j, "bytes": b"\xff",
    "object": object(), "class": int, "module": sys, "builtin": len, "array": np.zeros((3, 4)),
    "objects": np.array([{}]),
    "text array": np.array(["a", "b"]), "no array": np.array([]), "dates": np.array(["nat"], "M8"),
    "huge text": "7" * 10**7, "huge words": "wörter " * 10**6, "control": "\x00\x1b[31m\ud800",
    "markup": "<script>alert(1)</script> `x` *y*", "right to left": "‮أهلا", "emoji": "👩‍🔬" * 50,
    "dict": {"diagnosis": {}, "mended": set()}, "set": {1, "a", None}, "mixed": [1, "a", None, []],
    "circle": circle(), "deep": deep_list(), "endless": itertools.count(), "range": range(10**9),
    "thorny": Thorny(), "thorns": [Thorny(), Thorny()], "thorny class": Thorny,
    "generator": (x / 0 for x in (1,)), "raises": lambda *a: [][1], "quits": lambda *a: sys.exit(3),
    "brackets": "(" * 100, "regex": "(a+)+$" * 20, "slashes": "1/" * 100, "commas": "," * 1000,
}  # fmt: skip


@pytest.mark.parametrize("exercise", KINDS, ids=lambda e: f"{type(e).__name__}-{e.id}")
@pytest.mark.parametrize("odd", ODD, ids=str)
def test_no_odd_answer_raises_or_is_right(exercise, odd):
    feedback = judge(exercise, ODD[odd])
    assert feedback.verdict in ("unanswered", "unclear", "not yet")
    assert len(str(feedback)) < 1500
    str(feedback).encode("utf-8", "surrogatepass")


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
        max_leaves=5,
    )
)
def test_no_value_of_python_raises(value):
    for exercise in KINDS:
        judge(exercise, value)


def loop(*_):
    while True:
        pass


def stubborn(*_):
    started = time.monotonic()
    while time.monotonic() - started < 20:
        try:
            while True:
                pass
        except BaseException:
            break


def asleep(*_):
    time.sleep(30)


@pytest.mark.parametrize("function", [loop, stubborn, asleep])
def test_a_loop_without_end_is_told_to_be_one(function):
    cases = [Case((1,), 1, "one"), Case((2,), 2, "two")]
    feedback = judge(Function("9.9", cases=cases, seconds=0.3, hint=""), function)
    assert feedback.verdict == "not yet"
    assert "had not ended after 0.3 seconds" in feedback.text


def test_a_loop_of_python_does_not_go_on_in_the_background():
    before = set(threading.enumerate())
    judge(Function("9.9", cases=[Case((1,), 1, "")], seconds=0.2, hint=""), loop)
    assert set(threading.enumerate()) == before


def test_deep_recursion_is_an_error_like_others():
    def dive(n):
        return dive(n + 1)

    feedback = judge(Function("9.9", cases=[Case((1,), 1, "where does it end?")], hint=""), dive)
    assert "raises RecursionError" in feedback.text
    assert feedback.text.endswith("where does it end?")


def test_within_returns_raises_and_ends_in_time():
    assert within(5, lambda: 3) == 3
    with pytest.raises(KeyError):
        within(5, lambda: {}["x"])
    with pytest.raises(TimeUpError):
        within(0.1, loop)
