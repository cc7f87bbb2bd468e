"""Figures of a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.data import open_picture
from tlcourse.figures import Figure, drawing, finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tlcourse.evaluation.report import Report

_SIDE = 160
_TINY = 64
"""Pictures of fewer pixels a side are enlarged as squares, so that each pixel can be seen."""


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
    shown = report.hardest[:count]
    columns = min(4, len(shown))
    rows = -(-len(shown) // columns)
    told = []
    with drawing(2.3 * columns, 2.6 * rows + 0.3) as canvas:
        for axes in canvas.subplots(rows, columns, squeeze=False).flat:
            axes.set_axis_off()
        for axes, mistake in zip(canvas.axes, shown, strict=False):
            _show_square(axes, mistake.path)
            share = f"{mistake.probability_of_true:.0%}"
            right = mistake.true_name == mistake.predicted_name
            verdict = "named rightly" if right else f"named {mistake.predicted_name}"
            axes.set_title(f"{mistake.true_name}: {share}\n{verdict}", fontsize=9)
            told.append(f"{mistake.path.name}, {mistake.true_name}, {share}, {verdict}")
        canvas.suptitle("Hardest pictures: the true class and the probability it was given")
        return finish(canvas, "The hardest pictures of the test: " + "; ".join(told) + ".")


def _show_square(axes: Axes, path: Path) -> None:
    """Show the centre square of a picture: what the network saw of it, if not at its size."""
    pixels = open_picture(path)
    side = min(*pixels.shape[:2], _SIDE)
    pixels = open_picture(pixels, size=(side, side))
    axes.imshow(pixels, interpolation="nearest" if side < _TINY else "auto")
