"""The contract of the one decoder: centre crop, bicubic, whatever the picture comes as."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from tests.data.hard_pictures import SCENE, encoded, jpeg, oriented, scene
from tlcourse.data import MAX_PIXELS, open_picture, photograph
from tlcourse.data.decode import centre_box
from tlcourse.errors import ArgumentError, PictureError

FORMATS = ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"]
SOUND = {kind: encoded(scene().resize((40, 30)), kind) for kind in FORMATS}


# pytest takes away the filter that keeps Pillow's warnings from the reader
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


def camera_jpeg(width: int = 1600, height: int = 1200) -> bytes:
    """Return a real photograph, as large as from a camera."""
    image = Image.fromarray(photograph("cat")).resize((width, height), Image.Resampling.BICUBIC)
    return encoded(image, "JPEG", quality=90)


def test_the_result_is_the_centre_crop_resized_by_the_bicubic_filter() -> None:
    pixels = photograph("cat")
    height, width = pixels.shape[:2]
    left = (width - height) // 2
    box = (left, 0, left + height, height)
    image = Image.fromarray(pixels)
    expected = image.resize((224, 224), Image.Resampling.BICUBIC, box)
    np.testing.assert_array_equal(open_picture(pixels, size=(224, 224)), expected)
    cropped = np.asarray(image.crop(box).resize((224, 224), Image.Resampling.BICUBIC), int)
    assert np.abs(open_picture(pixels, size=(224, 224)) - cropped).max() <= 2


def test_a_picture_of_the_wanted_size_is_left_as_it_is() -> None:
    np.testing.assert_array_equal(open_picture(SCENE, size=(32, 48)), SCENE)


def test_path_bytes_image_and_array_give_the_same_pixels(tmp_path: Path) -> None:
    path = tmp_path / "scene.png"
    scene().save(path)
    sources = [path, str(path), path.read_bytes(), Image.open(path), SCENE]
    for source in sources:
        np.testing.assert_array_equal(open_picture(source), SCENE)


def test_the_pixels_belong_to_the_caller() -> None:
    original = SCENE.copy()
    pixels = open_picture(original)
    pixels[:] = 7
    np.testing.assert_array_equal(original, SCENE)


def test_grey_and_transparent_arrays_become_rgb() -> None:
    grey = np.full((4, 5), 90, np.uint8)
    clear = np.zeros((4, 5, 4), np.uint8)
    assert np.all(open_picture(grey) == 90)
    assert np.all(open_picture(clear) == 255)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4, 3)),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((2, 4, 4, 3), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
    ],
    ids=["floats", "two channels", "a batch", "no pixels"],
)
def test_an_array_that_is_no_picture_is_refused(array: np.ndarray) -> None:
    with pytest.raises(PictureError, match="an array of shape"):
        open_picture(array)


@pytest.mark.parametrize("source", [None, 3, bytearray(b"x")])
def test_what_is_no_picture_at_all_is_refused(source: object) -> None:
    with pytest.raises(PictureError, match="an object of type"):
        open_picture(source)


@pytest.mark.parametrize("size", [224, (224,), (0, 5), (-1, 5), (2.5, 3), "ab", (10**6, 10**6)])
def test_a_size_that_is_none_is_refused(size: object) -> None:
    with pytest.raises(ArgumentError, match="size"):
        open_picture(SCENE, size)


@given(
    width=st.integers(1, 20_000),
    height=st.integers(1, 20_000),
    size=st.tuples(st.integers(1, 2000), st.integers(1, 2000)),
)
def test_the_crop_lies_in_the_middle_and_touches_two_edges(
    width: int, height: int, size: tuple[int, int]
) -> None:
    left, top, right, bottom = centre_box(width, height, size)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert abs(left - (width - right)) <= 1
    assert abs(top - (height - bottom)) <= 1
    assert right - left == width or bottom - top == height
    if right - left > 1 and bottom - top > 1:
        wanted = size[1] / size[0]
        assert abs((right - left) - wanted * (bottom - top)) <= max(0.51, 0.51 * wanted)


def test_a_large_jpeg_is_shrunk_while_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = camera_jpeg()
    loaded: list[tuple[int, int]] = []
    load = ImageFile.ImageFile.load

    def spy(image: ImageFile.ImageFile) -> object:
        loaded.append(image.size)
        return load(image)

    monkeypatch.setattr(ImageFile.ImageFile, "load", spy)
    open_picture(data, size=(100, 100))
    assert set(loaded) == {(400, 300)}


@pytest.mark.parametrize("size", [(224, 224), (100, 60), (64, 64), (31, 77)])
def test_shrinking_while_decoding_shows_in_no_more_than_a_few_levels(size: tuple[int, int]) -> None:
    data = camera_jpeg(1601, 1203)
    drafted = open_picture(data, size).astype(int)
    whole = open_picture(np.asarray(Image.open(io.BytesIO(data))), size)
    assert np.abs(drafted - whole).mean() < 1
    assert np.abs(drafted - whole).max() <= 12


def test_a_turned_jpeg_keeps_enough_pixels_for_its_size() -> None:
    """Shrunk by the height and width that it is stored with, it would come out too small."""
    upright = Image.fromarray(photograph("cat")).resize((400, 1600))
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = upright.transpose(Image.Transpose.ROTATE_90)
    turned = open_picture(encoded(stored, "JPEG", quality=95, exif=exif.tobytes()), (800, 200))
    whole = open_picture(np.asarray(upright), (800, 200))
    assert turned.shape == (800, 200, 3)
    assert np.abs(turned.astype(int) - whole).mean() < 2


def test_the_callers_pillow_image_stays_as_it_was() -> None:
    image = Image.open(io.BytesIO(camera_jpeg()))
    open_picture(image, size=(50, 50))
    assert image.size == (1600, 1200)
    turned = Image.open(io.BytesIO(oriented(6)))
    assert open_picture(turned).shape == SCENE.shape
    assert turned.size == (32, 48)
    assert turned.getexif()[0x0112] == 6


def test_a_truncated_pillow_image_is_refused() -> None:
    with pytest.raises(PictureError, match="cut short"):
        open_picture(Image.open(io.BytesIO(camera_jpeg()[:-5000])))


@pytest.mark.parametrize("limit", [None, 500, 10**9])
def test_the_limit_on_pixels_is_our_own(limit: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    for kind in FORMATS:
        if kind not in ("GIF", "TIFF", "WEBP"):  # their plugins keep to Pillow's limit as well
            assert open_picture(SOUND[kind], size=(8, 8)).shape == (8, 8, 3)
    with pytest.raises(PictureError, match="the limit is 120,000,000"):
        open_picture(Image.new("1", (MAX_PIXELS // 100 + 1, 100)))


def test_pillow_is_not_told_to_accept_truncated_files(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = Image.MAX_IMAGE_PIXELS
    open_picture(jpeg())
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
    assert limit == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("kind", FORMATS)
@settings(
    max_examples=60, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_happens_to_the_bytes_there_are_pixels_or_a_picture_error(
    kind: str, data: st.DataObject
) -> None:
    content = bytearray(SOUND[kind])
    spots = st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255))
    for position, value in data.draw(st.lists(spots, max_size=8)):
        content[position] = value
    end = data.draw(st.integers(0, len(content)) | st.just(len(content)))
    size = data.draw(st.none() | st.just((16, 16)))
    try:
        pixels = open_picture(bytes(content[:end]), size)
    except PictureError:
        return
    assert pixels.dtype == np.uint8
    assert pixels.shape[2] == 3


@given(rubbish=st.binary(max_size=300), kind=st.sampled_from(FORMATS))
def test_rubbish_after_a_genuine_beginning_does_no_harm(rubbish: bytes, kind: str) -> None:
    for start in (b"", SOUND[kind][:12], SOUND[kind][:30]):
        with pytest.raises(PictureError):
            open_picture(start + rubbish)
