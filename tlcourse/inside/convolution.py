"""Convolution and pooling by hand, in plain numpy.

As everywhere in deep learning the kernel is not turned round: what is computed is, in the words of
mathematics, a cross-correlation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from tlcourse.inside.windows import (
    KernelSource,
    Padding,
    Pair,
    as_kernel,
    as_numbers,
    axes_of,
    bias_for,
    must_be_one_of,
    must_match,
    padded,
    pair,
    shifted,
)

if TYPE_CHECKING:
    from tlcourse.data import PictureSource


def convolve(
    picture: np.ndarray | PictureSource,
    kernel: KernelSource,
    stride: Pair = 1,
    padding: Padding = "valid",
    dilation: Pair = 1,
    *,
    bias: float | np.ndarray = 0.0,
    relu: bool = False,
) -> np.ndarray:
    """Convolve a picture with a kernel.

    Parameters
    ----------
    picture
        Numbers `(height, width)` or `(height, width, channels)`, or a picture file, which is opened
        as RGB values from 0 to 255.
    kernel
        `(k, k)`: slid over the picture, and over each of its channels by itself. `(k, k, c)`: one
        for each of c channels, the results added up to one map. `(k, k, c, f)`: f of these, as in a
        layer. Or the name of one of `KERNELS`. Sides need be neither odd nor equal.
    stride
        How far the kernel moves at each step.
    padding
        `"valid"`: the kernel stays inside. `"same"`: zeros around, so that `ceil(size / stride)`
        outputs result; of an odd number of zeros the larger half stands behind, as in TensorFlow.
        Or the number of zeros on each side.
    dilation
        Distance between the inputs that neighbouring numbers of the kernel meet (Yu and Koltun
        2016, 'Multi-Scale Context Aggregation by Dilated Convolutions').
    bias
        Added to each output; one number, or one for each map.
    relu
        Whether to replace what is negative by 0 at the end.

    Returns
    -------
    np.ndarray
        Float32, added up in float64: `(h, w)`, or `(h, w, channels)` or `(h, w, f)` where there are
        several maps.

    Raises
    ------
    ArgumentError
        When kernel and picture do not fit together, or a number is out of range.

    """
    pixels = as_numbers(picture)
    numbers = as_kernel(kernel)
    must_match(pixels, numbers)
    if numbers.ndim > 2:
        pixels = pixels.reshape(*pixels.shape[:2], -1)
    rows, columns = axes_of(pixels, numbers.shape[:2], stride, padding, dilation)
    around = padded(pixels, rows, columns, 0.0)
    total: np.ndarray | float = 0.0
    # One step for each number of the kernel: the whole picture, shifted, times that number.
    for i in range(rows.kernel):
        for j in range(columns.kernel):
            part = shifted(around, rows, columns, i, j)
            # A matrix product over channels, or, where the kernel has none, a plain product.
            total = total + (part * numbers[i, j] if numbers.ndim == 2 else part @ numbers[i, j])
    result = np.asarray(total)
    result = result + bias_for(bias, result.shape[2] if result.ndim == 3 else 1)
    return (np.maximum(result, 0) if relu else result).astype(np.float32)


def pool(
    picture: np.ndarray | PictureSource,
    size: Pair = 2,
    stride: Pair | None = None,
    padding: Literal["valid", "same"] = "valid",
    mode: Literal["max", "average"] = "max",
) -> np.ndarray:
    """Reduce a picture to the largest value, or the mean, of each window.

    Parameters
    ----------
    picture
        As for `convolve`; each channel by itself.
    size
        Height and width of the window.
    stride
        How far it moves; by default its own size, so that windows do not overlap.
    padding
        `"valid"` or `"same"`. Padding never counts: neither as largest value, nor in a mean.
    mode
        `"max"` or `"average"`.

    Returns
    -------
    np.ndarray
        Float32, `(h, w)` or `(h, w, channels)`.

    Raises
    ------
    ArgumentError
        When the window does not fit, or there is no such mode.

    """
    must_be_one_of("mode", mode, ("max", "average"))
    must_be_one_of("padding", padding, ("valid", "same"))
    pixels = as_numbers(picture)
    rows, columns = axes_of(
        pixels, pair("size", size), size if stride is None else stride, padding, 1
    )
    places = [(i, j) for i in range(rows.kernel) for j in range(columns.kernel)]
    if mode == "max":
        around = padded(pixels, rows, columns, -np.inf)
        parts = (shifted(around, rows, columns, i, j) for i, j in places)
        largest = next(parts)
        for part in parts:
            largest = np.maximum(largest, part)
        return largest.astype(np.float32)
    around, ones = (padded(x, rows, columns, 0.0) for x in (pixels, np.ones_like(pixels)))
    total = sum(shifted(around, rows, columns, i, j) for i, j in places)
    count = sum(shifted(ones, rows, columns, i, j) for i, j in places)
    return np.asarray(total / count, np.float32)
