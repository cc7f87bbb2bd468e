"""Typical wrong answers to the exercises of chapter 6, and words of the hint that each must get."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any


def _one_direction(only_first: int, only_second: int) -> float:
    from math import comb

    both = only_first + only_second
    return sum(comb(both, k) for k in range(min(only_first, only_second) + 1)) / 2**both


def _this_result(only_first: int, only_second: int) -> float:
    from math import comb

    both = only_first + only_second
    return 2 * comb(both, only_first) / 2**both


def _twice(only_first: int, only_second: int) -> float:
    return 2 * _one_direction(only_first, only_second)


def _approximated(only_first: int, only_second: int) -> float:
    from math import erfc, sqrt

    both = only_first + only_second
    return erfc(abs(only_first - only_second) / sqrt(2 * both)) if both else 1.0


def _share(only_first: int, only_second: int) -> float:
    return only_second / (only_first + only_second) if only_first + only_second else 0.0


def _exported(**changed: Any) -> SimpleNamespace:
    """What `tl.export` returns, as far as the exercise looks at it."""
    told: dict[str, Any] = {
        "path": Path("fleet.tflite"), "quantise": "int8", "on_test": True,
        "keras": SimpleNamespace(size=14_300_000),
        "exported": SimpleNamespace(size=3_900_000), **changed,
    }  # fmt: skip
    return SimpleNamespace(**told)


WRONG: dict[str, list[tuple[Any, str]]] = {
    "6.1": [
        ({"gap": 5_120, "dense": 33_482}, "added to each class"),
        ({"gap": 513, "dense": 33_482}, "So many has one class"),
        ({"gap": 7_686, "dense": 33_482}, "Here are other features"),
        ({"gap": 3_420_710, "dense": 33_482}, "the head alone"),
        ({"gap": 5_130, "dense": 32_832}, "What comes behind it"),
        ({"gap": 5_130, "dense": 33_408}, "What else has each unit"),
        ({"gap": 5_130, "dense": 38_602}, "see the hidden units"),
    ],
    "6.2": [("a", "know of X-rays"), ("c", "How many has a class"), ("d", "from the ground up")],
    "6.3": [
        (_one_direction, "in either direction"),
        (_this_result, "still more uneven"),
        (_twice, "the two sides overlap"),
        (_approximated, "Count exactly"),
        (_share, "Ten throws"),
    ],
    "6.4": [
        ("She should train for more epochs, then it recovers.", "does not bring the old"),
        ("There was a leak of the test set.", "order in which"),
        (
            "The features were destroyed. She should freeze the body, and take a smaller rate.",
            "In what state was the head",
        ),
        (
            "A random head should be trained first, while the body is frozen, at a small rate.",
            "features that were good",
        ),
        (
            "The random head spoiled the features; train the head first.",
            "how long are the steps",
        ),
    ],
    "6.5": [
        ("For everybody, everywhere.", "words"),
        ("The app names ships. " * 20, "Under which conditions"),
        ("It may work worse at night and in fog, which was not tested. " * 6, "whom"),
    ],
    "6.6": [
        (_exported(quantise=None), "asks for eight bits"),
        (_exported(quantise="dynamic"), "all the arithmetic"),
        (_exported(on_test=False), "generated patterns"),
        (_exported(exported=SimpleNamespace(size=13_500_000)), "hardly smaller"),
    ],
    "6.7": [
        ("Better.", "words"),
        ("I tried gradual unfreezing and it had 85% on the test vessels. " * 5, "no test any more"),
        (
            "I set gradual to True and measured three seeds on validation vessels. " * 5,
            "before you measured",
        ),
    ],
    "L6.1": [
        ({"diagnosis": "a", "mended": None}, "knows them when asked again"),
        ({"diagnosis": "b", "mended": None}, "would still be right"),
        ({"diagnosis": "d", "mended": None}, "hardly any mistakes"),
        ({"diagnosis": "c", "mended": 0.72}, "the model itself"),
    ],
    "L6.2": [
        ({"diagnosis": "a", "mended": None}, "moved a little"),
        ({"diagnosis": "c", "mended": None}, "may learn"),
        ({"diagnosis": "d", "mended": None}, "has not taken place"),
        ({"diagnosis": "b", "mended": 0.72}, "the model itself"),
    ],
}
