"""Deletion and insertion: whether a map finds what the answer really depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tlcourse.errors import HIGHEST_SEED, ArgumentError, must_be_whole
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.inside.attribution import METHOD_NAMES, Attribution, enlarge
from tlcourse.inside.network import Model, Network, open_network
from tlcourse.inside.targets import find_target, probabilities_of
from tlcourse.messages import progress

if TYPE_CHECKING:
    from tlcourse.data import PictureSource

_BLUR = 10
"""Insertion starts from the picture blurred by a bell as wide as its side divided by this."""


@dataclass(frozen=True, eq=False, repr=False)
class PixelCurve:
    """How a probability changes while pixels are removed or added; draws as a figure.

    Attributes
    ----------
    kind : str
        `"deletion"` or `"insertion"`.
    shares : np.ndarray
        `(steps + 1,)` float64, 0 to 1: how much of the picture was removed or added.
    probabilities : np.ndarray
        `(steps + 1,)` float64, 0 to 1: of the explained class, pixels in the order of the map.
    random : np.ndarray
        `(rounds, steps + 1)` float64: the same in random orders.
    target_name, method : str
        Of the map.

    """

    kind: Literal["deletion", "insertion"]
    shares: np.ndarray
    probabilities: np.ndarray
    random: np.ndarray
    target_name: str
    method: str

    @property
    def area(self) -> float:
        """Area under the curve, 0 to 1: for deletion small is good, for insertion large."""
        return float(np.trapezoid(self.probabilities, self.shares))

    @property
    def random_area(self) -> float:
        """Mean area under the curves of random orders: what a map must beat."""
        return float(np.trapezoid(self.random, self.shares, axis=1).mean())

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a JSON-able dictionary."""
        return {
            "kind": self.kind,
            "method": self.method,
            "target": self.target_name,
            "area": self.area,
            "random_area": self.random_area,
            "shares": self.shares.tolist(),
            "probabilities": self.probabilities.tolist(),
            "random": self.random.tolist(),
        }

    def draw(self) -> Figure:
        """Draw the curve, and the band between the lowest and highest of the random orders."""
        with drawing(5.2, 3.4) as canvas:
            axes = canvas.subplots()
            low, high = self.random.min(axis=0), self.random.max(axis=0)
            axes.fill_between(self.shares, low, high, color="0.85", lw=0)
            axes.plot(self.shares, self.random.mean(axis=0), "--", c="0.4", lw=1.5)
            axes.plot(self.shares, self.probabilities, c=PALETTE[0], lw=2.5)
            labels = [
                "random orders",
                f"their mean: area {self.random_area:.2f}",
                f"{self._method_in_words}: area {self.area:.2f}",
            ]
            axes.legend(labels, loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=3, fontsize=8)
            done = "removed" if self.kind == "deletion" else "shown"
            axes.set_xlabel(f"share of the picture that is {done}")
            axes.set_ylabel("probability")
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_formatter(lambda value, _: f"{value:.0%}")
            axes.set_ylim(0, 1.1 * max(self.probabilities.max(), high.max()))
            axes.set_xlim(0, 1)
            canvas.suptitle(f"{self.kind.capitalize()}: {self.target_name}", fontsize=11)
            return finish(canvas, f"{self!r}.")

    @property
    def beaten(self) -> int:
        """How many of the random orders do worse than the map."""
        areas = np.trapezoid(self.random, self.shares, axis=1)
        worse = areas > self.area if self.kind == "deletion" else areas < self.area
        return int(worse.sum())

    @property
    def _method_in_words(self) -> str:
        return METHOD_NAMES[self.method]

    def __repr__(self) -> str:
        return (
            f"{self.kind.capitalize()} of {self.target_name} by {self._method_in_words}: area "
            f"{self.area:.3f}, in random order {self.random_area:.3f} on average; better than "
            f"{self.beaten} of {len(self.random)} random orders"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.draw()._repr_mimebundle_(**kwargs)


def deletion_curve(
    model: Model,
    picture: PictureSource,
    attribution: Attribution,
    *,
    steps: int = 28,
    rounds: int = 5,
    seed: int = 0,
) -> PixelCurve:
    """Remove the pixels that matter most first, and watch the probability fall.

    The better a map, the faster (Petsiuk, Das and Saenko 2018, 'RISE: Randomized Input Sampling for
    Explanation of Black-box Models'). Removed pixels take the picture's mean colour. For comparison
    pixels are removed in random orders of the same grain, cell by cell of the map as the method
    computed it: single pixels and whole patches do unlike damage.

    Parameters
    ----------
    model, picture
        As `explain` was asked.
    attribution
        What `explain` returned for them.
    steps
        In how many equal steps the picture is taken apart, 2 to 1,000.
    rounds
        How many random orders, 1 to 1,000.
    seed
        Of the random orders.

    Returns
    -------
    A `PixelCurve`.

    Raises
    ------
    ArgumentError
        When a number is out of range, the map does not fit the network, or the network ends without
        probabilities.
    PictureError
        When the picture cannot be read.

    """
    return _curve("deletion", model, picture, attribution, steps, rounds, seed)


def insertion_curve(
    model: Model,
    picture: PictureSource,
    attribution: Attribution,
    *,
    steps: int = 28,
    rounds: int = 5,
    seed: int = 0,
) -> PixelCurve:
    """Show the pixels that matter most first, on a blurred picture, and watch the probability rise.

    The better a map, the faster (Petsiuk, Das and Saenko 2018). Parameters, result and errors are
    those of `deletion_curve`.
    """
    return _curve("insertion", model, picture, attribution, steps, rounds, seed)


def _curve(
    kind: Literal["deletion", "insertion"],
    model: Model,
    picture: PictureSource,
    attribution: Attribution,
    steps: int,
    rounds: int,
    seed: int,
) -> PixelCurve:
    must_be_whole("steps", steps, 2, 1000)
    must_be_whole("rounds", rounds, 1, 1000)
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    network = open_network(model)
    pixels = network.pixels(picture)
    _must_fit(network, pixels, attribution)
    if kind == "deletion":
        start, end = pixels, np.broadcast_to(pixels.mean(axis=(1, 2), keepdims=True), pixels.shape)
    else:
        start, end = _blurred(pixels), pixels
    random = np.random.RandomState(seed)
    maps = [attribution.map, *(_random_map(attribution, random) for _ in range(rounds))]
    shares = np.linspace(0, 1, steps + 1)
    curves = []
    for values in progress(maps, what=kind, unit="order"):
        # Of equal values those in the middle of the picture must not come first or last: chance.
        order = np.lexsort((random.random_sample(values.size), -values.ravel().astype(np.float64)))
        place = np.empty(values.size)
        place[order] = (np.arange(values.size) + 0.5) / values.size
        changed = place.reshape(1, *values.shape, 1) < shares[:, None, None, None]
        curves.append(probabilities_of(network, np.where(changed, end, start), attribution.target))
    return PixelCurve(
        kind=kind,
        shares=shares,
        probabilities=curves[0],
        random=np.array(curves[1:]),
        target_name=attribution.target_name,
        method=attribution.method,
    )


def _must_fit(network: Network, pixels: np.ndarray, attribution: Attribution) -> None:
    """Raise an ArgumentError unless a map can be judged by a network."""
    if not isinstance(attribution, Attribution) or attribution.map.shape != pixels.shape[1:3]:
        shape = getattr(getattr(attribution, "map", None), "shape", None)
        raise ArgumentError(
            "The argument 'attribution' does not fit network and picture.",
            expected=f"an Attribution with a map of {pixels.shape[1]}x{pixels.shape[2]}",
            received=f"a map of shape {shape}" if shape else repr(attribution)[:100],
            todo="Write attribution = tl.explain(model, picture) first.",
        )
    if find_target(network, pixels, attribution.target).probability is None:
        raise ArgumentError(
            f"The network '{network.name}' ends without probabilities.",
            expected="a network that ends in a softmax or sigmoid",
            received=f"a last layer {network.layers[-1].name} ({network.layers[-1].kind})",
            todo="Add keras.layers.Softmax() behind it.",
        )


def _random_map(attribution: Attribution, random: np.random.RandomState) -> np.ndarray:
    """Return a map of the same grain whose cells are in random order."""
    cells = random.random_sample(attribution.native.shape)
    return enlarge(cells, attribution.map.shape[:2])


def _blurred(pixels: np.ndarray) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    sigma = max(pixels.shape[1:3]) / _BLUR
    return gaussian_filter(pixels, (0, sigma, sigma, 0))
