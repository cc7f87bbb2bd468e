"""Annotators who are made up: how often they slip is what was asked for."""

from __future__ import annotations

import numpy as np
import pytest

from tests.pictures import write_set
from tlcourse.data import AnnotationLog, agreement, load_images
from tlcourse.errors import ArgumentError
from tlcourse.experiments import pretend_to_annotate


@pytest.fixture
def log(tmp_path):
    images = load_images(write_set(tmp_path / "set", 40, ("red", "green", "blue")))
    return AnnotationLog(tmp_path / "log.csv", images)


def said(log, name):
    opinions = log.opinions()
    return [opinions[path][name] for path in log.images.paths]


def test_a_calm_annotator_says_what_is_true(log):
    qualities = np.arange(120) % 5 + 1
    pretend_to_annotate(log, "Ada", qualities, slips=0, mistakes=0)
    opinions = said(log, "Ada")
    assert [opinion.quality for opinion in opinions] == qualities.tolist()
    assert [o.label for o in opinions] == [picture.class_name for picture in log.images]


def test_slips_and_mistakes_are_about_as_many_as_asked_for(log):
    qualities = np.full(120, 3)
    pretend_to_annotate(log, "Ada", qualities, slips=0.4, mistakes=0.25, seed=1)
    opinions = said(log, "Ada")
    off = np.array([opinion.quality for opinion in opinions]) - 3
    assert set(off.tolist()) == {-1, 0, 1}
    assert (off != 0).mean() == pytest.approx(0.4, abs=0.13)
    names = [picture.class_name for picture in log.images]
    wrong = np.mean([o.label != name for o, name in zip(opinions, names, strict=True)])
    assert wrong == pytest.approx(0.25, abs=0.12)


def test_a_rating_never_leaves_the_scale(log):
    pretend_to_annotate(log, "Ada", [1, 5] * 60, slips=1)
    assert {opinion.quality for opinion in said(log, "Ada")} <= {1, 2, 4, 5}


def test_another_seed_is_another_person_and_the_same_seed_the_same(log, tmp_path):
    for name, seed in {"Ada": 1, "Ben": 2, "Ada again": 1}.items():
        pretend_to_annotate(log, name, np.full(120, 3), mistakes=0.3, seed=seed)
    assert said(log, "Ada") == said(log, "Ada again")
    assert said(log, "Ada") != said(log, "Ben")
    pairs = {(pair.one, pair.other): pair for pair in agreement(log).pairs}
    assert pairs["Ada", "Ada again"].kappa == pytest.approx(1)
    assert 0 < pairs["Ada", "Ben"].kappa < 0.9


@pytest.mark.parametrize("qualities", [[3] * 119, [0] * 120, [6] * 120, [2.5] * 120])
def test_qualities_that_are_none_are_refused_before_anything_is_written(log, qualities):
    with pytest.raises(ArgumentError, match="qualities"):
        pretend_to_annotate(log, "Ada", qualities)
    assert not log.opinions()
