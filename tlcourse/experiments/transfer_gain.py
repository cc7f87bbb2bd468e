"""What pre-training is worth: accuracy against the number of pictures per class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.augmentation import Augmentation
from tlcourse.data import ImageSet, open_picture
from tlcourse.data.tables import as_html, as_text, counted
from tlcourse.errors import ArgumentError, DataError, must_be, must_be_whole
from tlcourse.experiments.quadrants import few_of_each
from tlcourse.features import FeatureTable
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.messages import progress
from tlcourse.training.fitting import fit_head

if TYPE_CHECKING:
    import keras

SCRATCH = "small network from scratch"
SIDE = 96
"""Pixels: small enough for a laptop, and the best of 64, 96 and 128 for the small network."""

STEPS = 1200
_BATCH = 32
_BETWEEN_LOOKS, _PATIENCE = 30, 12
"""Steps between two looks at the validation pictures; so many looks without a gain end it."""

_RATE = 1e-3
_MARKERS = "osD^v"


@dataclass(frozen=True, eq=False, repr=False)
class TransferGain:
    """Accuracy by network and number of pictures learned from; shows as a table.

    Attributes
    ----------
    accuracies : dict
        From a network's name to a dictionary: pictures per class, to a tuple with the accuracy on
        the test pictures, 0..1, of each draw of the pictures to learn from.
    n_test : int
        Number of test pictures, the same for all.
    n_classes : int

    """

    accuracies: dict[str, dict[int, tuple[float, ...]]]
    n_test: int
    n_classes: int

    @property
    def counts(self) -> tuple[int, ...]:
        """Pictures per class, as measured."""
        return tuple(next(iter(self.accuracies.values())))

    def mean(self, network: str, count: int) -> float:
        """Return the mean accuracy of a network over the draws with so many pictures a class."""
        return float(np.mean(self.accuracies[network][count]))

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        head = ["pictures per class", *self.accuracies]
        rows = [
            [str(count), *(_mean_and_spread(found[count]) for found in self.accuracies.values())]
            for count in self.counts
        ]
        draws = ", ".join(
            f"{name}: {counted(len(found[self.counts[0]]), 'draw')}"
            for name, found in self.accuracies.items()
        )
        notes = [f"The mean over draws of the pictures to learn from ({draws}); in brackets the "
                 "standard deviation."]  # fmt: skip
        return f"Accuracy on the same {self.n_test:,} test pictures", [head, *rows], notes

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())

    def draw(self) -> Figure:
        """Draw accuracy against pictures per class; a band is a standard deviation up and down."""
        with drawing(7.2, 4.2) as canvas:
            axes = canvas.add_subplot()
            for number, (name, found) in enumerate(self.accuracies.items()):
                colour = PALETTE[number % len(PALETTE)]
                means = np.array([np.mean(found[count]) for count in self.counts])
                spread = np.array([np.std(found[count]) for count in self.counts])
                low, high = means - spread, means + spread
                axes.fill_between(self.counts, low, high, color=colour, alpha=0.2, lw=0)
                marker = _MARKERS[number % len(_MARKERS)]
                axes.plot(self.counts, means, marker=marker, color=colour, label=name)
            chance = 1 / self.n_classes
            axes.axhline(chance, c="0.5", ls="--", lw=1, label=f"guessing: {chance:.0%}")
            axes.set_xscale("log", base=2)
            axes.set_xticks(self.counts, [str(count) for count in self.counts])
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
            axes.set(xlabel="pictures per class to learn from", ylabel="accuracy on the test")
            axes.set_ylim(0, 1)
            axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
            return finish(canvas, self._in_words())

    def _in_words(self) -> str:
        told = "; ".join(
            f"{name}: " + ", ".join(f"{self.mean(name, count):.0%}" for count in self.counts)
            for name in self.accuracies
        )
        listed = ", ".join(str(count) for count in self.counts)
        return f"Accuracy with {listed} pictures per class to learn from. {told}."


def measure_transfer_gain(
    images: ImageSet,
    tables: Mapping[str, FeatureTable],
    *,
    counts: Sequence[int] = (1, 2, 4, 8, 16, 32),
    draws: int = 5,
    scratch_draws: int | None = None,
    side: int = SIDE,
    steps: int = STEPS,
) -> TransferGain:
    """Train heads on frozen networks, and a small network from scratch, on ever more pictures.

    All learn from the same pictures, drawn at random and spread over the groups where there are
    groups, and are judged on the same test. The network from scratch has its fair chance: it is
    small enough for few pictures, normalises its batches, sees changed pictures in every pass,
    chooses its step on the validation pictures, and trains until that no longer helps. The frozen
    networks do not look at the validation pictures.

    Parameters
    ----------
    images
        A set with the parts "train", "validation" and "test".
    tables
        From a network's name, as it is shown, to its features of these pictures.
    counts
        Pictures per class, ascending.
    draws
        How often the pictures are drawn for each count, with the seeds 0, 1, 2 …
    scratch_draws
        How many of these draws the network from scratch learns from too; None: all. Training it
        takes nearly all of the time.
    side
        Height and width in pixels of what the network from scratch sees, 32 to 224.
    steps
        How many batches of 32 it is trained on at most.

    Returns
    -------
    A `TransferGain`.

    Raises
    ------
    ArgumentError
        When a class has fewer training pictures than a count, or a number is out of range.
    DataError
        When a part is missing, or a table lacks some of the pictures.

    """
    must_be("images", images, ImageSet, 'Write tl.load_dataset("fleet"), for example.')
    must_be_whole("draws", draws, 1, 1000)
    scratch_draws = must_be_whole(
        "scratch_draws", draws if scratch_draws is None else scratch_draws, 1, draws
    )
    must_be_whole("side", side, 32, 224)
    must_be_whole("steps", steps, _BETWEEN_LOOKS, 1_000_000)
    if not counts or list(counts) != sorted(set(counts)):
        raise ArgumentError(
            "The argument 'counts' is no list of numbers of pictures.",
            expected="whole numbers in ascending order, each once",
            received=f"counts={list(counts)!r}",
        )
    test = images.test
    accuracies = {
        name: {
            count: tuple(_frozen(images, table, name, count, seed) for seed in range(draws))
            for count in counts
        }
        for name, table in tables.items()
    }
    pixels = {path: open_picture(path, size=(side, side)) for path in _used(images)}
    runs = [(count, seed) for count in counts for seed in range(scratch_draws)]
    found: dict[int, list[float]] = {count: [] for count in counts}
    for count, seed in progress(runs, what="from scratch", unit="run"):
        learned = few_of_each(images.train, count, seed)
        found[count].append(_from_scratch(learned, images.validation, test, pixels, steps, seed))
    accuracies[SCRATCH] = {count: tuple(values) for count, values in found.items()}
    return TransferGain(accuracies, len(test), len(images.class_names))


def _mean_and_spread(values: Sequence[float]) -> str:
    mean = f"{np.mean(values):.1%}"
    return f"{mean} ({np.std(values):.1%})" if len(values) > 1 else mean


def _used(images: ImageSet) -> Iterable[Any]:
    """Return the files of all pictures, with a bar."""
    return progress(images.paths, what="reading pixels")


def _frozen(images: ImageSet, table: FeatureTable, name: str, count: int, seed: int) -> float:
    """Return the accuracy of a softmax head on the features of a frozen network.

    `tl.evaluate` is not asked: it counts how often a test set was used to choose between models,
    and here nothing is chosen.
    """
    learned = few_of_each(images.train, count, seed)
    rows = {path: row for row, path in enumerate(table.paths)}
    if missing := [path for path in (*learned.paths, *images.test.paths) if path not in rows]:
        raise DataError(
            f"The features '{name}' do not cover the pictures.",
            expected="a row for each picture",
            received=f"none for {counted(len(missing), 'picture')}, {missing[0].name} …",
            todo="Extract the features of this very set: tl.extract_features(backbone, images).",
        )
    train, test = (
        table.features[[rows[path] for path in part.paths]] for part in (learned, images.test)
    )
    head = fit_head("gap", train, learned.labels, groups=learned.groups, seed=seed)
    return _accuracy(head(test), images.test.labels)


def _from_scratch(
    learned: ImageSet,
    validation: ImageSet,
    test: ImageSet,
    pixels: Mapping[Any, np.ndarray],
    steps: int,
    seed: int,
) -> float:
    """Return the accuracy of a small network that has learned from a few pictures and no others."""
    from tlcourse.quiet import start_tensorflow

    start_tensorflow()
    import keras

    keras.utils.set_random_seed(seed)
    seen, held_out, judged = (
        np.stack([pixels[path] for path in part.paths]) for part in (learned, validation, test)
    )
    network = scratch_network(len(learned.class_names), seen.shape[1])
    network.compile(keras.optimizers.Adam(_RATE), "sparse_categorical_crossentropy")
    random = np.random.default_rng(seed)
    change = Augmentation(seed=seed)
    best, weights, waited = -1.0, network.get_weights(), 0
    for _ in range(steps // _BETWEEN_LOOKS):
        for _ in range(_BETWEEN_LOOKS):
            batch = random.choice(len(seen), _BATCH)
            network.train_on_batch(change(seen[batch]), learned.labels[batch])
        score = _accuracy(network(held_out, training=False), validation.labels)
        if score > best:
            best, weights, waited = score, network.get_weights(), 0
        else:
            waited += 1
            if waited == _PATIENCE:
                break
    network.set_weights(weights)
    return _accuracy(network(judged, training=False), test.labels)


def scratch_network(classes: int, side: int = SIDE) -> keras.Model:
    """Return an untrained network: seven convolutions in four blocks, 0.42 million parameters.

    Each convolution is followed by batch normalisation (Ioffe and Szegedy 2015) and ReLU, each
    block by pooling, and the last feature map is averaged before the one dense layer.

    Parameters
    ----------
    classes
        How many there are to tell apart.
    side
        Height and width of the pictures in pixels, from 32 on.

    Returns
    -------
    A Keras model from `(n, side, side, 3)` uint8 pixels to `(n, classes)` probabilities.

    """
    import keras
    from keras import layers

    x = pixels = keras.Input((side, side, 3), dtype="uint8")
    x = layers.Rescaling(1 / 127.5, offset=-1)(x)
    x = _block(x, [24], size=5, stride=2)
    for filters in (48, 96, 128):
        x = _block(x, [filters, filters])
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(pixels, layers.Dense(classes, activation="softmax")(x))


def _block(x: Any, filters: Sequence[int], size: int = 3, stride: int = 1) -> Any:
    from keras import layers

    for count in filters:
        x = layers.Conv2D(count, size, strides=stride, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    return layers.MaxPooling2D()(x)


def _accuracy(probabilities: Any, labels: np.ndarray) -> float:
    return float((np.asarray(probabilities).argmax(axis=1) == labels).mean())
