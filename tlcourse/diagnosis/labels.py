"""Findings from features: labels that look wrong.

A classifier that has not seen a picture says how likely each class is. Taken at its word it calls
every hard picture wrong. So it is asked what it would say if labels were sometimes wrong: of the
labels, a share e is drawn at random, and probabilities are sharpened by a temperature T; both are
chosen so that the labels as they are become as likely as can be. What follows is, for each picture,
the chance that its label is wrong, and for the set, that share e. Both hold: on the sets below e
came out within one of a hundred, and false alarms were as many as expected.

Measured with features of EfficientNet-Lite0, 4 labels of 100 changed, mean of 8 draws (found / of
the right ones called wrong), on 312 rendered ships of 6 classes, 398 photographs of ants and bees,
700 of cats and dogs:

    this                                   0.83 / 1.7%    0.85 / 1.4%    0.98 / 0.7%
    another class is predicted             0.95 / 16%     0.93 / 5.5%    0.96 / 2.3%
    most of 20 neighbours disagree         0.96 / 21%     0.93 / 5.1%    0.98 / 1.4%
    cleanlab 2.9, find_label_issues:
        "prune_by_noise_rate"              0.83 / 12%     0.84 / 1.7%    0.92 / 0.8%
        "confident_learning"               0.77 / 9.5%    0.79 / 0.8%    0.85 / 0.3%

With all labels as they were, this named 1, 0 and 2 pictures; one is a dog among the cats. At 2%
false alarms no order by these features finds more than 0.83 of the ships and 0.88 of the insects:
they are too much alike for this network. So the package cleanlab is not used (it would bring
pandas); its idea is (Northcutt, Jiang and Chuang 2021): labels against predictions out of fold.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.diagnosis.findings import Finding

Judge = Callable[[ImageSet, np.ndarray, np.ndarray], np.ndarray | None]
"""Given pictures, their units and a mask of the labels to learn from, returns `(n, classes)`
probabilities by something that has not seen the rows, or None where it cannot."""

FEWEST = 8
"""Pictures that a class must have for its labels to be judged."""

_FOLDS = 5
_DIRECTIONS = 256
_REGULARISATION = 0.03
_DOUBTFUL = 0.3
_EXPECTED_FALSE = 0.018
_EXPECTED_FALSE_TUNED = 0.03
"""Share of the set that may be expected to be named in vain. Where a fine-tuned network judges, the
chances are too cautious: half as many were."""

_LEAST_CHANCE = 0.05
_LEAST_SKILL = 0.25
_TEMPERATURES = np.geomspace(0.15, 1.5, 15)
_NOISE = np.array(
    [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12, 0.16, 0.25]
)
_PRIOR = -0.5 * (np.log(_NOISE / 0.03) / 1.5) ** 2
"""Logarithm of how likely each share of wrong labels is beforehand: 3% or so is usual (Northcutt,
Athalye and Mueller 2021, 'Pervasive label errors in test sets'), ten times less or more is not."""


def label_findings(
    images: ImageSet,
    positions: np.ndarray,
    views: Sequence[np.ndarray],
    units: np.ndarray,
    tuned: Judge | None = None,
) -> Iterator[Finding]:
    """Yield pictures whose label is probably wrong, with the class that they look like.

    Softmax regression on the 256 main directions of the features gives each picture the
    probabilities of the classes, learned from four fifths of the others. Then it learns again
    without the pictures whose own class came out badly, and gives them once more. Named are the
    pictures with the largest chance of a wrong label (see above), at least 5%, as long as few of
    the set are expected to be named in vain. Classes of fewer than 8 pictures are not judged.

    Parameters
    ----------
    images
        The whole set.
    positions
        `(n,)` int: which of its pictures have features.
    views
        One or more `(n, d)` float32: features of the same pictures, each computed in another way.
        Each has classifiers of its own, and the geometric mean of their probabilities counts.
    units
        `(n,)` int: pictures of one unit (copies, groups) are never on both sides of a fold.
    tuned
        A judge that learns the classes itself; what it says counts twice as much as the views.

    """
    labels = images.labels[positions]
    big = np.flatnonzero(np.bincount(labels, minlength=len(images.class_names)) >= FEWEST)
    judged = np.isin(labels, big)
    if len(big) < 2:
        return
    own = np.searchsorted(big, labels[judged])
    answers = [_out_of_fold(view[judged], own, units[judged]) for view in views]
    useful = [answer for answer in answers if answer is not None]
    if not useful:
        return
    probabilities, budget = _agreed(useful), _EXPECTED_FALSE
    if tuned is not None:
        paths = tuple(images.paths[i] for i in positions[judged])
        asked = ImageSet(paths, own, tuple(images.class_names[k] for k in big))
        right = chances_of_wrong_labels(probabilities, own) < _DOUBTFUL
        answer = tuned(asked, units[judged], right)
        if answer is not None and _skill(answer, own) >= _LEAST_SKILL:
            probabilities = _agreed([probabilities, answer, answer])
            budget = _EXPECTED_FALSE_TUNED
    chances = chances_of_wrong_labels(probabilities, own)
    best = _best_other(probabilities, own)
    for row in _worth_a_look(chances, budget).tolist():
        position = int(positions[judged][row])
        name = images.class_names[images.labels[position]]
        other = images.class_names[big[best[row]]]
        yield Finding(
            "label_error",
            (images.paths[position],),
            f"labelled {name}, looks like {other}; wrong with a chance of {chances[row]:.0%}",
            (position,),
            (name,),
            float(chances[row]),
            other,
        )


def chances_of_wrong_labels(probabilities: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return the chance, 0..1, that each label is wrong.

    Parameters
    ----------
    probabilities
        `(n, classes)`, by a classifier that has not seen the rows.
    own
        `(n,)` int: the labels as they are.

    """
    classes = probabilities.shape[1]
    rows = np.arange(len(own))
    logs = np.log(probabilities + 1e-12)
    noise = _NOISE[:, None]
    likelihoods, chances = [], []
    for temperature in _TEMPERATURES:
        sharpened = np.exp((logs - logs.max(axis=1, keepdims=True)) / temperature)
        right = sharpened[rows, own] / sharpened.sum(axis=1)
        by_chance = noise * (1 - right) / (classes - 1)
        labels = (1 - noise) * right + by_chance + 1e-12
        likelihoods.append(np.log(labels).sum(axis=1) + _PRIOR)
        chances.append(by_chance / labels)
    weights = np.exp(np.array(likelihoods) - np.max(likelihoods))
    return np.tensordot(weights / weights.sum(), np.array(chances), axes=2)


