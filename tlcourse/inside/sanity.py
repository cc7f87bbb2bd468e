"""`sanity_check`: whether a map depends on what the network has learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.data.tables import as_html, as_text
from tlcourse.errors import HIGHEST_SEED, ArgumentError, must_be_whole
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.inside.attribution import METHOD_NAMES, Attribution
from tlcourse.inside.explain import Method, find_method
from tlcourse.inside.graph import Layer
from tlcourse.inside.network import Model, Network, open_network
from tlcourse.messages import progress

if TYPE_CHECKING:
    from tlcourse.data import PictureSource

_SHOWN = 9
"""Maps in a figure."""


@dataclass(frozen=True, eq=False, repr=False)
class SanityCheck:
    """The result of `sanity_check`; shows as a table, and draws as a figure.

    Attributes
    ----------
    attributions : tuple of Attribution
        The map of the network as it is, and one for each stage, all of the same class.
    layers : tuple of str
        For each stage the lowest layer that was randomised; all above it were too.
    rank_correlation : np.ndarray
        `(stages,)` float64: Spearman's correlation, -1 to 1, of each map with that of the network
        as it is; NaN where a map has the same value everywhere.
    ssim : np.ndarray
        `(stages,)` float64: structural similarity, -1 to 1, of the maps at picture size, each
        scaled to 0..1; NaN as above.

    """

    attributions: tuple[Attribution, ...]
    layers: tuple[str, ...]
    rank_correlation: np.ndarray
    ssim: np.ndarray

    @property
    def original(self) -> Attribution:
        """The map of the network as it is."""
        return self.attributions[0]

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers as a JSON-able dictionary; what is undefined is None."""

        def plain(values: np.ndarray) -> list[float | None]:
            return [None if np.isnan(x) else float(x) for x in values]

        return {
            "method": self.original.method,
            "target": self.original.target_name,
            "layers": list(self.layers),
            "rank_correlation": plain(self.rank_correlation),
            "ssim": plain(self.ssim),
            "score": [a.score for a in self.attributions],
        }

    def draw(self) -> Figure:
        """Draw the maps of some stages over the picture, and both similarities as curves."""
        chosen = np.unique(np.linspace(0, len(self.layers), _SHOWN).round().astype(int))
        with drawing(1.35 * len(chosen) + 0.6, 4.4) as canvas:
            above, below = canvas.subfigures(2, 1, height_ratios=(1, 1.5), squeeze=False)[:, 0]
            for axes, stage in zip(above.subplots(1, len(chosen)), chosen, strict=True):
                axes.imshow(self.attributions[stage].overlay())
                axes.set_title("as it is" if stage == 0 else f"stage {stage}", fontsize=9)
                axes.set_axis_off()
            self._draw_curves(below.subplots())
            return finish(canvas, f"{self._sentence()} {self._verdict()}")

    def _draw_curves(self, axes: Any) -> None:
        stages = np.arange(len(self.layers) + 1)
        curves = {"rank correlation": self.rank_correlation, "structural similarity": self.ssim}
        for (name, values), colour, marker in zip(curves.items(), PALETTE, "os", strict=False):
            axes.plot(stages, [1, *values], f"{marker}-", c=colour, label=name)
        axes.axhline(0, c="0.7", lw=1)
        axes.set_xticks(stages, ["as it is", *self.layers], rotation=25, ha="right", fontsize=8)
        axes.set_ylim(min(-0.3, *np.nan_to_num(self.rank_correlation)) - 0.05, 1.05)
        axes.set_ylabel("likeness to the first map")
        axes.set_xlabel("randomised from the top down to …")
        axes.legend(loc="upper right")

    def _sentence(self) -> str:
        first = self.original
        return (
            f"{METHOD_NAMES[first.method]} for {first.target_name} by {first.network}, while its "
            "weights are randomised from the top down."
        )

    def _verdict(self) -> str:
        last = self.rank_correlation[-1]
        if np.isnan(last):
            return "With all weights random the map is empty: it depends on what was learned."
        said = f"With all weights random the rank correlation is {last:+.2f}"
        if abs(last) < 0.5:
            return f"{said}: the map depends on what was learned."
        return f"{said}: much of the map is there without anything learned. Do not trust it alone."

    def _table(self) -> list[list[str]]:
        rows = [["randomised down to", "rank correlation", "SSIM", "score"]]
        rows.append(["nothing, as it is", "+1.00", "+1.00", f"{self.original.score:.3g}"])
        stages = zip(
            self.layers, self.rank_correlation, self.ssim, self.attributions[1:], strict=True
        )
        for name, correlation, ssim, attribution in stages:
            numbers = ["–" if np.isnan(x) else f"{x:+.2f}" for x in (correlation, ssim)]
            rows.append([name, *numbers, f"{attribution.score:.3g}"])
        return rows

    def __repr__(self) -> str:
        return as_text(self._sentence(), self._table(), [self._verdict()])

    def _repr_html_(self) -> str:
        return as_html(self._sentence(), self._table(), [self._verdict()])


