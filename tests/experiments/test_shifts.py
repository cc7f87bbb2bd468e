"""Digits that are moved, and networks that never saw a moved one."""

from __future__ import annotations

import numpy as np
import pytest

from tlcourse.data import load_dataset
from tlcourse.errors import ArgumentError
from tlcourse.experiments import compare_shifts, on_paper


def test_a_picture_lies_in_the_middle_or_beside_it():
    picture = np.arange(1, 5, dtype=np.uint8).reshape(2, 2)
    paper = on_paper(picture, 6, down=1, right=-2)
    assert paper.shape == (6, 6)
    assert paper.dtype == np.uint8
    assert np.array_equal(paper[3:5, 0:2], picture)
    assert paper.sum() == picture.sum()
    assert np.array_equal(on_paper(picture, 6)[2:4, 2:4], picture)


def test_a_batch_is_moved_as_one():
    batch = np.random.default_rng(0).uniform(size=(3, 2, 4, 2))
    paper = on_paper(batch, 8, down=-3, right=2)
    assert paper.shape == (3, 8, 8, 2)
    assert np.array_equal(paper[:, 0:2, 4:8], batch)


@pytest.mark.parametrize(
    ("shape", "move"),
    [((2, 2), {"down": 3}), ((2, 2), {"right": -3}), ((7, 7), {}), ((2, 2, 3), {}), ((4,), {})],
)
def test_what_sticks_out_is_refused(shape, move):
    with pytest.raises(ArgumentError):
        on_paper(np.ones(shape), 6, **move)


@pytest.fixture(scope="module")
def compared():
    digits = load_dataset("digits")
    return compare_shifts(digits[::6], digits[3::12], farthest=6, epochs=3)


def test_every_network_is_judged_at_every_distance(compared):
    assert compared.n_test == 150
    assert compared.parameters["convolutions, pooling, global"] == 5_130
    assert len(compared.accuracies) == 5
    for shares in compared.accuracies.values():
        assert shares.shape == (7,)
        assert (shares >= 0).all()
        assert (shares <= 1).all()
    assert all(name in compared.draw().alt for name in compared.accuracies)
    assert all(name in repr(compared) for name in compared.accuracies)


def test_without_stride_a_global_maximum_does_not_care_where_the_digit_is(compared):
    # One pixel to the side, no unit that sees the digit sees the edge of the paper: not about the
    # same, but equal.
    shares = compared.accuracies["convolutions, dilated, global"]
    assert shares[0] > 0.2
    assert shares[1] == pytest.approx(shares[0], abs=1e-9)


@pytest.mark.parametrize("arguments", [{"farthest": 0}, {"epochs": 0}, {"seed": -1}])
def test_arguments_out_of_range_are_refused(arguments):
    digits = load_dataset("digits")
    with pytest.raises(ArgumentError):
        compare_shifts(digits[:10], digits[:10], **arguments)
