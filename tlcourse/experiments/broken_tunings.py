"""Fine-tunings in plain Keras that went wrong, for the break-it labs of chapter 6."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.data import ImageSet, Problem, load_pictures
from tlcourse.data.tables import counted
from tlcourse.errors import DataError, must_be, must_be_whole
from tlcourse.experiments.small_networks import show_training
from tlcourse.figures import Figure

if TYPE_CHECKING:
    import keras

    from tlcourse.backbones import Backbone

_HEAD_RATE, _HEAD_EPOCHS = 3e-3, 4
_TUNED_RATE = 1e-4
_TUNED_FROM = ("stage6_block3", "stage6_block4", "stage7", "head")


@dataclass(frozen=True, eq=False, repr=False)
class BrokenTuning:
    """What is handed over of a fine-tuning that disappoints.

    Attributes
    ----------
    model : keras.Model
        From `(n, side, side, 3)` uint8 pixels to `(n, classes)` probabilities, compiled, as it is
        after the training. Its layer `body` is the pre-trained network.
    body_before : list of np.ndarray
        The weights of `body` before the fine-tuning, as its `get_weights` gives them.
    pixels, labels : np.ndarray
        `(n, side, side, 3)` uint8 and `(n,)` int64: what `fit` was given.
    new_pixels, new_labels : np.ndarray
        The same for pictures that were not learned from.
    fitted : keras.callbacks.History
        Loss and accuracy of each epoch of the fine-tuning, as `fit` told them.
    accuracy_before, accuracy : float
        On the new pictures, before and after the fine-tuning, 0..1.

    """

    model: keras.Model
    body_before: list[np.ndarray]
    pixels: np.ndarray
    labels: np.ndarray
    new_pixels: np.ndarray
    new_labels: np.ndarray
    fitted: keras.callbacks.History
    accuracy_before: float
    accuracy: float

    @property
    def body(self) -> keras.Model:
        """The pre-trained network within the model."""
        return self.model.get_layer("body")

    def draw(self) -> Figure:
        """Draw the loss and the accuracy that `fit` told, against the epochs."""
        return show_training(self.fitted)

    def __repr__(self) -> str:
        told = self.fitted.history["accuracy"][-1]
        epochs = counted(len(self.fitted.history["accuracy"]), "epoch")
        return (
            f"Fine-tuned for {epochs} on {len(self.labels):,} pictures: {told:.1%} right, says "
            f"'fit'. On {len(self.new_labels):,} new pictures {self.accuracy:.1%} are right; "
            f"before the fine-tuning it was {self.accuracy_before:.1%}."
        )


def plain_model(backbone: Backbone, classes: int, *, seed: int = 0) -> keras.Model:
    """Return a frozen copy of a network with an untrained softmax head, in plain Keras.

    It is put together as Keras' own guide to transfer learning has it: the body is called with
    `training=False`.

    Parameters
    ----------
    backbone
        From `load_backbone`. It stays as it is.
    classes
        How many answers there are.
    seed
        Of the head's weights.

    Returns
    -------
    A Keras model from uint8 pixels to probabilities, not compiled; its layer `body` is the copy.

    """
    must_be_whole("classes", classes, 2, 100_000)
    import keras

    keras.utils.set_random_seed(seed)
    body = keras.models.clone_model(backbone.network)
    body.name = "body"
    body.set_weights(backbone.network.get_weights())
    body.trainable = False
    pixels = keras.Input((*backbone.input_size, 3), dtype="uint8")
    features = body(backbone.preprocessing.layers(pixels), training=False)
    features = keras.layers.GlobalAveragePooling2D()(features)
    answers = keras.layers.Dense(classes, activation="softmax", name="probabilities")(features)
    return keras.Model(pixels, answers)


def train_plain(
    model: keras.Model,
    pixels: np.ndarray,
    labels: np.ndarray,
    *,
    rate: float,
    epochs: int,
    batch_size: int = 16,
    compile_again: bool = True,
) -> keras.callbacks.History:
    """Train a model as it stands, with Adam and the cross-entropy; return what `fit` tells.

    Parameters
    ----------
    model
        From `plain_model`.
    pixels, labels
        As the attributes of a `BrokenTuning`.
    rate
        The learning rate. Without `compile_again` it is put into the optimiser that is there.
    epochs, batch_size
        Of `fit`.
    compile_again
        Whether to compile first, with a new optimiser.

    """
    import keras

    if compile_again:
        model.compile(
            keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"]
        )
    else:
        model.optimizer.learning_rate.assign(rate)
    return model.fit(pixels, labels, batch_size=batch_size, epochs=epochs, verbose=0)


def first_broken_tuning(
    backbone: Backbone, learn_from: ImageSet, judge_on: ImageSet, *, epochs: int = 2, seed: int = 0
) -> BrokenTuning:
    """Fine-tune in plain Keras with a slip. Do not read on in this file before you have found it.

    Parameters
    ----------
    backbone
        From `load_backbone`; EfficientNet-Lite0.
    learn_from, judge_on
        Pictures of the same classes; all of them are used.
    epochs
        Of the fine-tuning.
    seed
        Of the head's weights and of the order of the pictures.

    Returns
    -------
    A `BrokenTuning`.

    Raises
    ------
    DataError
        When a picture cannot be read.

    """
    return _tune(backbone, learn_from, judge_on, epochs, seed, batch_norm=True, compile_again=True)


def second_broken_tuning(
    backbone: Backbone, learn_from: ImageSet, judge_on: ImageSet, *, epochs: int = 2, seed: int = 0
) -> BrokenTuning:
    """Fine-tune with another slip; arguments and result are those of `first_broken_tuning`."""
    return _tune(
        backbone, learn_from, judge_on, epochs, seed, batch_norm=False, compile_again=False
    )


def thaw(body: keras.Model, *, batch_norm: bool) -> None:
    """Let the upper blocks of EfficientNet-Lite0 learn, with or without their BatchNorm layers."""
    import keras

    body.trainable = True
    for layer in body.layers:
        norm = isinstance(layer, keras.layers.BatchNormalization)
        layer.trainable = layer.name.startswith(_TUNED_FROM) and (batch_norm or not norm)


def _tune(
    backbone: Backbone,
    learn_from: ImageSet,
    judge_on: ImageSet,
    epochs: int,
    seed: int,
    *,
    batch_norm: bool,
    compile_again: bool,
) -> BrokenTuning:
    must_be_whole("epochs", epochs, 1, 1000)
    pixels, labels = _pixels(learn_from, backbone.input_size)
    new_pixels, new_labels = _pixels(judge_on, backbone.input_size)
    model = plain_model(backbone, len(learn_from.class_names), seed=seed)
    train_plain(model, pixels, labels, rate=_HEAD_RATE, epochs=_HEAD_EPOCHS)
    body_before = model.get_layer("body").get_weights()
    accuracy_before = _accuracy(model, new_pixels, new_labels)
    thaw(model.get_layer("body"), batch_norm=batch_norm)
    fitted = train_plain(
        model,
        pixels,
        labels,
        rate=_TUNED_RATE,
        epochs=epochs,
        batch_size=2,
        compile_again=compile_again,
    )
    return BrokenTuning(
        model=model,
        body_before=body_before,
        pixels=pixels,
        labels=labels,
        new_pixels=new_pixels,
        new_labels=new_labels,
        fitted=fitted,
        accuracy_before=accuracy_before,
        accuracy=_accuracy(model, new_pixels, new_labels),
    )


def _pixels(images: ImageSet, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return `(n, height, width, 3)` uint8 pixels and `(n,)` labels."""
    must_be("images", images, ImageSet, 'Write images = tl.load_dataset("fleet") first.')
    rows = []
    for path, pixels in load_pictures(images.paths, size):
        if isinstance(pixels, Problem):
            raise DataError("A picture cannot be read.", received=f"{path}: {pixels.reason}")
        rows.append(pixels)
    if not rows:
        raise DataError("There is no picture.", expected="at least one")
    return np.stack(rows), np.asarray(images.labels)


def _accuracy(model: keras.Model, pixels: np.ndarray, labels: np.ndarray) -> float:
    # Called as it is, for the few pictures there are: `predict` would compile the model once more.
    parts = np.array_split(pixels, max(1, len(pixels) // 32))
    answers = np.concatenate([np.asarray(model(part, training=False)) for part in parts])
    return float((answers.argmax(axis=1) == labels).mean())
