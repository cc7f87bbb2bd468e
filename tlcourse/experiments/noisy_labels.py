"""What wrong labels cost: to learn from, to judge with, and after the doctor has named some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.data.tables import as_text, counted
from tlcourse.diagnosis.labels import label_findings
from tlcourse.errors import HIGHEST_SEED, ArgumentError, DataError, must_be, must_be_whole
from tlcourse.features import FeatureTable
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.messages import progress
from tlcourse.training.fitting import fit_head

_CURVES = (
    ("learned from them", "o-"),
    ("without those that the doctor names", "s--"),
    ("only the test has them", "^:"),
)


@dataclass(frozen=True, eq=False, repr=False)
class NoiseCost:
    """Accuracies at several shares of wrong labels; shows as a table, and draws as a figure.

    Attributes
    ----------
    shares : np.ndarray
        `(k,)` float64, 0..1: how many of the labels are wrong.
    learned : np.ndarray
        `(k, draws)` float64: accuracy on right test labels of a head that learned from wrong ones.
    doctored : np.ndarray
        `(k, draws)` float64: the same, without the pictures that `diagnose` would name.
    judged : np.ndarray
        `(k, draws)` float64: accuracy that is read off where the head has learned from right labels
        and the labels of the test are wrong.
    caught : np.ndarray
        `(k, draws)` float64: share of the wrong labels that the doctor names; NaN without any.
    accused : np.ndarray
        `(k, draws)` float64: share of the right labels that the doctor names.
    n_train, n_test : int

    """

    shares: np.ndarray
    learned: np.ndarray
    doctored: np.ndarray
    judged: np.ndarray
    caught: np.ndarray
    accused: np.ndarray
    n_train: int
    n_test: int

    def __repr__(self) -> str:
        head = ["wrong labels", "learned from", "doctored", "only in the test", "caught", "accused"]
        columns = (self.learned, self.doctored, self.judged, self.caught, self.accused)
        rows = [
            [f"{share:.0%}", *(_percent(column[row].mean()) for column in columns)]
            for row, share in enumerate(self.shares)
        ]
        return as_text(self._in_words(), [head, *rows], [])

    def draw(self) -> Figure:
        """Draw the three accuracies against the share of wrong labels."""
        with drawing(6.4, 3.8) as canvas:
            axes = canvas.subplots()
            told = []
            curves = (self.learned, self.doctored, self.judged)
            for (name, style), values, colour in zip(_CURVES, curves, PALETTE, strict=False):
                means = values.mean(axis=1)
                axes.plot(self.shares, means, style, c=colour, label=name)
                if values.shape[1] > 1:
                    low, high = values.min(axis=1), values.max(axis=1)
                    axes.fill_between(self.shares, low, high, color=colour, alpha=0.15, lw=0)
                listed = ", ".join(
                    f"{mean:.0%} at {share:.0%}"
                    for share, mean in zip(self.shares, means, strict=True)
                )
                told.append(f"{name}: {listed}")
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_formatter(lambda value, _: f"{value:.0%}")
            axes.set(xlabel="labels that are wrong", ylabel="accuracy on the test", ylim=(None, 1))
            axes.legend(loc="lower left")
            return finish(canvas, f"{self._in_words()} {'; '.join(told)}.")

    def _in_words(self) -> str:
        return (
            f"Accuracy against the share of wrong labels, mean of "
            f"{counted(self.learned.shape[1], 'draw')}, learned from {self.n_train:,} pictures and "
            f"judged on {self.n_test:,}."
        )


def put_in_wrong_labels(
    labels: np.ndarray, share: float, classes: int, *, seed: int = 0
) -> np.ndarray:
    """Return labels of which some were replaced by another class, drawn at random.

    Parameters
    ----------
    labels
        `(n,)` integers from 0 to `classes - 1`.
    share
        How many of them, 0 to 1.
    classes
        How many there are; two or more.
    seed
        Which labels, and by what.

    Returns
    -------
    `(n,)` int64; exactly `round(share * n)` of them are others than before.

    """
    if not 0 <= share <= 1 or classes < 2:
        raise ArgumentError(
            "There is no such share of wrong labels.",
            expected="a share from 0 to 1, and two classes or more",
            received=f"share={share!r}, classes={classes!r}",
        )
    random = np.random.default_rng(seed)
    wrong = random.permutation(len(labels))[: round(share * len(labels))]
    result = np.array(labels, np.int64)
    result[wrong] = (result[wrong] + random.integers(1, classes, len(wrong))) % classes
    return result


def measure_noise(
    features: FeatureTable,
    shares: Sequence[float] = (0.0, 0.1, 0.2, 0.3, 0.4),
    *,
    draws: int = 3,
    seed: int = 0,
) -> NoiseCost:
    """Learn from labels of which more and more are wrong, and judge on right ones.

    Parameters
    ----------
    features
        From `extract_features`, of a split set; its parts "train" and "test" are used.
    shares
        Of wrong labels, each 0 to 1.
    draws
        How often each share is drawn anew.
    seed
        Of the first draw; the next ones count on.

    Returns
    -------
    A `NoiseCost`.

    Raises
    ------
    DataError
        When the table lacks a part.
    ArgumentError
        When a share or the number of draws is none.

    References
    ----------
    C. G. Northcutt, A. Athalye and J. Mueller (2021). Pervasive label errors in test sets
    destabilize machine learning benchmarks. NeurIPS Datasets and Benchmarks.

    """
    must_be("features", features, FeatureTable, "Write features = tl.extract_features(…).")
    must_be_whole("draws", draws, 1, 1000)
    must_be_whole("seed", seed, 0, HIGHEST_SEED - draws)
    train, test, classes = features.train, features.test, len(features.class_names)
    if np.bincount(train.labels, minlength=classes).min() == 0:
        raise DataError("A class has no picture to learn from.", received=repr(train))
    clean = _answers(train, train.labels, test)
    results = np.zeros((5, len(shares), draws))
    steps = [(row, draw) for row in range(len(shares)) for draw in range(draws)]
    for row, draw in progress(steps, what="Learning from wrong labels", unit="draw"):
        drawn = seed + draw
        noisy = put_in_wrong_labels(train.labels, shares[row], classes, seed=drawn)
        named = _named(train, noisy)
        wrong = noisy != train.labels
        tested = put_in_wrong_labels(test.labels, shares[row], classes, seed=drawn)
        results[:, row, draw] = (
            (_answers(train, noisy, test) == test.labels).mean(),
            (_answers(train.subset(~named), noisy[~named], test) == test.labels).mean(),
            (clean == tested).mean(),
            named[wrong].mean() if wrong.any() else np.nan,
            named[~wrong].mean() if not wrong.all() else np.nan,
        )
    learned, doctored, judged, caught, accused = results
    return NoiseCost(
        shares=np.array(shares, np.float64),
        learned=learned,
        doctored=doctored,
        judged=judged,
        caught=caught,
        accused=accused,
        n_train=len(train),
        n_test=len(test),
    )


def _named(train: FeatureTable, labels: np.ndarray) -> np.ndarray:
    """Return a mask of the pictures whose labels the doctor doubts; no class loses its last."""
    images = ImageSet(train.paths, labels, train.class_names)
    units = np.arange(len(train)) if train.groups is None else train.groups
    units = np.unique(units, return_inverse=True)[1]
    named = np.zeros(len(train), bool)
    for finding in label_findings(images, np.arange(len(train)), [train.features], units):
        if (labels[~named] == labels[finding.positions[0]]).sum() > 1:
            named[list(finding.positions)] = True
    return named


def _answers(train: FeatureTable, labels: np.ndarray, test: FeatureTable) -> np.ndarray:
    """Return `(n,)` int: what a head answers that has learned from these labels."""
    present, numbered = np.unique(labels, return_inverse=True)
    head = fit_head("gap", train.features, numbered, groups=train.groups)
    return present[head(test.features).argmax(axis=1)]


def _percent(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.1%}"
