"""Draws of an augmentation, by kind and from weak to strong."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.widgets.helpers import asked, state_bytes, stored_answer
from tlcourse.augmentation import Augmentation
from tlcourse.errors import ArgumentError, PictureError
from tlcourse.widgets import explore_augmentation
from tlcourse.widgets.augmentation import SIDE, draws_by_kind, only

DEFAULT = Augmentation()


@pytest.mark.parametrize("kind", DEFAULT.kinds)
def test_one_kind_alone_is_left(kind):
    assert only(replace(DEFAULT, vertical_flip=True), kind).kinds == (kind,)


@pytest.mark.parametrize("kind", [kind for kind in DEFAULT.kinds if kind != "flip"])
def test_the_draws_of_a_kind_go_from_one_side_to_the_other(kind):
    words = [words for _, words in draws_by_kind(DEFAULT)[kind]]
    numbers = [_first_number(text) for text in words]
    assert words[4] == "unchanged"
    assert numbers == sorted(numbers), words
    assert len(set(words)) == 9


def _first_number(words: str) -> float:
    """Return the strength that draws were put in order by; left is turned but right is shifted."""
    if words == "unchanged":
        return 0.0
    value = float(re.search(r"[-+]?[\d.]+", words)[0])
    if "×" in words:
        return value - 1
    if "zoomed" in words:
        return value - 100
    if "turned" in words:
        return value if "left" in words else -value
    if "shifted" in words:
        return value if "right" in words.partition(",")[0] else -value
    return value


@pytest.mark.parametrize("sides", [(True, False), (False, True), (True, True)])
def test_flips_are_each_there_once(sides):
    settings = Augmentation(flip=sides[0], vertical_flip=sides[1])
    words = [words for _, words in draws_by_kind(settings)["flip"]]
    expected = ["left and right swapped", "top and bottom swapped"]
    assert words == ["unchanged", *(w for w, on in zip(expected, sides, strict=True) if on)]


def test_what_is_turned_off_cannot_be_chosen():
    draws = draws_by_kind(Augmentation(rotation=0, saturation=0, hue=0))
    assert "rotation" not in draws
    assert "colour" not in draws
    assert "together" in draws


def test_every_frame_is_what_training_would_make(picture):
    explorer = explore_augmentation([picture, picture[::-1]])
    large = np.array(Image.fromarray(picture[::-1]).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    for number, (kind, draws) in enumerate(draws_by_kind(DEFAULT).items()):
        question = {"id": "1", "kind": "frames", "picture": 1, "change": number}
        _, [data] = asked(explorer, question)
        frames = np.array(Image.open(io.BytesIO(data))).reshape(len(draws), SIDE, SIDE, 3)
        settings = DEFAULT if kind == "together" else only(DEFAULT, kind)
        for frame, (drawn, _) in zip(frames, draws, strict=True):
            expected = large if drawn is None else settings(large[None], [drawn])[0]
            assert np.abs(frame.astype(int) - expected).mean() < 4, kind


def test_the_first_picture_is_stored_with_all_its_frames(picture):
    explorer = explore_augmentation(picture)
    for number, change in enumerate(explorer.about["changes"]):
        record, data = stored_answer(explorer, f"frames/0/{number}")
        assert record["complete"]
        assert Image.open(io.BytesIO(data)).size == (SIDE, SIDE * len(change["words"]))


def test_the_worst_case_fits_into_a_notebook():
    noise = np.random.RandomState(0).randint(0, 256, (300, 300, 3)).astype(np.uint8)
    assert state_bytes(explore_augmentation(noise)) < 1_300_000


def test_bad_input_is_named(picture, write):
    with pytest.raises(ArgumentError, match="augmentation"):
        explore_augmentation(picture, "strong")
    with pytest.raises(PictureError):
        explore_augmentation(write("x.png", b"no"))
    explorer = explore_augmentation([picture, write("y.png", b"no")])
    content, _ = asked(explorer, {"id": "1", "kind": "frames", "picture": 1, "change": 0})
    assert "y.png" in content["error"]
    with pytest.raises(ArgumentError, match="change"):
        explorer.change = "shear"
