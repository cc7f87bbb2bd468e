"""`build_classifier`, `forecast` and `History`."""

import numpy as np
import pytest

from tests.pictures import write_set
from tests.training.tiny import same, tiny_backbone, weights_of
from tlcourse.augmentation import Augmentation
from tlcourse.data import load_images
from tlcourse.errors import ArgumentError
from tlcourse.training import Epoch, History, build_classifier, forecast, load_classifier


@pytest.mark.parametrize("head", ["gap", "dense", "svm"])
def test_a_new_head_finds_every_class_equally_likely(head, tmp_path):
    classifier = build_classifier(tiny_backbone(), ["a", "b", "c"], head=head)
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
    assert classifier.predict(pixels).probabilities == pytest.approx(1 / 3, abs=1e-6)
    assert not classifier.head.is_trained
    read = load_classifier(classifier.save(tmp_path / "new.keras"))
    assert read.class_names == ("a", "b", "c")
    assert read.record["strategy"] == "freeze_base"


def test_the_same_seed_draws_the_same_hidden_layer():
    one, two, three = (
        build_classifier(tiny_backbone(), ["a", "b"], head="dense", seed=s) for s in (1, 1, 2)
    )
    assert same(weights_of(one.model), weights_of(two.model))
    assert not same(weights_of(one.model), weights_of(three.model))


@pytest.mark.parametrize(
    "wrong",
    [
        {"classes": "ab"}, {"classes": ["a"]}, {"classes": ["a", "a"]}, {"classes": [1, 2]},
        {"head": "rnn"}, {"strategy": "thaw"}, {"seed": -1}, {"backbone": "vgg16"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(wrong):
    arguments = {"backbone": tiny_backbone(), "classes": ["a", "b"], **wrong}
    with pytest.raises(ArgumentError, match=next(iter(wrong))):
        build_classifier(**arguments)


@pytest.mark.parametrize("cached", [True, False])
def test_a_forecast_trains_nothing_and_knows_the_room(tmp_path, cached):
    images = load_images(write_set(tmp_path, 6))
    classifier = build_classifier(tiny_backbone(), images.class_names)
    before = weights_of(classifier.model)
    found = forecast(
        classifier, images, unfreeze="block3", epochs=7, batch_size=4, held_out=0.25,
        augmentation=Augmentation(), variants=3, cache_frozen=cached, engine="keras",
    )  # fmt: skip
    assert same(weights_of(classifier.model), before)
    assert found.disk == ((9 * 3 + 3) * 8 * 8 * 16 * 2 if cached else 0)
    assert found.seconds == found.seconds_before + 7 * found.seconds_per_epoch
    assert found.seconds_per_epoch > 0
    assert found.fits
    assert "temporary file" in repr(found)


def test_it_is_said_before_memory_runs_out(tmp_path, monkeypatch, capsys):
    import psutil

    from tlcourse.training import fine_tune

    images = load_images(write_set(tmp_path, 4))
    classifier = build_classifier(tiny_backbone(), images.class_names)
    free = psutil.virtual_memory()._replace(available=2**20)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    arguments = {"unfreeze": "all", "batch_size": 8, "engine": "keras"}
    assert not forecast(classifier, images, **arguments).fits
    fine_tune(classifier, images, epochs=1, held_out=0, **arguments)
    assert "Try batch_size=" in capsys.readouterr().err


def test_without_room_on_the_disk_frozen_layers_compute_in_each_epoch(tmp_path, monkeypatch):
    from tlcourse.training import fine_tune, planning

    images = load_images(write_set(tmp_path, 4))
    classifier = build_classifier(tiny_backbone(), images.class_names)
    monkeypatch.setattr(planning, "room_for_files", lambda: 1000)
    tuned = fine_tune(
        classifier, images, epochs=1, unfreeze="block3", held_out=0, batch_size=4, engine="keras"
    )
    assert tuned.record["fine_tuning"]["frozen_part_cached"] is False


HISTORY = History(
    (
        Epoch(0, 0.0, None, None, 1.2, 0.5, 0.4),
        Epoch(1, 1e-4, 1.1, 0.6, 0.9, 0.7, 3.0),
        Epoch(2, 5e-5, 0.7, 0.8, 1.0, 0.65, 3.1),
    ),
    1,
    "early stopping",
)


def test_a_history_is_a_table_and_marks_what_was_kept():
    lines = repr(HISTORY).splitlines()
    assert len(lines) == 5
    assert [("*" in line) for line in lines] == [False, False, True, False, True]
    assert "early stopping" in lines[-1]
    assert HISTORY[1].validation_accuracy == 0.7
    assert HISTORY.seconds == pytest.approx(6.5)


def test_a_history_draws_its_curves_with_a_text_for_those_who_do_not_see_them():
    figure = HISTORY.figure()
    assert figure.png.startswith(b"\x89PNG")
    assert "epoch 1 was kept" in figure.alt
    without = History((HISTORY[0],), 0, "stopped by hand")
    assert without.figure().png
