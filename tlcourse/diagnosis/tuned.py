"""Labels judged by networks that were fine-tuned without the pictures that they judge.

Features of a network that learned other things miss labels where two classes look alike to it. A
network whose upper layers have learned these classes may see more, and takes minutes: so this is
asked for (`diagnose(…, thorough=True)`).

Of the wrong labels in five messy folders each (`bench/doctor.py --thorough`), 0.96 were named among
rendered ships, 0.87 without it, with false alarms at 1.8%; that took 233 seconds for some 575
pictures on two cores. Among ants and bees it gained nothing: 0.89, 0.90 without. Where a picture of
a dandelion stands among the ants, no network can tell that it once stood among the bees. How much
the tuned networks count, and how many may be expected to be named in vain, was chosen on five of
these ten folders.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tlcourse.backbones import Backbone
from tlcourse.data import ImageSet
from tlcourse.diagnosis.views import DEFAULT
from tlcourse.messages import progress, quietly, say

SIDE = 320
"""Pixels a side for the default network, which sees more here than at its own 224: see `views`."""

FOLDS = 5
_UNFREEZE = 0.4
_EPOCHS = 8


def judge_by_tuning(
    backbone: str | Backbone, images: ImageSet, units: np.ndarray, usable: np.ndarray
) -> np.ndarray | None:
    """Return what a network answers for each picture, fine-tuned on four fifths of the others.

    Parameters
    ----------
    backbone
        A network, used at its own size, or a name.
    images
        Pictures with their labels as they are.
    units
        `(n,)` int: pictures of one unit (copies, groups) are never on both sides of a fold.
    usable
        `(n,)` bool: pictures to learn from; the others are judged only. A class that has fewer than
        two is learned from whole.

    Returns
    -------
    `(n, classes)` float64 probabilities; the same for all classes where a file has vanished. None
    when the classes cannot be divided into folds, or somebody has pressed Ctrl-C.

    """
    from tlcourse.backbones import load_backbone

    classes = len(images.class_names)
    folds = list(_folds(images.labels, units, usable))
    if any(len(np.unique(images.labels[learned])) < classes for learned, _ in folds):
        return None
    network = backbone
    if not isinstance(network, Backbone):
        network = load_backbone(network, input_size=SIDE if network == DEFAULT else None)
    say(
        f"Fine-tuning {network.name} {FOLDS} times at {network.input_size[0]} pixels, each time "
        f"without a fifth of {len(images):,} pictures, to judge their labels. Ctrl-C leaves it out."
    )
    answers = np.full((len(images), classes), 1 / classes)
    try:
        for learned, judged in progress(folds, what="fine-tuning", total=FOLDS, unit="fold"):
            with quietly():
                found = _answers(network, images.subset(learned), images.subset(judged))
            answers[judged[found.any(axis=1)]] = found[found.any(axis=1)]
    except KeyboardInterrupt:
        say("Stopped: labels are judged without fine-tuning.")
        return None
    return answers


def _folds(
    labels: np.ndarray, units: np.ndarray, usable: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the positions to learn from and those to judge."""
    from sklearn.model_selection import StratifiedGroupKFold

    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for rows, judged in folds.split(labels, labels, units):
        few = np.bincount(labels[rows[usable[rows]]], minlength=labels.max() + 1) < 2
        yield rows[usable[rows] | few[labels[rows]]], judged


def _answers(network: Backbone, train: ImageSet, judged: ImageSet) -> np.ndarray:
    """Return `(n, classes)` probabilities; a row of zeros where a file has vanished."""
    from tlcourse.training import build_classifier, fine_tune

    start = build_classifier(network, train.class_names)
    tuned = fine_tune(start, train, unfreeze=_UNFREEZE, epochs=_EPOCHS, held_out=0)
    if tuned.history is not None and tuned.history.ended == "stopped by hand":
        raise KeyboardInterrupt
    predictions = tuned.predict(judged)
    gone = {problem.file for problem in predictions.problems}
    answers = np.zeros((len(judged), len(train.class_names)))
    answers[[path not in gone for path in judged.paths]] = predictions.probabilities
    return answers
