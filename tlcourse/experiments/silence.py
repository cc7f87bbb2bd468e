"""How much of a network is silent: the share of zeros by layer, for several networks or sets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tlcourse.errors import ArgumentError
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.inside import ChannelStatistics

_MARKERS = "os^Dv"


def show_silence(statistics: Mapping[str, ChannelStatistics]) -> Figure:
    """Draw the share of zeros in the answers of each layer.

    Parameters
    ----------
    statistics
        From a name to what `channel_statistics` returned, all for the same layers; five at most.

    Returns
    -------
    A `Figure`.

    Raises
    ------
    ArgumentError
        When there is none, there are more than five, or their layers differ.

    """
    layers = {tuple(found) for found in statistics.values()}
    if len(layers) != 1 or len(statistics) > len(_MARKERS):
        raise ArgumentError(
            "These statistics cannot be drawn together.",
            expected=f"one to {len(_MARKERS)}, of the same layers",
            received=f"{len(statistics)}, of {len(layers)} different choices of layers",
        )
    names = next(iter(layers))
    told = []
    with drawing(max(5.0, 0.42 * len(names) + 1.6), 3.6) as canvas:
        axes = canvas.subplots()
        for (who, found), colour, marker in zip(
            statistics.items(), PALETTE, _MARKERS, strict=False
        ):
            zeros = np.array([layer.zeros.mean() for layer in found.values()])
            axes.plot(range(len(names)), zeros, f"{marker}-", c=colour, label=who)
            shares = ", ".join(f"{name} {z:.0%}" for name, z in zip(names, zeros, strict=True))
            told.append(f"{who}, over {found.pictures:,} pictures: {shares}.")
        axes.set_xticks(range(len(names)), names, rotation=40, ha="right", fontsize=8)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.set_ylim(0, 1.02)
        axes.set_ylabel("share of zeros")
        axes.legend()
        return finish(canvas, "Share of zeros in the answers of each layer. " + " ".join(told))
