"""Widgets on a page without a kernel: what is stored answers; what is not is said to need one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from skimage import data as photographs

from tests.browser.looking import close_to, painted, pixels_of
from tests.browser.static_page import (
    DARK,
    SILENT_MILLISECONDS,
    assert_fits_on_a_phone,
    assert_named_and_readable,
    showing,
)
from tests.pictures import write_set
from tests.widgets.helpers import maps_in, small_model, stored_answer
from tlcourse.classroom import quiz
from tlcourse.data import load_images
from tlcourse.inside import KERNELS, Scale, convolve, pool, receptive_field, scale_of
from tlcourse.widgets import (
    annotate,
    explore_activations,
    explore_attribution,
    explore_augmentation,
    explore_convolution,
)
from tlcourse.widgets.front import FOLDER

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

PICTURE = np.ascontiguousarray(photographs.astronaut()[20:220, 100:300])
NAMES = [
    "activations", "comparison", "convolution", "attribution", "augmentation", "annotation", "quiz",
]  # fmt: skip


@pytest.fixture(scope="module")
def widgets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One widget of each kind, over a small network."""
    model, other = small_model("one", 1), small_model("other", 2)
    folder = tmp_path_factory.mktemp("annotated")
    images = load_images(write_set(folder / "set", count=2))
    return {
        "activations": explore_activations(model, [PICTURE, 255 - PICTURE]),
        "comparison": explore_activations(model, PICTURE, compare=other),
        "convolution": explore_convolution(PICTURE, side=64),
        "attribution": explore_attribution(model, PICTURE, stored=["grad_cam", "occlusion"]),
        "augmentation": explore_augmentation(PICTURE),
        "annotation": annotate(images, folder / "said.csv", "Zoë"),
        "quiz": quiz(3),
    }


@pytest.fixture
def show(browser: Browser, widgets: dict[str, Any], tmp_path: Path) -> Iterator[Callable]:
    with showing(browser, widgets, tmp_path) as show:
        yield show


def stored_maps(widget: Any, key: str) -> dict[int, np.ndarray]:
    record, data = stored_answer(widget, key)
    return dict(zip(record["channels"], maps_in(record, data), strict=True))


def both_signs(values: np.ndarray) -> np.ndarray:
    """Return a map in colours, as of a layer with numbers of both signs."""
    high = float(np.abs(values).max())
    return Scale(-high, high).colours(values)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ground", ["", DARK], ids=["light", "dark"])
def test_everything_is_named_and_can_be_read(show, name, ground):
    assert_named_and_readable(show, name, ground)


@pytest.mark.parametrize("name", NAMES)
def test_it_fits_on_a_phone(show, name):
    assert_fits_on_a_phone(show, name)


def test_every_stored_channel_is_painted_as_numpy_says(show, widgets):
    page = show("activations")
    explorer = widgets["activations"]
    page.get_by_label("Layer").select_option("second")
    maps = stored_maps(explorer, "maps/0/0/3")
    strongest = list(maps)
    slider, canvas = page.get_by_label("Channel", exact=True), page.locator("canvas.tl-pixels")
    painted(page)
    slider.focus()
    for place, channel in enumerate(strongest):
        assert f"channel {channel} of 0 to 69" in slider.get_attribute("aria-valuetext")
        assert close_to(pixels_of(canvas), both_signs(maps[channel]))
        assert f"Channel {channel} of second" in canvas.get_attribute("aria-label")
        assert slider.input_value() == str(place)
        page.keyboard.press("ArrowRight")
        painted(page)
    page.keyboard.press("Home")
    assert slider.get_attribute("aria-valuetext").endswith("the strongest, 64 stored")


def test_one_scale_for_all_and_the_natural_order(show, widgets):
    page = show("activations")
    maps = stored_maps(widgets["activations"], "maps/0/0/1")
    page.get_by_label("Order of the channels").select_option("natural")
    page.get_by_label("Brightness").select_option("layer")
    page.get_by_label("Channel", exact=True).focus()
    page.keyboard.press("Home")
    record, _ = stored_answer(widgets["activations"], "maps/0/0/1")
    scale = scale_of(np.array(record["range"]))
    for channel in range(8):
        painted(page)
        shown = pixels_of(page.locator("canvas.tl-pixels"))
        assert close_to(shown, scale.colours(maps[channel])), channel
        page.keyboard.press("ArrowRight")
    assert "in all channels" in page.locator("figcaption").last.inner_text()


