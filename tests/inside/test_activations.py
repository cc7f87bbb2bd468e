"""What every layer says about a picture, and what channels say over many."""

from __future__ import annotations

import tracemalloc

import keras
import numpy as np
import pytest

from tests.inside.networks import ALL, nested_two_deep, random_picture, small_cnn
from tests.pictures import write_set
from tlcourse.data import load_images, photograph
from tlcourse.errors import ArgumentError, DataError, PictureError
from tlcourse.inside import (
    channel_statistics,
    exciting_patches,
    forecast_bytes,
    open_network,
    receptive_field,
    record_activations,
)

L = keras.layers


@pytest.mark.parametrize("name", ALL)
def test_they_are_what_the_layers_say(name):
    network = open_network(ALL[name]())
    picture = random_picture(network.input_shape[0])
    recorded = record_activations(network, picture)
    _, outputs = network.run(network.pixels(picture), network.layers)
    assert list(recorded) == [layer.name for layer in network.layers]
    for layer in network.layers:
        said = outputs[layer.name]
        said = np.asarray(said[0] if isinstance(said, list) else said)[0]
        assert recorded[layer.name].shape == layer.shape
        tolerance = max(1e-3 * np.abs(said).max(), 1e-7)
        np.testing.assert_allclose(recorded[layer.name], said, atol=tolerance)


def test_memory_is_known_beforehand(vgg16):
    network = open_network(vgg16)
    assert forecast_bytes(network, "block1_conv1") == 2 * 224 * 224 * 64
    recorded = record_activations(network, photograph("cat"))
    assert recorded.nbytes == forecast_bytes(network) == 30_758_912
    assert {recorded[name].dtype for name in recorded} == {np.dtype(np.float16)}


def test_too_much_is_refused_before_anything_is_computed():
    model = small_cnn()
    with pytest.raises(ArgumentError, match=r"(?s)1,000 bytes.*2,048 bytes needed.*fewer layers"):
        record_activations(model, "gone.jpg", "first", limit=1000)
    with pytest.raises(PictureError):
        record_activations(model, "gone.jpg", "first", limit=2048)


def test_layers_are_chosen_by_kind_or_name():
    model = nested_two_deep()
    picture = random_picture(16)
    maps = record_activations(model, picture, "maps")
    assert "average" not in maps
    assert "drop" in maps
    convolutions = record_activations(model, picture, "convolutions")
    assert list(convolutions) == ["middle/conv", "middle/inner/conv", "middle/inner/conv:2"]
    some = record_activations(model, picture, ["bn", "scale", "bn"])
    assert list(some) == ["scale", "bn"]
    path = "middle/inner/drop:2"
    np.testing.assert_array_equal(convolutions["middle/inner/conv:2"],
                                  record_activations(model, picture, path)[path])  # fmt: skip


def test_what_was_not_recorded_is_no_key():
    recorded = record_activations(small_cnn(), random_picture(16), ["first", "pool"])
    assert "second" not in recorded
    assert recorded.get("second") is None
    with pytest.raises(ArgumentError, match=r"(?s)first, pool.*'second'"):
        recorded["second"]
    with pytest.raises(KeyError):
        recorded["second"]
    with pytest.raises(ArgumentError, match="no such layer"):
        record_activations(small_cnn(), random_picture(16), "third")
    with pytest.raises(ArgumentError, match="chooses no layer"):
        record_activations(small_cnn(), random_picture(16), [])


def scaled(factor: float) -> keras.Model:
    pixels = keras.Input((6, 6, 3))
    x = L.Rescaling(factor, name="scaled")(pixels)
    return keras.Model(pixels, L.Rescaling(1 / factor, name="back")(x))


