"""Whole chapters, run as a reader would: each in a kernel of its own, from top to bottom."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlcourse.classroom import journal, profiles, records
from tlcourse.classroom.contracts import FILE, find_contracts, read_contracts
from tlcourse.classroom.feedback import SOLVED
from tlcourse.classroom.profiles import Profile
from tlcourse.errors import ArgumentError, TLCourseError

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode

_LONGEST_CELL_SECONDS = 1800
_END_SECONDS = 15
_TERMINAL_CODES = re.compile(r"\x1b\[[0-9;]*m")
_NEEDED = ("nbclient", "nbconvert", "nbformat", "ipykernel")


@dataclass(frozen=True)
class Failure:
    """Where a chapter stopped: the id of its cell, and what was raised there."""

    cell: str
    message: str


@dataclass(frozen=True)
class ChapterRun:
    """What came of running one notebook.

    Attributes
    ----------
    path : Path
        The notebook.
    notebook : NotebookNode
        With new outputs; of a chapter that stopped, as far as it came.
    seconds, expected : float
        How long it took, and how long it takes at most (None where nobody says).
    failure : Failure or None
        What stopped it.
    said : list of dict
        The record: a line for each `in_band` and each `check`.

    """

    path: Path
    notebook: NotebookNode
    seconds: float
    expected: float | None
    failure: Failure | None
    said: Sequence[Mapping[str, Any]]

    @property
    def results(self) -> list[Mapping[str, Any]]:
        """The results that were compared with their bands."""
        return [line for line in self.said if line.get("kind") == "in_band"]

    @property
    def out_of_band(self) -> list[str]:
        """The keys of results that were outside of their bands, or compared with nothing."""
        return [line["key"] for line in self.results if not line["inside"]]

    @property
    def checks(self) -> dict[str, str]:
        """The last verdict for each exercise that was checked."""
        return {line["id"]: line["verdict"] for line in self.said if line.get("kind") == "check"}

    @property
    def solved(self) -> int:
        """How many of them were right."""
        return sum(verdict in SOLVED for verdict in self.checks.values())

    @property
    def is_good(self) -> bool:
        """Whether it ran to its end with every result in its band."""
        return self.failure is None and not self.out_of_band


def find_notebooks(names: Sequence[str], folder: str | Path | None = None) -> list[Path]:
    """Return the notebooks that a person means.

    Parameters
    ----------
    names
        Numbers of chapters, names of notebooks with or without ending, or paths of notebooks or
        folders of them; none at all for every chapter.
    folder
        Where the chapters lie; without it, where `contracts.json` is found.

    Raises
    ------
    ArgumentError
        When there are no chapters, or none of a name.

    """
    chapters = _chapters(folder)
    if not names and not chapters:
        raise ArgumentError(
            "There are no chapters here.",
            expected=f"notebooks beside {FILE}, in this folder, in 'chapters', or above",
            received=str(Path.cwd() if folder is None else folder),
            todo="Go to the course's folder, or name a notebook.",
        )
    found = [path for name in names for path in _named(name, chapters)] if names else chapters
    return list(dict.fromkeys(found))


def run_notebook(
    path: Path, profile: Profile, walked: Callable[[int, int], None] | None = None
) -> ChapterRun:
    """Run a notebook in a new kernel, in its own folder; the file itself is not changed.

    The progress of whoever runs it stays as it is. A cell that raises ends the run. So does Ctrl-C,
    which ends the kernel as well.

    Parameters
    ----------
    path
        The notebook.
    profile
        How much is computed.
    walked
        Is told after every cell how many are done, and how many there are.

    Raises
    ------
    TLCourseError
        When the packages for it are missing, or the file is no notebook.
    KeyboardInterrupt
        When it was interrupted.

    """
    _must_have_packages()
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = _read(path)
    language = dict(notebook.metadata.get("language_info", {}))
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    place = _Place()

    def start(cell: NotebookNode, cell_index: int) -> None:
        place.cell = cell.get("id", f"cell {cell_index + 1}")
        if walked is not None:
            walked(cell_index, len(notebook.cells))

    client = NotebookClient(
        notebook,
        timeout=_LONGEST_CELL_SECONDS,
        record_timing=False,
        resources={"metadata": {"path": str(path.parent.absolute())}},
        on_cell_start=start,
    )
    failure, began = None, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tlcourse-run-") as scratch:
        record, log = Path(scratch) / "record.jsonl", Path(scratch) / "kernel.log"
        try:
            _execute(client, _environment(profile, record), log)
        except CellExecutionError as error:
            failure = Failure(place.cell, _TERMINAL_CODES.sub("", f"{error.ename}: {error.evalue}"))
        except CellTimeoutError:
            failure = Failure(place.cell, f"not done after {_LONGEST_CELL_SECONDS // 60} minutes")
        except DeadKernelError:
            failure = Failure(place.cell, "the kernel died, perhaps for want of memory")
        except RuntimeError as error:  # of a kernel that does not start
            said_last = " ".join(log.read_text("utf-8", "replace").split())[-300:]
            failure = Failure(place.cell, f"{error} {said_last}".strip())
        said = records.read_record(record)
    notebook.metadata["language_info"] = language  # without the exact version of this Python
    return ChapterRun(
        path, notebook, time.monotonic() - began, _expected(path, profile), failure, said
    )


def save_outputs(run: ChapterRun) -> None:
    """Write the outputs of a run into its notebook, in one step."""
    import nbformat

    from tlcourse.assets import atomic_write

    with atomic_write(run.path) as file:
        file.write((nbformat.writes(run.notebook) + "\n").encode())


class _Place:
    """In which cell a run is."""

    cell = "the start of the kernel"


def _execute(client: NotebookClient, environment: Mapping[str, str], log: Path) -> None:
    """Execute a notebook in a thread, so that Ctrl-C comes here, and ends the kernel in order.

    What the kernel's process prints beside the outputs goes to a file: a terminal is for the table.
    """
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = Future()

    async def work() -> None:
        task = asyncio.current_task()
        assert task is not None
        started.set_result((asyncio.get_running_loop(), task))
        with log.open("wb") as printed:
            await client.async_execute(env=dict(environment), stdout=printed, stderr=printed)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(asyncio.run, work())
        try:
            _wait(done)
        except KeyboardInterrupt:
            client.shutdown_kernel = "immediate"
            loop, task = started.result()
            loop.call_soon_threadsafe(task.cancel)
            with _nothing_raised():
                done.result(_END_SECONDS)
            raise


def _wait(done: Future[None]) -> None:
    """Wait in short steps: on some systems, Ctrl-C is not heard during one long wait."""
    while True:
        try:
            return done.result(0.2)
        except NotYet:
            if done.done():
                raise


@contextmanager
def _nothing_raised() -> Iterator[None]:
    """Pass over what a run that is broken off raises at its end, whatever it is."""
    try:
        yield
    except BaseException:
        return


def _environment(profile: Profile, record: Path) -> dict[str, str]:
    """Return the environment of the kernel: nothing of this run goes into anybody's progress."""
    own = {
        profiles.VARIABLE: profile,
        records.VARIABLE: str(record),
        journal.VARIABLE: str(record.with_name("progress.jsonl")),
        "TQDM_DISABLE": "1",  # bars would stay in the outputs
    }
    kept = {name: value for name, value in os.environ.items() if name != records.STRICT}
    return {**kept, **own}