def test_the_slider_follows_the_mouse(show, widgets):
    page = show("activations")
    page.get_by_label("Layer").select_option("second")
    painted(page)
    slider = page.get_by_label("Channel", exact=True)
    box = slider.bounding_box()
    page.mouse.move(box["x"] + 3, box["y"] + box["height"] / 2)
    page.mouse.down()
    for share in (0.25, 0.5, 1.0):
        page.mouse.move(box["x"] + share * box["width"] - 2, box["y"] + box["height"] / 2)
    page.mouse.up()
    painted(page)
    maps = stored_maps(widgets["activations"], "maps/0/0/3")
    last = list(maps)[-1]
    assert close_to(pixels_of(page.locator("canvas.tl-pixels")), both_signs(maps[last]))


@pytest.mark.parametrize("way", ["typed", "clicked"])
def test_a_unit_has_its_value_and_what_it_sees(show, widgets, way):
    page = show("activations")
    explorer = widgets["activations"]
    maps = stored_maps(explorer, "maps/0/0/1")
    strongest = next(iter(maps))
    page.get_by_label("Layer").select_option("first")
    painted(page)
    if way == "typed":
        page.get_by_label("Row", exact=True).fill("5")
        page.get_by_label("Column", exact=True).fill("20")
    else:
        box = page.locator("canvas.tl-pixels").bounding_box()
        page.mouse.click(box["x"] + 20.5 / 32 * box["width"], box["y"] + 5.5 / 32 * box["height"])
    painted(page)
    told = page.locator(".tl-answer").inner_text()
    value = float(told.partition("about ")[2].partition(". It")[0].replace("−", "-"))
    assert value == pytest.approx(maps[strongest][5, 20], rel=0.06, abs=0.01)
    seen = receptive_field(explorer._recordings.networks[0], "first", (5, 20)).rectangle
    assert f"rows {seen.top} to {seen.bottom - 1} and columns {seen.left} to" in told
    frame = page.locator(".tl-seen").bounding_box()
    picture = page.locator("figure canvas").first.bounding_box()
    assert frame["x"] - picture["x"] == pytest.approx(seen.left / 32 * picture["width"], abs=2)
    assert frame["height"] == pytest.approx(seen.height / 32 * picture["height"], abs=2)
    page.get_by_role("button", name="No unit").click()
    painted(page)
    assert page.locator(".tl-seen").is_hidden()


def test_the_picture_shines_through(show):
    page = show("activations")
    page.get_by_label("Picture shining through").focus()
    page.keyboard.press("End")
    painted(page)
    page.wait_for_timeout(300)
    assert page.locator("canvas.tl-pixels").evaluate("c => getComputedStyle(c).opacity") == "0"


def test_a_small_picture_is_not_smoothed(show, widgets):
    height, width = widgets["activations"].about["input"]
    assert max(height, width) <= 64
    canvas = show("activations").locator("canvas[aria-label^='The picture']")
    assert canvas.evaluate("c => getComputedStyle(c).imageRendering") == "pixelated"
    large = show("augmentation").locator("canvas").first
    assert large.evaluate("c => getComputedStyle(c).imageRendering") == "auto"


def test_a_quiz_answers_every_option_by_keys(show, widgets):
    page, asked = show("quiz"), widgets["quiz"].quiz.questions
    for number, question in enumerate(asked, 1):
        box = page.get_by_role("group", name=f"Question {number} of {len(asked)}")
        for option in sorted(question.options, key=lambda option: option.right):  # right one last
            place = question.options.index(option)
            choice = box.get_by_role("button").nth(place)
            choice.focus()
            page.keyboard.press("Enter")
            said = box.get_by_role("status").inner_text()
            assert ("Right." in said) == option.right
            assert ("Not this one." in said) != option.right
            assert choice.get_attribute("aria-pressed") == "true"
    assert page.get_by_text(f"{len(asked)} of {len(asked)} found, 0 at the first try.").count() == 1


def test_what_needs_a_kernel_is_said_and_cannot_be_chosen(show):
    page = show("activations")
    status = page.locator("p[role=status]")
    status.get_by_text("No kernel answers").wait_for(timeout=SILENT_MILLISECONDS)
    assert "first, pooled, second" in status.inner_text()
    options = page.get_by_label("Layer").locator("option")
    for option in options.all():
        stored = option.get_attribute("value") in ("first", "pooled", "second")
        assert option.is_enabled() == stored
        assert ("needs a kernel" in option.inner_text()) != stored


