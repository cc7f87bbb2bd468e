"""A fine-tuning that is killed, stopped, led astray or fed with nonsense."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from tests.pictures import write_set
from tests.training.tiny import same, tiny_backbone, weights_of
from tlcourse.augmentation import Augmentation
from tlcourse.data import load_images, split
from tlcourse.errors import ArgumentError, DataError, ModelFileError
from tlcourse.training import build_classifier, fine_tune

COLOURS = ("red", "green", "blue")
QUICK = {"epochs": 3, "batch_size": 4, "engine": "keras", "unfreeze": "block3"}

PROGRAM = """
import os, sys, time
import numpy as np
from tests.training.tiny import tiny_backbone
from tlcourse.augmentation import Augmentation
from tlcourse.data import load_images
from tlcourse.training import build_classifier, fine_tune
from tlcourse.training.loop import Trainer
folder, checkpoint, out, pause = sys.argv[1:]
step = Trainer.step
def slow(self, *arguments):
    print("step", flush=True)
    time.sleep(float(pause))
    return step(self, *arguments)
Trainer.step = slow
images = load_images(folder)
start = build_classifier(tiny_backbone(), images.class_names)
tuned = fine_tune(start, images, epochs=4, batch_size=4, unfreeze="block2", engine="keras",
    learning_rate=1e-3, augmentation=Augmentation(), variants=2, held_out=0.25, layer_decay=0.5,
    checkpoint=checkpoint)
np.savez(out, *tuned.model.get_weights())
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_set(tmp_path_factory.mktemp("set"), 8, names=COLOURS)


@pytest.fixture(scope="module")
def images(folder):
    return split(load_images(folder), test=0.25, validation=0.25)


@pytest.fixture(scope="module")
def start(images):
    return build_classifier(tiny_backbone(), images.class_names)


def in_a_process(folder, checkpoint, out, pause=0.0):
    command = [sys.executable, "-c", PROGRAM, *map(str, (folder, checkpoint, out, pause))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
def test_killed_at_any_step_and_run_again_it_ends_in_the_same_weights(folder, tmp_path):
    unbroken, broken = tmp_path / "unbroken.npz", tmp_path / "broken.npz"
    assert in_a_process(folder, tmp_path / "one.npz", unbroken).wait(300) == 0
    checkpoint = tmp_path / "other.npz"
    for steps in (random.Random(0).randint(6, 12), 1):
        process = in_a_process(folder, checkpoint, broken, pause=0.05)
        for _ in range(steps):
            assert process.stdout.readline() == "step\n"
        time.sleep(0.06)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert checkpoint.exists()
        assert not broken.exists()
    assert in_a_process(folder, checkpoint, broken).wait(300) == 0
    with np.load(unbroken) as one, np.load(broken) as other:
        assert same([one[n] for n in one.files], [other[n] for n in other.files])


def test_a_finished_training_is_not_computed_again(start, images, tmp_path, monkeypatch):
    from tlcourse.training.loop import Trainer

    checkpoint = tmp_path / "run.npz"
    first = fine_tune(start, images, checkpoint=checkpoint, **QUICK)
    monkeypatch.setattr(Trainer, "step", None)
    again = fine_tune(start, images, checkpoint=checkpoint, **QUICK)
    assert same(weights_of(first.model), weights_of(again.model))
    assert again.history == first.history


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 1}, {"learning_rate": 5e-4}, {"unfreeze": "block2"}, {"label_smoothing": 0.0},
        {"augmentation": Augmentation(seed=3)},
    ],
)  # fmt: skip
def test_a_checkpoint_of_another_training_is_refused_and_stays(start, images, tmp_path, other):
    checkpoint = tmp_path / "run.npz"
    fine_tune(start, images, checkpoint=checkpoint, stop=lambda: True, **QUICK)
    stopped = threading.Event()
    fine_tune(
        start, images, checkpoint=checkpoint, stop=stopped, on_epoch=lambda _: stopped.set(),
        **QUICK,
    )  # fmt: skip
    before = checkpoint.read_bytes()
    with pytest.raises(ArgumentError, match="another training"):
        fine_tune(start, images, checkpoint=checkpoint, **{**QUICK, **other})
    assert checkpoint.read_bytes() == before


def test_a_checkpoint_of_other_pictures_is_refused(start, images, tmp_path):
    checkpoint = tmp_path / "run.npz"
    fine_tune(start, images, checkpoint=checkpoint, **{**QUICK, "epochs": 1})
    fewer = images.subset(
        np.arange(len(images)) != int(np.flatnonzero(images.splits == "train")[0])
    )
    with pytest.raises(ArgumentError, match="pictures"):
        fine_tune(start, fewer, checkpoint=checkpoint, **{**QUICK, "epochs": 1})


