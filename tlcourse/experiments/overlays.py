"""Several attributions side by side: of several pictures, networks or methods."""

from __future__ import annotations

from collections.abc import Mapping

from tlcourse.errors import ArgumentError
from tlcourse.figures import Figure, drawing, finish
from tlcourse.inside import Attribution

_SIDE = 0.88
"""Inches of a picture."""


def show_attributions(attributions: Mapping[str, Attribution], *, columns: int = 5) -> Figure:
    """Draw pictures with their maps laid over them.

    Parameters
    ----------
    attributions
        From what each is called to what `explain` returned.
    columns
        How many stand in a row.

    Returns
    -------
    A `Figure`. Each map is drawn at its own full strength, as in `Attribution.draw`.

    Raises
    ------
    ArgumentError
        When there is none, or `columns` is below 1.

    """
    if not attributions or columns < 1:
        raise ArgumentError(
            "There is nothing to draw.",
            expected="one attribution or more, and columns from 1 on",
            received=f"{len(attributions)} attributions, columns={columns!r}",
        )
    columns = min(columns, len(attributions))
    rows = -(-len(attributions) // columns)
    with drawing(_SIDE * columns, (_SIDE + 0.4) * rows) as canvas:
        places = canvas.subplots(rows, columns, squeeze=False).ravel()
        for axes in places:
            axes.set_axis_off()
        for axes, (name, found) in zip(places, attributions.items(), strict=False):
            axes.imshow(found.overlay())
            said = found.target_name
            if found.probability is not None:
                said += f": {found.probability:.0%}"
            axes.set_title(f"{name}\n{said}", fontsize=6)
        told = "; ".join(f"{name}: {found!r}" for name, found in attributions.items())
        return finish(canvas, f"Pictures with maps of what speaks for an answer. {told}.")
