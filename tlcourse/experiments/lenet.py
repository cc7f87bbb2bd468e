"""LeNet-5 as it was published in 1998, built layer by layer, and trained on real digits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.data.tables import as_html, as_text
from tlcourse.errors import HIGHEST_SEED, must_be_whole
from tlcourse.experiments.small_networks import pixels_and_labels

if TYPE_CHECKING:
    import keras

PAPER = 32
"""Side of the picture that LeNet-5 takes, in pixels."""

DIGIT = 20
"""Side of a digit in the middle of it."""

TAKES = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (4, 5, 0), (5, 0, 1),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (3, 4, 5, 0), (4, 5, 0, 1), (5, 0, 1, 2),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5),
)  # fmt: skip
"""Which of the 6 maps of S2 each of the 16 maps of C3 looks at: table I of the paper."""

# Drawn for this course, 7 × 12 as in the paper, so that their 84 points are the 84 values of F6.
_DRAWN = """
.#####. ...#... .#####. .#####. ....##. ####### ..####. ####### .#####. .#####.
##...## ..##... ##...## ##...## ...###. ##..... .##.... ##...## ##...## ##...##
##...## .###... .....## .....## ...###. ##..... ##..... .....## ##...## ##...##
##...## ..##... .....## .....## ..####. ##..... ##..... ....##. ##...## ##...##
##...## ..##... ....##. .....## ..#.##. ######. ##..... ....##. ##...## ##...##
##...## ..##... ....##. ..####. .##.##. .....## ######. ...##.. .#####. ##...##
##...## ..##... ...##.. .....## .#..##. .....## ##...## ...##.. ##...## .######
##...## ..##... ..##... .....## ##..##. .....## ##...## ..##... ##...## .....##
##...## ..##... ..##... .....## ####### .....## ##...## ..##... ##...## .....##
##...## ..##... .##.... .....## ....##. .....## ##...## .##.... ##...## .....##
##...## ..##... ##..... ##...## ....##. ##...## ##...## .##.... ##...## ....##.
.#####. .####.. ####### .#####. ....##. .#####. .#####. .##.... .#####. .####..
"""

_LAYERS = ("C1", "S2", "C3", "S4", "C5", "F6", "output")


def drawings() -> np.ndarray:
    """Return the drawn digits that the output layer compares with: `(10, 12, 7)`, -1 and 1."""
    rows = [line.split() for line in _DRAWN.split("\n") if line]
    pictures = [[list(row[digit]) for row in rows] for digit in range(10)]
    return np.where(np.array(pictures) == "#", 1.0, -1.0).astype(np.float32)


def lenet_5(seed: int = 0) -> keras.Model:
    """Return LeNet-5, untrained: 60,000 parameters, as published.

    LeCun, Bottou, Bengio and Haffner (1998), 'Gradient-based learning applied to document
    recognition', section II.B, with its squashing function, its subsampling with two learned
    numbers a map, its incomplete third layer, and its output that measures the distance to drawn
    digits.

    Parameters
    ----------
    seed
        Of the random weights.

    Returns
    -------
    A Keras model from `(n, 32, 32, 1)` pixels, 0 for paper to 255 for ink, to `(n, 10)` scores:
    minus the squared distances. Their softmax are probabilities.

    """
    must_be_whole("seed", seed, 0, HIGHEST_SEED - 3)
    from tlcourse.quiet import start_tensorflow

    start_tensorflow()
    import keras
    from keras import layers

    from tlcourse.experiments.lenet_layers import (
        DistanceToDrawings,
        PartialConvolution,
        Subsampling,
        spread,
        squash,
    )

    return keras.Sequential(
        [
            keras.Input((PAPER, PAPER, 1)),
            layers.Rescaling(1.275 / 255, -0.1, name="scale"),  # paper -0.1, ink 1.175
            layers.Conv2D(6, 5, activation=squash, kernel_initializer=spread(25, seed), name="C1"),
            Subsampling(name="S2"),
            PartialConvolution(TAKES, seed=seed + 1, name="C3"),
            Subsampling(name="S4"),
            layers.Conv2D(
                120, 5, activation=squash, kernel_initializer=spread(400, seed + 2), name="C5"
            ),
            layers.Flatten(name="row"),
            layers.Dense(
                84, activation=squash, kernel_initializer=spread(120, seed + 3), name="F6"
            ),
            DistanceToDrawings(drawings().reshape(10, -1), name="output"),
        ],
        name="lenet_5",
    )


def lenet_today(seed: int = 0) -> keras.Model:
    """Return LeNet's plan with the parts of today: 61,706 parameters.

    Plain means instead of learned subsampling, every map of the third layer looks at all six before
    it, and scores come from a dense layer instead of from drawings.

    Parameters
    ----------
    seed
        Of the random weights.

    Returns
    -------
    A Keras model from `(n, 32, 32, 1)` pixels, 0 for paper to 255 for ink, to `(n, 10)` scores.

    """
    from tlcourse.quiet import start_tensorflow

    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    start_tensorflow()
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((PAPER, PAPER, 1)),
            layers.Rescaling(1.275 / 255, -0.1, name="scale"),
            layers.Conv2D(6, 5, activation="tanh", name="C1"),
            layers.AveragePooling2D(2, name="S2"),
            layers.Conv2D(16, 5, activation="tanh", name="C3"),
            layers.AveragePooling2D(2, name="S4"),
            layers.Conv2D(120, 5, activation="tanh", name="C5"),
            layers.Flatten(name="row"),
            layers.Dense(84, activation="tanh", name="F6"),
            layers.Dense(10, name="output"),
        ],
        name="lenet_today",
    )


class LeNetLayer(NamedTuple):
    """A layer of LeNet-5, counted as the paper counts.

    Attributes
    ----------
    name : str
        As in the paper.
    shape : tuple of int
        Of its output.
    parameters : int
        Learned numbers.
    connections : int
        Lines that would have to be drawn: an output value has one from each value that it looks at,
        and one from its bias.

    """

    name: str
    shape: tuple[int, ...]
    parameters: int
    connections: int


@dataclass(frozen=True, repr=False)
class LeNetCount:
    """The layers of LeNet-5, counted; shows as a table."""

    layers: tuple[LeNetLayer, ...]

    @property
    def parameters(self) -> int:
        """All learned numbers: 60,000 in the paper."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def connections(self) -> int:
        """All connections: 340,908 in the paper."""
        return sum(layer.connections for layer in self.layers)

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        rows = [["layer", "output", "parameters", "connections"]]
        for name, shape, parameters, connections in self.layers:
            rows.append([name, " × ".join(map(str, shape)), f"{parameters:,}", f"{connections:,}"])
        rows.append(["all", "", f"{self.parameters:,}", f"{self.connections:,}"])
        return "LeNet-5, layer by layer", rows, []

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())


