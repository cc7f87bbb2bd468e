"""Occlusion: cover a part of the picture, and see what happens to the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tlcourse.errors import ArgumentError, must_be_whole
from tlcourse.inside.attribution import Attribution, make_attribution
from tlcourse.inside.network import Model, Network, open_network
from tlcourse.inside.targets import BATCH, Weights, find_target, scores_of
from tlcourse.messages import progress

if TYPE_CHECKING:
    from tlcourse.data import PictureSource


def occlusion(
    model: Model,
    picture: PictureSource,
    target: int | str | None = None,
    *,
    window: int | None = None,
    stride: int | None = None,
    fill: float | None = None,
    weights: Weights | None = None,
) -> Attribution:
    """Slide a grey window over the picture, and measure by how much the score falls.

    Zeiler and Fergus (2014), 'Visualizing and Understanding Convolutional Networks'. It needs no
    gradients and asks the network itself; a pass for each position is what it costs.

    Parameters
    ----------
    model, picture, target, weights
        As for `saliency`.
    window
        Side of the window in pixels; None for a seventh of the picture's shorter side.
    stride
        Pixels from one position to the next; None for half a window. The last position of a row or
        column touches the edge, so that every pixel is covered at least once.
    fill
        The value of covered pixels; None for the picture's mean.

    Returns
    -------
    An `Attribution`. `native` holds the fall of the score for each position of the window; `map`
    for each pixel the mean over all windows that cover it. Negative where the score rises without
    a place.

    Raises
    ------
    ArgumentError
        When a number is out of its range, or there is no such class.
    PictureError
        When the picture cannot be read.

    """
    network = open_network(model)
    height, width, _ = network.input_shape
    shorter = min(height, width)
    window = max(1, shorter // 7) if window is None else window
    must_be_whole("window", window, 1, shorter)
    stride = max(1, window // 2) if stride is None else stride
    must_be_whole("stride", stride, 1, window)
    pixels = network.pixels(picture)
    value = float(pixels.mean()) if fill is None else fill
    if not (isinstance(value, int | float) and np.isfinite(value)):
        raise ArgumentError(
            "The argument 'fill' is no value of a pixel.",
            expected="a finite number, such as 127, or None for the picture's mean",
            received=f"fill={fill!r}",
        )
    aim = find_target(network, pixels, target, weights)
    tops, lefts = _positions(height, window, stride), _positions(width, window, stride)
    places = [(top, left) for top in tops for left in lefts]
    scores = _covered_scores(network, pixels, places, window, value, aim.index, weights)
    falls = aim.score - scores
    summed, covered = np.zeros((2, height, width))
    for (top, left), fall in zip(places, falls, strict=True):
        summed[top : top + window, left : left + window] += fall
        covered[top : top + window, left : left + window] += 1
    return make_attribution(
        network,
        pixels,
        aim,
        falls.reshape(len(tops), len(lefts)),
        "occlusion",
        full=summed / covered,
    )


def _positions(side: int, window: int, stride: int) -> list[int]:
    """Return where windows begin along a side, the last one at its end."""
    starts = list(range(0, side - window + 1, stride))
    return starts if starts[-1] == side - window else [*starts, side - window]


def _covered_scores(
    network: Network,
    pixels: np.ndarray,
    places: list[tuple[int, int]],
    window: int,
    value: float,
    index: int,
    weights: Weights | None,
) -> np.ndarray:
    """Return the score with each place covered in turn, `(places,)` float64."""
    scores = np.empty(len(places))
    with progress(what="occlusion", total=len(places), unit="position") as bar:
        for start in range(0, len(places), BATCH):
            part = places[start : start + BATCH]
            batch = np.repeat(pixels, len(part), axis=0)
            for row, (top, left) in zip(batch, part, strict=True):
                row[top : top + window, left : left + window] = value
            answers, _ = scores_of(network, batch, index, weights=weights)
            scores[start : start + len(part)] = np.asarray(answers)
            bar.update(len(part))
    return scores
