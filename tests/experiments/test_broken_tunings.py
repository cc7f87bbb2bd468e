"""The labs' fine-tunings: each has the one fault that it is about, and can be mended."""

from __future__ import annotations

import numpy as np
import pytest

from tlcourse.backbones import load_backbone
from tlcourse.data import load_dataset
from tlcourse.errors import ArgumentError, DataError
from tlcourse.experiments import (
    first_broken_tuning,
    plain_model,
    second_broken_tuning,
    thaw,
    train_plain,
)
from tlcourse.training import ledger
from tlcourse.training.ledger import FORGOTTEN


@pytest.fixture(scope="module")
def backbone():
    return load_backbone("efficientnet_lite0", input_size=32)


@pytest.fixture(scope="module")
def fleet():
    return load_dataset("fleet")[::12]


@pytest.fixture(scope="module")
def first(backbone, fleet):
    return first_broken_tuning(backbone, fleet.train, fleet.validation, epochs=1)


@pytest.fixture(scope="module")
def second(backbone, fleet):
    return second_broken_tuning(backbone, fleet.train, fleet.validation, epochs=1)


def _statistics(body):
    """The stored means and variances of all BatchNorm layers."""
    import keras

    norms = [x for x in body.layers if isinstance(x, keras.layers.BatchNormalization)]
    return {x.name: (x.moving_mean.numpy(), x.moving_variance.numpy()) for x in norms}


def test_the_first_moves_the_statistics_of_batch_norm(first, backbone):
    before, after = _statistics(backbone.network), _statistics(first.body)
    moved = {name for name in before if not np.array_equal(before[name][0], after[name][0])}
    assert moved
    assert all(name.startswith(("stage6", "stage7", "head")) for name in moved)
    told = ledger(first.model)
    assert not told.problems
    assert any(row.batch_norm == "moves" for row in told)


def test_the_second_changes_nothing_of_the_body_and_the_ledger_says_why(second):
    after = second.body.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(second.body_before, after, strict=True))
    assert {row.problem for row in ledger(second.model).problems} == {FORGOTTEN}


def test_it_tells_what_fit_told_and_what_is_true(first, fleet):
    assert len(first.labels) == len(fleet.train)
    assert first.pixels.shape == (len(fleet.train), 32, 32, 3)
    answers = first.model.predict(first.new_pixels, verbose=0).argmax(axis=1)
    assert first.accuracy == pytest.approx((answers == first.new_labels).mean())
    assert f"{first.accuracy:.1%}" in repr(first)
    assert f"{first.fitted.history['accuracy'][-1]:.1%}" in repr(first)
    assert "epoch" in first.draw().alt


def test_thawed_rightly_batch_norm_keeps_still_and_the_rest_learns(backbone, first):
    model = plain_model(backbone, 6)
    body = model.get_layer("body")
    thaw(body, batch_norm=False)
    before = _statistics(body)
    train_plain(model, first.pixels[:8], first.labels[:8], rate=1e-4, epochs=1, batch_size=4)
    after = _statistics(body)
    assert all(np.array_equal(before[name], after[name]) for name in before)
    told = ledger(model)
    assert not told.problems
    assert sum(row.learns == "in the optimiser" for row in told) > 5


def test_the_backbone_stays_as_it_was(backbone, first):
    fresh = load_backbone("efficientnet_lite0", input_size=32)
    pairs = zip(backbone.network.get_weights(), fresh.network.get_weights(), strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)


def test_what_cannot_be_learned_from_is_refused(backbone, fleet, tmp_path):
    with pytest.raises(DataError):
        first_broken_tuning(backbone, fleet[:0], fleet.validation)
    with pytest.raises(ArgumentError):
        second_broken_tuning(backbone, fleet.train, fleet.validation, epochs=0)
    with pytest.raises(ArgumentError):
        plain_model(backbone, 1)
