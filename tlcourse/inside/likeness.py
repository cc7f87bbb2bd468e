"""How alike two pictures are to each layer of a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.data.tables import as_html, as_text
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.inside.choosing import Choice
from tlcourse.inside.network import Model, open_network
from tlcourse.inside.recording import as_rows, spread_layers

if TYPE_CHECKING:
    from tlcourse.data import PictureSource
    from tlcourse.inside.graph import Layer


@dataclass(frozen=True, eq=False, repr=False)
class PictureSimilarity:
    """The result of `compare_pictures`; shows as a table, and draws as a figure.

    Attributes
    ----------
    layers : tuple of str
    pooled : np.ndarray
        `(layers,)` float64, -1 to 1: cosine of the means over all positions: whether the same
        things are found.
    by_place : np.ndarray
        `(layers,)` float64, -1 to 1: cosine of all values: whether they are found in the same
        places. NaN, as for `pooled`, where a layer says 0 throughout.
    network : str

    """

    layers: tuple[str, ...]
    pooled: np.ndarray
    by_place: np.ndarray
    network: str

    def draw(self) -> Figure:
        """Draw both cosines by layer."""
        with drawing(max(4.5, 0.5 * len(self.layers) + 1.5), 3.6) as canvas:
            axes = canvas.subplots()
            places = range(len(self.layers))
            axes.plot(places, self.pooled, "o-", c=PALETTE[0], label="the same things")
            axes.plot(places, self.by_place, "s-", c=PALETTE[1], label="in the same places")
            axes.set_xticks(places, self.layers, rotation=40, ha="right", fontsize=8)
            axes.set_ylim(min(0, np.nanmin(self.by_place), np.nanmin(self.pooled)) - 0.02, 1.03)
            axes.set_ylabel("cosine")
            axes.set_title(f"How alike two pictures are to {self.network}")
            axes.legend()
            return finish(canvas, f"{as_text(self._sentence(), self._table(), [])}")

    def _sentence(self) -> str:
        return f"How alike two pictures are to the layers of {self.network}, as cosines."

    def _table(self) -> list[list[str]]:
        rows = [["layer", "same things", "same places"]]
        for name, *values in zip(self.layers, self.pooled, self.by_place, strict=True):
            rows.append([name, *("–" if np.isnan(x) else f"{x:.2f}" for x in values)])
        return rows

    def __repr__(self) -> str:
        return as_text(self._sentence(), self._table(), [])

    def _repr_html_(self) -> str:
        return as_html(self._sentence(), self._table(), [])


def compare_pictures(
    model: Model,
    picture_a: PictureSource,
    picture_b: PictureSource,
    layers: Choice | None = None,
) -> PictureSimilarity:
    """Compare what the layers of a network say about two pictures.

    Parameters
    ----------
    model
        As for `compare_layers`.
    picture_a, picture_b
        Anything that `open_picture` takes.
    layers
        As for `compare_layers`.

    Returns
    -------
    A `PictureSimilarity`: two cosines for each layer.

    Raises
    ------
    ArgumentError
        When there is no such layer.
    PictureError
        When a picture cannot be read.

    """
    network = open_network(model)
    chosen = spread_layers(network, layers)
    pixels = np.concatenate([network.pixels(picture_a), network.pixels(picture_b)])
    pooled: dict[Layer, float] = {}
    by_place: dict[Layer, float] = {}

    def see(layer: Layer, output: Any) -> None:
        pooled[layer] = _cosine(*np.asarray(as_rows(output, 1)))
        by_place[layer] = _cosine(*np.asarray(output, np.float64).reshape(2, -1))

    network.watch(pixels, chosen, see)
    return PictureSimilarity(
        layers=tuple(layer.name for layer in chosen),
        pooled=np.array([pooled[layer] for layer in chosen]),
        by_place=np.array([by_place[layer] for layer in chosen]),
        network=network.name,
    )


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    one, other = one.astype(np.float64), other.astype(np.float64)
    length = np.linalg.norm(one) * np.linalg.norm(other)
    return float(one @ other / length) if length > 0 else float("nan")
