"""Typical wrong answers to the exercises of chapter 5, and words of the hint that each must get."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tlcourse.augmentation import Augmentation


def _share(one: Sequence[str], other: Sequence[str]) -> float:
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)


def _chance(one: Sequence[str], other: Sequence[str], names: Sequence[str]) -> float:
    return sum(one.count(n) / len(one) * other.count(n) / len(other) for n in names)


def _difference(one: Sequence[str], other: Sequence[str]) -> float:
    return _share(one, other) - _chance(one, other, sorted({*one, *other}))


def _even_chance(one: Sequence[str], other: Sequence[str]) -> float:
    chance = 1 / len({*one, *other})
    return (_share(one, other) - chance) / (1 - chance)


def _two_labels_only(one: Sequence[str], other: Sequence[str]) -> float:
    chance = _chance(one, other, ["a", "b"])
    return (_share(one, other) - chance) / (1 - chance)


def _never_below_zero(one: Sequence[str], other: Sequence[str]) -> float:
    chance = _chance(one, other, sorted({*one, *other}))
    return max(0.0, (_share(one, other) - chance) / (1 - chance))


def _prints_it(one: Sequence[str], other: Sequence[str]) -> None:
    _difference(one, other)


WRONG: dict[str, list[tuple[Any, str]]] = {
    "5.1": [
        ([200, 167, 33], "one of three parts"),
        ("450, 375, 75", "learned from"),
        ((100, 100, 100), "same *share*"),
        ([300, 250, 50], "a half"),
        ([150, 125], "Three numbers"),
        ([120, 100, 20], "how many parts"),
    ],
    "5.2": [
        (_share, "chance still in it"),
        (_difference, "what is possible"),
        (_even_chance, "same for all labels"),
        (_two_labels_only, "three labels"),
        (_never_below_zero, "negative"),
        (_prints_it, "return"),
        (0.5, "a function"),
    ],
    "5.3": [
        ("a", "on both sides"),
        ("c)", "over the years"),
        ("d", "no copies"),
    ],
    "5.4": [
        (Augmentation(), "in a mirror"),
        (Augmentation(flip=False, vertical_flip=True), "sky below"),
        (Augmentation(flip=False, rotation=90), "to the side"),
        (Augmentation(flip=False, hue=90), "circle of colours"),
        (Augmentation(flip=False, translation=0.6), "outside of the picture"),
        (Augmentation(flip=False, max_changes=5), "at a time"),
        ("no flips", "tl.Augmentation"),
    ],
    "5.5": [
        ("90 %", "The ruler"),
        (0.8, "wrong anyway"),
        (0.83, "A bit high"),
        (0.95, "look better than it is"),
        (0.5, "Two groups"),
    ],
    "5.6": [
        ("I would photograph apples and pears.", "at least 60 words"),
        (
            "I would collect pictures of the birds at our window: sparrows, tits and robins. I "
            "take them myself with my telephone, every morning for a week, fifty a day, always "
            "from the same chair. In doubt I ask my grandmother, who knows birds, and her label "
            "counts. The pictures are mine. I will crop them so that the bird fills the frame, and "
            "leave out what is blurred, and then train a head on them and see.",
            "how will you split",
        ),
        (
            "I would collect leaves of six trees in the park, twenty leaves a tree, each seen from "
            "both sides on white paper. A leaf is a group, and a tree is a group above it, so that "
            "I shall split by tree: some trees of each kind are kept for judging and never learned "
            "from. My sister takes the pictures on the kitchen table within one afternoon, all of "
            "them with the same camera and the same lamp.",
            "where two people disagree",
        ),
    ],
    "L5.1": [
        ({"diagnosis": "a", "mended": None}, "one wrong name"),
        ({"diagnosis": "b", "mended": None}, "spreads its answers"),
        ({"diagnosis": "d", "mended": None}, "too good"),
        (
            {"diagnosis": "c", "mended": "battleship, boat, carrier, destroyer, frigate, yacht"},
            "`sorted`",
        ),
        (
            {
                "diagnosis": "c",
                "mended": [
                    "aircraft carrier",
                    "battleship",
                    "destroyer",
                    "frigate",
                    "motorboat",
                    "sailing yacht",
                ],
            },
            "`sorted`",
        ),
        (
            {
                "diagnosis": "c",
                "mended": [
                    "carrier",
                    "battleship",
                    "destroyer",
                    "frigate",
                    "boat",
                    "sailing yacht",
                ],
            },
            "short where it stands",
        ),
    ],
    "L5.2": [
        ({"diagnosis": "c", "mended": None}, "interval"),
        ({"diagnosis": "b", "mended": None}, "same six"),
        ({"diagnosis": "d", "mended": None}, "on *both* tests"),
        ({"diagnosis": "a", "mended": 0.73}, "the cleaned set"),
    ],
}
