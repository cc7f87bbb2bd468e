"""A CSV file that grows line by line, and survives crashes, two writers at once, and Excel."""

from __future__ import annotations

import csv
import io
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from tlcourse.data.annotation_lines import OPEN, Lines, bare, guarded, is_time, parsed
from tlcourse.data.reading import shown
from tlcourse.errors import DataError
from tlcourse.messages import say

COLUMNS = ("file", "label", "quality", "annotator", "action", "time")
"""In this order, with the time at the end: a line that ends in a whole time is whole."""

_HEAD = ",".join(COLUMNS) + "\n"
_DELIMITERS = ",;\t"
_LOCK_SECONDS = 60


@dataclass(frozen=True)
class Row:
    """A line of the file: its number, from 1, and its cells by column, in small letters."""

    line: int
    cells: dict[str, str]


class AnnotationFile:
    """Reads and appends lines; whatever was written whole is never lost or changed.

    A line is forced to the disk before `append` returns. Of a line that a crash has cut short, the
    next `append` moves the rest to a file beside, whose name ends in `.torn`, and says so. Writers
    take turns by a lock file beside (`.name.lock`), which the system releases when its holder dies.

    The separator (comma, semicolon or tab), the byte order mark, the order of columns and the ends
    of lines stay as they are found, as Excel may have left them. Cells that a spreadsheet would
    take for a formula get an apostrophe in front, and lose it when they are read.

    Parameters
    ----------
    path
        The file; it need not exist yet.

    Attributes
    ----------
    rows : list of Row
        The whole lines below the head, as of the last reading.
    faults : list of tuple
        Line numbers, and what is wrong there.
    torn : bytes
        What follows the last whole line: of a crash, or of somebody who is writing just now.

    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[Row] = []
        self.faults: list[tuple[int, str]] = []
        self.torn = b""
        self._columns: list[str] = []
        self._delimiter, self._newline = ",", "\n"
        self._known = b""
        self._turn = threading.RLock()

    def read(self) -> None:
        """Take in what is new in the file; a last line that is not whole yet is left alone.

        Raises
        ------
        DataError
            When there is a file that cannot be read, or its head lacks the column `file`.

        """
        with self._turn:
            self._catch_up()

    def append(self, compose: Callable[[], dict[str, str] | None]) -> None:
        """Add a line.

        Parameters
        ----------
        compose
            Returns its cells, or None to add nothing after all. It is called when all lines of
            others are in `rows`, and none can be added before this one.

        Raises
        ------
        DataError
            When the file cannot be written, or its head lacks a column.

        """
        with self._turn, self._locked():
            self._catch_up()
            missing = [name for name in COLUMNS if self._columns and name not in self._columns]
            if missing:
                raise DataError(
                    f"Nothing can be added to {shown(self.path)}.",
                    expected=f"the columns {', '.join(COLUMNS)}",
                    received=f"no column {', '.join(missing)}",
                    todo="Add these names to its first line, or begin a new file.",
                )
            cells = compose()
            if cells is None:
                return
            try:
                if self.torn:
                    self._keep_aside()
                self._write(cells)
            except OSError as error:
                raise self._unwritable(error) from error
            self._catch_up()

    def _catch_up(self) -> None:
        """Read what was added, or everything where the file was replaced."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            data = b""
        except OSError as error:
            raise DataError(
                f"The file {shown(self.path)} cannot be read.",
                expected="a CSV file",
                received=error.strerror,
                todo="Check its rights.",
            ) from error
        grown = len(data) > len(self._known)
        if not data.startswith(self._known) or (grown and not self._known.endswith(b"\n")):
            # written anew, by a spreadsheet for example
            self.rows, self.faults, self._columns, self._known = [], [], [], b""
        start = len(self._known)
        lines = Lines(data[start:], self._known.count(b"\n") + 1, at_start=start == 0)
        whole = 0
        while lines.peek():
            if not self._columns:
                self._delimiter = max(_DELIMITERS, key=lines.peek().count)
                self._newline = "\r\n" if lines.peek().endswith("\r\n") else "\n"
            if not self._take(lines):
                break
            whole = lines.consumed
        self._known = data[: start + whole]
        self.torn = data[start + whole :]

    def _take(self, lines: Lines) -> bool:
        """Take in the next line; return False, and leave it, where it is not whole."""
        number = lines.number
        text, cells, fault = self._next_record(lines)
        ended, is_open = text.endswith("\n"), fault == OPEN
        if not self._columns:
            return self._take_head(text, cells)
        if not ended and (fault or not self._ends_whole(cells)):
            return False
        if is_open and not lines.peek():
            return False
        if fault:
            self.faults.append((number, fault))
        elif len(cells) > len(self._columns):
            self.faults.append((number, f"{len(cells)} cells in {len(self._columns)} columns"))
        elif any(cells):
            pairs = zip(self._columns, map(bare, cells), strict=False)
            self.rows.append(Row(number, dict(pairs)))
        return True

    def _next_record(self, lines: Lines) -> tuple[str, list[str], str]:
        """Return the text of the next line, its cells, and what is wrong with it, "" if nothing.

        A cell in quotes may hold ends of lines. Where the lines within it are whole lines
        themselves, it is rather a quote that was never closed, and its line stands alone.
        """
        begin, number = lines.consumed, lines.number
        cells, fault = parsed(lines, self._delimiter)
        text = lines.text(begin)
        if any(self._is_whole_line(line) for line in text.split("\n")[1:]):
            lines.consumed, lines.number = begin, number
            return next(lines), [], OPEN
        return text, cells, fault

    def _is_whole_line(self, line: str) -> bool:
        if line.count('"') % 2:  # the end of a cell in quotes
            return False
        cells, fault = parsed(iter([line]), self._delimiter)
        return not fault and self._columns[-1:] == ["time"] and self._ends_whole(cells)

    def _ends_whole(self, cells: list[str]) -> bool:
        """Tell whether a line without an end has all its cells, the last one whole.

        Somebody else's list may lack an end behind its last line, and nothing is added to it.
        """
        if len(cells) != len(self._columns):
            return False
        if not set(COLUMNS) <= set(self._columns):
            return True
        return self._columns[-1] == "time" and is_time(cells[-1])

    def _take_head(self, text: str, cells: list[str]) -> bool:
        """Take in the names of the columns; return False where they were cut short."""
        if not any(cells):
            return True
        names = [cell.strip().lower() for cell in cells]
        if text != _HEAD and _HEAD.startswith(text):
            return False
        if "file" not in names:
            raise DataError(
                f"The file {shown(self.path)} is no list of annotations.",
                expected=f"a first line with the columns {', '.join(COLUMNS)}",
                received=", ".join(names)[:200],
                todo="Choose another file; one from Excel must be saved as 'CSV UTF-8'.",
            )
        self._columns = names
        return True

    def _keep_aside(self) -> None:
        """Move the rest of a line that was cut short to a file of its own."""
        aside = self.path.with_name(f"{self.path.name}.torn")
        _append(aside, self.torn + b"\n")
        os.truncate(self.path, len(self._known))
        say(
            f"The last line of {shown(self.path)} was cut short, by a crash or a full disk. "
            f"Its {len(self.torn):,} bytes are kept aside in {shown(aside.name)}."
        )

    def _write(self, cells: dict[str, str]) -> None:
        text = ""
        if not self._columns:
            text = _HEAD
        elif not self._known.endswith(b"\n"):
            text = self._newline
        line = io.StringIO()
        # With this end the writer quotes cells that hold either of its characters.
        writer = csv.writer(line, delimiter=self._delimiter, lineterminator="\r\n")
        writer.writerow([guarded(cells.get(name, "")) for name in self._columns or COLUMNS])
        text += line.getvalue().removesuffix("\r\n") + self._newline
        _append(self.path, text.encode("utf-8", "surrogateescape"))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=_LOCK_SECONDS)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout as error:
            raise DataError(
                f"Another program has been writing to {shown(self.path)} for a minute.",
                todo="Close it, and try again.",
            ) from error
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            yield
        finally:
            lock.release()

    def _unwritable(self, error: OSError) -> DataError:
        return DataError(
            f"The annotation cannot be written to {shown(self.path)}; nothing was changed.",
            received=error.strerror or str(error),
            todo="Make room, or choose a folder that you may write to.",
        )


def _append(path: Path, data: bytes) -> None:
    """Add bytes to the end of a file and force them to the disk; all of them, or none."""
    new = not path.exists()
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0))
    try:
        size = os.fstat(handle).st_size
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, size)
            raise
    finally:
        os.close(handle)
    if new and os.name == "posix":  # the name of a new file is part of its folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
