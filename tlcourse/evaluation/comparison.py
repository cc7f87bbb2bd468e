"""Two models on the same test set: is one better, or was it luck?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tlcourse.errors import DataError, must_be
from tlcourse.evaluation.report import Report

_CLEAR = 0.05


@dataclass(frozen=True)
class Comparison:
    """The result of `compare_models`; shows as a table and a sentence.

    Attributes
    ----------
    both_right, only_first, only_second, both_wrong : int
        Pictures, by which of the models named them rightly.
    p_value : float
        How often two equally good models would differ by so much or more, 0..1 (McNemar's test in
        its exact form, two-sided).
    accuracies : tuple of float
        Of the first and the second, 0..1.
    names : tuple of str
    grouped : bool
        Whether the test has groups, whose pictures are no independent witnesses.

    """

    both_right: int
    only_first: int
    only_second: int
    both_wrong: int
    p_value: float
    accuracies: tuple[float, float]
    names: tuple[str, str]
    grouped: bool

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a JSON-able dictionary."""
        return {**vars(self), "accuracies": list(self.accuracies), "names": list(self.names)}

    def in_words(self) -> str:
        """Return what the numbers mean."""
        first, second = self.names
        differ = self.only_first + self.only_second
        if not differ:
            return "Both are right and wrong on the very same pictures: nothing tells them apart."
        ahead, least, most = (
            (second, self.only_first, self.only_second)
            if self.only_second >= self.only_first
            else (first, self.only_second, self.only_first)
        )
        if most == least:
            words = f"They differ on {differ:,} pictures, and each is right on half of them."
        else:
            words = (
                f"Of the {differ:,} pictures that only one of them names rightly, {ahead} has "
                f"{most:,} and the other {least:,}. Were both equally good, so large a difference "
                f"would come about in {_percent(self.p_value)} of test sets: "
            )
            words += (
                f"{ahead} is better on pictures like these."
                if self.p_value < _CLEAR
                else "this test does not tell which is better."
            )
        if self.grouped:
            words += (
                " The pictures belong to groups, which makes luck likelier than that: take a clear"
                " result with care."
            )
        return words

    def __repr__(self) -> str:
        first, second = self.names
        width = max(len(first), 5) + 6
        return "\n".join(
            [
                f"{first} {self.accuracies[0]:.1%}, {second} {self.accuracies[1]:.1%}",
                f"{'':<{width}}  {second} right  {second} wrong",
                f"{first + ' right':<{width}}  {self.both_right:>{len(second) + 6},}  "
                f"{self.only_first:>{len(second) + 6},}",
                f"{first + ' wrong':<{width}}  {self.only_second:>{len(second) + 6},}  "
                f"{self.both_wrong:>{len(second) + 6},}",
                self.in_words(),
            ]
        )


def compare_models(
    report_a: Report, report_b: Report, *, names: tuple[str, str] = ("the first", "the second")
) -> Comparison:
    """Compare two models by their reports on the same test set.

    Only the pictures count on which one is right and the other wrong: were both equally good, each
    would win half of these (McNemar 1947). Of the tests for two models that were trained once, this
    one finds differences that are not there least often (Dietterich 1998).

    Parameters
    ----------
    report_a, report_b
        From `evaluate`, on the same pictures, in any order.
    names
        What to call the two.

    Returns
    -------
    A `Comparison`.

    Raises
    ------
    DataError
        When the reports are about different pictures, or the same pictures under other names.

    References
    ----------
    Q. McNemar (1947). Note on the sampling error of the difference between correlated proportions
    or percentages. Psychometrika 12, 153-157.
    T. G. Dietterich (1998). Approximate statistical tests for comparing supervised classification
    learning algorithms. Neural Computation 10, 1895-1923.

    """
    from scipy.stats import binomtest

    for name, report in (("report_a", report_a), ("report_b", report_b)):
        must_be(name, report, Report, "Write tl.evaluate(classifier, images) first.")
    right_a, right_b = _right(report_a), _right(report_b)
    if right_a.keys() != right_b.keys():
        shared = len(right_a.keys() & right_b.keys())
        raise DataError(
            "The two reports are not about the same pictures.",
            expected="evaluate(a, test) and evaluate(b, test), with one test set",
            received=f"{len(right_a):,} and {len(right_b):,} pictures with their names, "
            f"{shared:,} of them in both",
        )
    ours = np.array(list(right_a.values()))
    theirs = np.array([right_b[key] for key in right_a])
    only_a, only_b = int((ours & ~theirs).sum()), int((~ours & theirs).sum())
    differ = only_a + only_b
    return Comparison(
        both_right=int((ours & theirs).sum()),
        only_first=only_a,
        only_second=only_b,
        both_wrong=int((~ours & ~theirs).sum()),
        p_value=float(binomtest(only_a, differ, 0.5).pvalue) if differ else 1.0,
        accuracies=(report_a.accuracy, report_b.accuracy),
        names=names,
        grouped=report_a.groups is not None or report_b.groups is not None,
    )


def _right(report: Report) -> dict[tuple, bool]:
    """Return whether each picture was named rightly, by path, true class and occurrence."""
    right: dict[tuple, bool] = {}
    seen: dict[tuple, int] = {}
    hits = report.predicted == report.labels
    for path, label, hit in zip(report.paths, report.labels, hits, strict=True):
        key = str(path), report.class_names[label]
        seen[key] = seen.get(key, 0) + 1
        right[(*key, seen[key])] = bool(hit)
    return right


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else "less than 1%"
