"""Running chapters outside of a browser: under nbval, on a cache of their own, offline."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.chapters.course import contracts, number_of
from tests.chapters.notebooks import read
from tlcourse.classroom.exercises import exercises_of
from tlcourse.classroom.records import read_record

CELL_SECONDS = 300


def run_and_judge(chapter: Path, scratch: Path, cache: Path | None = None) -> None:
    """Run a chapter under nbval: no error, outputs as committed, each result in its band."""
    result = run_under_nbval(chapter, scratch, cache)
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
    assert any((cache or scratch / "cache").iterdir())
    assert_everything_was_said(chapter, scratch / "record.jsonl")


def run_under_nbval(
    notebook: Path, scratch: Path, cache: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a notebook in a process of its own, which inherits that it is offline.

    Every exception fails; outputs are compared in the cells that are marked NBVAL_CHECK_OUTPUT.
    """
    command = [
        sys.executable, "-m", "pytest", str(notebook), "-q", "-p", "no:cacheprovider",
        "--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={CELL_SECONDS}",
    ]  # fmt: skip
    return subprocess.run(
        command,
        env=environment(scratch, cache),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=850,
    )


def environment(scratch: Path, cache: Path | None = None) -> dict[str, str]:
    own = {
        "TLCOURSE_CACHE": str(cache or scratch / "cache"),
        "IPYTHONDIR": str(scratch / "ipython"),
        "TLCOURSE_PROFILE": "smoke",
        "TLCOURSE_STRICT": "1",
        "TLCOURSE_RECORD": str(scratch / "record.jsonl"),
        "TLCOURSE_PROGRESS": str(scratch / "progress.jsonl"),
    }
    return {**os.environ, **own}


def run_half_and_kill(notebook: Path, scratch: Path) -> None:
    """Run the upper half of a notebook, and kill its kernel, as 'restart the kernel' does."""
    upper = read(notebook)
    upper.cells = upper.cells[: len(upper.cells) // 2]
    client = NotebookClient(upper, timeout=CELL_SECONDS, kernel_name="python3")
    with client.setup_kernel(env=environment(scratch)):
        for place, cell in enumerate(upper.cells):
            client.execute_cell(cell, place)
        assert client.km is not None
        client.km.signal_kernel(signal.SIGKILL)


def assert_everything_was_said(chapter: Path, record: Path) -> None:
    """Check that each result was compared with its band, and that no exercise stopped anything."""
    said = read_record(record)
    record.unlink()
    number = number_of(chapter)
    compared = {line["key"]: line["inside"] for line in said if line["kind"] == "in_band"}
    expected = [key for key in contracts().results if key.partition(".")[0] == str(number)]
    assert sorted(compared) == sorted(expected)
    assert all(compared.values())
    verdicts = {line["id"]: line["verdict"] for line in said if line["kind"] == "check"}
    assert verdicts == dict.fromkeys(exercises_of(number), "unanswered")


def is_compared(cell: NotebookNode) -> bool:
    """Tell whether nbval compares the outputs of a cell."""
    marked = "nbval-check-output" in cell.metadata.get("tags", ())
    return marked or "NBVAL_CHECK_OUTPUT" in cell.source
