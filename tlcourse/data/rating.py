"""What several annotators make of a set: how far they agree, what most of them say, what is bad."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from tlcourse.data.annotation import AnnotationLog
from tlcourse.data.annotation_entries import QUALITIES
from tlcourse.data.images import ImageSet
from tlcourse.data.parts import Problem, natural_order
from tlcourse.data.tables import counted
from tlcourse.errors import ArgumentError, DataError, must_be
from tlcourse.messages import say

Others = Literal["keep", "drop"]

_TODO = 'Write log = tl.AnnotationLog("labels.csv", images) first.'


class PairAgreement(NamedTuple):
    """How far two annotators agree.

    `labelled` and `rated` count the pictures of which both have told label or quality. `same_label`
    is the share of equal labels, 0..1. `kappa` is what remains of it beyond chance (Cohen 1960),
    `weighted_kappa` the same for quality, where a disagreement weighs the square of its size (Cohen
    1968): 1 is perfect, 0 no better than chance. None where nothing can be said: no picture in
    common, or both always gave the same one answer.
    """

    one: str
    other: str
    labelled: int
    same_label: float | None
    kappa: float | None
    rated: int
    weighted_kappa: float | None


@dataclass(frozen=True)
class Agreement:
    """The agreement of every pair of annotators; shows as a table.

    Attributes
    ----------
    pairs : tuple of PairAgreement

    """

    pairs: tuple[PairAgreement, ...]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a JSON-able dictionary a pair."""
        return [pair._asdict() for pair in self.pairs]

    def __repr__(self) -> str:
        if not self.pairs:
            return "Agreement: fewer than two annotators."
        names = [f"{pair.one} and {pair.other}" for pair in self.pairs]
        width = max(map(len, names))
        lines = [f"{'':<{width}}  labelled   same  kappa  rated  weighted kappa"]
        for name, pair in zip(names, self.pairs, strict=True):
            same = "–" if pair.same_label is None else f"{pair.same_label:.0%}"
            kappas = ["–" if k is None else f"{k:.2f}" for k in (pair.kappa, pair.weighted_kappa)]
            lines.append(
                f"{name:<{width}}  {pair.labelled:>8,}  {same:>5}  {kappas[0]:>5}  "
                f"{pair.rated:>5,}  {kappas[1]:>14}"
            )
        return "\n".join(lines)


class Majority(NamedTuple):
    """The label that most annotators give each picture, and the pictures without a majority.

    `labels` is by picture; `ties` names the labels that were given equally often.
    """

    labels: dict[Path, str]
    ties: dict[Path, tuple[str, ...]]


def agreement(log: AnnotationLog) -> Agreement:
    """Return how far annotators agree, for each pair, on the pictures that both have seen.

    References
    ----------
    J. Cohen (1960). A coefficient of agreement for nominal scales. Educational and Psychological
    Measurement 20, 37-46. J. Cohen (1968). Weighted kappa. Psychological Bulletin 70, 213-220.

    """
    must_be("log", log, AnnotationLog, _TODO)
    opinions = log.opinions().values()
    pairs = []
    for one, other in combinations(log.annotators, 2):
        both = [(o[one], o[other]) for o in opinions if one in o and other in o]
        labels = [(a.label, b.label) for a, b in both if a.label and b.label]
        ratings = [(a.quality, b.quality) for a, b in both if a.quality and b.quality]
        pairs.append(
            PairAgreement(
                one=one,
                other=other,
                labelled=len(labels),
                same_label=sum(a == b for a, b in labels) / len(labels) if labels else None,
                kappa=_kappa(labels, log.class_names, None),
                rated=len(ratings),
                weighted_kappa=_kappa(ratings, QUALITIES, "quadratic"),
            )
        )
    return Agreement(tuple(pairs))


def _kappa(pairs: list[tuple[Any, Any]], answers: Sequence, weights: str | None) -> float | None:
    from sklearn.metrics import cohen_kappa_score

    given = {answer for pair in pairs for answer in pair}
    if len(given) < 2:  # chance alone would agree on everything
        return None
    ones, others = zip(*pairs, strict=True)
    return float(cohen_kappa_score(ones, others, labels=list(answers), weights=weights))


def majority(log: AnnotationLog) -> Majority:
    """Return the label of most annotators for each picture that has one."""
    must_be("log", log, AnnotationLog, _TODO)
    labels, ties = {}, {}
    for path, opinions in log.opinions().items():
        votes = Counter(opinion.label for opinion in opinions.values() if opinion.label)
        most = [name for name, count in votes.items() if count == max(votes.values())]
        if len(most) == 1:
            labels[path] = most[0]
        elif most:
            ties[path] = natural_order(most)
    return Majority(labels, ties)