@pytest.mark.parametrize("factor", [1e9, 1e30, 1e-9, 1e-30])
def test_values_beyond_float16_keep_their_size(factor):
    picture = random_picture(6)
    recorded = record_activations(scaled(factor), picture)
    np.testing.assert_allclose(recorded["scaled"], picture * np.float32(factor), rtol=1e-3)
    np.testing.assert_allclose(recorded["back"], picture, rtol=1e-3)
    assert recorded["scaled"].dtype == np.float32
    assert recorded["back"].dtype == np.float16
    assert any("scaled" in note and "float16" in note for note in recorded.notes)
    assert "scaled" in repr(recorded)


def test_numbers_that_are_none_are_told():
    pixels = keras.Input((6, 6, 3))
    model = keras.Model(pixels, keras.ops.log(pixels - 255.0))
    recorded = record_activations(model, np.full((6, 6, 3), 255, np.uint8))
    assert any("108 of 108 values are infinite" in note for note in recorded.notes)


def test_the_strongest_channels_come_first():
    pixels = keras.Input((4, 4, 3))
    model = keras.Model(pixels, L.Identity(name="same")(pixels))
    picture = np.zeros((4, 4, 3), np.float32)
    picture[..., 0] = 3
    picture[0, 0, 1] = 16
    picture[..., 2] = [[-9, 9, -9, 9]] * 4
    recorded = record_activations(model, picture)
    assert [c.number for c in recorded.top_channels("same", by="mean")] == [0, 1, 2]
    assert [c.number for c in recorded.top_channels("same", 2, by="max")] == [1, 2]
    assert recorded.top_channels("same", 1, by="deviation") == ((2, 9.0),)
    with pytest.raises(ArgumentError, match="mean, max, deviation"):
        recorded.top_channels("same", by="median")
    with pytest.raises(ArgumentError, match="'n' is out of range"):
        recorded.top_channels("same", 0)


def test_relu_makes_zeros():
    recorded = record_activations(small_cnn(), random_picture(16))
    sparsity = recorded.sparsity()
    assert sparsity["bn"] == 0
    assert sparsity["relu"] == np.mean(recorded["bn"] <= 0)
    assert 0 < sparsity["relu"] < 1


def test_they_show_themselves():
    recorded = record_activations(small_cnn(), random_picture(16))
    text, html = repr(recorded), recorded._repr_html_()
    for words in ("7 layers", "second", "8 × 8 × 6", "BatchNormalization"):
        assert words in text
        assert words in html
    assert html.count("<tr>") == 8


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return load_images(write_set(tmp_path_factory.mktemp("set"), count=7))


