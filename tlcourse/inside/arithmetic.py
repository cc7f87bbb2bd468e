"""One number of a convolution spelt out: what went in, what it was multiplied with, the sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.errors import must_be_whole
from tlcourse.inside.windows import (
    KernelSource,
    Padding,
    Pair,
    as_kernel,
    as_numbers,
    axes_of,
    bias_for,
    must_match,
)

if TYPE_CHECKING:
    from tlcourse.data import PictureSource

_CHANNELS_SHOWN = 4


@dataclass(frozen=True, eq=False, repr=False)
class PixelArithmetic:
    """How one output of a convolution comes about.

    Attributes
    ----------
    row, column : int
        Of the output.
    rows, columns : np.ndarray
        `(k,)` int: where the window lies in the input; negative and too large ones are padding.
    patch : np.ndarray
        `(k, k)` or `(k, k, c)` float64: the inputs, 0 where there is padding.
    is_padding : np.ndarray
        `(k, k)` bool.
    kernel, products : np.ndarray
        Of the same shape: the kernel, and input times kernel.
    sum, bias : float
        The sum of the products, and what is added to it.
    relu : bool
        Whether what is negative is then replaced by 0.
    value : float
        The output.

    """

    row: int
    column: int
    rows: np.ndarray
    columns: np.ndarray
    patch: np.ndarray
    is_padding: np.ndarray
    kernel: np.ndarray
    products: np.ndarray
    sum: float
    bias: float
    relu: bool
    value: float

    def __str__(self) -> str:
        place = f"rows {_span(self.rows)} and columns {_span(self.columns)} of the input"
        lines = [f"Output ({self.row}, {self.column}) looks at {place}."]
        lines.append("  input × kernel" + (", · is padding" if self.is_padding.any() else ""))
        many = self.patch.ndim == 3
        patches = self.patch if many else self.patch[..., np.newaxis]
        kernels = self.kernel if many else self.kernel[..., np.newaxis]
        for channel in range(min(patches.shape[2], _CHANNELS_SHOWN)):
            part, numbers = patches[..., channel], kernels[..., channel]
            added = f" = {_short((part * numbers).sum())}"
            lines += [f"  channel {channel}{added}"] if many else []
            lines += self._matrix(part, numbers)
        if (left := patches.shape[2] - _CHANNELS_SHOWN) > 0:
            lines.append(f"  … and {left} more channels")
        end = f"  sum {_short(self.sum)} + bias {_short(self.bias)} = "
        end += _short(self.sum + self.bias)
        end += f", ReLU: {_short(self.value)}" if self.relu else ""
        return "\n".join([*lines, end])

    def __repr__(self) -> str:
        return str(self)

    def _matrix(self, part: np.ndarray, numbers: np.ndarray) -> list[str]:
        """Return lines in which input and kernel stand side by side, in columns."""
        cells = [
            [
                f"{'·' if self.is_padding[i, j] else _short(part[i, j])}×{_short(numbers[i, j])}"
                for j in range(part.shape[1])
            ]
            for i in range(part.shape[0])
        ]
        width = max(len(cell) for row in cells for cell in row)
        return ["    " + "  ".join(cell.rjust(width) for cell in row) for row in cells]


def explain_pixel(
    picture: np.ndarray | PictureSource,
    kernel: KernelSource,
    row: int,
    column: int,
    stride: Pair = 1,
    padding: Padding = "valid",
    dilation: Pair = 1,
    *,
    bias: float | np.ndarray = 0.0,
    relu: bool = False,
    channel: int = 0,
) -> PixelArithmetic:
    """Spell out how `convolve` comes to one number of its result.

    Parameters
    ----------
    picture, kernel, stride, padding, dilation, bias, relu
        As for `convolve`.
    row, column
        Of the output.
    channel
        Of the output, where it has several.

    Returns
    -------
    `PixelArithmetic`: print it, or take the numbers.

    Raises
    ------
    ArgumentError
        When there is no such output, or as `convolve` does.

    """
    pixels, numbers = as_numbers(picture), as_kernel(kernel)
    must_match(pixels, numbers)
    down, across = axes_of(pixels, numbers.shape[:2], stride, padding, dilation)
    row = must_be_whole("row", row, 0, down.outputs - 1)
    column = must_be_whole("column", column, 0, across.outputs - 1)
    maps = numbers.shape[3] if numbers.ndim == 4 else 1
    if numbers.ndim == 2 and pixels.ndim == 3:  # each channel by itself
        maps = pixels.shape[2]
    channel = must_be_whole("channel", channel, 0, maps - 1)
    if numbers.ndim == 4:
        numbers = numbers[..., channel]
    elif numbers.ndim == 2 and pixels.ndim == 3:
        pixels = pixels[..., channel]
    rows, columns = down.positions(row), across.positions(column)
    outside_rows, outside_columns = (
        (x < 0) | (x >= axis.size) for x, axis in ((rows, down), (columns, across))
    )
    is_padding = outside_rows[:, np.newaxis] | outside_columns
    patch = pixels[np.ix_(rows.clip(0, down.size - 1), columns.clip(0, across.size - 1))]
    if numbers.ndim == 3 and patch.ndim == 2:
        patch = patch[..., np.newaxis]
    patch = np.where(is_padding if patch.ndim == 2 else is_padding[..., np.newaxis], 0.0, patch)
    products = patch * numbers
    added = float(bias_for(bias, maps)[channel])
    value = float(products.sum()) + added
    return PixelArithmetic(
        row, column, rows, columns, patch, is_padding, numbers, products,
        float(products.sum()), added, relu, max(value, 0.0) if relu else value,
    )  # fmt: skip


def _short(number: float) -> str:
    return f"{number:.4g}"


def _span(positions: np.ndarray) -> str:
    """Return "3 to 5", or "3, 5, 7" where there are gaps."""
    listed = positions.tolist()
    if len(listed) > 2 and listed[1] - listed[0] == 1:
        return f"{listed[0]} to {listed[-1]}"
    return ", ".join(map(str, listed))