@pytest.mark.parametrize("damage", ["cut", "text", "empty", "other"])
def test_a_damaged_checkpoint_is_explained(start, images, tmp_path, damage):
    checkpoint = tmp_path / "run.npz"
    fine_tune(start, images, checkpoint=checkpoint, **{**QUICK, "epochs": 1})
    content = checkpoint.read_bytes()
    if damage == "other":
        np.savez(checkpoint, described=np.frombuffer(json.dumps({"a": 1}).encode(), np.uint8))
    else:
        broken = {"cut": content[: len(content) // 2], "text": b"x", "empty": b""}[damage]
        checkpoint.write_bytes(broken)
    with pytest.raises(ModelFileError, match="Remove it"):
        fine_tune(start, images, checkpoint=checkpoint, **{**QUICK, "epochs": 1})


def interrupted_in_epoch(number):
    """Return an `on_epoch` that does what Ctrl-C does, after an epoch."""

    def on_epoch(history):
        if history.epochs[-1].number == number:
            raise KeyboardInterrupt

    return on_epoch


def test_ctrl_c_returns_the_best_so_far_and_says_so(start, images, capsys):
    train = images.train.with_splits(None)
    arguments = {**QUICK, "held_out": 0, "learning_rate": 1e-3}
    tuned = fine_tune(start, train, on_epoch=interrupted_in_epoch(1), **arguments)
    assert tuned.history.ended == "stopped by hand"
    assert [e.number for e in tuned.history.epochs] == [0, 1]
    assert "those of epoch 1, are kept" in capsys.readouterr().err
    whole = fine_tune(start, train, **arguments)
    assert tuned.history[1].loss == whole.history[1].loss


def test_stopped_and_run_again_it_goes_on_to_the_same_end(start, images, tmp_path):
    train = images.train.with_splits(None)
    arguments = {**QUICK, "held_out": 0, "learning_rate": 1e-3}
    whole = fine_tune(start, train, **arguments)
    checkpoint, asked = tmp_path / "run.npz", iter([False] * 5 + [True])
    fine_tune(start, train, checkpoint=checkpoint, stop=lambda: next(asked, True), **arguments)
    resumed = fine_tune(start, train, checkpoint=checkpoint, **arguments)
    assert same(weights_of(whole.model), weights_of(resumed.model))
    assert [e.loss for e in resumed.history.epochs] == [e.loss for e in whole.history.epochs]


def test_an_event_stops_from_another_thread(start, images):
    stop = threading.Event()
    seen = []

    def on_epoch(history):
        seen.append(history)
        threading.Thread(target=stop.set).run()

    tuned = fine_tune(start, images, stop=stop, on_epoch=on_epoch, **{**QUICK, "epochs": 500})
    assert len(seen) == 1
    assert len(tuned.history) == 2


def test_a_rate_that_is_too_high_ends_with_the_best_weights_and_a_better_rate(
    start, images, capsys
):
    tuned = fine_tune(start, images, learning_rate=10.0, **{**QUICK, "epochs": 20, "warmup": 0.0})
    assert tuned.history.ended == "loss exploded"
    said = capsys.readouterr().err
    assert "Try learning_rate=1e+00" in said
    assert all(np.isfinite(w).all() for w in weights_of(tuned.model))
    assert tuned.history[tuned.history.best].validation_accuracy >= 0.5


def test_a_loss_that_is_no_number_ends_the_training(start, images, monkeypatch):
    from tlcourse.training.loop import Trainer

    monkeypatch.setattr(Trainer, "step", lambda *_: (float("nan"), 0))
    tuned = fine_tune(start, images, **QUICK)
    assert tuned.history.ended == "loss exploded"
    assert tuned.history.best == 0


def test_early_stopping_waits_and_keeps_the_best(start, images, monkeypatch):
    from tlcourse.training.loop import Trainer

    accuracies = iter([0.5, 0.7, 0.9, 0.6, 0.6, 0.6, 0.6])
    monkeypatch.setattr(Trainer, "judge", lambda *_: (1.0, next(accuracies)))
    tuned = fine_tune(start, images, patience=2, **{**QUICK, "epochs": 6})
    assert tuned.history.ended == "early stopping"
    assert (tuned.history.best, tuned.history.epochs[-1].number) == (2, 4)


def test_among_epochs_of_one_accuracy_the_lower_loss_counts(start, images, monkeypatch):
    from tlcourse.training.loop import Trainer

    scores = iter([(0.9, 0.5), (0.8, 0.5), (0.7, 0.5), (0.75, 0.5)])
    monkeypatch.setattr(Trainer, "judge", lambda *_: next(scores))
    assert fine_tune(start, images, **QUICK).history.best == 2


def test_classes_that_do_not_match_are_named(start, images):
    other = images.rename_classes({"red": "scarlet"})
    with pytest.raises(DataError, match="scarlet"):
        fine_tune(start, other, **QUICK)


def test_a_class_in_validation_that_training_lacks_is_named(start, images):
    gone = (images.splits == "train") & (images.labels == images.class_names.index("red"))
    with pytest.raises(DataError, match="none of: red"):
        fine_tune(start, images.subset(~gone), **QUICK)


def test_a_class_without_pictures_and_a_set_without_any_are_errors(start, images):
    train = images.train.with_splits(None)
    with pytest.raises(DataError, match=r"red \(0\)"):
        fine_tune(start, train.subset(train.labels != train.class_names.index("red")), **QUICK)
    with pytest.raises(DataError, match="nothing to learn from"):
        fine_tune(start, train.subset([]), **QUICK)
    with pytest.raises(DataError, match="nothing to learn from"):
        fine_tune(start, images.test, **QUICK)


def test_one_class_is_refused_when_the_classifier_is_built(start):
    with pytest.raises(ArgumentError, match="two classes"):
        build_classifier(start.backbone, ["red"])


def test_unreadable_pictures_are_named_and_left_out(start, tmp_path, capsys):
    folder = write_set(tmp_path / "set", 4, names=COLOURS)
    (folder / "red" / "broken.png").write_bytes(b"no picture")
    tuned = fine_tune(start, load_images(folder), **{**QUICK, "held_out": 0, "epochs": 1})
    assert "broken.png" in capsys.readouterr().err
    assert sum(tuned.record["trained_on"].values()) == 12


def test_a_class_of_unreadable_pictures_is_an_error(start, tmp_path):
    folder = write_set(tmp_path / "set", 3, names=COLOURS)
    for path in (folder / "red").iterdir():
        path.write_bytes(b"no picture")
    with pytest.raises(DataError, match="red"):
        fine_tune(start, load_images(folder), **{**QUICK, "held_out": 0})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch_size", 13), ("batch_size", 0), ("epochs", 0), ("learning_rate", 0.0),
        ("learning_rate", float("nan")), ("learning_rate", "fast"), ("layer_decay", 0.0),
        ("layer_decay", 1.5), ("warmup", 1.0), ("label_smoothing", -0.1), ("patience", 0),
        ("class_weights", "equal"), ("gradual", 1), ("held_out", 1.0), ("seed", -1),
        ("unfreeze", "block7"), ("engine", "torch"), ("checkpoint", "run.h5"),
    ],
)  # fmt: skip
def test_arguments_out_of_range_are_named(start, images, name, value):
    with pytest.raises(ArgumentError) as caught:
        fine_tune(start, images, **{**QUICK, name: value})
    assert name in str(caught.value) or str(value) in str(caught.value)


