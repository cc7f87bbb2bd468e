"""Pictures that a channel would like to see: they excite it, and are the same each time."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.inside.networks import ALL, sequential, small_cnn
from tests.inside.test_attribution import state_of
from tlcourse.data import photograph, photograph_names
from tlcourse.errors import ArgumentError
from tlcourse.inside import maximisation as module
from tlcourse.inside import maximise_activation, open_network
from tlcourse.inside.painting import _COLOURS, Canvas, Wobble

L = keras.layers


def test_the_picture_excites_its_channel_and_the_number_is_the_networks_own():
    model = small_cnn(32)
    before = state_of(model)
    found = maximise_activation(model, "first", 2, steps=40)
    assert found.picture.shape == (32, 32, 3)
    assert found.picture.dtype == np.uint8
    outputs = open_network(model).run(found.picture[None].astype(np.float32), ["first"])[1]
    assert found.after == pytest.approx(float(outputs["first"][0, ..., 2].numpy().mean()), rel=1e-4)
    assert found.after > 1.5 * found.before
    assert found.steps == 40
    assert state_of(model) == before


def test_a_channel_that_looks_for_one_colour_gets_it():
    model = keras.Sequential([keras.Input((32, 32, 3)), L.Conv2D(2, 1, name="colour")])
    kernel = np.zeros((1, 1, 3, 2), np.float32)
    kernel[0, 0, :, 0] = [1, -1, -1]  # red, and neither green nor blue
    kernel[0, 0, :, 1] = [-1, -1, 1]
    model.set_weights([kernel, np.zeros(2)])
    red = maximise_activation(model, "colour", 0).picture.mean(axis=(0, 1))
    blue = maximise_activation(model, "colour", 1).picture.mean(axis=(0, 1))
    assert red[0] > 2 * max(red[1:])
    assert blue[2] > 2 * max(blue[:2])


def test_a_channel_that_is_silent_at_first_wakes_up():
    """Its bias keeps the ReLU at 0 for the noise at the start, where it has no gradient."""
    model = keras.Sequential(
        [keras.Input((32, 32, 3)), L.Conv2D(1, 1, activation="relu", name="shy")]
    )
    model.set_weights([np.ones((1, 1, 3, 1)), np.array([-500.0])])
    found = maximise_activation(model, "shy", 0)
    assert found.before == 0
    assert found.after > 100


def test_it_works_on_real_layers_of_every_depth(vgg16):
    for layer in ("block1_conv2", "block3_conv1"):
        found = maximise_activation(vgg16, layer, 3, steps=12, size=64)
        assert found.after > 2 * found.before
        assert found.after > 1


def test_a_class_is_given_by_name_and_its_score_grows(lite0):
    found = maximise_activation(lite0, "imagenet_top", "Egyptian cat", steps=16, size=96)
    assert (found.channel, found.channel_name) == (285, "Egyptian cat")
    # The score before the softmax, whose probability would hardly move at first.
    assert found.after > found.before + 3


def test_the_same_seed_gives_the_same_picture():
    model = small_cnn(32)
    one, same, other = (
        maximise_activation(model, "relu", 1, steps=5, seed=seed) for seed in (4, 4, 5)
    )
    assert np.array_equal(one.picture, same.picture)
    assert (one.before, one.after) == (same.before, same.after)
    assert not np.array_equal(one.picture, other.picture)


@pytest.mark.parametrize("name", ALL)
def test_every_kind_of_network_is_left_as_it_was(name):
    model = ALL[name]()
    before = state_of(model)
    network = open_network(model)
    found = maximise_activation(model, network.layers[-1].name, 1, steps=2)
    assert found.picture.shape == network.input_shape
    assert state_of(model) == before


def test_a_grey_network_gets_a_grey_picture():
    found = maximise_activation(small_cnn(32, channels=1), "second", 0, steps=3)
    assert found.picture.shape == (32, 32, 3)
    assert np.ptp(found.picture, axis=2).max() == 0


def test_ctrl_c_ends_it_with_the_picture_so_far(monkeypatch, capsys):
    drawn = Wobble.draw
    calls = []

    def interrupted(self):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return drawn(self)

    model = small_cnn(32)
    expected = maximise_activation(model, "first", 0, steps=3)
    monkeypatch.setattr(module.Wobble, "draw", interrupted)
    found = maximise_activation(model, "first", 0, steps=50)
    assert found.steps == 3
    assert np.array_equal(found.picture, expected.picture)
    assert "Interrupted after 3 of 50 steps" in capsys.readouterr().err


def test_a_network_that_counts_its_inputs_gets_its_own_size():
    assert maximise_activation(sequential(), "answer", 0, steps=1).picture.shape == (12, 12, 3)
    with pytest.raises(ArgumentError, match="own size, 12x12"):
        maximise_activation(sequential(), "answer", 0, size=64)
    assert maximise_activation(small_cnn(256), "first", 0, steps=1).picture.shape == (128, 128, 3)


def test_errors_list_what_there_is():
    model = small_cnn()
    with pytest.raises(ArgumentError, match="first, pool, second"):
        maximise_activation(model, "block1", 0)
    with pytest.raises(ArgumentError, match="0 to 3"):
        maximise_activation(model, "first", 4)
    with pytest.raises(ArgumentError, match="channel"):
        maximise_activation(model, "first", "red")
    with pytest.raises(ArgumentError, match="steps"):
        maximise_activation(model, "first", 0, steps=0)
    with pytest.raises(ArgumentError, match="size"):
        maximise_activation(model, "first", 0, size=8)


def test_it_shows_itself_with_words():
    found = maximise_activation(small_cnn(32), "first", 0, steps=2)
    data, metadata = found._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert "channel 0 of first in small" in metadata["image/png"]["alt"]


# The canvas


def test_the_colours_are_those_of_the_photographs():
    pixels = np.concatenate(
        [
            photograph(name).reshape(-1, 3)[::50] / 255
            for name in photograph_names()
            if np.ptp(photograph(name)[..., 0].astype(int) - photograph(name)[..., 1]) > 0
        ]
    )
    values, axes = np.linalg.eigh(np.cov(pixels.T))
    expected = axes[:, ::-1] * np.sqrt(values[::-1])
    for column, own in zip(expected.T, _COLOURS.T, strict=True):
        assert abs(column @ own) / np.linalg.norm(column) / np.linalg.norm(own) > 0.95


def test_low_frequencies_are_strong_and_high_ones_weak():
    canvas = Canvas((64, 64), 1, np.random.RandomState(0))
    plane = canvas.pixels()[0, ..., 0].numpy()
    power = np.abs(np.fft.rfft2(plane - plane.mean())) ** 2
    frequency = np.hypot(np.fft.fftfreq(80)[:, None], np.fft.rfftfreq(80))
    low = power[(frequency > 0.02) & (frequency < 0.06)].mean()
    high = power[(frequency > 0.2) & (frequency < 0.6)].mean()
    assert low / high == pytest.approx((0.4 / 0.045) ** 2, rel=0.7)  # falls with the square


def test_small_moves_keep_the_middle_of_the_picture_in_sight():
    painted = np.zeros((1, 80, 80, 1), np.float32)
    painted[0, 36:44, 36:44] = 1
    wobble = Wobble((64, 64), np.random.RandomState(0))
    for _ in range(20):
        moved = wobble.apply(tf.constant(painted), tf.constant(wobble.draw())).numpy()[0, ..., 0]
        assert moved.shape == (64, 64)
        assert moved.sum() == pytest.approx(64, rel=0.2)
        rows, columns = np.nonzero(moved > 0.5)
        assert abs(rows.mean() - 31.5) < 9
        assert abs(columns.mean() - 31.5) < 9
