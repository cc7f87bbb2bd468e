"""Answers whose columns are given their names by a list: right, or in another order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tlcourse.data.parts import natural_order
from tlcourse.errors import DataError, must_be
from tlcourse.evaluation import Report, judge
from tlcourse.features import FeatureTable


def judge_by_names(probabilities: np.ndarray, names: Sequence[str], test: FeatureTable) -> Report:
    """Judge answers whose columns bear the names of a list, whether it is the right one or not.

    This is what a program does that gets numbers from one file and names from another. The
    classifiers of this course carry their names with them, so that they cannot part.

    Parameters
    ----------
    probabilities
        `(n, classes)`, rows sum to 1.
    names
        What each column is called, in their order.
    test
        The pictures that were asked about, in the order of the rows, with their classes.

    Returns
    -------
    A `Report`.

    Raises
    ------
    DataError
        When rows, columns and names do not fit together.

    """
    must_be("test", test, FeatureTable, "Write features.test.")
    asked = np.asarray(probabilities)
    if asked.shape != (len(test), len(names)) or set(names) != set(test.class_names):
        raise DataError(
            "The answers do not fit the names or the pictures.",
            expected=f"{len(test)} rows, and a column for each of {', '.join(test.class_names)}",
            received=f"shape {asked.shape}, names {', '.join(map(str, names))}"[:300],
        )
    columns = [list(names).index(name) for name in natural_order(test.class_names)]
    order = natural_order(test.class_names)
    labels = np.array([order.index(test.class_names[label]) for label in test.labels])
    return judge(asked[:, columns], labels, order, test.paths)
