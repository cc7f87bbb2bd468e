"""Annotators who are made up, so that it is known how often they slip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tlcourse.data import AnnotationLog
from tlcourse.data.annotation_entries import QUALITIES
from tlcourse.errors import ArgumentError, must_be


def pretend_to_annotate(
    log: AnnotationLog,
    annotator: str,
    qualities: Sequence[int] | np.ndarray,
    *,
    slips: float = 0.3,
    mistakes: float = 0.05,
    seed: int = 0,
) -> None:
    """Fill in a log as somebody would who is not always of one mind: by random numbers.

    Parameters
    ----------
    log
        Whose pictures are labelled and rated, all of them.
    annotator
        The name of who is pretended.
    qualities
        `(n,)` 1 to 5, one a picture: what a calm judge would say.
    slips
        How often the rating is one higher or lower, 0 to 1.
    mistakes
        How often the label is another than that of the set, 0 to 1.
    seed
        Another number is another person.

    Raises
    ------
    ArgumentError
        When there is not one quality a picture.

    """
    must_be("log", log, AnnotationLog, 'Write log = tl.AnnotationLog("ratings.csv", images).')
    images = log.images
    if len(qualities) != len(images) or not np.isin(qualities, QUALITIES).all():
        raise ArgumentError(
            "The argument 'qualities' does not fit the pictures of the log.",
            expected=f"{len(images)} whole numbers from 1 to 5",
            received=repr(qualities)[:200],
        )
    random = np.random.default_rng([seed, len(images)])
    for picture, quality in zip(images, np.asarray(qualities).tolist(), strict=True):
        slip = int(random.choice((-1, 1))) if random.random() < slips else 0
        others = [name for name in log.class_names if name != picture.class_name]
        label = str(random.choice(others)) if random.random() < mistakes else picture.class_name
        rating = min(max(quality + slip, QUALITIES[0]), QUALITIES[-1])
        log.add(picture, annotator=annotator, label=label, quality=rating)
