"""A classifier made into a detector: a window slid over a photograph, asked at every place.

The oldest way to find things, and still the plainest (Rowley, Baluja and Kanade 1998, 'Neural
network-based face detection'; Viola and Jones 2001, 'Rapid object detection using a boosted cascade
of simple features'). Detectors of today propose places themselves, all at once; their bodies are
pre-trained on classification all the same (Girshick, Donahue, Darrell and Malik 2014, 'Rich feature
hierarchies for accurate object detection and semantic segmentation').
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image

from tlcourse.data import PictureSource, open_picture
from tlcourse.data.tables import counted
from tlcourse.errors import ArgumentError, must_be, must_be_whole
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.training import Classifier

_SIDES = (0.2, 0.25, 0.31, 0.39)
"""Sides of the windows, as shares of the photograph's shorter side."""

_PIXELS = 25
"""Windows are shrunk to the size of the patches that the head has learned from."""

_LEAST, _AGREEING = 0.9, 3
"""A box stands where so many windows agree, each with this probability or more."""

_SAME, _APART = 0.35, 0.1
"""Intersection over union of two windows: above the first they show the same thing, and boxes that
are further apart than the second show two."""


class Window(NamedTuple):
    """A square of a photograph, in pixels."""

    top: int
    left: int
    side: int

    def overlap(self, other: Window) -> float:
        """Return the share that two windows have in common: intersection over union, 0..1."""
        high = min(self.top + self.side, other.top + other.side) - max(self.top, other.top)
        wide = min(self.left + self.side, other.left + other.side) - max(self.left, other.left)
        common = max(0, high) * max(0, wide)
        return common / (self.side**2 + other.side**2 - common)


class Box(NamedTuple):
    """A place where windows agree.

    Attributes
    ----------
    window : Window
        Their mean.
    probability : float
        The highest of them, 0..1.
    agreeing : int
        How many there are.

    """

    window: Window
    probability: float
    agreeing: int


