"""Figures of a network's answers and of its new head: the numbers told are the numbers shown."""

import io

import numpy as np
import pytest
from PIL import Image

from tlcourse.backbones import Guess, show_guesses, show_new_head
from tlcourse.data import photograph
from tlcourse.errors import ArgumentError, PictureError

GUESSES = (Guess(657, "missile", 0.25), Guess(540, "drilling platform", 0.15))
BLUE, GREY = (0, 114, 178), (153, 153, 153)


def columns_of_colour(png: bytes, colour: tuple[int, int, int]) -> int:
    """Return how wide the areas of a colour are; the fine grey edges of letters are none."""
    pixels = np.array(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    return int(((np.abs(pixels - colour).max(axis=-1) < 3).sum(axis=0) > 8).sum())


def test_answers_are_shown_and_told_with_what_is_left_for_the_others():
    figure = show_guesses(photograph("rocket"), GUESSES)
    assert "missile 25%, drilling platform 15%, the other 998 together 60%." in figure.alt
    assert "224 × 224 pixels" in figure.alt


def test_the_length_of_a_bar_is_its_probability():
    black = np.zeros((10, 10, 3), np.uint8)
    png = show_guesses(black, GUESSES).png
    ratio = columns_of_colour(png, GREY) / columns_of_colour(png, BLUE)
    assert ratio == pytest.approx(0.60 / 0.25, rel=0.03)


def test_the_picture_is_shown_as_the_network_sees_it():
    """Of a picture with red margins at its sides, only the green centre square is left."""
    picture = np.full((60, 120, 3), (255, 0, 0), np.uint8)
    picture[:, 30:90] = (0, 255, 0)
    png = show_guesses(picture, GUESSES, input_size=(32, 32)).png
    assert columns_of_colour(png, (0, 255, 0)) > 100
    assert columns_of_colour(png, (255, 0, 0)) == 0


@pytest.mark.parametrize("guesses", [(), [("missile", 0.5)], "missile"])
def test_what_is_no_answer_is_refused(guesses):
    with pytest.raises(ArgumentError, match="'guesses' holds no answers"):
        show_guesses(photograph("rocket"), guesses)


def test_a_picture_that_cannot_be_read_is_named():
    with pytest.raises(PictureError, match=r"gone\.jpg"):
        show_guesses("gone.jpg", GUESSES)


def test_the_new_head_is_told_with_numbers_counted_on_the_network(lite0):
    alt = show_new_head(lite0, ("ant", "bee", "wasp")).alt
    for words in ("3,413,024 parameters", "1,280 features", "1,281,000 parameters, 1,000 classes",
                  "3,843 parameters, 3 classes: ant, bee, wasp"):  # fmt: skip
        assert words in alt


def test_a_head_that_was_not_loaded_is_not_counted(vgg16):
    alt = show_new_head(vgg16, [str(number) for number in range(10)]).alt
    assert "14,714,688 parameters" in alt
    assert "its parameters were not loaded" in alt
    assert "5,130 parameters, 10 classes: 0, 1, 2, 3 …" in alt


@pytest.mark.parametrize("names", [[], ["face"], "face"])
def test_a_head_has_two_classes_at_least(lite0, names):
    with pytest.raises(ArgumentError, match="'class_names'"):
        show_new_head(lite0, names)
