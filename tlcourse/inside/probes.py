"""`probe_layers`: how much of your classes each layer already knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.data import ImageSet, Problem
from tlcourse.data.tables import as_html, as_text, counted
from tlcourse.errors import HIGHEST_SEED, DataError, must_be, must_be_whole
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.inside.choosing import Choice
from tlcourse.inside.network import Model, open_network
from tlcourse.inside.recording import record_rows, spread_layers
from tlcourse.messages import progress
from tlcourse.training.fitting import fit_head

if TYPE_CHECKING:
    from collections.abc import Sequence

_FOLDS = 5


@dataclass(frozen=True, eq=False, repr=False)
class LayerProbes:
    """The result of `probe_layers`; shows as a table, and draws as a figure.

    Attributes
    ----------
    layers : tuple of str
        In the order in which they compute.
    accuracy : np.ndarray
        `(layers,)` float64, 0 to 1: of pictures that the probe had not learned from.
    interval : np.ndarray
        `(layers, 2)` float64: 95% confidence interval (Wilson 1927). Where the set has groups, each
        group counts as one observation, since its pictures are alike.
    features : np.ndarray
        `(layers,)` int: numbers a picture that the probe learned from.
    baseline : float
        Accuracy of always naming the most frequent class.
    pictures : int
    groups : int or None
    network : str
    problems : tuple of Problem
        Pictures that were left out, with the reason.

    """

    layers: tuple[str, ...]
    accuracy: np.ndarray
    interval: np.ndarray
    features: np.ndarray
    baseline: float
    pictures: int
    groups: int | None
    network: str
    problems: tuple[Problem, ...] = ()

    @property
    def best(self) -> str:
        """The layer whose probe is most accurate; of equal ones the earliest."""
        return self.layers[int(self.accuracy.argmax())]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a JSON-able dictionary."""
        return {
            "network": self.network,
            "layers": list(self.layers),
            "accuracy": self.accuracy.tolist(),
            "interval": self.interval.tolist(),
            "features": self.features.tolist(),
            "baseline": self.baseline,
            "pictures": self.pictures,
            "groups": self.groups,
            "problems": [{"file": str(p.file), "reason": p.reason} for p in self.problems],
        }

    def draw(self) -> Figure:
        """Draw accuracy by layer, with intervals."""
        with drawing(max(5.0, 0.5 * len(self.layers) + 1.6), 3.8) as canvas:
            axes = canvas.subplots()
            places = np.arange(len(self.layers))
            reach = np.abs(self.interval.T - self.accuracy)
            axes.errorbar(
                places, self.accuracy, reach, fmt="o-", c=PALETTE[0], ecolor="0.6", capsize=3
            )
            axes.axhline(self.baseline, ls="--", c="0.4")
            axes.annotate(
                f"always the most frequent class: {self.baseline:.0%}",
                (1, self.baseline), (-4, -4), textcoords="offset points", fontsize=8, c="0.3",
                xycoords=("axes fraction", "data"), ha="right", va="top",
            )  # fmt: skip
            axes.set_xticks(places, self.layers, rotation=40, ha="right", fontsize=8)
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
            axes.set_ylim(min(self.baseline, self.interval.min()) - 0.05, 1.02)
            axes.set_ylabel("accuracy of a linear probe")
            axes.set_title(f"What a linear probe reads off {self.network}")
            return finish(canvas, as_text(self._sentence(), self._table(), []))

    def _sentence(self) -> str:
        groups = ""
        if self.groups is not None:
            groups = f" in {counted(self.groups, 'group')} that are never torn apart"
        return (
            f"Linear probes on the layers of {self.network}, cross-validated on "
            f"{counted(self.pictures, 'picture')}{groups}; always naming the most frequent class: "
            f"{self.baseline:.1%}"
        )

    def _table(self) -> list[list[str]]:
        rows = [["layer", "features", "accuracy", "95% interval"]]
        for name, count, accuracy, (low, high) in zip(
            self.layers, self.features, self.accuracy, self.interval, strict=True
        ):
            rows.append([name, f"{count:,}", f"{accuracy:.1%}", f"{low:.1%} to {high:.1%}"])
        return rows

    def _notes(self) -> list[str]:
        if not self.problems:
            return []
        return [f"{counted(len(self.problems), 'picture')} left out, see .problems."]

    def __repr__(self) -> str:
        return as_text(self._sentence(), self._table(), self._notes())

    def _repr_html_(self) -> str:
        return as_html(self._sentence(), self._table(), self._notes())


