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


@cache
def script() -> str:
    """Return the module of all widgets.

    Each file becomes a function that is called once, behind those that it imports, and returns what
    it exports. So names that a file keeps to itself stay its own.
    """
    joined: dict[str, str] = {}

    def join(name: str) -> None:
        text = (FOLDER / f"{name}.js").read_text("utf-8")
        for _, needed in _IMPORT.findall(text):
            if needed not in joined:
                join(needed)
        body = _EXPORTED.sub("", _IMPORT.sub(r"const \1 = \2;", text)).strip()
        if exported := ", ".join(_EXPORT.findall(text)):
            body = f"const {name} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();"
        joined[name] = body

    join("index")
    return "\n\n".join(joined.values()) + "\n"


@cache
def style() -> str:
    """Return the style sheet of all widgets."""
    return (FOLDER / "style.css").read_text("utf-8")
