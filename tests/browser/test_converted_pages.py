"""A notebook made into a page by nbconvert: with widgets that answer, or with their sheets.

Without a network nbconvert's pages cannot load what paints widgets, Jupyter's html-manager, and
show nothing in their place, unless nbconvert is told to take the pictures (whose words it drops,
though the notebook holds them). The test with html-manager reads it from the folder that
`TLCOURSE_NODE_MODULES` names, after `npm install @jupyter-widgets/html-manager requirejs` there,
and is skipped where that is unset.
"""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import TYPE_CHECKING

import anywidget
import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from traitlets.config import Config

from tests.browser.looking import assert_controls_are_named, painted
from tests.training.tiny import tiny_backbone
from tests.widgets.helpers import small_model

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser

START = (
    "import numpy as np\nfrom typing import Any\n"
    "from tlcourse.backbones import Backbone, Provenance\n"
    "from tlcourse.backbones.preprocessing import SYMMETRIC\n"
    "from tlcourse.widgets import *\n"
    f"SIDE, CHANNELS = 32, 16\n{inspect.getsource(tiny_backbone)}\n"
    f"{inspect.getsource(small_model)}\n"
    "pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)"
)
CELLS = [
    START,
    "explore_activations(small_model('one', 1), pixels)",
    "explore_strategy(tiny_backbone())",
]
NODE_MODULES = os.environ.get("TLCOURSE_NODE_MODULES")


@pytest.fixture(scope="module")
def notebook() -> nbformat.NotebookNode:
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    made = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    NotebookClient(made, timeout=300).execute()
    return made


def opened(browser: Browser, page: str, path: Path) -> Page:
    """Open a page; what it wants of other hosts comes from this machine, or not at all."""
    path.write_text(page, "utf-8")
    opened = browser.new_page()

    def answer(route: Route) -> None:
        address = route.request.url
        if address.startswith(("file:", "blob:", "data:")):
            route.continue_()
        elif (found := stored_script(address)) is not None:
            route.fulfill(path=found, content_type="text/javascript")
        else:
            route.abort()

    opened.route("**/*", answer)
    opened.goto(path.as_uri())
    return opened


def stored_script(address: str) -> Path | None:
    if "/anywidget@" in address:
        return Path(anywidget.__file__).parent / "nbextension" / "index.js"
    if NODE_MODULES is None:
        return None
    if "/@jupyter-widgets/html-manager@" in address:
        name = address.partition("/dist/")[2].partition("?")[0]
        return Path(NODE_MODULES) / "@jupyter-widgets" / "html-manager" / "dist" / name
    return Path(NODE_MODULES) / "requirejs" / "require.js" if "require" in address else None


def test_told_to_take_pictures_a_page_shows_the_sheets(
    browser: Browser, notebook: nbformat.NotebookNode, tmp_path: Path
):
    config = Config({"NbConvertBase": {"display_data_priority": ["image/png", "text/plain"]}})
    made, _ = HTMLExporter(config=config).from_notebook_node(notebook)
    page = opened(browser, made, tmp_path / "page.html")
    shown = page.locator(".jp-OutputArea img")
    assert shown.count() == 2
    assert all(p.evaluate("one => one.naturalWidth > 200") for p in shown.all())
    page.close()


@pytest.mark.skipif(NODE_MODULES is None, reason="TLCOURSE_NODE_MODULES names no html-manager")
def test_on_a_page_with_html_manager_the_widgets_answer_without_a_kernel(
    browser: Browser, notebook: nbformat.NotebookNode, tmp_path: Path
):
    page = opened(browser, HTMLExporter().from_notebook_node(notebook)[0], tmp_path / "page.html")
    page.locator(".tlcourse").nth(1).wait_for()
    activations, strategy = page.locator(".tlcourse").all()
    activations.get_by_label("Layer").select_option("second")
    slider = activations.get_by_label("Channel", exact=True)
    slider.focus()
    page.keyboard.press("End")
    painted(page)
    assert "64 stored" in slider.get_attribute("aria-valuetext")
    activations.get_by_text("No kernel answers").wait_for(timeout=15_000)
    strategy.get_by_label("Pictures a class", exact=True).focus()
    page.keyboard.press("End")
    painted(page)
    assert strategy.locator("p[role=status]").first.inner_text().startswith("Large and similar")
    for widget in (activations, strategy):
        assert_controls_are_named(widget)
    page.close()
