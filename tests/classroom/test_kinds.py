"""Each kind of exercise takes many forms of an answer, and gives each mistake its own hint."""

from __future__ import annotations

import numpy as np
import pytest

from tlcourse.classroom.kinds import (
    Case,
    Choice,
    Function,
    Idea,
    Items,
    Judged,
    Lab,
    Mistake,
    Number,
    Open,
    Parts,
    Words,
)
from tlcourse.errors import ArgumentError

COUNT = Number(
    "1.1",
    answer=2_562,
    hint="general",
    because="so it is",
    mistakes=[Mistake("2,560", "no bias"), Mistake(lambda n: n > 1e6, "whole body")],
)
SHARE = Number(
    "1.2",
    answer=0.93,
    tolerance=0.005,
    share=True,
    hint="general",
    mistakes=[Mistake(0.07, "the errors"), Mistake(lambda share: share < 0.5, "below chance")],
)
CHOICE = Choice(
    "1.3", answer="b", hint="general", mistakes=[Mistake("a", "not a"), Mistake("c", "not c")]
)
NAMED = Choice(
    "1.4",
    answer=("batchnorm", "batch normalisation", "batch normalization"),
    hint="general",
    mistakes=[Mistake(("dropout", "drop-out"), "drops")],
)
WORDS = Words(
    "1.5",
    ideas=[Idea(("frozen", "not change"), "what stays?"), Idea(("few", "Größe"), "how many?")],
    hint="general",
    because="yes",
    mistakes=[Mistake(("overfit", "by heart"), "not that")],
)
SHAPE = Items(
    "1.6",
    answer=[112, 112, 64],
    ordered=True,
    hint="general",
    mistakes=[
        Mistake("224 x 224 x 64", "pooled?"),
        Mistake(lambda found: len(found) != 3, "three numbers"),
    ],
)
NAMES = Items(
    "1.7",
    answer=["VGG-16", ("ResNet-50", "resnet")],
    hint="general",
    mistakes=[Mistake(["LeNet", "vgg16"], "too old")],
)
OUTPUT = Function(
    "1.8",
    cases=[
        Case((5, 3, 1), 3, "by hand"),
        Case((7, 3, 2), 3, "every second"),
    ],
    hint="general",
    mistakes=[Mistake(lambda n, k, s: n // s, "kernel left out")],
)


def said(exercise, answer):
    feedback = exercise.judge(answer)
    return feedback.verdict, str(feedback)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (COUNT, 2562), (COUNT, "2 562 parameters"), (COUNT, np.int64(2562)), (COUNT, [2562.0]),
        (SHARE, 0.93), (SHARE, "93 %"), (SHARE, 93), (SHARE, "0,932"), (SHARE, np.float32(0.927)),
        (CHOICE, "b"), (CHOICE, "B)"), (CHOICE, "(b)"), (CHOICE, "Option b"), (CHOICE, ["b"]),
        (CHOICE, " b. "), (CHOICE, "b) because it is"), (CHOICE, "ｂ"),
        (NAMED, "Batch Normalisation"), (NAMED, "batch-normalization"), (NAMED, "the BatchNorm"),
        (WORDS, "The body is FROZEN, and few parameters learn."),
        (WORDS, "They do not change at all; die Grösse."), (WORDS, ["Frozen.", "Fewer numbers."]),
        (SHAPE, (112, 112, 64)), (SHAPE, [112, 112, 64]), (SHAPE, np.array([112, 112, 64])),
        (SHAPE, "112 × 112 × 64"), (SHAPE, "(112, 112, 64)"), (SHAPE, "112x112x64"),
        (SHAPE, "112,112,64"), (SHAPE, ["112", "112", "64"]), (SHAPE, "112; 112; 64"),
        (NAMES, ["VGG 16", "ResNet-50"]),
        (NAMES, {"resnet", "vgg-16"}), (NAMES, "VGG-16 and ResNet"),
        (NAMES, "resnet, VGG-16, ResNet"),
        (NAMES, np.array(["VGG-16", "ResNet-50"])), (NAMES, iter(["VGG-16", "resnet"])),
        (OUTPUT, lambda n, k, s: (n - k) // s + 1),
        (OUTPUT, lambda n, k, s: np.float64((n - k) // s + 1)),
        (OUTPUT, lambda n, k, s: np.array((n - k) // s + 1)),
    ],
)  # fmt: skip
def test_right_in_many_forms(exercise, answer):
    assert said(exercise, answer) == ("right", exercise.because)


@pytest.mark.parametrize(
    ("exercise", "answer", "hint"),
    [
        (COUNT, 2560, "no bias"), (COUNT, 3e6, "whole body"), (COUNT, 17, "general"),
        (SHARE, 0.07, "the errors"), (SHARE, "7 %", "the errors"), (SHARE, 7, "the errors"),
        (SHARE, "20%", "below chance"), (SHARE, 0.9, "general"),
        (CHOICE, "a", "not a"), (CHOICE, "C!", "not c"),
        (NAMED, "Drop-out", "drops"),
        (WORDS, "It is learned by heart: frozen.", "not that"),
        (WORDS, "Nothing.", "what stays?"), (WORDS, "unfrozen", "what stays?"),
        (WORDS, "frozen!", "That is part of it. how many?"),
        (SHAPE, (224, 224, 64), "pooled?"), (SHAPE, 12544, "three numbers"),
        (SHAPE, (64, 112, 112), "1 of 3 is right and in its place. general"),
        (NAMES, ["lenet", "VGG16"], "too old"),
        (NAMES, ["VGG-16"], "1 of your 1 belongs there. Some are missing. general"),
        (NAMES, ["VGG-16", "resnet", "LeNet"], "2 of your 3 belong there. general"),
        (OUTPUT, lambda n, k, s: n // s, "kernel left out"),
        (OUTPUT, lambda n, k, s: 2 + s, "For (7, 3, 2) your function returns 4. every s"),
        (OUTPUT, lambda n, k, s: None, "returns nothing. Does it end in a 'return'?"),
        (OUTPUT, lambda n, k, s: 1 / 0, "raises ZeroDivisionError: division by zero. by hand"),
        (OUTPUT, lambda n: n, "raises TypeError"),
        (OUTPUT, lambda n, k, s: [3], "returns [3]. by hand"),
        (OUTPUT, lambda n, k, s: "3", "returns the text '3'. by hand"),
    ],
)  # fmt: skip
def test_a_wrong_answer_gets_the_hint_meant_for_it(exercise, answer, hint):
    verdict, text = said(exercise, answer)
    assert verdict == "not yet"
    assert hint in text


@pytest.mark.parametrize(
    ("exercise", "expected"),
    [
        (COUNT, 'a number such as 12 or "1,200"'), (SHARE, 'a share such as 0.5 or "50 %"'),
        (CHOICE, 'one of the options "a", "b", "c"'),
        (NAMED, 'one of the options "batchnorm", "dropout"'), (WORDS, "a sentence in quotation"),
        (SHAPE, "a list of numbers"), (NAMES, "a list of names"), (OUTPUT, "a function: hand over"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_what_would_be(exercise, expected):
    verdict, text = said(exercise, {"a": 1})
    assert verdict == "unclear"
    assert expected in text
    assert text.endswith("Received: dict of 1.")


def test_a_function_that_was_called_by_mistake_is_told_so():
    assert "without brackets" in said(OUTPUT, 3)[1]


def test_what_a_function_does_to_its_arguments_harms_no_other_case():
    numbers = [3, 1, 2]
    cases = [Case((numbers,), 3, "one"), Case((numbers,), 3, "two")]
    exercise = Function("1.9", cases=cases, hint="")

    def largest(values):
        values.sort()
        return values.pop()

    assert said(exercise, largest)[0] == "right"
    assert numbers == [3, 1, 2]


def test_arrays_are_compared_with_a_tolerance():
    cases = [Case((np.eye(2),), np.array([[0.5, 0], [0, 0.5]]), "halve")]
    exercise = Function("1.9", cases=cases, tolerance=1e-3, hint="")
    assert said(exercise, lambda x: x / 2 + 1e-4)[0] == "right"
    assert said(exercise, lambda x: (x / 2).tolist())[0] == "right"
    assert said(exercise, lambda x: x)[1] == (
        "For (ndarray of shape (2, 2)) your function returns ndarray of shape (2, 2). halve"
    )


@pytest.mark.parametrize("answer", [True, "Yes", "true", "y", np.True_])
def test_yes_and_no(answer):
    exercise = Choice("1.9", answer=True, hint="", mistakes=[Mistake(False, "think")])
    assert said(exercise, answer)[0] == "right"
    assert said(exercise, "No.") == ("not yet", "think")


@pytest.mark.parametrize(("name", "value"), [("smoke", 0.4), ("laptop", 0.95), ("gpu", 0.95)])
def test_what_is_measured_has_a_range_for_each_profile(monkeypatch, name, value):
    between = {"smoke": (0.3, 0.5), "laptop": (0.9, 1)}
    exercise = Number("1.9", between=between, hint="look")
    monkeypatch.setenv("TLCOURSE_PROFILE", name)
    assert said(exercise, value)[0] == "right"
    assert said(exercise, 0.7) == ("not yet", "look")
    assert said(Number("1.9", between=(0.6, 0.8), hint=""), 0.7)[0] == "right"


def test_a_number_is_exact_or_between_and_not_both():
    with pytest.raises(ArgumentError, match="Received: neither"):
        Number("1.1", hint="")
    with pytest.raises(ArgumentError, match="both"):
        Number("1.1", hint="", answer=1, between=(0, 2))


def test_anything_is_judged_by_a_function():
    def judge(report):
        return True if report["n"] > 3 else "more pictures"

    exercise = Judged("1.9", judge_with=judge, expected="a report", hint="look")
    assert said(exercise, {"n": 5})[0] == "right"
    assert said(exercise, {"n": 1}) == ("not yet", "more pictures")
    assert said(exercise, [1])[1] == "This cannot be read as a report. Received: list of 1."
    vague = Judged("1.9", judge_with=lambda x: False, expected="", hint="look")
    assert said(vague, 1) == ("not yet", "look")


OPEN = Open(
    "1.9",
    least_words=6,
    ideas=[Idea(("test",), "which pictures?")],
    compare=["Fair?", "Enough?"],
    hint="write",
    mistakes=[Mistake(("train set",), "known by heart")],
)


@pytest.mark.parametrize(
    ("answer", "verdict", "text"),
    [
        ("I test on new pictures of birds.", "noted", "- Fair?\n- Enough?"),
        ("test test", "not yet", "at least 6 words. write"),
        ("I look at new pictures of birds.", "not yet", "which pictures?"),
        ("I test it on the train set.", "not yet", "known by heart"),
        ("Я проверяю test на новых птицах сам", "noted", "Fair?"),
        (7, "unclear", "a sentence"),
    ],
)
def test_an_open_answer_is_noted_with_points_to_compare_it_with(answer, verdict, text):
    found = said(OPEN, answer)
    assert found[0] == verdict
    assert text in found[1]


PARTS = Parts("1.9", COUNT, CHOICE, hint="both", because="well done")
LAB = Lab(
    "L3.1",
    Choice("diagnosis", answer="b", hint="", mistakes=[Mistake("a", "not a")]),
    Number("mended", between=(0.9, 1), hint="still broken", because="mended", share=True),
    hint="look",
    because="found and mended",
)


def test_parts_are_judged_each_by_itself():
    verdict, text = said(LAB, {"diagnosis": "b", "mended": "95%"})
    assert (verdict, text) == (
        "right", "found and mended\n- diagnosis: right.\n- mended: right. mended"
    )  # fmt: skip
    verdict, text = said(LAB, {"diagnosis": "a", "mended": 0.5})
    assert verdict == "not yet"
    assert text == (
        "0 of 2 parts done.\n- diagnosis: not yet. not a\n- mended: not yet. still broken"
    )
    verdict, text = said(LAB, {"diagnosis": "b"})
    assert text == "1 of 2 parts done.\n- diagnosis: right.\n- mended: not answered yet."
    assert "mended: not understood" in said(LAB, {"diagnosis": "b", "mended": [1, 2]})[1]
    assert said(LAB, ("b", 0.95))[0] == "right"
    assert said(LAB, {"diagnosis": None, "mended": ""})[0] == "unanswered"


@pytest.mark.parametrize("answer", [{"diagnose": "b"}, ("b",), "b", 3])
def test_parts_by_other_names_are_told_the_right_ones(answer):
    verdict, text = said(LAB, answer)
    assert verdict == "unclear"
    assert 'tl.check("L3.1", diagnosis=…, mended=…)' in text


def test_a_lab_has_two_parts_and_parts_have_names_of_their_own():
    with pytest.raises(ArgumentError, match="not declared as labs are"):
        Lab("3.1", *LAB.parts, hint="")
    with pytest.raises(ArgumentError, match="not declared as labs are"):
        Lab("L3.1", COUNT, CHOICE, hint="")
    with pytest.raises(ArgumentError, match="names of their own"):
        Parts("1.1", COUNT, COUNT, hint="")


def test_every_hint_is_told_when_asked_for():
    assert LAB.all_hints() == ["look", "", "not a", "still broken"]
    assert OUTPUT.all_hints() == ["general", "kernel left out", "by hand", "every second"]
    assert WORDS.all_hints() == ["general", "not that", "what stays?", "how many?"]


@pytest.mark.parametrize(
    "exercise", [COUNT, SHARE, CHOICE, NAMED, WORDS, SHAPE, NAMES, OUTPUT, OPEN, PARTS, LAB]
)
def test_an_exercise_does_not_show_its_answer(exercise):
    assert repr(exercise) == f"<{type(exercise).__name__} {exercise.id}>"
