"""The widgets of training on a page without a kernel: by keys, by mouse, and in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.browser.looking import (
    SCREENSHOTS,
    assert_controls_are_named,
    contrasts,
    painted,
    pixels_of,
)
from tests.browser.static_page import (
    DARK,
    SILENT_MILLISECONDS,
    assert_fits_on_a_phone,
    assert_named_and_readable,
    showing,
)
from tests.pictures import write_set
from tests.training.tiny import tiny_backbone
from tlcourse.data import load_images
from tlcourse.evaluation import Recommendation, judge
from tlcourse.evaluation.similarity import Similarity
from tlcourse.evaluation.strategy import MATRIX
from tlcourse.training.history import Epoch, History
from tlcourse.training.watching import Moment
from tlcourse.widgets import (
    explore_mistakes,
    explore_networks,
    explore_strategy,
    watch_training,
)
from tlcourse.widgets.watching import TrainingWatch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

NAMES = ["networks", "strategy", "mistakes", "watching"]
FIELDS = ("name", "family", "year", "parameters", "multiply_adds", "top1")
NETWORKS = [
    ("AlexNet", "AlexNet", 2012, 61.1e6, 0.71e9, 0.565),
    ("VGG-16", "VGG", 2014, 138_357_544, 15.5e9, 0.713),
    ("VGG-19", "VGG", 2014, 143_667_240, 19.6e9, 0.713),
    ("ResNet-50", "ResNet", 2015, 25.6e6, 4.1e9, 0.749),
    ("MobileNet", "MobileNet", 2017, 4.2e6, 0.57e9, 0.704),
    ("Unknown-1", "MobileNet", 2018, 3.5e6, None, 0.72),
]

ROWS = [dict(zip(FIELDS, row, strict=True)) for row in NETWORKS]


def watched() -> TrainingWatch:
    """Return a widget that has seen one training to its end, and another to its third epoch."""

    def history(last: int, ended: Any) -> History:
        later = range(1, last + 1)
        epochs = [
            Epoch(n, 1e-4 / n, 1.5 / n, 0.6 + 0.03 * n, 1 / n, 0.7 + 0.02 * n, 4.0) for n in later
        ]
        return History((Epoch(0, 0.0, None, None, 1.1, 0.6, 1.0), *epochs), last, ended)

    watch = watch_training()
    teller = watch.teller()
    teller.begins(history(0, "stopped by hand"), 8)
    teller.ends(history(5, "early stopping"))
    teller.begins(history(0, "stopped by hand"), 10)
    teller.epoch(history(3, "stopped by hand"))
    teller.step(Moment(4, 10, 5, 20, 0.33, 0.71, 1.5, {"head": 1e-3, "block5": 1e-4}))
    return watch


def recommended() -> Recommendation:
    """Return advice for a small set that somebody knows better than the measurement does."""
    field = MATRIX[False, True]
    return Recommendation(
        strategy=field.strategy, quadrant="small and similar", why=field.why, watch=field.watch,
        pictures_a_class=73, measured=Similarity(0.17, 250, 0.7, 0.6), measured_by="a network",
        judgement="similar", measured_judgement="different",
    )  # fmt: skip


def mistaken(folder: Path) -> Any:
    """Return the mistakes of a classifier that takes some red pictures for green ones."""
    images = load_images(write_set(folder / "judged", count=5, names=("blue", "green", "red")))
    predicted = images.labels.copy()
    predicted[np.flatnonzero(images.labels == images.class_names.index("red"))[:2]] = 1
    rows = np.full((len(images), 3), 0.1)
    rows[np.arange(len(images)), predicted] = 0.8
    report = judge(rows, images.labels, images.class_names, images.paths)
    return explore_mistakes(report, folder / "corrections.csv", "Zoë", stored=4)


@pytest.fixture(scope="module")
def widgets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return {
        "networks": explore_networks(ROWS),
        "strategy": explore_strategy(tiny_backbone()),
        "recommended": explore_strategy(tiny_backbone(), recommended()),
        "mistakes": mistaken(tmp_path_factory.mktemp("mistakes")),
        "watching": watched(),
    }


@pytest.fixture
def show(browser: Browser, widgets: dict[str, Any], tmp_path: Path) -> Iterator[Callable]:
    with showing(browser, widgets, tmp_path) as show:
        yield show


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ground", ["", DARK], ids=["light", "dark"])
def test_everything_is_named_and_can_be_read(show, name, ground):
    assert_named_and_readable(show, name, ground)


@pytest.mark.parametrize("name", NAMES)
def test_it_fits_on_a_phone(show, name):
    assert_fits_on_a_phone(show, name)


# --- networks ------------------------------------------------------------------------------------


def chosen_network(page: Page) -> str:
    """Return what the list says is active, by the reference that screen readers follow."""
    return page.get_by_role("listbox").evaluate(
        """list => document.getElementById(list.getAttribute("aria-activedescendant"))
            ?.getAttribute("aria-label") ?? "" """
    )


def test_the_arrow_keys_go_through_the_networks_in_the_order_of_each_axis(show):
    page = show("networks")
    page.get_by_role("listbox").focus()
    known = [row for row in NETWORKS if row[4] is not None]
    page.keyboard.press("Home")
    for row in sorted(known, key=lambda row: row[4]):
        painted(page)
        assert chosen_network(page).startswith(f"{row[0]} ({row[1]}, {row[2]}): top-1 accuracy ")
        assert page.get_by_role("listbox").get_by_role("option", selected=True).count() == 1
        assert page.locator(".tl-told").inner_text() == chosen_network(page)
        page.keyboard.press("ArrowRight")
    page.keyboard.press("a")
    painted(page)
    for row in sorted(known, key=lambda row: row[5])[:3]:
        assert chosen_network(page).startswith(row[0])
        page.keyboard.press("ArrowUp")
        painted(page)
    page.keyboard.press("v")
    painted(page)
    assert chosen_network(page).startswith("VGG-1")
    page.keyboard.press("Escape")
    painted(page)
    assert chosen_network(page) == ""
    assert "Unknown-1" in page.locator(".tl-told").inner_text(), "it has no number on this axis"


@pytest.mark.parametrize("x", ["year", "parameters", "multiply_adds", "top1"])
@pytest.mark.parametrize("y", ["year", "parameters", "multiply_adds", "top1"])
def test_points_lie_where_their_numbers_say(show, x, y):
    page = show("networks")
    page.get_by_label("Across").select_option(x)
    page.get_by_label("Upwards").select_option(y)
    painted(page)
    places = (
        page.get_by_role("listbox")
        .get_by_role("option")
        .evaluate_all(
            """all => all.map((one) => {
            const box = one.querySelector("path").getBoundingClientRect();
            const [left, top] = [box.left + box.width / 2, box.top + box.height / 2];
            return [one.getAttribute("aria-label").split(" (")[0], left, top];
        })"""
        )
    )
    known = {row["name"]: row for row in ROWS if row[x] is not None and row[y] is not None}
    assert {name for name, _, _ in places} == set(known)
    for axis, place in ((x, 1), (y, 2)):
        values = [known[name][axis] for name, _, _ in places]
        if axis in ("parameters", "multiply_adds"):
            values = np.log10(values)
        pixels = [one[place] for one in places]
        slope, start = np.polyfit(values, pixels, 1)
        assert (slope > 0) == (place == 1)
        assert np.allclose(np.array(values) * slope + start, pixels, atol=3)
    ticks = page.locator(".tl-axes text[text-anchor=middle]").all_text_contents()
    assert len(ticks) == len(set(ticks)) >= 2


def test_the_pointer_finds_a_network_and_a_family_can_be_hidden(show):
    page = show("networks")
    page.get_by_role("listbox").get_by_role("option", name="ResNet-50").locator("path").hover()
    painted(page)
    assert page.locator(".tl-told").inner_text().startswith("ResNet-50 (ResNet, 2015)")
    page.get_by_label("ResNet", exact=True).focus()
    page.keyboard.press("Space")
    painted(page)
    assert page.get_by_role("listbox").get_by_role("option", name="ResNet-50").count() == 0
    page.get_by_text("The numbers as a table").click()
    names = page.locator("tbody th").all_inner_texts()
    assert sorted(names) == sorted(row[0] for row in NETWORKS if row[1] != "ResNet")
    for family in ("AlexNet", "VGG", "MobileNet"):
        page.get_by_label(family, exact=True).uncheck()
    painted(page)
    assert page.get_by_role("listbox").get_by_role("option").count() == 0


# --- strategy ------------------------------------------------------------------------------------


def test_every_stop_of_both_sliders_says_what_python_says(show):
    page, explorer = show("strategy"), explore_strategy(tiny_backbone())
    sizes, likeness = (
        page.get_by_label("Pictures a class", exact=True),
        page.get_by_label("Similarity to what"),
    )
    said = page.locator("p[role=status]").first
    for percent in (0, 29, 30, 100):
        likeness.focus()
        likeness.fill(str(percent))
        sizes.focus()
        page.keyboard.press("Home")
        for at in range(int(sizes.get_attribute("max")) + 1):
            assert sizes.input_value() == str(at)
            words = sizes.get_attribute("aria-valuetext")
            pictures = int(words.partition(":")[0].replace(",", "").replace(" or more", ""))
            explorer.pictures, explorer.similarity = pictures, percent / 100
            size, _, kind = explorer.quadrant.partition(" and ")
            assert words.endswith(size)
            assert likeness.get_attribute("aria-valuetext").endswith(kind)
            expected = f"{explorer.quadrant.capitalize()}: {explorer.strategy}. "
            assert said.inner_text().startswith(expected), (pictures, percent)
            page.keyboard.press("ArrowRight")
    assert pictures == 100_000


def test_a_recommendation_starts_where_its_pictures_lie(show):
    page = show("recommended")
    sizes = page.get_by_label("Pictures a class", exact=True)
    assert sizes.get_attribute("aria-valuetext") == "73: small"
    likeness = page.get_by_label("Similarity to what").get_attribute("aria-valuetext")
    assert likeness == "0.17, but your own word counts: similar"
    said = page.locator("p[role=status]").first
    assert said.inner_text().startswith("Small and similar: freeze_base.")
    sizes.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert sizes.get_attribute("aria-valuetext") == "73: small", "the way back is there"
    page.get_by_label("Similar or different?").select_option("measured")
    painted(page)
    assert said.inner_text().startswith("Small and different: train_top.")


@pytest.mark.parametrize("judgement", ["measured", "similar", "different"])
def test_blocks_and_counts_are_those_of_the_strategy(show, judgement):
    page, explorer = show("strategy"), explore_strategy(tiny_backbone())
    page.get_by_label("Similar or different?").select_option(judgement)
    page.get_by_label("Number of classes").fill("7")
    for at in (0, 60):
        page.get_by_label("Pictures a class", exact=True).fill(str(at))
        page.get_by_label("Similarity to what").fill("80")
        painted(page)
        words = page.get_by_label("Pictures a class", exact=True).get_attribute("aria-valuetext")
        explorer.pictures = int(words.partition(":")[0].replace(",", "").replace(" or more", ""))
        explorer.similarity, explorer.judgement, explorer.classes = 0.8, judgement, 7
        counts = page.get_by_text("Trained:").inner_text()
        assert f"Trained: {explorer.trained_parameters:,} of " in counts
        assert f"frozen: {explorer.frozen_parameters:,}." in counts
        states = page.locator(".tl-blocks .tl-state").all_inner_texts()
        for state, block in zip(states, explorer.blocks, strict=False):
            learning, numbers = block.trained[explorer.strategy]
            whole = (
                "trained" if learning == block.layers else f"{learning} of {block.layers} trained"
            )
            assert state == (whole if numbers else "frozen")
        assert states[-1] == "trained", "the head always learns"
        label = page.get_by_role("img", name="The size-similarity matrix").get_attribute(
            "aria-label"
        )
        assert f"{explorer.pictures:,} pictures a class and similarity 0.80" in label
        assert label.endswith(f"{explorer.quadrant}, {explorer.strategy}.")


def test_the_point_goes_where_the_pointer_presses(show):
    page = show("strategy")
    box = page.get_by_role("img", name="The size-similarity matrix").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 40, box["y"] + 40)
    painted(page)
    assert (
        page.locator("p[role=status]").first.inner_text().startswith("Large and similar: train_top")
    )
    page.mouse.move(box["x"] + 80, box["y"] + box["height"] - 60)
    painted(page)
    assert page.locator("p[role=status]").first.inner_text().startswith("Large and similar"), (
        "not pressed"
    )


# --- mistakes ------------------------------------------------------------------------------------


def test_the_matrix_is_a_grid_that_keys_go_through(show):
    page = show("mistakes")
    grid = page.get_by_role("grid")
    assert grid.get_by_role("columnheader").all_inner_texts() == ["blue", "green", "red"]
    assert grid.locator("button[tabindex='0']").count() == 1, "Tab enters and leaves it as one"
    grid.locator("button[tabindex='0']").focus()
    page.keyboard.press("Control+Home")
    focused = "document.activeElement.getAttribute('aria-label')"
    seen = []
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight", "End", "Home", "ArrowUp"):
        page.keyboard.press(key)
        seen.append(page.evaluate(focused))
    assert seen[1] == seen[2] == seen[5] == "red taken for blue: 0 pictures"
    assert seen[3] == "red taken for green: 2 pictures"
    assert seen[4] == "red, named rightly: 3 pictures"
    assert seen[6] == "green taken for blue: 0 pictures"
    page.keyboard.press("Enter")
    assert "No picture: green taken for blue" in page.locator("p[role=status]").inner_text()


def test_a_cell_opens_its_stored_pictures(show, widgets):
    page = show("mistakes")
    page.get_by_role("button", name="red taken for green").focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert "2 pictures of red, taken for green" in page.locator(".tl-title").inner_text()
    tiles = page.locator(".tl-tile")
    assert tiles.count() == 2
    assert tiles.nth(0).get_attribute("aria-label") == (
        "red/0.png: labelled red, predicted green with 80%, its label 10%"
    )
    shown = pixels_of(tiles.nth(0).locator("canvas"))
    means = shown.reshape(-1, 3).mean(axis=0)
    assert means[0] > means[1:].max() + 40
    tiles.nth(1).focus()
    page.keyboard.press("Enter")
    painted(page)
    assert tiles.nth(1).get_attribute("aria-pressed") == "true"
    large = page.get_by_role("img", name="The picture red/1.png: labelled red")
    assert np.array_equal(pixels_of(large), pixels_of(tiles.nth(1).locator("canvas")))
    assert page.get_by_role("button", name="It is green, as predicted").is_visible()
    page.get_by_label("Go to mistakes").select_option(index=1)
    assert page.get_by_label("Label", exact=True).input_value() == "red"


@pytest.mark.parametrize("ground", ["", DARK], ids=["light", "dark"])
def test_an_open_cell_can_be_read_and_all_of_it_has_a_name(show, ground):
    page = show("mistakes", ground)
    page.get_by_role("button", name="red taken for green").click()
    page.locator(".tl-tile").first.click()
    page.wait_for_timeout(300)
    assert_controls_are_named(page.locator(".tlcourse"))
    lowest = contrasts(page.locator(".tlcourse"))
    assert lowest[0][0] >= 4.5, lowest[:5]
    shade = "dark" if ground else "light"
    page.screenshot(path=SCREENSHOTS / f"static-mistakes-open-{shade}.png", full_page=True)


def test_without_a_kernel_pictures_can_be_seen_and_nothing_be_changed(show):
    page = show("mistakes")
    said = page.locator("p[role=status]")
    said.get_by_text("nothing is recorded now").wait_for(timeout=SILENT_MILLISECONDS)
    page.get_by_role("button", name="red taken for green").click()
    page.locator(".tl-tile").first.click()
    asked = page.evaluate("model.asked.length")
    for name in ("It is green", "It is red", "Unusable", "Give this label", "Take back"):
        button = page.get_by_role("button", name=name)
        assert button.get_attribute("aria-disabled") == "true"
        button.click(force=True)
    assert page.evaluate("model.asked.length") == asked
    page.get_by_role("button", name="red, named rightly").click()
    said.get_by_text("These pictures are not stored here").wait_for()


# --- watching ------------------------------------------------------------------------------------


def test_the_curves_of_a_training_have_all_its_epochs(show, widgets):
    page = show("watching")
    assert page.get_by_label("Training", exact=True).locator("option").all_inner_texts() == [
        "1 of 2: early stopping", "2 of 2",
    ]  # fmt: skip
    for number, points in ((1, (4, 4)), (0, (5, 6))):
        page.get_by_label("Training", exact=True).select_option(str(number))
        painted(page)
        for chart in page.locator(".tl-chart").all():
            curves = [curve.locator("path").count() for curve in chart.locator(".tl-curve").all()]
            assert tuple(curves) == points
    label = page.get_by_role("img", name="accuracy by epochs").get_attribute("aria-label")
    assert label == (
        "accuracy by epochs: training from 63% to 75%, validation from 60% to 80%. "
        "The best so far is epoch 5."
    )
    assert page.get_by_text("Ended: early stopping. Kept is epoch 5").is_visible()
    page.get_by_text("The epochs as a table").click()
    rows = page.locator("details tbody tr").all_inner_texts()
    assert len(rows) == 6
    assert rows[5].split("\t")[0] == "5, kept"


def test_a_training_that_goes_on_tells_where_it_stands(show):
    page = show("watching")
    assert page.get_by_text("Epoch 4 of 10, step 5 of 20. At most 27 s left.").is_visible()
    assert page.get_by_text("Epoch 3 of 10 done, validation accuracy 76%").is_visible()
    rates = page.locator("table").first.inner_text().split()
    assert rates[-4:] == ["head", "block5", "1.0e-3", "1.0e-4"]
    bar = page.get_by_role("progressbar")
    assert bar.evaluate("one => one.value / one.max") == pytest.approx(0.325)


def test_a_stop_that_nobody_hears_says_what_does_the_same(show):
    page = show("watching")
    page.get_by_role("button", name="Stop, and keep the best so far").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("model.asked[0].kind") == "stop"
    assert page.evaluate("model.asked[0].training") == 1
    unheard = page.get_by_text("Interrupting the kernel")
    unheard.wait_for(timeout=SILENT_MILLISECONDS)
    page.evaluate("model.set('state', 'ended')")
    painted(page)
    stop = page.get_by_role("button", name="Stop")
    assert stop.get_attribute("aria-disabled") == "true"
    stop.click(force=True)
    assert page.evaluate("model.asked.length") == 1
