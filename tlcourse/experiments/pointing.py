"""The pointing game: four pictures on one, and whether a map finds the one that is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.data import open_picture
from tlcourse.data.tables import as_html, as_text
from tlcourse.errors import ArgumentError
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.inside import METHODS, Attribution, explain, open_network
from tlcourse.inside.attribution import METHOD_NAMES
from tlcourse.inside.explain import Method
from tlcourse.inside.network import Model
from tlcourse.messages import progress

if TYPE_CHECKING:
    from tlcourse.data import PictureSource

_ROWS = 2
"""Pictures on a side: with 3 and more, each would be too small for most networks."""


@dataclass(frozen=True, eq=False, repr=False)
class PointingGame:
    """The result of `pointing_game`; shows as a table, and draws as a figure.

    Attributes
    ----------
    picture : np.ndarray
        `(height, width, 3)` uint8: the four pictures on one.
    targets : tuple of str
        The class asked for in each cell: upper left, upper right, lower left, lower right.
    methods : tuple of str
    shares : np.ndarray
        `(methods, 4)` float64, 0 to 1: how much of the map for a class lies in its own cell.
    attributions : dict
        From the name of a method to its four `Attribution`.

    """

    picture: np.ndarray
    targets: tuple[str, ...]
    methods: tuple[str, ...]
    shares: np.ndarray
    attributions: dict[str, tuple[Attribution, ...]]

    @property
    def chance(self) -> float:
        """The share of a map that knows nothing: what a cell covers."""
        return 1 / len(self.targets)

    def draw(self) -> Figure:
        """Draw each method's maps over the picture, the cell asked for in a frame."""
        from matplotlib.patches import Rectangle as Box

        columns = len(self.targets)
        with drawing(1.12 * columns + 0.3, 1.34 * len(self.methods)) as canvas:
            rows = canvas.subplots(len(self.methods), columns, squeeze=False)
            boxes = cells(self.picture.shape[:2])
            for row, method, shares in zip(rows, self.methods, self.shares, strict=True):
                row[0].set_ylabel(METHOD_NAMES[method], fontsize=8)
                for axes, found, box, share in zip(
                    row, self.attributions[method], boxes, shares, strict=True
                ):
                    axes.imshow(found.overlay())
                    top, left, bottom, right = box
                    size = right - left - 1, bottom - top - 1
                    axes.add_patch(Box((left, top), *size, fill=False, ec=PALETTE[5], lw=1.6))
                    axes.set_title(f"{found.target_name}: {share:.0%}", fontsize=8, pad=3)
                    axes.set(xticks=[], yticks=[])
                    axes.spines[:].set_visible(False)
            return finish(canvas, as_text(*self._summary()))

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        rows = [["method", *self.targets, "mean"]]
        for method, shares in zip(self.methods, self.shares, strict=True):
            numbers = [f"{share:.0%}" for share in (*shares, shares.mean())]
            rows.append([METHOD_NAMES[method], *numbers])
        said = (
            "Four pictures on one: how much of the map for a class lies on the picture of that "
            f"class; by chance {self.chance:.0%}"
        )
        return said, rows, []

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())


def pointing_game(
    model: Model,
    pictures: Mapping[str, PictureSource],
    methods: Sequence[Method] = ("grad_cam",),
    **settings: Any,
) -> PointingGame:
    """Put four pictures on one, ask for the class of each, and see where the maps lie.

    Where a network looks is not known, so that a map cannot be checked on an ordinary picture. Here
    it is known where the evidence for each class lies (Böhle, Fritz and Schiele 2021,
    'Convolutional Dynamic Alignment Networks for Interpretable Classifications').

    Parameters
    ----------
    model
        A network that ends with classes.
    pictures
        From the name of a class to a picture of it, four: upper left, upper right, lower left,
        lower right.
    methods
        As for `explain`.
    **settings
        Of the methods, as for `explain`; with several methods, of all of them.

    Raises
    ------
    ArgumentError
        When there are no four pictures, or no such class, method or setting.
    PictureError
        When a picture cannot be read.

    """
    if len(pictures) != _ROWS**2 or isinstance(methods, str) or not methods:
        raise ArgumentError(
            "The pointing game needs other arguments.",
            expected=f"{_ROWS**2} pictures by class; methods: some of {', '.join(METHODS)}",
            received=f"{len(pictures)} pictures; methods={methods!r}",
        )
    network = open_network(model)
    height, width, _ = network.input_shape
    boxes = cells((height, width))
    together = np.zeros((height, width, 3), np.uint8)
    for source, (top, left, bottom, right) in zip(pictures.values(), boxes, strict=True):
        together[top:bottom, left:right] = open_picture(source, (bottom - top, right - left))
    targets = tuple(pictures)
    found = {}
    for method in progress(list(methods), what="pointing game", unit="method"):
        found[method] = tuple(
            explain(network, together, target, method, **settings) for target in targets
        )
    shares = [[a.share_in(box) for a, box in zip(found[m], boxes, strict=True)] for m in methods]
    return PointingGame(together, targets, tuple(methods), np.array(shares), found)


def cells(size: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """Return the four cells of a picture as `(top, left, bottom, right)`, row by row."""
    (height, width) = size
    downs, rights = (0, height // 2, height), (0, width // 2, width)
    return [
        (downs[row], rights[column], downs[row + 1], rights[column + 1])
        for row in range(_ROWS)
        for column in range(_ROWS)
    ]
