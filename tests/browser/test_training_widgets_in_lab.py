"""The widgets of training in a real JupyterLab: a stop while a cell runs, corrections on disk."""

from __future__ import annotations

import ast
import csv
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbclient import NotebookClient

from tests.browser.looking import (
    SCREENSHOTS,
    assert_controls_are_named,
    contrasts,
    painted,
)
from tests.browser.test_chapters import open_notebook, run_all
from tests.browser.test_widgets_in_lab import choose_theme, evaluate, wait_for_words
from tests.pictures import write_set
from tests.training.tiny import tiny_backbone

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from tests.browser.conftest import Lab

pytestmark = pytest.mark.browser

NOTEBOOK = "training.ipynb"
START = (
    "import numpy as np\nimport tlcourse as tl\n"
    "from tlcourse.backbones import Backbone, Provenance\n"
    "from tlcourse.backbones.preprocessing import SYMMETRIC\n"
    "from tlcourse.evaluation import judge\n"
    "from tlcourse.widgets import *\n"
    f"SIDE, CHANNELS = 32, 16\n{inspect.getsource(tiny_backbone)}\n"
    "images = tl.split(tl.load_images('training set'), test=0.25, validation=0.25)\n"
    "start = tl.build_classifier(tiny_backbone(), images.class_names)"
)
WATCH = (
    "with watch_training() as watch:\n"
    "    tuned = tl.fine_tune(start, images, epochs={epochs}, patience={epochs}, batch_size=4,\n"
    "                         engine='keras', unfreeze='block3')"
)
AFTER = "print('and then:', tuned.history.ended, watch.state)"
MISTAKES = (
    "rows = np.full((len(images), 3), 0.1)\n"
    "rows[np.arange(len(images)), (images.labels + (np.arange(len(images)) % 8 < 2)) % 3] = 0.8\n"
    "report = judge(rows, images.labels, images.class_names, images.paths)\n"
    "mistakes = explore_mistakes(report, 'corrections.csv', 'Zoë', images=images, stored=4)\n"
    "mistakes"
)
STRATEGY = "strategy = explore_strategy(start.backbone, classes=3)\nstrategy"
NETWORKS = (
    "rows = [{'name': n, 'family': n[:2], 'year': 2012 + i, 'parameters': 10.0 ** (6 + i),\n"
    "         'multiply_adds': 10.0 ** (8 + i), 'top1': 0.5 + i / 10}\n"
    "        for i, n in enumerate(['Abc', 'Bcd', 'Cde'])]\n"
    "networks = explore_networks(rows)\nnetworks"
)
CELLS = [START, MISTAKES, STRATEGY, NETWORKS]
KINDS = ["mistakes", "strategy", "networks"]


def notebook_of(cells: list[str]) -> nbformat.NotebookNode:
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    made = [nbformat.v4.new_code_cell(source) for source in cells]
    return nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel})


@pytest.fixture(scope="module")
def folder(lab: Lab) -> Path:
    write_set(lab.folder / "training set", 8, names=("red", "green", "blue"))
    return lab.folder


@pytest.fixture(scope="module")
def page(lab: Lab, browser: Browser, folder: Path) -> Iterator[Page]:
    """A notebook with the widgets that wait for somebody, run in JupyterLab."""
    nbformat.write(notebook_of(CELLS), folder / NOTEBOOK)
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    page = context.new_page()
    open_notebook(page, lab.page(NOTEBOOK))
    run_all(page, len(CELLS))
    page.locator(".tlcourse").nth(len(KINDS) - 1).wait_for()
    yield page
    context.close()


def widget(page: Page, kind: str) -> Locator:
    found = page.locator(".tlcourse").nth(KINDS.index(kind))
    found.scroll_into_view_if_needed()
    return found


def corrections(folder: Path) -> list[tuple[str, ...]]:
    with (folder / "corrections.csv").open(encoding="utf-8", newline="") as file:
        return [(x["file"], x["label"], x["quality"], x["action"]) for x in csv.DictReader(file)]


# --- mistakes ------------------------------------------------------------------------------------