def test_things_of_the_wrong_kind_are_named(start, images):
    with pytest.raises(ArgumentError, match="classifier"):
        fine_tune(start.backbone, images)
    with pytest.raises(ArgumentError, match="data"):
        fine_tune(start, images.paths)
    with pytest.raises(ArgumentError, match="augmentation"):
        fine_tune(start, images, augmentation=True)


def test_where_nothing_is_set_apart_some_is_held_out_in_whole_groups(start, images, capsys):
    train = images.train.with_splits(None)
    groups = np.array([f"{label} {number % 2}" for number, label in enumerate(train.labels)])
    from dataclasses import replace

    tuned = fine_tune(start, replace(train, groups=groups), held_out=0.5, **{**QUICK, "epochs": 1})
    assert "held out, in whole groups" in capsys.readouterr().err
    learned = np.isin(train.paths, list(tuned.learned_from))
    assert 0 < learned.sum() < len(train)
    assert not set(groups[learned]) & set(groups[~learned])


def test_a_head_that_knows_the_held_out_pictures_is_fitted_anew(start, images, capsys):
    from tlcourse.features import extract_features
    from tlcourse.training import train_head

    train = images.train.with_splits(None)
    trained = train_head(extract_features(start.backbone, train, engine="keras"))
    fine_tune(trained, train, held_out=0.25, **{**QUICK, "epochs": 1})
    assert "fitted anew" in capsys.readouterr().err
    fine_tune(trained, images, **{**QUICK, "epochs": 1})
    assert "fitted anew" not in capsys.readouterr().err


def test_classes_too_small_to_hold_anything_out_are_learned_whole(start, images, capsys):
    few = images.train.with_splits(None)
    first = [int(np.flatnonzero(few.labels == label)[0]) for label in range(3)]
    tuned = fine_tune(start, few.subset(first), **{**QUICK, "batch_size": 2, "epochs": 1})
    assert "The last one counts" in capsys.readouterr().err
    assert tuned.history.best == 1


def test_batches_of_different_sizes_do_not_crash_the_process(start, images):
    """Gradients of 1x1 convolutions with stride 2 corrupt memory in TensorFlow 2.21 otherwise."""
    train = images.train.with_splits(None)
    arguments = {**QUICK, "held_out": 0, "epochs": 4, "batch_size": 5}
    tuned = fine_tune(start, train, cache_frozen=False, **{**arguments, "unfreeze": "all"})
    assert len(tuned.history) == 5
    assert all(0 <= epoch.accuracy <= 1 for epoch in tuned.history.epochs[1:])
