"""Intervals, calibration, mistakes, comparisons, and how often a test set was used."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.pictures import write_set
from tlcourse import evaluation
from tlcourse.assets import cache_folder
from tlcourse.data import load_images, split
from tlcourse.errors import ArgumentError, DataError
from tlcourse.evaluation import (
    compare_models,
    evaluate,
    judge,
    model_card,
    temperature_scale,
)
from tlcourse.evaluation.calibration import best_temperature, measure_calibration
from tlcourse.evaluation.intervals import bootstrap
from tlcourse.features import extract_features
from tlcourse.training import load_classifier, train_head

NAMES = ("ant", "bee", "cat")


def paths(count: int) -> tuple[Path, ...]:
    return tuple(Path(f"{i}.jpg") for i in range(count))


def answers(labels, predicted, sure=0.8):
    """Return probabilities that name `predicted`."""
    rows = np.full((len(labels), 3), (1 - sure) / 2)
    rows[np.arange(len(labels)), predicted] = sure
    return judge(rows, np.asarray(labels), NAMES, paths(len(labels)))


def test_scores_are_scikit_learns():
    from sklearn.metrics import balanced_accuracy_score, f1_score

    random = np.random.default_rng(0)
    labels, predicted = random.integers(0, 5, 200), random.integers(0, 5, 200)
    scores = bootstrap(labels, predicted)
    assert scores.accuracy.value == pytest.approx((labels == predicted).mean())
    assert scores.balanced_accuracy.value == pytest.approx(
        balanced_accuracy_score(labels, predicted)
    )
    assert scores.macro_f1.value == pytest.approx(f1_score(labels, predicted, average="macro"))
    assert (scores.units, scores.by_group) == (200, False)


def test_the_bootstrap_has_the_width_that_theory_gives():
    labels = np.repeat([0, 1], 500)
    predicted = labels.copy()
    predicted[:100] = 1
    predicted[500:700] = 0
    scores = bootstrap(labels, predicted)
    spread = np.sqrt((0.2 * 0.8 + 0.4 * 0.6) / 500) / 2  # of a mean of two classes
    assert scores.accuracy.high - scores.accuracy.low == pytest.approx(2 * 1.96 * spread, rel=0.08)


def test_groups_that_stand_or_fall_together_widen_the_interval():
    labels = np.repeat([0, 1], 60)
    groups = np.repeat(np.arange(12), 10)
    predicted = np.where(np.isin(groups, [2, 8]), 1 - labels, labels)
    alone, together = bootstrap(labels, predicted), bootstrap(labels, predicted, groups)
    assert together.by_group
    assert together.units == 12
    assert together.accuracy.value == alone.accuracy.value
    width = together.accuracy.high - together.accuracy.low
    assert width > 2 * (alone.accuracy.high - alone.accuracy.low)


def test_a_class_that_nobody_has_does_not_spoil_the_scores():
    report = answers([0, 0, 0, 1], [0, 0, 1, 1])
    assert report.scores.balanced_accuracy.value == pytest.approx((2 / 3 + 1) / 2)
    assert np.isfinite([*report.scores.macro_f1]).all()


def test_calibration_of_a_worked_example():
    """Four answers 0.9 sure of which two are right, four 0.6 sure of which three are."""
    rows = np.array([[0.9, 0.1]] * 4 + [[0.6, 0.4]] * 4)
    labels = np.array([0, 0, 1, 1, 0, 0, 0, 1])
    found = measure_calibration(rows, labels)
    assert found.error == pytest.approx(0.5 * 0.4 + 0.5 * 0.15)
    assert found.confidence == pytest.approx(0.75)
    assert found.accuracy == pytest.approx(5 / 8)
    filled = [b for b in found.bins if b.pictures]
    assert [(b.pictures, b.accuracy) for b in filled] == [(4, 0.75), (4, 0.5)]
    assert all(b.low < b.confidence <= b.high + 1e-9 for b in filled)


def test_a_calibrated_classifier_has_no_more_error_than_chance():
    random = np.random.default_rng(3)
    sure = random.uniform(0.5, 1, 2000)
    labels = (random.random(2000) > sure).astype(int)
    honest = measure_calibration(np.stack([sure, 1 - sure], 1), labels)
    assert honest.error < 2 * honest.chance
    boastful = sure**0.2
    found = measure_calibration(np.stack([boastful, 1 - boastful], 1), labels)
    assert found.error > 5 * found.chance


def test_the_temperature_that_spoiled_probabilities_is_found_again():
    random = np.random.default_rng(0)
    scores = random.normal(size=(4000, 3)) * 2
    rows = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    labels = np.array([random.choice(3, p=row) for row in rows])
    hot = np.exp(3 * scores) / np.exp(3 * scores).sum(1, keepdims=True)
    assert best_temperature(hot.astype(np.float32), labels) == pytest.approx(3, rel=0.06)


def test_mistakes_come_surest_first_and_pairs_count_both_ways():
    rows = np.array([[0.6, 0.4, 0], [0.9, 0.1, 0], [0, 0.3, 0.7], [0.2, 0.8, 0], [0, 0.55, 0.45]])
    report = judge(rows, np.array([1, 1, 1, 1, 2]), NAMES, paths(5))
    surest = report.confident_mistakes
    assert [(m.path.name, m.true_name, m.predicted_name) for m in surest] == [
        ("1.jpg", "bee", "ant"), ("2.jpg", "bee", "cat"), ("0.jpg", "bee", "ant"),
        ("4.jpg", "cat", "bee"),
    ]  # fmt: skip
    assert surest[0].probability == pytest.approx(0.9)
    pairs = report.confusion_pairs
    assert {p[:4] for p in pairs} == {("ant", "bee", 0, 2), ("bee", "cat", 1, 1)}
    assert all(p.total == 2 for p in pairs)
    assert "bee and cat: 2 mistakes in 5 pictures" in str(
        pairs[[p.first for p in pairs].index("bee")]
    )


def test_mcnemar_on_a_worked_example():
    """8 pictures that only the second has, 1 that only the first has: 2 (1 + 9) / 2^9."""
    truth = np.zeros(20, int)
    first, second = np.zeros(20, int), np.zeros(20, int)
    first[:8], second[8] = 1, 1
    first[10:12] = second[10:12] = 1
    found = compare_models(answers(truth, first), answers(truth, second), names=("old", "new"))
    assert (found.both_right, found.only_first, found.only_second, found.both_wrong) == (9, 1, 8, 2)
    assert found.p_value == pytest.approx(20 / 512)
    assert "new is better" in found.in_words()
    back = compare_models(answers(truth, second), answers(truth, first), names=("new", "old"))
    assert back.p_value == found.p_value
    assert "new is better" in back.in_words()
    assert "old wrong" in repr(found)
    assert json.loads(json.dumps(found.to_dict()))["only_second"] == 8


def test_a_small_difference_is_not_called_one():
    truth = np.zeros(20, int)
    first, second = np.zeros(20, int), np.zeros(20, int)
    first[:3], second[3:5] = 1, 1
    assert (
        "does not tell which"
        in compare_models(answers(truth, first), answers(truth, second)).in_words()
    )
    same = compare_models(answers(truth, first), answers(truth, first))
    assert same.p_value == 1
    assert "nothing tells them apart" in same.in_words()


def test_the_order_of_pictures_is_no_matter_but_which_they_are_is():
    truth, named = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0])
    rows = np.eye(3)[named]
    turned = judge(rows[::-1], truth[::-1], NAMES, paths(4)[::-1])
    straight = judge(rows, truth, NAMES, paths(4))
    assert compare_models(straight, turned).only_first == 0
    with pytest.raises(DataError, match="same pictures"):
        compare_models(straight, judge(rows[:3], truth[:3], NAMES, paths(3)))
    with pytest.raises(DataError, match="same pictures"):
        compare_models(straight, judge(rows, truth[::-1], NAMES, paths(4)))
    with pytest.raises(ArgumentError, match="wrong kind"):
        compare_models(straight, 0.9)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    from tlcourse.backbones import load_backbone

    backbone = load_backbone("efficientnet_lite0", input_size=64)
    folder = write_set(tmp_path_factory.mktemp("set"), 12, names=("red", "green", "blue"))
    images = split(load_images(folder), validation=0.25, seed=0)
    features = extract_features(backbone, images, engine="keras")
    return train_head(features), images, features


def test_a_scaled_classifier_names_alike_and_survives_its_file(trained, tmp_path, capsys):
    classifier, images, features = trained
    before = classifier.head.layers[-1].weights.copy()
    scaled = temperature_scale(classifier, images)
    assert "Temperature" in capsys.readouterr().err
    ours, theirs = (c.predict(images.test).probabilities for c in (classifier, scaled))
    np.testing.assert_array_equal(ours.argmax(1), theirs.argmax(1))
    temperature = scaled.record["temperature"]
    cooled = np.log(ours) / temperature
    cooled = np.exp(cooled) / np.exp(cooled).sum(1, keepdims=True)
    np.testing.assert_allclose(theirs, cooled, atol=1e-4)
    read = load_classifier(scaled.save(tmp_path / "scaled.keras"))
    np.testing.assert_allclose(read.predict(images.test).probabilities, theirs, atol=1e-5)
    assert "temperature" in model_card(read)
    np.testing.assert_array_equal(classifier.head.layers[-1].weights, before)
    assert set(images.validation.paths) <= scaled.learned_from
    again = temperature_scale(read, features.validation if read.head else images)
    assert again.record["temperature"] == pytest.approx(temperature, rel=0.02)


def test_a_test_set_counts_its_uses_by_content(trained, own_cache, tmp_path, capsys):
    classifier, images, features = trained
    assert evaluation.test_uses(images) == (0, 0)
    evaluate(classifier, images)
    evaluate(classifier, features)
    assert "has been used" not in capsys.readouterr().err
    assert evaluation.test_uses(images) == (2, 1)
    other = train_head(features, "svm")
    evaluate(other, images.test)
    assert "used 3 times, by 2 models" in capsys.readouterr().err
    copied = write_copy(images.test, tmp_path / "copy")
    assert evaluation.test_uses(copied) == (3, 2)
    assert evaluation.test_uses(copied[1:]) == (0, 0)
    assert "not been used yet" in str(evaluation.test_uses(copied[1:]))


def write_copy(images, folder):
    for picture in images:
        place = folder / images.class_names[picture.label] / f"other {picture.path.name}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(picture.path.read_bytes())
    return load_images(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"models": 3}', b"\xff\xfe"])
def test_a_damaged_count_starts_anew_and_stops_nobody(trained, own_cache, content):
    classifier, images, _ = trained
    evaluate(classifier, images)
    [file] = (cache_folder() / "tests").iterdir()
    file.write_bytes(content)
    assert evaluation.test_uses(images) == (0, 0)
    evaluate(classifier, images)
    assert evaluation.test_uses(images) == (1, 1)


def test_a_cache_that_cannot_be_written_stops_nobody(trained, tmp_path, monkeypatch):
    classifier, _, features = trained
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TLCOURSE_CACHE", str(tmp_path / "file"))
    assert evaluate(classifier, features).n_test == len(features.test)
    assert evaluation.test_uses(features) == (0, 0)


def test_a_report_is_a_page_that_needs_no_other(trained, tmp_path):
    classifier, images, _ = trained
    report = evaluate(classifier, images)
    page = report.save_html(tmp_path / "bericht ü.html").read_text("utf-8")
    assert page.count('<img src="data:image/png;base64,') == 3
    assert "http" not in page
    assert "red" in page
    assert "<table>" in report._repr_html_()


def test_names_of_classes_cannot_break_out_of_page_or_card(tmp_path, trained):
    classifier, _, _ = trained
    names = ("<script>x</script>", "a|b", "*c*")
    report = judge(np.eye(3)[[0, 1, 0]], np.array([0, 1, 2]), names, paths(3))
    assert "<script>" not in report._repr_html_()
    card = model_card(classifier, report)
    assert "<script>" not in card
    assert "a|b" not in card


def test_a_card_fills_in_what_is_known_and_asks_for_the_rest(trained, tmp_path):
    classifier, images, _ = trained
    report = evaluate(classifier, images)
    card = model_card(classifier, report, name="Farben", answers={"purpose": "Naming colours."})
    assert card.startswith("# Model card: Farben")
    assert "**Purpose:** Naming colours." in card
    assert "to be told: *Whom does a user ask?*" in card
    assert "efficientnet" in card
    assert "blue 6" in card
    assert f"{report.accuracy:.1%}" in card
    assert str(images.paths[0].parents[2]) not in card
    assert card.save(tmp_path / "karte.md").read_text("utf-8") == card
    assert "has not seen? tl.evaluate tells" in model_card(classifier)
    with pytest.raises(ArgumentError, match="out of scope"):
        model_card(classifier, answers={"colour": "red"})


def test_figures_tell_their_content_in_words():
    report = answers([0, 1, 1, 2], [0, 0, 1, 2])
    assert "80% sure, 75% right, 4 pictures" in report.draw_reliability().alt
    assert "there are none" in answers([0, 1], [0, 1]).draw_mistakes().alt


def test_a_report_says_it_all_as_json():
    data = json.loads(answers([0, 1, 1, 2], [0, 0, 1, 2]).to_json())
    assert data["bootstrap"]["macro_f1"]["low"] <= data["bootstrap"]["macro_f1"]["high"]
    assert data["calibration"]["binning"] == "15 bins of equal width"
    assert data["confusion_pairs"][0]["second_as_first"] == 1


def test_answers_without_a_mistake_do_not_make_boundlessly_sure():
    rows = np.tile([0.7, 0.2, 0.1], (50, 1))
    temperature = best_temperature(rows, np.zeros(50, int))
    cooled = rows ** (1 / temperature)
    cooled /= cooled.sum(1, keepdims=True)
    assert cooled[0, 0] == pytest.approx(1 - 1 / 52, abs=0.01)
