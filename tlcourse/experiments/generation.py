"""Pictures out of noise: a small diffusion model that writes digits.

A network learns to say which noise was added to a digit. Asked about noise alone, again and again,
it takes a little of it away each time, and a digit is left that nobody has written.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.data.tables import counted
from tlcourse.errors import HIGHEST_SEED, must_be_whole
from tlcourse.experiments.small_networks import pixels_and_labels
from tlcourse.figures import Figure, drawing, finish
from tlcourse.messages import progress

if TYPE_CHECKING:
    import keras

_WIDTH, _BLOCKS, _FREQUENCIES = 192, 2, 16
_BATCH, _RATE = 128, 2e-3
_AT_ONCE = 50
"""Steps of training in one call of the graph."""

_TIMES = 40
_SHOWN = (0.0, 0.4, 0.6, 0.75, 0.88, 1.0)
"""When the pictures are drawn, as shares of the way: most is to be seen late."""


@dataclass(frozen=True, eq=False, repr=False)
class Generated:
    """Digits that a diffusion model made, and what there is to compare them with.

    Attributes
    ----------
    path : np.ndarray
        `(times, n, height, width)` float32, -1 (black) to 1 (white), and beyond where there is
        noise: the pictures from pure noise to the last step.
    asked : np.ndarray
        `(n,)` int64: which digit was asked for.
    nearest : np.ndarray
        `(n, height, width)` float32: for each picture the most similar one that was learned from.
    recognised : float
        The share that a classifier names as asked, 0..1; it has learned from other digits than
        the generator.
    recognised_real : float
        The share of real digits that it names rightly: those that the generator learned from.
    n_learned : int
        How many digits the generator has learned from.
    class_names : tuple of str

    """

    path: np.ndarray
    asked: np.ndarray
    nearest: np.ndarray
    recognised: float
    recognised_real: float
    n_learned: int
    class_names: tuple[str, ...]

    def draw(self) -> Figure:
        """Draw for one picture of each class how it comes out of the noise, and its nearest."""
        first = [int(np.flatnonzero(self.asked == label)[0]) for label in np.unique(self.asked)]
        times = [round(share * (len(self.path) - 1)) for share in _SHOWN]
        rows = [self.path[time][first] for time in times]
        names = ["noise", *(f"step {time}" for time in times[1:]), "nearest\nlearned from"]
        with drawing(0.72 * len(first) + 1.0, 0.72 * (len(rows) + 1.3)) as canvas:
            grid = canvas.subplots(
                len(rows) + 1, len(first), squeeze=False,
                gridspec_kw={"height_ratios": [1] * len(rows) + [1.2]},
            )  # fmt: skip
            for line, name, pictures in zip(grid, names, [*rows, self.nearest[first]], strict=True):
                for axes, picture in zip(line, pictures, strict=True):
                    axes.imshow(picture, cmap="gray", vmin=-1, vmax=1)
                    axes.set_xticks([])
                    axes.set_yticks([])
                    axes.spines[:].set_visible(False)
                line[0].set_ylabel(name, rotation=0, ha="right", va="center")
            for axes, at in zip(grid[0], first, strict=True):
                axes.set_title(self.class_names[self.asked[at]])
            asked = ", ".join(self.class_names[self.asked[at]] for at in first)
            return finish(
                canvas,
                f"Above, noise; below it, step by step, a digit comes out of it, for {asked} one "
                f"each, in {len(self.path) - 1} steps; last, the most similar digit that was "
                "learned from, each of which differs a little.",
            )

    def __repr__(self) -> str:
        return (
            f"{counted(len(self.asked), 'digit')} made by a generator that has learned from "
            f"{self.n_learned:,}. A classifier that learned from others names {self.recognised:.1%}"
            f" as asked; of the real ones {self.recognised_real:.1%}."
        )


def generate_digits(
    images: ImageSet, *, each: int = 20, steps: int = 2000, seed: int = 0
) -> Generated:
    """Train a diffusion model on digits, and let it write some.

    Denoising diffusion (Sohl-Dickstein, Weiss, Maheswaranathan and Ganguli 2015, 'Deep unsupervised
    learning using nonequilibrium thermodynamics'; Ho, Jain and Abbeel 2020, 'Denoising diffusion
    probabilistic models') in its plainest form: a small network of dense layers that is told the
    pixels, how much noise is in them, and which digit it is. It predicts the mixture of noise and
    picture that Salimans and Ho (2022, 'Progressive distillation for fast sampling of diffusion
    models') call v; the noise is taken away by the deterministic steps of Song, Meng and Ermon
    (2021, 'Denoising diffusion implicit models').

    Parameters
    ----------
    images
        A split set of small grey pictures, all of one size. The generator learns from the part
        "train", the classifier that judges it from the part "test".
    each
        How many to make of each class.
    steps
        Batches of 128 to train on, from 50.
    seed
        Of the random weights, the order of the digits, and the noise.

    Returns
    -------
    A `Generated`.

    Raises
    ------
    DataError
        When the set is not split, or the pictures do not fit into one array.

    """
    from tlcourse.quiet import start_tensorflow

    must_be_whole("each", each, 1, 1000)
    must_be_whole("steps", steps, _AT_ONCE, 1_000_000)
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    pixels, labels = pixels_and_labels(images.train)
    others, true = pixels_and_labels(images.test)
    side = pixels.shape[1:3]
    learned, kept_apart = (_flat(each_set) for each_set in (pixels, others))
    classes = len(images.class_names)
    start_tensorflow()
    import keras

    keras.utils.set_random_seed(seed)
    network = _denoiser(learned.shape[1], classes)
    _train(network, learned, labels, steps)
    asked = np.repeat(np.arange(classes), each)
    path = _sample(network, asked, learned.shape[1], np.random.default_rng(seed))
    judge = _judge(kept_apart, true)
    distances = ((path[-1][:, None] - learned[None]) ** 2).sum(axis=2)
    return Generated(
        path=path.reshape(len(path), -1, *side),
        asked=asked,
        nearest=learned[distances.argmin(axis=1)].reshape(-1, *side),
        recognised=float((judge.predict(path[-1]) == asked).mean()),
        recognised_real=float((judge.predict(learned) == labels).mean()),
        n_learned=len(learned),
        class_names=images.class_names,
    )


def _flat(pixels: np.ndarray) -> np.ndarray:
    """Return pictures as rows of float32, -1 to 1."""
    return pixels.reshape(len(pixels), -1) / np.float32(127.5) - 1


def _denoiser(size: int, classes: int) -> keras.Model:
    """Return a network from noisy pixels, time (0 is no noise, 1 nothing else) and class to v."""
    import keras
    from keras import layers

    pixels = keras.Input((size,))
    time = keras.Input((1,))
    label = keras.Input((), dtype="int32")
    waves = time * np.exp(np.linspace(0, 5, _FREQUENCIES, dtype=np.float32))
    told = layers.Concatenate()(
        [keras.ops.sin(waves), keras.ops.cos(waves), layers.Embedding(classes, 32)(label)]
    )
    told = layers.Dense(_WIDTH, activation="silu")(told)
    x = layers.Dense(_WIDTH)(pixels)
    for _ in range(_BLOCKS):
        change = layers.Concatenate()([layers.LayerNormalization()(x), told])
        change = layers.Dense(_WIDTH, activation="silu")(change)
        x = layers.Add()([x, layers.Dense(_WIDTH)(change)])
    return keras.Model([pixels, time, label], layers.Dense(size)(layers.LayerNormalization()(x)))


def _amounts(time: Any) -> tuple[Any, Any]:
    """Return how much picture and how much noise there is; their squares sum to 1."""
    import keras

    return keras.ops.cos(time * np.pi / 2), keras.ops.sin(time * np.pi / 2)


def _train(network: keras.Model, pictures: np.ndarray, labels: np.ndarray, steps: int) -> None:
    import keras
    import tensorflow as tf

    rate = keras.optimizers.schedules.CosineDecay(_RATE, steps, alpha=0.02)
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(network.trainable_variables)
    clean, classes = tf.constant(pictures), tf.constant(labels, tf.int32)

    @tf.function
    def run() -> None:
        for _ in tf.range(_AT_ONCE):
            drawn = tf.random.uniform([_BATCH], 0, len(pictures), tf.int32)
            picture, label = tf.gather(clean, drawn), tf.gather(classes, drawn)
            time = tf.random.uniform([_BATCH, 1])
            much, noisy = _amounts(time)
            noise = tf.random.normal(tf.shape(picture))
            with tf.GradientTape() as tape:
                v = network([much * picture + noisy * noise, time, label], training=True)
                loss = tf.reduce_mean((v - (much * noise - noisy * picture)) ** 2)
            gradients = tape.gradient(loss, network.trainable_variables)
            optimizer.apply(gradients, network.trainable_variables)

    for _ in progress(range(steps // _AT_ONCE), what="learning to take noise away", unit="round"):
        run()


def _sample(
    network: keras.Model, asked: np.ndarray, size: int, random: np.random.Generator
) -> np.ndarray:
    """Return `(times, n, size)`: from noise, step by step, to pictures."""
    import tensorflow as tf

    x = tf.constant(random.normal(size=(len(asked), size)), tf.float32)
    label = tf.constant(asked, tf.int32)
    path = [x]
    times = np.linspace(1, 0, _TIMES + 1, dtype=np.float32)
    for now, then in pairwise(times):
        much, noisy = _amounts(now)
        v = network([x, tf.fill([len(asked), 1], now), label], training=False)
        picture, noise = much * x - noisy * v, noisy * x + much * v
        much, noisy = _amounts(then)
        x = much * picture + noisy * noise
        path.append(x)
    return np.stack([np.asarray(step) for step in path])


def _judge(pictures: np.ndarray, labels: np.ndarray) -> Any:
    """Return a classifier of small pictures: a support vector machine with a Gaussian kernel."""
    from sklearn.svm import SVC

    return SVC().fit(pictures, labels)
