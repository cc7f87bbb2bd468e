"""What a classifier is worth on pictures that it has not seen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tlcourse.data import Problem

if TYPE_CHECKING:
    from tlcourse.figures import Figure


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


class Mistake(NamedTuple):
    """A picture with the probability (0..1) that its true class was given; low means hard."""

    path: Path
    true_name: str
    predicted_name: str
    probability_of_true: float


@dataclass(frozen=True, eq=False)
class Report:
    """The result of `evaluate`; shows as text, and draws as figures.

    Attributes
    ----------
    accuracy : float
        Share of the pictures that were named rightly, 0..1.
    interval : tuple of float
        95% confidence interval of the accuracy (Wilson 1927): with so many test pictures, the
        accuracy on all such pictures lies in it 19 times out of 20.
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
    problems: tuple[Problem, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a JSON-able dictionary."""
        return {
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "baseline": self.baseline,
            "log_loss": self.log_loss,
            "n_test": self.n_test,
            "per_class": [score._asdict() for score in self.per_class],
            "confusion": {
                "class_names": list(self.class_names),
                "rows_true_columns_predicted": self.confusion.tolist(),
            },
            "hardest": [{**m._asdict(), "path": str(m.path)} for m in self.hardest],
            "problems": [{"file": str(p.file), "reason": p.reason} for p in self.problems],
        }

    def to_json(self) -> str:
        """Return everything as one JSON object."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def __repr__(self) -> str:
        right = round(self.accuracy * self.n_test)
        low, high = self.interval
        width = max(len(score.name) for score in self.per_class)
        lines = [
            f"Accuracy {self.accuracy:.1%} ({right:,} of {self.n_test:,} pictures; "
            f"95% interval {low:.1%} to {high:.1%})",
            f"Always naming the most frequent class: {self.baseline:.1%}. "
            f"Log loss {self.log_loss:.3f}.",
            "",
            f"{'class':<{width}}  precision  recall  pictures",
        ]
        for score in self.per_class:
            precision, recall = (
                "    –" if value is None else f"{value:5.1%}"
                for value in (score.precision, score.recall)
            )
            lines.append(
                f"{score.name:<{width}}     {precision:>6}  {recall:>6}  {score.pictures:8,}"
            )
        if self.problems:
            lines += ["", f"{len(self.problems)} files were left out, told in .problems."]
        return "\n".join(lines)

    def draw_confusion(self) -> Figure:
        """Draw who is taken for whom; see `tlcourse.evaluation.figures`."""
        from tlcourse.evaluation.figures import draw_confusion

        return draw_confusion(self)

    def draw_hardest(self, count: int = 8) -> Figure:
        """Draw the `count` hardest pictures with the names that they were given."""
        from tlcourse.evaluation.figures import draw_hardest

        return draw_hardest(self, count)