def test_corrections_by_keys_are_lines_on_the_disk(page: Page, folder: Path):
    mistakes = widget(page, "mistakes")
    said = mistakes.locator("p[role=status]")
    mistakes.locator("[role=grid] button[tabindex='0']").focus()
    for key in ("Control+Home", "ArrowDown", "End", "Enter"):
        page.keyboard.press(key)
    wait_for_words(page, mistakes.locator(".tl-title"), "2 pictures of green, taken for red")
    tiles = mistakes.locator(".tl-tile")
    tiles.nth(1).wait_for()
    tiles.nth(0).focus()
    page.keyboard.press("Enter")
    mistakes.get_by_role("button", name="It is red, as predicted").focus()
    page.keyboard.press("Enter")
    wait_for_words(page, said, "Saved in corrections.csv.")
    tiles.filter(has_text="now: red").wait_for()
    assert tiles.nth(0).get_attribute("aria-label").endswith("; now: red")
    tiles.nth(1).click()
    mistakes.get_by_role("button", name="Unusable: drop it").click()
    tiles.filter(has_text="dropped").wait_for()
    mistakes.get_by_role("button", name="Take back my last change").click()
    wait_for_words(page, said, "Taken back.")
    page.wait_for_function("() => !document.querySelector('.tl-tile .tl-said').closest('.tl-tiles')"
                           ".textContent.includes('dropped')")  # fmt: skip
    mistakes.get_by_label("Label", exact=True).select_option("blue")
    mistakes.get_by_role("button", name="Give this label").click()
    tiles.filter(has_text="now: blue").wait_for()
    first, second = [tile.get_attribute("aria-label").split(":")[0] for tile in tiles.all()]
    assert corrections(folder) == [
        (first, "red", "", ""), (second, "", "1", ""), (second, "", "", "undo"),
        (second, "blue", "", ""),
    ]  # fmt: skip
    changed = evaluate(page, "tl.relabel(images, mistakes.annotations).counts()")
    assert ast.literal_eval(changed) == {"blue": 9, "green": 6, "red": 9}


def test_a_picture_comes_in_its_own_size_when_it_is_chosen(page: Page):
    mistakes = widget(page, "mistakes")
    mistakes.get_by_role("button", name="blue, named rightly").click()
    wait_for_words(page, mistakes.locator(".tl-title"), "6 pictures of blue, named rightly")
    mistakes.locator(".tl-tile").nth(5).click()
    large = mistakes.get_by_role("img", name="The picture blue")
    large.wait_for()
    width = evaluate(page, "tl.open_picture(report.paths[mistakes.chosen]).shape[1]")
    page.wait_for_function(f"() => document.querySelector('.tl-detail canvas').width === {width}")


# --- strategy and networks -----------------------------------------------------------------------


def test_the_kernel_knows_where_the_point_is(page: Page):
    strategy = widget(page, "strategy")
    strategy.get_by_label("Pictures a class", exact=True).focus()
    page.keyboard.press("End")
    strategy.get_by_label("Similarity to what").focus()
    for _ in range(30):
        page.keyboard.press("ArrowLeft")
    painted(page)
    shown = strategy.locator("p[role=status]").first.inner_text()
    told = evaluate(page, "strategy.pictures, strategy.similarity, strategy.quadrant")
    assert ast.literal_eval(told) == (100_000, 0.2, "large and different")
    assert shown.startswith("Large and different: train_all")
    evaluate(page, "strategy.pictures = 40; strategy.judgement = 'similar'; 'set'")
    wait_for_words(page, strategy.locator("p[role=status]"), "Small and similar: freeze_base")
    slider = strategy.get_by_label("Pictures a class", exact=True)
    assert slider.get_attribute("aria-valuetext") == "40: small"


