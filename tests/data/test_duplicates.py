"""Pictures that are there twice are found; those that only resemble each other are not."""

import io
import random

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from tests.diagnosis.scenes import as_set, scene, seascape
from tlcourse.data import ImageSet
from tlcourse.data.duplicates import alike_groups, exact_duplicates, near_duplicates
from tlcourse.data.fingerprints import fingerprint, look_alike
from tlcourse.errors import ArgumentError

TRANSPOSE = Image.Transpose


def saved(image, path, **options):
    image.save(path, **options)
    return path


def stamped(image):
    image = image.copy()
    width, height = image.size
    box = (0.6 * width, 0.88 * height, 0.98 * width, 0.98 * height)
    ImageDraw.Draw(image).rectangle(box, fill="white", outline="black")
    return image


def trimmed(image, share=0.04):
    width, height = image.size
    return image.crop((0, 0, round(width * (1 - share)), round(height * (1 - share))))


CHANGES = {
    "smaller": lambda image: image.resize((100, 75)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.3),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.6),
    "grey": lambda image: image.convert("L"),
    "stretched": lambda image: image.resize((240, 240)),
    "trimmed": trimmed,
    "mirrored": lambda image: image.transpose(TRANSPOSE.FLIP_LEFT_RIGHT),
    "stamped": stamped,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_copy_that_was_changed_is_found_among_others(tmp_path, change):
    files = [saved(scene(n), tmp_path / f"{n}.jpg") for n in range(12)]
    copies = [saved(CHANGES[change](scene(n)), tmp_path / f"c{n}.jpg") for n in range(12)]
    groups = near_duplicates(as_set([*files, *copies]))
    assert groups == tuple((n, n + 12) for n in range(12))


def test_a_copy_saved_at_low_quality_or_in_another_format_is_found(tmp_path):
    files = [
        saved(scene(1), tmp_path / "a.jpg", quality=95),
        saved(scene(2), tmp_path / "b.jpg"),
        saved(scene(1), tmp_path / "c.jpg", quality=20),
        saved(scene(1), tmp_path / "d.png"),
    ]
    assert near_duplicates(as_set(files)) == ((0, 2, 3),)


def test_ships_between_sky_and_sea_are_told_apart_though_their_hashes_are_near():
    marks = [fingerprint(np.asarray(seascape(n))) for n in range(60)]
    near = [
        (a, b)
        for a in range(60)
        for b in range(a)
        if np.bitwise_count(marks[a].hash ^ marks[b].hash).sum() <= 24
    ]
    assert len(near) > 5, "the pictures are too different to test anything"
    assert not any(look_alike(marks[a], marks[b]) for a, b in near)
    assert alike_groups(marks) == ()


def test_equal_bytes_are_exact_duplicates_and_a_pixel_more_is_not(tmp_path):
    first = saved(scene(1), tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(first.read_bytes())
    other = scene(1)
    other.putpixel((0, 0), (1, 2, 3))
    files = [first, saved(other, tmp_path / "c.png"), tmp_path / "b.png"]
    assert exact_duplicates(as_set(files)) == ((0, 2),)
    assert near_duplicates(as_set(files)) == ((0, 1, 2),)


def test_files_that_cannot_be_read_are_like_none(tmp_path):
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"")
        (tmp_path / f"text {name}").write_bytes(b"no picture")
    files = [*sorted(tmp_path.iterdir()), tmp_path / "gone.jpg", tmp_path]
    assert near_duplicates(as_set(files)) == ()
    # bytes are bytes: two texts are the same file twice, two empty files are nothing twice
    names = [[files[i].name for i in group] for group in exact_duplicates(as_set(files))]
    assert names == [["text a.jpg", "text b.jpg"]]


def test_pictures_of_one_colour_are_not_taken_for_copies(tmp_path):
    files = [saved(Image.new("RGB", (50, 50), (v, v, v)), tmp_path / f"{v}.png") for v in (9, 90)]
    assert near_duplicates(as_set(files)) == ()


