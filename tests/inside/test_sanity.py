"""Randomised weights: maps that depend on what was learned are destroyed, others are found out."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest

from tests.inside.networks import nested_two_deep, random_picture, small_cnn
from tests.inside.test_attribution import state_of
from tlcourse.data import photograph
from tlcourse.errors import ArgumentError
from tlcourse.inside import explain, open_network, sanity_check
from tlcourse.inside.sanity import rank_correlation, structural_similarity

L = keras.layers


def test_random_weights_destroy_grad_cam_of_a_real_network(lite0):
    before = state_of(lite0.picture_model)
    checked = sanity_check(lite0, photograph("cat"), stages=3)
    assert checked.original.target_name == "Egyptian cat"
    assert {a.target for a in checked.attributions} == {285}
    assert checked.layers[0] == "imagenet_top"
    assert checked.layers[-1] == "stem_conv"
    assert abs(checked.rank_correlation[-1]) < 0.4
    assert checked.ssim[-1] < 0.5
    # The class is not recognised any more as soon as the top is random.
    assert all(a.score < 0.5 * checked.original.score for a in checked.attributions[1:])
    assert state_of(lite0.picture_model) == before
    assert "depends on what was learned" in repr(checked)


def test_each_stage_randomises_all_layers_from_the_top_down_to_its_own():
    """The same by hand: the model's weights shuffled layer by layer, for good."""
    model, picture = small_cnn(), random_picture(16)
    checked = sanity_check(model, picture, "saliency", 1, stages=99, seed=5)
    assert checked.layers == ("answer", "bn", "second", "first")
    random = np.random.RandomState(5)
    for stage, name in enumerate(checked.layers, start=1):
        layer = model.get_layer(name)
        layer.set_weights(
            [random.permutation(w.ravel()).reshape(w.shape) for w in layer.get_weights()]
        )
        expected = explain(model, picture, 1, "saliency")
        np.testing.assert_allclose(checked.attributions[stage].map, expected.map, atol=1e-6)


def test_a_layer_that_is_called_twice_keeps_one_set_of_weights():
    model = nested_two_deep()
    checked = sanity_check(model, random_picture(16), "saliency", 0, stages=99)
    copy = nested_two_deep()
    pairs = zip(open_network(model).layers, open_network(copy).layers, strict=True)
    random, done = np.random.RandomState(0), set()
    for layer, twin in reversed(list(pairs)):
        if layer.parameters and twin.operation not in done:
            done.add(twin.operation)
            twin.operation.set_weights(
                [random.permutation(w.ravel()).reshape(w.shape) for w in layer.weights]
            )
    expected = explain(copy, random_picture(16), 0, "saliency")
    np.testing.assert_allclose(checked.attributions[-1].map, expected.map, atol=1e-6)


def test_a_map_of_the_picture_alone_is_found_out():
    """The gradient of a score that does not depend on the weights' order stays what it was."""
    pixels = keras.Input((16, 16, 3))
    maps = L.Conv2D(1, 1, use_bias=False, name="maps")(pixels)
    model = keras.Model(pixels, L.Dense(1, name="answer")(L.GlobalAveragePooling2D()(maps)))
    model.set_weights([np.ones((1, 1, 3, 1)), np.ones((1, 1)), np.zeros(1)])
    checked = sanity_check(model, random_picture(16))
    assert checked.rank_correlation == pytest.approx(1)
    assert "Do not trust it" in repr(checked)


def test_the_seed_decides():
    model = small_cnn()
    one, same, other = (
        sanity_check(model, random_picture(16), "saliency", 0, seed=seed) for seed in (1, 1, 2)
    )
    assert np.array_equal(one.rank_correlation, same.rank_correlation)
    assert not np.array_equal(one.rank_correlation, other.rank_correlation)


@pytest.mark.parametrize("method", ["occlusion", "integrated_gradients", "smooth_grad"])
def test_every_method_can_be_checked(method):
    settings = {"smooth_grad": {"samples": 2}, "integrated_gradients": {"steps": 2}}
    checked = sanity_check(small_cnn(), random_picture(16), method, **settings.get(method, {}))
    assert len(checked.attributions) == 5
    assert json.loads(json.dumps(checked.to_dict()))["layers"] == list(checked.layers)
    assert checked.draw().alt.endswith(checked._verdict())


def test_likeness_is_that_of_the_textbook():
    one = np.arange(100.0).reshape(10, 10)
    assert rank_correlation(one, one**3) == pytest.approx(1)
    assert rank_correlation(one, -one) == pytest.approx(-1)
    assert np.isnan(rank_correlation(one, np.zeros((10, 10))))
    assert structural_similarity(one, 3 * one + 5) == pytest.approx(1)
    assert structural_similarity(one, one.T) < 0.9
    assert np.isnan(structural_similarity(one, np.ones((10, 10))))


def test_errors_say_what_is_wrong():
    with pytest.raises(ArgumentError, match="no weights"):
        sanity_check(
            keras.Sequential([keras.Input((8, 8, 3)), L.Flatten(), L.Softmax()]),
            random_picture(8),
            "saliency",
        )
    with pytest.raises(ArgumentError, match="stages"):
        sanity_check(small_cnn(), random_picture(16), stages=0)
    with pytest.raises(ArgumentError, match="no method"):
        sanity_check(small_cnn(), random_picture(16), "lime")
