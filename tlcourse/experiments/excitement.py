"""What excites channels, in one figure: the picture made for each, and the best of real ones."""

from __future__ import annotations

from collections.abc import Sequence

from tlcourse.errors import ArgumentError
from tlcourse.figures import Figure, drawing, finish
from tlcourse.inside import ExcitingPatches, MaximisedActivation
from tlcourse.inside.maps import short

_SIDE = 0.9
"""Inches of a picture."""


def show_excitement(
    made: Sequence[MaximisedActivation], found: Sequence[ExcitingPatches]
) -> Figure:
    """Draw what excites channels: a row for each, the made picture first, then real patches.

    Parameters
    ----------
    made
        From `maximise_activation`, one a channel.
    found
        From `exciting_patches`, of the same channels in the same order.

    Returns
    -------
    A `Figure`. Above each picture stands what the channel answers: to the made one the mean over
    its map, to a patch the value of one unit. Patches at the rim of a picture are smaller in
    truth; all are drawn at one size.

    Raises
    ------
    ArgumentError
        When there is none, or the two do not belong together.

    """
    pairs = [(x.layer, x.channel) for x in made], [(x.layer.name, x.channel) for x in found]
    if not made or pairs[0] != pairs[1]:
        raise ArgumentError(
            "The made pictures and the found patches are not of the same channels.",
            expected="one of each a channel, in the same order",
            received=f"made for {pairs[0]}, found for {pairs[1]}",
        )
    columns = 1 + max(len(patches) for patches in found)
    with drawing(_SIDE * columns + 0.9, (_SIDE + 0.22) * len(made) + 0.2) as canvas:
        rows = canvas.subplots(len(made), columns, squeeze=False)
        for row, picture, patches in zip(rows, made, found, strict=True):
            shown = [(picture.picture, f"made: {short(picture.after)}")]
            shown += [(patch.pixels, short(patch.value)) for patch in patches]
            for axes, (pixels, title) in zip(row, shown, strict=False):
                # Stretched to a square: what lies at the rim has fewer pixels on one side.
                axes.imshow(pixels, aspect="auto")
                axes.set_title(title, fontsize=8, pad=2)
            for axes in row:
                axes.set_xticks([])
                axes.set_yticks([])
                axes.spines[:].set_visible(False)
                axes.set_box_aspect(1)
            row[0].set_ylabel(f"{picture.layer}\nchannel {picture.channel}", fontsize=8)
        return finish(canvas, " ".join(map(_in_words, made, found)))


def _in_words(made: MaximisedActivation, found: ExcitingPatches) -> str:
    values = ", ".join(f"{patch.file.name} {short(patch.value)}" for patch in found)
    return (
        f"Channel {made.channel} of {made.layer}: a picture made for it, to which it answers "
        f"{short(made.after)} on average; and the patches of {found.pictures:,} real pictures to "
        f"which one of its units answers most: {values}."
    )
