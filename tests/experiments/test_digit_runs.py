"""The rule by which small networks are trained: a fresh start each time, and told errors."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tlcourse.errors import ArgumentError
from tlcourse.experiments.digit_runs import Training, error_of, scores_of, steps_of


def network() -> keras.Model:
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.Dense(2),
        ]
    )


@pytest.fixture
def pictures() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    pixels = random.normal(size=(200, 4, 4, 1)).astype(np.float32)
    return pixels, (pixels.mean(axis=(1, 2, 3)) > 0).astype(np.int64)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_each_training_begins_where_the_first_one_began(optimizer, pictures):
    training = Training(network(), steps=steps_of(200, 3), optimizer=optimizer)
    first = training(*pictures, epochs=3, seed=1)
    weights = training.network.get_weights()
    training(pictures[0][::-1], 1 - pictures[1], epochs=3, seed=5)
    again = training(*pictures, epochs=3, seed=1)
    np.testing.assert_allclose(again.losses, first.losses, rtol=1e-4)
    for one, other in zip(training.network.get_weights(), weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)


def test_it_learns_and_says_how_epoch_by_epoch(pictures):
    trained = network()
    learned = Training(trained, steps=steps_of(200, 8))(*pictures, epochs=8)
    assert learned.losses.shape == learned.errors.shape == (8,)
    assert learned.errors[-1] < learned.errors[0]
    assert error_of(trained, *pictures) < 0.2


def test_the_rate_is_zero_at_the_end(pictures):
    trained = network()
    training = Training(trained, steps=steps_of(200, 2))
    training(*pictures, epochs=2)
    assert float(trained.optimizer.learning_rate) == pytest.approx(0, abs=1e-6)


def test_steps_are_counted_with_the_last_unfilled_batch():
    assert steps_of(64, 1) == 2
    assert steps_of(65, 2) == 6


def test_scores_come_in_order_whatever_the_number_of_pictures():
    trained = network()
    pixels = np.random.default_rng(1).normal(size=(600, 4, 4, 1)).astype(np.float32)
    whole = scores_of(trained, pixels)
    assert whole.shape == (600, 2)
    np.testing.assert_allclose(whole[590:], scores_of(trained, pixels[590:]), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [({"epochs": 0}, "epochs"), ({"epochs": 1, "seed": -1}, "seed"), ({"epochs": 1.5}, "epochs")],
)
def test_a_number_out_of_range_is_named(arguments, named, pictures):
    with pytest.raises(ArgumentError, match=named):
        Training(network(), steps=10)(*pictures, **arguments)


def test_pictures_without_their_labels_are_refused(pictures):
    training = Training(network(), steps=10)
    with pytest.raises(ArgumentError, match="199 labels"):
        training(pictures[0], pictures[1][:-1], epochs=1)
    with pytest.raises(ArgumentError, match="0 pictures"):
        training(pictures[0][:0], pictures[1][:0], epochs=1)


@pytest.mark.parametrize("rate", [0, -0.1, float("nan")])
def test_a_rate_that_is_none_is_refused(rate):
    with pytest.raises(ArgumentError, match="rate"):
        Training(network(), steps=10, rate=rate)
