"""`build_classifier`: a new head on a backbone, and how much of that is to learn with it."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np

from tlcourse.backbones import Backbone
from tlcourse.errors import HIGHEST_SEED, ArgumentError, must_be, must_be_whole
from tlcourse.training.assembly import assemble, versions, without_knowledge
from tlcourse.training.classifier import Classifier
from tlcourse.training.dense import UNITS
from tlcourse.training.freezing import DEFAULT_SHARE, Unfreeze
from tlcourse.training.heads import Head, HeadName, Layer

Strategy = Literal["freeze_base", "train_top", "train_all", "from_scratch"]


def build_classifier(
    backbone: Backbone,
    classes: tuple[str, ...] | list[str],
    *,
    head: HeadName = "gap",
    strategy: Strategy = "freeze_base",
    seed: int = 0,
) -> Classifier:
    """Put a new head on a backbone; nothing is trained yet.

    The output layer has one unit a class and a softmax, the loss of `fine_tune` is the
    cross-entropy of just that: they cannot disagree. The preprocessing is part of the model, and
    the class names travel with it.

    Parameters
    ----------
    backbone
        From `load_backbone`. It stays as it is.
    classes
        The names of the new classes, at least two, in the order of the probabilities.
    head
        `"gap"`: softmax regression on the averaged feature map; `"dense"`: a hidden layer of 128
        ReLU units before it; `"svm"`: a linear support vector machine.
    strategy
        What `fine_tune` does with it unless told otherwise (Yosinski et al. 2014). `"freeze_base"`:
        the head alone learns; `"train_top"`: the head, then the top quarter of the backbone's
        layers too; `"train_all"`: the head, then everything; `"from_scratch"`: everything, from
        random weights, which the returned classifier has at once.
    seed
        For the weights that are drawn.

    Returns
    -------
    A `Classifier` with an untrained head.

    Raises
    ------
    ArgumentError
        When there is no such head or strategy, or the class names are no two different names.

    """
    must_be("backbone", backbone, Backbone, 'Write backbone = tl.load_backbone("vgg16") first.')
    check_strategy(strategy)
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    names = _class_names(classes)
    if strategy == "from_scratch":
        backbone = without_knowledge(backbone, seed)
    record = {
        "backbone": backbone.name,
        "provenance": backbone.provenance.to_dict(),
        "weights_sha256": backbone.weights_sha256,
        "preprocessing": "inside the model; pictures are cut to their centre square",
        "head": head,
        "strategy": strategy,
        "seed": seed,
        "fitted": {},
        "trained_on": dict.fromkeys(names, 0),
        "versions": versions(),
    }
    new = untrained_head(head, backbone.feature_size, len(names), seed)
    return assemble(backbone, new, names, record)


def check_strategy(strategy: Any) -> None:
    """Raise an ArgumentError for an unknown strategy."""
    if strategy not in get_args(Strategy):
        raise ArgumentError(
            "There is no strategy of this name.",
            expected=", ".join(map(repr, get_args(Strategy))),
            received=f"strategy={strategy!r}",
        )


def unfreeze_of(classifier: Classifier, wanted: Unfreeze) -> Unfreeze:
    """Return what is to learn: what was asked for, else what the strategy says."""
    if wanted is not None:
        return wanted
    strategy = classifier.record.get("strategy")
    if strategy == "freeze_base" and classifier.record.get("fitted"):
        return DEFAULT_SHARE  # the head has learned already: what is asked for now is more
    return unfreeze_by(strategy)


def unfreeze_by(strategy: Strategy | None) -> Unfreeze:
    """Return what a strategy lets learn of the backbone, as `fine_tune` takes it."""
    if strategy == "freeze_base":
        return 0
    return "all" if strategy in ("train_all", "from_scratch") else DEFAULT_SHARE


def untrained_head(name: HeadName, features: int, classes: int, seed: int) -> Head:
    """Return a head whose answers mean nothing yet.

    The output layer starts at zero, so that every class is as likely as the other; a hidden layer
    starts as Glorot and Bengio (2010) draw it.
    """
    if name not in get_args(HeadName):
        raise ArgumentError(
            "There is no head of this name.",
            expected="'gap', 'dense' or 'svm'",
            received=f"head={name!r}",
        )
    layers = []
    if name == "dense":
        limit = np.sqrt(6 / (features + UNITS))
        random = np.random.RandomState(seed)  # the generator whose numbers never change
        weights = random.uniform(-limit, limit, (features, UNITS)).astype(np.float32)
        layers.append(Layer(weights, np.zeros(UNITS, np.float32), "relu"))
        features = UNITS
    zeros = np.zeros((features, classes), np.float32)
    layers.append(Layer(zeros, np.zeros(classes, np.float32), "softmax"))
    return Head(name, tuple(layers), {})


def _class_names(classes: Any) -> tuple[str, ...]:
    names = () if isinstance(classes, str) else tuple(classes)
    if len(names) < 2 or len(set(names)) < len(names) or not all(isinstance(n, str) for n in names):
        raise ArgumentError(
            "The argument 'classes' does not name two classes or more.",
            expected="different names, such as images.class_names",
            received=f"classes={classes!r}"[:200],
        )
    return names
