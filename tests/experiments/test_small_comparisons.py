"""Activations, data and algorithm, shuffled patches, bodies at work: what is compared, and how."""

from __future__ import annotations

import numpy as np
import pytest

from tlcourse.data import ImageSet, load_dataset, split
from tlcourse.errors import ArgumentError, DataError
from tlcourse.experiments import (
    compare_activations,
    compare_at_work,
    compare_patches,
    compare_pillars,
    few_of_each,
    shuffle_patches,
)


@pytest.fixture(scope="module")
def digits() -> ImageSet:
    return split(load_dataset("digits"))


def test_sigmoids_lose_the_gradient_on_the_way_to_the_first_layer(digits):
    found = compare_activations(digits, epochs=2)
    assert found.layers == 8
    assert found.reaches["sigmoid"] < 0.01
    assert 0.1 < found.reaches["relu"] < 10
    assert found.errors["sigmoid"][-1] > 0.8
    assert found.errors["relu"][-1] < 0.5
    assert "sigmoid" in found.draw().alt
    assert "epoch 2" in found._repr_html_()


def test_an_activation_that_is_not_known_is_named(digits):
    for names in (["swish"], []):
        with pytest.raises(ArgumentError, match="activations"):
            compare_activations(digits, names)
    with pytest.raises(ArgumentError, match="'layers'"):
        compare_activations(digits, layers=1)


def test_data_helps_the_network_that_can_use_it(digits):
    found = compare_pillars(digits, (1347, 60), epochs=12)
    assert found.counts == (60, 1347)
    assert found.convolutional[1] > found.convolutional[0] + 0.2
    assert found.convolutional[1] > found.simple[1] + 0.2
    assert f"{found.simple[0]:.1%}" in repr(found)
    assert f"{found.simple[0]:.1%}" in found.draw().alt
    assert "1,347" in found._repr_html_()
    assert found.parameters == {"weighted sum of the pixels": 10_250, "LeNet's plan": 61_706}


def test_more_digits_than_there_are_lie_at_several_places(digits):
    few = few_of_each(digits.train, 3)
    both = few.with_splits(np.array(["train"] * 20 + ["test"] * 10))
    found = compare_pillars(both, (45,), epochs=1)
    assert found.counts == (45,)
    assert found.n_test == 10


@pytest.mark.parametrize("counts", [(), (0,), (10.5,)])
def test_counts_that_are_none_are_refused(counts, digits):
    with pytest.raises(ArgumentError, match="'counts'"):
        compare_pillars(digits, counts)


def test_shuffling_moves_whole_patches_by_one_order_for_all():
    pixels = np.arange(3 * 4 * 6 * 1).reshape(3, 4, 6, 1)
    mixed = shuffle_patches(pixels, seed=2)
    assert np.array_equal(np.sort(mixed, axis=None), np.sort(pixels, axis=None))
    assert not np.array_equal(mixed, pixels)

    def patches(picture: np.ndarray) -> list[tuple[int, ...]]:
        return [
            tuple(picture[y : y + 2, x : x + 2].ravel() % 24)
            for y in range(0, 4, 2)
            for x in range(0, 6, 2)
        ]

    assert set(patches(mixed[0])) == set(patches(pixels[0]))
    assert patches(mixed[0]) == patches(mixed[1]) == patches(mixed[2])
    assert np.array_equal(shuffle_patches(pixels, seed=2), mixed)
    with pytest.raises(ArgumentError, match="4 × 5"):
        shuffle_patches(pixels[:, :, :5])


def test_shuffling_costs_the_convolutions_and_not_the_transformer(digits):
    found = compare_patches(digits, epochs=8)
    whole, shuffled = found.accuracies["convolutions"]
    assert whole > shuffled + 0.02
    whole, shuffled = found.accuracies["vision transformer"]
    assert abs(whole - shuffled) < 0.05
    assert f"{whole:.1%}" in repr(found)
    assert "shuffled" in found._repr_html_()
    assert "8 digits" in found.draw_pictures().alt


def test_patches_are_learned_from_as_many_pictures_as_asked_for(digits):
    found = compare_patches(digits, count=50, epochs=1)
    assert found.n_train == 50
    for count in (0, 5000):
        with pytest.raises(ArgumentError, match="'count'"):
            compare_patches(digits, count=count)


def test_bodies_at_work_tell_what_they_cost_and_bring():
    faces = split(load_dataset("faces"))
    train = few_of_each(faces.train, 10)
    found = compare_at_work(train, faces.test, ["efficientnet_lite0"])
    one = found["efficientnet_lite0"]
    assert (found.n_train, found.n_judged) == (20, 50)
    assert one.parameters == 3_413_024
    assert 0.3e9 < one.multiply_adds < 0.5e9
    assert one.feature_size == 1280
    assert one.milliseconds > 0
    assert one.interval[0] <= one.accuracy <= one.interval[1]
    assert one.accuracy > 0.9
    assert f"{one.accuracy:.1%}" in repr(found)
    assert "efficientnet_lite0" in found._repr_html_()


def test_choosing_leaves_no_trace_on_the_test_set(own_cache):
    from tlcourse.evaluation import test_uses as uses_of

    faces = split(load_dataset("faces"))
    compare_at_work(few_of_each(faces.train, 4), faces.test[:6], ["efficientnet_lite0"])
    assert uses_of(faces.test[:6]).times == 0


def test_bodies_that_are_not_there_are_named():
    faces = split(load_dataset("faces"))
    with pytest.raises(ArgumentError, match="'names'"):
        compare_at_work(faces.train, faces.test, [])
    with pytest.raises(DataError):
        compare_at_work(faces.train[:0], faces.test, ["efficientnet_lite0"])
    found = compare_at_work(
        few_of_each(faces.train, 2), few_of_each(faces.test, 2), ["efficientnet_lite0"]
    )
    with pytest.raises(ArgumentError, match="vgg16"):
        found["vgg16"]
