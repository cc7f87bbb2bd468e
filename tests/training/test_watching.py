"""Looking on while a network learns, and ending it: the training itself stays what it is."""

import pytest

from tests.pictures import write_set
from tests.training.tiny import same, tiny_backbone, weights_of
from tlcourse.data import load_images, split
from tlcourse.training import build_classifier, fine_tune
from tlcourse.training.watching import Watcher, watched_by

QUICK = {"epochs": 3, "patience": 3, "batch_size": 4, "engine": "keras", "unfreeze": "block3"}


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = write_set(tmp_path_factory.mktemp("set"), 8, names=("red", "green", "blue"))
    return split(load_images(folder), test=0.25, validation=0.25)


@pytest.fixture(scope="module")
def start(images):
    return build_classifier(tiny_backbone(), images.class_names)


class Notes(Watcher):
    """Writes down what it hears, and asks to stop after so many steps."""

    seconds_between = 0.0

    def __init__(self, stop_after=None):
        self.heard, self.asked, self.stop_after = [], 0, stop_after

    def begins(self, history, epochs):
        self.heard.append(("begins", (len(history), epochs)))

    def step(self, moment):
        self.heard.append(("step", moment))

    def epoch(self, history):
        self.heard.append(("epoch", history))

    def ends(self, history):
        self.heard.append(("ends", history))

    def wants_to_stop(self):
        steps = sum(kind == "step" for kind, *_ in self.heard)
        return self.stop_after is not None and steps >= self.stop_after


def test_a_watcher_hears_every_step_and_epoch_and_how_it_ended(start, images):
    notes = Notes()
    with watched_by(notes):
        tuned = fine_tune(start, images, layer_decay=0.5, **QUICK)
    kinds = [kind for kind, *_ in notes.heard]
    assert kinds == ["begins", *["step", "step", "step", "epoch"] * 3, "ends"]
    assert notes.heard[0] == ("begins", (1, 3))
    assert notes.heard[-1][1] == tuned.history
    moments = [told for kind, told in notes.heard if kind == "step"]
    assert [(m.epoch, m.step) for m in moments] == [(e, s) for e in (1, 2, 3) for s in (1, 2, 3)]
    assert {(m.epochs, m.steps) for m in moments} == {(3, 3)}
    assert [m.loss for m in moments if m.step == 3] == [e.loss for e in tuned.history.epochs[1:]]
    assert set(moments[0].rates) == {"head", "block3"}
    assert moments[4].rates["head"] > moments[4].rates["block3"] > 0


def test_watching_changes_nothing(start, images):
    alone = fine_tune(start, images, **QUICK)
    with watched_by(Notes()):
        watched = fine_tune(start, images, **QUICK)
    assert same(weights_of(alone.model), weights_of(watched.model))


def test_a_layer_that_does_not_learn_yet_has_no_rate(start, images):
    notes = Notes()
    with watched_by(notes):
        fine_tune(start, images, gradual=True, **{**QUICK, "unfreeze": "block2"})
    names = [list(told.rates) for kind, told in notes.heard if kind == "step"]
    assert names[0] == ["head"]
    assert names[3] == ["head", "block3"]
    assert names[6] == ["head", "block3", "block2"]


def test_who_watches_can_end_it_before_the_next_step_and_the_best_is_kept(start, images):
    notes = Notes(stop_after=4)
    train = images.train.with_splits(None)
    with watched_by(notes):
        tuned = fine_tune(start, train, held_out=0, **QUICK)
    assert tuned.history.ended == "stopped by hand"
    assert [epoch.number for epoch in tuned.history.epochs] == [0, 1]
    assert tuned.history.best == 1
    assert sum(kind == "step" for kind, *_ in notes.heard) == 4


def test_stopped_by_who_watches_it_goes_on_from_its_checkpoint(start, images, tmp_path):
    whole = fine_tune(start, images, **QUICK)
    checkpoint = tmp_path / "run.npz"
    with watched_by(Notes(stop_after=4)):
        fine_tune(start, images, checkpoint=checkpoint, **QUICK)
    notes = Notes()
    with watched_by(notes):
        resumed = fine_tune(start, images, checkpoint=checkpoint, **QUICK)
    assert same(weights_of(whole.model), weights_of(resumed.model))
    assert notes.heard[0] == ("begins", (2, 3))
    assert notes.heard[1][1].step == 2, "it goes on within the epoch"


def test_nobody_looks_on_outside_of_the_block(start, images):
    outer, inner = Notes(), Notes()
    with watched_by(outer):
        with pytest.raises(ZeroDivisionError), watched_by(inner):
            raise ZeroDivisionError
        fine_tune(start, images, **{**QUICK, "epochs": 1})
    fine_tune(start, images, **{**QUICK, "epochs": 1})
    assert inner.heard == []
    assert sum(kind == "begins" for kind, *_ in outer.heard) == 1


def test_who_wants_no_steps_is_not_told_of_any(start, images):
    notes = Notes()
    notes.seconds_between = float("inf")
    with watched_by(notes):
        fine_tune(start, images, **{**QUICK, "epochs": 1})
    assert [kind for kind, *_ in notes.heard] == ["begins", "epoch", "ends"]
