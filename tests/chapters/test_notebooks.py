"""The chapters run offline, on an empty cache and on a full one, and are in good form.

They run under the smoke profile, and a result out of its band fails.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.browser.chromium import find_chromium
from tests.chapters.course import number_of
from tests.chapters.notebooks import (
    CHAPTERS,
    MOST_BYTES,
    MOST_LINES,
    SOLVED,
    faults,
    form_faults,
    read,
)
from tests.chapters.running import (
    is_compared,
    run_and_judge,
    run_half_and_kill,
    run_under_nbval,
)
from tests.chapters.tidy import tidy, tidy_file
from tlcourse.classroom.exercises import exercises_of
from tlcourse.classroom.feedback import SOLVED as GOOD
from tlcourse.classroom.records import read_record

chapters = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
solutions = pytest.mark.parametrize("solution", SOLVED, ids=lambda path: path.stem)


def test_there_are_chapters():
    assert CHAPTERS


@chapters
def test_a_chapter_runs_on_an_empty_cache_and_again_after_a_restart_in_the_middle(
    chapter: Path, tmp_path: Path
):
    if find_chromium() is not None:
        pytest.skip("with a browser, tests/browser/test_chapters.py runs them so, in JupyterLab")
    run_and_judge(chapter, tmp_path)
    run_half_and_kill(chapter, tmp_path)
    (tmp_path / "record.jsonl").unlink(missing_ok=True)
    run_and_judge(chapter, tmp_path)


@solutions
def test_every_solution_is_right(solution: Path, tmp_path: Path):
    result = run_under_nbval(solution, tmp_path)
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
    said = read_record(tmp_path / "record.jsonl")
    verdicts = {line["id"]: line["verdict"] for line in said if line["kind"] == "check"}
    assert sorted(verdicts) == sorted(exercises_of(number_of(solution)))
    assert {name: v for name, v in verdicts.items() if v not in GOOD} == {}


@solutions
def test_solutions_are_in_good_form(solution: Path):
    assert form_faults(read(solution)) == []


@chapters
def test_a_chapter_is_in_good_form(chapter: Path):
    assert faults(read(chapter)) == []


@chapters
def test_a_chapter_compares_some_of_its_outputs(chapter: Path):
    assert sum(map(is_compared, read(chapter).cells)) >= 3


# The tests of the tests: a good notebook passes, and each way to spoil it is found.


def good_notebook() -> NotebookNode:
    figure = new_output(
        "execute_result",
        {"image/png": "aGVsbG8=", "text/plain": "Figure: a cat"},
        metadata={"image/png": {"alt": "A cat."}},
        execution_count=2,
    )
    number = new_output("execute_result", {"text/plain": "4"}, execution_count=1)
    opening = "# 9. Title\n**What you will be able to do**\n**Time**: 1 min\n**Reading path**: 9"
    return new_notebook(
        cells=[
            new_markdown_cell(opening, id="title"),
            new_code_cell("2 + 2", id="sum", execution_count=1, outputs=[number]),
            new_markdown_cell("And a figure.", id="before-cat"),
            new_code_cell("show()", id="cat", execution_count=2, outputs=[figure]),
            new_markdown_cell("## Further reading\n- A book.", id="references"),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )


def test_a_good_notebook_has_no_faults():
    assert faults(good_notebook()) == []


def _spoil_order(nb: NotebookNode) -> None:
    nb.cells[1].execution_count, nb.cells[3].execution_count = 2, 1


def _spoil_never_run(nb: NotebookNode) -> None:
    nb.cells[3].execution_count = None


def _spoil_output(nb: NotebookNode) -> None:
    nb.cells[1].outputs = []


def _spoil_error(nb: NotebookNode) -> None:
    nb.cells[1].outputs = [new_output("error", ename="E", evalue="", traceback=[])]


def _spoil_bar(nb: NotebookNode) -> None:
    nb.cells[1].outputs.append(new_output("stream", name="stderr", text="\r 50%|#####"))


def _spoil_size(nb: NotebookNode) -> None:
    nb.cells[3].outputs[0].data["image/png"] = "A" * MOST_BYTES


def _spoil_path(nb: NotebookNode) -> None:
    nb.cells[1].outputs.append(new_output("stream", text="saved to /home/ada/model.keras\n"))


def _spoil_windows_path(nb: NotebookNode) -> None:
    nb.cells[1].outputs[0].data["text/plain"] = "WindowsPath(r'C:\\Users\\ada')"


def _spoil_registry(nb: NotebookNode) -> None:
    nb.cells[2].source = "Taken from https://registry.example/simple/tlcourse"


def _spoil_version(nb: NotebookNode) -> None:
    nb.metadata["language_info"] = {"name": "python", "version": "3.11.7"}


def _spoil_alt(nb: NotebookNode) -> None:
    nb.cells[3].outputs[0].metadata["image/png"]["alt"] = " "


def _spoil_no_metadata(nb: NotebookNode) -> None:
    nb.cells[3].outputs[0].metadata = NotebookNode()


def _spoil_html(nb: NotebookNode) -> None:
    nb.cells[1].outputs[0].data["text/html"] = '<b>4</b> <img src="data:image/png;base64,aGk=">'


def _spoil_markdown_picture(nb: NotebookNode) -> None:
    nb.cells[2].source = "![](cat.png)"


def _spoil_text(nb: NotebookNode) -> None:
    nb.cells[2:2] = [new_code_cell("x = 1", id=name) for name in ("one", "two")]


def _spoil_first_cell(nb: NotebookNode) -> None:
    del nb.cells[0]


def _spoil_length(nb: NotebookNode) -> None:
    nb.cells[1].source = "\n".join(["x = 1"] * (MOST_LINES + 1))


def _spoil_plotting(nb: NotebookNode) -> None:
    nb.cells[1].source = "import matplotlib.pyplot as plt\n2 + 2"


def _spoil_aims(nb: NotebookNode) -> None:
    nb.cells[0].source = "# 9. Title"


def _spoil_references(nb: NotebookNode) -> None:
    nb.cells[-1].source = "Good bye."


def _spoil_kernel(nb: NotebookNode) -> None:
    nb.metadata.kernelspec.name = "my-env"


def _spoil_id(nb: NotebookNode) -> None:
    nb.cells[1].id = "3f1c9a2e"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_spoil_order, "not run once from top to bottom: [2, 1]"),
        (_spoil_never_run, "not run once from top to bottom: [1, None]"),
        (_spoil_output, "sum: the output is missing"),
        (_spoil_error, "sum: an error"),
        (_spoil_bar, "sum: standard error"),
        (_spoil_size, "bytes, more than"),
        (_spoil_path, "sum: a place on some machine or network: '/home/'"),
        (_spoil_windows_path, "sum: a place on some machine or network: 'C:"),
        (
            _spoil_registry,
            "before-cat: a place on some machine or network: 'https://registry.example/simple/'",
        ),
        (_spoil_version, "the version of Python"),
        (_spoil_alt, "cat: a picture without alternative text"),
        (_spoil_no_metadata, "cat: a picture without alternative text"),
        (_spoil_html, "sum: a picture without alternative text"),
        (_spoil_markdown_picture, "before-cat: a picture without alternative text"),
        (_spoil_text, "two: no text before it"),
        (_spoil_first_cell, "sum: no text before it"),
        (_spoil_length, f"sum: {MOST_LINES + 1} lines"),
        (_spoil_plotting, "sum: plotting"),
        (_spoil_aims, "the first cell lacks '**Time**'"),
        (_spoil_references, "the last cell does not start with"),
        (_spoil_kernel, "the kernel is 'my-env'"),
        (_spoil_id, "cells without a name of their own: '3f1c9a2e'"),
    ],
)
def test_a_spoilt_notebook_is_found_out(spoil: Callable[[NotebookNode], None], said: str):
    notebook = good_notebook()
    spoil(notebook)
    assert any(said in fault for fault in faults(notebook)), faults(notebook)


@pytest.mark.parametrize(
    ("source", "kept", "fails_with"),
    [
        ("print('same')", "same\n", None),
        ("# NBVAL_CHECK_OUTPUT\nprint('new')", "old\n", "mismatch"),
        ("1 / 0", "", "ZeroDivisionError"),
        ("import socket; socket.create_connection(('example.org', 80))", "", "offline"),
    ],
    ids=["good", "another-output", "an-exception", "a-connection"],
)
def test_running_a_notebook_can_fail(
    tmp_path: Path, source: str, kept: str, fails_with: str | None
):
    outputs = [new_output("stream", text=kept)] if kept else []
    cell = new_code_cell(source, id="cell", execution_count=1, outputs=outputs)
    path = tmp_path / "try.ipynb"
    nbformat.write(new_notebook(cells=[cell], metadata=good_notebook().metadata), path)
    result = run_under_nbval(path, tmp_path)
    assert (result.returncode == 0) == (fails_with is None), result.stdout
    assert fails_with is None or fails_with in result.stdout


def test_tidying_takes_out_what_running_leaves_behind_and_nothing_else(tmp_path: Path):
    clean = good_notebook()
    notebook = copy.deepcopy(clean)
    _spoil_version(notebook)
    _spoil_bar(notebook)
    notebook.cells[1].metadata["execution"] = {"iopub.status.busy": "2026-01-01T00:00:00Z"}
    path = tmp_path / "run.ipynb"
    nbformat.write(notebook, path)
    tidy_file(path)
    clean.metadata["language_info"] = {"name": "python"}
    assert read(path) == clean


def test_tidying_keeps_warnings_for_a_person_to_see():
    notebook = good_notebook()
    warning = new_output("stream", name="stderr", text="UserWarning: something is odd\n")
    notebook.cells[1].outputs.append(warning)
    tidy(notebook)
    assert warning in notebook.cells[1].outputs
    assert any("standard error" in fault for fault in faults(notebook))
