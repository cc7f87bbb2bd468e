"""A time limit for code that a student wrote: a loop without end must not hang the notebook."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

_GRACE_SECONDS = 1.0


class TimeUpError(Exception):
    """The code had not ended when its time was over."""


class _Stop(BaseException):
    """Raised within code whose time is over."""


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """Return what `work()` returns, or raise TimeUpError when it takes longer.

    The work is done by a thread of its own, which works on every system and in every kernel. When
    its time is over, an exception is raised in that thread, which ends loops of Python. Code that
    waits inside a compiled library is left to itself: the thread goes on in the background, and
    ends with the kernel at the latest. Out of reach is one single step that never gives Python's
    lock away, such as a power of thousands of millions of digits.

    Raises
    ------
    TimeUpError
        When the time is over.
    Exception
        Whatever `work` raises; a `SystemExit` as well.

    """
    done: list[Result] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except _Stop:
            pass
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True, name="tlcourse-time-limit")
    thread.start()
    try:
        thread.join(seconds)
        late = thread.is_alive()
    finally:
        if thread.is_alive():  # the time is over, or somebody interrupts the kernel
            _stop(thread)
    if late:
        raise TimeUpError
    if raised:
        raise raised[0]
    return done[0]


def _stop(thread: threading.Thread) -> None:
    """Raise an exception in a thread, again where a bare `except:` has caught it."""
    deadline = time.monotonic() + _GRACE_SECONDS
    while thread.is_alive() and time.monotonic() < deadline:
        identity = ctypes.c_ulong(thread.ident or 0)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(identity, ctypes.py_object(_Stop))
        thread.join(0.1)
