"""Widgets in a real JupyterLab: with a kernel, reopened without it, by keys and by mouse."""

from __future__ import annotations

import ast
import csv
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.sign import NotebookNotary
from skimage import data as photographs

from tests.browser.looking import (
    SCREENSHOTS,
    assert_controls_are_named,
    close_to,
    contrasts,
    painted,
    pixels_of,
)
from tests.browser.test_chapters import open_notebook, run_all
from tests.pictures import write_set
from tests.widgets.helpers import small_model
from tlcourse.inside import Scale, record_activations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from tests.browser.conftest import Lab

pytestmark = pytest.mark.browser

NOTEBOOK = "widgets.ipynb"
START = (
    "import tlcourse\nfrom typing import Any\nfrom skimage import data\n"
    "from tlcourse.data import load_images\n"
    "from tlcourse.widgets import *\n"
    f"{inspect.getsource(small_model)}\n"
    "pixels = data.astronaut()[20:220, 100:300]\n"
    "model, other = small_model('one', 1), small_model('other', 2)"
)
CELLS = [
    START,
    "explorer = explore_activations(model, [pixels, 255 - pixels])\nexplorer",
    "convolution = explore_convolution(pixels, side=64)\nconvolution",
    "explore_attribution(model, [pixels, 255 - pixels])",
    "explore_augmentation([pixels, 255 - pixels])",
    "annotator = annotate(load_images('set'), 'said.csv', 'Zoë')\nannotator",
]
ACTIVATIONS, CONVOLUTION, ATTRIBUTION, AUGMENTATION, ANNOTATION = range(5)
LIMIT = 1_500_000


def both_signs(values: np.ndarray) -> np.ndarray:
    high = float(np.abs(values).max())
    return Scale(-high, high).colours(values)


def new_notebook() -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    pixels = photographs.astronaut()[20:220, 100:300]
    return [pixels, 255 - pixels]


@pytest.fixture(scope="module")
def page(lab: Lab, browser: Browser) -> Iterator[Page]:
    """A notebook with all widgets, run in JupyterLab."""
    nbformat.write(new_notebook(), lab.folder / NOTEBOOK)
    write_set(lab.folder / "set", count=2)
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    page = context.new_page()
    open_notebook(page, lab.page(NOTEBOOK))
    run_all(page, len(CELLS))
    page.locator(".tlcourse").nth(ANNOTATION).wait_for()
    yield page
    context.close()


def widget(page: Page, number: int) -> Locator:
    found = page.locator(".tlcourse").nth(number)
    found.scroll_into_view_if_needed()
    return found


def wait_for_words(page: Page, locator: Locator, words: str) -> None:
    locator.filter(has_text=words).first.wait_for(timeout=60_000)


def test_no_cell_failed(page: Page):
    assert page.locator('[data-mime-type="application/vnd.jupyter.error"]').count() == 0
    assert page.locator(".tlcourse").count() == len(CELLS) - 1


def test_a_layer_comes_whole_and_every_key_paints(page: Page, pictures: list[np.ndarray]):
    explorer = widget(page, ACTIVATIONS)
    explorer.get_by_label("Layer").select_option("second")
    explorer.locator('canvas.tl-pixels[width="14"]').wait_for()
    page.wait_for_function(
        "() => !document.querySelector('.tlcourse figcaption').textContent.includes('Stored')"
    )
    said = record_activations(small_model("one", 1), pictures[0], ["second"])
    order = [channel.number for channel in said.top_channels("second", 70)]
    slider = explorer.get_by_label("Channel", exact=True)
    explorer.locator("output", has_text="0 to 69, the strongest").first.wait_for()
    slider.focus()
    page.keyboard.press("Home")
    for place in range(70):
        painted(page)
        channel = order[place]
        assert f"channel {channel} of 0 to 69" in slider.get_attribute("aria-valuetext")
        maps = said["second"][..., channel].astype(np.float32)
        assert close_to(pixels_of(explorer.locator("canvas.tl-pixels")), both_signs(maps))
        page.keyboard.press("ArrowRight")


def test_the_slider_follows_the_mouse(page: Page, pictures: list[np.ndarray]):
    explorer = widget(page, ACTIVATIONS)
    slider = explorer.get_by_label("Channel", exact=True)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.mouse.click(box["x"] + 2, box["y"] + box["height"] / 2)
    painted(page)
    assert slider.input_value() == "0"
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
    painted(page)
    assert slider.input_value() == slider.get_attribute("max")


