"""`evaluate`: a classifier against pictures with known names."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tlcourse.data import ImageSet, Problem
from tlcourse.evaluation.answers import answers_of
from tlcourse.evaluation.mistakes import hardest_pictures
from tlcourse.evaluation.report import ClassScore, Report
from tlcourse.evaluation.uses import count_use
from tlcourse.features import FeatureTable
from tlcourse.messages import say
from tlcourse.training import Classifier

_HARDEST_KEPT = 50


def evaluate(classifier: Classifier, test: ImageSet | FeatureTable) -> Report:
    """Judge a classifier on pictures that it has not learned from.

    Each use of a test set is counted in the cache folder; from the second model on it is said how
    often the set was used, because a model that is chosen by a test is no longer judged by it.

    Parameters
    ----------
    classifier
        From `train_head` or `load_classifier`.
    test
        Pictures with their classes, or the features of such by the same backbone. Classes are
        matched by name; a split set is judged on its part "test".

    Returns
    -------
    A `Report`.

    Raises
    ------
    DataError
        When the test holds a class that the classifier does not know, or no picture.

    """
    answers = answers_of(classifier, test, "test")
    if known := len(classifier.learned_from.intersection(answers.paths)):
        say(
            f"Careful: {known:,} of these {len(answers.paths):,} pictures were learned from. "
            "On them the classifier has seen the answers; split the set first: tl.split(images)."
        )
    uses = count_use(classifier, answers.paths, answers.labels, classifier.class_names)
    if uses.models > 1:
        say(f"{uses} Choose between models on validation pictures, and test the chosen one once.")
    return judge(
        answers.probabilities,
        answers.labels,
        classifier.class_names,
        answers.paths,
        answers.problems,
        groups=answers.groups,
    )


def judge(
    probabilities: np.ndarray,
    labels: np.ndarray,
    class_names: tuple[str, ...],
    paths: tuple[Path, ...],
    problems: tuple[Problem, ...] = (),
    *,
    groups: np.ndarray | None = None,
) -> Report:
    """Compute a `Report` from probabilities and true labels.

    Parameters
    ----------
    probabilities
        `(n, classes)`, rows sum to 1.
    labels
        `(n,)` true columns.
    class_names, paths
        Names of the columns, and a path for each row.
    problems
        Passed on to the report.
    groups
        `(n,)`: what belongs together, for the bootstrap.

    """
    from scipy.stats import binomtest
    from sklearn.metrics import confusion_matrix

    count, classes = probabilities.shape
    predicted = probabilities.argmax(axis=1)
    right = int((predicted == labels).sum())
    interval = binomtest(right, count).proportion_ci(0.95, method="wilson")
    confusion = confusion_matrix(labels, predicted, labels=np.arange(classes))
    of_true = probabilities[np.arange(count), labels].astype(np.float64)
    return Report(
        accuracy=right / count,
        interval=(float(interval.low), float(interval.high)),
        baseline=float(np.bincount(labels).max() / count),
        log_loss=float(-np.log(np.maximum(of_true, 1e-15)).mean()),
        per_class=_per_class(confusion, class_names),
        confusion=confusion,
        hardest=hardest_pictures(probabilities, labels, class_names, paths, _HARDEST_KEPT),
        class_names=class_names,
        n_test=count,
        probabilities=np.asarray(probabilities, np.float32),
        labels=np.asarray(labels, np.int64),
        paths=tuple(paths),
        groups=groups,
        problems=problems,
    )


def _per_class(confusion: np.ndarray, class_names: tuple[str, ...]) -> tuple[ClassScore, ...]:
    right, given, there = np.diag(confusion), confusion.sum(axis=0), confusion.sum(axis=1)
    return tuple(
        ClassScore(
            name,
            precision=float(right[i] / given[i]) if given[i] else None,
            recall=float(right[i] / there[i]) if there[i] else None,
            pictures=int(there[i]),
        )
        for i, name in enumerate(class_names)
    )
