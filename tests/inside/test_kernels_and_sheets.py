"""Kernels in their colours, and sheets that are scaled as they say."""

from __future__ import annotations

import io

import keras
import numpy as np
import pytest
from PIL import Image

from tests.inside.networks import nested_two_deep, random_picture, small_cnn
from tlcourse.data import photograph
from tlcourse.errors import ArgumentError
from tlcourse.inside import (
    Scale,
    encode_map,
    encode_picture,
    kernels,
    overlay,
    record_activations,
    scale_of,
    show_activations,
    show_convolution,
    show_kernels,
)

L = keras.layers


def decoded(png: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(png)).convert("RGB"))


def test_the_first_kernels_of_vgg16_are_shown_in_rgb_although_it_takes_bgr(vgg16):
    found = kernels(vgg16, "block1_conv1")
    assert found.colours.shape == (3, 3, 3, 64)
    np.testing.assert_allclose(found.colours, found.values[:, :, ::-1], atol=1e-6)
    bare = kernels(vgg16.network, "block1_conv1")
    np.testing.assert_allclose(bare.colours, bare.values, atol=1e-6)


def test_scaling_in_the_preprocessing_is_accounted_for():
    pixels = keras.Input((8, 8, 3))
    x = L.Rescaling([1.0, 2.0, 4.0], [5.0, 6.0, 7.0])(pixels)
    model = keras.Model(pixels, L.Conv2D(2, 3, name="conv")(x))
    found = kernels(model, "conv")
    np.testing.assert_allclose(found.colours, found.values * [[[[1], [2], [4]]]], rtol=1e-4)


def test_a_kernel_that_looks_for_red_is_red():
    pixels = keras.Input((8, 8, 3))
    model = keras.Model(pixels, L.Conv2D(2, 1, use_bias=False, name="conv")(pixels[..., ::-1]))
    model.set_weights([np.array([[[[0, 0.5], [0, 0], [1, 0]]]], np.float32)])  # of BGR
    found = kernels(model, "conv")
    np.testing.assert_array_equal(found.pictures()[:, 0, 0], [[255, 128, 128], [128, 128, 192]])
    np.testing.assert_array_equal(
        found.pictures("channel")[:, 0, 0], [[255, 128, 128], [128, 128, 255]]
    )
    assert found.order.tolist() == [0, 1]
    assert found.norms.tolist() == [1, 0.5]


def test_a_layer_behind_another_convolution_has_no_colours():
    """Three channels are not three colours."""
    pixels = keras.Input((8, 8, 3))
    x = L.Conv2D(3, 1, name="mix")(pixels)
    model = keras.Model(pixels, L.Conv2D(2, 3, name="conv")(x))
    assert kernels(model, "conv").colours is None
    with pytest.raises(ArgumentError, match="have no colours"):
        kernels(model, "conv").pictures()


def test_kernels_of_every_kind_of_convolution():
    pixels = keras.Input((8, 8, 3))
    x = L.DepthwiseConv2D(3, depth_multiplier=2, name="depthwise")(pixels)
    x = L.SeparableConv2D(5, 3, name="separable")(x)
    model = keras.Model(pixels, L.Conv2DTranspose(4, (2, 3), name="transposed")(x))
    shapes = {name: kernels(model, name).values.shape
              for name in ("depthwise", "separable", "transposed")}  # fmt: skip
    assert shapes == {
        "depthwise": (3, 3, 1, 6),
        "separable": (3, 3, 1, 6),
        "transposed": (2, 3, 5, 4),
    }
    for name in shapes:
        assert name in show_kernels(model, name).alt
    weights = model.get_layer("transposed").get_weights()[0]
    np.testing.assert_array_equal(kernels(model, "transposed").values[1, 2, 3], weights[1, 2, :, 3])


def test_layers_without_kernels_are_answered_with_those_that_have():
    with pytest.raises(ArgumentError, match=r"(?s)first, second.*pool \(MaxPooling2D\)"):
        kernels(small_cnn(), "pool")
    with pytest.raises(ArgumentError, match="'layer' is missing"):
        show_kernels(small_cnn())


def test_input_channels_of_most_weight_come_first():
    model = small_cnn()
    second = model.get_layer("second")
    weights = np.zeros((3, 3, 4, 6), np.float32)
    weights[1, 1, :, 5] = [1, -4, 3, 0]
    second.set_weights([weights])
    found = kernels(model, "second")
    assert found.strongest_inputs(5, 3).tolist() == [1, 2, 0]
    assert found.order[0] == 5
    assert "kernel 5, norm 5.1" in show_kernels(found).alt


def test_a_map_is_encoded_at_its_own_size_and_small():
    values = np.random.default_rng(0).gamma(1, 20, (56, 56)).astype(np.float16)
    png = encode_map(values)
    image = Image.open(io.BytesIO(png))
    assert (image.size, image.mode) == ((56, 56), "P")
    assert len(png) < 4500  # of noise, which nothing compresses; real maps are smaller


def test_equal_numbers_have_equal_colours_on_a_shared_scale():
    weak, strong = np.array([[0.0, 1.0]]), np.array([[1.0, 4.0]])
    scale = scale_of(strong)
    one, other = decoded(encode_map(weak, scale)), decoded(encode_map(strong, scale))
    np.testing.assert_array_equal(one[0, 1], other[0, 0])
    assert (decoded(encode_map(weak))[0, 1] == other[0, 1]).all()


