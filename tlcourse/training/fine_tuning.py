"""`fine_tune`: part of a backbone learns on, with the head, at a small rate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from tlcourse.augmentation import Augmentation
from tlcourse.data import ImageSet
from tlcourse.errors import must_be
from tlcourse.features.engines import EngineName
from tlcourse.training.assembly import take_apart
from tlcourse.training.classifier import Classifier
from tlcourse.training.freezing import Unfreeze
from tlcourse.training.parts import training_parts
from tlcourse.training.planning import CacheFrozen, make_plan
from tlcourse.training.rows import decode
from tlcourse.training.running import OnEpoch, Stop
from tlcourse.training.settings import batch_of, check_share, checked_settings
from tlcourse.training.strategies import unfreeze_of
from tlcourse.training.tuning import Tuning, head_alone


def fine_tune(
    classifier: Classifier,
    data: ImageSet,
    *,
    unfreeze: Unfreeze = None,
    learning_rate: float | Literal["auto"] = "auto",
    epochs: int = 10,
    batch_size: int | Literal["auto"] = "auto",
    augmentation: Augmentation | None = None,
    variants: int = 4,
    layer_decay: float = 1.0,
    gradual: bool = False,
    warmup: float = 0.1,
    label_smoothing: float = 0.1,
    class_weights: Literal["balanced"] | None = "balanced",
    patience: int = 5,
    held_out: float = 0.2,
    cache_frozen: CacheFrozen = "auto",
    engine: EngineName = "auto",
    checkpoint: str | Path | None = None,
    on_epoch: OnEpoch = None,
    stop: Stop = None,
    seed: int = 0,
) -> Classifier:
    """Let the upper part of a classifier's backbone learn, together with its head.

    The head comes first: where it is untrained, it is fitted on the frozen features, so that no
    random head pulls the backbone about (Kumar et al. 2022, 'Fine-tuning can distort pretrained
    features'). Then both learn by Adam (Kingma and Ba 2015), the backbone at a tenth of the head's
    rate, which rises in a warm-up and falls along a cosine (Loshchilov and Hutter 2017). BatchNorm
    layers stay as they are. The weights of the epoch with the highest validation accuracy are kept,
    among equals that with the lowest loss; the start counts as epoch 0, so that fine-tuning that
    does not help changes nothing.

    The layers below those that learn give the same numbers in each epoch. They compute once, in a
    fast engine, and the rest learns from what they gave.

    Parameters
    ----------
    classifier
        From `train_head`, `build_classifier`, `load_classifier` or `fine_tune`. It stays as it is.
    data
        The parts "train" and "validation" are used, never "test"; a set without splits is learned
        from whole. Unreadable pictures are named and left out.
    unfreeze
        Which layers learn: from a block to the end, by the beginning of a layer's name
        (`"block5"`); so many layers, counted from the end (`3`); a share of the layers (`0.25`);
        `"all"`. None follows the strategy of `build_classifier`: a quarter, or all, or with
        `"freeze_base"` the head alone until it is trained, and then a quarter.
    learning_rate
        The highest rate of the backbone's upper layers. `"auto"` is printed when it is chosen.
    epochs
        Passes over the training pictures, at most.
    batch_size
        Pictures in a step; `"auto"` is 16, or fewer for a tiny set.
    augmentation
        Changes to learn from, besides the pictures as they are.
    variants
        With augmentation, how many versions there are of each picture: itself, and changed ones.
        They take turns by epoch. Where the frozen layers compute only once, each costs a pass
        through them.
    layer_decay
        Each block below the highest learns at this times the rate of the block above (Howard and
        Ruder 2018: discriminative rates), 0 to 1.
    gradual
        Whether the head learns alone in the first epoch, and each epoch sets one block more free,
        from the top (Howard and Ruder 2018: gradual unfreezing).
    warmup
        Share of all steps in which the rate rises, 0 to 1.
    label_smoothing
        Share of certainty that is taken from each label and spread over all classes, 0 to 1
        (Szegedy et al. 2016).
    class_weights
        `"balanced"`: rare classes weigh as much as frequent ones; None: each picture does.
    patience
        Epochs without a better one before training ends.
    held_out
        Share of the training pictures to choose the epoch with, where the set has no validation
        part; groups and copies stay together. 0 holds nothing out: the last epoch counts.
    cache_frozen
        Whether to keep what the frozen layers give in a temporary file. `"auto"` does where it
        takes no more than half of the free disk. The results are the same, up to rounding.
    engine
        For the frozen layers, as in `extract_features`.
    checkpoint
        A `.npz` file in which a training writes down how far it is, after each epoch and each
        minute. Killed at any moment and run again, it ends in the same weights as if it had not
        been, on the same machine. A file of another training is refused.
    on_epoch
        Called after each epoch with the `History` so far.
    stop
        A function or a `threading.Event`, asked before each step; training then ends with the best
        weights so far, as it does on Ctrl-C. In a notebook `with tl.watch_training():` around it
        shows curves and a button for that.
    seed
        For the order of the pictures, what is held out, and dropout.

    Returns
    -------
    A new `Classifier` with a backbone of its own and its `history`.

    Raises
    ------
    ArgumentError
        When an argument makes no sense, or the checkpoint belongs to another training.
    DataError
        When there is nothing to learn from, a class has no picture, or classes do not match.

    """
    must_be("classifier", classifier, Classifier, "Start with tl.train_head(features).")
    must_be("data", data, ImageSet, 'Write images = tl.load_images("folder") first.')
    todo = "Write augmentation=tl.Augmentation()."
    must_be("augmentation", augmentation, (Augmentation, type(None)), todo)
    backbone, head = take_apart(classifier)
    strategy = classifier.record.get("strategy")
    unfreeze = unfreeze_of(classifier, unfreeze)
    if unfreeze == 0 and not head.is_trained and augmentation is None:
        return head_alone(classifier, data, head, engine, seed)
    scratch = strategy == "from_scratch"
    settings = checked_settings(
        backbone, scratch, epochs=epochs, learning_rate=learning_rate, layer_decay=layer_decay,
        gradual=gradual, warmup=warmup, label_smoothing=label_smoothing, patience=patience,
        class_weights=class_weights, versions=variants if augmentation else 1, seed=seed,
    )  # fmt: skip
    check_share("held_out", held_out)
    plan = make_plan(backbone, unfreeze, batch_norm=scratch)
    train, validation = training_parts(data, classifier.class_names, held_out, seed)
    settings = replace(settings, batch_size=batch_of(batch_size, len(train)))
    tuning = Tuning(
        classifier, backbone, head, plan, settings, augmentation,
        decode(train, backbone.input_size),
        None if validation is None else decode(validation, backbone.input_size),
    )  # fmt: skip
    return tuning.run(cache_frozen, engine, checkpoint, on_epoch, stop)
