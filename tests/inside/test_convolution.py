"""Convolution by hand is the convolution that networks do."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inside.networks import random_picture
from tlcourse.errors import ArgumentError
from tlcourse.inside import KERNELS, convolve, explain_pixel, output_size, pool

SIDES = st.integers(1, 5)


@st.composite
def convolutions(draw):
    """Everything a layer can be set to, on pictures as small as a pixel."""
    kernel = draw(SIDES), draw(SIDES)
    channels, maps = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    stride = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    dilation = (draw(st.integers(1, 3)), draw(st.integers(1, 3))) if stride == (1, 1) else (1, 1)
    padding = draw(st.one_of(st.sampled_from(["valid", "same"]), st.integers(0, 4)))
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    least = 1 if padding == "same" else 0
    pads = padding if isinstance(padding, int) else 0
    size = [draw(st.integers(max(1, least if least else r - 2 * pads), 14)) for r in reach]
    seed = draw(st.integers(0, 2**31))
    return kernel, channels, maps, stride, dilation, padding, size, seed


@settings(max_examples=150, deadline=None)
@given(convolutions(), st.booleans())
def test_it_equals_keras_over_all_settings(setting, relu):
    kernel, channels, maps, stride, dilation, padding, size, seed = setting
    random = np.random.default_rng(seed)
    picture = random.normal(size=(*size, channels)).astype(np.float32)
    weights = random.normal(size=(*kernel, channels, maps)).astype(np.float32)
    bias = random.normal(size=maps).astype(np.float32)
    ours = convolve(picture, weights, stride, padding, dilation, bias=bias, relu=relu)
    inputs, keras_padding = picture[None], padding
    if isinstance(padding, int):
        inputs = np.pad(inputs, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
        keras_padding = "valid"
    theirs = keras.ops.conv(inputs, weights, stride, keras_padding, dilation_rate=dilation) + bias
    theirs = np.asarray(keras.ops.relu(theirs) if relu else theirs)[0]
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
    for i, name in enumerate(("rows", "columns")):
        expected = output_size(size[i], kernel[i], stride[i], padding, dilation[i])
        assert ours.shape[i] == expected, name
    row, column = (int(random.integers(0, n)) for n in ours.shape[:2])
    channel = int(random.integers(0, maps))
    spelt = explain_pixel(
        picture, weights, row, column, stride, padding, dilation,
        bias=bias, relu=relu, channel=channel,
    )  # fmt: skip
    assert spelt.value == pytest.approx(ours[row, column, channel], rel=1e-5, abs=1e-5)


@settings(max_examples=100, deadline=None)
@given(
    st.tuples(st.integers(1, 14), st.integers(1, 14)), st.tuples(SIDES, SIDES),
    st.one_of(st.none(), st.integers(1, 4)), st.sampled_from(["valid", "same"]),
    st.sampled_from(["max", "average"]), st.integers(0, 2**31),
)  # fmt: skip
def test_pooling_equals_keras_over_all_settings(size, window, stride, padding, mode, seed):
    if padding == "valid":
        size = tuple(map(max, size, window))
    picture = np.random.default_rng(seed).normal(size=(*size, 2)).astype(np.float32)
    kinds = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}
    theirs = kinds[mode](window, stride, padding)(picture[None])[0]
    ours = pool(picture, window, stride, padding, mode)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_a_flat_kernel_is_slid_over_each_channel_by_itself():
    picture = random_picture(20).astype(np.float32)
    whole = convolve(picture, "Gaussian blur", padding="same")
    assert whole.shape == (20, 20, 3)
    for channel in range(3):
        alone = convolve(picture[..., channel], "Gaussian blur", padding="same")
        np.testing.assert_allclose(whole[..., channel], alone)
        spelt = explain_pixel(picture, "Gaussian blur", 0, 7, padding="same", channel=channel)
        assert spelt.value == pytest.approx(alone[0, 7], rel=1e-5)


def test_a_kernel_with_channels_adds_them_up():
    picture = random_picture(9).astype(np.float32)
    kernel = np.random.default_rng(1).normal(size=(2, 4, 3))
    added = convolve(picture, kernel)
    parts = [convolve(picture[..., i], kernel[..., i]) for i in range(3)]
    np.testing.assert_allclose(added, sum(parts), rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(added, convolve(picture, kernel[..., None])[..., 0])
    grey = convolve(picture[..., 0], kernel[:, :, :1])
    np.testing.assert_allclose(grey, parts[0])


def test_the_arithmetic_of_a_pixel_at_the_corner_marks_padding():
    picture = np.arange(1, 17).reshape(4, 4)
    kernel = np.arange(9).reshape(3, 3) - 4
    spelt = explain_pixel(picture, kernel, 0, 0, padding="same", bias=1.5, relu=True)
    assert spelt.rows.tolist() == spelt.columns.tolist() == [-1, 0, 1]
    assert spelt.is_padding.tolist() == [
        [True, True, True],
        [True, False, False],
        [True, False, False],
    ]
    assert spelt.patch.tolist() == [[0, 0, 0], [0, 1, 2], [0, 5, 6]]
    assert spelt.products.sum() == spelt.sum == 1 * 0 + 2 * 1 + 5 * 3 + 6 * 4
    assert (spelt.bias, spelt.value) == (1.5, 42.5)
    text = str(spelt)
    assert "rows -1 to 1" in text
    assert "·×-4" in text
    assert "5×3" in text
    assert "sum 41 + bias 1.5 = 42.5" in text


def test_a_negative_sum_is_cut_off_by_relu():
    spelt = explain_pixel(np.ones((3, 3)), -np.ones((3, 3)), 0, 0, relu=True)
    assert (spelt.sum, spelt.value) == (-9, 0)
    assert "ReLU: 0" in str(spelt)


def test_positions_of_a_dilated_window_are_told_one_by_one():
    spelt = explain_pixel(np.eye(9), np.ones((3, 3)), 1, 0, stride=2, dilation=3)
    assert spelt.rows.tolist() == [2, 5, 8]
    assert "rows 2, 5, 8 and columns 0, 3, 6" in str(spelt)


def test_presets_do_what_their_names_say():
    flat = np.full((7, 7), 100.0)
    ramp = np.tile(np.arange(7.0), (7, 1))
    for name, preset in KERNELS.items():
        total = preset.values.sum()
        assert total == pytest.approx(0) or total == pytest.approx(1), name
        np.testing.assert_allclose(convolve(flat, name), 100 * total, atol=1e-4)
        assert preset.source
        assert preset.description
        with pytest.raises(ValueError, match="read-only"):
            preset.values[0, 0] = 1
    np.testing.assert_array_equal(convolve(ramp, "identity"), ramp[1:-1, 1:-1])
    np.testing.assert_array_equal(convolve(ramp, "shift right"), ramp[1:-1, :-2])
    assert (convolve(ramp, "Sobel, vertical edges") == 8).all()
    assert (convolve(ramp, "Sobel, horizontal edges") == 0).all()
    assert (convolve(ramp.T, "Sobel, horizontal edges") == 8).all()
    assert (convolve(ramp, "Laplacian") == 0).all()


def test_the_input_stays_as_it_was_and_is_taken_in_any_type():
    picture = random_picture(12)
    before = picture.copy()
    as_bytes = convolve(picture, "edges")
    np.testing.assert_array_equal(picture, before)
    np.testing.assert_array_equal(as_bytes, convolve(picture.astype(np.float64), "edges"))
    assert as_bytes.min() < 0


def test_files_are_opened(tmp_path):
    from PIL import Image

    Image.fromarray(random_picture(12)).save(tmp_path / "ü.png")
    np.testing.assert_array_equal(
        convolve(tmp_path / "ü.png", "emboss"), convolve(random_picture(12), "emboss")
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kernel": "sobel"}, "no kernel of this name"),
        ({"kernel": np.ones(3)}, "is no kernel"),
        ({"kernel": np.ones((3, 3, 2))}, r"\(k, k, 3\)"),
        ({"kernel": np.ones((9, 9))}, "does not fit into the height"),
        ({"kernel": np.ones((3, 3)), "dilation": 4}, "reach"),
        ({"stride": 0}, "'stride' is out of range"),
        ({"stride": 1.5}, "'stride' is out of range"),
        ({"padding": "full"}, "'padding' has an unknown value"),
        ({"padding": -1}, "'padding' is out of range"),
        ({"padding": (1, 2, 3)}, "neither one number nor two"),
        ({"bias": [1, 2]}, "'bias' does not fit"),
        ({"picture": np.zeros((0, 3))}, "nothing to convolve"),
        ({"picture": np.array([["a"]])}, "nothing to convolve"),
    ],
)
def test_what_cannot_be_convolved_is_named(arguments, words):
    given_ = {"picture": np.ones((8, 8, 3)), "kernel": np.ones((3, 3)), **arguments}
    with pytest.raises(ArgumentError, match=words):
        convolve(**given_)


def test_an_output_that_does_not_exist_is_named():
    with pytest.raises(ArgumentError, match="from 0 to 5"):
        explain_pixel(np.ones((8, 8)), "edges", 6, 0)
    with pytest.raises(ArgumentError, match="'channel'"):
        explain_pixel(np.ones((8, 8)), "edges", 0, 0, channel=1)
    with pytest.raises(ArgumentError, match="'stride'"):
        pool(np.ones((8, 8)), 2, 0)
