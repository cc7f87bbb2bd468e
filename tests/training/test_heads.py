"""Heads: the same answers in scikit-learn's terms, in numpy and in Keras."""

import numpy as np
import pytest

from tlcourse.errors import ArgumentError
from tlcourse.training.fitting import fit_head

HEADS = ["gap", "dense", "svm"]


def clouds(classes=3, count=40, dimensions=20, seed=0, spread=1.0):
    """Gaussian clouds around different centres, on different scales a column."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(classes, dimensions)) * 2
    labels = np.repeat(np.arange(classes), count)
    features = centres[labels] + random.normal(size=(len(labels), dimensions)) * spread
    return (features * np.logspace(-0.5, 0.5, dimensions)).astype(np.float32), labels


def accuracy(head, features, labels):
    return (head(features).argmax(axis=1) == labels).mean()


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("classes", [2, 3, 7])
def test_a_head_tells_classes_apart_and_gives_probabilities(name, classes):
    features, labels = clouds(classes)
    head = fit_head(name, features[::2], labels[::2])
    probabilities = head(features[1::2])
    assert probabilities.shape == (len(features) // 2, classes)
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert accuracy(head, features[1::2], labels[1::2]) > 0.95


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("classes", [2, 5])
def test_keras_layers_give_what_numpy_gives(name, classes):
    import keras

    features, labels = clouds(classes)
    head = fit_head(name, features, labels)
    inputs = keras.Input((features.shape[1],))
    model = keras.Model(inputs, head.keras_layers(inputs))
    assert np.asarray(model(features)) == pytest.approx(head(features), abs=1e-5)


@pytest.mark.parametrize("name", HEADS)
def test_the_same_seed_gives_the_same_head(name):
    features, labels = clouds(spread=3)
    one, same = fit_head(name, features, labels, seed=3), fit_head(name, features, labels, seed=3)
    for a, b in zip(one.layers, same.layers, strict=True):
        assert np.array_equal(a.weights, b.weights)
        assert np.array_equal(a.bias, b.bias)


def test_the_softmax_head_is_the_one_of_scikit_learn():
    from sklearn.linear_model import LogisticRegression

    features, labels = clouds(spread=3)
    head = fit_head("gap", features, labels)
    regularisation = float(head.fitted["regularisation"].removeprefix("C="))
    model = LogisticRegression(C=regularisation, class_weight="balanced", max_iter=1000)
    variance = features.var(axis=0, dtype=float)
    scaled = (features - features.mean(axis=0, dtype=float)) / np.sqrt(variance + variance.mean())
    reference = model.fit(scaled, labels)
    assert head(features) == pytest.approx(reference.predict_proba(scaled), abs=1e-4)


def test_the_support_vector_machine_keeps_its_decisions_and_learns_how_sure_to_be():
    features, labels = clouds(spread=6, count=200)
    head = fit_head("svm", features[::2], labels[::2])
    probabilities = head(features[1::2])
    right = probabilities.argmax(axis=1) == labels[1::2]
    # Sure about as often as it is right: scores used as they are would be far off.
    assert probabilities.max(axis=1).mean() == pytest.approx(right.mean(), abs=0.08)


@pytest.mark.parametrize("name", HEADS)
def test_rare_classes_are_found(name):
    features, labels = clouds(2, count=300, spread=3)
    kept = np.r_[0:300, 300:315]  # 20 to 1
    head = fit_head(name, features[kept], labels[kept])
    found = head(features[315:]).argmax(axis=1) == 1
    assert found.mean() > 0.6


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_very_few_pictures_are_enough_to_fit(name, count):
    features, labels = clouds(4, count=count)
    head = fit_head(name, features, labels)
    assert np.isfinite(head(features)).all()
    assert accuracy(head, features, labels) == 1
    if count == 1:
        assert head.fitted["folds"] == 0


def test_regularisation_grows_where_features_say_nothing():
    random = np.random.default_rng(0)
    noise = random.normal(size=(120, 300)).astype(np.float32)
    labels = np.tile([0, 1], 60)
    head = fit_head("gap", noise, labels)
    assert head.fitted["regularisation"] in ("C=0.001", "C=0.01")
    assert head(noise).max() < 0.9


def test_groups_stay_together_in_cross_validation():
    """Each group is one point ten times; only a split inside groups looks perfect."""
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(24), 10)
    features = random.normal(size=(24, 50))[groups].astype(np.float32)
    labels = np.repeat(np.tile([0, 1], 12), 10)
    honest = fit_head("gap", features, labels, groups=groups.astype(str))
    leaking = fit_head("gap", features, labels)
    assert leaking.fitted["cross_validation"] < 0.2
    assert honest.fitted["cross_validation"] > 0.5


@pytest.mark.parametrize("name", HEADS)
def test_features_that_hardly_moved_in_training_do_not_rule_the_answer(name):
    """Of a few pictures, many features are all but dead; other pictures wake some of them up."""
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1], 10)
    signal = np.where(labels == 1, 1.0, -1.0)[:, None] + random.normal(size=(20, 30)) * 0.5
    dead = random.normal(size=(20, 300)) * 1e-4
    head = fit_head(name, np.hstack([signal, dead]).astype(np.float32), labels)
    awake = np.where(random.random((20, 300)) < 0.05, 1.0, 0.0)
    assert accuracy(head, np.hstack([signal, awake]).astype(np.float32), labels) == 1


def test_constant_features_do_no_harm():
    features, labels = clouds()
    features[:, 3] = 7
    assert np.isfinite(fit_head("gap", features, labels)(features)).all()


def test_an_unknown_head_is_explained():
    with pytest.raises(ArgumentError, match="'gap', 'dense' or 'svm'"):
        fit_head("conv", *clouds())
