"""Repeated cross-validation, and honest intervals of what comes out of it."""

from __future__ import annotations

import numpy as np

from tlcourse.errors import DataError

Folds = list[tuple[np.ndarray, np.ndarray]]
"""Pairs of positions: learned from, and judged on."""


def repeated_folds(
    labels: np.ndarray, groups: np.ndarray | None, folds: int, repeats: int, seed: int
) -> Folds:
    """Return stratified folds, drawn several times; no group lies on both sides of one.

    Parameters
    ----------
    labels
        `(n,)` integers.
    groups
        `(n,)`, or None.
    folds, repeats
        How many of each; fewer folds where a class has fewer groups (or pictures).
    seed
        Of the first round; the next ones count on.

    Raises
    ------
    DataError
        When a class has one group (or picture) only: it cannot be on both sides.

    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    units = np.arange(len(labels)) if groups is None else groups
    classes = np.unique(labels)
    smallest = min((len(np.unique(units[labels == k])) for k in classes), default=0)
    if len(classes) < 2 or smallest < 2:
        raise DataError(
            "These pictures cannot be cross-validated.",
            expected="two classes or more, each with at least two groups (or pictures)",
            received=f"{len(classes)} classes; the smallest has {smallest}",
        )
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    found: Folds = []
    for repeat in range(repeats):
        cut = kind(min(folds, smallest), shuffle=True, random_state=seed + repeat)
        found += [
            (learned, judged)
            for learned, judged in cut.split(labels, labels, groups)
            # Groups may leave a class out of a learning part: nothing can be fitted there.
            if len(np.unique(labels[learned])) == len(classes)
        ]
    return found


def corrected_interval(
    values: np.ndarray, ratio: float, low: float, high: float
) -> tuple[float, float] | None:
    """Return the 95% interval of a mean over rounds that share pictures.

    Rounds learn from overlapping sets, so their spread alone is too small; the corrected resampled
    t-test adds the ratio of judged to learned pictures to the variance (Nadeau and Bengio 2003).

    Parameters
    ----------
    values
        `(rounds,)`.
    ratio
        Pictures judged on, divided by pictures learned from.
    low, high
        Bounds that the mean cannot leave.

    Returns
    -------
    None where fewer than two rounds or equal values tell nothing.

    References
    ----------
    C. Nadeau and Y. Bengio (2003). Inference for the generalization error. Machine Learning 52,
    239-281.

    """
    from scipy.stats import t

    rounds = len(values)
    variance = values.var(ddof=1) if rounds > 1 else 0.0
    if variance == 0:
        return None
    reach = float(t.ppf(0.975, rounds - 1) * np.sqrt((1 / rounds + ratio) * variance))
    mean = float(values.mean())
    return max(low, mean - reach), min(high, mean + reach)
