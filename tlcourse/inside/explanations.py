"""Figures that explain: a receptive field on its picture, and one number of a convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.data import open_picture
from tlcourse.errors import must_be
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.inside.arithmetic import PixelArithmetic, explain_pixel
from tlcourse.inside.convolution import convolve
from tlcourse.inside.maps import Scale, percent, scale_of, short
from tlcourse.inside.receptive import ReceptiveField, Rectangle
from tlcourse.inside.windows import KernelSource, Padding, Pair, as_kernel, as_numbers, axes_of

if TYPE_CHECKING:
    from tlcourse.data import PictureSource

_MARKED = PALETTE[5]
_WIDTH = 5.0
_DIMMED = 0.35
_MOST_NUMBERS = 7
"""Windows of more numbers a side are drawn as colours alone: the numbers could not be read."""

_CHANNELS_SHOWN = 3


def show_receptive_field(picture: PictureSource, field: ReceptiveField) -> Figure:
    """Draw which pixels of a picture can influence a unit.

    Parameters
    ----------
    picture
        Anything that `open_picture` takes; what the network sees of it is shown.
    field
        From `receptive_field`.

    Returns
    -------
    A `Figure`: the rest of the picture is dimmed. Where the field reaches out of the picture, over
    the zeros that padding adds, a dashed line shows how far, up to the picture's own size.

    Raises
    ------
    ArgumentError
        When `field` is no receptive field.
    PictureError
        When the picture cannot be read.

    """
    must_be("field", field, ReceptiveField, "Write field = receptive_field(model, layer, unit).")
    height, width, _ = field.input_shape
    pixels = open_picture(picture, (height, width)).astype(np.float32) / 255
    inside, wide = field.rectangle, field.unclipped
    shown = 1 - _DIMMED * (1 - pixels) * np.ones(3)
    inside.cut(shown)[:] = inside.cut(pixels)
    margin = max(0, -wide.top, -wide.left, wide.bottom - height, wide.right - width)
    margin = min(margin, height, width)
    with drawing(_WIDTH, _WIDTH * (height + margin) / (width + margin) + 0.5) as canvas:
        axes = canvas.subplots()
        axes.imshow(shown, interpolation="nearest" if max(height, width) < 64 else "auto")
        if wide != inside:
            axes.add_patch(_outline(wide, ls="--", lw=1.2))
        axes.add_patch(_outline(inside, ls="-", lw=2.2))
        axes.plot(field.centre[1], field.centre[0], "+", color=_MARKED, ms=9, mew=1.8)
        axes.set_xlim(-margin - 1.5, width + margin + 0.5)
        axes.set_ylim(height + margin + 0.5, -margin - 1.5)
        axes.set_axis_off()
        unit = f" {field.unit}" if field.unit else ""
        seen = f"{inside.height} × {inside.width} pixels, {percent(field.share)}"
        axes.set_title(f"{field.layer}{unit} sees {seen}")
        return finish(
            canvas,
            f"{field!r}. The seen part is framed, the rest of the picture dimmed"
            + (
                f"; a dashed frame shows the field's full size of {field.size[0]} × "
                f"{field.size[1]} pixels, which reaches out of the picture."
                if wide != inside
                else "."
            ),
        )


def show_convolution(
    picture: np.ndarray | PictureSource,
    kernel: KernelSource,
    row: int | None = None,
    column: int | None = None,
    stride: Pair = 1,
    padding: Padding = "valid",
    dilation: Pair = 1,
    *,
    bias: float | np.ndarray = 0.0,
    relu: bool = False,
    channel: int = 0,
) -> Figure:
    """Draw a convolution, and how one number of its result comes about.

    Parameters
    ----------
    picture, kernel, row, column, stride, padding, dilation, bias, relu, channel
        As for `explain_pixel`; by default the number in the middle of the result.

    Returns
    -------
    A `Figure`: the input with the window, what stands in the window, the kernel, and the result.
    Of more than 3 channels the first 3 are drawn.

    Raises
    ------
    ArgumentError
        As `explain_pixel` does.

    """
    pixels, numbers = as_numbers(picture), as_kernel(kernel)
    down, across = axes_of(pixels, numbers.shape[:2], stride, padding, dilation)
    row = down.outputs // 2 if row is None else row
    column = across.outputs // 2 if column is None else column
    spelt = explain_pixel(
        pixels, numbers, row, column, stride, padding, dilation,
        bias=bias, relu=relu, channel=channel,
    )  # fmt: skip
    result = convolve(pixels, numbers, stride, padding, dilation, bias=bias, relu=relu)
    result = result[..., channel] if result.ndim == 3 else result
    patches = spelt.patch.reshape(*spelt.patch.shape[:2], -1)
    kernels = spelt.kernel.reshape(*spelt.kernel.shape[:2], -1)
    many = min(patches.shape[2], _CHANNELS_SHOWN)
    shown = pixels[..., channel] if pixels.ndim == 3 and numbers.ndim == 2 else pixels
    with drawing(10.5, max(3.0, 2.4 * many)) as canvas:
        grid = canvas.add_gridspec(many, 4, width_ratios=(1.25, 1, 1, 1.25))
        _draw_input(canvas.add_subplot(grid[:, 0]), shown, spelt)
        inputs, weights = scale_of(shown), scale_of(numbers)
        for number in range(many):
            what = f", channel {number}" if patches.shape[2] > 1 else ""
            left, right = (canvas.add_subplot(grid[number, i]) for i in (1, 2))
            part = patches[..., number]
            _draw_numbers(left, part, inputs, f"in the window{what}", spelt.is_padding)
            _draw_numbers(right, kernels[..., number], weights, f"× kernel{what}")
        _draw_result(canvas.add_subplot(grid[:, 3]), result, spelt)
        height, width = shown.shape[:2]
        alt = (
            f"A convolution: input of {height} × {width}, kernel of {numbers.shape[0]} × "
            f"{numbers.shape[1]}, result of {result.shape[0]} × {result.shape[1]} with values from "
            f"{short(float(result.min()))} to {short(float(result.max()))}. {spelt}"
        )
        return finish(canvas, alt)


def _outline(rectangle: Rectangle, **style: Any) -> Any:
    from matplotlib.patches import Rectangle as Box

    corner = (rectangle.left - 0.5, rectangle.top - 0.5)
    return Box(corner, rectangle.width, rectangle.height, fill=False, ec=_MARKED, **style)


def _draw_input(axes: Any, pixels: np.ndarray, spelt: PixelArithmetic) -> None:
    """Draw the input in grey or colour, with the window's outline."""
    low, high = float(pixels.min()), float(pixels.max())
    if pixels.ndim == 3 and pixels.shape[2] != 3:
        pixels = pixels.mean(axis=2)
    share = (pixels - low) / (high - low or 1)
    axes.imshow(share, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    window = Rectangle(
        int(spelt.rows[0]), int(spelt.columns[0]),
        int(spelt.rows[-1]) + 1, int(spelt.columns[-1]) + 1,
    )  # fmt: skip
    axes.add_patch(_outline(window, lw=1.8, clip_on=False))
    axes.set_title("input")
    axes.set_axis_off()


def _draw_numbers(
    axes: Any, values: np.ndarray, scale: Scale, title: str, padding: np.ndarray | None = None
) -> None:
    """Draw a small matrix as coloured squares with its numbers in them."""
    colours = scale.colours(values)
    axes.imshow(colours, interpolation="nearest")
    axes.set_title(title)
    axes.set_axis_off()
    if max(values.shape) > _MOST_NUMBERS:
        return
    size = min(9.0, 32 / max(values.shape))
    light = colours @ np.array([0.299, 0.587, 0.114])
    for (i, j), value in np.ndenumerate(values):
        text = "·" if padding is not None and padding[i, j] else short(float(value))
        colour = "black" if light[i, j] > 125 else "white"
        axes.text(j, i, text, ha="center", va="center", color=colour, fontsize=size)


def _draw_result(axes: Any, result: np.ndarray, spelt: PixelArithmetic) -> None:
    """Draw the result, with the number that is spelt out marked."""
    scale = scale_of(result)
    axes.imshow(scale.colours(result), interpolation="nearest")
    axes.add_patch(_outline(Rectangle(spelt.row, spelt.column, spelt.row + 1, spelt.column + 1),
                            lw=1.8))  # fmt: skip
    axes.plot(spelt.column, spelt.row, "o", ms=9, mfc="none", mec=_MARKED, mew=1.4)
    bias = f" + {short(spelt.bias)}" if spelt.bias else ""
    end = f", ReLU: {short(spelt.value)}" if spelt.relu else ""
    axes.set_title(f"= {short(spelt.sum)}{bias}{end}")
    axes.set_axis_off()
