"""Scores against independent formulas on analytic cases, and advice that follows its evidence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.pictures import write_set
from tlcourse.data import load_images
from tlcourse.errors import ArgumentError, DataError
from tlcourse.evaluation import (
    compare_heads,
    find_learning_rate,
    h_score,
    leep,
    log_me,
    n_leep,
    rank_backbones,
    recommend_strategy,
)
from tlcourse.evaluation import strategy as strategy_module
from tlcourse.evaluation.resampling import corrected_interval, repeated_folds
from tlcourse.evaluation.similarity import Similarity, old_answers, separability
from tlcourse.features import FeatureTable, extract_features
from tlcourse.training import train_head


def clouds(distance: float, count: int = 40, size: int = 12, classes: int = 3, seed: int = 0):
    random = np.random.default_rng(seed)
    labels = np.arange(count * classes) % classes
    centres = distance * random.normal(size=(classes, size))
    rows = centres[labels] + random.normal(size=(len(labels), size))
    return rows.astype(np.float32), labels


@pytest.mark.parametrize(("count", "size"), [(40, 5), (8, 60)])
def test_log_me_is_the_maximum_of_the_marginal_likelihood(count, size):
    """Against the density of the labels under N(0, I/beta + F F'/alpha), maximised numerically."""
    from scipy.optimize import minimize
    from scipy.stats import multivariate_normal

    features, labels = clouds(0.7, count, size)
    best = []
    for k in range(3):
        target = (labels == k).astype(float)

        def negative(logs, target=target):
            alpha, beta = np.exp(np.clip(logs, -12, 12))
            covariance = np.eye(len(target)) / beta + features @ features.T.astype(float) / alpha
            return -multivariate_normal.logpdf(target, cov=covariance) / len(target)

        starts = ([2.0, 1.0], [6.0, 2.0])
        best.append(max(-minimize(negative, s, method="Nelder-Mead").fun for s in starts))
    assert log_me(features, labels) == pytest.approx(np.mean(best), abs=2e-3)


def test_h_score_is_the_trace_with_the_shrunk_covariance():
    from sklearn.covariance import ledoit_wolf

    features, labels = clouds(1.0)
    covariance, shrinkage = ledoit_wolf(features.astype(float))
    centred = features - features.mean(0)
    means = np.stack([centred[labels == k].mean(0) for k in range(3)])[labels]
    between = (1 - shrinkage) * means.T @ means / len(means)
    expected = np.trace(np.linalg.inv(covariance) @ between)
    assert h_score(features, labels) == pytest.approx(expected, rel=1e-4)


def test_h_score_of_features_that_are_the_classes_is_their_number_less_one():
    labels = np.arange(3000) % 4
    noise = 0.01 * np.random.default_rng(0).normal(size=(3000, 4))
    assert h_score(np.eye(4)[labels] + noise, labels) == pytest.approx(3, abs=0.02)


def test_leep_of_analytic_cases():
    """Answers that are the classes: 0. Answers that say nothing: -log 2. By hand: in between."""
    labels = np.array([0, 0, 1, 1])
    assert leep(np.eye(2)[labels], labels) == pytest.approx(0)
    assert leep(np.full((4, 5), 0.2), labels) == pytest.approx(-np.log(2))
    rows = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.4, 0.6]])
    joint = np.array([[1.6, 0.4], [0.6, 1.4]]) / 4
    given = joint / joint.sum(0)
    expected = np.mean([np.log(row @ given[y]) for row, y in zip(rows, labels, strict=True)])
    assert leep(rows, labels) == pytest.approx(expected)


@pytest.mark.parametrize("score", [log_me, h_score, n_leep])
def test_every_score_rises_with_the_distance_of_the_classes(score):
    values = [score(*clouds(distance)) for distance in (0.0, 0.5, 1.0, 2.0)]
    assert values == sorted(values)


def test_the_corrected_interval_is_wider_than_the_naive_one():
    values = np.array([0.8, 0.82, 0.84, 0.79, 0.85])
    low, high = corrected_interval(values, 0.25, 0, 1)
    reach = 2.7764 * np.sqrt((1 / 5 + 0.25) * values.var(ddof=1))
    assert (low, high) == pytest.approx((values.mean() - reach, values.mean() + reach), abs=1e-4)
    assert corrected_interval(np.ones(5), 0.25, 0, 1) is None
    assert corrected_interval(np.ones(1), 0.25, 0, 1) is None


