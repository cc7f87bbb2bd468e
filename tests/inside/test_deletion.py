"""Deletion and insertion: good maps beat chance, bad ones do not, and the curves are exact."""

from __future__ import annotations

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from tests.inside.networks import nested_two_deep, random_picture, small_cnn
from tests.inside.test_attribution import state_of
from tlcourse.data import photograph
from tlcourse.errors import ArgumentError
from tlcourse.inside import deletion_curve, explain, insertion_curve, occlusion

L = keras.layers


def spot() -> tuple[keras.Model, np.ndarray]:
    """A model that looks at one corner only, and a picture that is bright there."""
    pixels = keras.Input((8, 8, 3))
    answer = L.Dense(1, activation="sigmoid", name="answer")(L.Flatten()(pixels))
    model = keras.Model(pixels, answer, name="spot")
    weights = np.zeros((8, 8, 3, 1), np.float32)
    weights[:4, :4] = 0.005
    model.set_weights([weights.reshape(-1, 1), np.array([-58.0], np.float32)])
    picture = np.zeros((8, 8, 3), np.float32)
    picture[:4, :4] = 255
    return model, picture


def probability(pixels: np.ndarray) -> float:
    return 1 / (1 + np.exp(58 - 0.005 * float(pixels[:4, :4].sum(dtype=np.float64))))


def test_the_curve_is_the_probability_with_the_best_pixels_gone():
    model, picture = spot()
    attribution = occlusion(model, picture, 0, window=1, fill=0)
    curve = deletion_curve(model, picture, attribution, steps=4)
    assert curve.shares.tolist() == [0, 0.25, 0.5, 0.75, 1]
    gone = picture.copy()
    gone[:4, :4] = picture.mean()
    expected = [probability(picture), *[probability(gone)] * 4]
    np.testing.assert_allclose(curve.probabilities, expected, atol=1e-4)
    assert curve.area == pytest.approx(np.trapezoid(expected, dx=0.25), abs=1e-4)


def test_curves_start_and_end_where_they_must_whatever_the_order():
    model, picture = spot()
    attribution = explain(model, picture, 0, "saliency")
    deleted = deletion_curve(model, picture, attribution, steps=5)
    inserted = insertion_curve(model, picture, attribution, steps=5)
    start, end = probability(picture), probability(np.full_like(picture, picture.mean()))
    for curve in (deleted.probabilities, *deleted.random):
        assert curve[[0, -1]] == pytest.approx([start, end], abs=1e-4)
    for curve in (inserted.probabilities, *inserted.random):
        assert curve[-1] == pytest.approx(start, abs=1e-4)
    assert np.ptp(inserted.random[:, 0]) < 1e-6  # all begin with the same blurred picture


def test_a_good_map_beats_chance_and_its_opposite_does_not():
    model, picture = spot()
    good = occlusion(model, picture, 0, window=1, fill=0)
    bad = replace(good, map=-good.map)
    assert deletion_curve(model, picture, good).beaten == 5
    assert insertion_curve(model, picture, good).beaten == 5
    assert deletion_curve(model, picture, bad).beaten == 0
    assert insertion_curve(model, picture, bad).beaten == 0


def test_a_map_without_any_order_is_as_good_as_chance():
    model, picture = spot()
    flat = replace(occlusion(model, picture, 0, window=1, fill=0), map=np.zeros((8, 8), np.float32))
    curve = deletion_curve(model, picture, flat, rounds=20)
    assert curve.random.min() <= curve.area <= curve.random.max()
    assert 0 < curve.beaten < 20


def test_grad_cam_beats_chance_on_a_photograph(lite0):
    model = lite0.picture_model
    before = state_of(model)
    picture = photograph("rocket")
    attribution = explain(lite0, picture)
    deleted = deletion_curve(lite0, picture, attribution, steps=8, rounds=3)
    inserted = insertion_curve(lite0, picture, attribution, steps=8, rounds=3)
    assert deleted.area < deleted.random_area
    assert inserted.area > inserted.random_area
    assert inserted.probabilities[-1] == pytest.approx(attribution.probability, abs=1e-4)
    assert state_of(model) == before


def test_the_seed_decides_and_the_result_is_told():
    model, picture = spot()
    attribution = explain(model, picture, 0, "saliency")
    one, same, other = (
        deletion_curve(model, picture, attribution, seed=seed) for seed in (1, 1, 2)
    )
    assert np.array_equal(one.random, same.random)
    assert not np.array_equal(one.random, other.random)
    assert json.loads(json.dumps(one.to_dict()))["area"] == one.area
    alt = one.draw().alt
    assert f"area {one.area:.3f}" in alt
    assert f"{one.beaten} of 5 random orders" in alt


def test_errors_say_what_is_wrong():
    model, picture = spot()
    attribution = explain(model, picture, 0, "saliency")
    with pytest.raises(ArgumentError, match="steps"):
        deletion_curve(model, picture, attribution, steps=1)
    with pytest.raises(ArgumentError, match="rounds"):
        insertion_curve(model, picture, attribution, rounds=0)
    with pytest.raises(ArgumentError, match=r"16x16(.|\n)*\(8, 8\)(.|\n)*explain"):
        deletion_curve(small_cnn(), random_picture(16), attribution)
    with pytest.raises(ArgumentError, match="an Attribution"):
        deletion_curve(model, picture, "grad_cam")
    raw = nested_two_deep()
    with pytest.raises(ArgumentError, match=r"without probabilities(.|\n)*Softmax"):
        deletion_curve(raw, random_picture(16), explain(raw, random_picture(16)))
