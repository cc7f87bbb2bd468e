"""What a run of chapters tells of itself: a line of JSON for each result and each check.

`tlcourse run` and the tests name the file by the environment variable `TLCOURSE_RECORD`. Without it
nothing is written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

VARIABLE = "TLCOURSE_RECORD"
STRICT = "TLCOURSE_STRICT"


def note(**said: Any) -> None:
    """Add a line to the record of this run, where there is one.

    Lines of several kernels do not mix: each is written at once, to the end of the file.
    """
    path = os.environ.get(VARIABLE)
    if not path:
        return
    line = (json.dumps(said, ensure_ascii=False) + "\n").encode()
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)


def read_record(path: str | Path) -> list[dict[str, Any]]:
    """Return the lines of a record, but for those cut short; none where there is no file."""
    try:
        text = Path(path).read_text("utf-8", "replace")
    except FileNotFoundError:
        return []
    return list(_lines(text))


def _lines(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict):
            yield said


def is_strict() -> bool:
    """Tell whether a result out of its band is an error, as in the tests."""
    return os.environ.get(STRICT, "") not in ("", "0")
