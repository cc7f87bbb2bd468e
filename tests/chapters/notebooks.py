"""What every chapter must be, told fault by fault: form, outputs, and what is not to be in them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

FOLDER = Path(__file__).parents[2] / "chapters"
SOLUTIONS = FOLDER / "solutions"
CHAPTERS = sorted(FOLDER.glob("*.ipynb"))
SOLVED = sorted(SOLUTIONS.glob("*.ipynb"))

MOST_BYTES = 1_500_000
MOST_LINES = 12
MOST_CODE_CELLS_IN_A_ROW = 2

OPENING = ("# ", "**What you will be able to do**", "**Time**", "**Reading path**")
CLOSING = "## Further reading"

_ABSOLUTE_PATH = re.compile(
    r"(?<![\w.:/])/(?:home|root|Users|tmp|var|private|usr|opt|mnt|srv|work|workspace)/"
    r"|(?<!\w)[A-Za-z]:\\"
)
_REGISTRY = re.compile(r"(?:--|_)index[-_]url|https?://[^\s)]*/(?:simple|packages)/", re.IGNORECASE)
_PLOTTING = re.compile(r"\bmatplotlib\b|\bpyplot\b|\bplt\.")


def read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def faults(notebook: NotebookNode) -> list[str]:
    """Return everything that is wrong with a chapter's form, in words; empty for a good one."""
    return [*form_faults(notebook), *_opens_and_closes_well(notebook)]


def form_faults(notebook: NotebookNode) -> list[str]:
    """Return what is wrong with a notebook of any kind, such as one with solutions."""
    return [fault for check in _CHECKS for fault in check(notebook)]


def _is_run_from_top_to_bottom(notebook: NotebookNode) -> Iterator[str]:
    counts = [cell.execution_count for cell in _code(notebook)]
    if not counts or counts != list(range(1, len(counts) + 1)):
        yield f"not run once from top to bottom: {counts}"


def _shows_its_results(notebook: NotebookNode) -> Iterator[str]:
    for cell in _code(notebook):
        if not cell.outputs and _ends_in_an_expression(cell.source):
            yield f"{cell.id}: the output is missing"


def _has_no_errors(notebook: NotebookNode) -> Iterator[str]:
    for cell in _code(notebook):
        if any(output.output_type == "error" for output in cell.outputs):
            yield f"{cell.id}: an error is among the outputs"


def _has_no_remains(notebook: NotebookNode) -> Iterator[str]:
    """Progress bars and warnings are no result; `python -m tests.chapters.tidy` removes bars."""
    for cell in _code(notebook):
        for output in cell.outputs:
            if output.get("name") == "stderr":
                yield f"{cell.id}: standard error is among the outputs: {output.text[:80]!r}"


def _is_small(notebook: NotebookNode) -> Iterator[str]:
    size = len(nbformat.writes(notebook).encode())
    if size > MOST_BYTES:
        yield f"{size:,} bytes, more than {MOST_BYTES:,}"


def _tells_nothing_of_the_machine(notebook: NotebookNode) -> Iterator[str]:
    if "version" in notebook.metadata.get("language_info", {}):
        yield "the metadata names the version of Python that it was run with"
    for cell in notebook.cells:
        for text in [cell.source, *_texts(cell)]:
            if found := _ABSOLUTE_PATH.search(text) or _REGISTRY.search(text):
                yield f"{cell.id}: a place on some machine or network: {found.group()!r}"


def _has_alternative_texts(notebook: NotebookNode) -> Iterator[str]:
    for cell in _code(notebook):
        for output in cell.outputs:
            for kind in output.get("data", {}):
                described = output.metadata.get(kind, {}).get("alt", "")
                if kind.startswith("image/") and not described.strip():
                    yield f"{cell.id}: a picture without alternative text"
            for picture in re.findall(r"<img\b[^>]*>", output.get("data", {}).get("text/html", "")):
                if not re.search(r"""\balt=["'][^"']""", picture):
                    yield f"{cell.id}: a picture without alternative text"
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and re.search(r"!\[\s*\]\(", cell.source):
            yield f"{cell.id}: a picture without alternative text"


def _says_what_a_cell_is_for(notebook: NotebookNode) -> Iterator[str]:
    in_a_row = MOST_CODE_CELLS_IN_A_ROW  # so that a chapter cannot open with code
    for cell in notebook.cells:
        in_a_row = in_a_row + 1 if cell.cell_type == "code" else 0
        if in_a_row > MOST_CODE_CELLS_IN_A_ROW:
            yield f"{cell.id}: no text before it"


def _has_short_cells_without_plotting(notebook: NotebookNode) -> Iterator[str]:
    for cell in _code(notebook):
        if (lines := len(cell.source.splitlines())) > MOST_LINES:
            yield f"{cell.id}: {lines} lines, more than {MOST_LINES}"
        if _PLOTTING.search(cell.source):
            yield f"{cell.id}: plotting; that belongs in the package"


def _opens_and_closes_well(notebook: NotebookNode) -> Iterator[str]:
    first, last = notebook.cells[0], notebook.cells[-1]
    for words in OPENING:
        if first.cell_type != "markdown" or words not in first.source:
            yield f"the first cell lacks '{words}'"
    if last.cell_type != "markdown" or not last.source.startswith(CLOSING):
        yield f"the last cell does not start with '{CLOSING}'"


def _runs_on_any_python(notebook: NotebookNode) -> Iterator[str]:
    name = notebook.metadata.get("kernelspec", {}).get("name")
    if name != "python3":
        yield f"the kernel is {name!r}, not 'python3'"


def _has_lasting_ids(notebook: NotebookNode) -> Iterator[str]:
    ids = [cell.get("id", "") for cell in notebook.cells]
    # Hexadecimal ones are made up by the editor; these go into addresses and review comments.
    if unnamed := [name for name in ids if re.fullmatch(r"[0-9a-f-]{8,}|", name)]:
        yield f"cells without a name of their own: {', '.join(map(repr, unnamed))}"


_CHECKS: tuple[Callable[[NotebookNode], Iterator[str]], ...] = (
    _is_run_from_top_to_bottom,
    _shows_its_results,
    _has_no_errors,
    _has_no_remains,
    _is_small,
    _tells_nothing_of_the_machine,
    _has_alternative_texts,
    _says_what_a_cell_is_for,
    _has_short_cells_without_plotting,
    _runs_on_any_python,
    _has_lasting_ids,
)


def _code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _texts(cell: NotebookNode) -> Iterator[str]:
    """Yield every text among a cell's outputs."""
    for output in cell.get("outputs", ()):
        yield output.get("text", "")
        yield "\n".join(output.get("traceback", ()))
        for kind, content in output.get("data", {}).items():
            if kind.startswith("text/"):
                yield content


def _ends_in_an_expression(source: str) -> bool:
    lines = [line for line in source.splitlines() if not line.startswith(("%", "!"))]
    body = ast.parse("\n".join(lines)).body
    return bool(body) and isinstance(body[-1], ast.Expr) and not source.rstrip().endswith(";")
