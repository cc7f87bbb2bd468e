"""Reports: the figures are the textbook's, and classes are matched by name."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.pictures import write_set
from tlcourse.data import load_images, split
from tlcourse.errors import DataError
from tlcourse.evaluation import evaluate, judge
from tlcourse.features import extract_features
from tlcourse.training import load_classifier, train_head

NAMES = ("ant", "bee", "cat")
PROBABILITIES = np.array(
    [
        [0.8, 0.1, 0.1],  # ant, right
        [0.6, 0.3, 0.1],  # bee, taken for ant
        [0.1, 0.7, 0.2],  # bee, right
        [0.2, 0.2, 0.6],  # cat, right
        [0.1, 0.8, 0.1],  # cat, taken for bee
    ]
)
LABELS = np.array([0, 1, 1, 2, 2])
PATHS = tuple(Path(f"{i}.jpg") for i in range(5))


@pytest.fixture
def report():
    return judge(PROBABILITIES, LABELS, NAMES, PATHS)


def test_figures_of_a_worked_example(report):
    assert report.accuracy == 0.6
    assert report.baseline == 0.4
    assert report.n_test == 5
    assert report.log_loss == pytest.approx(-np.log([0.8, 0.3, 0.7, 0.6, 0.1]).mean())
    assert report.confusion.tolist() == [[1, 0, 0], [1, 1, 0], [0, 1, 1]]
    assert report.per_class == (
        ("ant", 0.5, 1.0, 1),
        ("bee", 0.5, 0.5, 2),
        ("cat", 1.0, 0.5, 2),
    )
    assert [m.path.name for m in report.hardest] == ["4.jpg", "1.jpg", "3.jpg", "2.jpg", "0.jpg"]
    assert report.hardest[0][1:] == ("cat", "bee", 0.1)


def test_the_interval_is_wilsons():
    """Wilson (1927): (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)."""
    n, right, z = 153, 144, 1.959964
    p = right / n
    middle = p + z * z / (2 * n)
    spread = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    probabilities = np.tile([0.9, 0.1], (n, 1))
    labels = np.array([0] * right + [1] * (n - right))
    report = judge(probabilities, labels, ("a", "b"), tuple(Path(str(i)) for i in range(n)))
    expected = [(middle - spread) / (1 + z * z / n), (middle + spread) / (1 + z * z / n)]
    assert report.interval == pytest.approx(expected, abs=1e-6)


def test_perfect_answers_leave_room_for_doubt():
    report = judge(np.tile([1.0, 0.0], (20, 1)), np.zeros(20, int), ("a", "b"), PATHS * 4)
    assert report.accuracy == 1
    assert report.interval[0] == pytest.approx(0.839, abs=0.001)
    assert report.log_loss == 0


def test_a_probability_of_zero_for_the_truth_stays_finite():
    report = judge(np.array([[1.0, 0.0]]), np.array([1]), ("a", "b"), PATHS[:1])
    assert np.isfinite(report.log_loss)


def test_a_class_that_nobody_named_has_no_precision():
    report = judge(PROBABILITIES[:1], LABELS[:1], NAMES, PATHS[:1])
    assert report.per_class[1] == ("bee", None, None, 0)
    assert "–" in repr(report)


def test_a_report_says_everything_as_text_and_as_json(report):
    text = repr(report)
    assert "60.0% (3 of 5 pictures" in text
    assert all(name in text for name in NAMES)
    data = json.loads(report.to_json())
    assert data["accuracy"] == 0.6
    assert data["per_class"][1] == {"name": "bee", "precision": 0.5, "recall": 0.5, "pictures": 2}


def test_the_confusion_figure_tells_its_content_in_words(report):
    figure = report.draw_confusion()
    assert figure.png.startswith(b"\x89PNG")
    assert "1 of bee taken for ant" in figure.alt
    right = judge(PROBABILITIES[:1], LABELS[:1], NAMES, PATHS[:1])
    assert "named rightly" in right.draw_confusion().alt


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    from tlcourse.backbones import load_backbone

    backbone = load_backbone("efficientnet_lite0", input_size=64)
    folder = write_set(tmp_path_factory.mktemp("set"), 8, names=("red", "green", "blue"))
    images = split(load_images(folder), seed=0)
    return train_head(extract_features(backbone, images, engine="keras")), images


def test_pictures_features_and_a_model_from_its_file_give_the_same_report(trained, tmp_path):
    classifier, images = trained
    features = extract_features(classifier.backbone, images, engine="keras")
    read = load_classifier(classifier.save(tmp_path / "model.keras"))
    reports = [
        evaluate(classifier, images),
        evaluate(classifier, features),
        evaluate(classifier, images.test),
        evaluate(read, images),
    ]
    for report in reports:
        assert report.n_test == 6
        assert report.accuracy == 1.0
        assert report.log_loss == pytest.approx(reports[1].log_loss, abs=0.02)


def test_the_hardest_pictures_can_be_looked_at(trained):
    classifier, images = trained
    figure = evaluate(classifier, images).draw_hardest(3)
    assert figure.png.startswith(b"\x89PNG")
    assert figure.alt.count("named rightly") == 3


def test_classes_are_matched_by_name_not_by_position(trained, tmp_path):
    classifier, _ = trained
    two = load_images(write_set(tmp_path, 4, names=("red", "green")))  # green is 0 here, 1 there
    report = evaluate(classifier, two)
    assert report.accuracy == 1
    assert report.confusion.sum(axis=1).tolist() == [0, 4, 4]


def test_an_unknown_class_in_the_test_is_named(trained, tmp_path):
    classifier, _ = trained
    folder = write_set(tmp_path, 2, names=("red", "green"))
    (folder / "green").rename(folder / "grün")
    with pytest.raises(DataError, match="grün"):
        evaluate(classifier, load_images(folder))


def test_features_of_another_network_are_refused(trained):
    classifier, images = trained
    features = extract_features(classifier.backbone, images, engine="keras")
    other = replace(features, record={**features.record, "weights_sha256": "0" * 64})
    with pytest.raises(DataError, match="own backbone"):
        evaluate(classifier, other)


def test_broken_pictures_in_the_test_are_told_and_not_judged(trained, tmp_path):
    classifier, _ = trained
    folder = write_set(tmp_path / "set", 3, names=("red", "green"))
    (folder / "red" / "0.png").write_bytes(b"broken")
    read = load_classifier(classifier.save(tmp_path / "model.keras"))
    for one in (classifier, read):
        report = evaluate(one, load_images(folder))
        assert report.n_test == 5
        assert [p.file.name for p in report.problems] == ["0.png"]
