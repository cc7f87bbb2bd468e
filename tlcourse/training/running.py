"""Epoch after epoch: the best weights kept, early stopping, and what interrupts a training."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

import numpy as np

from tlcourse.messages import progress, say
from tlcourse.parallel import map_ahead
from tlcourse.training.checkpoint import Arrays, Checkpoint, Found
from tlcourse.training.history import Ending, Epoch, History
from tlcourse.training.loop import Trainer, assign, copied
from tlcourse.training.rows import Rows
from tlcourse.training.watching import Moment, watcher_now

Stop: TypeAlias = "Callable[[], bool] | threading.Event | None"
"""What says that training is to end: an event that is set, or a function that returns True."""

OnEpoch: TypeAlias = "Callable[[History], object] | None"
"""Called after each epoch with the history so far: for curves that grow."""

_EXPLODED = 3.0
"""Times the loss of guessing."""

_SECONDS_BETWEEN = 60.0
"""Between two checkpoints within an epoch."""


@dataclass(frozen=True)
class Part:
    """Rows with their labels, `(n,)` integers."""

    rows: Rows
    labels: np.ndarray


@dataclass
class _State:
    """Where a training stands, besides the numbers in the network."""

    epoch: int = 0
    step: int = 0
    loss_sum: float = 0.0
    right: int = 0
    seen: int = 0
    seconds: float = 0.0
    epochs: list[dict[str, Any]] = field(default_factory=list)
    best: int = 0
    ended: Ending | None = None

    @property
    def waited(self) -> int:
        """Epochs since the best one."""
        return self.epochs[-1]["number"] - self.best

    def history(self, ended: Ending) -> History:
        return History(tuple(Epoch(**e) for e in self.epochs), self.best, self.ended or ended)


class Run:
    """A training from its start, or from its checkpoint, to its end.

    Parameters
    ----------
    trainer
        Holds the network.
    train, validation
        What to learn from, and what chooses the epoch; without the latter the last epoch counts.
    stop, on_epoch
        Hooks.
    checkpoint
        Where to write down how far it is.
    found
        What the checkpoint held before.

    """

    def __init__(
        self,
        trainer: Trainer,
        train: Part,
        validation: Part | None,
        *,
        stop: Stop = None,
        on_epoch: OnEpoch = None,
        checkpoint: Checkpoint | None = None,
        found: Found = None,
    ) -> None:
        self._trainer, self._train, self._validation = trainer, train, validation
        self._settings = trainer.settings
        self._stop = stop.is_set if isinstance(stop, threading.Event) else stop
        self._on_epoch = on_epoch or (lambda _: None)
        self._checkpoint = checkpoint
        self._changing = trainer.changing
        self._state = _State()
        self._best = copied(self._changing)
        self._saved = time.perf_counter()
        self._watcher, self._told = watcher_now(), 0.0
        if found is not None:
            self._go_on(*found)

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return -(-len(self._train.labels) // self._settings.batch_size)

    def __call__(self) -> History:
        """Train; leave the best weights in the network, and return what happened."""
        ended: Ending = "stopped by hand"
        try:
            if not self._state.epochs:
                self._write_epoch(0, None, None)
            self._watcher.begins(self._state.history("stopped by hand"), self._settings.epochs)
            total = self._settings.epochs * self.steps
            done = self._state.epoch * self.steps + self._state.step
            with progress(what="fine-tuning", total=total, unit="step") as bar:
                bar.initial = bar.n = done
                while self._state.ended is None and not self._asked_to_stop():
                    self._one_epoch(bar)
        except KeyboardInterrupt:
            say("Interrupted.")
        if self._state.ended is None:
            say(self._told_of_stop())
        ended = self._state.ended or ended
        assign(self._changing, self._best)
        history = self._state.history(ended)
        self._watcher.ends(history)
        return history

    def _told_of_stop(self) -> str:
        later = " Run the same again to go on from the checkpoint." if self._checkpoint else ""
        of = f"epoch {self._state.best}" if self._state.best else "the start"
        return f"Training was stopped; the best weights so far, those of {of}, are kept.{later}"

    def _asked_to_stop(self) -> bool:
        if self._watcher.wants_to_stop():
            return True
        return self._stop is not None and bool(self._stop())

    def _batches(self) -> list[np.ndarray]:
        """Return the positions of each batch of this epoch: by seed and epoch alone.

        All are of nearly the same size: a last batch of two pictures would weigh as much as others.
        """
        random = np.random.RandomState([self._settings.seed, self._state.epoch])
        return np.array_split(random.permutation(len(self._train.labels)), self.steps)

    def _one_epoch(self, bar: Any) -> None:
        state, started = self._state, time.perf_counter()
        before = state.seconds

        def fetch(positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return self._train.rows.batch(positions, state.epoch), self._train.labels[positions]

        for rows, labels in map_ahead(fetch, self._batches()[state.step :], ahead=2):
            if self._asked_to_stop():
                self._save()
                return
            loss, right = self._trainer.step(rows, labels, state.epoch)
            state.loss_sum += loss * len(labels)
            state.right += right
            state.seen += len(labels)
            state.step += 1
            state.seconds = before + time.perf_counter() - started
            bar.update()
            self._tell_watcher()
            if not math.isfinite(loss):
                self._explode()
                return
            if time.perf_counter() - self._saved > _SECONDS_BETWEEN and state.step < self.steps:
                self._save()
        self._finish_epoch(before, started)

    def _finish_epoch(self, before: float, started: float) -> None:
        state = self._state
        loss, accuracy = state.loss_sum / state.seen, state.right / state.seen
        if loss > _EXPLODED * self._loss_of_guessing():
            self._explode()
            return
        judged = self._judge()
        if judged[0] is not None and not math.isfinite(judged[0]):
            self._explode()
            return
        state.epoch += 1
        state.seconds = before + time.perf_counter() - started
        self._write_epoch(state.epoch, loss, accuracy, judged)
        state.step, state.loss_sum, state.right, state.seen, state.seconds = 0, 0.0, 0, 0, 0.0
        if state.epoch == self._settings.epochs:
            state.ended = "all epochs"
        elif self._validation is not None and state.waited >= self._settings.patience:
            state.ended = "early stopping"
        self._save()
        history = state.history("stopped by hand")
        self._watcher.epoch(history)
        self._on_epoch(history)

    def _tell_watcher(self) -> None:
        now = time.perf_counter()
        if now - self._told < self._watcher.seconds_between:
            return
        self._told = now
        state = self._state
        moment = Moment(
            epoch=state.epoch + 1,
            epochs=self._settings.epochs,
            step=state.step,
            steps=self.steps,
            loss=state.loss_sum / state.seen,
            accuracy=state.right / state.seen,
            seconds=state.seconds,
            rates=self._trainer.rates(state.epoch),
        )
        self._watcher.step(moment)

    def _loss_of_guessing(self) -> float:
        first = self._state.epochs[0]["validation_loss"] or 0.0
        return max(math.log(self._trainer.model.output_shape[-1]), first)

    def _judge(self) -> tuple[float | None, float | None]:
        if self._validation is None:
            return None, None
        return self._trainer.judge(self._validation.rows, self._validation.labels)

    def _write_epoch(
        self,
        number: int,
        loss: float | None,
        accuracy: float | None,
        judged: tuple[float | None, float | None] | None = None,
    ) -> None:
        """Add an epoch to the history; keep its weights where they are the best so far."""
        state = self._state
        started = time.perf_counter()
        judged = judged or self._judge()
        seconds = state.seconds if number else time.perf_counter() - started
        groups = self._trainer.groups
        rate = float(np.array(groups[min(1, len(groups) - 1)].optimiser.learning_rate))
        epoch = Epoch(number, rate, loss, accuracy, *judged, round(seconds, 3))
        before = state.epochs[state.best] if state.epochs else None
        state.epochs.append(asdict(epoch))
        if before is None or _is_better(state.epochs[-1], before):
            state.best = number
            self._best = copied(self._changing)

    def _explode(self) -> None:
        """End a training whose loss is no number any more, or far above that of guessing."""
        state = self._state
        rate = self._settings.learning_rate
        of = f"epoch {state.best}" if state.best else "the start"
        say(
            f"The loss exploded in epoch {state.epoch + 1}: the steps are too large. "
            f"The weights of {of} are kept. Try learning_rate={rate / 10:.0e}."
        )
        state.ended = "loss exploded"
        self._save()

    def _save(self) -> None:
        if self._checkpoint is not None:
            arrays = {
                "now": copied(self._changing),
                "optimiser": copied(self._trainer.optimiser_state),
                "best": self._best,
            }
            self._checkpoint.save(asdict(self._state), arrays)
        self._saved = time.perf_counter()

    def _go_on(self, described: dict[str, Any], arrays: Arrays) -> None:
        self._state = _State(**described)
        assign(self._changing, arrays["now"])
        assign(self._trainer.optimiser_state, arrays["optimiser"])
        self._best = arrays["best"]
        if self._state.ended is None:
            say(f"Going on from the checkpoint, in epoch {self._state.epoch + 1}.")
        else:
            say("The checkpoint holds the finished training; nothing is computed again.")


def _is_better(epoch: dict[str, Any], best: dict[str, Any]) -> bool:
    """Tell whether an epoch names more held-out pictures right, or as many with a lower loss.

    The loss alone would not do: smoothed labels and balanced classes pull probabilities away from
    what it rewards, while the answers get better. Without held-out pictures the last is the best.
    """
    if epoch["validation_loss"] is None:
        return True
    score, before = ((row["validation_accuracy"], -row["validation_loss"]) for row in (epoch, best))
    return score > before
