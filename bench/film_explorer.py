"""The picture that moves in the README: `explore_activations` in JupyterLab, key by key.

    python bench/film_explorer.py docs/images/explorer.webp

A notebook with the explorer of VGG-16 and a photograph, and a person who goes through layers and
channels with the arrow keys and then lets the picture shine through. Every frame is a screenshot;
nothing is drawn.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.browser.chromium import find_chromium
from tests.browser.conftest import running_browser, running_lab
from tests.browser.looking import painted
from tests.browser.test_chapters import open_notebook, run_all

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

CELLS = [
    "import tlcourse as tl\nbackbone = tl.load_backbone('vgg16')",
    "tl.explore_activations(backbone, tl.photograph('cat'), names=['VGG-16'])",
]
LAYERS = ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3")
CHANNELS, SHINES = 6, 6
STEP_MILLISECONDS, REST_MILLISECONDS = 350, 1100
ROOM = 8  # pixels around the widget


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path)
    target = parser.parse_args().file
    program = find_chromium()
    if program is None:
        sys.exit("no Chromium or Chrome: 'python -m tests.browser.chromium' tells why")
    home = Path(tempfile.mkdtemp(prefix="tlcourse-film-"))
    with running_lab(home) as lab, running_browser(program) as browser:
        cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
        kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        nbformat.write(notebook, lab.folder / "explorer.ipynb")
        page = browser.new_context(viewport={"width": 1200, "height": 1100}).new_page()
        open_notebook(page, lab.page("explorer.ipynb"))
        run_all(page, len(cells))
        frames, times = film(page)
    frames[0].save(
        target,
        save_all=True,
        append_images=frames[1:],
        duration=times,
        loop=0,
        quality=60,
        method=6,
    )
    print(
        f"{target}: {len(frames)} frames, {sum(times) / 1e3:.0f} s, {target.stat().st_size:,} bytes"
    )


def film(page: Page) -> tuple[list[Image.Image], list[int]]:
    """Return a picture after each move, and for how many milliseconds it is to be seen."""
    widget = page.locator(".tlcourse").first
    part = upper_part(widget)
    frames, times = [], []
    for stays in moves(page):
        painted(page)
        page.wait_for_timeout(400)  # a layer comes from the kernel
        frames.append(Image.open(io.BytesIO(page.screenshot(clip=part))).convert("RGB"))
        times.append(stays)
    return frames, times


def upper_part(widget: Locator) -> dict[str, float]:
    """Return the place of the controls and the pictures, without what is below."""
    figures = widget.locator(".tl-figures")
    widget.get_by_label("Row", exact=True).scroll_into_view_if_needed()  # what is below
    box, last = widget.bounding_box(), figures.bounding_box()
    height = last["y"] + last["height"] - box["y"]
    return {
        "x": box["x"] - ROOM, "y": box["y"] - ROOM,
        "width": box["width"] + 2 * ROOM, "height": height + 2 * ROOM,
    }  # fmt: skip


def moves(page: Page) -> Iterator[int]:
    """Make one move after the other; say how long its frame stays, in milliseconds."""
    for layer in LAYERS:
        page.get_by_label("Layer", exact=True).select_option(layer)
        page.get_by_label("Channel", exact=True).focus()
        yield REST_MILLISECONDS
        for _ in range(CHANNELS):
            page.keyboard.press("ArrowRight")
            yield STEP_MILLISECONDS
    page.get_by_label("Picture shining through").focus()
    for _ in range(SHINES):
        page.keyboard.press("PageUp")
        yield STEP_MILLISECONDS


if __name__ == "__main__":
    main()