def test_statistics_are_those_of_all_pictures_at_once(images):
    network = open_network(small_cnn())
    found = channel_statistics(network, images, "all")
    pixels = np.concatenate([network.pixels(path) for path in images.paths])
    _, outputs = network.run(pixels, network.layers)
    assert found.pictures == 14
    for name, output in outputs.items():
        values = np.asarray(output, np.float64).reshape(-1, output.shape[-1])
        np.testing.assert_allclose(found[name].mean, values.mean(0), rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(found[name].deviation, values.std(0), rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(found[name].zeros, (values == 0).mean(0), atol=1e-3)
        np.testing.assert_allclose(found[name].highest, values.max(0), rtol=1e-4)
        assert found[name].count == len(values)
    assert "14 pictures" in repr(found)
    assert "<caption>" in found._repr_html_()


def test_no_digits_are_lost_to_large_sums(tmp_path):
    """A deviation of half a level on a mean of a million."""
    pixels = keras.Input((32, 32, 3))
    model = keras.Model(pixels, L.Rescaling(1.0, 1e6, name="far")(pixels))
    board = np.indices((32, 32)).sum(0)[..., None] % 2 * np.ones(3)
    pictures = [(board + 2 * (i % 2)).astype(np.uint8) for i in range(40)]
    found = channel_statistics(model, pictures, "far")["far"]
    np.testing.assert_allclose(found.mean, 1e6 + 1.5, rtol=1e-9)
    np.testing.assert_allclose(found.deviation, np.sqrt(1.25), rtol=1e-4)


def test_a_silent_channel_is_named(images):
    model = small_cnn()
    first = model.get_layer("first")
    kernel, bias = first.get_weights()
    kernel[..., 2], bias[2] = 0, -1
    first.set_weights([kernel, bias])
    found = channel_statistics(model, images, "first")["first"]
    assert 2 in found.silent
    assert found.highest[2] == 0


def test_pictures_that_cannot_be_read_are_left_out_and_named(images, tmp_path):
    broken = tmp_path / "kaputt ü.jpg"
    broken.write_bytes(b"\xff\xd8\xff no picture")
    network = open_network(small_cnn())
    whole = channel_statistics(network, images)
    mixed = channel_statistics(network, [broken, *images.paths])
    assert mixed.pictures == 14
    assert [problem.file for problem in mixed.problems] == [broken]
    np.testing.assert_allclose(mixed["first"].mean, whole["first"].mean, rtol=1e-5)
    assert "kaputt" in repr(mixed)
    patches = exciting_patches(network, [broken, *images.paths], "first", 0)
    assert [problem.file for problem in patches.problems] == [broken]
    with pytest.raises(DataError, match="kaputt"):
        channel_statistics(network, [broken])
    with pytest.raises(DataError, match="no picture"):
        channel_statistics(network, [])


def test_memory_does_not_grow_with_the_pictures(images):
    network = open_network(small_cnn())

    def peak(times: int) -> int:
        tracemalloc.start()
        channel_statistics(network, list(images.paths) * times, "all")
        exciting_patches(network, list(images.paths) * times, "second", 0, 4)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1)
    assert peak(20) < 1.5 * peak(2) + 2e6


def test_exciting_patches_are_found_where_they_are(tmp_path):
    """A channel that looks for a white corner; one picture in each has it brighter."""
    pixels = keras.Input((16, 16, 3))
    model = keras.Model(pixels, L.Conv2D(2, 2, use_bias=False, name="corner")(pixels))
    kernel = np.zeros((2, 2, 3, 2), np.float32)
    kernel[0, 0, :, 1], kernel[1, 1, :, 1] = -1, 1
    model.set_weights([kernel])
    pictures = []
    for i in range(12):
        picture = np.full((16, 16, 3), 10, np.uint8)
        picture[i, 3] = 100 + i
        picture[15 - i, 9] = 50
        pictures.append(picture)
    found = exciting_patches(model, pictures, "corner", 1, n=3)
    assert [(p.file.name, p.row, p.column) for p in found] == [
        ("picture 12", 10, 2), ("picture 11", 9, 2), ("picture 10", 8, 2),
    ]  # fmt: skip
    assert found[0].value == 3 * 101
    assert found[0].pixels.shape == (2, 2, 3)
    assert found[0].pixels[1, 1, 0] == 111
    assert found[0].field == receptive_field(model, "corner", (10, 2))
    several = exciting_patches(model, pictures, "corner", 1, n=4, per_picture=2)
    assert [p.file.name for p in several] == [f"picture {i}" for i in (12, 11, 10, 9)]
    both = exciting_patches(model, pictures[:1], "corner", 1, n=4, per_picture=2)
    assert [p.value for p in both] == [120, 0] or both[1].value == 3 * 40
    assert "channel 1 of corner" in repr(found)


def test_of_equal_patches_the_earlier_picture_wins():
    pictures = [np.full((16, 16, 3), 7, np.uint8)] * 20
    found = exciting_patches(small_cnn(), pictures, "first", 0, n=3)
    assert [p.file.name for p in found] == ["picture 1", "picture 2", "picture 3"]


def test_channels_that_do_not_exist_are_refused(images):
    with pytest.raises(ArgumentError, match=r"(?s)'channel'.*0 to 3.*4"):
        exciting_patches(small_cnn(), images, "first", 4)
    with pytest.raises(ArgumentError, match=r"(?s)no feature map.*first, pool"):
        exciting_patches(small_cnn(), images, "average", 0)
    with pytest.raises(ArgumentError, match=r"'per_picture'"):
        exciting_patches(small_cnn(), images, "first", 0, per_picture=300)
