"""The chapters in a real JupyterLab, in a real browser, as a student runs them.

First under nbval, on an empty cache; then in JupyterLab on what that left, with a restart in the
middle. Both compare the outputs that are marked for it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from tests.chapters.notebooks import CHAPTERS, read
from tests.chapters.running import is_compared, run_and_judge

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, WebSocket

    from tests.browser.conftest import Lab

SCREENSHOTS = Path(__file__).parents[2] / "test-output" / "browser"
WIDTH, HEIGHT = 1280, 1000
OPEN_MILLISECONDS = 120_000
RUN_MILLISECONDS = 300_000

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_runs_on_an_empty_cache_and_after_a_restart_in_the_browser(
    chapter: Path, lab: Lab, browser: Browser, tmp_path: Path
):
    shutil.rmtree(lab.cache, ignore_errors=True)
    run_and_judge(chapter, tmp_path, lab.cache)
    copy_without_outputs(chapter, lab.folder / chapter.name)
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
    page = context.new_page()
    try:
        cells = sum(c.cell_type == "code" for c in read(chapter).cells)
        open_notebook(page, lab.page(chapter.name))
        run_to_the_middle_and_restart(page, cells)
        take_screenshots(page, chapter.stem)
        assert page.locator('[data-mime-type="application/vnd.jupyter.error"]').count() == 0
        assert page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
        assert last_result(page), "the last cell shows no result"
        assert_pictures(page, pictures_of(read(chapter)))
        assert page.locator(".jp-RenderedMarkdown .jp-mod-error, .katex-error").count() == 0
        save(page)
    finally:
        context.close()
        lab.end_kernels()
    saved = read(lab.folder / chapter.name)
    assert_no_errors(saved)
    assert compared_text(saved) == compared_text(read(chapter))


def copy_without_outputs(source: Path, target: Path) -> None:
    """Copy a chapter, so that the run changes no committed file, and no old output counts."""
    notebook = read(source)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, target)


def open_notebook(page: Page, address: str) -> None:
    """Open a notebook, and wait until its kernel answers.

    The indicator in the notebook says 'idle' before there is any kernel, and JupyterLab drops a
    'Run All' of that moment without a word: so the wait is for the connection, and for the status
    bar, which names the kernel.
    """
    with page.expect_event("websocket", _to_kernel, timeout=OPEN_MILLISECONDS):
        page.goto(address)
    page.locator("#jp-main-statusbar").get_by_text("ipykernel) | Idle").wait_for(
        timeout=OPEN_MILLISECONDS
    )


def _to_kernel(websocket: WebSocket) -> bool:
    return "/api/kernels/" in websocket.url


def run_all(page: Page, cells: int) -> None:
    """Choose 'Run All Cells' in the menu, and wait until the last cell has its number."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.click('li[data-command="runmenu:run-all"]')
    _wait_for_cell(page, cells, cells)


def run_to_the_middle_and_restart(page: Page, cells: int) -> None:
    """Run the upper half, restart the kernel while the next cell runs, and run all cells."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.click('li[data-command="runmenu:run-all"]')
    _wait_for_cell(page, cells // 2, cells)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.click('li[data-command="runmenu:restart-and-run-all"]')
    page.click(".jp-Dialog .jp-mod-accept")
    _wait_for_cell(page, cells, cells)


def _wait_for_cell(page: Page, number: int, cells: int) -> None:
    """Wait until a code cell, counted from 1, has its number; at the last, for idleness as well."""
    page.wait_for_function(
        """number => {
            const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];
            const error = '[data-mime-type="application/vnd.jupyter.error"]';
            const failed = document.querySelector(error);
            return failed || prompts[number - 1].textContent.trim() === `[${number}]:`;
        }""",
        arg=number,
        timeout=RUN_MILLISECONDS,
    )
    if number == cells:
        page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')


def last_result(page: Page) -> str:
    return page.locator(".jp-CodeCell").last.locator(".jp-OutputArea-output").inner_text().strip()


def pictures_of(notebook: nbformat.NotebookNode) -> int:
    """Return how many figures there are; where a widget runs, the sheet behind it is not shown."""
    shown = [
        output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", ())
    ]
    return sum(
        "image/png" in data or "<img" in data.get("text/html", "")
        for data in shown
        if "application/vnd.jupyter.widget-view+json" not in data
    )


def assert_pictures(page: Page, count: int) -> None:
    """Check that all figures are there, and that no alternative text is lost on the way.

    JupyterLab 4 shows the text of `image/png` outputs to nobody (it gives them no `alt`); pictures
    in HTML must have theirs.
    """
    assert page.locator(".jp-OutputArea-output img").count() >= count
    in_html = page.locator(".jp-OutputArea-output .jp-RenderedHTMLCommon img")
    texts = [picture.get_attribute("alt") for picture in in_html.all()]
    assert all(texts), texts


def take_screenshots(page: Page, name: str) -> None:
    """Write what a reader sees, window by window, to test-output/browser/."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for old in SCREENSHOTS.glob(f"{name}-*.png"):
        old.unlink()
    page.evaluate("document.querySelector('.jp-NotebookPanel .jp-WindowedPanel-outer').scrollTop=0")
    for number in range(1, 60):
        page.wait_for_timeout(50)
        page.screenshot(path=SCREENSHOTS / f"{name}-{number:02}.png")
        at_end = page.evaluate(
            """() => {
                const pane = document.querySelector('.jp-NotebookPanel .jp-WindowedPanel-outer');
                const before = pane.scrollTop;
                pane.scrollTop += pane.clientHeight - 60;
                return pane.scrollTop === before;
            }"""
        )
        if at_end:
            break


def compared_text(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Return what the cells print or show as text whose outputs are compared, by the cell's id."""
    return {
        cell.id: "".join(
            output.get("text", "") + output.get("data", {}).get("text/plain", "")
            for output in cell.outputs
        )
        for cell in notebook.cells
        if cell.cell_type == "code" and is_compared(cell)
    }


def save(page: Page) -> None:
    with page.expect_response(lambda r: r.request.method == "PUT" and "/api/contents/" in r.url):
        page.keyboard.press("Control+s")


def assert_no_errors(notebook: nbformat.NotebookNode) -> None:
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", output.text
