"""Curves that grow, the time left, and a button that ends a training."""

from __future__ import annotations

import pytest

from tests.pictures import write_set
from tests.training.tiny import tiny_backbone
from tests.widgets.helpers import asked, state_bytes
from tlcourse.data import load_images, split
from tlcourse.training import build_classifier, fine_tune
from tlcourse.training.history import Epoch, History
from tlcourse.training.watching import Moment
from tlcourse.widgets import watch_training
from tlcourse.widgets.watching import seconds_left

QUICK = {"epochs": 3, "patience": 3, "batch_size": 4, "engine": "keras", "unfreeze": "block3"}


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = write_set(tmp_path_factory.mktemp("set"), 8, names=("red", "green", "blue"))
    return split(load_images(folder), test=0.25, validation=0.25)


@pytest.fixture(scope="module")
def start(images):
    return build_classifier(tiny_backbone(), images.class_names)


def press(watch, training):
    content, _ = asked(watch, {"id": "1", "kind": "stop", "training": training})
    return content.get("error")


def test_the_browser_is_told_of_every_epoch_and_of_the_end(start, images):
    seen = []
    with watch_training() as watch:
        watch.observe(lambda change: seen.append((watch.state, change["new"])), "trainings")
        tuned = fine_tune(start, images, **QUICK)
    assert [len(told[-1].get("epochs", ())) for _, told in seen] == [0, 1, 2, 3, 4, 4]
    assert {state for state, _ in seen[1:]} == {"training"}
    last = watch.trainings[-1]
    assert (last["ended"], last["best"], last["most"]) == ("all epochs", tuned.history.best, 3)
    assert last["epochs"] == list(tuned.history.to_dict()["epochs"])
    assert (watch.state, watch.now, watch.history) == ("ended", {}, tuned.history)


def test_where_it_stands_is_told_within_an_epoch(start, images):
    seen = []
    with watch_training() as watch:
        watch.observe(lambda change: seen.append(change["new"]), "now")
        fine_tune(start, images, **QUICK)
    first = seen[0]
    assert (first["epoch"], first["epochs"], first["step"], first["steps"]) == (1, 3, 1, 3)
    assert set(first["rates"]) == {"head", "backbone"}
    assert seen[-1] == {}


@pytest.mark.parametrize("way", ["button", "program"])
def test_stop_ends_the_training_with_the_best_and_the_block_goes_on(start, images, way):
    train = images.train.with_splits(None)
    with watch_training() as watch:

        def on_epoch(history):
            if way == "program":
                watch.stop()
            else:
                assert press(watch, 0) is None
            assert watch.state == "stopping"

        arguments = {**QUICK, "epochs": 500, "held_out": 0}
        tuned = fine_tune(start, train, on_epoch=on_epoch, **arguments)
        assert tuned.history.ended == "stopped by hand"
        assert len(tuned.history) == 2
        again = fine_tune(start, images, **QUICK)
    assert len(again.history) == 4, "the button meant the first training only"
    assert [told["ended"] for told in watch.trainings] == ["stopped by hand", "all epochs"]


def test_a_button_that_comes_too_late_ends_nothing(start, images):
    answers = []
    with watch_training() as watch:
        assert "Nothing is being trained" in press(watch, 0)
        fine_tune(start, images, **{**QUICK, "epochs": 1})
        fine_tune(start, images, on_epoch=lambda _: answers.append(press(watch, 0)), **QUICK)
    assert len(answers) == 3
    assert all("Nothing is being trained" in answer for answer in answers)
    assert watch.history.ended == "all epochs"
    assert "Nothing is being trained" in press(watch, 1)


def test_what_waits_in_the_kernel_is_heard_between_two_steps(start, images, monkeypatch):
    waiting = [[], [{"id": "1", "kind": "stop", "training": 0}]]
    monkeypatch.setattr(
        "tlcourse.widgets.watching.said_meanwhile", lambda _: waiting.pop(0) if waiting else []
    )
    monkeypatch.setattr("tlcourse.widgets.watching._SECONDS_BETWEEN", 0.0)
    sent = []
    with watch_training() as watch:
        watch.send = lambda content, buffers=(): sent.append(content)
        tuned = fine_tune(start, images, **{**QUICK, "epochs": 100, "patience": 100})
    assert tuned.history.ended == "stopped by hand"
    assert [content["id"] for content in sent] == ["1"]
    assert "error" not in sent[0]


def test_a_training_that_fails_says_so_and_the_error_comes_through(start, images):
    def on_epoch(history):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), watch_training() as watch:
        fine_tune(start, images, on_epoch=on_epoch, **QUICK)
    assert watch.state == "ended"
    assert watch.trainings[-1]["ended"] == "ZeroDivisionError: nothing is kept"
    assert len(watch.trainings[-1]["epochs"]) == 2
    fine_tune(start, images, **{**QUICK, "epochs": 1})
    assert len(watch.trainings) == 1, "it watches no more"


def test_a_block_without_steps_says_so():
    with watch_training() as watch:
        pass
    assert (watch.state, watch.trainings) == ("ended", [])
    assert "No training was watched" in repr(watch)


def test_the_curves_are_saved_with_the_notebook(start, images):
    with watch_training() as watch:
        tuned = fine_tune(start, images, **QUICK)
    data, _ = watch._repr_mimebundle_()
    assert data["image/png"] == tuned.history.figure().png
    assert "Loss and accuracy over 3 epochs" in data["text/plain"]
    assert state_bytes(watch) < 45_000


def moment(epoch, step, seconds):
    return Moment(epoch, 10, step, 20, 0.5, 0.5, seconds, {})


def past(*seconds):
    epochs = [Epoch(0, 0.0, None, None, 1.0, 0.5, 3.0)]
    epochs += [Epoch(n, 0.1, 1.0, 0.5, 1.0, 0.5, s) for n, s in enumerate(seconds, 1)]
    return History(tuple(epochs), 0, "stopped by hand")


@pytest.mark.parametrize(
    ("now", "history", "left"),
    [
        (moment(1, 1, 9.0), past(), None),  # the first step also compiles
        (moment(1, 5, 10.0), past(), 2.0 * 195),
        (moment(2, 10, 4.0), past(30.0), 9 * 30.0 - 4.0),
        (moment(4, 10, 4.0), past(30.0, 8.0, 8.0), 7 * 8.0 - 4.0),  # the first was no measure
        (moment(10, 20, 50.0), past(30.0, *[8.0] * 8), 0.0),
    ],
)
def test_the_time_left_is_measured(now, history, left):
    assert seconds_left(now, history) == left
