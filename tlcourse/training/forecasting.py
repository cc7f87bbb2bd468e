"""`forecast`: how long a fine-tuning will take and how much room, measured on a few pictures."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tlcourse.augmentation import Augmentation
from tlcourse.data import ImageSet
from tlcourse.errors import must_be
from tlcourse.features.engines import BATCH, EngineName
from tlcourse.training.assembly import take_apart
from tlcourse.training.classifier import Classifier
from tlcourse.training.freezing import Unfreeze
from tlcourse.training.loop import Trainer
from tlcourse.training.parts import training_parts
from tlcourse.training.planning import CacheFrozen, Plan, decide_to_cache, engine_for, make_plan
from tlcourse.training.rows import PixelRows, decode, in_bytes, room_for_files
from tlcourse.training.settings import batch_of, checked_settings
from tlcourse.training.strategies import unfreeze_of

_REPEATS = 2


@dataclass(frozen=True)
class Forecast:
    """What a fine-tuning is expected to cost.

    Attributes
    ----------
    seconds_before
        To decode the pictures, and to compute the frozen layers once where that is done.
    seconds_per_epoch
        Training and judging.
    epochs
        At most.
    memory, memory_free
        Bytes that a step of training holds at most, and that are free.
    disk, disk_free
        Bytes of the temporary file, and that are free.

    """

    seconds_before: float
    seconds_per_epoch: float
    epochs: int
    memory: int
    memory_free: int
    disk: int
    disk_free: int

    @property
    def seconds(self) -> float:
        """Of everything, if no epoch is spared by early stopping."""
        return self.seconds_before + self.epochs * self.seconds_per_epoch

    @property
    def fits(self) -> bool:
        """Whether memory and disk are large enough."""
        return self.memory < 0.9 * self.memory_free and self.disk < self.disk_free

    def __repr__(self) -> str:
        lines = [
            f"about {_duration(self.seconds)}: {_duration(self.seconds_before)} before the first "
            f"epoch, {_duration(self.seconds_per_epoch)} for each of {self.epochs}",
            f"memory for a step: {in_bytes(self.memory)} of {in_bytes(self.memory_free)} free",
            f"temporary file: {in_bytes(self.disk)} of {in_bytes(self.disk_free)} free",
        ]
        if not self.fits:
            lines.append("That is too much: a smaller batch_size, fewer variants, a later unfreeze")
        return "\n".join(lines)


def forecast(
    classifier: Classifier,
    data: ImageSet,
    *,
    unfreeze: Unfreeze = None,
    epochs: int = 10,
    batch_size: int | Literal["auto"] = "auto",
    augmentation: Augmentation | None = None,
    variants: int = 4,
    held_out: float = 0.2,
    cache_frozen: CacheFrozen = "auto",
    engine: EngineName = "auto",
) -> Forecast:
    """Measure a few steps of a fine-tuning, and tell what all of it would cost.

    Nothing is trained, and the classifier stays as it is. The parameters are those of `fine_tune`;
    a conversion for OpenVINO that is still to be done is not counted.

    Returns
    -------
    A `Forecast`.

    Raises
    ------
    ArgumentError, DataError
        As `fine_tune` does.

    """
    must_be("classifier", classifier, Classifier, "Start with tl.build_classifier(…).")
    must_be("data", data, ImageSet, 'Write images = tl.load_images("folder") first.')
    backbone, head = take_apart(classifier)
    settings = checked_settings(
        backbone, scratch := classifier.record.get("strategy") == "from_scratch", epochs=epochs,
        versions=variants if augmentation else 1,
    )  # fmt: skip
    plan = make_plan(backbone, unfreeze_of(classifier, unfreeze), batch_norm=scratch)
    train, validation = training_parts(data, classifier.class_names, 0, 0)
    judged = held_out * len(train) if validation is None else len(validation)
    learned = len(train) - (judged if validation is None else 0)
    settings = replace(settings, batch_size=batch_of(batch_size, len(train)))
    some = train[: max(settings.batch_size, BATCH)]
    decoding = _seconds(lambda: decode(some.with_splits(None), backbone.input_size)) / len(some)
    pixels = decode(some, backbone.input_size)[1]
    rows = PixelRows(pixels, augmentation, settings.versions)
    computed = learned * settings.versions + judged
    cached = decide_to_cache(plan, cache_frozen, int(computed), 1)
    before = decoding * (len(train) + (judged if validation is not None else 0))
    if cached:
        running = engine_for(plan.below, engine)
        few = np.arange(min(BATCH, len(pixels)))
        running(pixels[few])
        a_row = _seconds(lambda: running(rows.batch(few, 1))) / len(few)
        before += computed * a_row
    classes = len(classifier.class_names)
    trainer = Trainer(
        None if cached else plan.below.model, plan.cut.upper, plan.cut.learning, head,
        np.ones(classes, np.float32), settings, 1,
    )  # fmt: skip
    step, judge = _a_step(trainer, plan, rows, cached)
    return Forecast(
        seconds_before=before,
        seconds_per_epoch=learned * step + judged * judge,
        epochs=epochs,
        memory=plan.bytes_in_memory(settings.batch_size),
        memory_free=_memory_free(),
        disk=plan.bytes_on_disk(int(computed), 1) if cached else 0,
        disk_free=room_for_files(),
    )


def _a_step(trainer: Trainer, plan: Plan, rows: PixelRows, cached: bool) -> tuple[float, float]:
    """Return the seconds a picture of a training step, and of judging."""
    positions = np.arange(min(trainer.settings.batch_size, len(rows)))
    labels = np.zeros(len(positions), np.int64)
    shape = (len(positions), *plan.row_shape)

    def batch() -> np.ndarray:
        return np.ones(shape, np.float32) if cached else rows.batch(positions, 1)

    class _Once:
        def __len__(self) -> int:
            return len(positions)

        def batch(self, _: np.ndarray, __: int) -> np.ndarray:
            return batch()

    trainer.step(batch(), labels, trainer.settings.epochs)  # the first one is traced
    trainer.judge(_Once(), labels)
    step = _seconds(lambda: trainer.step(batch(), labels, trainer.settings.epochs))
    return step / len(positions), _seconds(lambda: trainer.judge(_Once(), labels)) / len(positions)


def _seconds(work: Callable[[], object]) -> float:
    """Return the shorter of two times that something takes."""
    times = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def _memory_free() -> int:
    import psutil

    return int(psutil.virtual_memory().available)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
