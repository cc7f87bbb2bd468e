"""What tests of widgets look at: pixels of canvases, names of controls, contrast of text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SCREENSHOTS = Path(__file__).parents[2] / "test-output" / "browser"

_PIXELS = """canvas => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    let text = "";
    for (let i = 0; i < data.length; i += 8192) {
        text += String.fromCharCode(...data.subarray(i, i + 8192));
    }
    return [height, width, btoa(text)];
}"""

_CONTRASTS = """root => {
    const numbers = (colour) => {
        const canvas = document.createElement("canvas");
        const context = canvas.getContext("2d");
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        return [...context.getImageData(0, 0, 1, 1).data];
    };
    const over = (top, ground) => {
        const share = top[3] / 255;
        return [0, 1, 2].map((i) => top[i] * share + ground[i] * (1 - share)).concat(255);
    };
    const groundOf = (element) => {
        const layers = [];
        for (let at = element; at; at = at.parentElement) {
            layers.push(numbers(getComputedStyle(at).backgroundColor));
        }
        const white = [255, 255, 255, 255];
        return layers.reverse().reduce((ground, layer) => over(layer, ground), white);
    };
    const light = (colour) => {
        const [r, g, b] = colour.slice(0, 3).map((value) => {
            const share = value / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const found = [];
    for (const element of [root, ...root.querySelectorAll("*")]) {
        const written = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
        const text = written.some((node) => node.textContent.trim());
        const typed = element.matches("select, input:not([type=range], [type=checkbox])");
        if (!text && !typed) continue;
        if (element.matches(":disabled, option") || !element.checkVisibility()) continue;
        const ground = groundOf(element);
        const ink = over(numbers(getComputedStyle(element).color), ground);
        const [darker, lighter] = [light(ink), light(ground)].sort((a, b) => a - b);
        const words = (element.textContent || element.value).slice(0, 40);
        found.push([(lighter + 0.05) / (darker + 0.05), `${element.tagName} ${words}`]);
    }
    return found;
}"""


def pixels_of(canvas: Locator) -> np.ndarray:
    """Return what a canvas shows, `(height, width, 3)` uint8."""
    import base64

    height, width, data = canvas.evaluate(_PIXELS)
    rgba = np.frombuffer(base64.b64decode(data), np.uint8).reshape(height, width, 4)
    return rgba[..., :3]


def painted(page: Page) -> None:
    """Wait until what was asked for by a key or the mouse has been painted."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")


def contrasts(widget: Locator) -> list[tuple[float, str]]:
    """Return the contrast (WCAG 2.2) of every text of a widget with its ground, lowest first."""
    return sorted((ratio, text) for ratio, text in widget.evaluate(_CONTRASTS))


def assert_controls_are_named(widget: Locator) -> None:
    """Check that every control says what it is, and keeps its keys from JupyterLab."""
    controls = widget.locator("input, select, button, [tabindex='0']")
    assert controls.count() > 0
    for control in controls.all():
        described = control.evaluate(
            """one => [one.labels?.[0]?.textContent || one.getAttribute("aria-label")
                || one.textContent, one.dataset.lmSuppressShortcuts, one.outerHTML.slice(0, 200)]"""
        )
        assert described[0].strip(), described
        assert described[1] == "true", described
    for slider in widget.get_by_role("slider").all():
        words, shown = slider.evaluate(
            """one => [one.getAttribute("aria-valuetext"),
                one.parentElement.querySelector("output").textContent]"""
        )
        assert words == shown != ""
    for drawn in widget.locator("svg[role]").all():
        assert drawn.get_attribute("aria-label") or not drawn.is_visible()
    for drawn in widget.locator("svg:not([role])").all():
        assert drawn.get_attribute("aria-hidden") == "true", "it says nothing to a screen reader"
    for canvas in widget.locator("canvas:not([aria-hidden])").all():
        assert canvas.get_attribute("role") == "img"
        if canvas.is_visible():
            assert canvas.get_attribute("aria-label")


def close_to(found: np.ndarray, expected: np.ndarray, levels: float = 6) -> Any:
    """Tell whether colours are equal but for the rounding to the next one of a palette."""
    return found.shape == expected.shape and (
        np.abs(found.astype(int) - expected.astype(int)).max() <= levels
    )
