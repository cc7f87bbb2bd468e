"""From a key press to the new picture, in a real browser: ours against `interact` and matplotlib.

    python bench/sliders.py [--moves 50]

Feature maps of VGG-16 on a photograph, in a JupyterLab with its kernel on this machine. A move is
one press of an arrow key on a slider that is in focus. It is told when the picture is in place (the
canvas of the explorer drawn, or the image that matplotlib drew and the kernel sent put into the
page), and when the browser has painted the frame with it: at 60 frames a second a key waits up to
16.7 ms for that, whoever draws. The clock runs in the page, so that the test driver is no part of
it.

`interact` is used as notebooks use it: a slider over channels, `plt.imshow`, `plt.show`, with
`continuous_update`; each move waits for the picture of the one before it.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.browser.chromium import find_chromium
from tests.browser.conftest import running_browser, running_lab
from tests.browser.test_chapters import open_notebook, run_all

if TYPE_CHECKING:
    from playwright.sync_api import Page

LAYERS = ("block1_conv2", "block2_conv2", "block3_conv3")
CHANGES = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv3", "block5_conv3")
CELLS = [
    "import tlcourse as tl, matplotlib.pyplot as plt\nfrom ipywidgets import interact\n"
    "from tlcourse.data import photograph\n"
    "from tlcourse.inside import record_activations\n"
    "from tlcourse.widgets import explore_activations\n"
    "backbone = tl.load_backbone('vgg16')\n"
    "said = record_activations(backbone, photograph('cat'), 'maps')",
    "import time\nstart = time.perf_counter()\n"
    "explorer = explore_activations(backbone, [photograph('coffee'), photograph('cat')])\n"
    "seconds = time.perf_counter() - start\nexplorer",
    "print(f'opened in {seconds:.2f} s')",
    "@interact(channel=(0, 63))\n"
    "def show(channel=0):\n"
    "    plt.imshow(said[layer][..., channel])\n"
    "    plt.axis('off')\n"
    "    plt.show()",
]

# In the page: the clock starts when a key arrives, or something is chosen. The picture is in place
# when the page has changed so that `seen()` says something else than before. A change in the course
# of a frame is painted with it, and the next task finds it painted; any other waits for a frame.
_CLOCK = """() => {
    window.bench = { times: [], waiting: null };
    window.watch = (seen) => { window.bench.seen = seen; };
    window.begin = () => {
        window.bench.waiting = { start: performance.now(), before: window.bench.seen() };
    };
    document.addEventListener("keydown", (event) => {
        if (event.key === "ArrowRight" && window.bench.seen) window.begin();
    }, true);
    let painting = false;
    const behind = new MessageChannel();
    behind.port1.onmessage = () => { painting = false; };
    const frame = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (work) => frame((now) => {
        painting = true;
        behind.port2.postMessage(0);
        work(now);
    });
    new MutationObserver(() => {
        const { waiting, seen, times } = window.bench;
        const now = waiting && seen();
        if (!now || now === waiting.before) return;
        window.bench.waiting = null;
        const placed = performance.now() - waiting.start;
        const end = () => setTimeout(() => times.push([placed, performance.now() - waiting.start]));
        if (painting) end(); else frame(end);
    }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
}"""

_CANVAS = """() => watch(() => {
    const canvas = document.querySelector(".tlcourse canvas.tl-pixels");
    const [picture, map] = document.querySelectorAll(".tlcourse figcaption");
    const whole = !map.textContent.includes("Stored");
    const old = document.querySelector(".tlcourse").classList.contains("tl-waiting");
    return whole && !old && picture.textContent + canvas.getAttribute("aria-label");
})"""

_IMAGE = """cell => watch(() => {
    const images = document.querySelectorAll(".jp-CodeCell")[cell].querySelectorAll("img");
    return images.length ? images[images.length - 1].src : "";
})"""

_CHOOSE = """([label, value]) => {
    const labels = [...document.querySelectorAll(".tlcourse label")];
    const select = labels.find((one) => one.textContent === label).control;
    begin();
    select.value = value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--moves", type=int, default=50)
    arguments = parser.parse_args()
    program = find_chromium()
    if program is None:
        sys.exit("no Chromium or Chrome: 'python -m tests.browser.chromium' tells why")
    home = Path(tempfile.mkdtemp(prefix="tlcourse-sliders-"))
    with running_lab(home) as lab, running_browser(program) as browser:
        sources = [CELLS[0], *CELLS[1:3], *(f"layer = {name!r}\n{CELLS[3]}" for name in LAYERS)]
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        nbformat.write(notebook, lab.folder / "sliders.ipynb")
        page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
        open_notebook(page, lab.page("sliders.ipynb"))
        run_all(page, len(cells))
        page.evaluate(_CLOCK)
        opened = page.locator(".jp-CodeCell").nth(2).locator("pre").last.inner_text().strip()
        moves = {name: (ours(page, name, arguments.moves), theirs(page, i, arguments.moves))
                 for i, name in enumerate(LAYERS)}  # fmt: skip
        layers = {name: changed(page, "Layer", name) for name in CHANGES}
        picture = changed(page, "Picture", "1")
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {opened}\n"
    )
    for number, what in enumerate(("in place", "painted")):
        print(f"| key press to picture {what}, ms | explorer, median | p95 | `interact`, median "
              "| p95 | ratio |")  # fmt: skip
        print("|---|---:|---:|---:|---:|---:|")
        for name, both in moves.items():
            fast, slow = ([move[number] for move in one] for one in both)
            ratio = statistics.median(slow) / statistics.median(fast)
            print(f"| {name} | {in_words(fast)} | {in_words(slow)} | {ratio:.0f} |")
        print()
    print("| chosen for the first time | ms until painted |\n|---|---:|")
    for name, milliseconds in layers.items():
        print(f"| {name} | {milliseconds:.0f} |")
    print(f"| another picture (the network runs) | {picture:.0f} |")


def ours(page: Page, layer: str, moves: int) -> list[list[float]]:
    """Return the milliseconds, in place and painted, of each move of the explorer's slider."""
    page.evaluate(_CANVAS)
    changed(page, "Layer", "block5_pool")  # so that there is a change, whatever was there
    changed(page, "Layer", layer)
    slider = page.locator(".tlcourse").get_by_label("Channel", exact=True)
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(300)
    return pressed(page, moves)


def theirs(page: Page, number: int, moves: int) -> list[list[float]]:
    """Return the milliseconds, in place and painted, of each move of a slider of `interact`."""
    cell = 3 + number
    page.evaluate(_IMAGE, cell)
    handle = page.locator(".jp-CodeCell").nth(cell).locator(".noUi-handle")
    handle.scroll_into_view_if_needed()
    handle.focus()
    return pressed(page, moves)


def pressed(page: Page, moves: int) -> list[list[float]]:
    page.evaluate("() => { bench.times = []; }")
    for move in range(moves):
        page.keyboard.press("ArrowRight")
        page.wait_for_function("n => bench.times.length > n", arg=move, timeout=60_000)
        page.wait_for_timeout(50)
    return page.evaluate("() => bench.times")


def changed(page: Page, label: str, value: str) -> float:
    """Return the milliseconds until something chosen in the explorer has been painted whole."""
    page.evaluate(_CANVAS)
    page.evaluate("() => { bench.times = []; }")
    page.evaluate(_CHOOSE, [label, value])
    page.wait_for_function("() => bench.times.length > 0", timeout=60_000)
    return page.evaluate("() => bench.times[0][1]")


def in_words(times: list[float]) -> str:
    nearly_all = statistics.quantiles(times, n=20)[-1]
    return f"{statistics.median(times):.1f} | {nearly_all:.1f}"


if __name__ == "__main__":
    main()
