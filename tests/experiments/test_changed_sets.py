"""Sets written anew: changed, copied, and with copies on the wrong side of the split."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diagnosis.scenes import write_scenes
from tests.pictures import write_set
from tlcourse.augmentation import Augmentation
from tlcourse.data import find_leaks, load_images, open_picture, split
from tlcourse.errors import ArgumentError, DataError, PictureError
from tlcourse.experiments import leak_into_training, make_near_copies, write_changed


@pytest.fixture
def images(tmp_path):
    return load_images(write_set(tmp_path / "set", 4))


def test_every_picture_is_changed_and_everything_else_stays(images, tmp_path):
    divided = split(images, copies_together=False)
    dark = write_changed(divided, tmp_path / "dark", lambda picture: picture // 2)
    for before, after in zip(divided.paths, dark.paths, strict=True):
        assert np.array_equal(open_picture(after), open_picture(before) // 2)
    assert np.array_equal(dark.labels, divided.labels)
    assert np.array_equal(dark.splits, divided.splits)
    assert load_images(tmp_path / "set") == images


def test_writing_again_writes_over_what_lay_there(images, tmp_path):
    first = write_changed(images, tmp_path / "out", lambda picture: picture // 2)
    again = write_changed(images, tmp_path / "out", lambda picture: picture)
    assert first.paths == again.paths
    assert np.array_equal(open_picture(again.paths[0]), open_picture(images.paths[0]))


def test_a_change_that_makes_no_picture_is_named(images, tmp_path):
    with pytest.raises(PictureError):
        write_changed(images, tmp_path / "out", lambda picture: picture / 255)


def test_near_copies_share_a_group_and_differ_a_little(images, tmp_path):
    film = make_near_copies(images, tmp_path / "film", 3)
    assert len(film) == 3 * len(images)
    assert np.array_equal(film.labels, np.repeat(images.labels, 3))
    assert np.array_equal(np.unique(film.groups, return_counts=True)[1], np.full(len(images), 3))
    pixels = np.array([open_picture(path) for path in film.paths], float).reshape(
        -1, 3, 256, 256, 3
    )
    within = np.abs(pixels[:, 0] - pixels[:, 1]).mean()
    across = np.abs(pixels[:-1, 0] - pixels[1:, 0]).mean()
    assert 0 < within < across


def test_another_seed_makes_other_near_copies(images, tmp_path):
    settings = Augmentation(max_changes=3)
    sets = [make_near_copies(images, tmp_path / f"{n}", 2, settings, seed=n % 2) for n in range(3)]
    zero, one, again = ([open_picture(path) for path in s.paths] for s in sets)
    assert all(np.array_equal(a, b) for a, b in zip(zero, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(zero, one, strict=True))


def test_a_single_copy_is_no_copy(images, tmp_path):
    with pytest.raises(ArgumentError, match="copies"):
        make_near_copies(images, tmp_path / "film", 1)


@pytest.fixture
def scenes(tmp_path):
    images = load_images(write_scenes(tmp_path / "scenes", 12))
    return images[::2], images[1::2]


def test_the_leak_is_found_by_looking_and_not_by_bytes(scenes, tmp_path):
    learned, test = scenes
    leaky = leak_into_training(learned, test, tmp_path / "archive", 0.5, seed=3)
    assert len(leaky.train) == len(learned) + 6
    assert leaky.test.paths == test.paths
    leaks = find_leaks(leaky)
    assert len(leaks) == 6
    assert {leak.kind for leak in leaks} == {"copy"}
    copies = dict(zip(leaky.train.paths, leaky.train.labels, strict=True))
    originals = dict(zip(test.paths, test.labels, strict=True))
    for leak in leaks:
        assert copies[leak.pictures["train"][0]] == originals[leak.pictures["test"][0]]


def test_nothing_leaks_where_nothing_is_asked_for(scenes, tmp_path):
    learned, test = scenes
    clean = leak_into_training(learned, test, tmp_path / "archive", 0)
    assert clean.train.paths == learned.paths
    assert find_leaks(clean) == ()


def test_a_share_that_is_none_and_other_classes_are_refused(scenes, images, tmp_path):
    learned, test = scenes
    with pytest.raises(ArgumentError, match="share"):
        leak_into_training(learned, test, tmp_path / "a", 1.5)
    with pytest.raises(DataError, match="classes"):
        leak_into_training(learned, images, tmp_path / "a")
