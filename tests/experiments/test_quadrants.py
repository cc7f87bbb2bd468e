"""The size-similarity matrix, tried: what is learned from, judged on, counted and drawn."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from tests.training.tiny import tiny_backbone
from tlcourse.data import load_dataset, split
from tlcourse.errors import ArgumentError
from tlcourse.evaluation import Recommendation, recommend_strategy
from tlcourse.evaluation import test_uses as uses_of
from tlcourse.experiments import few_of_each, show_quadrants, try_strategies


@pytest.fixture(scope="module")
def digits():
    return split(load_dataset("digits"))


@pytest.fixture(scope="module")
def advice(digits) -> Recommendation:
    return recommend_strategy(few_of_each(digits.train, 3), tiny_backbone())


@pytest.fixture(scope="module")
def trial(digits, advice):
    few = few_of_each(digits.train, 5)
    return try_strategies(
        "digits", few, digits.test[:60], tiny_backbone(), advice,
        strategies=["freeze_base", "train_top", "train_all"], epochs=1,
    )  # fmt: skip


def test_every_strategy_is_tried_on_the_same_pictures(trial, advice):
    assert list(trial.accuracies) == ["freeze_base", "train_top", "train_all"]
    assert (trial.pictures_a_class, trial.n_judged) == (5, 60)
    assert (trial.quadrant, trial.advised) == (advice.quadrant, advice.strategy)
    for strategy, share in trial.accuracies.items():
        low, high = trial.intervals[strategy]
        assert 0 <= low <= share <= high <= 1
        assert share * 60 == pytest.approx(round(share * 60))
        assert trial.seconds[strategy] > 0
    assert trial.accuracies[trial.best] == max(trial.accuracies.values())


def test_it_counts_as_no_use_of_a_test(digits, advice, own_cache):
    faces = few_of_each(digits.train, 2)
    try_strategies(
        "digits", faces, digits.test[:5], tiny_backbone(), advice, strategies=["freeze_base"]
    )
    assert uses_of(digits.test[:5]).times == 0


def test_trainings_say_nothing_and_leave_the_warnings_on(digits, advice, capsys):
    level = logging.getLogger("tensorflow").level
    few = few_of_each(digits.train, 2)
    try_strategies(
        "digits", few, digits.test[:5], tiny_backbone(), advice,
        strategies=["train_top"], epochs=1,
    )  # fmt: skip
    assert "Fine-tuning" not in capsys.readouterr().out
    assert logging.getLogger("tensorflow").level == level


@pytest.mark.parametrize(
    "arguments",
    [{"strategies": []}, {"strategies": ["freeze"]}, {"epochs": 0}],
)
def test_arguments_that_make_no_sense_are_refused(digits, advice, arguments):
    with pytest.raises(ArgumentError):
        try_strategies(
            "digits", digits.train[:20], digits.test[:5], tiny_backbone(), advice, **arguments
        )


def test_the_figure_tells_every_number_and_the_advice(trial, advice):
    less = type(trial)(
        **{**vars(trial), "name": "less", "accuracies": {"train_all": 0.5},
           "intervals": {"train_all": (0.4, 0.6)}}
    )  # fmt: skip
    figure = show_quadrants([trial, less])
    for share in trial.accuracies.values():
        assert f"{share:.0%}" in figure.alt
    assert "less" in figure.alt
    assert "train all 50%" in figure.alt
    assert advice.quadrant in figure.alt


def test_few_of_each_come_from_as_many_groups_as_there_are():
    fleet = load_dataset("fleet").train
    few = few_of_each(fleet, 12)
    assert np.bincount(few.labels).tolist() == [12] * 6
    for label in range(6):
        assert len(set(few.groups[few.labels == label])) == 12
    assert few_of_each(fleet, None) is fleet
    with pytest.raises(ArgumentError):
        few_of_each(fleet, 73)