@dataclass(frozen=True, eq=False, repr=False)
class Detections:
    """What a classifier says of every window of a photograph; `draw` shows where several agree.

    Attributes
    ----------
    photograph : np.ndarray
        `(height, width, 3)` uint8.
    wanted : str
        The class that is looked for.
    windows : tuple of Window
        All that were asked about.
    probabilities : np.ndarray
        `(len(windows),)` float32: how likely each shows what is wanted.
    named : int
        In how many of them it is the likeliest class.

    """

    photograph: np.ndarray
    wanted: str
    windows: tuple[Window, ...]
    probabilities: np.ndarray
    named: int

    @property
    def share(self) -> float:
        """The share of the windows in which the likeliest class is the wanted one, 0..1."""
        return self.named / len(self.windows)

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Where several windows agree, one box each, the one with most agreement first.

        Windows of a probability of 90% or more are merged where they overlap, as Viola and Jones
        did; what fewer than three of them say is no box, and a box that touches a better one
        neither.
        """
        sure = np.flatnonzero(self.probabilities >= _LEAST)
        windows = [self.windows[at] for at in sure]
        weights = self.probabilities[sure].astype(np.float64)
        overlaps = np.array([[one.overlap(other) for other in windows] for one in windows])
        left, found = np.ones(len(sure), bool), []
        while left.any():
            agreement = ((overlaps > _SAME) & left) @ weights * left
            centre = int(agreement.argmax())
            members = np.flatnonzero((overlaps[centre] > _SAME) & left)
            left &= overlaps[centre] <= _APART
            if len(members) >= _AGREEING:
                place = np.average([windows[at] for at in members], 0, weights[members])
                best = float(weights[members].max())
                found.append(Box(Window(*np.rint(place).astype(int).tolist()), best, len(members)))
        return tuple(found)

    def draw(self) -> Figure:
        """Draw the photograph with its boxes."""
        from matplotlib.patches import Rectangle

        height, width = self.photograph.shape[:2]
        boxes = self.boxes
        with drawing(3.6 * width / max(height, width), 3.6 * height / max(height, width)) as canvas:
            axes = canvas.subplots()
            axes.imshow(self.photograph)
            axes.set_axis_off()
            for (top, left, side), probability, _ in boxes:
                axes.add_patch(Rectangle((left, top), side, side, fill=False, ec=PALETTE[6], lw=2))
                axes.text(
                    left + 3, top + 3, f"{self.wanted} {probability:.0%}", va="top", fontsize=8,
                    bbox={"fc": PALETTE[6], "ec": "none", "pad": 1},
                )  # fmt: skip
            told = "; ".join(
                f"{probability:.1%} at row {top}, column {left}, {side} pixels a side, "
                f"{agreeing} windows agreeing"
                for (top, left, side), probability, agreeing in boxes
            )
            found = f"{counted(len(boxes), 'box', 'boxes')} around what is taken for: {self.wanted}"
            return finish(canvas, f"A photograph with {found}{f'. {told}' if told else ''}.")

    def __repr__(self) -> str:
        return (
            f"{counted(len(self.windows), 'window')}, {self.named:,} of them ({self.share:.1%}) "
            f"taken for '{self.wanted}'"
        )


def slide_windows(height: int, width: int, step: float = 1 / 4) -> tuple[Window, ...]:
    """Return square windows of four sizes that cover a photograph.

    Parameters
    ----------
    height, width
        Of the photograph, in pixels; at least 40 each.
    step
        From a window to the next, as a share of its side: above 0, at most 1.

    """
    must_be_whole("height", height, 40, 100_000)
    must_be_whole("width", width, 40, 100_000)
    if not 0 < step <= 1:
        raise ArgumentError(
            "The argument 'step' is out of range.",
            expected="a share of a window's side, above 0 and at most 1",
            received=f"step={step!r}",
        )
    found = []
    for share in _SIDES:
        side = round(share * min(height, width))
        pixels = max(1, round(step * side))
        found += [
            Window(top, left, side)
            for top in range(0, height - side + 1, pixels)
            for left in range(0, width - side + 1, pixels)
        ]
    return tuple(found)


def cut_windows(photograph: np.ndarray, windows: Sequence[Window]) -> np.ndarray:
    """Return the windows as small grey pictures, like the patches of the set 'faces'.

    Returns
    -------
    `(len(windows), 25, 25, 3)` uint8, the three channels alike.

    """
    grey = Image.fromarray(photograph).convert("L")
    cut = [
        grey.resize(
            (_PIXELS, _PIXELS),
            Image.Resampling.BICUBIC,
            (window.left, window.top, window.left + window.side, window.top + window.side),
        )
        for window in windows
    ]
    return np.stack([np.asarray(image) for image in cut])[..., np.newaxis].repeat(3, axis=3)


def detect(
    classifier: Classifier, photograph: PictureSource, wanted: str, *, step: float = 1 / 4
) -> Detections:
    """Ask a classifier about every window of a photograph.

    Parameters
    ----------
    classifier
        One that was trained on small grey patches, such as those of the set 'faces'.
    photograph
        Anything that `open_picture` takes.
    wanted
        One of its classes.
    step
        As for `slide_windows`.

    Returns
    -------
    `Detections`.

    Raises
    ------
    ArgumentError
        When the classifier does not know the class, or `step` is out of range.
    PictureError
        When the photograph cannot be read.

    """
    must_be("classifier", classifier, Classifier, "Write few = tl.train_head(features) first.")
    if wanted not in classifier.class_names:
        raise ArgumentError(
            "The classifier does not know what is wanted.",
            expected=", ".join(classifier.class_names),
            received=f"wanted={wanted!r}",
        )
    pixels = open_picture(photograph)
    windows = slide_windows(pixels.shape[0], pixels.shape[1], step)
    answers = classifier.predict(cut_windows(pixels, windows)).probabilities
    column = classifier.class_names.index(wanted)
    named = int((answers.argmax(axis=1) == column).sum())
    return Detections(pixels, wanted, windows, answers[:, column], named)
