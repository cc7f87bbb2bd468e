"""Light and size are normalised as the papers say, and shown before and after."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.pictures import write_set
from tlcourse.augmentation import normalise_light, normalise_size, show_before_after
from tlcourse.data import load_images, open_picture, photograph
from tlcourse.errors import ArgumentError, PictureError


def to_light(values: np.ndarray) -> np.ndarray:
    values = values / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def tinted(picture: np.ndarray, gains: tuple[float, float, float]) -> np.ndarray:
    """Return a picture under a coloured lamp."""
    light = to_light(picture) * gains
    values = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(255 * values.clip(0, 1)).astype(np.uint8)


def test_the_tint_of_a_lamp_is_taken_out():
    original = photograph("camera")  # grey
    under_lamp = tinted(original, (0.9, 0.6, 0.5))
    means = to_light(under_lamp).mean(axis=(0, 1))
    assert means.max() / means.min() > 1.6
    normalised = normalise_light(under_lamp, "colour")
    means = to_light(normalised).mean(axis=(0, 1))
    assert means.max() / means.min() < 1.02
    channels = normalised.astype(int)
    assert np.abs(channels - channels.mean(axis=2, keepdims=True)).mean() < 2


def test_no_channel_is_changed_by_more_than_a_factor_of_two():
    meadow = np.full((20, 20, 3), (40, 200, 30), np.uint8)
    gains = to_light(normalise_light(meadow, "colour")) / to_light(meadow)
    assert gains.max() <= 2.1
    assert gains.min() >= 0.48


def test_contrast_is_opened_and_colour_stays():
    murky = (90 + photograph("coffee") // 8).astype(np.uint8)
    clear = normalise_light(murky)
    assert clear.std() > 1.3 * murky.std()
    before, after = (
        np.asarray(Image.fromarray(p).convert("YCbCr"))[..., 1:].astype(int) for p in (murky, clear)
    )
    assert np.abs(before - after).mean() < 2


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1),
    st.sampled_from(["contrast", "colour"]), st.integers(0, 255),
)  # fmt: skip
def test_any_picture_stays_a_picture(height, width, seed, method, most):
    random = np.random.default_rng(seed)
    picture = random.integers(0, most + 1, (height, width, 3)).astype(np.uint8)
    before = picture.copy()
    changed = normalise_light(picture, method)
    assert changed.shape == picture.shape
    assert changed.dtype == np.uint8
    np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize("method", ["contrast", "colour"])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_plain_grey_picture_stays_as_it_is(method, level):
    plain = np.full((16, 16, 3), level, np.uint8)
    np.testing.assert_array_equal(normalise_light(plain, method), plain)


def test_cropping_is_what_the_decoder_does():
    picture = photograph("rocket")
    np.testing.assert_array_equal(normalise_size(picture), open_picture(picture, (224, 224)))


def test_a_letterbox_holds_the_whole_picture_unstretched():
    picture = np.zeros((50, 100, 3), np.uint8)
    picture[:, :50] = 250
    boxed = normalise_size(picture, (60, 60), "letterbox")
    assert boxed.shape == (60, 60, 3)
    grey = (boxed == 128).all(axis=(1, 2))
    assert grey[:15].all()
    assert grey[45:].all()
    assert not grey[15:45].any()
    assert (boxed[15:45, :27] > 240).all()
    assert (boxed[15:45, 33:] < 10).all()
    upright = normalise_size(picture.transpose(1, 0, 2), (60, 60), "letterbox")
    np.testing.assert_array_equal(upright, boxed.transpose(1, 0, 2))


@settings(max_examples=60, deadline=None)
@given(*[st.integers(1, 300)] * 2, *[st.integers(1, 60)] * 2)
def test_every_shape_fits_into_every_letterbox(height, width, tall, wide):
    picture = np.zeros((height, width, 3), np.uint8)
    boxed = normalise_size(picture, (tall, wide), "letterbox")
    assert boxed.shape == (tall, wide, 3)
    inside = ~(boxed == 128).all(axis=2)
    rows, columns = inside.any(axis=1).sum(), inside.any(axis=0).sum()
    assert rows == tall or columns == wide
    assert abs(rows * width - columns * height) <= max(width, height)  # to a pixel


@pytest.mark.parametrize(
    "call",
    [
        lambda p: normalise_light(p, "brightness"),
        lambda p: normalise_size(p, fit="stretch"),
        lambda p: normalise_size(p, size=224),
        lambda p: normalise_size(p, size=(0, 5), fit="letterbox"),
    ],
)
def test_what_there_is_not_is_named(call):
    with pytest.raises(ArgumentError):
        call(photograph("cat"))


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(PictureError, match=r"no\.jpg"):
        normalise_light(tmp_path / "no.jpg")


def test_before_and_after_are_shown_and_told(tmp_path):
    images = load_images(write_set(tmp_path, 5))
    figure = show_before_after(images, normalise_light, "equalised")
    assert figure.alt.startswith("Pictures before (left) and equalised (right). 96 × 96 pixels")
    assert figure.alt.count(" became ") == 8
    boxed = show_before_after(
        photograph("rocket"), partial(normalise_size, size=(100, 200), fit="letterbox")
    )
    assert "427 × 640 pixels" in boxed.alt
    assert "became 100 × 200 pixels" in boxed.alt


def test_a_change_cannot_touch_what_is_shown_before():
    def spoil(picture: np.ndarray) -> np.ndarray:
        picture[:] = 0
        return picture

    plain = np.full((70, 70, 3), 200, np.uint8)
    alt = show_before_after(plain, spoil).alt
    assert "mean red 200, green 200, blue 200" in alt
    assert "mean red 0, green 0, blue 0" in alt


@pytest.mark.parametrize("change", [None, "normalise", lambda p: p / 255, lambda p: None])
def test_a_change_that_is_none_is_named(change):
    with pytest.raises(ArgumentError, match="change"):
        show_before_after(photograph("cat"), change)


def test_nothing_cannot_be_shown():
    with pytest.raises(ArgumentError, match="no picture"):
        show_before_after([], normalise_light)
