"""Pixels that move a unit lie in its receptive field, and nowhere else."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tlcourse.errors import ArgumentError
from tlcourse.experiments import measure_influence, small_network
from tlcourse.inside import receptive_field


def strided() -> keras.Model:
    keras.utils.set_random_seed(1)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((20, 18, 3)),
            layers.Conv2D(4, 3, strides=2, padding="same", name="first"),
            layers.Conv2D(4, 3, dilation_rate=2, padding="same", name="dilated"),
            layers.AveragePooling2D(2, name="pool"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2, activation="softmax"),
        ]
    )


@pytest.mark.parametrize("layer", ["first", "dilated", "pool"])
@pytest.mark.parametrize("unit", [(0, 0), (2, 1), (4, 3)])
def test_exactly_the_pixels_of_the_field_count_where_nothing_is_held_back(layer, unit):
    network = strided()
    picture = np.random.default_rng(0).integers(0, 256, (20, 18, 3)).astype(np.uint8)
    influence = measure_influence(network, layer, unit, picture)
    assert influence.shape == (20, 18)
    seen = receptive_field(network, layer, unit).rectangle
    inside = np.zeros((20, 18), bool)
    seen.cut(inside)[:] = True
    assert (influence[~inside] == 0).all()
    # The outermost pixels count, or the field would be smaller.
    rows, columns = np.nonzero(influence)
    assert (rows.min(), columns.min()) == (seen.top, seen.left)
    assert (rows.max() + 1, columns.max() + 1) == (seen.bottom, seen.right)


def test_nothing_outside_counts_behind_relu_and_pooling():
    network = small_network()
    picture = np.random.default_rng(3).uniform(0, 255, (8, 8, 1)).astype(np.float32)
    influence = measure_influence(network, "conv_2", (1, 1), picture)
    assert (influence[7] == 0).all()
    assert (influence[:, 7] == 0).all()
    assert (influence[:7, :7] > 0).any()


@pytest.mark.parametrize("brightness", [0, 255])
def test_black_and_white_pixels_are_changed_too(brightness):
    picture = np.full((20, 18, 3), brightness, np.uint8)
    influence = measure_influence(strided(), "first", (3, 3), picture, change=200)
    assert np.count_nonzero(influence) == 9


@pytest.mark.parametrize(
    ("layer", "unit", "change"),
    [
        ("first", (10, 0), 64),
        ("first", (0, -1), 64),
        ("first", (0.5, 0), 64),
        ("first", (0, 0), 0),
        ("first", (0, 0), 256),
        ("dense", (0, 0), 64),
        ("second", (0, 0), 64),
    ],
)
def test_what_is_not_there_is_refused(layer, unit, change):
    network = strided()
    if layer == "dense":
        layer = network.layers[-1].name
    with pytest.raises(ArgumentError):
        measure_influence(network, layer, unit, np.zeros((20, 18, 3), np.uint8), change=change)
