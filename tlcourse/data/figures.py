"""Figures of pictures: a contact sheet of a few, or of every class of a set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tlcourse.data.decode import PictureSource, open_picture
from tlcourse.data.images import ImageSet
from tlcourse.data.sources import Pictures, find_pictures
from tlcourse.data.tables import counted
from tlcourse.errors import ArgumentError, PictureError
from tlcourse.figures import Figure, drawing, finish

_WIDTH, _SMALL_WIDTH = 2.4, 1.25
"""Width in inches of a picture in a list, and in the row of a class."""

_TINY = 64
"""Pictures of fewer pixels a side are enlarged as squares, so that each pixel can be seen."""

_MOST_ROWS = 12


def show_pictures(
    pictures: Pictures,
    titles: Sequence[str] | None = None,
    *,
    columns: int = 6,
    seed: int = 0,
) -> Figure:
    """Draw a contact sheet.

    Parameters
    ----------
    pictures
        An `ImageSet`, of which every class gets a row with a few pictures drawn at random; or
        pictures in any form that `find_pictures` takes, which are shown in their order, all.
    titles
        A title for each picture; not for an `ImageSet`, whose rows bear the names of its classes.
    columns
        How many pictures stand in a row.
    seed
        Which pictures of an `ImageSet` are drawn.

    Returns
    -------
    A `Figure`. Pictures of fewer than 64 pixels a side are enlarged pixel by pixel. A file that
    cannot be read keeps its place, and says so.

    Raises
    ------
    ArgumentError
        When there is nothing to show, or an argument does not fit.

    """
    if isinstance(columns, bool) or not isinstance(columns, int) or columns < 1:
        raise ArgumentError(
            "The argument 'columns' is no number of pictures in a row.",
            expected="a whole number of at least 1",
            received=f"columns={columns!r}",
        )
    if isinstance(pictures, ImageSet):
        if titles is not None:
            raise ArgumentError(
                "An ImageSet is shown with the names of its classes.",
                expected="no titles",
                received=f"titles={titles!r}"[:200],
                todo="For titles of your own, hand over a list of pictures.",
            )
        return _show_classes(pictures, columns, seed)
    return _show_list(find_pictures(pictures), titles, columns)


def _show_list(sources: list[PictureSource], titles: Sequence[str] | None, columns: int) -> Figure:
    """Draw pictures in their order, row after row."""
    if not sources:
        raise _nothing("an empty list")
    if titles is not None and (isinstance(titles, str) or len(titles) != len(sources)):
        raise ArgumentError(
            "The argument 'titles' does not fit the pictures.",
            expected=f"a list of {counted(len(sources), 'title')}, one a picture",
            received=f"titles={titles!r}"[:200],
        )
    columns = min(columns, len(sources))
    rows = -(-len(sources) // columns)
    opened = [_open(source) for source in sources]
    heights = [p.shape[0] / p.shape[1] for p in opened if p is not None]
    height = min(1.5, max(heights, default=1.0)) * _WIDTH + (0.35 if titles else 0.1)
    with drawing(_WIDTH * columns, height * rows) as canvas:
        places = list(canvas.subplots(rows, columns, squeeze=False).flat)
        _fill(places, opened)
        for axes, title in zip(places, titles or (), strict=False):
            axes.set_title(title)
        what = counted(len(sources), "picture") + _sizes_in_words(opened)
        return finish(canvas, what + (f": {'; '.join(titles)}." if titles else "."))


def _show_classes(images: ImageSet, columns: int, seed: int) -> Figure:
    """Draw a row of pictures for every class that has some."""
    counts = {name: number for name, number in images.counts().items() if number}
    if not counts:
        raise _nothing("an ImageSet without pictures")
    random = np.random.default_rng(seed)
    names = list(counts)[:_MOST_ROWS]
    columns = min(columns, max(counts[name] for name in names))
    told = []
    shown: list[np.ndarray | None] = []
    width = _SMALL_WIDTH * columns + 0.1 * max(map(len, names)) + 0.2
    with drawing(width, _SMALL_WIDTH * len(names)) as canvas:
        grid = canvas.subplots(len(names), columns, squeeze=False)
        for name, row in zip(names, grid, strict=True):
            members = np.flatnonzero(images.labels == images.class_names.index(name))
            chosen = np.sort(random.permutation(members)[:columns])
            opened = [_open(images.paths[i]) for i in chosen]
            _fill(list(row), opened)
            row[0].set_ylabel(name, rotation=0, ha="right", va="center")
            told.append(f"{len(chosen)} of {name}")
            shown += opened
        rest = len(counts) - len(names)
        more = f"; {counted(rest, 'class', 'classes')} more are not shown" if rest else ""
        what = f"Example pictures{_sizes_in_words(shown)}, a row for each class: "
        return finish(canvas, what + "; ".join(told) + more + ".")


def _open(source: PictureSource) -> np.ndarray | None:
    """Return the pixels of a picture, or None where it cannot be read."""
    try:
        return open_picture(source)
    except PictureError:
        return None


def _fill(places: list[Any], opened: list[np.ndarray | None]) -> None:
    """Show pictures in their places, and leave the places blank that are left over."""
    for axes, pixels in zip(places, opened, strict=False):
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
        if pixels is None:
            axes.set_box_aspect(1)
            axes.set_facecolor("0.9")
            axes.text(0.5, 0.5, "cannot\nbe read", ha="center", va="center")
        else:
            axes.imshow(pixels, interpolation="nearest" if _is_tiny(pixels) else "auto")
    for axes in places[len(opened) :]:
        axes.set_axis_off()


def _is_tiny(pixels: np.ndarray) -> bool:
    return max(pixels.shape[:2]) < _TINY


def _sizes_in_words(opened: list[np.ndarray | None]) -> str:
    """Return the size of the pictures where it is the same, and how many cannot be read."""
    readable = [pixels for pixels in opened if pixels is not None]
    sizes = {pixels.shape[:2] for pixels in readable}
    words = ""
    if len(sizes) == 1:
        [(height, width)] = sizes
        words = f" of {height} × {width} pixels" + (", enlarged" if _is_tiny(readable[0]) else "")
    lost = len(opened) - len(readable)
    return words + (f", {lost} of which cannot be read" if lost else "")


def _nothing(received: str) -> ArgumentError:
    return ArgumentError(
        "There is no picture to show.", expected="at least one picture", received=received
    )
