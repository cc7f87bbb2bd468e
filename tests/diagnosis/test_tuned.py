"""Labels judged by fine-tuned networks as well: `diagnose(…, thorough=True)`."""

import numpy as np
import pytest

from tests.diagnosis.scenes import write_scenes
from tlcourse.data import ImageSet, load_images
from tlcourse.diagnosis import diagnose, tuned
from tlcourse.diagnosis.labels import label_findings
from tlcourse.errors import ArgumentError


def alike(true: np.ndarray) -> np.ndarray:
    """Return features in which two classes lie half in each other."""
    noise = np.random.default_rng(0).normal(0, 1, (len(true), 16))
    return (noise + 2 * true[:, None] * (np.arange(16) == 0)).astype(np.float32)


@pytest.fixture
def doubtful():
    """A set of two classes that features tell apart badly, eight of its labels wrong."""
    true = np.arange(200) % 2
    wrong = np.arange(3, 83, 10)
    labels = true.copy()
    labels[wrong] = 1 - labels[wrong]
    paths = tuple(f"{i}.jpg" for i in range(200))
    return ImageSet(paths, labels, ("a", "b")), true, set(wrong.tolist())


def named(images, true, judge):
    everything = np.arange(len(images))
    found = label_findings(images, everything, [alike(true)], everything, judge)
    return {finding.positions[0] for finding in found}


def test_a_judge_that_learned_the_classes_finds_what_features_miss(doubtful):
    images, true, wrong = doubtful

    def judge(asked, units, usable):
        assert asked.paths == images.paths
        assert usable.sum() > 150  # what features doubt is not learned from
        return np.where(true[:, None] == np.arange(2), 0.95, 0.05)

    assert not named(images, true, None) >= wrong
    assert named(images, true, judge) >= wrong


@pytest.mark.parametrize("answer", [None, np.full((200, 2), 0.5)], ids=["none", "always the same"])
def test_a_judge_that_knows_nothing_changes_nothing(doubtful, answer):
    images, true, _ = doubtful
    without = named(images, true, None)
    assert named(images, true, lambda *_: answer) == without


@pytest.fixture(scope="module")
def small():
    from tlcourse.backbones import load_backbone

    return load_backbone("efficientnet_lite0", input_size=64)


@pytest.fixture
def swapped(tmp_path):
    """Drawings of two kinds, in which the first of either stand with the other."""
    images = load_images(write_scenes(tmp_path / "set", 12, ("discs", "bars")))
    labels = images.labels.copy()
    labels[[0, 12]] = labels[[12, 0]]
    return ImageSet(images.paths, labels, images.class_names)


def test_each_picture_is_judged_by_a_network_that_has_not_seen_it(
    swapped, small, monkeypatch, capsys
):
    from tlcourse.training import fine_tune

    learned = []

    def watched(classifier, images, **settings):
        learned.append(set(images.paths))
        gently = {"epochs": 1, "learning_rate": 1e-6}  # eleven pictures are too few for more
        return fine_tune(classifier, images, **{**settings, **gently})

    monkeypatch.setattr("tlcourse.training.fine_tune", watched)
    monkeypatch.setattr(tuned, "FOLDS", 2)
    usable = np.arange(len(swapped)) % 12 > 0
    units = np.arange(len(swapped)) // 2
    capsys.readouterr()
    answers = tuned.judge_by_tuning(small, swapped, units, usable)
    assert len(capsys.readouterr().err.splitlines()) == 1  # not all that each fine-tuning says
    assert [len(paths) for paths in learned] == [11, 11]
    assert learned[0] | learned[1] == {swapped.paths[i] for i in np.flatnonzero(usable)}
    assert not learned[0] & learned[1]
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)
    right = answers.argmax(axis=1) == swapped.labels
    assert right[usable].mean() > 0.8
    assert not right[~usable].any()


def test_a_file_that_vanishes_is_no_trouble(swapped, small, monkeypatch):
    from tlcourse.training import fine_tune

    def deletes(classifier, images, **settings):
        swapped.paths[5].unlink(missing_ok=True)
        return fine_tune(classifier, images, **{**settings, "epochs": 1})

    monkeypatch.setattr("tlcourse.training.fine_tune", deletes)
    monkeypatch.setattr(tuned, "FOLDS", 2)
    everything = np.arange(len(swapped))
    answers = tuned.judge_by_tuning(small, swapped, everything, everything >= 0)
    assert answers[5].tolist() == [0.5, 0.5]


def test_ctrl_c_leaves_the_judgement_by_features(swapped, small, monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("tlcourse.training.fine_tune", interrupted)
    found = diagnose(swapped, small, thorough=True)
    assert [f.to_dict() for f in found.findings] == [
        f.to_dict() for f in diagnose(swapped, small).findings
    ]
    assert "Ctrl-C leaves it out" in (said := capsys.readouterr().err)
    assert "Stopped: labels are judged without fine-tuning." in said
    assert "fine-tuned" not in found.judged_by()


def test_without_a_network_nothing_can_be_thorough(tmp_path):
    with pytest.raises(ArgumentError, match="fine-tunes a network"):
        diagnose(tmp_path, backbone=None, thorough=True)
