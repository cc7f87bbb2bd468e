"""Convolution looked at closely: maps side by side, and the formula of sizes against Keras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from tlcourse.data.tables import as_html, as_text, counted
from tlcourse.errors import ArgumentError
from tlcourse.figures import Figure
from tlcourse.inside import Scale, output_size, scale_of
from tlcourse.inside.maps import as_map, short
from tlcourse.inside.sheets import contact_sheet
from tlcourse.inside.windows import Padding

_ROWS_SHOWN = 6
_COLUMNS = 4


class MeasuredSize(NamedTuple):
    """One setting of a convolution along one direction, and how many outputs it has.

    Attributes
    ----------
    size, kernel, stride, padding, dilation
        As for `output_size`.
    formula : int
        What `output_size` says.
    keras : int
        How many there are when Keras convolves.

    """

    size: int
    kernel: int
    stride: int
    padding: Padding
    dilation: int
    formula: int
    keras: int


@dataclass(frozen=True, repr=False)
class SizeComparison:
    """The formula of output sizes against Keras; shows as a table of some of the settings.

    Attributes
    ----------
    sizes : tuple of MeasuredSize
        One a setting.

    """

    sizes: tuple[MeasuredSize, ...]

    @property
    def wrong(self) -> tuple[MeasuredSize, ...]:
        """Those in which formula and Keras differ."""
        return tuple(one for one in self.sizes if one.formula != one.keras)

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        many = counted(len(self.sizes), "setting")
        if self.wrong:
            shown, sentence = (
                list(self.wrong[:_ROWS_SHOWN]),
                f"differ in {len(self.wrong):,} of {many}",
            )
        else:
            shown, sentence = self._some(), f"agree in all {many}; some of them"
        head = ["input", "kernel", "stride", "padding", "dilation", "formula", "Keras"]
        rows = [[str(value) for value in one] for one in shown]
        return f"Formula and Keras {sentence}", [head, *rows], []

    def _some(self) -> list[MeasuredSize]:
        """Return some settings, drawn at random so that all arguments vary."""
        count = min(_ROWS_SHOWN, len(self.sizes))
        drawn = np.random.default_rng(0).choice(len(self.sizes), count, replace=False)
        return [self.sizes[place] for place in sorted(drawn)]

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())


def compare_sizes(
    size: Sequence[int] = (5, 8, 28, 224),
    kernel: Sequence[int] = (1, 2, 3, 5, 7),
    stride: Sequence[int] = (1, 2, 3),
    padding: Sequence[Padding] = ("valid", "same", 1, 3),
    dilation: Sequence[int] = (1, 2),
) -> SizeComparison:
    """Let Keras convolve with every combination of settings, and count its outputs.

    Left out are settings that Keras does not compute (stride and dilation both above 1), and those
    in which the kernel does not fit into the input.

    Parameters
    ----------
    size, kernel, stride, padding, dilation
        The values to combine, each as for `output_size`.

    Raises
    ------
    ArgumentError
        When no setting is left, or a value is out of range.

    """
    from tlcourse.quiet import start_tensorflow

    start_tensorflow()
    measured = [
        MeasuredSize(*setting, output_size(*setting), _keras_size(*setting))
        for setting in product(size, kernel, stride, padding, dilation)
        if (setting[2] == 1 or setting[4] == 1) and _fits(*setting)
    ]
    if not measured:
        raise ArgumentError(
            "There is no setting to compare.",
            expected="values that can be combined: a kernel that fits, stride or dilation of 1",
            received=f"size={size!r}, kernel={kernel!r}, stride={stride!r}, dilation={dilation!r}",
        )
    return SizeComparison(tuple(measured))


def show_maps(maps: Mapping[str, np.ndarray], *, scaling: str = "shared") -> Figure:
    """Draw maps of numbers side by side, as they come, under their names.

    Parameters
    ----------
    maps
        From a name to numbers `(height, width)`. Smaller ones are enlarged to the largest, number
        by number.
    scaling
        `"shared"`: one scale for all, so that they can be compared; `"each"`: each its own.

    Returns
    -------
    A `Figure`. Where there are negative numbers these are blue, 0 is white, positive ones are red.

    Raises
    ------
    ArgumentError
        When there is no map, one is none, or `scaling` is unknown.

    """
    if not maps or scaling not in ("shared", "each"):
        raise ArgumentError(
            "These maps cannot be drawn.",
            expected='a dictionary of maps, scaling "shared" or "each"',
            received=f"{counted(len(maps), 'map')}, scaling={scaling!r}",
        )
    arrays = [np.asarray(as_map(values), np.float32) for values in maps.values()]
    sides = [max(array.shape[axis] for array in arrays) for axis in (0, 1)]
    whole = scale_of(np.concatenate([array.ravel() for array in arrays]))
    tiles, labels, told = [], [], []
    for name, array in zip(maps, arrays, strict=True):
        own = scale_of(array)
        scale = Scale(-own.high, own.high) if whole.diverges else own
        tiles.append(_enlarged((whole if scaling == "shared" else scale).levels(array), sides))
        span = f"{short(float(array.min()))} to {short(float(array.max()))}"
        size = f"{array.shape[0]} × {array.shape[1]}"
        labels.append(f"{name}\n{size}\n{span}")
        told.append(f"{name}, {size}, {span}")
    ends = (short(whole.low), short(whole.high))
    if scaling == "each":
        ends = "the furthest below 0" if whole.diverges else "0", "each one's largest"
    how = f"one scale for all, {whole}" if scaling == "shared" else "each on a scale of its own"
    title = f"{counted(len(tiles), 'map')}; {how}"
    alt = f"Maps side by side, {how}: {'; '.join(told)}."
    return contact_sheet(tiles, labels, title, alt, scale=whole, ends=ends, columns=_COLUMNS)


def _enlarged(tile: np.ndarray, sides: Sequence[int]) -> np.ndarray:
    """Return a tile of so many rows and columns, each number as a rectangle."""
    places = [np.arange(side) * n // side for side, n in zip(sides, tile.shape, strict=True)]
    return tile[np.ix_(*places)]


def _fits(size: int, kernel: int, stride: int, padding: Padding, dilation: int) -> bool:
    zeros = 0 if isinstance(padding, str) else padding if isinstance(padding, int) else padding[0]
    return padding == "same" or size + 2 * zeros >= (kernel - 1) * dilation + 1


def _keras_size(size: int, kernel: int, stride: int, padding: Padding, dilation: int) -> int:
    """Return how many rows Keras computes of a picture one pixel wide."""
    import keras

    column: Any = np.zeros((1, size, 1, 1), np.float32)
    if not isinstance(padding, str):
        zeros = padding if isinstance(padding, int) else padding[0]
        column, padding = np.pad(column, [(0, 0), (zeros, zeros), (0, 0), (0, 0)]), "valid"
    weights = np.zeros((kernel, 1, 1, 1), np.float32)
    rates = {"strides": (stride, 1), "dilation_rate": (dilation, 1)}
    return int(keras.ops.conv(column, weights, padding=padding, **rates).shape[1])
