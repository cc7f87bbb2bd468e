"""A small colour network, and what augmentation does to its training."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diagnosis.scenes import write_scenes
from tlcourse.augmentation import Augmentation
from tlcourse.data import load_images
from tlcourse.errors import ArgumentError
from tlcourse.experiments import AugmentationTrial, small_colour_network, try_augmentations


def test_the_network_takes_pixels_and_gives_probabilities():
    network = small_colour_network(32, 5)
    pictures = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3))
    probabilities = network.predict(pictures, verbose=0)
    assert probabilities.shape == (3, 5)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert 90_000 < network.count_params() < 110_000


def test_the_seed_decides_the_weights():
    one, same, other = (small_colour_network(16, 2, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.get_weights()[0], same.get_weights()[0])
    assert not np.array_equal(one.get_weights()[0], other.get_weights()[0])


@pytest.mark.parametrize("arguments", [(8, 3), (32, 1), (32, 3, -1)])
def test_a_network_that_cannot_be_is_refused(arguments):
    side, classes, *seed = arguments
    with pytest.raises(ArgumentError):
        small_colour_network(side, classes, seed=seed[0] if seed else 0)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return load_images(write_scenes(tmp_path_factory.mktemp("scenes"), 16))


@pytest.fixture(scope="module")
def trial(images):
    ways = {"none": None, "up to 7": Augmentation(max_changes=7)}
    return try_augmentations(images[::2], images[1::2], ways, epochs=12, seeds=2, side=16)


def test_by_heart_without_changes_and_not_with_them(trial):
    assert trial.learned.shape == trial.tested.shape == (2, 2)
    assert trial.learned[0].mean() > trial.learned[1].mean()
    assert trial.learned[0].mean() > 0.8
    assert (trial.n_train, trial.n_test, trial.epochs) == (16, 16, 12)


def test_the_same_training_ends_in_the_same_accuracies(images, trial):
    again = try_augmentations(images[::2], images[1::2], {"none": None}, epochs=12, side=16)
    assert again.learned[0, 0] == pytest.approx(trial.learned[0, 0], abs=0.07)


def test_the_table_and_the_figure_tell_the_same():
    trial = AugmentationTrial(
        names=("none", "one"),
        learned=np.array([[1.0, 0.9], [0.7, 0.8]]),
        tested=np.array([[0.5, 0.4], [0.6, 0.5]]),
        epochs=3,
        n_train=10,
        n_test=1_234,
    )
    assert trial.of("one") == pytest.approx(0.55)
    assert "95.0%" in repr(trial)
    assert "1,234" in repr(trial)
    alt = trial.draw().alt
    assert "on the test: none 45%, one 55%" in alt
    assert "mean of 2 seeds" in alt


def test_no_epochs_and_no_set_are_refused(images):
    with pytest.raises(ArgumentError, match="epochs"):
        try_augmentations(images, images, {"none": None}, epochs=0)
    with pytest.raises(ArgumentError, match="test"):
        try_augmentations(images, "test", {"none": None})