def test_two_networks_stand_side_by_side(show, widgets):
    page = show("comparison")
    page.get_by_label("Layer").select_option("second")
    painted(page)
    explorer = widgets["comparison"]
    both = [stored_maps(explorer, f"maps/{place}/0/3") for place in (0, 1)]
    channel = next(iter(both[0]))
    if channel not in both[1]:
        pytest.skip("the second network does not store this channel")
    for canvas, maps in zip(page.locator("canvas.tl-pixels").all(), both, strict=True):
        assert close_to(pixels_of(canvas), both_signs(maps[channel]))
    assert page.get_by_role("img", name="other: Channel").count() == 1


ARITHMETIC = (FOLDER / "arithmetic.js").read_text("utf-8")


@pytest.mark.parametrize("channels", [1, 3])
def test_the_browser_convolves_as_numpy_does(browser: Browser, channels):
    """Over kernels, strides, paddings, dilations and pooling, on odd and even sizes."""
    random = np.random.RandomState(channels)
    cases = []
    for side in (1, 2, 3, 5, 7):
        for stride in (1, 2, 3):
            for padding in ("valid", "same", "1", "4"):
                for dilation in (1, 2, 3):
                    cases.append((side, stride, padding, dilation, random.rand() < 0.5))
    page = browser.new_page()
    page.evaluate(
        """async text => {
            const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
            window.arithmetic = await import(url);
        }""",
        ARITHMETIC,
    )
    for number, (side, stride, padding, dilation, relu) in enumerate(cases):
        height, width = ((19, 24), (24, 19))[number % 2]
        picture = random.randint(0, 256, (height, width, channels))
        kernel, bias = random.normal(0, 1, (side, side, channels)), float(random.normal())
        settings = {
            "stride": stride, "padding": padding, "dilation": dilation, "bias": bias, "relu": relu
        }  # fmt: skip
        found = page.evaluate(
            """({ picture, kernel, settings, row, column }) => {
                const { convolve, pool, explain } = window.arithmetic;
                const output = convolve(picture, kernel, settings);
                const pooled = (mode) => [...pool(output, mode, 2).values];
                const told = explain(picture, kernel, output, row, column);
                return { values: [...output.values], max: pooled("max"), mean: pooled("average"),
                    size: [output.height, output.width], sum: told.sum };
            }""",
            {
                "picture": {
                    "height": height, "width": width, "channels": channels,
                    "values": picture.ravel().tolist(),
                },
                "kernel": kernel.tolist(), "settings": settings, "row": 0, "column": 0,
            },
        )  # fmt: skip
        zeros = int(padding) if padding.isdecimal() else padding
        try:
            expected = convolve(picture, kernel, stride, zeros, dilation, bias=bias, relu=relu)
        except ValueError:  # the kernel does not fit
            assert 0 in found["size"]
            continue
        assert tuple(found["size"]) == expected.shape
        scale = max(1.0, float(np.abs(expected).max()))
        flat = np.array(found["values"])
        assert np.abs(flat - expected.ravel()).max() <= 1e-5 * scale
        plain = convolve(picture, kernel, stride, zeros, dilation)
        assert found["sum"] == pytest.approx(float(plain[0, 0]), rel=1e-5, abs=1e-3)
        if min(expected.shape) >= 2:
            for mode, name in (("max", "max"), ("average", "mean")):
                halves = pool(expected, 2, mode=mode)
                assert np.abs(np.array(found[name]) - halves.ravel()).max() <= 1e-5 * scale


@pytest.mark.parametrize("name", [*[*KERNELS][:4], "Roberts' cross", "emboss"])
def test_a_kernel_from_the_list_is_painted_at_once(show, widgets, name):
    page = show("convolution")
    page.get_by_label("Kernel", exact=True).select_option(name)
    painted(page)
    result = convolve(widgets["convolution"]._grey, name)
    low, high = result.min(), result.max()
    expected = np.rint(255 * (result - low) / (high - low))
    shown = pixels_of(page.locator("canvas").last)
    assert close_to(shown, np.repeat(expected[..., None], 3, axis=2), 1)


