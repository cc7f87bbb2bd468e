"""A convolution of one's own: `result` over the settings, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from tests.widgets.helpers import state_bytes, stored_answer
from tlcourse.errors import ArgumentError, PictureError
from tlcourse.inside import KERNELS, convolve
from tlcourse.widgets import explore_convolution


@pytest.fixture
def explorer(picture):
    return explore_convolution(picture, side=32)


@pytest.mark.parametrize("name", KERNELS)
def test_every_preset_gives_what_convolve_gives(explorer, name):
    preset = next(one for one in explorer.about["presets"] if one["name"] == name)
    explorer.kernel, explorer.bias = preset["kernel"], preset["bias"]
    assert explorer.result == pytest.approx(convolve(explorer.picture, name), abs=1e-4)


@pytest.mark.parametrize("padding", ["valid", "same", "1", "3"])
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 3), (3, 2)])
@pytest.mark.parametrize("pooling", ["none", "max 2", "average 3"])
def test_the_result_has_the_size_of_the_arithmetic(explorer, padding, stride, dilation, pooling):
    explorer.set_trait("padding", padding)
    explorer.stride, explorer.dilation, explorer.pooling = stride, dilation, pooling
    zeros = {"valid": 0, "1": 2, "3": 6}.get(padding)
    reach = 2 * dilation + 1
    side = -(-32 // stride) if zeros is None else (32 + zeros - reach) // stride + 1
    if pooling != "none":
        side //= int(pooling[-1])
    assert explorer.result.shape == (side, side)


def test_relu_and_bias(explorer):
    explorer.bias, explorer.relu = -10.0, True
    assert explorer.result.min() == 0
    explorer.relu = False
    assert explorer.result.min() < 0


def test_a_kernel_for_colours_sees_the_colours(explorer, picture):
    kernel = np.zeros((1, 1, 3))
    kernel[0, 0] = [1, 0, -1]
    explorer.kernel = kernel.tolist()
    expected = picture[..., 0].astype(int) - picture[..., 2]
    assert np.array_equal(explorer.result, expected)


def test_the_browser_gets_the_very_pixels(explorer, picture):
    import zlib

    record, data = stored_answer(explorer, "pixels")
    assert record["deflated"]
    pixels = np.frombuffer(zlib.decompress(data), np.uint8)
    assert np.array_equal(pixels[: 32 * 32 * 3].reshape(32, 32, 3), picture)
    explorer.kernel = [[[1.0]]]
    assert np.array_equal(pixels[32 * 32 * 3 :].reshape(32, 32), explorer.picture)


@pytest.mark.parametrize(
    "kernel",
    [
        [], [[]], [[1.0]], [[[1.0, 2.0]]], np.ones((8, 8, 1)).tolist(), np.ones((2, 3, 1)).tolist(),
        [[[float("nan")]]], [[["a"]]], [[[1.0]], [[1.0], [2.0]]],
    ],
)  # fmt: skip
def test_a_kernel_that_is_none_is_refused(explorer, kernel):
    before = explorer.kernel
    with pytest.raises(ArgumentError, match="kernel"):
        explorer.kernel = kernel
    assert explorer.kernel == before


def test_a_kernel_too_large_for_the_picture_is_named(picture):
    explorer = explore_convolution(picture, side=16)
    explorer.kernel, explorer.dilation = np.ones((7, 7, 1)).tolist(), 8
    with pytest.raises(ArgumentError, match="does not fit"):
        _ = explorer.result


def test_learned_kernels_answer_as_in_the_network(lite0):
    """Away from the edges, and before what follows the first convolution."""
    from skimage import data

    explorer = explore_convolution(data.astronaut(), lite0, side=224)
    preset = next(p for p in explorer.about["presets"] if p["name"].startswith("efficientnet"))
    explorer.kernel, explorer.bias, explorer.stride = preset["kernel"], preset["bias"], 2
    explorer.set_trait("padding", "same")
    from tlcourse.inside import open_network

    network = open_network(lite0)
    layer = next(x for x in network.layers if x.kind == "Conv2D")
    number = int(preset["name"].rpartition(" ")[2])
    _, outputs = network.run(network.pixels(data.astronaut()), [layer])
    expected = np.asarray(outputs[layer.name])[0, 1:-1, 1:-1, number]
    found = explorer.result[1:-1, 1:-1]
    assert np.abs(found - expected).max() < 0.02 * np.ptp(expected)


@pytest.mark.parametrize("side", [15, 225, "32", 32.5])
def test_a_side_out_of_range_is_named(picture, side):
    with pytest.raises(ArgumentError, match="side"):
        explore_convolution(picture, side=side)


def test_what_is_no_picture_or_no_backbone_is_named(picture, write):
    with pytest.raises(PictureError):
        explore_convolution(write("x.png", b"no"))
    with pytest.raises(ArgumentError, match="backbone"):
        explore_convolution(picture, "vgg16")


def test_it_is_small_in_a_saved_notebook(picture):
    noise = np.random.RandomState(0).randint(0, 256, (300, 300, 3)).astype(np.uint8)
    assert state_bytes(explore_convolution(noise)) < 250_000