def test_keys_stay_in_the_chart(page: Page):
    """In command mode the arrows and letters are JupyterLab's own."""
    networks = widget(page, "networks")
    cells = page.locator(".jp-Cell").count()
    networks.get_by_role("listbox").focus()
    for key in ("Home", "ArrowDown", "ArrowUp", "b", "a", "d", "d", "c"):
        page.keyboard.press(key)
    painted(page)
    assert page.locator(".jp-Cell").count() == cells
    assert evaluate(page, "networks.chosen") == "'Cde'"


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_everything_can_be_read_in_both_themes(page: Page, theme: str):
    choose_theme(page, theme)
    for kind in KINDS:
        shown = widget(page, kind)
        assert_controls_are_named(shown)
        lowest = contrasts(shown)
        assert lowest[0][0] >= 4.5, lowest[:5]
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        shown.screenshot(path=SCREENSHOTS / f"lab-{kind}-{theme.split()[1].lower()}.png")


# --- watching ------------------------------------------------------------------------------------


@pytest.mark.parametrize("fails", [False, True], ids=["goes on", "fails"])
def test_the_button_ends_a_training_while_its_cell_runs(
    lab: Lab, browser: Browser, folder: Path, fails: bool
):
    end = "\n    raise SystemError('on purpose')" if fails else ""
    cells = [START, WATCH.format(epochs=2000) + end, AFTER]
    nbformat.write(notebook_of(cells), folder / "watched.ipynb")
    context = browser.new_context(viewport={"width": 1200, "height": 1400})
    page = context.new_page()
    try:
        open_notebook(page, lab.page("watched.ipynb"))
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.click('li[data-command="runmenu:run-all"]')
        watch = page.locator(".tlcourse")
        watch.get_by_text(re.compile("Epoch .+ of 2000 done")).wait_for(timeout=120_000)
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        watch.screenshot(path=SCREENSHOTS / "lab-watching-live.png")
        stop = watch.get_by_role("button", name="Stop, and keep the best so far")
        stop.focus()
        page.keyboard.press("Enter")
        watch.get_by_text("Ended: stopped by hand. Kept is").wait_for(timeout=30_000)
        page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
        outputs = page.locator(".jp-CodeCell").last.locator(".jp-OutputArea-output")
        if fails:
            page.wait_for_timeout(1000)
            assert outputs.count() == 0, "what waited behind a cell that failed is not run"
            return
        outputs.get_by_text("and then: stopped by hand ended").wait_for()
        page.wait_for_function("() => document.activeElement.textContent.startsWith('Stop, and')")
        assert page.locator(".tlcourse").count() == 1
        assert stop.get_attribute("aria-disabled") == "true"
        assert_controls_are_named(page.locator(".tlcourse"))
        for theme in ("JupyterLab Dark", "JupyterLab Light"):
            choose_theme(page, theme)
            lowest = contrasts(page.locator(".tlcourse"))
            assert lowest[0][0] >= 4.5, lowest[:5]
            shade = theme.split()[1].lower()
            watch.screenshot(path=SCREENSHOTS / f"lab-watching-{shade}.png")
    finally:
        context.close()


# --- saved ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(folder: Path) -> Path:
    """A notebook as it is committed: run from the first cell to the last, and not trusted here."""
    notebook = notebook_of([START, WATCH.format(epochs=3), MISTAKES, STRATEGY, NETWORKS])
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    path = folder / "training saved.ipynb"
    nbformat.write(notebook, path)
    return path


def test_a_saved_notebook_is_small_and_has_pictures_and_words(saved: Path):
    assert saved.stat().st_size < 600_000
    words = [
        "Loss and accuracy over 3 epochs",
        "Confusion matrix of",
        "size-similarity",
        "Cde (2014)",
    ]
    for cell, said in zip(nbformat.read(saved, 4).cells[1:], words, strict=True):
        bundles = [output.data for output in cell.outputs if "data" in output]
        assert len(bundles) == 1
        assert bundles[0]["image/png"]
        assert said in bundles[0]["text/plain"]


def test_in_a_notebook_that_is_not_trusted_there_are_the_pictures(
    lab: Lab, browser: Browser, saved: Path
):
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    page = context.new_page()
    try:
        open_notebook(page, lab.page(saved.name))
        pictures = page.locator(".jp-OutputArea-output img")
        pictures.nth(3).wait_for()
        assert pictures.count() == 4
        assert all(p.evaluate("one => one.naturalWidth > 300") for p in pictures.all())
        assert page.locator(".tlcourse").count() == 0
    finally:
        context.close()