def _worth_a_look(chances: np.ndarray, budget: float) -> np.ndarray:
    """Return the rows to name: the likeliest, while few are expected to be named in vain."""
    order = np.argsort(-chances, kind="stable")
    in_vain = np.cumsum(1 - chances[order])
    few = in_vain <= budget * len(chances)
    return order[few & (chances[order] >= _LEAST_CHANCE)]


def _out_of_fold(features: np.ndarray, labels: np.ndarray, units: np.ndarray) -> np.ndarray | None:
    """Return `(n, classes)` probabilities by classifiers that have not seen the row.

    None where the classes cannot be divided into folds, or the features hardly tell them apart: the
    second round would take its own guesses for knowledge.
    """
    from threadpoolctl import threadpool_limits

    reduced = _main_directions(features)
    everything = np.ones(len(labels), bool)
    rows = np.arange(len(labels))
    with threadpool_limits(1):  # products too small to share between threads
        first = _one_round(reduced, labels, units, everything, seed=0)
        if first is None or _skill(first, labels) < _LEAST_SKILL:
            return None
        mine, theirs = first[rows, labels], first[rows, _best_other(first, labels)]
        sure = mine > _DOUBTFUL * (mine + theirs)
        return _one_round(reduced, labels, units, sure, seed=1)


def _agreed(answers: Sequence[np.ndarray]) -> np.ndarray:
    """Return the geometric mean of `(n, classes)` probabilities, its rows summing to 1."""
    logs = np.mean([np.log(answer + 1e-9) for answer in answers], axis=0)
    mean = np.exp(logs)
    return mean / mean.sum(axis=1, keepdims=True)


def _one_round(
    features: np.ndarray, labels: np.ndarray, units: np.ndarray, usable: np.ndarray, seed: int
) -> np.ndarray | None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold

    classes = int(labels.max()) + 1
    result = np.zeros((len(labels), classes))
    model = LogisticRegression(C=_REGULARISATION, class_weight="balanced", max_iter=200, tol=1e-3)
    with warnings.catch_warnings():  # of few groups, and of fits that stop early: good enough here
        warnings.filterwarnings("ignore", module="sklearn")
        folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=seed)
        for learned, held_out in folds.split(features, labels, units):
            used = learned[usable[learned]]
            if len(np.unique(labels[used])) < classes:
                used = learned
            if len(np.unique(labels[used])) < classes:
                return None
            model.fit(features[used], labels[used])
            result[held_out] = model.predict_proba(features[held_out])
    return result


def _main_directions(features: np.ndarray) -> np.ndarray:
    """Return the features, standardised, in the 256 directions in which they vary most.

    The answers are the same as with all 1,280, in a fifth of the time. Standardised as in
    `tlcourse.training`: by the root of a feature's own variance plus the mean variance.
    """
    rows = np.asarray(features, np.float32)
    variance = rows.var(axis=0)
    rows = (rows - rows.mean(axis=0)) / np.sqrt(variance + variance.mean() + 1e-12)
    _, directions = np.linalg.eigh(rows.T @ rows)
    return rows @ directions[:, -_DIRECTIONS:]


def _skill(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the accuracy as a share of the way from always naming the largest class to 1."""
    accuracy = float((probabilities.argmax(axis=1) == labels).mean())
    largest = np.bincount(labels).max() / len(labels)
    return (accuracy - largest) / (1 - largest)


def _best_other(probabilities: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return `(n,)` int: the likeliest class that is not the own."""
    others = probabilities.copy()
    others[np.arange(len(own)), own] = -1
    return others.argmax(axis=1)