def sanity_check(
    model: Model,
    picture: PictureSource,
    method: Method = "grad_cam",
    target: int | str | None = None,
    *,
    stages: int = 8,
    seed: int = 0,
    **settings: Any,
) -> SanityCheck:
    """Randomise the network's weights from the top down, and watch what becomes of a map.

    A map that hardly changes shows the picture's edges, and not what the network has learned
    (Adebayo, Gilmer, Muelly, Goodfellow, Hardt and Kim 2018, 'Sanity Checks for Saliency Maps',
    cascading randomisation). The weights of a layer are randomised by shuffling: each tensor keeps
    its numbers and loses their places, so that the scale of the answers stays about what it was.
    The model itself is not changed.

    Parameters
    ----------
    model, picture
        As for `explain`.
    method
        As for `explain`.
    target
        As for `explain`; the class that is likeliest before anything is randomised stays the one
        that is explained.
    stages
        In how many steps, 1 or more; the first randomises the last layer with weights alone, the
        last one all layers. With fewer layers, as many as there are.
    seed
        Of the shuffling; the same seed gives the same result.
    **settings
        Settings of the method, as for `explain`.

    Returns
    -------
    A `SanityCheck`.

    Raises
    ------
    ArgumentError
        When there is no such method, setting or class, or the network has no weights.
    PictureError
        When the picture cannot be read.

    """
    must_be_whole("stages", stages, 1, 10_000)
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    explain_by = find_method(method, settings)
    network = open_network(model)
    ends = _stages(network, stages)
    original = explain_by(network, picture, target, **settings)
    shuffled = _shuffled_weights(network, seed)
    attributions = [original]
    for end in progress(ends, what="sanity check", unit="stage"):
        weights = {layer: shuffled[layer] for layer in network.layers[end:] if layer in shuffled}
        attributions.append(
            explain_by(network, picture, original.target, weights=weights, **settings)
        )
    changed = attributions[1:]
    return SanityCheck(
        attributions=tuple(attributions),
        layers=tuple(network.layers[end].name for end in ends),
        rank_correlation=np.array([rank_correlation(original.native, a.native) for a in changed]),
        ssim=np.array([structural_similarity(original.map, a.map) for a in changed]),
    )


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return Spearman's correlation of two maps, NaN where one is the same everywhere."""
    from scipy.stats import spearmanr

    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    return float(spearmanr(one.ravel(), other.ravel()).statistic)


def structural_similarity(one: np.ndarray, other: np.ndarray) -> float:
    """Return the structural similarity (Wang et al. 2004) of two maps, each scaled to 0..1.

    NaN where a map is the same everywhere, or has fewer than 7 values a side.
    """
    from skimage.metrics import structural_similarity as ssim

    if np.ptp(one) == 0 or np.ptp(other) == 0 or min(one.shape) < 7:
        return float("nan")
    scaled = [(x.astype(np.float64) - x.min()) / np.ptp(x.astype(np.float64)) for x in (one, other)]
    return float(ssim(*scaled, data_range=1.0))


def _stages(network: Network, count: int) -> list[int]:
    """Return at which layer each stage ends, from the top down, as positions in the network."""
    learned = [i for i, layer in enumerate(network.layers) if _has_learned(layer)][::-1]
    if not learned:
        raise ArgumentError(
            f"The network '{network.name}' has no weights that could be randomised.",
            expected="layers with weights, such as convolutions",
            received=", ".join(sorted({layer.kind for layer in network.layers})),
        )
    chosen = np.linspace(0, len(learned) - 1, count).round().astype(int)
    if count == 1:
        chosen = np.array([len(learned) - 1])
    return [learned[i] for i in np.unique(chosen)]


def _has_learned(layer: Layer) -> bool:
    # What `Normalization` holds are the pixels' mean and variance: preprocessing.
    return layer.parameters > 0 and layer.kind != "Normalization"


def _shuffled_weights(network: Network, seed: int) -> dict[Layer, Sequence[np.ndarray]]:
    """Return the weights of each layer, the numbers of each tensor in another order."""
    random = np.random.RandomState(seed)
    shuffled: dict[int, list[np.ndarray]] = {}
    for layer in reversed(network.layers):
        # A layer that is called twice is one layer, and keeps one set of weights.
        if _has_learned(layer) and id(layer.operation) not in shuffled:
            shuffled[id(layer.operation)] = [_shuffle(array, random) for array in layer.weights]
    return {layer: shuffled[id(layer.operation)] for layer in network.layers if _has_learned(layer)}


def _shuffle(array: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    return random.permutation(array.ravel()).reshape(array.shape)
