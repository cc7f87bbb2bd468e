"""`evaluate`: a classifier against pictures with known names."""

from __future__ import annotations

import numpy as np

from tlcourse.data import ImageSet, Problem
from tlcourse.errors import DataError, must_be
from tlcourse.evaluation.report import ClassScore, Mistake, Report
from tlcourse.features import FeatureTable, extract_features
from tlcourse.progress import say
from tlcourse.training import Classifier

_HARDEST_KEPT = 50


def evaluate(classifier: Classifier, test: ImageSet | FeatureTable) -> Report:
    """Judge a classifier on pictures that it has not learned from.

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
    must_be("classifier", classifier, Classifier, "Write tl.evaluate(classifier, images).")
    todo = "Write tl.evaluate(classifier, images), with pictures as from tl.load_images."
    must_be("test", test, (ImageSet, FeatureTable), todo)
    if test.splits is not None and (test.splits == "test").any():
        test = test.test
    columns = match_classes(classifier.class_names, test.class_names)
    if isinstance(test, ImageSet) and classifier.backbone is not None:
        test = extract_features(classifier.backbone, test)
    if isinstance(test, FeatureTable):
        probabilities = _head_on(classifier, test)
        labels, paths, problems = test.labels, test.paths, test.problems
    else:
        predictions = classifier.predict(test)
        probabilities = predictions.probabilities
        unread = {problem.file for problem in predictions.problems}
        read = np.array([path not in unread for path in test.paths])
        labels = test.labels[read]
        paths = tuple(path for path, is_read in zip(test.paths, read, strict=True) if is_read)
        problems = test.problems + predictions.problems
    if len(labels) == 0:
        raise DataError(
            "There is no picture to judge the classifier on.",
            expected="at least one readable picture",
            received="none",
        )
    if known := len(classifier.learned_from.intersection(paths)):
        say(
            f"Careful: {known:,} of these {len(paths):,} pictures were learned from. "
            "On them the classifier has seen the answers; split the set first: tl.split(images)."
        )
    return judge(probabilities, columns[labels], classifier.class_names, paths, problems)


def judge(
    probabilities: np.ndarray,
    labels: np.ndarray,
    class_names: tuple[str, ...],
    paths: tuple,
    problems: tuple[Problem, ...] = (),
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

    """
    from scipy.stats import binomtest
    from sklearn.metrics import confusion_matrix

    count, classes = probabilities.shape
    predicted = probabilities.argmax(axis=1)
    right = int((predicted == labels).sum())
    interval = binomtest(right, count).proportion_ci(0.95, method="wilson")
    confusion = confusion_matrix(labels, predicted, labels=np.arange(classes))
    of_true = probabilities[np.arange(count), labels].astype(np.float64)
    hardest = np.argsort(of_true, kind="stable")[:_HARDEST_KEPT]
    return Report(
        accuracy=right / count,
        interval=(float(interval.low), float(interval.high)),
        baseline=float(np.bincount(labels).max() / count),
        log_loss=float(-np.log(np.maximum(of_true, 1e-15)).mean()),
        per_class=_per_class(confusion, class_names),
        confusion=confusion,
        hardest=tuple(
            Mistake(paths[i], class_names[labels[i]], class_names[predicted[i]], float(of_true[i]))
            for i in hardest
        ),
        class_names=class_names,
        n_test=count,
        problems=problems,
    )


def match_classes(known: tuple[str, ...], asked: tuple[str, ...]) -> np.ndarray:
    """Return the position in `known` of each class in `asked`.

    Raises
    ------
    DataError
        When one is not there.

    """
    if unknown := [name for name in asked if name not in known]:
        raise DataError(
            "The test has classes that the classifier does not know.",
            expected=", ".join(known),
            received=", ".join(unknown),
            todo="Name the folders of the test like those that were learned from.",
        )
    return np.array([known.index(name) for name in asked])


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


def _head_on(classifier: Classifier, table: FeatureTable) -> np.ndarray:
    """Run the classifier's head alone, on features that its own backbone made."""
    made_by = table.record.get("weights_sha256")
    if classifier.head is None or classifier.record.get("weights_sha256") != made_by:
        raise DataError(
            "These features were not made by the classifier's own backbone.",
            expected="an ImageSet, or a table that extract_features made with the same backbone",
            received=f"a table by {table.record.get('backbone', 'an unknown network')}",
            todo="Hand over the pictures themselves.",
        )
    return classifier.head(table.features)