def test_folds_keep_groups_whole_and_are_drawn_anew():
    labels, groups = np.repeat([0, 1], 30), np.repeat(np.arange(12), 5)
    folds = repeated_folds(labels, groups, 3, 2, 0)
    assert len(folds) == 6
    for learned, judged in folds:
        assert not set(groups[learned]) & set(groups[judged])
    assert {tuple(j) for _, j in folds[:3]} != {tuple(j) for _, j in folds[3:]}
    with pytest.raises(DataError, match="smallest has 1"):
        repeated_folds(labels, labels, 3, 1, 0)


def test_separability_is_zero_by_chance_and_one_without_fault():
    assert separability(*clouds(20.0), None) == pytest.approx(1)
    rows, labels = clouds(0.0, count=400)
    assert abs(separability(rows, labels, None)) < 0.1


def table(distance=1.5, **more):
    rows, labels = clouds(distance, count=20)
    paths = tuple(Path(f"{i}.jpg") for i in range(len(labels)))
    return FeatureTable(rows, labels, ("a", "b", "c"), paths, **more)


@pytest.fixture(scope="module")
def heads():
    return compare_heads(table(), folds=3, repeats=1)


def test_heads_are_compared_on_the_same_folds_with_size_and_time(heads):
    assert {h.name for h in heads.heads} == {"gap", "dense", "svm"}
    by_name = {h.name: h for h in heads.heads}
    assert by_name["gap"].parameters == by_name["svm"].parameters == 12 * 3 + 3
    assert by_name["dense"].parameters == 12 * 128 + 128 + 128 * 3 + 3
    assert heads.heads[0].behind == 0
    assert all(len(h.accuracies) == 3 and h.seconds > 0 for h in heads.heads)
    assert [h.accuracy for h in heads.heads] == sorted(h.accuracy for h in heads.heads)[::-1]
    assert "behind the best" in repr(heads)
    assert heads.draw().png.startswith(b"\x89PNG")
    assert json.loads(json.dumps(heads.to_dict()))["folds"] == 3


def test_the_test_part_is_not_looked_at():
    whole = table()
    splits = np.array(["train", "test"] * 30)
    spoiled = whole.features.copy()
    spoiled[splits == "test"] = np.nan
    split = FeatureTable(spoiled, whole.labels, whole.class_names, whole.paths, splits=splits)
    assert compare_heads(split, folds=2, repeats=1).n_pictures == 30


@pytest.fixture(scope="module")
def backbone():
    from tlcourse.backbones import load_backbone

    return load_backbone("efficientnet_lite0", input_size=64)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return load_images(write_set(tmp_path_factory.mktemp("set"), 8))


def test_the_old_head_on_averaged_features_says_what_the_network_says(backbone, images):
    from tlcourse.data import open_picture

    features = extract_features(backbone, images, engine="keras").features
    pixels = np.stack([open_picture(p, size=(64, 64)) for p in images.paths])
    expected = backbone.picture_model.predict_on_batch(pixels)
    np.testing.assert_allclose(old_answers(backbone, features), expected, atol=1e-4)


def test_networks_are_ranked_by_their_probe_with_the_scores_beside(backbone, images):
    from tlcourse.backbones import load_backbone

    random = load_backbone("efficientnet_lite0", input_size=64, weights="random")
    ranking = rank_backbones(images, {"learned": backbone, "random": random})
    assert {c.name for c in ranking.candidates} == {"learned", "random"}
    assert ranking.best.accuracy >= ranking.candidates[1].accuracy
    assert all(c.leep <= 0 and c.n_leep <= 0 for c in ranking.candidates)
    assert "tau says little" in repr(ranking)
    assert ranking.draw().png.startswith(b"\x89PNG")
    with pytest.raises(ArgumentError, match="one name"):
        rank_backbones(images, [backbone, random])
    with pytest.raises(ArgumentError, match="no candidate"):
        rank_backbones(images, [])


def measured(confidence, separable=0.8, pixels=0.1):
    return lambda *_: (Similarity(confidence, 100.0, separable, pixels), "a network")


