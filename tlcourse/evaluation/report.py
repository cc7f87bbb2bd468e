"""What a classifier is worth on pictures that it has not seen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tlcourse.data import Problem
from tlcourse.evaluation.calibration import Calibration, measure_calibration
from tlcourse.evaluation.intervals import Scores, bootstrap
from tlcourse.evaluation.mistakes import (
    ConfidentMistake,
    ConfusionPair,
    Mistake,
    confident_mistakes,
    confusion_pairs,
)

if TYPE_CHECKING:
    from tlcourse.figures import Figure

_PAIRS_SHOWN = 3
_FEWEST_MISTAKES = 5


class ClassScore(NamedTuple):
    """How well one class is recognised.

    `precision`: of the pictures that were given this name, the share that bear it rightly.
    `recall`: of the pictures of this class, the share that were found. Both in 0..1; precision is
    None where the name was never given, recall where the test has no picture of the class.
    """

    name: str
    precision: float | None
    recall: float | None
    pictures: int


@dataclass(frozen=True, eq=False)
class Report:
    """The result of `evaluate`; shows as text or HTML, and draws as figures.

    Attributes
    ----------
    accuracy : float
        Share of the pictures that were named rightly, 0..1.
    interval : tuple of float
        95% confidence interval of the accuracy (Wilson 1927): with so many test pictures, the
        accuracy on all such pictures lies in it 19 times out of 20, if they are independent of each
        other. Where there are groups, believe that of `scores`.
    baseline : float
        Accuracy of always naming the most frequent class of the test.
    log_loss : float
        Mean of -log(probability of the true class), in nats; 0 is perfect, log(classes) is a guess.
    per_class : tuple of ClassScore
    confusion : np.ndarray
        `(classes, classes)` int64 counts; row: true class, column: predicted class.
    hardest : tuple of Mistake
        The pictures whose true class got the least probability, hardest first, right or wrong.
    class_names : tuple of str
    n_test : int
        Number of pictures judged.
    probabilities : np.ndarray
        `(n_test, classes)` float32.
    labels : np.ndarray
        `(n_test,)` int64, true columns.
    paths : tuple of Path
    groups : np.ndarray or None
        `(n_test,)` str, what belongs together.
    problems : tuple of Problem
        Files that were left out, with the reason.

    """

    accuracy: float
    interval: tuple[float, float]
    baseline: float
    log_loss: float
    per_class: tuple[ClassScore, ...]
    confusion: np.ndarray
    hardest: tuple[Mistake, ...]
    class_names: tuple[str, ...]
    n_test: int
    probabilities: np.ndarray
    labels: np.ndarray
    paths: tuple[Path, ...]
    groups: np.ndarray | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def predicted(self) -> np.ndarray:
        """The columns that were named, `(n_test,)` int64."""
        return self.probabilities.argmax(axis=1)

    @cached_property
    def scores(self) -> Scores:
        """Accuracy, balanced accuracy and macro F1, with intervals by the bootstrap."""
        return bootstrap(self.labels, self.predicted, self.groups)

    @cached_property
    def calibration(self) -> Calibration:
        """Whether 80% sure means right in 80 of 100 cases."""
        return measure_calibration(self.probabilities, self.labels)

    @cached_property
    def confident_mistakes(self) -> tuple[ConfidentMistake, ...]:
        """All wrong answers, the surest first: look here for wrong labels."""
        return confident_mistakes(self.probabilities, self.labels, self.class_names, self.paths)

    @cached_property
    def confusion_pairs(self) -> tuple[ConfusionPair, ...]:
        """Pairs of classes that are taken for each other, most mistakes first."""
        return confusion_pairs(self.confusion, self.class_names)

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the single probabilities as a JSON-able dictionary."""
        return {
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "baseline": self.baseline,
            "log_loss": self.log_loss,
            "n_test": self.n_test,
            "bootstrap": self.scores.to_dict(),
            "calibration": self.calibration.to_dict(),
            "per_class": [score._asdict() for score in self.per_class],
            "confusion": {
                "class_names": list(self.class_names),
                "rows_true_columns_predicted": self.confusion.tolist(),
            },
            "confusion_pairs": [pair._asdict() for pair in self.confusion_pairs],
            "hardest": [{**m._asdict(), "path": str(m.path)} for m in self.hardest],
            "confident_mistakes": [
                {**m._asdict(), "path": str(m.path)} for m in self.confident_mistakes
            ],
            "problems": [{"file": str(p.file), "reason": p.reason} for p in self.problems],
        }

    def to_json(self) -> str:
        """Return everything as one JSON object."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def in_words(self) -> list[str]:
        """Return what the figures say, a sentence a line."""
        right = round(self.accuracy * self.n_test)
        low, high = self.interval
        lines = [
            f"Accuracy {self.accuracy:.1%} ({right:,} of {self.n_test:,} pictures; "
            f"95% interval {low:.1%} to {high:.1%})",
            f"Always naming the most frequent class: {self.baseline:.1%}. "
            f"Log loss {self.log_loss:.3f}.",
        ]
        scores = self.scores
        if scores.by_group:
            lines.append(
                f"Drawn anew by group ({scores.units:,} groups): "
                f"{scores.accuracy.low:.1%} to {scores.accuracy.high:.1%}."
            )
        balanced, macro = scores.balanced_accuracy, scores.macro_f1
        if self.n_test - right < _FEWEST_MISTAKES:
            # Draws of pictures without mistakes have none either: an interval would be a point.
            told = f"Balanced accuracy {balanced.value:.1%}, macro F1 {macro.value:.1%} (too few "
            told += "mistakes for intervals)"
        else:
            told = f"Balanced accuracy {balanced}, macro F1 {macro}"
        lines.append(f"{told}; calibration error {self.calibration.error:.3f}.")
        return lines

    def __repr__(self) -> str:
        width = max(len(score.name) for score in self.per_class)
        lines = [*self.in_words(), "", f"{'class':<{width}}  precision  recall  pictures"]
        for score in self.per_class:
            precision, recall = (
                "    –" if value is None else f"{value:5.1%}"
                for value in (score.precision, score.recall)
            )
            lines.append(
                f"{score.name:<{width}}     {precision:>6}  {recall:>6}  {score.pictures:8,}"
            )
        if self.confusion_pairs:
            lines += ["", "Most often taken for each other:"]
            lines += [f"  {pair}" for pair in self.confusion_pairs[:_PAIRS_SHOWN]]
        if self.problems:
            lines += ["", f"{len(self.problems)} files were left out, told in .problems."]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from tlcourse.evaluation.page import notebook_html

        return notebook_html(self)

    def save_html(self, path: str | Path) -> Path:
        """Write the report with its figures as one HTML file that needs no other.

        Raises
        ------
        AssetError
            When the file cannot be written; one that was there before is untouched.

        """
        from tlcourse.evaluation.page import write_page

        return write_page(self, Path(path).expanduser())

    def draw_confusion(self) -> Figure:
        """Draw who is taken for whom; see `tlcourse.evaluation.figures`."""
        from tlcourse.evaluation.figures import draw_confusion

        return draw_confusion(self)

    def draw_hardest(self, count: int = 8) -> Figure:
        """Draw the `count` hardest pictures with the names that they were given."""
        from tlcourse.evaluation.figures import draw_hardest

        return draw_hardest(self, count)

    def draw_mistakes(self, count: int = 8) -> Figure:
        """Draw the `count` wrong answers that the classifier was surest of."""
        from tlcourse.evaluation.figures import draw_mistakes

        return draw_mistakes(self, count)

    def draw_reliability(self) -> Figure:
        """Draw how often answers are right against how sure they were."""
        from tlcourse.evaluation.figures import draw_reliability

        return draw_reliability(self)
