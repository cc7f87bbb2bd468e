"""Figures of a network's old job, and of the swap of its head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tlcourse.backbones.imagenet import Guess, imagenet_classes
from tlcourse.data import open_picture
from tlcourse.errors import ArgumentError
from tlcourse.figures import PALETTE, Figure, drawing, finish

if TYPE_CHECKING:
    from tlcourse.backbones.backbone import Backbone
    from tlcourse.data import PictureSource

_BLUE, _ORANGE, _GREEN = PALETTE[:3]
_GREY = "0.6"


def show_guesses(
    picture: PictureSource,
    guesses: Sequence[Guess],
    *,
    input_size: tuple[int, int] = (224, 224),
) -> Figure:
    """Draw a picture as the network sees it, beside bars of the probabilities.

    Parameters
    ----------
    picture
        What `predict_classes` was asked about: a path, bytes, a Pillow image or a uint8 array.
    guesses
        Its answer. The classes that it leaves out share the last, grey bar.
    input_size
        Height and width in pixels, as of the backbone.

    Returns
    -------
    A `Figure`.

    Raises
    ------
    ArgumentError
        When there are no guesses.
    PictureError
        When the picture cannot be read.

    """
    guesses = list(guesses)
    if not guesses or not all(isinstance(guess, Guess) for guess in guesses):
        raise ArgumentError(
            "The argument 'guesses' holds no answers.",
            expected="what backbone.predict_classes(picture) returns",
            received=f"guesses={guesses!r}"[:200],
        )
    pixels = open_picture(picture, size=input_size)
    others = len(imagenet_classes()) - len(guesses)
    names = [*(guess.name for guess in guesses), f"the other {others:,} together"]
    shares = [guess.probability for guess in guesses]
    shares.append(max(0.0, 1.0 - sum(shares)))
    with drawing(7.5, max(2.4, 0.32 * len(names) + 0.7)) as canvas:
        left, right = canvas.subplots(1, 2, width_ratios=(1, 1.6))
        left.imshow(pixels)
        left.set_axis_off()
        colours = [_BLUE] * len(guesses) + [_GREY]
        bars = right.barh(names, shares, color=colours)
        right.bar_label(bars, [f"{share:.0%}" for share in shares], padding=3)
        right.invert_yaxis()
        right.set_xlim(0, 1.12)
        right.set_xticks([0, 0.5, 1], ["0%", "50%", "100%"])
        right.set_xlabel("probability")
        told = ", ".join(f"{name} {share:.0%}" for name, share in zip(names, shares, strict=True))
        height, width = input_size
        return finish(
            canvas,
            f"The centre of the photograph, {height} × {width} pixels, as the network sees it; "
            f"beside it bars of the probabilities: {told}.",
        )


def show_new_head(backbone: Backbone, class_names: Sequence[str]) -> Figure:
    """Draw how a network is taken apart: its body stays, its head makes room for a new one.

    Parameters
    ----------
    backbone
        From `load_backbone`; all numbers in the drawing are counted on it.
    class_names
        The classes that the new head is to tell apart.

    Returns
    -------
    A `Figure`.

    Raises
    ------
    ArgumentError
        When there are fewer than two classes.

    """
    if isinstance(class_names, str) or len(class_names) < 2:
        raise ArgumentError(
            "The argument 'class_names' gives a head nothing to tell apart.",
            expected="a list of two names or more",
            received=f"class_names={class_names!r}",
        )
    height, width = backbone.input_size
    size, classes = backbone.feature_size, len(class_names)
    body = f"{backbone.network.count_params():,} parameters"
    new = f"{(size + 1) * classes:,} parameters"
    old = "its parameters were not loaded"
    if backbone.classifier is not None:
        old = f"{backbone.classifier.count_params() - backbone.network.count_params():,} parameters"
    shown = ", ".join(class_names[:4]) + (" …" if classes > 4 else "")
    with drawing(8.6, 2.9) as canvas:
        axes = canvas.subplots()
        axes.set_axis_off()
        axes.set_xlim(-1, 101)
        axes.set_ylim(0, 34)
        _box(axes, (0, 11, 13, 12), f"picture\n{height} × {width}\npixels", "0.92", "0.5")
        _box(axes, (20, 9, 20, 16), f"body\n{body}\nstays as it is", "#CFE3F1", _BLUE)
        _box(axes, (47, 11, 14, 12), f"features\n{size:,} numbers", "0.92", "0.5")
        _box(axes, (70, 21, 30, 12), f"old head\n{old}\n1,000 classes", "white", _GREY, "--")
        words = f"new head\n{new}\n{classes} classes: {shown}"
        _box(axes, (70, 1, 30, 12), words, "#CDEBE1", _GREEN)
        for start, end, colour, style in [
            ((13.5, 17), (19.5, 17), "0.3", "-"),
            ((40.5, 17), (46.5, 17), "0.3", "-"),
            ((61.5, 19), (69.5, 26), _GREY, "--"),
            ((61.5, 15), (69.5, 8), _GREEN, "-"),
        ]:
            axes.annotate(
                "", end, start, arrowprops={"arrowstyle": "->", "color": colour, "ls": style}
            )
        axes.plot([70.5, 99.5], [21.5, 32.5], color=_ORANGE, lw=1.2, alpha=0.6)
        axes.plot([70.5, 99.5], [32.5, 21.5], color=_ORANGE, lw=1.2, alpha=0.6)
        return finish(
            canvas,
            f"A picture of {height} × {width} pixels goes into the body ({body}), which stays as "
            f"it has learned; {size:,} features come out. The old head ({old}, 1,000 classes) is "
            f"crossed out. A new head takes its place: {new}, {classes} classes: {shown}.",
        )


def _box(
    axes: Any,
    place: tuple[float, float, float, float],
    text: str,
    fill: str,
    edge: str,
    style: str = "-",
) -> None:
    """Draw a box with text; `place` is left, bottom, width and height."""
    from matplotlib.patches import FancyBboxPatch

    left, bottom, width, height = place
    axes.add_patch(
        FancyBboxPatch(
            (left, bottom), width, height,
            boxstyle="round,pad=0,rounding_size=1.2", fc=fill, ec=edge, ls=style, lw=1.4,
        )
    )  # fmt: skip
    colour = "0.45" if style == "--" else "black"
    axes.text(
        left + width / 2, bottom + height / 2, text,
        ha="center", va="center", fontsize=9, color=colour,
    )  # fmt: skip