@pytest.mark.parametrize(
    ("confidence", "large", "said", "strategy", "quadrant"),
    [
        (0.6, 1000, None, "freeze_base", "small and similar"),
        (0.6, 3, None, "train_top", "large and similar"),
        (0.1, 1000, None, "train_top", "small and different"),
        (0.1, 3, None, "train_all", "large and different"),
        (0.6, 3, "different", "train_all", "large and different"),
        (0.1, 1000, "similar", "freeze_base", "small and similar"),
    ],
)
def test_size_and_similarity_decide_and_the_person_over_the_measurement(
    backbone, images, monkeypatch, confidence, large, said, strategy, quadrant
):
    monkeypatch.setattr(strategy_module, "_measure", measured(confidence))
    monkeypatch.setattr(strategy_module, "LARGE", large)
    advice = recommend_strategy(images, backbone, said)
    assert (advice.strategy, advice.quadrant) == (strategy, quadrant)
    assert advice.pictures_a_class == 8
    assert advice.agrees == (said is None)
    assert ("You say" in repr(advice)) == (said is not None)
    assert "fleet" in repr(advice)
    assert strategy in advice.draw().alt


def test_features_that_know_nothing_are_not_kept(backbone, images, monkeypatch):
    monkeypatch.setattr(strategy_module, "_measure", measured(0.05, 0.2, 0.5))
    monkeypatch.setattr(strategy_module, "LARGE", 3)
    assert recommend_strategy(images, backbone).strategy == "from_scratch"
    with pytest.raises(ArgumentError, match="your own judgement"):
        recommend_strategy(images, backbone, "alike")


def test_coloured_noise_is_nothing_that_imagenet_knows(backbone, images):
    advice = recommend_strategy(images, backbone)
    assert advice.measured_judgement == "different"
    assert advice.measured.from_pixels == pytest.approx(1)
    assert json.loads(json.dumps(advice.to_dict()))["measured"]["confidence"] < 0.3


@pytest.fixture
def classifier(backbone, images):
    made = train_head(extract_features(backbone, images, engine="keras"))
    for layer in made.model.layers:
        layer.trainable = layer.name == "probabilities"
    return made


def test_the_range_test_gives_back_every_weight(classifier, images):
    before = [v.numpy() for v in classifier.model.variables]
    found = find_learning_rate(classifier, images)
    for old, variable in zip(before, classifier.model.variables, strict=True):
        np.testing.assert_array_equal(old, variable.numpy())
    assert 1e-7 < found.suggested < 1
    assert found.suggested == pytest.approx(found.lowest / 10)
    assert (np.diff(found.rates) > 0).all()
    assert found.draw().png.startswith(b"\x89PNG")


def test_an_interrupted_range_test_gives_them_back_too(classifier, images, monkeypatch):
    from tlcourse.evaluation import learning_rate

    before = [v.numpy() for v in classifier.model.variables]

    def stop(network, _batches):
        network.get_layer("probabilities").kernel.assign_add([[1.0, 1.0]] * 1280)
        raise KeyboardInterrupt

    monkeypatch.setattr(learning_rate, "_range_test", stop)
    with pytest.raises(KeyboardInterrupt):
        find_learning_rate(classifier, images)
    for old, variable in zip(before, classifier.model.variables, strict=True):
        np.testing.assert_array_equal(old, variable.numpy())


def test_the_rate_found_for_a_plain_keras_model_trains_it():
    """Least squares in disguise: at the suggested rate the loss falls, at 100 times it explodes."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(0)
    rows, labels = clouds(1.0, count=60)
    data = tf.data.Dataset.from_tensor_slices((rows, labels)).batch(16)
    model = keras.Sequential([keras.Input((12,)), keras.layers.Dense(3)])
    found = find_learning_rate(model, data)
    assert 1e-4 < found.suggested < 0.2
    start = [w.copy() for w in model.get_weights()]

    def loss_after(rate: float) -> float:
        model.set_weights(start)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(rate), loss)
        return model.fit(data, epochs=8, shuffle=False, verbose=0).history["loss"][-1]

    assert loss_after(found.suggested) < 0.5 * found.smoothed[0]


def test_a_model_that_is_frozen_has_no_learning_rate(classifier, images):
    classifier.model.trainable = False
    with pytest.raises(ArgumentError, match="all layers frozen"):
        find_learning_rate(classifier, images)
    with pytest.raises(ArgumentError, match="wrong kind"):
        find_learning_rate("model.keras", images)
