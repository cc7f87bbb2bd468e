"""Takes out of the chapters what running them leaves behind and no reader needs.

`make notebooks` runs this file at its end: `python -m tests.chapters.tidy`.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tests.chapters.notebooks import CHAPTERS, SOLVED


def tidy(notebook: NotebookNode) -> None:
    """Remove progress bars, times of execution and the exact version of Python."""
    notebook.metadata.get("language_info", {}).pop("version", None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not _is_progress(output)]


def _is_progress(output: NotebookNode) -> bool:
    """Tell whether an output is a progress bar, which starts every step with a carriage return."""
    text = output.get("text", "x")
    return output.get("name") == "stderr" and (text.startswith("\r") or not text.strip())


def tidy_file(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    tidy(notebook)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for path in (*CHAPTERS, *SOLVED):
        tidy_file(path)
