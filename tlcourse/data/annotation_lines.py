"""Lines of a CSV file that may be cut short, and cells that no spreadsheet computes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime

OPEN = "a quote that is never closed"
"""What is wrong with a line whose last cell begins with a quote that has no end."""

_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would compute when a cell begins with it."""


class Lines:
    """The lines of some bytes as text, for `csv.reader`, counting what it takes."""

    def __init__(self, data: bytes, first: int, at_start: bool) -> None:
        self._data = data
        self._at_start = at_start
        self.consumed, self.number = 0, first

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        text = self.peek()
        if not text:
            raise StopIteration
        self.consumed = self._end()
        self.number += 1
        return text

    def peek(self) -> str:
        """Return the next line with its end, "" after the last one."""
        return self._decoded(self.consumed, self._end())

    def text(self, begin: int) -> str:
        """Return what was taken from some place on."""
        return self._decoded(begin, self.consumed)

    def _end(self) -> int:
        return self._data.find(b"\n", self.consumed) + 1 or len(self._data)

    def _decoded(self, begin: int, end: int) -> str:
        # Names of files may hold bytes that are no text; they come back as they were.
        text = self._data[begin:end].decode("utf-8", "surrogateescape")
        return text.removeprefix("\ufeff") if self._at_start and begin == 0 else text


def parsed(lines: Iterator[str], delimiter: str) -> tuple[list[str], str]:
    """Return the cells of the next line, and what is wrong with it, "" if nothing."""
    try:
        return next(csv.reader(lines, delimiter=delimiter, strict=True), []), ""
    except csv.Error as error:
        return [], OPEN if "unexpected end of data" in str(error) else str(error)


def is_time(text: str) -> bool:
    """Tell whether a text is a whole time of ISO 8601, to the second at least, with its zone."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith((*_AS_FORMULA, "'")) else cell


def bare(cell: str) -> str:
    """Return what was guarded."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_AS_FORMULA, "'")) else cell