def probe_layers(
    model: Model,
    images: ImageSet,
    layers: Choice | None = None,
    *,
    grid: int = 1,
    seed: int = 0,
) -> LayerProbes:
    """Train a linear classifier on the answers of each layer, to see how far each has come.

    Layers near the picture find what all pictures have, edges and colours; layers near the answer
    what the old job needed. Where accuracy stops growing, or falls, the network begins to be more
    special than the new classes can use (Yosinski, Clune, Bengio and Lipson 2014, 'How transferable
    are features in deep neural networks?'; probes: Alain and Bengio 2016, 'Understanding
    intermediate layers using linear classifier probes').

    The probe is softmax regression, as `train_head` fits it: standardised features, and a
    regularisation that is chosen within what it learns from. Each picture is judged once, by a
    probe that has not seen it, nor another picture of its group. Probes of early layers have fewer
    numbers to learn from, which is a part of what they show: the table says how many.

    Parameters
    ----------
    model
        A `Backbone`, a `Classifier`, a functional or Sequential Keras model, or a `Network`.
    images
        Pictures with labels. Where the set is split, its part "train" is used, and no other.
    layers
        By name, or `"all"`, `"maps"`, `"convolutions"`; None for the ends of its blocks, or a dozen
        at equal steps.
    grid
        Feature maps are averaged over grid × grid cells, 1 to 64.
    seed
        For the folds.

    Returns
    -------
    A `LayerProbes`.

    Raises
    ------
    ArgumentError
        When there is no such layer.
    DataError
        When there are fewer than two classes with pictures of two groups each (or two pictures).

    """
    must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
    must_be_whole("grid", grid, 1, 64)
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    network = open_network(model)
    chosen = spread_layers(network, layers)
    used = images if images.splits is None else images.train
    folds_of(used.labels, used.groups, seed)  # to fail before the long work
    rows, problems = record_rows(network, used, chosen, grid)
    used = used.without(problems)
    labels = np.unique(used.labels, return_inverse=True)[1]
    folds = folds_of(labels, used.groups, seed)
    right = [
        _judged(rows[layer], labels, used.groups, folds, seed)
        for layer in progress(chosen, what="probing", unit="layer")
    ]
    groups = None if used.groups is None else len(np.unique(used.groups))
    return LayerProbes(
        layers=tuple(layer.name for layer in chosen),
        accuracy=np.array([float(mask.mean()) for mask in right]),
        interval=np.array([_wilson(float(m.mean()), groups or len(m)) for m in right]),
        features=np.array([rows[layer].shape[1] for layer in chosen]),
        baseline=float(np.bincount(labels).max() / len(labels)),
        pictures=len(labels),
        groups=groups,
        network=network.name,
        problems=tuple(problems),
    )


def folds_of(
    labels: np.ndarray, groups: np.ndarray | None, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return pairs of positions, to learn from and to judge; groups are never torn apart.

    Raises
    ------
    DataError
        When there is nothing to tell apart, or a class could not be both learned and judged.

    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    units = np.arange(len(labels)) if groups is None else groups
    there = np.unique(labels)
    smallest = min((len(np.unique(units[labels == k])) for k in there), default=0)
    if len(there) < 2 or smallest < 2:
        raise DataError(
            "There are too few pictures to probe with.",
            expected="two classes or more, each with two pictures (of two groups, where there are "
            "groups)",
            received=f"{counted(len(there), 'class', 'classes')}, the smallest with {smallest}",
            todo="Add pictures, or take the class out.",
        )
    number = min(_FOLDS, smallest)
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    folds = list(kind(number, shuffle=True, random_state=seed).split(labels, labels, groups))
    if all(len(np.unique(labels[learned])) == len(there) for learned, _ in folds):
        return folds
    raise DataError(
        "The groups leave a class out of what some probe learns from.",
        expected="classes that are spread over several groups",
        received=f"{counted(len(np.unique(units)), 'group')}, {len(there)} classes",
        todo="Add pictures of other groups.",
    )


def _judged(
    rows: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray | None,
    folds: Sequence[tuple[np.ndarray, np.ndarray]],
    seed: int,
) -> np.ndarray:
    """Return for each picture whether a probe that had not seen it named it rightly."""
    right = np.zeros(len(labels), bool)
    for learned, held_out in folds:
        head = fit_head(
            "gap",
            rows[learned],
            labels[learned],
            groups=None if groups is None else groups[learned],
            seed=seed,
        )
        right[held_out] = head(rows[held_out]).argmax(axis=1) == labels[held_out]
    return right


def _wilson(share: float, count: int) -> tuple[float, float]:
    """Return Wilson's 95% interval of a share of so many observations, which may be fractional."""
    z = 1.959964
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    reach /= 1 + z * z / count
    return max(0.0, float(middle - reach)), min(1.0, float(middle + reach))
