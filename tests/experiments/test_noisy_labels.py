"""Wrong labels, put in on purpose: how many, which, and what they cost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tlcourse.errors import ArgumentError, DataError
from tlcourse.experiments import measure_noise, put_in_wrong_labels
from tlcourse.features import FeatureTable


@pytest.mark.parametrize("share", [0, 0.1, 0.33, 1])
def test_just_so_many_labels_become_others(share):
    labels = np.arange(100) % 4
    noisy = put_in_wrong_labels(labels, share, 4, seed=1)
    assert (noisy != labels).sum() == round(100 * share)
    assert set(noisy.tolist()) <= set(range(4))
    assert labels.tolist() == (np.arange(100) % 4).tolist()


def test_every_other_class_is_drawn_and_the_seed_decides():
    labels = np.zeros(300, int)
    noisy = put_in_wrong_labels(labels, 1, 4)
    assert np.bincount(noisy, minlength=4)[0] == 0
    assert np.bincount(noisy, minlength=4)[1:].min() > 60
    assert np.array_equal(noisy, put_in_wrong_labels(labels, 1, 4))
    assert not np.array_equal(noisy, put_in_wrong_labels(labels, 1, 4, seed=1))


@pytest.mark.parametrize(("share", "classes"), [(-0.1, 3), (1.1, 3), (0.5, 1)])
def test_what_cannot_be_is_refused(share, classes):
    with pytest.raises(ArgumentError):
        put_in_wrong_labels(np.zeros(5, int), share, classes)


@pytest.fixture(scope="module")
def clouds():
    """Features of three classes that can be told apart, in training and test."""
    random = np.random.default_rng(0)
    labels = np.tile(np.arange(3), 60)
    features = random.normal(0, 1, (180, 12)) + 4 * np.eye(3, 12)[labels]
    return FeatureTable(
        features.astype(np.float32),
        labels,
        ("ant", "bee", "cow"),
        tuple(Path(f"{n}.jpg") for n in range(180)),
        splits=np.where(np.arange(180) % 4 == 3, "test", "train"),
    )


@pytest.fixture(scope="module")
def cost(clouds):
    return measure_noise(clouds, (0, 0.3), draws=2)


def test_learning_bears_what_judging_does_not(cost):
    assert cost.learned[0].min() > 0.9
    assert cost.learned[1].mean() > 0.85
    assert cost.judged[1].mean() == pytest.approx(0.7 * cost.judged[0].mean(), abs=0.06)
    assert cost.n_train, cost.n_test == (135, 45)


def test_nothing_can_be_caught_where_nothing_is_wrong(cost):
    assert np.isnan(cost.caught[0]).all()
    assert (cost.caught[1] >= 0).all()
    assert cost.accused.max() < 0.2


def test_the_table_and_the_figure_tell_the_same(cost):
    assert f"{cost.learned[1].mean():.1%}" in repr(cost)
    assert f"{cost.judged[1].mean():.0%} at 30%" in cost.draw().alt


def test_without_a_test_or_a_class_nothing_is_measured(clouds):
    with pytest.raises(DataError):
        measure_noise(clouds.train)
    without_cows = clouds.subset((clouds.labels != 2) | (clouds.splits == "test"))
    with pytest.raises(DataError, match="no picture to learn from"):
        measure_noise(without_cows)
    with pytest.raises(ArgumentError, match="draws"):
        measure_noise(clouds, draws=0)
