"""How alike layers are in what they find alike: centred kernel alignment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.data import Problem
from tlcourse.data.tables import counted
from tlcourse.errors import ArgumentError, must_be_whole
from tlcourse.figures import Figure, drawing, finish
from tlcourse.inside.choosing import Choice
from tlcourse.inside.network import Model, open_network
from tlcourse.inside.recording import record_rows, spread_layers

if TYPE_CHECKING:
    from tlcourse.data import Pictures

_FEWEST = 4
"""The unbiased estimate divides by n - 3."""


@dataclass(frozen=True, eq=False, repr=False)
class LayerSimilarity:
    """The result of `compare_layers`; draws as a figure.

    Attributes
    ----------
    matrix : np.ndarray
        `(layers of a, layers of b)` float64: 1 for layers that say the same but for a turn and a
        scale, about 0 for layers that have nothing in common, NaN for a layer that says the same
        about every picture. Slightly below 0 can happen.
    layers_a, layers_b : tuple of str
    name_a, name_b : str
        The networks.
    pictures : int
        How many were compared.
    grid : int
        Cells a side over which feature maps were averaged.
    problems : tuple of Problem
        Pictures that were left out, with the reason.

    """

    matrix: np.ndarray
    layers_a: tuple[str, ...]
    layers_b: tuple[str, ...]
    name_a: str
    name_b: str
    pictures: int
    grid: int
    problems: tuple[Problem, ...] = ()

    def draw(self) -> Figure:
        """Draw the matrix, the first layers at the bottom left."""
        rows, columns = self.matrix.shape
        with drawing(0.42 * columns + 3.2, 0.42 * rows + 2.8) as canvas:
            axes = canvas.subplots()
            image = axes.imshow(
                np.ma.masked_invalid(self.matrix), cmap="cividis", vmin=0, vmax=1, origin="lower"
            )
            for row, column in np.ndindex(rows, columns):
                value = self.matrix[row, column]
                colour = "black" if value > 0.5 else "white"
                text = "–" if np.isnan(value) else f"{max(value, 0):.1f}"
                axes.text(column, row, text, ha="center", va="center", c=colour, fontsize=7)
            axes.set_xticks(range(columns), self.layers_b, rotation=40, ha="right", fontsize=8)
            axes.set_yticks(range(rows), self.layers_a, fontsize=8)
            axes.set_xlabel(self.name_b)
            axes.set_ylabel(self.name_a)
            axes.set_title(f"Likeness of layers (linear CKA) on {self.pictures:,} pictures")
            canvas.colorbar(image, shrink=0.8)
            return finish(canvas, f"{self!r}.")

    def __repr__(self) -> str:
        means = "means over all positions"
        if self.grid > 1:
            means = f"means over {self.grid} × {self.grid} cells"
        best = []
        for name, row in zip(self.layers_a, self.matrix, strict=True):
            if not np.isnan(row).all():
                best.append(f"{name} is most like {self.layers_b[np.nanargmax(row)]} "
                            f"({np.nanmax(row):.2f})")  # fmt: skip
        return (
            f"Linear CKA of {counted(len(self.layers_a), 'layer')} of {self.name_a} and "
            f"{counted(len(self.layers_b), 'layer')} of {self.name_b} on {self.pictures:,} "
            f"pictures, {means}: " + "; ".join(best)
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.draw()._repr_mimebundle_(**kwargs)


def compare_layers(
    model_a: Model,
    model_b: Model,
    images: Pictures,
    layers: Choice | None = None,
    layers_b: Choice | None = None,
    *,
    grid: int = 1,
) -> LayerSimilarity:
    """Compare what the layers of two networks say about the same pictures.

    Linear centred kernel alignment (Kornblith, Norouzi, Lee and Hinton 2019, 'Similarity of Neural
    Network Representations Revisited'): two layers are alike when they find the same pictures alike
    and the same unlike, whatever their channels are called and however many there are. It does not
    change when a layer's answers are turned or all scaled. The estimate is the unbiased one (Song,
    Smola, Gretton, Bedo and Borgwardt 2012, 'Feature Selection via Dependence Maximization'): the
    plain one comes near 1 for any two layers with more channels than there are pictures.

    Feature maps are averaged first, by default over all their positions: what is compared is what
    the layers find, and not where. Pictures go through in batches; only the averages are kept.

    Parameters
    ----------
    model_a, model_b
        A `Backbone`, a `Classifier`, a functional or Sequential Keras model, or a `Network`; they
        may take pictures of different sizes. The same model twice compares its own layers.
    images
        An `ImageSet`, a folder, or a list of pictures; at least 4, better 100 or more.
    layers
        Of the first network, by name, or `"all"`, `"maps"`, `"convolutions"`; None for the ends of
        its blocks, or a dozen at equal steps.
    layers_b
        Of the second; None for the same as `layers` where they were not named.
    grid
        Feature maps are averaged over grid × grid cells, 1 to 64; as many cells as the map has
        positions flatten it.

    Returns
    -------
    A `LayerSimilarity`.

    Raises
    ------
    ArgumentError
        When there is no such layer, or there are too few readable pictures.

    """
    must_be_whole("grid", grid, 1, 64)
    network_a, network_b = open_network(model_a), open_network(model_b)
    chosen_a = spread_layers(network_a, layers)
    again = network_a.model is network_b.model and layers_b is None
    chosen_b = chosen_a if again else spread_layers(network_b, layers_b or _by_word(layers))
    rows_a, problems = record_rows(network_a, images, chosen_a, grid)
    count = len(rows_a[chosen_a[0]])
    if count < _FEWEST:
        raise ArgumentError(
            "There are too few pictures to compare layers.",
            expected=f"at least {_FEWEST} that can be read, better 100 or more",
            received=f"{count}",
        )
    rows_b = rows_a
    if not again:
        rows_b, _ = record_rows(network_b, images, chosen_b, grid)
    name_a, name_b = network_a.name, network_b.name
    if name_a == name_b and not again:
        name_a, name_b = f"{name_a} (first)", f"{name_b} (second)"
    return LayerSimilarity(
        matrix=_matrix([rows_a[x] for x in chosen_a], [rows_b[x] for x in chosen_b]),
        layers_a=tuple(layer.name for layer in chosen_a),
        layers_b=tuple(layer.name for layer in chosen_b),
        name_a=name_a,
        name_b=name_b,
        pictures=count,
        grid=grid,
        problems=tuple(problems),
    )


def linear_cka(one: np.ndarray, other: np.ndarray) -> float:
    """Return the likeness of two sets of features of the same pictures.

    Linear centred kernel alignment (Kornblith et al. 2019), with the unbiased estimate of the
    Hilbert-Schmidt independence criterion (Song et al. 2012).

    Parameters
    ----------
    one, other
        `(n, features)` each, of any width; at least 4 rows.

    Returns
    -------
    float
        1 where they agree but for an orthogonal transform and a scale, about 0 where they have
        nothing in common; NaN where one is the same in every row.

    Raises
    ------
    ArgumentError
        When they are no two tables of the same pictures.

    """
    tables = [np.asarray(x) for x in (one, other)]
    shapes = [x.shape for x in tables]
    if any(len(s) != 2 or s[0] < _FEWEST or s[0] != shapes[0][0] for s in shapes):
        raise ArgumentError(
            "These are no features of the same pictures.",
            expected=f"two arrays (n, features) with the same n, {_FEWEST} or more",
            received=f"shapes {shapes[0]} and {shapes[1]}",
        )
    return float(_matrix(tables[:1], tables[1:])[0, 0])


def _by_word(layers: Choice | None) -> Choice | None:
    """Return a choice that means something in any network, such as "maps"; None for names."""
    return layers if layers in ("all", "maps", "convolutions") else None


def _matrix(rows_a: list[np.ndarray], rows_b: list[np.ndarray]) -> np.ndarray:
    """Return the likeness of each pair of tables, `(a, b)` float64."""
    grams_a = [_gram(rows) for rows in rows_a]
    grams_b = [_gram(rows) for rows in rows_b] if rows_b is not rows_a else grams_a
    own_a, own_b = ([_hsic(gram, gram) for gram in grams] for grams in (grams_a, grams_b))
    matrix = np.full((len(grams_a), len(grams_b)), np.nan)
    for i, j in np.ndindex(*matrix.shape):
        if own_a[i] > 0 and own_b[j] > 0:
            matrix[i, j] = _hsic(grams_a[i], grams_b[j]) / np.sqrt(own_a[i] * own_b[j])
    return matrix


def _gram(rows: np.ndarray) -> np.ndarray:
    """Return the products of all pairs of rows, each row's product with itself set to 0."""
    rows = rows.astype(np.float64)
    rows = rows - rows.mean(axis=0)  # changes nothing in the result, and saves digits
    largest = np.abs(rows).max(initial=0)
    if largest < 1e-12:
        return np.zeros((len(rows), len(rows)))
    gram = (rows / largest) @ (rows / largest).T
    np.fill_diagonal(gram, 0)
    return gram


def _hsic(one: np.ndarray, other: np.ndarray) -> float:
    """Return the unbiased estimate of the independence criterion (Song et al. 2012, equation 5)."""
    n = len(one)
    sums = one.sum(axis=0)
    others = other.sum(axis=0)
    return float(
        (one * other).sum()
        + sums.sum() * others.sum() / ((n - 1) * (n - 2))
        - 2 * (sums @ others) / (n - 2)
    ) / (n * (n - 3))
