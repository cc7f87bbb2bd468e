"""What a classifier says of pictures with known names: the raw material of every judgement."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tlcourse.data import ImageSet, Problem
from tlcourse.errors import DataError, must_be
from tlcourse.features import FeatureTable, extract_features
from tlcourse.training import Classifier


@dataclass(frozen=True, eq=False)
class Answers:
    """Probabilities for pictures, beside the truth.

    Attributes
    ----------
    probabilities : np.ndarray
        `(n, classes)` float32, in the classifier's order of classes.
    labels : np.ndarray
        `(n,)` int64, the true columns.
    paths : tuple of Path
    groups : np.ndarray or None
        `(n,)` str, what belongs together.
    problems : tuple of Problem
        Files that were left out.

    """

    probabilities: np.ndarray
    labels: np.ndarray
    paths: tuple[Path, ...]
    groups: np.ndarray | None
    problems: tuple[Problem, ...]


def part_or_all(given: ImageSet | FeatureTable, part: str) -> ImageSet | FeatureTable:
    """Return one part of a split set; a set without it is taken whole."""
    if given.splits is not None and (given.splits == part).any():
        return given.subset(given.splits == part)
    return given


def answers_of(classifier: Classifier, asked: ImageSet | FeatureTable, part: str) -> Answers:
    """Ask a classifier about pictures, or about features of such by its own backbone.

    Parameters
    ----------
    classifier
        Any.
    asked
        Of a split set only `part` is asked about. Classes are matched by name.
    part
        `"test"` or `"validation"`; also the argument's name in errors.

    Raises
    ------
    DataError
        When a class is unknown to the classifier, features are not its own, or no picture is left.

    """
    must_be("classifier", classifier, Classifier, "Write tl.evaluate(classifier, images).")
    todo = "Write tl.evaluate(classifier, images), with pictures as from tl.load_images."
    must_be(part, asked, (ImageSet, FeatureTable), todo)
    asked = part_or_all(asked, part)
    columns = match_classes(classifier.class_names, asked.class_names)
    if isinstance(asked, ImageSet) and classifier.backbone is not None:
        asked = extract_features(classifier.backbone, asked)
    if isinstance(asked, FeatureTable):
        answers = Answers(
            _head_on(classifier, asked),
            columns[asked.labels],
            asked.paths,
            asked.groups,
            asked.problems,
        )
    else:
        answers = _whole_model_on(classifier, asked, columns)
    if len(answers.labels) == 0:
        raise DataError(
            "There is no picture to judge the classifier on.",
            expected="at least one readable picture",
            received="none",
        )
    return answers


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


def _whole_model_on(classifier: Classifier, images: ImageSet, columns: np.ndarray) -> Answers:
    predictions = classifier.predict(images)
    unread = {problem.file for problem in predictions.problems}
    read = images.subset(np.array([path not in unread for path in images.paths], bool))
    return Answers(
        predictions.probabilities,
        columns[read.labels],
        read.paths,
        read.groups,
        images.problems + predictions.problems,
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
