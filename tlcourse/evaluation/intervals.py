"""How sure the figures of a report are: bootstrap intervals, by group where there are groups."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

_ROUNDS = 2000
_AT_ONCE = 4_000_000
"""Counts held in memory at a time, so that a thousand classes do not fill it."""


class Score(NamedTuple):
    """A figure in 0..1, and its 95% bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.1%} ({self.low:.1%} to {self.high:.1%})"


class Scores(NamedTuple):
    """Figures of one test with their bootstrap intervals.

    `balanced_accuracy` is the mean recall of the classes that the test has; `macro_f1` the mean F1
    of the classes that it has or that were named. `units` says how many groups (or pictures, where
    there are no groups) were drawn from, `by_group` which of the two.
    """

    accuracy: Score
    balanced_accuracy: Score
    macro_f1: Score
    units: int
    by_group: bool

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a JSON-able dictionary."""
        figures = (self.accuracy, self.balanced_accuracy, self.macro_f1)
        named = zip(self._fields, figures, strict=False)
        return {
            **{name: score._asdict() for name, score in named},
            "units": self.units,
            "by_group": self.by_group,
        }


def bootstrap(
    labels: np.ndarray,
    predicted: np.ndarray,
    groups: np.ndarray | None = None,
    *,
    seed: int = 0,
) -> Scores:
    """Draw the test set anew, 2,000 times with replacement, and watch the figures move.

    Pictures of one ship are no independent witnesses: where there are groups, whole groups are
    drawn (the cluster bootstrap), from each class as many as there are. The interval goes from the
    2.5th to the 97.5th percentile.

    Parameters
    ----------
    labels, predicted
        `(n,)` integers, true and given columns.
    groups
        `(n,)`, or None.
    seed
        Of the draws.

    References
    ----------
    B. Efron and R. J. Tibshirani (1993). An Introduction to the Bootstrap. Chapman & Hall.

    """
    used, positions = np.unique(np.concatenate([labels, predicted]), return_inverse=True)
    true, given = positions[: len(labels)], positions[len(labels) :]
    members = (
        np.arange(len(labels)) if groups is None else np.unique(groups, return_inverse=True)[1]
    )
    units = int(members.max()) + 1
    cells = len(used) ** 2
    # A split holds as many units of each class as it was told to, and so does each draw.
    stratum = np.zeros(units, np.int64)
    stratum[members] = true
    patterns, pattern_of = _patterns(members, true * len(used) + given, (units, cells), stratum)
    seen = np.bincount(pattern_of)
    of_pattern = np.zeros(len(seen), np.int64)
    of_pattern[pattern_of] = stratum
    random = np.random.RandomState(seed)  # the generator whose numbers never change
    drawn = np.zeros((_ROUNDS, len(seen)), np.int64)
    for k in np.unique(stratum):
        inside = of_pattern == k
        there = seen[inside].sum()
        drawn[:, inside] = random.multinomial(there, seen[inside] / there, size=_ROUNDS)
    step = max(1, _AT_ONCE // cells)
    parts = [
        _figures((drawn[i : i + step] @ patterns).reshape(-1, len(used), len(used)))
        for i in range(0, _ROUNDS, step)
    ]
    whole = _figures((seen @ patterns).reshape(1, len(used), len(used)))[0]
    low, high = np.nanpercentile(np.concatenate(parts), [2.5, 97.5], axis=0)
    accuracy, balanced, f1 = (Score(*map(float, row)) for row in zip(whole, low, high, strict=True))
    return Scores(accuracy, balanced, f1, units, groups is not None)


def _patterns(
    members: np.ndarray, cells: np.ndarray, shape: tuple[int, int], stratum: np.ndarray
) -> tuple:
    """Return the different rows of counts over cells as a sparse matrix, and each unit's row.

    Units that look the same are drawn together: all pictures of one cell of the matrix, if there
    are no groups.
    """
    from scipy.sparse import csr_matrix

    ones = np.ones(len(cells), np.int64)
    counts = csr_matrix((ones, (members, cells)), shape=shape)  # sums what stands there twice
    keys = [
        stratum[unit].tobytes() + counts.indices[a:b].tobytes() + counts.data[a:b].tobytes()
        for unit, (a, b) in enumerate(pairwise(counts.indptr))
    ]
    number: dict[bytes, int] = {}
    pattern_of = np.array([number.setdefault(key, len(number)) for key in keys])
    first = np.unique(pattern_of, return_index=True)[1]
    return counts[first], pattern_of


def _figures(confusions: np.ndarray) -> np.ndarray:
    """Return accuracy, balanced accuracy and macro F1 of `(rounds, k, k)` counts, `(rounds, 3)`."""
    right = np.diagonal(confusions, axis1=1, axis2=2).astype(float)
    there, named = confusions.sum(axis=2), confusions.sum(axis=1)
    with np.errstate(invalid="ignore"):  # a class that was not drawn has no recall
        recall, f1 = right / there, 2 * right / (there + named)
    accuracy = right.sum(axis=1) / confusions.sum(axis=(1, 2))
    return np.stack([accuracy, np.nanmean(recall, axis=1), np.nanmean(f1, axis=1)], axis=1)
