"""Which pictures, and which pairs of classes, a classifier gets wrong."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np


class Mistake(NamedTuple):
    """A picture with the probability (0..1) that its true class was given; low means hard."""

    path: Path
    true_name: str
    predicted_name: str
    probability_of_true: float


class ConfidentMistake(NamedTuple):
    """A picture that got a wrong name, with the probability (0..1) of that name."""

    path: Path
    true_name: str
    predicted_name: str
    probability: float


class ConfusionPair(NamedTuple):
    """Two classes that are taken for each other.

    `first_as_second` pictures of the first were given the name of the second, `second_as_first` the
    other way round; `pictures` are there of both together.
    """

    first: str
    second: str
    first_as_second: int
    second_as_first: int
    pictures: int

    @property
    def total(self) -> int:
        """Mistakes in both directions."""
        return self.first_as_second + self.second_as_first

    def __str__(self) -> str:
        return (
            f"{self.first} and {self.second}: {self.total:,} mistakes in {self.pictures:,} pictures"
            f" ({self.first} as {self.second} {self.first_as_second:,}, "
            f"{self.second} as {self.first} {self.second_as_first:,})"
        )


def hardest_pictures(
    probabilities: np.ndarray,
    labels: np.ndarray,
    class_names: tuple[str, ...],
    paths: tuple[Path, ...],
    count: int,
) -> tuple[Mistake, ...]:
    """Return the pictures whose true class got the least probability, hardest first."""
    of_true = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    predicted = probabilities.argmax(axis=1)
    return tuple(
        Mistake(paths[i], class_names[labels[i]], class_names[predicted[i]], float(of_true[i]))
        for i in np.argsort(of_true, kind="stable")[:count]
    )


def confident_mistakes(
    probabilities: np.ndarray,
    labels: np.ndarray,
    class_names: tuple[str, ...],
    paths: tuple[Path, ...],
) -> tuple[ConfidentMistake, ...]:
    """Return all wrong answers, the surest first."""
    predicted, surest = probabilities.argmax(axis=1), probabilities.max(axis=1).astype(np.float64)
    wrong = np.flatnonzero(predicted != labels)
    return tuple(
        ConfidentMistake(
            paths[i], class_names[labels[i]], class_names[predicted[i]], float(surest[i])
        )
        for i in wrong[np.argsort(-surest[wrong], kind="stable")]
    )


def confusion_pairs(
    confusion: np.ndarray, class_names: tuple[str, ...]
) -> tuple[ConfusionPair, ...]:
    """Return the pairs of classes with any mistake between them, most mistakes first."""
    there = confusion.sum(axis=1)
    pairs = [
        ConfusionPair(
            class_names[i],
            class_names[j],
            int(confusion[i, j]),
            int(confusion[j, i]),
            int(there[i] + there[j]),
        )
        for i, j in zip(*np.nonzero(np.triu(confusion + confusion.T, 1)), strict=True)
    ]
    return tuple(sorted(pairs, key=lambda pair: -pair.total))
