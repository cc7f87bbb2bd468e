"""Pre-trained networks at work on one's own pictures: what they cost, and what they bring."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tlcourse.backbones import load_backbone
from tlcourse.data import ImageSet, open_picture
from tlcourse.data.tables import as_html, as_text
from tlcourse.errors import ArgumentError
from tlcourse.experiments.counting import count
from tlcourse.features import extract_features
from tlcourse.features.engines import BATCH, Engine, build_engine, engine_name

if TYPE_CHECKING:
    from tlcourse.backbones import Backbone

_TIMED = 3
"""Batches; the fastest counts, for whatever else the computer does can only slow one down."""


class AtWork(NamedTuple):
    """One frozen network with a new head.

    Attributes
    ----------
    name : str
    parameters, multiply_adds : int
        Of the body.
    feature_size : int
        Numbers that it makes of a picture.
    milliseconds : float
        That the body takes for a picture, on this machine.
    accuracy : float
        Of the new head, 0..1.
    interval : (float, float)
        The 95% interval of the accuracy.

    """

    name: str
    parameters: int
    multiply_adds: int
    feature_size: int
    milliseconds: float
    accuracy: float
    interval: tuple[float, float]


@dataclass(frozen=True, repr=False)
class WorkComparison:
    """Networks on the same pictures; shows as a table.

    Attributes
    ----------
    networks : tuple of AtWork
        In the order in which they were asked for.
    n_train, n_judged : int
        Pictures that were learned from, and judged on.
    engine : str
        That ran the bodies.

    """

    networks: tuple[AtWork, ...]
    n_train: int
    n_judged: int
    engine: str

    def __getitem__(self, name: str) -> AtWork:
        for network in self.networks:
            if network.name == name:
                return network
        raise ArgumentError(
            "There was no such network.",
            expected="one of: " + ", ".join(network.name for network in self.networks),
            received=repr(name),
        )

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        rows = [
            ["body", "parameters", "multiply-adds", "features", "ms a picture", "accuracy", "95%"]
        ]
        rows += [
            [
                n.name,
                f"{n.parameters / 1e6:.1f} M",
                f"{n.multiply_adds / 1e9:.2f} G",
                f"{n.feature_size:,}",
                f"{n.milliseconds:.1f}",
                f"{n.accuracy:.1%}",
                f"{n.interval[0]:.0%} to {n.interval[1]:.0%}",
            ]
            for n in self.networks
        ]
        sentence = (
            f"Frozen bodies with a new head, learned from {self.n_train:,} pictures, judged on "
            f"{self.n_judged:,} others; {self.engine}"
        )
        return sentence, rows, []

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())


def compare_at_work(
    learn_from: ImageSet,
    judge_on: ImageSet,
    names: Sequence[str] = ("efficientnet_lite0", "vgg16"),
    *,
    seed: int = 0,
) -> WorkComparison:
    """Give each pre-trained network a new head for the same pictures, and compare.

    Parameters
    ----------
    learn_from
        Pictures for the heads, all of them.
    judge_on
        Others: validation pictures, for a choice by the test would spoil the test.
    names
        As `load_backbone` takes them.
    seed
        For the heads.

    Returns
    -------
    A `WorkComparison`.

    Raises
    ------
    ArgumentError
        When there is no name, or one is unknown.
    DataError
        When there is nothing to learn from, or to judge on.

    """
    from tlcourse.evaluation import judge
    from tlcourse.evaluation.answers import answers_of
    from tlcourse.training import train_head

    if not len(names):
        raise ArgumentError("The argument 'names' is empty.", expected="at least one network")
    whole, others = learn_from.with_splits(None), judge_on.with_splits(None)
    engine = engine_name("auto")
    rows = []
    for name in names:
        backbone = load_backbone(name)
        head = train_head(extract_features(backbone, whole), seed=seed)
        answers = answers_of(head, extract_features(backbone, others), "validation")
        report = judge(answers.probabilities, answers.labels, head.class_names, answers.paths)
        seconds = _seconds(build_engine(backbone, engine), backbone, others)
        body = count(backbone.network)
        rows.append(
            AtWork(
                name, *body, backbone.feature_size, 1000 * seconds, report.accuracy, report.interval
            )
        )
    return WorkComparison(tuple(rows), len(whole), len(others), engine)


def _seconds(engine: Engine, backbone: Backbone, images: ImageSet) -> float:
    """Return the wall-clock seconds for a picture that is decoded already."""
    paths = np.resize(np.array(images.paths, object), BATCH)
    batch = np.stack([open_picture(path, size=backbone.input_size) for path in paths])
    engine(batch)  # the first call also prepares
    taken = []
    for _ in range(_TIMED):
        start = time.perf_counter()
        engine(batch)
        taken.append(time.perf_counter() - start)
    return min(taken) / BATCH
