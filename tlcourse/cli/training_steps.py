"""The two ways in which `tlcourse train` trains: on frozen features, or fine-tuning."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tlcourse.backbones import Backbone
    from tlcourse.data import ImageSet, Problem
    from tlcourse.features import FeatureTable
    from tlcourse.training import Classifier


class Stages:
    """Wall-clock seconds of each stage, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Take the time of what is done within."""
        started = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - started, 3)


class Plan(NamedTuple):
    """What was typed on how to train."""

    backbone: Backbone
    head: Any
    strategy: Any
    unfreeze: str | int | float | None
    epochs: int
    engine: Any
    seed: int


class Trained(NamedTuple):
    """A classifier, features to judge it on, files left out, and how many features were new."""

    classifier: Classifier
    judged: FeatureTable
    problems: list[Problem]
    computed: dict[str, int]


def train_frozen(
    plan: Plan, images: ImageSet, test_images: ImageSet | None, stages: Stages
) -> Trained:
    """Train the head on the features of the frozen backbone."""
    from tlcourse.features import extract_features
    from tlcourse.training import train_head

    with stages("features"):
        table = extract_features(plan.backbone, images, engine=plan.engine)
        if test_images is None:
            judged, problems = _judged_part(table), list(table.problems)
        else:
            judged = extract_features(plan.backbone, test_images, engine=plan.engine)
            problems = [*table.problems, *judged.problems]
    with stages("head"):
        classifier = train_head(table, plan.head, seed=plan.seed)
    computed = {"train": table.record["computed"], "test": judged.record["computed"]}
    return Trained(classifier, judged, problems, computed)


def train_tuned(
    plan: Plan, images: ImageSet, test_images: ImageSet | None, stages: Stages
) -> Trained:
    """Train the head, and layers of the backbone with it."""
    from tlcourse.data import check_pictures
    from tlcourse.features import extract_features
    from tlcourse.training import build_classifier, fine_tune

    with stages("fine-tuning"):
        start = build_classifier(
            plan.backbone,
            images.class_names,
            head=plan.head,
            strategy=plan.strategy,
            seed=plan.seed,
        )
        images = check_pictures(images)
        classifier = fine_tune(
            start,
            images if test_images is not None else _learned_part(images),
            unfreeze=plan.unfreeze,
            epochs=plan.epochs,
            engine=plan.engine,
            seed=plan.seed,
        )
    with stages("features"):
        assert classifier.backbone is not None
        to_judge = _judged_part(images) if test_images is None else test_images
        judged = extract_features(classifier.backbone, to_judge, engine=plan.engine)
    new = judged.problems if test_images is not None else ()
    computed = {"test": judged.record["computed"]}
    return Trained(classifier, judged, [*images.problems, *new], computed)


def _judged_part(pictures: Any) -> Any:
    """Judge on the part "test", or on "validation" where a folder has no other."""
    return pictures.test if (pictures.splits == "test").any() else pictures.validation


def _learned_part(images: ImageSet) -> ImageSet:
    """Return what fine-tuning may see: a part "validation" that is judged on is no part of it."""
    if images.splits is None or (images.splits == "test").any():
        return images
    return images.train
