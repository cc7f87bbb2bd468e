"""Accuracy against the year: the story of the networks in one figure."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tlcourse.experiments.counting import KnownNetwork, known_networks
from tlcourse.figures import PALETTE, Figure, drawing, finish

_TOLD = (
    "AlexNet", "VGG16", "InceptionV3", "ResNet50", "DenseNet201", "MobileNet", "NASNetLarge",
    "MobileNetV3Large", "EfficientNetB0", "EfficientNetB7", "DeiT-B", "ViT-B/16",
    "EfficientNetV2L", "ConvNeXtTiny", "ConvNeXtXLarge",
)  # fmt: skip
"""Networks that are named in the figure; with all names it could not be read."""

_NAMED_BELOW = ("ResNet50", "MobileNetV3Large", "DeiT-B", "ConvNeXtTiny")
"""Whose circle has another above it."""


def show_years(networks: Iterable[KnownNetwork] | None = None) -> Figure:
    """Draw accuracy against year, a circle a network, its area the number of its parameters.

    Filled circles have learned from ImageNet's 1,000 classes alone, open ones from more. Networks
    of one year stand beside each other, family by family.

    Parameters
    ----------
    networks
        Rows of the table; None takes all.

    """
    shown = [n for n in (networks or known_networks()) if n.top1 is not None]
    told = [n for n in shown if n.name in _TOLD]
    families = list(dict.fromkeys(n.family for n in shown))
    from matplotlib.ticker import MaxNLocator

    with drawing(8.6, 4.8) as canvas:
        axes = canvas.subplots()
        for network in shown:
            own = list(dict.fromkeys(n.family for n in shown if n.year == network.year))
            across = network.year + (own.index(network.family) - (len(own) - 1) / 2) * 0.26
            colour = PALETTE[families.index(network.family) % len(PALETTE)]
            alone = network.trained_on == "ImageNet-1k"
            axes.scatter(
                across, network.top1 or 0, network.parameters / 4e5, linewidths=1.5, zorder=2,
                edgecolors=colour, facecolors=colour if alone else "none", alpha=0.7,
            )  # fmt: skip
            if network in told:
                away = (network.parameters / 4e5 / np.pi) ** 0.5 + 3
                below = network.name in _NAMED_BELOW
                axes.annotate(
                    network.name, (across, network.top1 or 0), xytext=(0, -away if below else away),
                    textcoords="offset points", ha="center", va="top" if below else "bottom",
                    fontsize=8, zorder=3,
                )  # fmt: skip
        axes.set(xlabel="year", ylabel="top-1 accuracy on ImageNet")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.margins(x=0.08, y=0.12)
        axes.set_title("Area: parameters. Open circles: learned from more than ImageNet-1k")
        listed = ", ".join(f"{n.name} ({n.year}) {n.top1:.1%}" for n in told)
        return finish(canvas, f"Accuracy of {len(shown)} networks against the year: {listed}.")