def relabel(images: ImageSet, log: AnnotationLog, *, others: Others = "keep") -> ImageSet:
    """Return a set with the labels that most annotators gave.

    Parameters
    ----------
    images
        The set of the log, or a part of it.
    log
        What was said.
    others
        What becomes of pictures without a majority: `"keep"` leaves them under the label that they
        had, to correct a set; `"drop"` leaves them out, to label a pile of pictures for the first
        time. Ties are said.

    Returns
    -------
    ImageSet
        `record["annotation"]` tells the file, the annotators, how many labels were given and how
        many of these changed, and the ties.

    Raises
    ------
    ArgumentError
        When there is no such way to treat others.
    DataError
        When nobody has labelled any of the pictures.

    """
    must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
    if others not in get_args(Others):
        raise ArgumentError(
            "The argument 'others' is no way to treat pictures without a majority.",
            expected="'keep' or 'drop'",
            received=repr(others),
        )
    found = majority(log)
    names = [images.class_names[label] for label in images.labels]
    decided = np.array([path in found.labels for path in images.paths], bool)
    if not decided.any():
        raise DataError(
            "There are no labels to give: none of these pictures has a majority.",
            received=f"{counted(len(found.ties), 'tie')} in {log.path}",
        )
    new = [found.labels.get(path, name) for path, name in zip(images.paths, names, strict=True)]
    ties = {p: found.ties[p] for p in images.paths if p in found.ties}
    if ties:
        first = next(iter(ties))
        say(
            f"{counted(len(ties), 'picture')} without a majority, {others} as asked: "
            f"{first.name} ({' or '.join(ties[first])}) …"
        )
    record = {
        "file": str(log.path),
        "annotators": list(log.annotators),
        "labels": int(decided.sum()),
        "changed": sum(a != b for a, b in zip(new, names, strict=True)),
        "ties": {str(path): list(labels) for path, labels in ties.items()},
    }
    result = images.relabel(new)
    if others == "drop":
        result = result.subset(decided)
        used = natural_order({*log.class_names, *(n for n, c in result.counts().items() if c)})
        positions = np.array([used.index(result.class_names[label]) for label in result.labels])
        result = replace(result, labels=positions, class_names=used)
    return replace(result, record={**result.record, "annotation": record})


def drop_worst(
    images: ImageSet,
    log: AnnotationLog,
    *,
    fraction: float | None = None,
    below: float | None = None,
) -> ImageSet:
    """Return a set without the pictures that were rated worst.

    A picture's rating is the mean of its annotators' qualities, 1 to 5. Pictures that nobody has
    rated stay.

    Parameters
    ----------
    images
        The set of the log, or a part of it.
    log
        What was said.
    fraction
        How much of the rated pictures to drop, 0 to 1. Pictures of the same rating are dropped
        together or not at all: rather fewer than arbitrary ones.
    below
        Drop what is rated below this, 1 to 5; in place of `fraction`.

    Returns
    -------
    ImageSet
        The dropped pictures stand in `problems` with their ratings.

    Raises
    ------
    ArgumentError
        Unless one of `fraction` and `below` is given, within its range.
    DataError
        When a class (in any of the splits) would lose its last picture.

    """
    must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
    must_be("log", log, AnnotationLog, _TODO)
    _check_limits(fraction, below)
    known = _ratings(log)
    ratings = {path: known[path] for path in images.paths if path in known}
    if below is None:
        assert fraction is not None
        ordered = sorted(ratings.values())
        count = int(fraction * len(ordered) + 1e-9)
        below = ordered[count] if count < len(ordered) else np.inf
    worst = [
        Problem(path, f"rated {ratings[path]:.3g} of 5")
        for path in images.paths
        if ratings.get(path, np.inf) < below
    ]
    try:
        return images.without(worst)
    except DataError as error:
        raise DataError(
            "Some classes would lose their last picture.",
            expected="at least one that stays in each class",
            received=error.received,
            todo="Drop less, or find better pictures of them.",
        ) from error


def _ratings(log: AnnotationLog) -> dict[Path, float]:
    """Return the mean quality of each picture that was rated."""
    ratings = {}
    for path, opinions in log.opinions().items():
        given = [opinion.quality for opinion in opinions.values() if opinion.quality]
        if given:
            ratings[path] = sum(given) / len(given)
    return ratings


def _check_limits(fraction: float | None, below: float | None) -> None:
    given = {"fraction": fraction, "below": below}
    ranges = {"fraction": (0, 1), "below": (1, 5)}
    chosen = [name for name, value in given.items() if value is not None]
    if len(chosen) == 1:
        value, (low, high) = given[chosen[0]], ranges[chosen[0]]
        if isinstance(value, int | float) and low <= value <= high:
            return
    raise ArgumentError(
        "It is not said which pictures are the worst.",
        expected="either fraction, 0 to 1, or below, 1 to 5",
        received=f"fraction={fraction!r}, below={below!r}",
        todo="Write tl.drop_worst(images, log, below=2), for example.",
    )
