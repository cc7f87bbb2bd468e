"""Figures of changed pictures: the original first, and under each what was done to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tlcourse.augmentation.settings import Augmentation
from tlcourse.data import Pictures, PictureSource, find_pictures, open_picture
from tlcourse.errors import ArgumentError, PictureError, must_be
from tlcourse.figures import Figure, drawing, finish

_WIDTH = 2.1
_SIDE = 224
_TINY = 64
"""Pictures of fewer pixels a side are enlarged as squares, so that each pixel can be seen."""

_MOST_ROWS = 8


def show_augmentations(
    picture: PictureSource,
    augmentation: Augmentation | None = None,
    n: int = 11,
    *,
    columns: int = 4,
    epoch: int = 0,
) -> Figure:
    """Draw what an augmentation makes of a picture.

    Parameters
    ----------
    picture
        Anything that `open_picture` takes; its centre square is shown.
    augmentation
        The default one without.
    n
        How many changed pictures follow the original: those of the numbers 0 to n - 1.
    columns
        How many pictures stand in a row.
    epoch
        Another one shows other changes.

    Returns
    -------
    A `Figure`, with the changes under each picture. Some pictures are left unchanged, as they are
    in training.

    Raises
    ------
    ArgumentError
        When `n` or `columns` is no number of pictures.
    PictureError
        When the picture cannot be read.

    """
    augmentation = Augmentation() if augmentation is None else augmentation
    must_be("augmentation", augmentation, Augmentation, "Write tl.Augmentation().")
    for name, value in {"n": n, "columns": columns}.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ArgumentError(
                f"The argument '{name}' is no number of pictures.",
                expected="a whole number of at least 1",
                received=f"{name}={value!r}",
            )
    whole = open_picture(picture)
    side = min(*whole.shape[:2], _SIDE)
    original = open_picture(whole, (side, side))
    changed = augmentation(np.repeat(original[np.newaxis], n, axis=0), range(n), epoch)
    words = [_listed(changes) for changes in augmentation.changes(range(n), epoch)]
    alt = f"A picture and {n} changed by augmentation: {'; '.join(words)}."
    return _sheet([original, *changed], ["the original", *words], columns, alt)


def show_before_after(
    pictures: Pictures,
    change: Callable[[np.ndarray], np.ndarray],
    name: str = "after",
) -> Figure:
    """Draw pictures beside what a function makes of them.

    Parameters
    ----------
    pictures
        In any form that `find_pictures` takes; the first 8 are shown, a row each.
    change
        From `(height, width, 3)` uint8 to the same of any size, such as `normalise_light`.
    name
        What the right column is called.

    Raises
    ------
    ArgumentError
        When there is no picture, or `change` makes none of it.
    PictureError
        When a picture cannot be read.

    """
    sources = find_pictures(pictures)[:_MOST_ROWS]
    if not sources:
        raise ArgumentError(
            "There is no picture to show.", expected="at least one picture", received="none"
        )
    if not callable(change):
        raise ArgumentError(
            "The argument 'change' is no function.",
            expected="a function from a picture to a picture",
            received=repr(change)[:200],
            todo="Write tl.show_before_after(pictures, tl.normalise_light), without brackets.",
        )
    shown, told = [], []
    for source in sources:
        before = open_picture(source)
        try:
            after = open_picture(change(before.copy()))
        except PictureError as error:
            raise ArgumentError(
                "The function 'change' made no picture.",
                expected="uint8 of shape (height, width, 3)",
                received=error.received,
            ) from error
        shown += [before, after]
        told.append(f"{_in_numbers(before)} became {_in_numbers(after)}")
    alt = f"Pictures before (left) and {name} (right). {'; '.join(told)}."
    return _sheet(shown, ["before", name] * len(sources), 2, alt)


def _in_numbers(pixels: np.ndarray) -> str:
    """Return size, mean and spread of a picture in words."""
    height, width = pixels.shape[:2]
    red, green, blue = pixels.mean(axis=(0, 1))
    return (
        f"{height} × {width} pixels, mean red {red:.0f}, green {green:.0f}, blue {blue:.0f}, "
        f"spread {pixels.std():.0f}"
    )


def _listed(changes: Sequence[object]) -> str:
    return ",\n".join(map(str, changes)) or "unchanged"


def _sheet(pictures: list[np.ndarray], words: list[str], columns: int, alt: str) -> Figure:
    """Draw pictures in rows, with words under each."""
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    tallest = max(min(1.5, p.shape[0] / p.shape[1]) for p in pictures)
    lines = 1 + max(text.count("\n") for text in words)
    height = _WIDTH * tallest + 0.17 * lines + 0.1
    with drawing(_WIDTH * columns, height * rows) as canvas:
        places = canvas.subplots(rows, columns, squeeze=False).flat
        for axes in places:
            axes.set_axis_off()
        for axes, pixels, text in zip(canvas.axes, pictures, words, strict=False):
            tiny = max(pixels.shape[:2]) < _TINY
            axes.imshow(pixels, interpolation="nearest" if tiny else "auto")
            axes.text(
                0.5, -0.03, text, transform=axes.transAxes, ha="center", va="top", fontsize=8.5
            )
        return finish(canvas, alt.replace(",\n", ", "))
