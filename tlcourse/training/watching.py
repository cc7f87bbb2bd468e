"""Who looks on while a network learns: curves that grow, and a button that ends it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from tlcourse.training.history import History


@dataclass(frozen=True)
class Moment:
    """Where a training stands within an epoch.

    Attributes
    ----------
    epoch, epochs : int
        The number of the epoch, from 1, and how many there are at most.
    step, steps : int
        Batches that were learned from in this epoch, and how many it has.
    loss, accuracy : float
        On the training pictures, over this epoch so far.
    seconds : float
        Since the epoch began.
    rates : dict of str to float
        The learning rate now of each group of layers that learns: the head, then the blocks from
        the top down.

    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    accuracy: float
    seconds: float
    rates: dict[str, float]


class Watcher:
    """What is told of a training, and may end it; this one does nothing.

    All of it is called from the thread that trains.
    """

    seconds_between: float = math.inf
    """How often `step` is called: to find out where a training stands takes a moment, too."""

    def begins(self, history: History, epochs: int) -> None:
        """Hear of a training of so many epochs that begins, or goes on from a checkpoint."""

    def step(self, moment: Moment) -> None:
        """Hear where it stands."""

    def epoch(self, history: History) -> None:
        """Hear that an epoch has ended."""

    def ends(self, history: History) -> None:
        """Hear how it ended."""

    def wants_to_stop(self) -> bool:
        """Tell, before each step, whether training is to end with the best weights so far."""
        return False


_NOBODY = Watcher()
_watcher: ContextVar[Watcher] = ContextVar("watcher", default=_NOBODY)


@contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Let somebody look on at every `fine_tune` within the `with` block."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def watcher_now() -> Watcher:
    """Return who looks on."""
    return _watcher.get()
