"""Sets of input pixels that units depend on, and how windows, sums and reshapes change them.

Two accounts are kept for each output of a layer. `Fields.rectangles` holds, for each unit, the
smallest rectangle of pixels that can influence it: padding brings in nothing, so this is exact at
the borders too. `Progression` tells the same for an endless picture, as the literature does: there
the first pixel of unit i + period is the first pixel of unit i, moved by a constant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any, NamedTuple

import numpy as np

NOTHING = 2**40
"""Where an empty rectangle begins, and minus this where it ends: farther than any picture."""


class Taps(NamedTuple):
    """Which inputs each output of a layer looks at along one direction.

    Attributes
    ----------
    at : function
        From outputs `(n,)` int to `(n, k)` positions in the input, and `(n, k)` bool: which of
        them there are. Positions may lie outside the input, in its padding.
    outputs : int
        How many outputs there are.
    period, shift : int
        Output i + period looks at what output i looks at, moved by `shift` inputs.

    """

    at: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
    outputs: int
    period: int
    shift: int


@dataclass(frozen=True)
class Progression:
    """First and last pixel, along one direction, of unit i, for all whole i.

    Attributes
    ----------
    low, high : tuple of int
        For the units 0 to period - 1; `NOTHING` and `-NOTHING` where there is none.
    shift : int
        How far they move in a period.

    """

    low: tuple[int, ...]
    high: tuple[int, ...]
    shift: int

    @property
    def slope(self) -> Fraction:
        """How many pixels further the next unit looks, on average."""
        return Fraction(self.shift, len(self.low))

    def span(self, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the first and last pixel of some units."""
        rounds, within = np.divmod(units, len(self.low))
        moved = rounds * self.shift
        low, high = np.array(self.low)[within] + moved, np.array(self.high)[within] + moved
        empty = low > high
        return np.where(empty, NOTHING, low), np.where(empty, -NOTHING, high)

    def through(self, taps: Taps) -> Progression:
        """Return what the outputs of a layer see whose inputs see this."""
        repeats = len(self.low) // gcd(len(self.low), taps.shift)
        positions, there = taps.at(np.arange(repeats * taps.period))
        low, high = self.span(positions)
        low = np.where(there, low, NOTHING).min(axis=1)
        high = np.where(there, high, -NOTHING).max(axis=1)
        shift = self.shift * (repeats * taps.shift) // len(self.low)
        return _shortest(low, high, shift)

    def united(self, other: Progression) -> Progression:
        """Return what units see that see both this and another of the same slope."""
        period = lcm(len(self.low), len(other.low))
        units = np.arange(period)
        (low, high), (other_low, other_high) = self.span(units), other.span(units)
        shift = self.shift * period // len(self.low)
        return _shortest(np.minimum(low, other_low), np.maximum(high, other_high), shift)


def _shortest(low: np.ndarray, high: np.ndarray, shift: int) -> Progression:
    """Return a progression with the shortest period that says the same."""
    for period in range(1, len(low)):
        rounds, rest = divmod(len(low), period)
        if rest or shift % rounds:
            continue
        short = Progression(
            tuple(low[:period].tolist()), tuple(high[:period].tolist()), shift // rounds
        )
        again_low, again_high = short.span(np.arange(len(low)))
        if np.array_equal(again_low, low) and np.array_equal(again_high, high):
            return short
    return Progression(tuple(low.tolist()), tuple(high.tolist()), shift)


Endless = tuple[Progression, ...]
"""What units see of an endless picture along one direction: the union, one for each slope."""


@dataclass(frozen=True, eq=False)
class Fields:
    """What the units of one output depend on.

    Attributes
    ----------
    shape : tuple of int
        Of the output for one picture, without the batch.
    rectangles : np.ndarray
        `(4, *shape)` int64: the first row, first column, last row and last column of pixels that
        can influence each unit; `NOTHING` and `-NOTHING` where none can. An axis along which all
        units are alike has the length 1.
    endless : tuple of Endless
        The same for rows and for columns of an endless picture. Where the output is no map, what
        all units together depend on.

    """

    shape: tuple[int, ...]
    rectangles: np.ndarray
    endless: tuple[Endless, Endless]


def of_picture(height: int, width: int, channels: int) -> Fields:
    """Return the fields of the input itself: each pixel depends on itself."""
    rows, columns = np.meshgrid(np.arange(height), np.arange(width), indexing="ij")
    rectangles = np.stack([rows, columns, rows, columns])[..., np.newaxis]
    itself = (Progression((0,), (0,), 1),)
    return Fields((height, width, channels), rectangles, (itself, itself))