def count_lenet(network: keras.Model) -> LeNetCount:
    """Count parameters and connections of `lenet_5()`, as section II.B of the paper does."""
    counted = []
    for name in _LAYERS:
        layer = network.get_layer(name)
        shape = tuple(layer.output.shape[1:])
        values = int(np.prod(shape))
        if name == "output":  # distances have no biases
            connections = int(layer.drawings.size)
        elif name.startswith("S"):  # four values, and the bias
            connections = 5 * values
        else:  # the learned numbers are used at every place
            connections = layer.count_params() * int(np.prod(shape[:-1]))
        counted.append(LeNetLayer(name, shape, layer.count_params(), connections))
    return LeNetCount(tuple(counted))


def on_lenets_paper(
    images: ImageSet, *, anywhere: bool = False, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return digits as LeNet-5 takes them: enlarged to 20 × 20, on 32 × 32 pixels of paper.

    Parameters
    ----------
    images
        Bright digits on dark, all of one size.
    anywhere
        Whether each lies at a place drawn at random, instead of in the middle.
    seed
        Of the places.

    Returns
    -------
    pixels
        `(n, 32, 32, 1)` float32, 0 to 255.
    labels
        `(n,)` int64.

    Raises
    ------
    DataError
        When the pictures are not all of one size, or there is none.

    """
    from PIL import Image

    pixels, labels = pixels_and_labels(images)
    random = np.random.default_rng(seed)
    room = PAPER - DIGIT
    paper = np.zeros((len(pixels), PAPER, PAPER, 1), np.float32)
    for sheet, digit in zip(paper, pixels, strict=True):
        drawn = Image.fromarray(digit[..., 0]).resize((DIGIT, DIGIT), Image.Resampling.BICUBIC)
        top, left = random.integers(0, room + 1, 2) if anywhere else (room // 2, room // 2)
        # Between pixels, bicubic curves swing beyond the values that they join.
        sheet[top : top + DIGIT, left : left + DIGIT, 0] = np.clip(np.asarray(drawn), 0, 255)
    return paper, labels