def test_a_chain_of_small_changes_does_not_join_its_ends():
    frames = [trimmed(scene(3), 0.02 * n) for n in range(16)]
    marks = [fingerprint(np.asarray(frame)) for frame in frames]
    groups = alike_groups(marks)
    assert groups
    assert all(0 not in group or 15 not in group for group in groups)
    for group in groups:
        first = marks[group[0]]
        assert all(np.bitwise_count(first.hash ^ marks[i].hash).sum() <= 48 for i in group)


def test_the_groups_are_the_same_in_whatever_order_the_pictures_come(tmp_path):
    images = [scene(n // 3) if n % 3 == 0 else CHANGES["darker"](scene(n // 3)) for n in range(12)]
    marks = [fingerprint(np.asarray(image)) for image in images]
    expected = {frozenset(group) for group in alike_groups(marks)}
    order = list(range(12))
    random.Random(0).shuffle(order)
    groups = alike_groups([marks[i] for i in order])
    assert {frozenset(order[i] for i in group) for group in groups} == expected
    assert len(expected) == 4


def test_a_thousand_copies_are_one_group():
    mark = fingerprint(np.asarray(scene(1)))
    assert alike_groups([mark] * 1000) == (tuple(range(1000)),)


def test_an_animation_is_known_by_its_first_frame(tmp_path):
    first, second = scene(1), scene(2)
    first.save(tmp_path / "a.gif", save_all=True, append_images=[second])
    files = [
        tmp_path / "a.gif",
        saved(first, tmp_path / "b.jpg"),
        saved(second, tmp_path / "c.jpg"),
    ]
    assert near_duplicates(as_set(files)) == ((0, 1),)


def test_a_picture_turned_by_exif_is_a_copy_of_the_upright_one(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    files = [
        saved(scene(1), tmp_path / "a.jpg"),
        saved(scene(1).transpose(TRANSPOSE.ROTATE_90), tmp_path / "b.jpg", exif=exif),
    ]
    assert near_duplicates(as_set(files)) == ((0, 1),)


@pytest.mark.parametrize("distance", [-1, 65, 2.5, "10", None, True])
def test_a_distance_that_is_none_is_refused(distance):
    with pytest.raises(ArgumentError, match="distance"):
        near_duplicates(as_set([]), distance=distance)


def test_distance_zero_finds_equal_hashes_only(tmp_path):
    files = [saved(scene(1), tmp_path / "a.png"), saved(scene(1), tmp_path / "b.bmp")]
    files.append(saved(trimmed(scene(1)), tmp_path / "c.png"))
    assert near_duplicates(as_set(files), distance=0) == ((0, 1),)


def test_something_else_than_a_set_is_refused(tmp_path):
    for search in (near_duplicates, exact_duplicates):
        with pytest.raises(ArgumentError, match="images"):
            search(tmp_path)


def test_the_photographs_hold_one_copy(real_data):
    files = sorted((real_data / "cats_vs_dogs").rglob("*.jpg"))
    groups = near_duplicates(as_set(files))
    assert [{files[i].name for i in group} for group in groups] == [{"dog.180.jpg", "dog.74.jpg"}]
    assert exact_duplicates(as_set(files)) == ()


def test_an_empty_set_has_no_duplicates():
    empty = ImageSet((), np.zeros(0, np.int64), ())
    assert near_duplicates(empty) == exact_duplicates(empty) == ()


def test_bytes_count_and_not_names_or_dates(tmp_path):
    buffer = io.BytesIO()
    scene(5).save(buffer, "JPEG")
    for name in ("a.jpg", "ü\nb.jpg", "[bold]c.jpg"):
        (tmp_path / name).write_bytes(buffer.getvalue())
    assert exact_duplicates(as_set(sorted(tmp_path.iterdir()))) == ((0, 1, 2),)
