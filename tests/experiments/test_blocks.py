"""Blocks of layers: their costs, and how far they see."""

from __future__ import annotations

import keras
import pytest

from tlcourse.errors import ArgumentError
from tlcourse.experiments import compare_blocks

layers = keras.layers


@pytest.fixture
def compared():
    return compare_blocks(
        {
            "5 × 5": [layers.Conv2D(192, 5, padding="same")],
            "3 × 3 twice": [layers.Conv2D(192, 3, padding="same") for _ in range(2)],
            "through 16": [layers.Conv2D(16, 1), layers.Conv2D(32, 5, padding="same")],
        }
    )


def test_costs_are_those_of_the_arithmetic(compared):
    assert compared["5 × 5"].parameters == 192 * (25 * 192 + 1)
    assert compared["5 × 5"].multiply_adds == 28 * 28 * 25 * 192 * 192
    assert compared["3 × 3 twice"].multiply_adds == 2 * 28 * 28 * 9 * 192 * 192
    assert compared["through 16"].multiply_adds == 28 * 28 * (192 * 16 + 25 * 16 * 32)
    assert compared["through 16"].maps == 32


def test_two_small_kernels_see_as_far_as_a_large_one(compared):
    assert [block.sees for block in compared.blocks] == [5, 5, 5]
    seen = compare_blocks(
        {"a": [layers.Conv2D(2, 3, dilation_rate=2)],
         "b": [layers.MaxPooling2D(2), layers.Conv2D(2, 3)],
         "c": [layers.DepthwiseConv2D(3), layers.ReLU(), layers.Conv2D(2, 1)]},
        maps=2,
    )  # fmt: skip
    assert [block.sees for block in seen.blocks] == [5, 6, 3]


def test_it_shows_each_as_a_share_of_the_first(compared):
    assert "72%" in repr(compared)
    assert "72%" in compared._repr_html_()
    assert "28 × 28" in repr(compared)


def test_what_is_not_there_is_named(compared):
    with pytest.raises(ArgumentError, match="7 × 7"):
        compared["7 × 7"]
    for blocks in ({}, {"empty": []}):
        with pytest.raises(ArgumentError, match="costs nothing"):
            compare_blocks(blocks)
    with pytest.raises(ArgumentError, match="'maps'"):
        compare_blocks({"a": [layers.Conv2D(1, 1)]}, maps=0)
