"""The errors that a person can act on.

Every message says four things: what went wrong, what was expected, what was received, and what to
do. The command line prints the message alone; a notebook shows it at the end of the traceback.
"""

from __future__ import annotations

from typing import SupportsIndex

HIGHEST_SEED = 2**32 - 1
"""Larger ones numpy's older generators do not take."""


class TLCourseError(Exception):
    """The base of all errors that `tlcourse` raises on purpose.

    Parameters
    ----------
    what
        What went wrong, as one sentence that names the argument or the file.
    expected, received
        What would have been right, and what was there instead.
    todo
        The next step for the person who reads this.

    """

    def __init__(
        self,
        what: str,
        *,
        expected: str | None = None,
        received: str | None = None,
        todo: str | None = None,
    ) -> None:
        self.what, self.expected, self.received, self.todo = what, expected, received, todo
        labelled = [("Expected", expected), ("Received", received), ("What to do", todo)]
        lines = [what, *(f"  {label}: {text}" for label, text in labelled if text)]
        super().__init__("\n".join(lines))


class ArgumentError(TLCourseError, ValueError):
    """An argument has a value that cannot work."""


class AssetError(TLCourseError):
    """A file that the course needs cannot be had, or is not what it should be."""


class OfflineError(AssetError):
    """A file is not on this machine, and the network cannot be reached."""


class WeightsError(AssetError):
    """Pre-trained weights cannot be had, or are not the genuine ones."""


class ArchiveError(AssetError):
    """An archive is broken, or holds something that must not be unpacked."""


class ModelFileError(TLCourseError):
    """A model file is missing, damaged, or was not written by `Classifier.save`."""


class EngineError(TLCourseError):
    """An engine for feature extraction cannot run a network."""


class DataError(TLCourseError, ValueError):
    """A folder, a manifest or a set of pictures cannot be used as it is."""


class PictureError(DataError):
    """One picture cannot be read."""


def must_be_whole(argument: str, value: object, lowest: int, highest: int) -> int:
    """Return a whole number within bounds, or raise an ArgumentError that names them."""
    number = value.__index__() if isinstance(value, SupportsIndex) else None
    if number is None or not lowest <= number <= highest:
        raise ArgumentError(
            f"The argument '{argument}' is out of range.",
            expected=f"a whole number from {lowest:,} to {highest:,}",
            received=f"{argument}={value!r}",
        )
    return number


def must_be(argument: str, value: object, kinds: type | tuple[type, ...], todo: str) -> None:
    """Raise an ArgumentError unless `value` is of one of `kinds`.

    For the verbs that people type: handing over the result of the wrong step is the most natural
    mistake there is, and an AttributeError from inside teaches nothing.

    Parameters
    ----------
    argument
        The name of the argument.
    value
        What was handed over.
    kinds
        The type or types that would be right.
    todo
        How such a thing is made.

    """
    if isinstance(value, kinds):
        return
    names = [kind.__name__ for kind in (kinds if isinstance(kinds, tuple) else (kinds,))]
    shown = repr(value).partition("\n")[0]
    raise ArgumentError(
        f"The argument '{argument}' is of the wrong kind.",
        expected=" or ".join(names),
        received=f"{type(value).__name__}: {shown[:100]}",
        todo=todo,
    )
