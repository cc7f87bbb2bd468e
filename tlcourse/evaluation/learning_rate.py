"""`find_learning_rate`: the range test, on a model that comes back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.data import ImageSet, Problem, load_pictures
from tlcourse.errors import HIGHEST_SEED, ArgumentError, DataError, must_be, must_be_whole
from tlcourse.evaluation.answers import match_classes
from tlcourse.messages import progress
from tlcourse.training import Classifier

if TYPE_CHECKING:
    import keras

    from tlcourse.figures import Figure

_LOWEST, _HIGHEST = 1e-6, 1.0
_STEPS = 60
_BATCH = 16
_SMOOTHED = 0.8
_DIVERGED = 4.0
_IN_MEMORY = 512
"""Pictures that are drawn and decoded for the test."""


@dataclass(frozen=True, eq=False, repr=False)
class LearningRates:
    """The result of `find_learning_rate`; shows as a sentence, and draws as a figure.

    Attributes
    ----------
    rates, losses : np.ndarray
        `(steps,)`: the rate of each step, and the loss before it.
    smoothed : np.ndarray
        `(steps,)`: the losses as an exponential moving average, which the choice is made on.
    lowest : float
        The rate at which it is lowest: too high already, learning is about to break down.
    steepest : float
        The rate at which the loss falls fastest; on a model that has learned already that is noise.
    diverged : bool
        Whether the test ended because the loss had run away.

    """

    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    lowest: float
    steepest: float
    diverged: bool

    @property
    def suggested(self) -> float:
        """The rate to take: a tenth of that at which the loss is lowest."""
        return self.lowest / 10

    def __repr__(self) -> str:
        return (
            f"Learning rate {self.suggested:.1e}, a tenth of {self.lowest:.1e}, where the loss is "
            f"lowest ({self.smoothed[0]:.2f} at first, {self.smoothed.min():.2f} there); "
            + ("it runs away beyond." if self.diverged else "it does not run away.")
        )

    def draw(self) -> Figure:
        """Draw the loss against the rate."""
        from tlcourse.evaluation.advice_figures import draw_rates

        return draw_rates(self)


def find_learning_rate(
    model: Classifier | keras.Model, data: ImageSet | Any, *, seed: int = 0
) -> LearningRates:
    """Raise the learning rate step by step from 1e-6 to 1, and watch where the loss falls.

    Whatever is trainable in the model learns with Adam for at most 60 batches of 16; BatchNorm
    stays as it is. All weights are put back afterwards, bit by bit, whatever happens.

    Parameters
    ----------
    model
        A classifier, or a Keras model from pictures to probabilities or to scores of classes (which
        of the two is seen from its last layer).
    data
        Pictures with classes (of a split set the part "train"), or a `tf.data.Dataset` of batches
        `(pictures, labels)` with whole numbers for labels.
    seed
        For the order of the pictures.

    Returns
    -------
    A `LearningRates`.

    Raises
    ------
    ArgumentError
        When nothing in the model is trainable, or the kinds are wrong.
    DataError
        When there is no picture, or a class that the classifier does not know.

    References
    ----------
    L. N. Smith (2017). Cyclical learning rates for training neural networks. WACV.

    """
    import keras
    import tensorflow as tf

    must_be("model", model, (Classifier, keras.Model), "Write tl.build_classifier(…) first.")
    must_be("data", data, (ImageSet, tf.data.Dataset), "Write tl.load_images('folder') first.")
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    network = model.model if isinstance(model, Classifier) else model
    if not network.trainable_variables:
        raise ArgumentError(
            "Nothing in this model is trainable, so no learning rate matters.",
            expected="a model with trainable layers",
            received="all layers frozen",
            todo="Unfreeze the head at least: layer.trainable = True.",
        )
    if isinstance(data, ImageSet):
        names = model.class_names if isinstance(model, Classifier) else data.class_names
        batches = _drawn(data, names, network.input_shape[1:3], seed)
    else:
        batches = _repeated(data)
    kept = network.get_weights()
    try:
        rates, losses = _range_test(network, batches)
    finally:
        network.set_weights(kept)
    return _read(rates, losses)


def _drawn(
    images: ImageSet, names: tuple[str, ...], size: tuple[int, int], seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield shuffled batches without end."""
    learned = images if images.splits is None else images.train
    columns = match_classes(names, learned.class_names)
    random = np.random.RandomState(seed)  # the generator whose numbers never change
    chosen = learned[random.permutation(len(learned))[:_IN_MEMORY]]
    loaded = zip(columns[chosen.labels], load_pictures(chosen.paths, size), strict=True)
    read = [(pic, label) for label, (_, pic) in loaded if not isinstance(pic, Problem)]
    if not read:
        raise DataError("There is no picture to learn from.", expected="one at least that opens")
    pixels, labels = np.stack([pic for pic, _ in read]), np.array([label for _, label in read])

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        while True:
            order = random.permutation(len(pixels))
            for start in range(0, len(order), _BATCH):
                part = order[start : start + _BATCH]
                yield pixels[part], labels[part]

    return batches()


