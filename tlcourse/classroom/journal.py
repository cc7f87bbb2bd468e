"""Where somebody is in the course: a file on this machine that grows line by line.

Each line is an event in JSON: when, what kind, of which exercise, question or chapter, how it came
out. The answers themselves are not kept, and nothing leaves the machine. Lines that make no sense,
after a crash for instance, are passed over, and what follows them counts.
"""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import platformdirs
from filelock import FileLock, Timeout

from tlcourse.messages import say_once

Kind = Literal["opened", "check", "quiz"]
VARIABLE = "TLCOURSE_PROGRESS"

_LOCK_SECONDS = 5
_turn = threading.Lock()


class Event(NamedTuple):
    """One line: `kind` of event, the `id` it is about, and how it came out."""

    kind: Kind
    id: str
    result: str


def journal_path() -> Path:
    """Return the file: `TLCOURSE_PROGRESS` where that is set, else in the user's data folder."""
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given).expanduser().absolute()
    return platformdirs.user_data_path("tlcourse", appauthor=False) / "progress.jsonl"


def read_journal() -> list[Event]:
    """Return all events that can be read, oldest first; none where there is no file."""
    try:
        data = journal_path().read_bytes()
    except OSError:
        return []
    return [event for line in data.splitlines() if (event := _parsed(line)) is not None]


def note(kind: Kind, id: str, result: str = "") -> None:
    """Keep an event, unless it tells nothing new.

    It is on the disk before this returns. A notebook never stops for it: where the file cannot be
    written, that is said once.
    """
    path = journal_path()
    event = Event(kind, id, result)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=_LOCK_SECONDS)
        with _turn, lock:
            if _is_news(event, read_journal()):
                _append(path, event)
    except (OSError, Timeout) as error:
        reason = getattr(error, "strerror", None) or "another program holds it"
        say_once(f"Your progress is not kept: {path} cannot be written ({reason}).")


def _is_news(event: Event, known: list[Event]) -> bool:
    """Tell whether an event adds something: a chapter opened again, when another was between."""
    if event.kind != "opened":
        return event not in known
    opened = [one for one in known if one.kind == "opened"]
    return not opened or opened[-1] != event


def _append(path: Path, event: Event) -> None:
    said = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **event._asdict()}
    data = (json.dumps(said, ensure_ascii=False) + "\n").encode()
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        size = os.fstat(handle).st_size
        if size and not _ends_in_a_line(handle, size):
            data = b"\n" + data  # a crash has cut the last line short: it stays by itself
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


def _ends_in_a_line(handle: int, size: int) -> bool:
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1) == b"\n"


def _parsed(line: bytes) -> Event | None:
    """Return the event of a line, or None where it holds none."""
    try:
        said: Any = json.loads(line)
        event = Event(said["kind"], said["id"], said["result"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    good = event.kind in get_args(Kind) and all(isinstance(part, str) for part in event)
    return event if good else None
