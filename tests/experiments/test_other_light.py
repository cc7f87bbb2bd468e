"""Learned in one light and asked in another, with and without preparation."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diagnosis.scenes import write_scenes
from tlcourse.backbones import load_backbone
from tlcourse.data import load_images, open_picture, split
from tlcourse.errors import ArgumentError
from tlcourse.experiments import as_it_is, blue_light, try_other_light
from tlcourse.experiments.other_light import LIGHTS


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    return split(load_images(write_scenes(folder, 12)), copies_together=False)


@pytest.fixture(scope="module")
def tiny():
    return load_backbone("efficientnet_lite0", input_size=64)


def test_blue_light_takes_some_of_the_red_and_nothing_of_the_blue():
    picture = np.full((4, 5, 3), 200, np.uint8)
    assert blue_light(picture)[0, 0].tolist() == [150, 180, 200]
    assert np.array_equal(as_it_is(picture), picture)


def test_pictures_are_prepared_in_learning_and_in_every_light(images, tiny, tmp_path):
    seen = []

    def blank(picture):
        seen.append(picture.mean())
        return np.zeros_like(picture)

    trial = try_other_light(
        tiny, images.train, images.test, {"nothing": as_it_is, "blank": blank}, tmp_path
    )
    assert len(seen) == len(images.train) + 3 * len(images.test)
    # Of black pictures one class is named for all: half of them, in every light.
    assert trial.accuracies[1] == pytest.approx([0.5] * 3)
    assert trial.of("nothing", "as learned") > 0.5
    assert trial.lights == tuple(LIGHTS) == ("as learned", "fog", "blue light")


def test_the_light_is_changed_before_the_preparation(images, tiny, tmp_path):
    prepared = []

    def watch(picture):
        prepared.append(picture.copy())
        return picture

    one = images.test[:1]
    learned = images.train[[0, -1]]
    try_other_light(tiny, learned, one, {"watched": watch}, tmp_path)
    before = open_picture(one.paths[0])
    for light in LIGHTS.values():
        assert any(np.array_equal(picture, light(before)) for picture in prepared)


def test_the_table_and_the_figure_tell_the_same(images, tiny, tmp_path):
    trial = try_other_light(tiny, images.train, images.test, {"nothing": as_it_is}, tmp_path)
    assert f"{trial.of('nothing', 'fog'):.1%}" in repr(trial)
    assert f"fog: nothing {trial.of('nothing', 'fog'):.0%}" in trial.draw().alt


def test_another_thing_than_a_set_is_refused(tiny, tmp_path):
    with pytest.raises(ArgumentError, match="learned"):
        try_other_light(tiny, "fleet", "fleet", {"nothing": as_it_is}, tmp_path)
