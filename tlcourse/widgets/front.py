"""The front end: small ES modules, joined to the one that anywidget can load."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "front"
"""The modules; `index.js` is the one that imports all others."""

_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:async )?(?:function|const|class) (\w+)", re.MULTILINE)
_EXPORTED = re.compile(r"^export (?!default)", re.MULTILINE)
_VIEW = re.compile(r"^  (\w+): (\w+),\n", re.MULTILINE)


@cache
def script(view: str | None = None) -> str:
    """Return the module of a widget, or of all of them.

    Each file becomes a function that is called once, behind those that it imports, and returns what
    it exports. So names that a file keeps to itself stay its own.

    Parameters
    ----------
    view
        The one that is shown: every widget in a saved notebook carries its module along, so what
        belongs to other views alone is left out. The names of views are listed in `index.js`.

    """
    joined: dict[str, str] = {}

    def join(name: str) -> None:
        text = (FOLDER / f"{name}.js").read_text("utf-8")
        if name == "index" and view is not None:
            text = _with_one_view(text, view)
        for _, needed in _IMPORT.findall(text):
            if needed not in joined:
                join(needed)
        body = _EXPORTED.sub("", _IMPORT.sub(r"const \1 = \2;", text)).strip()
        if exported := ", ".join(_EXPORT.findall(text)):
            body = f"const {name} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();"
        joined[name] = body

    join("index")
    return "\n\n".join(joined.values()) + "\n"


def _with_one_view(index: str, view: str) -> str:
    """Return `index.js` with one of the views that it lists, and without what the others need."""
    for name, render in _VIEW.findall(index):
        if name != view:
            index = index.replace(f"  {name}: {render},\n", "")
            index = re.sub(rf"^import \{{ {render} \}} from .*\n", "", index, flags=re.MULTILINE)
    return index


@cache
def style() -> str:
    """Return the style sheet of all widgets."""
    return (FOLDER / "style.css").read_text("utf-8")