def _repeated(dataset: Any) -> Iterator[tuple[Any, Any]]:
    yield from dataset.repeat()


def _range_test(network: keras.Model, batches: Iterator) -> tuple[list[float], list[float]]:
    """Train with rising rates until the loss runs away; return rates and losses."""
    import keras
    import tensorflow as tf

    norms = {
        id(variable)
        for layer in network._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization)
        for variable in layer.variables
    }
    learning = [v for v in network.trainable_variables if id(v) not in norms]
    optimiser = keras.optimizers.Adam(_LOWEST)
    scores = not _ends_in_probabilities(network)

    @tf.function(reduce_retracing=True)
    def step(pictures: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            answers = network(pictures, training=False)
            losses = keras.losses.sparse_categorical_crossentropy(
                labels, answers, from_logits=scores
            )
            loss = tf.reduce_mean(losses)
        optimiser.apply_gradients(zip(tape.gradient(loss, learning), learning, strict=True))
        return loss

    rates: list[float] = []
    losses: list[float] = []
    planned = np.geomspace(_LOWEST, _HIGHEST, _STEPS)
    for rate in progress(planned, what="raising the learning rate", unit="step"):
        optimiser.learning_rate.assign(rate)
        loss = float(step(*next(batches)))
        rates.append(float(rate))
        losses.append(loss)
        if not np.isfinite(loss) or loss > _DIVERGED * max(min(losses), losses[0] / _DIVERGED):
            break
    return rates, losses


def _ends_in_probabilities(network: keras.Model) -> bool:
    """Tell whether the last layer is a softmax."""
    last = network.layers[-1]
    activation = getattr(last, "activation", None)
    return type(last).__name__ == "Softmax" or getattr(activation, "__name__", "") == "softmax"


def _read(rates: list[float], losses: list[float]) -> LearningRates:
    finite = np.isfinite(losses)
    kept_rates, kept = np.array(rates)[finite], np.array(losses)[finite]
    if len(kept) < 3:
        raise DataError(
            "The loss is no number from the start.",
            expected="a model whose loss is finite at a learning rate of 1e-6",
            received=f"{len(kept)} finite losses",
        )
    smoothed, average = np.zeros(len(kept)), 0.0
    for number, loss in enumerate(kept, start=1):
        average = _SMOOTHED * average + (1 - _SMOOTHED) * loss
        smoothed[number - 1] = average / (1 - _SMOOTHED**number)
    lowest = int(smoothed.argmin())
    # Where the loss has run away its slope is no guide: only what lies before the lowest counts.
    slopes = np.gradient(smoothed, np.log(kept_rates))[: max(lowest, 1) + 1]
    diverged = len(rates) < _STEPS or not finite.all()
    return LearningRates(
        kept_rates,
        kept,
        smoothed,
        float(kept_rates[lowest]),
        float(kept_rates[int(slopes.argmin())]),
        diverged,
    )