def test_brightness_grows_with_the_number_and_zero_is_white_between_signs():
    ramp = np.linspace(0, 1, 100)[None]
    light = decoded(encode_map(ramp))[0] @ [0.299, 0.587, 0.114]
    assert (np.diff(light) >= -1).all()
    assert light[-1] - light[0] > 150
    signs = decoded(encode_map(np.array([[-2.0, 0.0, 1.0]])))[0].astype(int)
    assert (signs[1] > 240).all()
    assert signs[0, 2] > signs[0, 0] + 50  # blue
    assert signs[2, 0] > signs[2, 2] + 50  # red


@pytest.mark.parametrize(
    "values", [np.zeros((4, 4)), np.full((4, 4), np.nan), np.array([[np.inf, -np.inf, 1e38, 0]])]
)
def test_odd_numbers_are_drawn_all_the_same(values):
    assert decoded(encode_map(values)).shape[:2] == values.shape


@pytest.mark.parametrize("values", [np.zeros(4), np.zeros((2, 2, 2)), np.zeros((0, 4)), "map"])
def test_what_is_no_map_is_refused(values):
    with pytest.raises(ArgumentError, match="no map"):
        encode_map(values)
    with pytest.raises(ArgumentError, match="no map"):
        overlay(random_picture(8), values)


def test_an_overlay_leaves_the_grey_picture_where_the_map_is_zero():
    picture = random_picture(40)
    values = np.zeros((4, 4))
    values[0, 0] = 5
    laid = overlay(picture, values)
    assert laid.shape == (40, 40, 3)
    right = laid[:, 20:].astype(int)
    assert (right.max(axis=-1) == right.min(axis=-1)).all()
    assert np.ptp(laid[1, 1].astype(int)) > 30
    np.testing.assert_array_equal(
        overlay(picture, values, opacity=0)[..., 0], overlay(picture, 0 * values)[..., 0]
    )
    assert decoded(encode_picture(laid)).tolist() == laid.tolist()
    with pytest.raises(ArgumentError, match="'opacity'"):
        overlay(picture, values, opacity=1.5)


def colours_of(figure) -> set[tuple[int, ...]]:
    return set(map(tuple, decoded(figure.png).reshape(-1, 3).tolist()))


def test_a_shared_scale_keeps_weak_maps_dark_and_says_so():
    pixels = keras.Input((8, 8, 3))
    model = keras.Model(pixels, L.Identity(name="same")(pixels))
    picture = np.zeros((8, 8, 3), np.float32)
    picture[::2, :, 0], picture[::2, :, 1], picture[0, 0, 2] = 10, 100, 1
    recorded = record_activations(model, picture)
    shared = show_activations(recorded, "same")
    own = show_activations(recorded, "same", scaling="channel")
    assert "one scale for all, 0 to 100" in shared.alt
    assert "each map on a scale of its own" in own.alt
    assert "channel 1, mean 50; channel 0, mean 5" in shared.alt
    bright = tuple(Scale(0, 1).palette()[-1])

    def brightest(figure) -> int:
        return int((decoded(figure.png) == bright).all(axis=-1).sum())

    # On one scale, one map reaches the last colour; on their own, two and a dot do.
    assert brightest(own) > 1.8 * brightest(shared) > 0


def test_silent_channels_are_counted():
    model = small_cnn()
    first = model.get_layer("first")
    kernel, bias = first.get_weights()
    kernel[..., :2], bias[:2] = 0, -1
    first.set_weights([kernel, bias])
    recorded = record_activations(model, random_picture(16))
    assert "2 of 4 channels are 0 everywhere" in show_activations(recorded, "first").alt


def test_vectors_are_drawn_as_bars_with_names_where_they_are_classes(lite0):
    recorded = record_activations(lite0, photograph("cat"), ["imagenet_top", "average_pool"])
    assert "Egyptian cat" in show_activations(recorded, "imagenet_top", 5).alt
    assert "5 strongest of 1,280" in show_activations(recorded, "average_pool", 5).alt


def test_sheets_are_small_and_hold_their_description(vgg16):
    recorded = record_activations(vgg16, photograph("cat"), "maps")
    for layer in ("preprocessing", "block1_conv1", "block3_conv2", "block5_pool"):
        figure = show_activations(recorded, layer, 16)
        assert len(figure.png) < 250_000, layer
        assert Image.open(io.BytesIO(figure.png)).text["Description"] == figure.alt


def test_sheets_of_nested_layers_bear_their_names():
    recorded = record_activations(nested_two_deep(), random_picture(16))
    assert "middle/inner/conv:2 (Conv2D)" in show_activations(recorded, "middle/inner/conv:2").alt


def test_arguments_out_of_range_are_named():
    recorded = record_activations(small_cnn(), random_picture(16))
    with pytest.raises(ArgumentError, match="'scaling' has an unknown value"):
        show_activations(recorded, "first", scaling="log")
    with pytest.raises(ArgumentError, match="'n' is out of range"):
        show_activations(recorded, "first", 0)
    with pytest.raises(ArgumentError, match="no activations of such a layer"):
        show_activations(recorded, "third")
    with pytest.raises(ArgumentError, match="'scaling'"):
        show_kernels(small_cnn(), "first", scaling="own")


@pytest.mark.parametrize(
    "kernel", ["edges", np.ones((2, 3)), np.ones((9, 9, 3)), np.ones((3, 3, 3, 2))]
)
def test_a_convolution_is_drawn_with_its_numbers(kernel):
    figure = show_convolution(random_picture(24), kernel, padding=1, stride=2, bias=1, relu=True)
    assert "input of 24 × 24" in figure.alt
    assert "+ bias 1 =" in figure.alt
    assert decoded(figure.png).shape[2] == 3
