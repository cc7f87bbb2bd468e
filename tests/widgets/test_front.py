"""The front end as one module: joined from files that import each other."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tlcourse.widgets.front import FOLDER, script, style

IMPORT = re.compile(r'import \{([^}]*)\} from "\./(\w+)\.js";')


VIEWS = re.findall(r"^  (\w+): render\w+,$", (FOLDER / "index.js").read_text(), re.MULTILINE)


@pytest.mark.parametrize("view", [None, *VIEWS])
def test_the_module_imports_nothing_and_exports_one_thing(view):
    text = script(view)
    assert not re.search(r"^\s*import\b", text, re.MULTILINE)
    assert re.findall(r"^export\b.*", text, re.MULTILINE) == ["export default {"]


def test_every_file_is_part_of_it_once():
    text = script()
    for path in FOLDER.glob("*.js"):
        if path.stem != "index":
            assert text.count(f"const {path.stem} = (() => {{") == 1, path.name


def test_every_imported_name_is_exported_and_used():
    for path in FOLDER.glob("*.js"):
        text = path.read_text("utf-8")
        for names, source in IMPORT.findall(text):
            exporter = (FOLDER / f"{source}.js").read_text("utf-8")
            for name in filter(None, (part.strip() for part in names.split(","))):
                assert re.search(rf"^export (?:async )?\w+ {name}\b", exporter, re.MULTILINE), name
                assert len(re.findall(rf"\b{name}\b", text)) > 1, f"{path.name}: {name} is unused"


def test_a_module_stands_behind_those_that_it_imports():
    text = script()
    for path in FOLDER.glob("*.js"):
        own = len(text) if path.stem == "index" else text.index(f"const {path.stem} = ")
        for _, source in IMPORT.findall(path.read_text("utf-8")):
            assert text.index(f"const {source} = ") < own


def test_nothing_in_it_reaches_any_network():
    for text in (script(), style()):
        for word in (
            "http:",
            "https:",
            "fetch(",
            "XMLHttpRequest",
            "WebSocket",
            "eval(",
            "@import",
        ):
            assert word not in text
    assert "url(" not in style()


@pytest.mark.parametrize("view", VIEWS)
def test_a_widget_carries_what_it_needs_and_no_other_view(view):
    text = script(view)
    assert f"{view}: render" in text
    assert f"const {view} = (() => {{" in text
    for other in set(VIEWS) - {view}:
        assert f"{other}: render" not in text
        assert f"const {other} = (() => {{" not in text


@pytest.mark.parametrize("view", VIEWS)
def test_it_is_small(view):
    """Every widget of a saved notebook holds its module."""
    assert len(script(view)) + len(style()) < 50_000


@pytest.mark.skipif(shutil.which("node") is None, reason="no JavaScript here to parse it with")
@pytest.mark.parametrize("view", [None, *VIEWS])
def test_it_is_javascript(view):
    command = ["node", "--check", "--input-type=module", "-"]
    done = subprocess.run(command, input=script(view), text=True, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
