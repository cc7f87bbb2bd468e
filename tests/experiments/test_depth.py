"""Plain against residual networks, and the size of their gradients."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tlcourse.data import ImageSet, load_dataset, split
from tlcourse.errors import ArgumentError, DataError
from tlcourse.experiments import compare_depths, deep_network, gradient_sizes
from tlcourse.experiments.gradient_sizes import gradients_by_layer


@pytest.fixture(scope="module")
def digits() -> ImageSet:
    return split(load_dataset("digits"))


@pytest.fixture(scope="module")
def compared(digits: ImageSet):
    return compare_depths(digits, (20, 4), epochs=2, seeds=(0, 1))


@pytest.mark.parametrize("depth", [4, 8, 20])
def test_both_kinds_have_the_layers_asked_for_and_equally_many_parameters(depth):
    plain, residual = (deep_network(depth, residual=kind) for kind in (False, True))
    for network in (plain, residual):
        kinds = [type(layer).__name__ for layer in network.layers]
        assert kinds.count("Conv2D") + kinds.count("Dense") == depth
    assert plain.count_params() == residual.count_params()
    added = [layer for layer in residual.layers if isinstance(layer, keras.layers.Add)]
    assert len(added) == (depth - 2) // 2
    assert not any(isinstance(layer, keras.layers.Add) for layer in plain.layers)


def test_both_kinds_start_from_the_same_weights():
    plain, residual = (deep_network(8, residual=kind, seed=5) for kind in (False, True))
    for one, other in zip(plain.get_weights(), residual.get_weights(), strict=True):
        assert np.array_equal(one, other)


def test_a_block_that_computes_nothing_is_harmless_only_with_a_shortcut():
    plain, residual = (deep_network(8, residual=kind) for kind in (False, True))
    pixels = np.random.default_rng(0).uniform(0, 255, (4, 8, 8, 1)).astype(np.float32)
    for network in (plain, residual):
        for number in range(2, 8):
            layer = network.get_layer(f"conv_{number}")
            layer.set_weights([np.zeros_like(layer.get_weights()[0])])
    assert np.ptp(np.asarray(plain(pixels)), axis=0).max() == 0  # the picture is lost
    assert np.ptp(np.asarray(residual(pixels)), axis=0).max() > 0


@pytest.mark.parametrize(
    "arguments",
    [{"depth": 9}, {"depth": 2}, {"depth": 8.0}, {"depth": 8, "width": 0},
     {"depth": 8, "seed": -1}],
)  # fmt: skip
def test_a_network_that_cannot_be_is_refused(arguments):
    with pytest.raises(ArgumentError):
        deep_network(**arguments, residual=True)


def test_the_comparison_tells_each_depth_kind_and_seed(compared):
    assert compared.depths == (4, 20)
    assert len(compared.runs) == 2 * 2 * 2
    assert len(compared.errors(20, residual=True)) == 2
    assert compared.error(20, residual=True) == pytest.approx(
        np.mean(compared.errors(20, residual=True))
    )
    assert "mean over 2 random starts" in repr(compared)
    assert "mean over 2 random starts" in compared._repr_html_()
    assert (compared.n_train, compared.n_test) == (1_347, 450)


def test_with_more_layers_the_plain_network_learns_worse_and_the_residual_one_does_not(compared):
    assert compared.error(20, residual=False) > compared.error(20, residual=True) + 0.1


def test_the_figure_says_the_numbers(compared):
    figure = compared.draw()
    assert f"{compared.error(20, residual=False):.1%}" in figure.alt
    assert figure.png.startswith(b"\x89PNG")


def test_a_depth_that_was_not_trained_is_named(compared):
    with pytest.raises(ArgumentError, match="depth=6"):
        compared.error(6, residual=True)


def test_nothing_to_train_is_said(digits):
    for depths, seeds in (((), (0,)), ((8,), ())):
        with pytest.raises(ArgumentError, match="nothing to train"):
            compare_depths(digits, depths, seeds=seeds)
    with pytest.raises(DataError):
        compare_depths(load_dataset("digits"), (4,))


def test_the_gradient_grows_to_the_picture_in_the_plain_network_alone(digits):
    sizes = gradient_sizes(digits, 38)
    assert sizes.plain.shape == sizes.residual.shape == (37,)
    assert sizes.plain.argmax() < 5
    assert sizes.spread(residual=False) > 5 * sizes.spread(residual=True)
    assert f"{sizes.spread(residual=False):.3g}" in sizes.draw().alt


def test_gradients_are_those_of_the_loss(digits):
    """Against a difference of losses: a move of the first kernel along its gradient."""
    network = deep_network(4, residual=True, seed=2)
    from tlcourse.experiments import pixels_and_labels

    pixels, labels = pixels_and_labels(digits.train[np.arange(64)])
    sizes = gradients_by_layer(network, pixels, labels)
    kernel = network.get_layer("conv_1").kernel
    import tensorflow as tf

    def loss() -> float:
        scores = network(pixels, training=True)
        return float(
            tf.reduce_mean(
                keras.losses.sparse_categorical_crossentropy(labels, scores, from_logits=True)
            )
        )

    with tf.GradientTape() as tape:
        scores = network(pixels, training=True)
        value = tf.reduce_mean(
            keras.losses.sparse_categorical_crossentropy(labels, scores, from_logits=True)
        )
    direction = np.asarray(tape.gradient(value, kernel.value))
    start, step = np.asarray(kernel), 1e-3 / np.sqrt(np.sum(direction**2))
    kernel.assign(start + step * direction)
    up = loss()
    kernel.assign(start - step * direction)
    rise = (up - loss()) / (2 * step)
    assert sizes[0] == pytest.approx(np.sqrt(rise / direction.size), rel=0.05)
