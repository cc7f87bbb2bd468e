"""One way to show that long work goes on, and one way to say a thing once.

Progress appears only when the work takes longer than a moment, and leaves nothing behind, so that
logs and notebooks stay clean.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO

from tqdm import tqdm

_said: set[str] = set()
_quiet = ContextVar("quiet", default=False)


def progress(
    iterable: Iterable[Any] | None = None,
    *,
    what: str,
    total: int | None = None,
    unit: str = "picture",
) -> tqdm:
    """Return a progress bar with rate and time left.

    Parameters
    ----------
    iterable
        What to walk over; without it, call `.update(n)` yourself and close the bar at the end.
    what
        What is going on, in a few words.
    total
        How many steps there are, where the iterable does not know.
    unit
        What is counted; `"B"` counts bytes and prints MB.

    """
    # Where somebody watches, tqdm's own environment variables count: TQDM_DISABLE=1 hides all bars.
    hidden = {} if _somebody_watches() else {"disable": True}
    return tqdm(
        iterable,
        desc=what,
        total=total,
        unit=unit if unit == "B" else f" {unit}s",
        unit_scale=unit == "B",
        unit_divisor=1000,
        leave=False,
        delay=1.0,
        dynamic_ncols=True,
        file=_stream(),
        **hidden,
    )


def say(message: str) -> None:
    """Print a line of plain words, where a person reads and no program parses.

    That is the cell's output in a notebook, and standard error in a terminal (standard output is
    kept for results: `--json`).
    """
    if not _quiet.get() and (stream := _stream()) is not None:
        print(message, file=stream, flush=True)


@contextmanager
def quietly() -> Iterator[None]:
    """Keep what is said inside to itself, where steps report that are part of a larger one."""
    before = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(before)


def say_once(message: str) -> None:
    """Print a line the first time that it is said in this process."""
    if message not in _said:
        _said.add(message)
        say(message)


def _stream() -> TextIO | None:
    """Return where words for a person go: a notebook prints standard error on red.

    None where there is nowhere: a program without a terminal may have closed standard error, and
    standard output is kept for results.
    """
    return sys.stdout if _in_notebook() else sys.stderr


def _somebody_watches() -> bool:
    """Tell whether a terminal or a notebook shows standard error as it comes."""
    return _in_notebook() or (sys.stderr is not None and sys.stderr.isatty())


def _in_notebook() -> bool:
    """Tell whether this process is the kernel of a notebook (and not a child that it started)."""
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return get_ipython is not None and hasattr(get_ipython(), "kernel")
