"""Learned in one light, asked in another: what normalised light gains there, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.data.tables import as_text
from tlcourse.errors import must_be
from tlcourse.experiments.changed_sets import Change, write_changed
from tlcourse.experiments.foggy_day import fog
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.messages import progress
from tlcourse.training.fitting import fit_head

if TYPE_CHECKING:
    from tlcourse.backbones import Backbone

_BLUE = (0.75, 0.9, 1.0)
"""How much of red, green and blue is left: a camera set for lamps, used by day."""


def blue_light(picture: np.ndarray) -> np.ndarray:
    """Return a picture with a blue tint, as by a camera whose white balance is wrong."""
    return np.rint(picture * np.array(_BLUE)).astype(np.uint8)


def as_it_is(picture: np.ndarray) -> np.ndarray:
    """Return the picture as it is."""
    return picture


LIGHTS: dict[str, Change] = {"as learned": as_it_is, "fog": fog, "blue light": blue_light}
"""The light in which the test pictures are shown."""


@dataclass(frozen=True, eq=False, repr=False)
class LightTrial:
    """Accuracies by preparation and light; shows as a table, and draws as a figure.

    Attributes
    ----------
    preparations, lights : tuple of str
        What was done to each picture, in learning and in judging; the light of the test.
    accuracies : np.ndarray
        `(preparations, lights)` float64, 0..1.
    n_test : int

    """

    preparations: tuple[str, ...]
    lights: tuple[str, ...]
    accuracies: np.ndarray
    n_test: int

    def of(self, preparation: str, light: str) -> float:
        """Return one accuracy by its names."""
        row, column = self.preparations.index(preparation), self.lights.index(light)
        return float(self.accuracies[row, column])

    def __repr__(self) -> str:
        head = ["prepared by", *self.lights]
        rows = [
            [name, *(f"{accuracy:.1%}" for accuracy in self.accuracies[row])]
            for row, name in enumerate(self.preparations)
        ]
        return as_text(self._in_words(), [head, *rows], [])

    def draw(self) -> Figure:
        """Draw a group of bars for each light, a bar for each preparation."""
        width = 0.8 / len(self.preparations)
        with drawing(6.8, 3.2) as canvas:
            axes = canvas.subplots()
            for row, name in enumerate(self.preparations):
                places = (
                    np.arange(len(self.lights)) + (row - (len(self.preparations) - 1) / 2) * width
                )
                bars = axes.bar(
                    places, self.accuracies[row], 0.92 * width, label=name, color=PALETTE[row],
                    hatch=("", "///", "...")[row % 3], edgecolor="white", linewidth=0.5,
                )  # fmt: skip
                axes.bar_label(bars, [f"{v:.0%}" for v in self.accuracies[row]], fontsize=8)
            axes.set_xticks(range(len(self.lights)), self.lights)
            axes.set(ylim=(0, 1.05), xlabel="light of the test", ylabel="accuracy on the test")
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
            axes.legend(title="prepared by", loc="center left", bbox_to_anchor=(1, 0.5))
            told = "; ".join(
                f"{light}: "
                + ", ".join(f"{name} {self.of(name, light):.0%}" for name in self.preparations)
                for light in self.lights
            )
            return finish(canvas, f"{self._in_words()} {told}.")

    def _in_words(self) -> str:
        return f"Accuracy on {self.n_test:,} test pictures, by their light and their preparation."


def try_other_light(
    backbone: Backbone,
    learned: ImageSet,
    test: ImageSet,
    preparations: Mapping[str, Change],
    folder: str | Path,
) -> LightTrial:
    """Learn from pictures prepared in several ways, and judge in lights that were not learned.

    Every picture is prepared in the same way in learning and in judging. The light of the test is
    changed before that, as it would be in use.

    Parameters
    ----------
    backbone
        From `load_backbone`; it stays frozen.
    learned, test
        Pictures to learn from and to judge with, of the same classes.
    preparations
        By name, functions from a picture to a picture.
    folder
        Where to write the pictures.

    Returns
    -------
    A `LightTrial`.

    """
    from tlcourse.features import extract_features

    must_be("learned", learned, ImageSet, 'Write images = tl.load_dataset("fleet") first.')
    must_be("test", test, ImageSet, 'Write images = tl.load_dataset("fleet") first.')
    learned, test, root = learned.with_splits(None), test.with_splits(None), Path(folder)
    lit = {name: write_changed(test, root / name, light) for name, light in LIGHTS.items()}
    accuracies = np.zeros((len(preparations), len(LIGHTS)))
    steps = list(preparations.values())
    for row, prepare in enumerate(progress(steps, what="Learning", unit="preparation")):
        prepared = write_changed(learned, root / f"{row} learned", prepare)
        table = extract_features(backbone, prepared)
        head = fit_head("gap", table.features, table.labels, groups=table.groups)
        for column, (light, images) in enumerate(lit.items()):
            asked = write_changed(images, root / f"{row} {light}", prepare)
            answers = head(extract_features(backbone, asked).features).argmax(axis=1)
            accuracies[row, column] = (answers == test.labels).mean()
    return LightTrial(tuple(preparations), tuple(LIGHTS), accuracies, len(test))
