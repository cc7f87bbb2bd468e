"""`train_head`: a new head on features that were extracted once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.backbones import load_backbone
from tlcourse.errors import HIGHEST_SEED, DataError, must_be, must_be_whole
from tlcourse.features import FeatureTable
from tlcourse.messages import say
from tlcourse.training.assembly import assemble, versions
from tlcourse.training.classifier import Classifier
from tlcourse.training.fitting import fit_head
from tlcourse.training.heads import Head, HeadName

if TYPE_CHECKING:
    from tlcourse.backbones import Backbone


def train_head(features: FeatureTable, head: HeadName = "gap", *, seed: int = 0) -> Classifier:
    """Train a new head on the features of a frozen backbone.

    Where the table is split, the rows of its part "train" are learned from, and no others. The
    regularisation is chosen by cross-validation within them, pictures of a group staying together,
    and rare classes weigh as much as frequent ones.

    Parameters
    ----------
    features
        From `extract_features`.
    head
        `"gap"` (softmax regression on the averaged feature map), `"dense"` (a hidden layer of 128
        units) or `"svm"` (linear support vector machine).
    seed
        For folds and starting weights; the same seed gives the same classifier.

    Returns
    -------
    A `Classifier` from raw pictures to named probabilities, backbone and head in one model.

    Raises
    ------
    DataError
        When there are fewer than two classes, or a class has no picture to learn from.
    ArgumentError
        When there is no such head.

    """
    todo = "Write features = tl.extract_features(backbone, images) first."
    must_be("features", features, FeatureTable, todo)
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    learned = features if features.splits is None else features.train
    counts = np.bincount(learned.labels, minlength=len(learned.class_names))
    if len(counts) < 2 or counts.min() == 0:
        listed = ", ".join(f"{n} ({c})" for n, c in zip(learned.class_names, counts, strict=True))
        raise DataError(
            "There is nothing to tell apart.",
            expected="two classes or more, each with at least one picture to learn from",
            received=f"pictures a class: {listed}",
            todo="Add pictures, or take the empty class out.",
        )
    started = time.perf_counter()
    fitted = fit_head(head, learned.features, learned.labels, groups=learned.groups, seed=seed)
    seconds = time.perf_counter() - started
    say(_in_words(fitted, len(learned), seconds))
    record = {
        "backbone": features.record["backbone"],
        "provenance": features.record["provenance"],
        "weights_sha256": features.record["weights_sha256"],
        "preprocessing": "inside the model; pictures are cut to their centre square",
        "head": head,
        "strategy": "freeze_base",
        "fitted": fitted.fitted,
        "seed": seed,
        "trained_on": dict(zip(learned.class_names, counts.tolist(), strict=True)),
        "images": features.record.get("images", {}),
        "versions": versions(),
    }
    classifier = assemble(_backbone_of(features), fitted, features.class_names, record)
    classifier.learned_from = frozenset(learned.paths)
    return classifier


def _in_words(head: Head, count: int, seconds: float) -> str:
    chosen = head.fitted["regularisation"]
    how = f"chosen by {head.fitted['folds']}-fold cross-validation"
    if not head.fitted["folds"]:
        how = "the default: a class has too few pictures to cross-validate"
    return f"Head '{head.name}' trained on {count:,} pictures in {seconds:.1f} s; {chosen} ({how})."


def _backbone_of(features: FeatureTable) -> Backbone:
    """Return the backbone that made the table, loaded anew for a table read from a file."""
    if features.backbone is not None:
        return features.backbone
    backbone = load_backbone(
        features.record["backbone"], input_size=features.record["input_size"][0]
    )
    if backbone.weights_sha256 != features.record["weights_sha256"]:
        raise DataError(
            "The features were made by a network with other weights.",
            expected=f"weights with SHA-256 {features.record['weights_sha256'][:16]}…",
            received=f"{backbone.name} with {backbone.weights_sha256[:16]}…",
            todo="Extract the features again with the backbone at hand.",
        )
    return backbone
