"""The arithmetic of windows that slide over a picture: sizes, positions, padding, and checks.

The sizes follow Dumoulin and Visin (2016), 'A guide to convolution arithmetic for deep learning',
and TensorFlow where padding is "same".
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np
from PIL import Image

from tlcourse.data import LabelledPicture, open_picture
from tlcourse.errors import ArgumentError, must_be_whole
from tlcourse.inside.presets import KERNELS, Preset

if TYPE_CHECKING:
    from tlcourse.data import PictureSource

Pair: TypeAlias = int | tuple[int, int]
"""One number for rows and columns, or (for the rows, for the columns)."""

Padding: TypeAlias = "Literal['valid', 'same'] | Pair"
"""None; as many zeros as keep the size; or so many zeros on each side."""

KernelSource: TypeAlias = "np.ndarray | str | Preset"
"""Numbers, the name of a preset in `KERNELS`, or a preset."""


class Axis(NamedTuple):
    """The arithmetic of one direction: where each output looks into the input."""

    size: int
    kernel: int
    stride: int
    before: int
    after: int
    dilation: int

    @property
    def outputs(self) -> int:
        """How many outputs there are."""
        reach = (self.kernel - 1) * self.dilation + 1
        return (self.size + self.before + self.after - reach) // self.stride + 1

    def positions(self, output: int) -> np.ndarray:
        """Return the positions in the input that an output looks at; outside it is padding."""
        return output * self.stride - self.before + self.dilation * np.arange(self.kernel)


def output_size(
    size: int, kernel: int, stride: int = 1, padding: Padding = "valid", dilation: int = 1
) -> int:
    """Return how many outputs a convolution or pooling has along one direction.

    With the kernel's reach `k = (kernel - 1) * dilation + 1`, n inputs and p zeros on each side:
    `floor((n + 2 p - k) / stride) + 1`; with padding "valid", p is 0; with "same" there are
    `ceil(n / stride)`.

    Parameters
    ----------
    size
        Height or width of the input.
    kernel, stride, dilation
        Of the convolution along that direction, from 1 on.
    padding
        `"valid"`, `"same"`, or the number of zeros on each side.

    Raises
    ------
    ArgumentError
        When a number is out of range, or the kernel does not fit into the input.

    """
    pads = padding if isinstance(padding, str | int) else padding[0]
    return axis_of("size", size, kernel, stride, pads, dilation).outputs


def as_numbers(picture: np.ndarray | PictureSource) -> np.ndarray:
    """Return a picture as float64 `(height, width)` or `(height, width, channels)`."""
    if isinstance(picture, LabelledPicture):
        picture = picture.path
    if isinstance(picture, str | bytes | os.PathLike | Image.Image):
        picture = open_picture(picture)
    numbers = np.asarray(picture)
    if numbers.ndim not in (2, 3) or numbers.dtype.kind not in "biuf" or numbers.size == 0:
        raise ArgumentError(
            "The argument 'picture' is nothing to convolve.",
            expected="numbers of shape (height, width) or (height, width, channels), or a file",
            received=f"an array of shape {numbers.shape} and type {numbers.dtype}",
        )
    return numbers.astype(np.float64)


def as_kernel(kernel: KernelSource) -> np.ndarray:
    """Return a kernel as float64, `(k, k)`, `(k, k, c)` or `(k, k, c, f)`."""
    if isinstance(kernel, str):
        if kernel not in KERNELS:
            raise ArgumentError(
                "There is no kernel of this name.",
                expected="one of: " + ", ".join(KERNELS),
                received=repr(kernel),
            )
        kernel = KERNELS[kernel]
    numbers = kernel.values if isinstance(kernel, Preset) else np.asarray(kernel)
    if numbers.ndim not in (2, 3, 4) or numbers.dtype.kind not in "biuf" or numbers.size == 0:
        raise ArgumentError(
            "The argument 'kernel' is no kernel.",
            expected="numbers of shape (k, k), (k, k, c) or (k, k, c, f), or a name in KERNELS",
            received=f"an array of shape {numbers.shape} and type {numbers.dtype}",
        )
    return numbers.astype(np.float64)


def axes_of(
    pixels: np.ndarray, sides: tuple[int, ...], stride: Pair, padding: Padding, dilation: Pair
) -> tuple[Axis, Axis]:
    """Return the arithmetic of rows and columns, checked."""
    strides, gaps = pair("stride", stride), pair("dilation", dilation)
    pads = (padding, padding) if isinstance(padding, str) else pair("padding", padding, lowest=0)
    rows, columns = (
        axis_of(name, pixels.shape[i], sides[i], strides[i], pads[i], gaps[i])
        for i, name in enumerate(("height", "width"))
    )
    return rows, columns


def axis_of(
    name: str, size: int, kernel: int, stride: int, padding: str | int, dilation: int
) -> Axis:
    """Return the arithmetic of one direction, or raise an ArgumentError."""
    for argument, value in {
        name: size, "kernel": kernel, "stride": stride, "dilation": dilation
    }.items():  # fmt: skip
        must_be_whole(argument, value, 1, 2**31)
    reach = (kernel - 1) * dilation + 1
    before = after = 0
    if padding == "same":
        total = max((-(-size // stride) - 1) * stride + reach - size, 0)
        before, after = total // 2, total - total // 2
    elif isinstance(padding, str):
        must_be_one_of("padding", padding, ("valid", "same"))
    else:
        before = after = must_be_whole("padding", padding, 0, 2**31)
    if size + before + after < reach:
        raise ArgumentError(
            f"The kernel does not fit into the {name} of the picture.",
            expected=f"{name} and padding of {reach} or more together, the kernel's reach",
            received=f"{name} {size}, padding {before} + {after}",
            todo='Take a smaller kernel or dilation, or padding="same".',
        )
    return Axis(size, kernel, stride, before, after, dilation)


def pair(argument: str, value: Pair, lowest: int = 1) -> tuple[int, int]:
    """Return the number for rows and that for columns."""
    both = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(both) != 2:
        raise ArgumentError(
            f"The argument '{argument}' is neither one number nor two.",
            expected="a whole number, or (for rows, for columns)",
            received=f"{argument}={value!r}",
        )
    return (
        must_be_whole(argument, both[0], lowest, 2**31),
        must_be_whole(argument, both[1], lowest, 2**31),
    )


def padded(pixels: np.ndarray, rows: Axis, columns: Axis, value: float) -> np.ndarray:
    """Return the picture with its padding around it."""
    width = [(rows.before, rows.after), (columns.before, columns.after)]
    return np.pad(pixels, width + [(0, 0)] * (pixels.ndim - 2), constant_values=value)


def shifted(picture: np.ndarray, rows: Axis, columns: Axis, i: int, j: int) -> np.ndarray:
    """Return what the number (i, j) of the kernel meets, for all outputs: a view."""
    down, across = (
        slice(k * axis.dilation, k * axis.dilation + (axis.outputs - 1) * axis.stride + 1,
              axis.stride)
        for k, axis in ((i, rows), (j, columns))
    )  # fmt: skip
    return picture[down, across]


def must_match(pixels: np.ndarray, kernel: np.ndarray) -> None:
    """Raise an ArgumentError unless the kernel has a number for each channel of the picture."""
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    if kernel.ndim > 2 and kernel.shape[2] != channels:
        raise ArgumentError(
            "Kernel and picture do not fit together.",
            expected=f"a kernel (k, k), or (k, k, {channels}) as the picture has {channels} "
            f"channel{'s' if channels > 1 else ''}",
            received=f"a kernel of shape {kernel.shape}",
        )


def must_be_one_of(argument: str, value: object, allowed: tuple[str, ...]) -> None:
    """Raise an ArgumentError that lists what is allowed, unless it is one of that."""
    if value not in allowed:
        raise ArgumentError(
            f"The argument '{argument}' has an unknown value.",
            expected="one of: " + ", ".join(allowed),
            received=f"{argument}={value!r}",
        )


def bias_for(bias: float | np.ndarray, maps: int) -> np.ndarray:
    """Return the bias of each map, `(maps,)` float64, or raise an ArgumentError."""
    numbers = np.asarray(bias)
    if numbers.dtype.kind not in "biuf" or numbers.shape not in ((), (1,), (maps,)):
        raise ArgumentError(
            "The argument 'bias' does not fit the result.",
            expected="one number" + (f", or {maps} of them, one for each map" if maps > 1 else ""),
            received=f"bias={bias!r}"[:120],
        )
    return np.broadcast_to(numbers.astype(np.float64), (maps,))