def test_keys_stay_in_the_widget(page: Page):
    """In command mode the arrows, digits and letters are JupyterLab's own."""
    explorer = widget(page, ACTIVATIONS)
    cells = page.locator(".jp-Cell").count()
    active = page.locator(".jp-Cell.jp-mod-active").inner_text()
    for label in ("Channel", "Layer", "Row"):
        explorer.get_by_label(label, exact=True).focus()
        for key in ("ArrowDown", "ArrowUp", "b", "a", "d", "d", "1"):
            page.keyboard.press(key)
    explorer.get_by_role("button", name="No unit").click()
    assert page.locator(".jp-Cell").count() == cells
    assert page.locator(".jp-Cell.jp-mod-active").inner_text()[:40] == active[:40]


def test_another_picture_is_asked_of_the_kernel(page: Page, pictures: list[np.ndarray]):
    explorer = widget(page, ACTIVATIONS)
    explorer.get_by_label("Picture", exact=True).select_option("1")
    explorer.get_by_label("Layer").select_option("first")
    explorer.get_by_role("img", name="Channel").and_(
        explorer.get_by_role("img", name="of first, 32 × 32")
    ).wait_for()
    said = record_activations(small_model("one", 1), pictures[1], ["first"])
    strongest = said.top_channels("first", 1)[0].number
    explorer.locator("output", has_text=f"channel {strongest} of 0 to 7").first.wait_for()
    page.wait_for_timeout(500)
    maps = said["first"][..., strongest].astype(np.float32)
    high = float(maps.max())
    found = pixels_of(explorer.locator("canvas.tl-pixels"))
    assert close_to(found, Scale(0, high).colours(maps))


def test_a_unit_tells_the_kernels_number(page: Page, pictures: list[np.ndarray]):
    explorer = widget(page, ACTIVATIONS)
    explorer.get_by_label("Row", exact=True).fill("7")
    explorer.get_by_label("Column", exact=True).fill("9")
    painted(page)
    said = record_activations(small_model("one", 1), pictures[1], ["first"])
    strongest = said.top_channels("first", 1)[0].number
    told = explorer.locator(".tl-answer").inner_text()
    value = float(told.partition("column 9: ")[2].partition(". It")[0].replace("−", "-"))
    assert value == pytest.approx(float(said["first"][7, 9, strongest]), rel=2e-3, abs=1e-4)


def test_the_browser_and_the_kernel_convolve_alike(page: Page):
    convolution = widget(page, CONVOLUTION)
    convolution.get_by_label("Kernel", exact=True).select_option("Gaussian blur")
    convolution.get_by_label("Padding").select_option("same")
    convolution.get_by_label("Pooling").select_option("max 2")
    page.wait_for_timeout(300)
    shown = convolution.get_by_role("img", name="The result").get_attribute("aria-label")
    told = evaluate(page, "r = convolution.result; (r.shape, float(r.min()), float(r.max()))")
    shape, low, high = ast.literal_eval(told)
    assert f"The result, {shape[0]} × {shape[1]}" in shown
    numbers = shown.replace("−", "-").partition("from ")[2].partition(",")[0].split(" to ")
    assert [float(n) for n in numbers] == pytest.approx([low, high], rel=1e-3)


def evaluate(page: Page, code: str) -> str:
    """Run code in a new cell at the end, and return what it shows."""
    page.locator(".jp-Notebook").last.press("Escape")
    page.locator(".jp-Cell").last.locator(".jp-InputPrompt").click()
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.type(code)
    page.keyboard.press("Shift+Enter")
    output = (
        page.locator(".jp-CodeCell")
        .filter(has_text=code[:20])
        .last.locator(".jp-OutputArea-output")
    )
    output.wait_for(timeout=60_000)
    return output.inner_text().strip()


def test_an_attribution_is_computed_when_it_is_chosen(page: Page):
    attribution = widget(page, ATTRIBUTION)
    attribution.get_by_label("Method").select_option("saliency")
    wait_for_words(page, attribution.locator("p[role=status]"), "Gradient saliency")
    attribution.get_by_label("Method").select_option("grad_cam")
    attribution.get_by_label("At the layer").select_option("first")
    wait_for_words(page, attribution.locator("p[role=status]"), "Grad-CAM at first")


def test_another_picture_is_augmented(page: Page):
    augmentation = widget(page, AUGMENTATION)
    augmentation.get_by_label("Picture", exact=True).select_option("1")
    augmentation.get_by_label("Change", exact=True).select_option("rotation")
    augmentation.get_by_label("How much").focus()
    page.keyboard.press("End")
    augmentation.get_by_role("img", name="picture 2: turned 15° left").wait_for()


