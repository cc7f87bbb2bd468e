"""Columns under names: in the right order, in another, and not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tlcourse.errors import DataError
from tlcourse.experiments import judge_by_names
from tlcourse.features import FeatureTable

NAMES = ("ant", "bee", "cow")


@pytest.fixture
def test_table():
    labels = np.repeat(np.arange(3), 4)
    paths = tuple(Path(f"{n}.jpg") for n in range(12))
    return FeatureTable(np.zeros((12, 2), np.float32), labels, NAMES, paths)


@pytest.fixture
def sure(test_table):
    """Answers that are right everywhere, in the order of the classes."""
    return np.eye(3)[test_table.labels] * 0.97 + 0.01


def test_the_right_names_make_right_answers(sure, test_table):
    assert judge_by_names(sure, NAMES, test_table).accuracy == 1


def test_columns_and_names_may_be_moved_together(sure, test_table):
    order = [2, 0, 1]
    report = judge_by_names(sure[:, order], [NAMES[n] for n in order], test_table)
    assert report.accuracy == 1
    assert report.class_names == NAMES


def test_names_in_another_order_send_whole_classes_to_a_wrong_name(sure, test_table):
    report = judge_by_names(sure, ["bee", "cow", "ant"], test_table)
    assert report.accuracy == 0
    assert np.array_equal(report.confusion, 4 * np.roll(np.eye(3, dtype=int), 1, axis=1))


def test_a_table_in_another_order_than_the_natural_one_is_judged_alike(sure, test_table):
    turned = FeatureTable(test_table.features, 2 - test_table.labels, NAMES[::-1], test_table.paths)
    assert judge_by_names(sure, NAMES, turned).accuracy == 1


@pytest.mark.parametrize("names", [("ant", "bee"), ("ant", "bee", "cat"), ("ant", "ant", "bee")])
def test_names_that_do_not_fit_are_refused(sure, test_table, names):
    with pytest.raises(DataError, match="do not fit"):
        judge_by_names(sure, names, test_table)


def test_rows_that_do_not_fit_are_refused(sure, test_table):
    with pytest.raises(DataError, match="do not fit"):
        judge_by_names(sure[:5], NAMES, test_table)
