"""A page with a widget and no kernel, as a site is made of a saved notebook."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

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
