"""The steps of `fine_tune`: rows, the head, the training, and the classifier that comes of it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from tlcourse.augmentation import Augmentation
from tlcourse.backbones import Backbone
from tlcourse.data import ImageSet
from tlcourse.features import extract_features
from tlcourse.features.engines import EngineName, engine_name
from tlcourse.messages import say
from tlcourse.training.assembly import assemble, clone_backbone, take_apart, versions
from tlcourse.training.checkpoint import Checkpoint, Found
from tlcourse.training.classifier import Classifier
from tlcourse.training.fitting import fit_head
from tlcourse.training.freezing import freeze, layers_with_weights
from tlcourse.training.heads import Head
from tlcourse.training.history import History
from tlcourse.training.ledger import layer_changes
from tlcourse.training.loop import Trainer
from tlcourse.training.parts import training_parts
from tlcourse.training.planning import (
    CacheFrozen,
    Plan,
    decide_to_cache,
    engine_for,
    warn_of_memory,
)
from tlcourse.training.rows import FrozenRows, PixelRows, Rows, in_bytes
from tlcourse.training.running import OnEpoch, Part, Run, Stop
from tlcourse.training.settings import Settings
from tlcourse.training.train import train_head

Decoded = tuple[ImageSet, np.ndarray]
"""Pictures that can be read, and their pixels `(n, height, width, 3)` uint8."""


class Tuning:
    """One fine-tuning.

    Parameters
    ----------
    classifier, backbone, head
        The classifier and what it is made of; they stay as they are.
    plan
        A copy of the backbone, cut.
    settings
        How to learn.
    augmentation
        Of the versions beyond the first.
    train, validation
        Decoded pictures; without the latter, the last epoch counts.

    """

    def __init__(
        self,
        classifier: Classifier,
        backbone: Backbone,
        head: Head,
        plan: Plan,
        settings: Settings,
        augmentation: Augmentation | None,
        train: Decoded,
        validation: Decoded | None,
    ) -> None:
        self._classifier, self._backbone, self._head = classifier, backbone, head
        self._plan, self._settings, self._augmentation = plan, settings, augmentation
        self._train, self._pixels = train
        self._validation = validation
        self._scratch = classifier.record.get("strategy") == "from_scratch"

    def run(
        self,
        cache_frozen: CacheFrozen,
        engine: EngineName,
        checkpoint: str | Path | None,
        on_epoch: OnEpoch,
        stop: Stop,
    ) -> Classifier:
        """Train, and put the classifier together; see `fine_tune`."""
        self._describe()
        pictures = len(self._train) * self._settings.versions
        pictures += len(self._validation[0]) if self._validation else 0
        cached = decide_to_cache(self._plan, cache_frozen, pictures, 1)
        kept = None if checkpoint is None else Checkpoint(checkpoint, self._run_key(cached, engine))
        found = None if kept is None else kept.load()
        warn_of_memory(self._plan, self._settings.batch_size)
        finished = found is not None and found[0]["ended"] is not None
        train, validation = self._parts(cached and not finished, engine)
        trainer = self._trainer(cached and not finished)
        self._start_head(trainer, train.rows, found)
        run = Run(
            trainer, train, validation, stop=stop, on_epoch=on_epoch, checkpoint=kept, found=found
        )
        history = run()
        return self._finish(trainer, history, cached)

    def _describe(self) -> None:
        """Print what is about to be done, with every default."""
        s, plan = self._settings, self._plan
        every = len(layers_with_weights(plan.backbone.network, batch_norm=self._scratch))
        learning = plan.cut.learning
        said = "the head alone learns."
        if learning:
            said = f"the head and {len(learning)} of {every} layers learn, from {learning[0]} on."
        say(f"Fine-tuning {plan.backbone.name}: {said}")
        say(
            f"  rate {s.learning_rate:.1e} (head {s.head_rate:.1e}"
            + (f", each block below times {s.layer_decay:g}" if s.layer_decay < 1 else "")
            + f"), warm-up {s.warmup:.0%}, then cosine; up to {s.epochs} epochs of "
            f"{-(-len(self._train) // s.batch_size)} batches of {s.batch_size}, patience "
            f"{s.patience}"
        )
        versions = f"{s.versions} versions of each picture" if s.versions > 1 else "no augmentation"
        say(
            f"  label smoothing {s.label_smoothing:g}; class weights {s.class_weights or 'none'}; "
            f"{versions}; BatchNorm {'learns' if self._scratch else 'frozen'}"
            + ("; one more block set free each epoch" if s.gradual else "")
        )

    def _parts(self, cached: bool, engine: EngineName) -> tuple[Part, Part | None]:
        """Return what the learning part is fed with."""
        train: Rows = PixelRows(self._pixels, self._augmentation, self._settings.versions)
        judged: Rows | None = PixelRows(self._validation[1]) if self._validation else None
        if cached:
            running = engine_for(self._plan.below, engine)
            shape = self._plan.row_shape
            kept = FrozenRows(train, running, shape, self._settings.versions)  # type: ignore[arg-type]
            train, size = kept, kept.nbytes
            if judged is not None:
                held = FrozenRows(judged, running, shape, 1)  # type: ignore[arg-type]
                judged, size = held, size + held.nbytes
            say(
                f"  frozen up to {self._plan.cut.at}: computed once by {running.name}, "
                f"{in_bytes(size)} kept while training"
            )
        if judged is None or self._validation is None:
            return Part(train, self._train.labels), None
        return Part(train, self._train.labels), Part(judged, self._validation[0].labels)

    def _trainer(self, cached: bool) -> Trainer:
        counts = np.bincount(self._train.labels, minlength=len(self._classifier.class_names))
        weights = np.ones(len(counts), np.float32)
        if self._settings.class_weights == "balanced":
            weights = (len(self._train) / (len(counts) * counts)).astype(np.float32)
        steps = -(-len(self._train) // self._settings.batch_size)
        return Trainer(
            None if cached else self._plan.below.model,
            self._plan.cut.upper,
            self._plan.cut.learning,
            self._head,
            weights,
            self._settings,
            steps,
        )

    def _start_head(self, trainer: Trainer, rows: Rows, found: Found) -> None:
        """Fit the head on frozen features where it is untrained, or has seen the held-out ones."""
        if self._scratch or found is not None:
            return
        known = self._classifier.learned_from
        judged = () if self._validation is None else self._validation[0].paths
        if self._head.is_trained and not known.intersection(judged):
            return
        if self._head.is_trained:
            say("  the head has learned from held-out pictures: it is fitted anew without them")
        fitted = fit_head(
            self._head.name,
            trainer.features(rows),
            self._train.labels,
            groups=self._train.groups,
            seed=self._settings.seed,
        )
        trainer.set_head(fitted)
        say(f"  head '{fitted.name}' fitted on the frozen features first")

    def _run_key(self, cached: bool, engine: EngineName) -> dict[str, Any]:
        """Return everything that determines the numbers of this run."""
        judged = None if self._validation is None else _digest(self._validation)
        head = hashlib.sha256()
        for layer in self._head.layers:
            head.update(layer.weights.tobytes() + layer.bias.tobytes())
        return {
            "backbone": f"{self._backbone.name} {self._backbone.weights_sha256}",
            "head": f"{self._head.name} {head.hexdigest()}",
            "pictures": _digest((self._train, self._pixels)),
            "validation": judged,
            "classes": list(self._classifier.class_names),
            "learning": list(self._plan.cut.learning),
            "augmentation": self._augmentation.to_dict() if self._augmentation else None,
            "cache_frozen": cached,
            "engine": engine_name(engine),
            "versions": versions(),
            **asdict(self._settings),
        }

    def _finish(self, trainer: Trainer, history: History, cached: bool) -> Classifier:
        """Make a classifier of what was learned."""
        tuned = clone_backbone(self._backbone)
        tuned.network.set_weights(self._plan.backbone.network.get_weights())
        learning = self._plan.cut.learning
        freeze(tuned.network, learning)
        pictures = f"{len(self._train):,} pictures"
        told = f"fine-tuned from {learning[0]} on" if learning else "unchanged"
        before = self._backbone.provenance
        if learning and history.best:
            tuned.provenance = replace(before, detail=f"{before.detail}; {told}, {pictures}")
        fitted = {"regularisation": f"fine-tuned, epoch {history.best} of {history[-1].number}"}
        head = trainer.head_like(self._head, fitted)
        rates = {name: group.rate for group in trainer.groups for name in group.layers}
        record = {
            **self._classifier.record,
            "provenance": tuned.provenance.to_dict(),
            "weights_sha256": tuned.weights_sha256,
            "fitted": fitted,
            "trained_on": self._train.counts(),
            "images": self._train.record,
            "versions": versions(),
            "fine_tuning": {
                "learning": list(learning),
                "cut": self._plan.cut.at,
                "frozen_part_cached": cached,
                "batch_norm": "trained" if self._scratch else "frozen",
                "augmentation": self._augmentation.to_dict() if self._augmentation else None,
                "settings": asdict(self._settings),
                "history": history.to_dict(),
                "layers": layer_changes(self._backbone, self._head, tuned, head, rates),
            },
        }
        classifier = assemble(tuned, head, self._classifier.class_names, record)
        classifier.learned_from = self._classifier.learned_from | frozenset(self._train.paths)
        classifier.history = history
        _tell_result(history)
        return classifier


def head_alone(
    classifier: Classifier, data: ImageSet, head: Head, engine: EngineName, seed: int
) -> Classifier:
    """Fit the head on the features of the frozen backbone: the strategy `freeze_base`."""
    backbone, _ = take_apart(classifier)
    train, _ = training_parts(data, classifier.class_names, 0, seed)
    table = extract_features(backbone, train.with_splits(None), engine=engine)
    return train_head(table, head.name, seed=seed)


def _digest(decoded: Decoded) -> str:
    images, pixels = decoded
    digest = hashlib.sha256(images.labels.tobytes())
    if images.groups is not None:
        digest.update("\n".join(images.groups.tolist()).encode())
    for picture in pixels:
        digest.update(picture.tobytes())
    return digest.hexdigest()


def _tell_result(history: History) -> None:
    best, first = history[history.best], history[0]
    if best.validation_accuracy is None or first.validation_accuracy is None:
        return
    if history.best == 0:
        say("No epoch was better than the start on the held-out pictures: nothing was changed.")
        return
    say(
        f"Epoch {history.best} is kept: validation accuracy {best.validation_accuracy:.1%} "
        f"(before: {first.validation_accuracy:.1%}), loss {best.validation_loss:.3f} "
        f"({first.validation_loss:.3f}); {history.seconds:.0f} s."
    )
