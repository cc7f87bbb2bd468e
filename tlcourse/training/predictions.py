"""Answers of a classifier: names with probabilities, one row a picture."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tlcourse.data import Problem

_ROWS_SHOWN = 20


class Prediction(NamedTuple):
    """One answer: the picture's name, the likeliest class, and its probability in 0..1."""

    picture: str
    name: str
    probability: float


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a classifier says of some pictures.

    Attributes
    ----------
    pictures : tuple of str
        A path for a file, `"picture 1"` and so on for what was handed over in memory.
    probabilities : np.ndarray
        `(n, classes)` float32; each row sums to 1.
    class_names : tuple of str
        The columns.
    problems : tuple of Problem
        Files that could not be read, with the reason; they have no row.

    """

    pictures: tuple[str, ...]
    probabilities: np.ndarray
    class_names: tuple[str, ...]
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return len(self.pictures)

    def __iter__(self) -> Iterator[Prediction]:
        for picture, row in zip(self.pictures, self.probabilities, strict=True):
            best = int(row.argmax())
            yield Prediction(picture, self.class_names[best], float(row[best]))

    def __getitem__(self, position: int) -> Prediction:
        return list(self)[position]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a JSON-able dictionary a picture: the answer, and every class's probability."""
        return [
            {
                "picture": prediction.picture,
                "class": prediction.name,
                "probability": round(prediction.probability, 6),
                "probabilities": {
                    name: round(float(p), 6) for name, p in zip(self.class_names, row, strict=True)
                },
            }
            for prediction, row in zip(self, self.probabilities, strict=True)
        ]

    def write_csv(self, file: Any) -> None:
        """Write a header and a line a picture to an open text file: answer, then every class."""
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["picture", "class", "probability", *self.class_names])
        for prediction, row in zip(self, self.probabilities, strict=True):
            writer.writerow(
                [*prediction[:2], *(f"{p:.6f}" for p in (prediction.probability, *row))]
            )

    def __repr__(self) -> str:
        shown = list(self)[:_ROWS_SHOWN]
        width = max((len(Path(p.picture).name) for p in shown), default=0)
        lines = [f"{Path(p.picture).name:<{width}}  {p.probability:4.0%}  {p.name}" for p in shown]
        if len(self) > _ROWS_SHOWN:
            lines.append(f"… and {len(self) - _ROWS_SHOWN:,} more")
        lines += [f"not read: {problem.file} ({problem.reason})" for problem in self.problems]
        return "\n".join(lines)