def test_an_edited_kernel_and_its_sum_written_out(show, widgets):
    page = show("convolution")
    page.get_by_label("Kernel, row 2, column 2").fill("2.5")
    page.get_by_label("Bias").fill("-7")
    page.get_by_label("ReLU").check()
    page.get_by_label("Stride").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_label("Row", exact=True).fill("10")
    page.get_by_label("Column", exact=True).fill("11")
    painted(page)
    kernel = KERNELS["Sobel, vertical edges"].values.copy()
    kernel[1, 1] = 2.5
    picture = widgets["convolution"]._grey
    expected = convolve(picture, kernel, 2, bias=-7, relu=True)
    shown = page.get_by_role("img", name="The result").get_attribute("aria-label")
    assert shown.startswith(f"The result, {expected.shape[0]} × {expected.shape[1]}: from 0")
    plain = float((picture[20:23, 22:25].astype(float) * kernel).sum())
    told = page.locator(".tl-answer").inner_text().replace("−", "-")
    assert float(told.partition("products is ")[2].split(" ")[0]) == pytest.approx(plain, rel=1e-3)
    assert float(told.partition("ReLU ")[2].rstrip(".")) == pytest.approx(
        float(expected[10, 11]), rel=1e-3
    )
    cells = page.locator(".tl-sums table").nth(-2).locator("td").all_inner_texts()
    assert [int(cell) for cell in cells] == picture[20:23, 22:25].ravel().tolist()
    assert page.get_by_label("Kernel", exact=True).input_value() == "your own"


def test_a_kernel_that_does_not_fit_is_said(show):
    page = show("convolution")
    page.get_by_label("Size of the kernel").select_option("7")
    for _ in range(2):
        page.get_by_label("Dilation").focus()
        page.keyboard.press("End")
    page.get_by_label("Padding").select_option("valid")
    painted(page)
    assert page.locator("p[role=status]").inner_text() == ""  # 49 pixels fit into 64
    assert "(64 + 0 + 0 − 49) / 1 + 1 = 16" in page.locator("output").nth(2).inner_text()


def test_the_pointer_shows_the_sum_below_it(show):
    page = show("convolution")
    canvas = page.locator("canvas").last
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 3.5 / 62 * box["width"], box["y"] + 60.5 / 62 * box["height"])
    painted(page)
    assert page.get_by_label("Row", exact=True).input_value() == "60"
    assert page.get_by_label("Column", exact=True).input_value() == "3"


def test_an_attribution_lies_over_the_picture(show, widgets):
    page = show("attribution")
    words = stored_answer(widgets["attribution"], widgets["attribution"].about["stored"][2]["key"])[
        0
    ]["words"]
    assert page.get_by_role("img", name=words).count() == 1
    assert page.locator("p[role=status]").first.inner_text() == words
    canvas = page.locator("canvas").last
    strong = pixels_of(canvas)
    page.get_by_label("Strength of the colours").focus()
    page.keyboard.press("Home")
    painted(page)
    grey = pixels_of(canvas).astype(int)
    assert np.abs(grey[..., 0] - grey[..., 1]).max() <= 1
    assert np.abs(strong.astype(int) - grey).max() > 20
    page.get_by_label("Method").select_option("occlusion")
    page.wait_for_timeout(200)
    assert "Occlusion" in canvas.get_attribute("aria-label")


def test_each_frame_of_an_augmentation_says_what_it_shows(show, widgets):
    page = show("augmentation")
    canvas, slider = page.locator("canvas").last, page.get_by_label("How much")
    for change in widgets["augmentation"].about["changes"]:
        page.get_by_label("Change", exact=True).select_option(change["name"])
        slider.focus()
        page.keyboard.press("Home")
        before = None
        for words in change["words"]:
            page.wait_for_timeout(30)
            painted(page)
            assert canvas.get_attribute("aria-label").endswith(words)
            assert slider.get_attribute("aria-valuetext").endswith(words)
            now = pixels_of(canvas)
            if before is not None and words != "unchanged" and change["name"] != "together":
                assert not np.array_equal(now, before)
            before = now
            page.keyboard.press("ArrowRight")


def test_annotating_without_a_kernel_says_that_nothing_is_recorded(show):
    page = show("annotation")
    page.get_by_text("nothing is recorded").wait_for(timeout=SILENT_MILLISECONDS)
    button = page.get_by_role("button", name="red")
    assert button.get_attribute("aria-disabled") == "true"


def test_the_accessibility_tree_of_the_explorer(show):
    tree = show("activations").locator(".tlcourse").aria_snapshot()
    for expected in (
        '- combobox "Layer"', '- slider "Channel"', '- combobox "Brightness"',
        '- spinbutton "Row"', '- group "One unit of the map', '- img "Channel',
        '- slider "Picture shining through"',
    ):  # fmt: skip
        assert expected in tree, tree


def test_state_survives_json(widgets):
    for widget in widgets.values():
        json.dumps(widget.about)
