"""Plain against residual networks as depth grows: the experiment of He and others, in small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.data.tables import as_html, as_text, counted
from tlcourse.errors import HIGHEST_SEED, ArgumentError, must_be_whole
from tlcourse.experiments.digit_runs import Training, error_of, steps_of
from tlcourse.experiments.small_networks import pixels_and_labels
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.messages import progress

if TYPE_CHECKING:
    import keras

KINDS = {False: "plain", True: "residual"}
LOOKS = {False: {"c": PALETTE[5], "marker": "s"}, True: {"c": PALETTE[0], "marker": "o"}}
_DEEPEST = 200


def deep_network(
    depth: int,
    *,
    residual: bool,
    side: int = 8,
    channels: int = 1,
    classes: int = 10,
    width: int = 8,
    seed: int = 0,
) -> keras.Model:
    """Return an untrained network of `depth` layers with weights, with or without shortcuts.

    One convolution, then blocks of two, each 3 × 3 with batch normalisation and ReLU, then the mean
    over the picture and one dense layer: the plan that He, Zhang, Ren and Sun (2016, 'Deep residual
    learning for image recognition', section 4.2) used for small pictures, with one width
    throughout. With `residual`, each block adds its input to what it has computed. A shortcut has
    no parameters, so both kinds have equally many.

    Parameters
    ----------
    depth
        Layers with weights, even, 4 to 200.
    residual
        Whether there are shortcuts.
    side, channels
        Of the pictures.
    classes
        How many scores come out.
    width
        Channels of every convolution.
    seed
        Of the random weights; the same for both kinds gives the same weights.

    Returns
    -------
    A Keras model from `(n, side, side, channels)` pixels, 0 to 255, to `(n, classes)` scores before
    softmax.

    Raises
    ------
    ArgumentError
        When the depth is odd, or something is out of range.

    """
    from tlcourse.quiet import start_tensorflow

    must_be_whole("depth", depth, 4, _DEEPEST)
    must_be_whole("width", width, 1, 1024)
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    if depth % 2:
        raise ArgumentError(
            "The blocks have two layers each.", expected="an even depth", received=f"depth={depth}"
        )
    start_tensorflow()
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)

    def convolution(maps: keras.KerasTensor, name: str) -> keras.KerasTensor:
        maps = layers.Conv2D(
            width, 3, padding="same", use_bias=False, kernel_initializer="he_normal", name=name
        )(maps)
        # Keras' 0.99 remembers hundreds of steps: longer than these trainings last.
        return layers.BatchNormalization(momentum=0.9)(maps)

    pixels = keras.Input((side, side, channels))
    maps = layers.ReLU()(convolution(layers.Rescaling(1 / 255)(pixels), "conv_1"))
    for first in range(2, depth, 2):
        inner = layers.ReLU()(convolution(maps, f"conv_{first}"))
        inner = convolution(inner, f"conv_{first + 1}")
        maps = layers.ReLU()(layers.Add()([maps, inner]) if residual else inner)
    scores = layers.Dense(classes, name="scores")(layers.GlobalAveragePooling2D()(maps))
    return keras.Model(pixels, scores, name=f"{KINDS[residual]}_{depth}")


class DepthRun(NamedTuple):
    """One network, trained once.

    Attributes
    ----------
    depth : int
        Layers with weights.
    residual : bool
    seed : int
    parameters : int
    loss : float
        Cross-entropy on the training pictures in the last epoch.
    training_error, test_error : float
        Share of the pictures named wrongly after the training, 0..1.

    """

    depth: int
    residual: bool
    seed: int
    parameters: int
    loss: float
    training_error: float
    test_error: float


@dataclass(frozen=True, repr=False)
class DepthComparison:
    """Plain and residual networks of some depths; shows as a table, and draws as a figure.

    Attributes
    ----------
    runs : tuple of DepthRun
    epochs, n_train, n_test : int

    """

    runs: tuple[DepthRun, ...]
    epochs: int
    n_train: int
    n_test: int

    def errors(self, depth: int, *, residual: bool, test: bool = False) -> list[float]:
        """Return the errors of all seeds for a depth and kind, 0..1."""
        return [
            run.test_error if test else run.training_error
            for run in self.runs
            if (run.depth, run.residual) == (depth, residual)
        ]

    def error(self, depth: int, *, residual: bool, test: bool = False) -> float:
        """Return the mean over the seeds of `errors`.

        Raises
        ------
        ArgumentError
            When there was no such network.

        """
        found = self.errors(depth, residual=residual, test=test)
        if not found:
            raise ArgumentError(
                "No such network was trained.",
                expected="a depth out of " + ", ".join(map(str, self.depths)),
                received=f"depth={depth!r}",
            )
        return float(np.mean(found))

    @property
    def depths(self) -> tuple[int, ...]:
        """The depths that were tried, ascending."""
        return tuple(sorted({run.depth for run in self.runs}))

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        rows = [["layers", "kind", "parameters", "training error", "test error"]]
        for depth in self.depths:
            for residual, kind in KINDS.items():
                parameters = next(run.parameters for run in self.runs if run.depth == depth)
                training, test = (
                    self.error(depth, residual=residual, test=t) for t in (False, True)
                )
                rows.append([str(depth), kind, f"{parameters:,}", f"{training:.1%}", f"{test:.1%}"])
        seeds = len({run.seed for run in self.runs})
        sentence = (
            f"{counted(self.epochs, 'epoch')} on {self.n_train:,} pictures, judged on these and on "
            f"{self.n_test:,} others"
        )
        notes = [f"The mean over {seeds} random starts."] if seeds > 1 else []
        return sentence, rows, notes

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())

    def draw(self) -> Figure:
        """Draw training and test error against depth, for both kinds."""
        with drawing(7.6, 3.4) as canvas:
            panels = canvas.subplots(1, 2, sharey=True)
            for axes, test in zip(panels, (False, True), strict=True):
                for residual, kind in KINDS.items():
                    means = [self.error(d, residual=residual, test=test) for d in self.depths]
                    look = LOOKS[residual]
                    axes.plot(self.depths, means, label=kind, ms=7, **look)
                    for depth in self.depths:
                        single = self.errors(depth, residual=residual, test=test)
                        axes.plot([depth] * len(single), single, ls="", ms=4, alpha=0.4, **look)
                axes.set_xticks(self.depths)
                axes.set(xlabel="layers with weights")
                axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
            panels[0].set(title="on the training pictures", ylabel="named wrongly")
            panels[1].set_title("on the test pictures")
            panels[0].set_ylim(bottom=-0.02)
            panels[0].legend()
            return finish(canvas, as_text(*self._summary()))


def compare_depths(
    images: ImageSet,
    depths: Sequence[int] = (8, 20, 38),
    *,
    epochs: int = 6,
    seeds: Sequence[int] = (0,),
    width: int = 8,
) -> DepthComparison:
    """Train plain and residual networks of some depths in the same way, and judge them.

    Parameters
    ----------
    images
        A split set of pictures of one size; they are looked at in grey.
    depths
        As `deep_network` takes them.
    epochs
        Passes over the training pictures, the same for all.
    seeds
        Each network is trained once from each.
    width
        Channels of every convolution.

    Returns
    -------
    A `DepthComparison`.

    Raises
    ------
    ArgumentError
        When a depth is odd or out of range, or there is none.
    DataError
        When the set is not split, or its pictures are of several sizes.

    """
    if not len(depths) or not len(seeds):
        raise ArgumentError(
            "There is nothing to train.",
            expected="at least one depth and one seed",
            received=f"depths={depths!r}, seeds={seeds!r}",
        )
    train, test = pixels_and_labels(images.train), pixels_and_labels(images.test)
    runs = []
    plans = [(d, residual, s) for d in depths for residual in KINDS for s in seeds]
    for depth, residual, seed in progress(plans, what="Plain and residual", unit="network"):
        network = deep_network(
            depth,
            residual=residual,
            side=train[0].shape[1],
            classes=len(images.class_names),
            width=width,
            seed=seed,
        )
        training = Training(network, steps=steps_of(len(train[0]), epochs))
        learned = training(*train, epochs=epochs, seed=seed)
        runs.append(
            DepthRun(
                depth,
                residual,
                seed,
                network.count_params(),
                float(learned.losses[-1]),
                error_of(network, *train),
                error_of(network, *test),
            )
        )
    return DepthComparison(tuple(runs), epochs, len(train[0]), len(test[0]))
