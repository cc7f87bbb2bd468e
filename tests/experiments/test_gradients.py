"""Gradients against small steps, and the loss after one step."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tlcourse.errors import ArgumentError
from tlcourse.experiments import check_gradients, gradients, small_network, step_at_rates


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 255, (12, 8, 8, 1)).astype(np.float32)


@pytest.fixture
def labels() -> np.ndarray:
    return np.arange(12) % 10


def linear(features: int = 3, classes: int = 4) -> keras.Model:
    """A softmax regression: its gradient is known in closed form."""
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((1, 1, features)),
            keras.layers.Flatten(),
            keras.layers.Dense(classes, activation="softmax", name="answer"),
        ]
    )


def weights_of(network: keras.Model) -> list[np.ndarray]:
    return [weight.copy() for weight in network.get_weights()]


def same(before: list[np.ndarray], after: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_both_columns_are_the_gradient_of_a_softmax_regression():
    network = linear()
    inputs = np.random.default_rng(1).normal(size=(5, 1, 1, 3)).astype(np.float32)
    true = np.array([0, 3, 1, 1, 2])
    features = inputs.reshape(5, 3).astype(np.float64)
    kernel, bias = (w.astype(np.float64) for w in network.get_weights())
    scores = np.exp(features @ kernel + bias)
    excess = scores / scores.sum(axis=1, keepdims=True) - np.eye(4)[true]
    expected = {
        f"answer/kernel[{i}, {j}]": (features[:, i] * excess[:, j]).mean()
        for i in range(3)
        for j in range(4)
    } | {f"answer/bias[{j}]": excess[:, j].mean() for j in range(4)}
    found = check_gradients(network, inputs, true, count=16)
    assert set(found.weights) == set(expected)
    for name, one, other in zip(found.weights, found.by_gradient, found.by_difference, strict=True):
        assert one == pytest.approx(expected[name], abs=1e-7)
        assert other == pytest.approx(expected[name], abs=1e-7)


def test_they_agree_on_a_convolutional_network_which_stays_as_it_is(pixels, labels):
    network = small_network()
    before = weights_of(network)
    found = check_gradients(network, pixels, labels, count=20, seed=5)
    assert found.largest_gap < 1e-4
    assert same(before, network.get_weights())
    assert repr(found).count("\n") == 21
    assert found.weights[0] in found._repr_html_()


def test_a_wrong_gradient_would_show():
    found = gradients.GradientCheck(("a", "b"), np.array([1.0, -2.0]), np.array([1.0, -1.0]))
    assert found.largest_gap == 0.5
    still = gradients.GradientCheck(("a",), np.zeros(1), np.zeros(1))
    assert still.largest_gap == 0


def test_a_step_lowers_the_loss_until_the_rate_is_too_high(pixels, labels):
    network = small_network()
    before = weights_of(network)
    steps = step_at_rates(network, pixels, labels, [1000.0, 1e-4, 0.01, 1e-3])
    assert steps.rates.tolist() == [1e-4, 1e-3, 0.01, 1000.0]
    assert (np.diff([steps.before, *steps.losses[:3]]) < 0).all()
    assert steps.losses[3] > steps.before
    assert steps.best == 0.01
    assert steps.highest_useful == 0.01
    assert same(before, network.get_weights())
    assert "learning rate of 0.01" in steps.draw().alt


def test_one_step_is_what_plain_gradient_descent_does(pixels, labels):
    network = small_network()
    steps = step_at_rates(network, pixels, labels, [0.05])
    network.compile(keras.optimizers.SGD(0.05), "sparse_categorical_crossentropy")
    network.train_on_batch(pixels, labels)
    after = network.evaluate(pixels, labels, verbose=0)
    assert steps.losses[0] == pytest.approx(after, rel=1e-4)


def test_losses_that_overflow_are_told_and_drawn(pixels, labels):
    steps = step_at_rates(small_network(), pixels, labels, [0.01, 1e30])
    assert steps.best == 0.01
    assert steps.highest_useful == 0.01
    assert steps.draw().png
    hopeless = gradients.Steps(np.array([1.0, 2.0]), np.array([3.0, np.nan]), 2.0)
    assert hopeless.highest_useful == 0


def test_the_weights_are_put_back_when_it_is_interrupted(pixels, labels, monkeypatch):
    network = small_network()
    before = weights_of(network)

    def interrupted(*_: object) -> float:
        raise KeyboardInterrupt

    monkeypatch.setattr(gradients, "_loss", interrupted)
    with pytest.raises(KeyboardInterrupt):
        step_at_rates(network, pixels, labels, [1.0])
    assert same(before, network.get_weights())


@pytest.mark.parametrize("rates", [[], [0.0], [-1.0, 0.1], [np.inf], [np.nan]])
def test_rates_that_are_none_are_refused(rates, pixels, labels):
    with pytest.raises(ArgumentError, match="rates"):
        step_at_rates(small_network(), pixels, labels, rates)


def test_pixels_and_labels_must_match(pixels, labels):
    network = small_network()
    for wrong in (labels[:5], labels[:0], labels[:, None]):
        with pytest.raises(ArgumentError, match="do not match"):
            check_gradients(network, pixels, wrong)
        with pytest.raises(ArgumentError, match="do not match"):
            step_at_rates(network, pixels, wrong, [0.1])
    with pytest.raises(ArgumentError, match="do not match"):
        check_gradients(network, pixels[0], labels[:8])
    with pytest.raises(ArgumentError, match="count"):
        check_gradients(network, pixels, labels, count=6_091)
