"""Wrong labels and strangers are found in features, without a network."""

import numpy as np
import pytest

from tlcourse.data import ImageSet
from tlcourse.diagnosis.labels import chances_of_wrong_labels, label_findings
from tlcourse.diagnosis.outliers import outlier_findings, strangers


def features_of(labels, seed=0, spread=1.0, length=64):
    """Return features in which each class has its place, not always far from the next."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(0, 1, (50, length))
    noise = random.normal(0, spread, (len(labels), length))
    return (centres[labels] + noise + 4).astype(np.float32)


def a_set(labels, classes):
    paths = tuple(f"{i}.jpg" for i in range(len(labels)))
    return ImageSet(paths, labels, tuple(f"class {k}" for k in range(classes)))


def named(labels, features, classes, units=None):
    images = a_set(labels, classes)
    units = np.arange(len(labels)) if units is None else units
    views = features if isinstance(features, list) else [features]
    found = label_findings(images, np.arange(len(labels)), views, units)
    return {finding.positions[0]: finding for finding in found}


@pytest.mark.parametrize("classes", [2, 6, 20])
def test_wrong_labels_are_named_with_the_right_class(classes):
    random = np.random.default_rng(classes)
    true = np.arange(60 * classes) % classes
    features = features_of(true)
    wrong = random.choice(len(true), len(true) // 25, replace=False)
    labels = true.copy()
    labels[wrong] = (labels[wrong] + 1) % classes
    found = named(labels, features, classes)
    hits = set(found) & set(wrong.tolist())
    assert len(hits) >= 0.95 * len(wrong)
    assert len(set(found) - hits) <= 0.02 * len(true)
    assert all(found[i].suggestion == f"class {true[i]}" for i in hits)
    assert all(found[i].classes == (f"class {labels[i]}",) for i in hits)


@pytest.mark.parametrize("spread", [1.0, 3.0, 6.0])
def test_right_labels_are_left_alone_however_hard_the_classes_are(spread):
    labels = np.arange(400) % 4
    assert len(named(labels, features_of(labels, spread=spread), 4)) <= 0.02 * len(labels)


def test_features_that_say_nothing_name_nobody():
    labels = np.arange(300) % 3
    features = np.random.default_rng(0).normal(0, 1, (300, 32)).astype(np.float32)
    assert named(labels, features, 3) == {}


def test_copies_with_the_same_wrong_label_do_not_vouch_for_each_other():
    labels = np.arange(200) % 2
    features = features_of(labels, spread=2.5)
    units = np.arange(200)
    features[:20:2] = features[0]  # ten copies of one picture of class 0 ...
    units[:20:2] = 0
    labels[:20:2] = 1  # ... all labelled as the other
    assert set(range(0, 20, 2)) <= set(named(labels, features, 2, units))


def test_two_views_that_err_on_different_pictures_find_more_than_either():
    true = np.arange(600) % 3
    wrong = np.random.default_rng(5).choice(600, 24, replace=False)
    labels = true.copy()
    labels[wrong] = (labels[wrong] + 1) % 3
    views = [features_of(true, seed=seed, spread=2.2, length=16) for seed in (1, 2)]

    def right_and_in_vain(features):
        found = set(named(labels, features, 3))
        return len(found & set(wrong.tolist())), len(found - set(wrong.tolist()))

    both, singly = right_and_in_vain(views), [right_and_in_vain(view) for view in views]
    assert both[0] > max(right for right, _ in singly)
    assert both[1] <= 0.025 * 600


def test_a_view_that_says_nothing_does_not_silence_the_other():
    true = np.arange(200) % 2
    labels = true.copy()
    labels[:4] = 1 - labels[:4]
    noise = np.random.default_rng(0).normal(0, 1, (200, 64)).astype(np.float32)
    assert set(range(4)) <= set(named(labels, [noise, features_of(true)], 2))


def test_classes_that_are_too_small_are_not_judged():
    labels = np.array([0] * 40 + [1] * 40 + [2] * 3)
    features = features_of(np.array([0] * 40 + [1] * 40 + [0] * 3))
    assert named(labels, features, 3) == {}


@pytest.mark.parametrize("labels", [[0] * 30, [0] * 5 + [1] * 5, [0] * 30 + [1]])
def test_where_nothing_can_be_judged_nothing_is_said(labels):
    labels = np.array(labels)
    assert named(labels, features_of(labels), 2) == {}


def test_the_chance_of_a_wrong_label_follows_how_many_are_wrong():
    random = np.random.default_rng(0)
    sure = random.uniform(0.9, 0.999, 1000)
    probabilities = np.stack([sure, 1 - sure], axis=1)
    for wrong in (10, 100):
        own = (np.arange(1000) < wrong).astype(int)
        chances = chances_of_wrong_labels(probabilities, own)
        assert chances[:wrong].min() > 0.5
        assert chances[wrong:].max() < 0.05
        assert chances.sum() == pytest.approx(wrong, rel=0.3)


def outliers(features, foreign, classes=1):
    images = a_set(np.zeros(len(features), np.int64), classes)
    found = outlier_findings(images, np.arange(len(features)), features, foreign)
    return {finding.positions[0] for finding in found}


def test_strangers_are_named_also_when_a_few_are_alike():
    labels = np.arange(200) % 2
    features = features_of(labels, spread=0.5)
    foreign = features_of(np.arange(20, 28), spread=0.5)
    features[:4] = features_of(np.array([30, 31, 32, 33]), seed=5)
    features[4:12] = features_of(np.array([40] * 8), seed=6, spread=0.1)
    assert outliers(features, foreign) == set(range(12))


def test_a_set_of_its_own_kind_has_no_strangers():
    features = features_of(np.arange(100) % 2, spread=0.5)
    foreign = features_of(np.arange(20, 28), spread=0.5)
    assert outliers(features, foreign) == set()


def test_in_a_set_of_anything_nothing_is_strange():
    features = np.random.default_rng(0).normal(0, 1, (60, 64)).astype(np.float32)
    foreign = features[:8] + 0.1
    assert outliers(features, foreign) == set()


def test_a_handful_of_pictures_has_no_usual_ones():
    assert outliers(features_of(np.arange(6)), features_of(np.arange(20, 28))) == set()


def test_a_rare_class_is_judged_by_its_place_and_not_by_its_size():
    labels = np.array([0] * 190 + [1] * 30)
    foreign = features_of(np.arange(20, 28), spread=0.5)
    assert outliers(features_of(labels, spread=0.5), foreign) == set()


def test_the_strangers_that_are_measured_along_are_installed():
    assert len(strangers()) >= 6
    assert all(path.is_file() for path in strangers())