def through_windows(fields: Fields, rows: Taps, columns: Taps, channels: int) -> Fields:
    """Return the fields behind a layer that looks through windows at a feature map."""
    rectangles = _gathered(_gathered(fields.rectangles, rows, 1), columns, 2)
    down, across = fields.endless
    endless = tuple(x.through(rows) for x in down), tuple(x.through(columns) for x in across)
    return Fields((rows.outputs, columns.outputs, channels), rectangles, endless)


def united(parts: Sequence[Fields], shape: tuple[int, ...]) -> Fields:
    """Return the fields of units that depend on units of several outputs, broadcast together."""
    hull = _hull_of([part.rectangles for part in parts])
    rectangles = np.broadcast_to(hull, (4, *shape[:-1], hull.shape[-1]))
    down, across = (_union([_broadcast(part, axis, shape) for part in parts]) for axis in (0, 1))
    return Fields(shape, rectangles, (down, across))


def everything(fields: Fields, shape: tuple[int, ...]) -> Fields:
    """Return the fields of units that each depend on all units of an output."""
    first = fields.rectangles[:2].reshape(2, -1).min(axis=1)
    last = fields.rectangles[2:].reshape(2, -1).max(axis=1)
    whole = np.concatenate([first, last]).reshape(4, *[1] * len(shape))
    return Fields(shape, np.broadcast_to(whole, (4, *shape[:-1], 1)), _together(fields))


def as_vector(fields: Fields, shape: tuple[int], change: Callable[[np.ndarray], Any]) -> Fields:
    """Return the fields after units were put into a row, or chosen from one.

    `change` gets an array `(1, …)` of the old shape, and returns one of the new.
    """
    full = np.broadcast_to(fields.rectangles, (4, *fields.shape))
    rectangles = np.stack([np.asarray(change(part[np.newaxis]))[0] for part in full])
    return Fields(shape, rectangles, _together(fields))


def same_places(fields: Fields, shape: tuple[int, ...]) -> Fields:
    """Return the fields of units that depend on all channels at their own place.

    `shape` has the same places, or one place as before: `(1, 1, c)` may become `(c,)`.
    """
    first = fields.rectangles[:2].min(axis=-1)
    last = fields.rectangles[2:].max(axis=-1)
    rectangles = np.concatenate([first, last])
    while rectangles.ndim < len(shape) + 1:
        rectangles = rectangles[..., np.newaxis]
    if rectangles.ndim > len(shape) + 1 or rectangles.shape[1:-1] != shape[:-1]:
        rectangles = rectangles.reshape(4, *[1] * len(shape))
    return Fields(shape, rectangles, fields.endless)


def _gathered(rectangles: np.ndarray, taps: Taps, axis: int) -> np.ndarray:
    """Return the hull, along one axis, of what each output looks at; padding adds nothing."""
    size = rectangles.shape[axis]
    positions, there = taps.at(np.arange(taps.outputs))
    inside = there & (positions >= 0) & (positions < size)
    # One more place at the end, which nothing influences, stands for padding.
    empty = np.array([NOTHING, NOTHING, -NOTHING, -NOTHING]).reshape(4, 1, 1, 1)
    other = list(rectangles.shape)
    other[axis] = 1
    longer = np.concatenate([rectangles, np.broadcast_to(empty, other)], axis=axis)
    places = np.where(inside, positions, size)
    return _hull_of([np.take(longer, place, axis) for place in places.T])


def _hull_of(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Return the smallest rectangles around others, place by place."""
    hull = parts[0]
    for part in parts[1:]:
        first, last = np.minimum(hull[:2], part[:2]), np.maximum(hull[2:], part[2:])
        hull = np.concatenate([first, last])
    return hull


def _together(fields: Fields) -> tuple[Endless, Endless]:
    """Return what all units of an output see together, of an endless picture."""
    places = fields.shape[:2] if len(fields.shape) > 2 else (1, 1)
    down, across = (_constant(x, np.arange(n)) for x, n in zip(fields.endless, places, strict=True))
    return down, across


def _broadcast(fields: Fields, axis: int, shape: tuple[int, ...]) -> Endless:
    """Return one direction, where a single unit may stand for many."""
    own = fields.endless[axis]
    many = len(shape) > 2 and fields.shape[axis] != shape[axis]
    return _constant(own, np.arange(1)) if many else own


def _constant(endless: Endless, units: np.ndarray) -> Endless:
    """Return what somebody sees who sees all of some units, whatever the own position."""
    spans = [part.span(units) for part in endless]
    low = min(int(low.min()) for low, _ in spans)
    high = max(int(high.max()) for _, high in spans)
    return (Progression((low,), (high,), 0),)


def _union(parts: Sequence[Endless]) -> Endless:
    by_slope: dict[Fraction, Progression] = {}
    for part in (x for endless in parts for x in endless):
        known = by_slope.get(part.slope)
        by_slope[part.slope] = part if known is None else known.united(part)
    return tuple(by_slope.values())