def _must_have_packages() -> None:
    import importlib.util

    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise TLCourseError(
            "Running notebooks needs packages that are not installed.",
            expected=", ".join(_NEEDED),
            received=f"no {', '.join(missing)}",
            todo="Install them: pip install 'tlcourse[lab]'.",
        )


def _read(path: Path) -> NotebookNode:
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises many kinds of its own
        raise ArgumentError(
            f"{path} cannot be read as a notebook.",
            received=f"{type(error).__name__}: {' '.join(str(error).split())[:200]}",
            todo="Take it anew from the course.",
        ) from error


def _chapters(folder: str | Path | None) -> list[Path]:
    """Return the notebooks beside `contracts.json`, or in a folder, in order."""
    if folder is not None:
        return sorted(Path(folder).glob("[0-9]*.ipynb"))
    contracts = find_contracts()
    return [] if contracts is None else sorted(contracts.parent.glob("[0-9]*.ipynb"))


def _named(name: str, chapters: Sequence[Path]) -> list[Path]:
    """Return the notebooks that one word stands for."""
    path = Path(name).expanduser()
    if path.is_file() and path.suffix == ".ipynb":
        return [path]
    if path.is_dir() and (inside := sorted(path.glob("*.ipynb"))):
        return inside
    for one in chapters:
        if name in (one.stem, one.name, str(_number_of(one))):
            return [one]
    raise ArgumentError(
        f"There is no chapter '{name}'.",
        expected="a notebook, or one of " + (", ".join(one.stem for one in chapters) or "none"),
        received=name,
    )


def _number_of(path: Path) -> int | None:
    found = re.match(r"\d+", path.name)
    return int(found[0]) if found else None


def _expected(path: Path, profile: Profile) -> float | None:
    """Return how long a notebook takes at most, where it is a chapter that `contracts.json` has."""
    contracts = find_contracts(path.parent)
    if contracts is None or contracts.parent != path.parent.absolute():
        return None
    chapters = read_contracts(contracts).chapters.values()
    return next((one.seconds[profile] for one in chapters if one.file == path.stem), None)
