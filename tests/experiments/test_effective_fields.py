"""The effective receptive field: within the one on paper, and smaller."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from tests.inside.networks import random_picture, small_cnn
from tlcourse.errors import ArgumentError, DataError
from tlcourse.experiments import measure_fields

L = keras.layers


def stack(depth: int, side: int = 33) -> keras.Model:
    pixels = x = keras.Input((side, side, 3))
    for number in range(depth):
        x = L.Conv2D(4, 3, padding="same", activation="relu", name=f"conv{number}")(x)
    return keras.Model(pixels, x, name="stack")


def test_nothing_outside_of_the_field_on_paper_moves_the_unit():
    fields = measure_fields(stack(4), random_picture(33), ["conv0", "conv3"])
    for field, influence in zip(fields.fields, fields.influence, strict=True):
        inside = np.zeros_like(influence, bool)
        top, left, bottom, right = field.rectangle
        inside[top:bottom, left:right] = True
        assert influence[inside].sum() == pytest.approx(1)
        assert not influence[~inside].any()
    assert [field.size for field in fields.fields] == [(3, 3), (9, 9)]


def test_most_of_the_influence_lies_in_the_middle():
    """Of a uniform field, half would lie in a square of 0.71 of its side."""
    fields = measure_fields(stack(8), [random_picture(33, s) for s in range(3)], ["conv7"])
    assert fields.fields[0].size == (17, 17)
    assert fields.side("conv7", 0.5) < 0.6 * 17
    assert fields.side("conv7", 0.5) <= fields.side("conv7", 0.95) <= 17
    assert fields.pictures == 3


def test_the_sides_of_a_known_network_are_exact():
    """A kernel of ones spreads the influence evenly over 3 × 3 pixels, one of its middle over 1."""
    pixels = keras.Input((9, 9, 3))
    even = L.Conv2D(1, 3, padding="same", name="even", kernel_initializer="ones")
    point = L.Conv2D(1, 1, name="point", kernel_initializer="ones")
    model = keras.Model(pixels, even(point(pixels)))
    fields = measure_fields(model, random_picture(9), ["point", "even"])
    assert fields.side("even", 0.9) == 3
    assert fields.side("point", 0.9) == 1


def test_it_is_the_same_each_time_and_leaves_the_model_alone():
    model = small_cnn()
    before = [w.copy() for w in model.get_weights()]
    first, second = (measure_fields(model, random_picture(16), ["second"]) for _ in range(2))
    np.testing.assert_array_equal(first.influence[0], second.influence[0])
    for was, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


def test_a_broken_picture_is_named_and_left_out(tmp_path: Path):
    bad = tmp_path / "bröken.jpg"
    bad.write_bytes(b"no picture")
    fields = measure_fields(small_cnn(), [random_picture(16), bad], ["first"])
    assert fields.pictures == 1
    assert fields.problems[0].file == bad
    assert "left out" in repr(fields)


def test_without_a_readable_picture_it_says_so(tmp_path: Path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"")
    with pytest.raises(DataError, match="no picture to measure with"):
        measure_fields(small_cnn(), [bad], ["first"])


def test_a_layer_without_a_map_is_refused():
    with pytest.raises(ArgumentError, match="no feature map"):
        measure_fields(small_cnn(), random_picture(16), ["answer"])


@pytest.mark.parametrize(("layer", "share"), [("first", 0), ("first", 1), ("elsewhere", 0.5)])
def test_a_share_or_layer_that_is_not_there_is_refused(layer, share):
    fields = measure_fields(small_cnn(), random_picture(16), ["first"])
    with pytest.raises(ArgumentError, match="no such layer or share"):
        fields.side(layer, share)


def test_a_unit_that_nothing_moves_is_drawn_all_the_same():
    model = small_cnn()
    model.get_layer("first").set_weights([np.zeros((3, 3, 3, 4)), np.full(4, -1.0)])
    fields = measure_fields(model, random_picture(16), ["first"])
    assert not fields.influence[0].any()
    assert fields.draw().png.startswith(b"\x89PNG")


def test_the_figure_tells_the_sizes():
    figure = measure_fields(small_cnn(), random_picture(16), ["first", "second"]).draw()
    assert "3 pixels" in figure.alt
    assert "second" in figure.alt
