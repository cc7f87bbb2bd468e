"""The one style of drawing: nothing is cut off."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from tlcourse.figures import DOTS_PER_INCH, drawing, finish


def drawn(title: str) -> np.ndarray:
    with drawing(2.0, 1.5) as canvas:
        axes = canvas.subplots()
        axes.plot([0, 1])
        axes.set_title(title)
        figure = finish(canvas, "A line.")
    return np.asarray(Image.open(io.BytesIO(figure.png)).convert("L"))


def test_a_title_wider_than_the_canvas_makes_the_picture_wider():
    pixels = drawn("What the layers of a network with a long name know of these classes")
    assert pixels.shape[1] > 2 * DOTS_PER_INCH
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    assert (rim == 255).all()  # no letter touches the edge


def test_what_fits_keeps_its_size():
    height, width = drawn("short").shape
    assert abs(width - 2.0 * DOTS_PER_INCH) < 20
    assert abs(height - 1.5 * DOTS_PER_INCH) < 20
