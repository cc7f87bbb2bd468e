"""Fog on one class: which pictures, how thick, and what a network makes of it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diagnosis.scenes import write_scenes
from tlcourse.backbones import load_backbone
from tlcourse.data import load_images, open_picture, split
from tlcourse.errors import ArgumentError, DataError
from tlcourse.experiments import fog, foggy_class, try_in_fog


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    return split(load_images(write_scenes(folder, 24)), copies_together=False)


def test_fog_takes_contrast_and_leaves_a_clear_day_alone():
    picture = np.random.default_rng(0).integers(0, 256, (8, 9, 3), dtype=np.uint8)
    assert np.array_equal(fog(picture, 0), picture)
    assert len(np.unique(fog(picture, 1))) == 1
    half = fog(picture, 0.5)
    assert half.dtype == np.uint8
    assert half.std() == pytest.approx(picture.std() / 2, rel=0.02)
    with pytest.raises(ArgumentError):
        fog(picture, 1.1)


def test_only_training_pictures_of_the_class_are_in_fog(images, tmp_path):
    foggy = foggy_class(images, tmp_path / "fog", "bars", 0.5)
    bars = images.labels == images.class_names.index("bars")
    assert foggy.foggy.sum() == round(0.5 * (bars & (images.splits == "train")).sum())
    assert bars[foggy.foggy].all()
    assert set(images.splits[foggy.foggy]) == {"train"}
    assert np.array_equal(foggy.images.labels, images.labels)
    for position in range(len(images)):
        before, after = images.paths[position], foggy.images.paths[position]
        expected = fog(open_picture(before)) if foggy.foggy[position] else open_picture(before)
        assert np.array_equal(open_picture(after), expected)


def test_several_classes_can_have_fog_one_after_the_other(images, tmp_path):
    both = foggy_class(images, tmp_path / "bars", "bars").images
    both = foggy_class(both, tmp_path / "discs", "discs").images
    changed = [a != b for a, b in zip(both.paths, images.paths, strict=True)]
    assert np.array_equal(np.bincount(images.labels[changed]), [9, 9])


def test_a_class_that_is_not_there_is_refused(images, tmp_path):
    with pytest.raises(DataError, match="class"):
        foggy_class(images, tmp_path, "yachts")
    with pytest.raises(DataError, match="class"):
        foggy_class(images.with_splits(None), tmp_path, "bars")


def test_fog_on_one_class_becomes_that_class(images, tmp_path):
    tiny = load_backbone("efficientnet_lite0", input_size=64)
    sets = {"clear": images, "foggy": foggy_class(images, tmp_path / "fog", "discs", 0.6).images}
    trial = try_in_fog(tiny, sets, images.test, tmp_path / "test", "discs")
    assert trial.truth == pytest.approx(0.5)
    assert trial.n_test == len(images.test)
    assert trial.results["foggy"].called > trial.results["clear"].called + 0.3
    assert trial.results["foggy"].clear > 0.6
    assert "foggy" in repr(trial)
    assert f"{trial.results['foggy'].called:.0%}" in trial.draw().alt
