"""Figures of a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.data import open_picture
from tlcourse.figures import PALETTE, Figure, drawing, finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tlcourse.evaluation.report import Report

_SIDE = 160
_TINY = 64
"""Pictures of fewer pixels a side are enlarged as squares, so that each pixel can be seen."""

_MANY_IN_A_BIN = 10
"""Below, a bar of the reliability diagram says little."""


def draw_confusion(report: Report) -> Figure:
    """Draw the confusion matrix: rows are true classes, columns the names that were given.

    Colour shows the share within the row, so that rare classes are as visible as frequent ones;
    the number in the cell counts pictures.
    """
    counts = report.confusion
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = max(3.2, 0.7 * len(counts) + 1.6)
    with drawing(side + 0.8, side) as canvas:
        axes = canvas.subplots()
        drawn = axes.imshow(shares, cmap="cividis", vmin=0, vmax=1)
        for row, column in np.ndindex(*counts.shape):
            colour = "white" if shares[row, column] < 0.5 else "black"
            axes.text(column, row, f"{counts[row, column]:,}", ha="center", va="center", c=colour)
        axes.set_xticks(range(len(counts)), report.class_names, rotation=30, ha="right")
        axes.set_yticks(range(len(counts)), report.class_names)
        axes.set_xlabel("predicted")
        axes.set_ylabel("true")
        axes.set_title(f"Accuracy {report.accuracy:.1%} on {report.n_test:,} pictures")
        canvas.colorbar(drawn, label="share of the true class", shrink=0.8)
        return finish(canvas, _confusion_in_words(report))


def _confusion_in_words(report: Report) -> str:
    names = report.class_names
    wrong = [
        (int(report.confusion[i, j]), names[i], names[j])
        for i, j in np.ndindex(*report.confusion.shape)
        if i != j and report.confusion[i, j]
    ]
    if not wrong:
        return f"Confusion matrix: all {report.n_test:,} pictures were named rightly."
    most = "; ".join(f"{n} of {true} taken for {given}" for n, true, given in sorted(wrong)[:-6:-1])
    return f"Confusion matrix of {report.n_test:,} pictures. Most frequent mistakes: {most}."


def draw_hardest(report: Report, count: int) -> Figure:
    """Draw the pictures whose true class got the least probability, hardest first."""
    shown = []
    for mistake in report.hardest[:count]:
        share = f"{mistake.probability_of_true:.0%}"
        right = mistake.true_name == mistake.predicted_name
        verdict = "named rightly" if right else f"named {mistake.predicted_name}"
        shown.append((mistake.path, f"{mistake.true_name}: {share}", verdict))
    title = "Hardest pictures: the true class and the probability it was given"
    return _gallery(shown, title, "The hardest pictures of the test")


def draw_mistakes(report: Report, count: int) -> Figure:
    """Draw the wrong answers that the classifier was surest of."""
    shown = [
        (m.path, f"{m.true_name}", f"named {m.predicted_name}, {m.probability:.0%} sure")
        for m in report.confident_mistakes[:count]
    ]
    title = "Surest mistakes: the true class, and the name that was given"
    return _gallery(shown, title, "The surest mistakes of the test")


def _gallery(shown: list[tuple[Path, str, str]], title: str, told: str) -> Figure:
    """Draw pictures in rows of four with two lines of text each."""
    if not shown:
        with drawing(4, 0.6) as canvas:
            canvas.suptitle("No picture to show")
            return finish(canvas, f"{told}: there are none.")
    columns = min(4, len(shown))
    rows = -(-len(shown) // columns)
    with drawing(2.3 * columns, 2.6 * rows + 0.3) as canvas:
        for axes in canvas.subplots(rows, columns, squeeze=False).flat:
            axes.set_axis_off()
        for axes, (path, first, second) in zip(canvas.axes, shown, strict=False):
            _show_square(axes, path)
            axes.set_title(f"{first}\n{second}", fontsize=9)
        canvas.suptitle(title)
        listed = "; ".join(f"{path.name}, {first}, {second}" for path, first, second in shown)
        return finish(canvas, f"{told}: {listed}.")


def draw_reliability(report: Report) -> Figure:
    """Draw accuracy against confidence in bins, and how many pictures each bin has.

    On the diagonal a classifier is as sure as it is right; below it, too sure. Bars of few
    pictures are pale.
    """
    found = report.calibration
    filled = [b for b in found.bins if b.accuracy is not None and b.confidence is not None]
    width = 1 / len(found.bins)
    with drawing(4.6, 4.6) as canvas:
        upper, lower = canvas.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        upper.plot([0, 1], [0, 1], "--", c="0.4", lw=1)
        for b in filled:
            pale = 1.0 if b.pictures >= _MANY_IN_A_BIN else 0.35
            upper.bar(b.low, b.accuracy, width, align="edge", color=PALETTE[0], alpha=pale,
                      edgecolor="white")  # fmt: skip
            upper.plot([b.confidence], [b.accuracy], "o", c=PALETTE[1], ms=4)
            lower.bar(b.low, b.pictures, width, align="edge", color="0.6", edgecolor="white")
        upper.set(ylabel="share that is right", xlim=(0, 1), ylim=(0, 1.03))
        lower.set(xlabel="how sure the classifier was", ylabel="pictures")
        upper.set_title(f"Calibration error {found.error:.3f} (by chance {found.chance:.3f})")
        listed = "; ".join(
            f"{b.confidence:.0%} sure, {b.accuracy:.0%} right, {b.pictures:,} pictures"
            for b in filled
        )
        return finish(canvas, f"Reliability diagram. In bins of confidence: {listed}.")


def _show_square(axes: Axes, path: Path) -> None:
    """Show the centre square of a picture: what the network saw of it, if not at its size."""
    pixels = open_picture(path)
    side = min(*pixels.shape[:2], _SIDE)
    pixels = open_picture(pixels, size=(side, side))
    axes.imshow(pixels, interpolation="nearest" if side < _TINY else "auto")
