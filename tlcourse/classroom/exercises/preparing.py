"""What the exercises of chapter 5 are tried on: two lists of labels, and an augmentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tlcourse.classroom.kinds import Case

_FEWEST_LEARNED_FROM = 30
"""Six of each class were there; the doctor may doubt one or another."""

_MOST_DEGREES = 20
_MOST_HUE = 30
_MOST_ZOOM = 0.5
_MOST_SHIFT = 0.3
_MOST_BRIGHTNESS = 0.5
_MOST_CONTRAST = 0.6


def _shares(one: Sequence[str], other: Sequence[str]) -> tuple[float, float]:
    """Return on how much two people agree, and on how much they would by chance, 0..1."""
    agreed = sum(a == b for a, b in zip(one, other, strict=True)) / len(one)
    by_chance = sum(one.count(name) * other.count(name) for name in {*one, *other}) / len(one) ** 2
    return agreed, by_chance


def agreed_only(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the agreement with chance still in it."""
    return _shares(one, other)[0]


def not_divided(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the agreement less that by chance, not compared with what is possible."""
    agreed, by_chance = _shares(one, other)
    return agreed - by_chance


def with_equal_chances(one: Sequence[str], other: Sequence[str]) -> float:
    """Return kappa as if both gave each label equally often."""
    agreed, chance = _shares(one, other)[0], 1 / len({*one, *other})
    return (agreed - chance) / (1 - chance)


def judge_signs(answer: Any) -> bool | str:
    """Judge an augmentation for arrows that point left, right and ahead."""
    from tlcourse.augmentation import Augmentation

    if not isinstance(answer, Augmentation):
        return "Hand over what `tl.Augmentation(…)` returns, with settings of your own."
    hints = (
        (answer.flip, "What does *turn left* look like in a mirror?"),
        (answer.vertical_flip, "No car takes pictures with the sky below."),
        (
            answer.rotation > _MOST_DEGREES,
            "Turned so far, an arrow ahead begins to be one to the side, and the car lies in the "
            "ditch.",
        ),
        (
            answer.hue > _MOST_HUE,
            "Turned so far on the circle of colours, blue is green or violet: in some countries "
            "that is another sign, and no camera does it.",
        ),
        (
            answer.zoom > _MOST_ZOOM or answer.translation > _MOST_SHIFT,
            "Zoomed or shifted so far, the head of the arrow may be outside of the picture, and "
            "what is left of it has no direction.",
        ),
        (
            answer.brightness > _MOST_BRIGHTNESS or answer.contrast > _MOST_CONTRAST,
            "So dark or so pale, would the driver still see the sign?",
        ),
        (answer.max_changes > 2, "How many changes at a time were asked for?"),
    )
    return next((hint for fault, hint in hints if fault), True)


def judge_cleaned(answer: Any) -> bool | str:
    """Judge a set out of whose training the copies of test pictures were to be taken."""
    from tlcourse.classroom.profiles import pick
    from tlcourse.data import ImageSet, find_leaks

    if not isinstance(answer, ImageSet) or answer.splits is None:
        raise TypeError(answer)
    if leaks := find_leaks(answer):
        return f"There are still copies of test pictures in the training: {len(leaks)}."
    if len(answer.test) < pick(smoke=36, laptop=130):
        return "Pictures are missing from the *test*. A copy is kept where it judges."
    if len(answer.train) < _FEWEST_LEARNED_FROM:
        return "Pictures that are no copies are gone from the training."
    return True


KAPPA = [
    Case(
        (["a", "a", "b", "b"], ["a", "a", "b", "b"]),
        1.0,
        "They agree on everything, and the best that there is is 1.",
    ),
    Case(
        (["a", "a", "a", "b"], ["a", "a", "b", "b"]),
        0.5,
        "Work it out on paper: the share on which they agree, and for each label the "
        "product of the two shares, added up.",
    ),
    Case(
        (["a", "b", "a", "b"], ["b", "a", "b", "a"]),
        -1.0,
        "They agree on nothing at all, which is worse than chance: kappa is negative.",
    ),
    Case(
        (["a", "b", "c", "a", "b", "c"], ["a", "b", "c", "b", "c", "a"]),
        0.25,
        "Here are three labels. Does your function look at all that occur?",
    ),
    Case(
        (["a", "a", "a", "a"], ["a", "a", "a", "b"]),
        0.0,
        "The label b stands in one of the lists only. Its share in the other is none.",
    ),
    Case(
        (["a"] * 9 + ["b"], ["a"] * 8 + ["b", "a"]),
        -1 / 9,
        "They agree on eight of ten, and would by chance on even more: nearly everything "
        "is an a for both.",
    ),
]
"""Two lists of labels, and their kappa."""
