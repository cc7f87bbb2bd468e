"""Which layers learn, and where a network is cut."""

import numpy as np
import pytest

from tests.training.tiny import SIDE, tiny_backbone
from tlcourse.backbones import load_backbone
from tlcourse.errors import ArgumentError
from tlcourse.training.assembly import clone_backbone
from tlcourse.training.freezing import blocks_of, cut, learning_layers


@pytest.mark.parametrize(
    ("unfreeze", "first", "count"),
    [
        ("block3", "block3_a_conv", 3),
        ("block2_a", "block2_a_conv", 6),
        ("block2_add", "block3_a_conv", 3),  # a layer without weights: from there on
        ("block1", "block1_conv", 7),
        ("all", "block1_conv", 7),
        (3, "block3_a_conv", 3),
        (0.45, "block3_a_conv", 3),
        (1.0, "block1_conv", 7),
    ],
)
def test_all_layers_from_the_one_named_to_the_end_learn(unfreeze, first, count):
    names = learning_layers(tiny_backbone().network, unfreeze)
    assert (names[0], len(names)) == (first, count)


def test_a_share_is_at_least_one_layer():
    assert len(learning_layers(tiny_backbone().network, 0.01)) == 1


def test_nothing_learns_where_no_layer_is_asked_for():
    assert learning_layers(tiny_backbone().network, 0) == ()


def test_batch_norm_does_not_learn_unless_it_is_asked_for():
    network = tiny_backbone().network
    assert not any("bn" in name for name in learning_layers(network, "all"))
    assert sum("bn" in name for name in learning_layers(network, "all", batch_norm=True)) == 5


@pytest.mark.parametrize("unfreeze", ["block9", "", 8, -1, 1.5, 0.0, True, [3], float("nan")])
def test_what_fits_nothing_is_explained_with_the_blocks_that_there_are(unfreeze):
    with pytest.raises(ArgumentError, match="block1, block2, block3"):
        learning_layers(tiny_backbone().network, unfreeze)


def test_a_block_is_not_taken_for_another_whose_number_is_longer():
    import keras
    from keras import layers

    x = pixels = layers.Input((8, 8, 3))
    for number in range(1, 12):
        x = layers.Conv2D(2, 1, name=f"block_{number}_conv")(x)
    network = keras.Model(pixels, x)
    assert len(learning_layers(network, "block_1")) == 11
    assert len(learning_layers(network, "block_11")) == 1
    assert len(learning_layers(network, "block_10")) == 2


@pytest.mark.parametrize(
    ("name", "unfreeze", "at"),
    [
        ("vgg16", "block5", "block4_pool"),
        ("efficientnet_lite0", "stage7", "stage6_block4_add"),
        ("resnet50", 2, "conv5_block2_out"),  # within a block: back to its beginning
        ("inceptionv3", "mixed8", "mixed8"),
    ],
)
def test_a_network_is_cut_at_the_latest_tensor_that_all_that_learns_needs(name, unfreeze, at):
    size = 75 if name == "inceptionv3" else 32
    backbone = clone_backbone(load_backbone(name, weights="random", input_size=size))
    made = cut(backbone.network, learning_layers(backbone.network, unfreeze))
    assert made.at == at
    pixels = np.random.default_rng(0).normal(size=(2, size, size, 3)).astype("f")
    below = made.lower(pixels, training=False)
    above = made.upper(below, training=False)
    assert np.array_equal(above, backbone.network(pixels, training=False))


def test_where_the_first_layer_learns_nothing_is_cut():
    network = tiny_backbone().network
    made = cut(network, learning_layers(network, "all"))
    assert made.lower is None
    assert made.at == "pixels"


def test_where_nothing_learns_the_whole_network_is_below():
    network = tiny_backbone().network
    made = cut(network, ())
    pixels = np.zeros((1, SIDE, SIDE, 3), np.float32)
    assert np.array_equal(made.upper(made.lower(pixels)), network(pixels))


def test_blocks_are_named_in_order():
    assert blocks_of(tiny_backbone().network) == ("block1", "block2", "block3")
    vgg = load_backbone("vgg16", weights="random", input_size=32)
    assert blocks_of(vgg.network) == tuple(f"block{n}" for n in range(1, 6))


def test_the_copy_that_is_trained_computes_the_same_and_survives_batches_of_any_size():
    """TensorFlow 2.21 corrupts memory in the gradients of 1x1 convolutions with a stride."""
    import tensorflow as tf

    from tlcourse.training.safe_convolution import clone_for_training

    network = tiny_backbone(dropout=0.0).network
    copy = clone_for_training(network)
    random = np.random.default_rng(0)

    @tf.function
    def gradients(pixels):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(copy(pixels, training=False) ** 2)
        return tape.gradient(loss, [v.value for v in copy.trainable_variables])

    for size in [4, 3, 5] * 10:
        pixels = random.normal(size=(size, SIDE, SIDE, 3)).astype("f")
        assert all(np.isfinite(g).all() for g in gradients(pixels))
    assert np.array_equal(copy(pixels, training=False), network(pixels, training=False))
