"""Where the time of a pipeline goes: what is measured adds up, and files are as large as asked."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.diagnosis.scenes import write_scenes
from tlcourse.augmentation import Augmentation
from tlcourse.backbones import load_backbone
from tlcourse.data import load_images, open_picture
from tlcourse.errors import ArgumentError, DataError
from tlcourse.experiments import PipelineTimes, enlarge, show_pipelines, time_passes, time_pipeline
from tlcourse.experiments.pipelines import STAGES


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return load_images(write_scenes(tmp_path_factory.mktemp("scenes"), 4))


def test_pictures_become_as_large_as_asked_and_show_the_same(images, tmp_path):
    large = enlarge(images, tmp_path / "camera", (360, 480))
    assert {Image.open(path).size for path in large.paths} == {(480, 360)}
    assert {path.suffix for path in large.paths} == {".jpg"}
    assert np.array_equal(large.labels, images.labels)
    small = open_picture(large.paths[0], (90, 120)).astype(float)
    assert np.abs(small - open_picture(images.paths[0], (90, 120))).mean() < 8


def test_every_stage_is_measured(images):
    times = time_pipeline(
        images, load_backbone("efficientnet_lite0", input_size=32), "scenes", batch_size=8, rounds=2
    )
    assert tuple(times.stages) == STAGES
    assert min(times.stages.values()) > 0
    assert min(times.in_threads, times.network, times.one_by_one) > 0
    assert times.pictures == len(images)
    assert sum(map(times.share, STAGES)) == pytest.approx(1)


def test_too_few_pictures_for_a_batch_are_named(images):
    with pytest.raises(DataError, match="batch"):
        time_pipeline(images, load_backbone("efficientnet_lite0", input_size=32), "scenes")


KNOWN = PipelineTimes(
    name="known",
    stages={"read": 1.0, "decode": 6.0, "augment": 2.0, "batch": 1.0},
    in_threads=250.0,
    network=500.0,
    pictures=12,
)


def test_the_numbers_are_those_of_the_stages():
    assert KNOWN.one_by_one == pytest.approx(100)
    assert KNOWN.share("decode") == pytest.approx(0.6)
    assert "60%" in repr(KNOWN)
    assert "12 pictures" in repr(KNOWN)
    figure = show_pipelines([KNOWN, KNOWN])
    assert "decode 6.00 ms" in figure.alt
    assert "the network takes 2.0 ms" in figure.alt


def test_no_times_make_no_figure():
    with pytest.raises(DataError, match="no times"):
        show_pipelines([])


def test_every_pass_has_a_rate(images):
    rates = time_passes(images, Augmentation(), passes=2)
    assert len(rates) == 2
    assert min(rates) > 0
    with pytest.raises(ArgumentError, match="passes"):
        time_passes(images, passes=0)
