"""A network small enough to be opened up: two convolutions and a head, for the digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tlcourse.data import ImageSet, open_picture
from tlcourse.data.tables import counted
from tlcourse.errors import HIGHEST_SEED, DataError, must_be, must_be_whole
from tlcourse.evaluation import Report, judge
from tlcourse.figures import PALETTE, Figure, drawing, finish

if TYPE_CHECKING:
    import keras


def small_network(side: int = 8, *, seed: int = 0) -> keras.Model:
    """Return an untrained network for grey digits: 6,090 parameters at 8 × 8 pixels.

    Scaling to 0..1, twice a convolution of 3 × 3 with ReLU and a pooling of 2 × 2, and one dense
    layer with softmax: LeNet's plan (LeCun, Bottou, Bengio and Haffner 1998, 'Gradient-based
    learning applied to document recognition'), made smaller, with the parts of today.

    Parameters
    ----------
    side
        Height and width of the pictures in pixels, from 4 on.
    seed
        Of the random weights.

    Returns
    -------
    A Keras model from `(n, side, side, 1)` pixels, 0 to 255, to `(n, 10)` probabilities.

    """
    from tlcourse.quiet import start_tensorflow

    must_be_whole("side", side, 4, 512)
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    start_tensorflow()
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((side, side, 1)),
            layers.Rescaling(1 / 255, name="scale"),
            layers.Conv2D(16, 3, padding="same", activation="relu", name="conv_1"),
            layers.MaxPooling2D(name="pool_1"),
            layers.Conv2D(32, 3, padding="same", activation="relu", name="conv_2"),
            layers.MaxPooling2D(name="pool_2"),
            layers.Flatten(name="flat"),
            layers.Dense(10, activation="softmax", name="answer"),
        ],
        name="small_network",
    )


def pixels_and_labels(images: ImageSet) -> tuple[np.ndarray, np.ndarray]:
    """Return all pictures of a set as one array, in grey, for a network that is trained by hand.

    Returns
    -------
    pixels
        `(n, height, width, 1)` float32, 0 to 255.
    labels
        `(n,)` int64.

    Raises
    ------
    DataError
        When there is no picture, or they are not all of one size.
    PictureError
        When one cannot be read.

    """
    must_be("images", images, ImageSet, 'Write tl.load_dataset("digits"), for example.')
    opened = [open_picture(path).mean(axis=2, dtype=np.float32) for path in images.paths]
    sizes = sorted({pixels.shape for pixels in opened})
    if len(sizes) != 1:
        raise DataError(
            "These pictures do not fit into one array.",
            expected="pictures, all of one size",
            received=f"{len(opened):,} pictures of {len(sizes):,} sizes: {sizes[:5]}",
            todo="A backbone of the course takes any size: tl.extract_features(backbone, images).",
        )
    return np.stack(opened)[..., np.newaxis], images.labels


def judge_network(network: keras.Model, images: ImageSet) -> Report:
    """Judge a Keras network that names grey pictures of its input's size.

    Parameters
    ----------
    network
        From `(n, height, width, 1)` pixels, 0 to 255, to `(n, classes)` probabilities.
    images
        Pictures that it has not learned from.

    Returns
    -------
    A `Report`, as `tl.evaluate` returns it.

    Raises
    ------
    DataError
        As `pixels_and_labels` does.

    """
    pixels, labels = pixels_and_labels(images)
    probabilities = network.predict(pixels, verbose=0)
    return judge(probabilities, labels, images.class_names, images.paths)


def show_training(fitted: keras.callbacks.History, *, before: float | None = None) -> Figure:
    """Draw loss and accuracy against the epochs of a training by Keras.

    Parameters
    ----------
    fitted
        What `network.fit` returned, of a network that was compiled with the metric `"accuracy"`.
    before
        The loss before the first epoch, where it was measured.

    Returns
    -------
    A `Figure`. A dashed line marks the loss of a network that gives every class the same
    probability, log(classes): above it a network is worse than one that knows nothing.

    """
    noted = fitted.history
    classes = fitted.model.output_shape[-1]
    with drawing(8.0, 3.2) as canvas:
        left, right = canvas.subplots(1, 2)
        for axes, name in ((left, "loss"), (right, "accuracy")):
            for key, label, colour, marker in (
                (name, "training", PALETTE[0], "o"),
                (f"val_{name}", "held out", PALETTE[5], "s"),
            ):
                if key in noted:
                    epochs = range(1, len(noted[key]) + 1)
                    axes.plot(epochs, noted[key], c=colour, marker=marker, ms=4, label=label)
            axes.set(xlabel="epoch", title=name if name == "accuracy" else "cross-entropy loss")
            axes.xaxis.get_major_locator().set_params(integer=True)
        if before is not None:
            left.plot([0], [before], "D", c=PALETTE[2], ms=6, label="before training")
        left.axhline(np.log(classes), c="0.4", ls="--", lw=1, label=f"log {classes}: no idea")
        if (
            min(noted["loss"]) < np.log(classes) / 10
        ):  # on a plain axis the end would be a flat line
            left.set_yscale("log")
            left.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        else:
            left.set_ylim(bottom=0)
        right.set_ylim(0, 1.03)
        right.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        left.legend()
        return finish(canvas, _in_words(noted, classes, before))


def _in_words(noted: dict[str, list[float]], classes: int, before: float | None) -> str:
    last = len(noted["loss"])
    words = f"Loss and accuracy over {counted(last, 'epoch')}. "
    words += "" if before is None else f"Loss before training {before:.2f}. "
    words += f"Training loss from {noted['loss'][0]:.3g} in the first epoch to "
    words += f"{noted['loss'][-1]:.3g} in the last, accuracy {noted['accuracy'][-1]:.1%}"
    if "val_accuracy" in noted:
        words += f"; on pictures held out {noted['val_accuracy'][-1]:.1%}"
    return words + f". The loss of knowing nothing is log {classes} = {np.log(classes):.2f}."
