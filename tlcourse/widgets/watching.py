"""`watch_training`: curves that grow while a network learns, and a button that ends it."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import asdict
from types import TracebackType
from typing import Any

import numpy as np
import traitlets

from tlcourse.errors import ArgumentError
from tlcourse.figures import Figure, drawing, finish
from tlcourse.training import History
from tlcourse.training.watching import Moment, Watcher, watched_by
from tlcourse.widgets.listening import said_meanwhile
from tlcourse.widgets.shell import Answer, Shell

_SECONDS_BETWEEN = 0.3
_STEPS_TO_TELL = 3

_NOTHING = "No training was watched yet"


class TrainingWatch(Shell):
    """Curves of the trainings within a `with` block; made by `watch_training`.

    Attributes
    ----------
    trainings : list of dict
        Each one as the browser is told of it: its epochs, the best of them, how many there may be,
        and how it ended ("" while it goes on).
    now : dict
        Where the last one stands within its epoch; empty when nothing is being trained.
    chosen : int
        The place of the training that is shown; -1 for the last.
    history : History or None
        Of the last training.

    """

    trainings = traitlets.List().tag(sync=True)
    now = traitlets.Dict().tag(sync=True)
    chosen = traitlets.Int(-1, min=-1).tag(sync=True)
    state = traitlets.Enum(["waiting", "training", "stopping", "ended"], "waiting").tag(sync=True)

    def __init__(self) -> None:
        self.history: History | None = None
        self._stop = threading.Event()
        self._within = ExitStack()
        self._display: Any = None
        super().__init__({}, {}, _sheet(None), view="watching")

    def __enter__(self) -> TrainingWatch:
        self._within.enter_context(watched_by(self.teller()))
        self.state = "waiting"
        self._display = _display(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._within.close()
        self.state, self.now = "ended", {}
        if kind is not None and self.trainings and not self.trainings[-1]["ended"]:
            self._tell(self.history, ended=f"{kind.__name__}: nothing is kept")
        self._sheet = _sheet(self.history)
        if self._display is not None:
            self._display.update(self)

    def teller(self) -> Watcher:
        """Return what tells this widget of a training."""
        return _Teller(self)

    def stop(self) -> None:
        """Let the training end before its next step, with the best weights so far."""
        self._stop.set()
        if self.state == "training":
            self.state = "stopping"

    def answer(self, question: dict[str, Any]) -> Answer:
        """Hear that the button was pressed: it means the training that was shown then."""
        if question.get("kind") != "stop":
            return super().answer(question)
        if self.state not in ("training", "stopping") or (
            question.get("training") != len(self.trainings) - 1
        ):
            raise ArgumentError("Nothing is being trained any more.")
        self.stop()
        return Answer({}, b"")

    def _begin(self, history: History, epochs: int) -> None:
        self._stop.clear()
        self.trainings = [*self.trainings, {"most": epochs}]
        self.state = "training"
        self._tell(history)

    def _tell(self, history: History | None, ended: str = "") -> None:
        """Send the epochs so far to the browser."""
        self.history = history
        told = [] if history is None else [asdict(epoch) for epoch in history.epochs]
        best = 0 if history is None else history.best
        most = self.trainings[-1]["most"]
        last = {"epochs": told, "best": best, "most": most, "ended": ended}
        self.trainings = [*self.trainings[:-1], last]


class _Teller(Watcher):
    """Tells a widget of a training."""

    seconds_between = _SECONDS_BETWEEN

    def __init__(self, watch: TrainingWatch) -> None:
        self._watch = watch
        self._listened = 0.0

    def begins(self, history: History, epochs: int) -> None:
        self._watch._begin(history, epochs)

    def step(self, moment: Moment) -> None:
        left = seconds_left(moment, self._watch.history)
        self._watch.now = {**asdict(moment), "left": left}

    def epoch(self, history: History) -> None:
        self._watch._tell(history)

    def ends(self, history: History) -> None:
        self._watch._tell(history, history.ended)
        self._watch.state, self._watch.now = "waiting", {}

    def wants_to_stop(self) -> bool:
        if time.monotonic() - self._listened > _SECONDS_BETWEEN:
            for question in said_meanwhile(self._watch):
                self._watch._hear(self._watch, question, [])
            self._listened = time.monotonic()
        return self._watch._stop.is_set()


def watch_training() -> TrainingWatch:
    """Watch networks learn: live curves, the time left, the learning rates, and a stop button.

    Every `fine_tune` within the `with` block is watched::

        with tl.watch_training():
            tuned = tl.fine_tune(linear, fleet, unfreeze="block5")

    The button ends the training before its next step, with the best weights so far, and the cell
    goes on; so does interrupting the kernel. What is computed before the first step, such as the
    frozen layers' part, it cannot end. The last curves are saved with the notebook.

    Returns
    -------
    TrainingWatch
        A widget that shows itself when the block begins. `.history` is that of the last training,
        and `.stop()` does what the button does, from another thread or a program.

    """
    return TrainingWatch()


def seconds_left(moment: Moment, history: History | None) -> float | None:
    """Return how many seconds a training still takes at most; None where it is too early to tell.

    From the epochs that are done; the first of them took longer, to compile. Before that, from the
    steps.
    """
    done = [] if history is None else [e.seconds for e in history.epochs if e.number]
    if done:
        epoch = float(np.median(done[1:] or done))
        return epoch * (moment.epochs - moment.epoch + 1) - min(moment.seconds, epoch)
    if moment.step < _STEPS_TO_TELL:
        return None
    each = moment.seconds / moment.step
    return each * (moment.epochs * moment.steps - moment.step)


def _display(watch: TrainingWatch) -> Any:
    """Show a widget in the cell that runs; return what shows it anew, None without a notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if not hasattr(shell, "kernel"):
        return None
    from IPython.display import display

    return display(watch, display_id=True)


def _sheet(history: History | None) -> Figure:
    """Return the curves, for where no script runs."""
    if history is not None:
        return history.figure()
    with drawing(6, 0.6) as canvas:
        canvas.text(0.5, 0.5, _NOTHING, ha="center", va="center")
        return finish(canvas, f"{_NOTHING}.")
