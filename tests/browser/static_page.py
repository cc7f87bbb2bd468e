"""A page with a widget and no kernel, as a site is made of a saved notebook."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.browser.looking import SCREENSHOTS, assert_controls_are_named, contrasts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    Show = Callable[..., Page]

SILENT_MILLISECONDS = 15_000
"""Until a widget has said that no kernel answers, at the very latest."""

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>A widget without a kernel</title>
<meta name="viewport" content="width=device-width">
<style>body {{ margin: 0; {ground} }}</style><style>{style}</style>
<main id="widget"></main>
<script type="module">
// What anywidget hands to the module: the saved state, and nobody to send to.
const state = {state};
for (const [name, data] of Object.entries({buffers})) {{
  state[name] = new DataView(Uint8Array.from(atob(data), (c) => c.charCodeAt(0)).buffer);
}}
const heard = new Map();
const model = window.model = {{
  asked: [],
  get: (name) => state[name],
  set(name, value) {{
    if (state[name] === value) return;
    state[name] = value;
    heard.get(`change:${{name}}`)?.forEach((callback) => callback());
  }},
  save_changes() {{}},
  send(content) {{ this.asked.push(content); }},
  on(names, callback) {{
    for (const name of names.split(" ")) heard.set(name, [...(heard.get(name) ?? []), callback]);
  }},
  off() {{}},
}};
const url = URL.createObjectURL(new Blob([{script}], {{ type: "text/javascript" }}));
(await import(url)).default.render({{ model, el: document.getElementById("widget") }});
</script></html>
"""

DARK = (
    "background: #111; color: #fff; --jp-layout-color0: #111; --jp-layout-color1: #212121;"
    "--jp-content-font-color1: #fff"
)


def write_page(widget: Any, path: Path, ground: str = "") -> str:
    """Write a page with what a saved notebook holds of a widget; return its address."""
    state = {name: value for name, value in widget.get_state().items() if name != "layout"}
    script, style = state.pop("_esm"), state.pop("_css")
    binary = {
        name: base64.b64encode(bytes(value)).decode()
        for name, value in state.items()
        if isinstance(value, bytes | memoryview)
    }
    rest = {name: value for name, value in state.items() if name not in binary}
    page = _PAGE.format(
        ground=ground,
        style=style,
        state=json.dumps(rest),
        buffers=json.dumps(binary),
        script=json.dumps(script).replace("</", "<\\/"),
    )
    path.write_text(page, "utf-8")
    return path.as_uri()


@contextmanager
def showing(browser: Browser, widgets: Mapping[str, Any], folder: Path) -> Iterator[Show]:
    """Give a function that opens a page with one of some widgets; no script may go wrong."""
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    errors: list[str] = []

    def show(name: str, ground: str = "", width: int = 1000) -> Page:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(write_page(widgets[name], folder / f"{name}.html", ground))
        page.locator(".tlcourse > *").first.wait_for(state="attached")
        page.wait_for_timeout(300)  # pictures and maps are unpacked in the background
        return page

    yield show
    context.close()
    assert errors == []


def assert_named_and_readable(show: Show, name: str, ground: str) -> None:
    """Check names and contrast of everything in a widget, and keep a picture of it."""
    page = show(name, ground)
    widget = page.locator(".tlcourse")
    assert_controls_are_named(widget)
    lowest = contrasts(widget)
    assert lowest[0][0] >= 4.5, lowest[:5]
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    shade = "dark" if ground else "light"
    page.screenshot(path=SCREENSHOTS / f"static-{name}-{shade}.png", full_page=True)


def assert_fits_on_a_phone(show: Show, name: str) -> None:
    """Check that nothing stands out of a narrow page, and keep a picture of it."""
    page = show(name, width=390)
    page.screenshot(path=SCREENSHOTS / f"static-{name}-narrow.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
