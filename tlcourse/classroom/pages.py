"""A chapter as one HTML file, which asks no network: its widgets work there without a kernel."""

from __future__ import annotations

import copy
import html
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlcourse.assets import atomic_write

if TYPE_CHECKING:
    from nbformat import NotebookNode

_VIEW = "application/vnd.jupyter.widget-view+json"
_STATE = "application/vnd.jupyter.widget-state+json"
_MOUNT = Path(__file__).with_name("page.js")
_FORMULA = re.compile(r"\$[^$]+\$|\\\(|\\\[")
_NO_SOURCE = re.compile(r'<script src="">\s*</script>')


def write_page(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook with its outputs as one HTML file.

    Pictures have their alternative texts. The widgets of the course work, from what is saved of
    them; where no script runs, their sheets stand there. Formulas alone are set by MathJax from the
    network, where the chapter has some; without, they stand as they were written.

    Raises
    ------
    AssetError
        When the file cannot be written.

    """
    page = to_html(notebook)
    with atomic_write(path) as file:
        file.write(page.encode())


def to_html(notebook: NotebookNode) -> str:
    """Return a notebook with its outputs as HTML."""
    from nbconvert import HTMLExporter

    shown = copy.deepcopy(notebook)
    shown.metadata["title"] = _title(notebook)
    saved = shown.metadata.pop("widgets", {}).get(_STATE, {}).get("state", {})
    models = {name: model for name, model in saved.items() if "_esm" in model.get("state", {})}
    for cell in shown.cells:
        if cell.cell_type == "code":
            cell.outputs = [_readable(output, models) for output in cell.outputs]
    exporter = HTMLExporter(require_js_url="", exclude_anchor_links=True)
    if not _has_formulas(shown):
        exporter.mathjax_url = ""
    page, _ = exporter.from_notebook_node(shown)
    page = _NO_SOURCE.sub("", page)
    return page.replace("</body>", f"{_scripts(models)}</body>") if models else page


def _title(notebook: NotebookNode) -> str:
    for cell in notebook.cells:
        if found := re.match(r"#+ (.+)", cell.source):
            return found[1]
    return "tlcourse"


def _has_formulas(notebook: NotebookNode) -> bool:
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return any(_FORMULA.search(text) for text in texts)


def _readable(output: NotebookNode, models: dict[str, Any]) -> NotebookNode:
    """Return an output as HTML where it is a picture, which keeps its text, or a widget."""
    data = output.get("data")
    if not data:
        return output
    view = data.pop(_VIEW, None)
    if "image/png" in data and "text/html" not in data:
        alt = output.metadata.get("image/png", {}).get("alt") or data.get("text/plain", "")
        encoded = "".join(data.pop("image/png").split())
        data["text/html"] = (
            f'<img src="data:image/png;base64,{encoded}" alt="{html.escape(alt)}" '
            'style="max-width: 100%">'
        )
    if view is not None and view["model_id"] in models:
        still = data.get("text/html") or f"<pre>{html.escape(data.get('text/plain', ''))}</pre>"
        name = html.escape(view["model_id"])
        data["text/html"] = f'<div data-tlcourse-model="{name}">{still}</div>'
    return output


def _scripts(models: dict[str, Any]) -> str:
    """Return the saved state of the widgets, each script once, and what brings them to life."""
    scripts: list[str] = []
    states = {}
    for name, model in models.items():
        state = dict(model["state"])
        script = state.pop("_esm")
        if script not in scripts:
            scripts.append(script)
        states[name] = {
            "script": scripts.index(script),
            "style": state.pop("_css", ""),
            "state": state,
            "buffers": [
                {"path": buffer["path"], "data": buffer["data"]}
                for buffer in model.get("buffers", ())
            ],
        }
    held = json.dumps({"scripts": scripts, "models": states}).replace("</", "<\\/")
    mount = _MOUNT.read_text("utf-8")
    return (
        f'<script type="application/json" id="tlcourse-models">{held}</script>\n'
        f'<script type="module">\n{mount}</script>\n'
    )
