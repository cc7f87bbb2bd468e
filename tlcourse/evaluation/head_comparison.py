"""`compare_heads`: dense, softmax and support vector machine on the very same features."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import numpy as np

from tlcourse.errors import must_be, must_be_whole
from tlcourse.evaluation.resampling import corrected_interval, repeated_folds
from tlcourse.features import FeatureTable
from tlcourse.messages import progress
from tlcourse.training.fitting import fit_head
from tlcourse.training.heads import HeadName

if TYPE_CHECKING:
    from tlcourse.figures import Figure


class HeadScore(NamedTuple):
    """One head: accuracies `(rounds,)` with the mean's 95% interval, time, and size.

    `behind` is the mean difference to the best head, `behind_interval` its 95% interval; `seconds`
    the median time of one fit, its choice of regularisation included; `parameters` counts numbers.
    """

    name: HeadName
    accuracies: tuple[float, ...]
    interval: tuple[float, float] | None
    behind: float
    behind_interval: tuple[float, float] | None
    seconds: float
    parameters: int

    @property
    def accuracy(self) -> float:
        """Mean over the rounds, 0..1."""
        return float(np.mean(self.accuracies))


@dataclass(frozen=True, repr=False)
class HeadComparison:
    """The result of `compare_heads`; shows as a table, best first, and draws as a figure."""

    heads: tuple[HeadScore, ...]
    n_pictures: int
    folds: int
    repeats: int
    by_group: bool

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a JSON-able dictionary."""
        return {
            **vars(self),
            "heads": [{**head._asdict(), "accuracy": head.accuracy} for head in self.heads],
        }

    def table(self) -> list[list[str]]:
        """Return the heads as rows of cells, the head first."""
        rows = [["head", "accuracy", "95% interval", "behind the best", "a fit", "parameters"]]
        for head in self.heads:
            behind = "–" if head is self.heads[0] else f"{100 * head.behind:.1f} points"
            if head.behind_interval is not None:
                low, high = (100 * end for end in head.behind_interval)
                behind += f" ({low:+.1f} to {high:+.1f})"
            rows.append(
                [
                    head.name,
                    f"{head.accuracy:.1%}",
                    "–" if head.interval is None else "{:.1%} to {:.1%}".format(*head.interval),
                    behind,
                    f"{head.seconds:.1f} s",
                    f"{head.parameters:,}",
                ]
            )
        return rows

    def in_words(self) -> str:
        """Return what the table means."""
        close = [
            head.name
            for head in self.heads[1:]
            if head.behind_interval is None or head.behind_interval[0] <= 0
        ]
        best = self.heads[0].name
        words = f"'{best}' has the highest mean"
        if close:
            words += f", but it cannot be told apart from {' and '.join(map(repr, close))}: "
            words += "take the smallest."
            return words
        return words + ", by more than chance."

    def __repr__(self) -> str:
        table = self.table()
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join([name.ljust(widths[0]), *map(str.rjust, cells, widths[1:])])
            for name, *cells in table
        ]
        how = "groups kept whole" if self.by_group else "drawn at random"
        lines.append(
            f"{self.n_pictures:,} pictures, {self.folds} folds, "
            f"{'once' if self.repeats == 1 else f'{self.repeats} times'}, {how}."
        )
        return "\n".join([*lines, self.in_words()])

    def draw(self) -> Figure:
        """Draw accuracies of all rounds, with means and intervals."""
        from tlcourse.evaluation.advice_figures import draw_heads

        return draw_heads(self)


def compare_heads(
    features: FeatureTable, *, folds: int = 5, repeats: int = 2, seed: int = 0
) -> HeadComparison:
    """Cross-validate each kind of head on the same features, on the same folds.

    Parameters
    ----------
    features
        From `extract_features`; of a split table only the part "train", so that the test stays
        unseen.
    folds, repeats
        2 to 20, and 1 to 20. Groups stay whole.
    seed
        For folds and starting weights.

    Returns
    -------
    A `HeadComparison`; its intervals know that rounds share pictures.

    Raises
    ------
    DataError
        When a class has fewer than two groups (or pictures).

    References
    ----------
    C. Nadeau and Y. Bengio (2003). Inference for the generalization error. Machine Learning 52,
    239-281.

    """
    todo = "Write features = tl.extract_features(backbone, images) first."
    must_be("features", features, FeatureTable, todo)
    must_be_whole("folds", folds, 2, 20)
    must_be_whole("repeats", repeats, 1, 20)
    learned = features if features.splits is None else features.train
    rows, groups = learned.features, learned.groups
    labels = np.unique(learned.labels, return_inverse=True)[1]
    cuts = repeated_folds(labels, groups, folds, repeats, seed)
    ratio = float(np.mean([len(judged) / len(within) for within, judged in cuts]))
    found: dict[HeadName, tuple[list[float], list[float], int]] = {}
    names = get_args(HeadName)
    with progress(what="comparing heads", total=len(names) * len(cuts), unit="fit") as bar:
        for name in names:
            accuracies, seconds, size = [], [], 0
            for within, judged in cuts:
                started = time.perf_counter()
                kept = None if groups is None else groups[within]
                head = fit_head(name, rows[within], labels[within], groups=kept, seed=seed)
                seconds.append(time.perf_counter() - started)
                named = head(rows[judged]).argmax(axis=1)
                accuracies.append(float((named == labels[judged]).mean()))
                size = sum(layer.weights.size + layer.bias.size for layer in head.layers)
                bar.update()
            found[name] = accuracies, seconds, size
    best = max(found, key=lambda name: np.mean(found[name][0]))
    heads = [_score(name, found[name], found[best][0], ratio) for name in names]
    heads.sort(key=lambda head: (-head.accuracy, head.name != best))
    return HeadComparison(tuple(heads), len(learned), folds, repeats, groups is not None)


def _score(
    name: HeadName, found: tuple[list[float], list[float], int], best: list[float], ratio: float
) -> HeadScore:
    accuracies, seconds, size = found
    behind = np.array(best) - np.array(accuracies)
    return HeadScore(
        name,
        tuple(accuracies),
        corrected_interval(np.array(accuracies), ratio, 0.0, 1.0),
        float(behind.mean()),
        corrected_interval(behind, ratio, -1.0, 1.0),
        float(np.median(seconds)),
        size,
    )