def test_annotating_by_keys_writes_each_answer(page: Page, lab: Lab):
    annotator = widget(page, ANNOTATION)
    place = annotator.locator("p[role=status]").first
    wait_for_words(page, place, "Picture 1 of 4")
    annotator.get_by_role("group", name="Picture.").focus()
    page.keyboard.press("g")
    annotator.get_by_role("button", name="green", pressed=True).wait_for()
    page.keyboard.press("4")
    wait_for_words(page, place, "Picture 2 of 4")
    page.keyboard.press("r")
    annotator.get_by_role("button", name="red", pressed=True).wait_for()
    page.keyboard.press("u")
    annotator.get_by_role("button", name="red", pressed=False).wait_for()
    page.keyboard.press("u")
    wait_for_words(page, place, "Picture 1 of 4")
    page.keyboard.press("1")
    wait_for_words(page, place, "Picture 2 of 4")
    with (lab.folder / "said.csv").open(encoding="utf-8", newline="") as file:
        said = [(x["file"], x["label"], x["quality"], x["action"]) for x in csv.DictReader(file)]
    assert said == [
        ("green/0.png", "green", "", ""),
        ("green/0.png", "", "4", ""),
        ("green/1.png", "red", "", ""),
        ("green/1.png", "", "", "undo"),
        ("green/0.png", "", "", "undo"),
        ("green/0.png", "", "1", ""),
    ]


def choose_theme(page: Page, theme: str) -> None:
    """Choose a theme in JupyterLab's menu, and wait until its colours are there."""
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.locator(".lm-Menu-itemLabel").get_by_text("Theme", exact=True).hover()
    page.locator(".lm-Menu-itemLabel").get_by_text(theme, exact=True).click()
    light = str(theme.endswith("Light")).lower()
    page.locator(f'body[data-jp-theme-light="{light}"]').wait_for(state="attached")
    page.wait_for_timeout(700)


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_everything_can_be_read_in_both_themes(page: Page, theme: str):
    choose_theme(page, theme)
    for number, name in enumerate(
        ["activations", "convolution", "attribution", "augmentation", "annotation"]
    ):
        shown = widget(page, number)
        assert_controls_are_named(shown)
        lowest = contrasts(shown)
        assert lowest[0][0] >= 4.5, lowest[:5]
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        shown.screenshot(path=SCREENSHOTS / f"lab-{name}-{theme.split()[1].lower()}.png")


@pytest.fixture(scope="module")
def saved(lab: Lab) -> Path:
    """The notebook as it is committed: run from the first cell to the last, and saved."""
    notebook = new_notebook()
    folder = {"metadata": {"path": str(lab.folder)}}
    NotebookClient(notebook, timeout=300, resources=folder).execute()
    path = lab.folder / "saved.ipynb"
    nbformat.write(notebook, path)
    # In a notebook that is not trusted JupyterLab runs nothing: it shows the pictures.
    NotebookNotary(data_dir=str(lab.folder.parent / "data")).sign(notebook)
    return path


def test_a_saved_notebook_is_small_and_has_pictures_and_words(saved: Path):
    assert saved.stat().st_size < LIMIT
    for cell in nbformat.read(saved, 4).cells[1:]:
        bundles = [output.data for output in cell.outputs if "data" in output]
        assert bundles[-1]["image/png"]
        assert len(bundles[-1]["text/plain"]) > 20


def test_a_saved_notebook_answers_without_the_kernel_that_made_it(
    lab: Lab, browser: Browser, saved: Path
):
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    page = context.new_page()
    try:
        open_notebook(page, lab.page(saved.name))
        explorer = widget(page, ACTIVATIONS)
        explorer.get_by_text("No kernel answers").wait_for(timeout=60_000)
        explorer.get_by_label("Layer").select_option("second")
        slider = explorer.get_by_label("Channel", exact=True)
        slider.focus()
        page.keyboard.press("End")
        painted(page)
        assert "64 stored" in slider.get_attribute("aria-valuetext")
        number = int(slider.get_attribute("aria-valuetext").split()[1])
        pixels = photographs.astronaut()[20:220, 100:300]
        said = record_activations(small_model("one", 1), pixels, ["second"])
        maps = said["second"][..., number].astype(np.float32)
        found = pixels_of(explorer.locator("canvas.tl-pixels"))
        assert close_to(found, both_signs(maps))
        annotator = widget(page, ANNOTATION)
        annotator.get_by_text("nothing is recorded").wait_for(timeout=60_000)
    finally:
        context.close()


def test_a_narrow_window(lab: Lab, browser: Browser, saved: Path):
    context = browser.new_context(viewport={"width": 1200, "height": 844})
    page = context.new_page()
    try:
        open_notebook(page, lab.page(saved.name))
        explorer = widget(page, ACTIVATIONS)
        explorer.get_by_text("No kernel answers").wait_for(timeout=60_000)
        page.locator('.jp-SideBar.jp-mod-left li[data-id="filebrowser"]').click()  # closes it
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(1000)
        explorer.scroll_into_view_if_needed()
        page.screenshot(path=SCREENSHOTS / "lab-narrow.png")
        wide, needed = explorer.evaluate("one => [one.clientWidth, one.scrollWidth]")
        assert needed <= wide
        assert wide > 200
    finally:
        context.close()
