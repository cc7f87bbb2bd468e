"""Maps from gradients: how the score would change if a pixel changed.

The gradient is taken of the score before the last softmax, since probabilities near 0 and 1 hardly
change with anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tlcourse.errors import HIGHEST_SEED, ArgumentError, must_be_whole
from tlcourse.inside.attribution import Attribution, make_attribution
from tlcourse.inside.network import Model, Network, open_network
from tlcourse.inside.targets import BATCH, Weights, find_target, scores_of
from tlcourse.messages import progress

if TYPE_CHECKING:
    from tlcourse.data import PictureSource


def saliency(
    model: Model,
    picture: PictureSource,
    target: int | str | None = None,
    *,
    weights: Weights | None = None,
) -> Attribution:
    """Show which pixels the score would react to most: the size of its gradient.

    At each pixel the largest absolute value over the colours is taken (Simonyan, Vedaldi and
    Zisserman 2014, 'Deep Inside Convolutional Networks: Visualising Image Classification Models and
    Saliency Maps').

    Parameters
    ----------
    model
        A `Backbone`, a `Classifier`, a functional or Sequential Keras model, or a `Network`.
    picture
        Anything that `open_picture` takes (its centre is used), or floats of the network's input
        shape that are ready for it.
    target
        The position or name of a class; None for the likeliest. For a network that ends with
        features, the number of a feature.
    weights
        Other weights for some layers, as for `Network.run`.

    Returns
    -------
    An `Attribution`; its map has values of 0 or more, in score per pixel level.

    Raises
    ------
    ArgumentError
        When there is no such class, or the network has none.
    PictureError
        When the picture cannot be read.

    """
    network = open_network(model)
    pixels = network.pixels(picture)
    aim = find_target(network, pixels, target, weights)
    gradient = score_gradients(network, pixels, aim.index, weights)[0]
    native = np.abs(gradient).max(axis=-1)
    return make_attribution(network, pixels, aim, native, "saliency")


def smooth_grad(
    model: Model,
    picture: PictureSource,
    target: int | str | None = None,
    *,
    samples: int = 32,
    noise: float = 0.15,
    seed: int = 0,
    weights: Weights | None = None,
) -> Attribution:
    """Average the gradient over noisy copies of the picture, which calms the map.

    Smilkov, Thorat, Kim, Viégas and Wattenberg (2017), 'SmoothGrad: removing noise by adding
    noise'. At each pixel the largest absolute value of the averaged gradient over the colours is
    taken.

    Parameters
    ----------
    model, picture, target, weights
        As for `saliency`.
    samples
        How many noisy copies, 1 to 10,000.
    noise
        Standard deviation of the noise, as a share of the range of the picture's values, 0 to 1;
        the paper advises 0.1 to 0.2.
    seed
        Of the noise; the same seed gives the same map.

    Returns
    -------
    An `Attribution`; its map has values of 0 or more.

    Raises
    ------
    ArgumentError
        When a number is out of its range, or there is no such class.
    PictureError
        When the picture cannot be read.

    """
    must_be_whole("samples", samples, 1, 10_000)
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    if not (isinstance(noise, int | float) and 0 <= noise <= 1):
        raise ArgumentError(
            "The argument 'noise' is out of its range.",
            expected="a share of the picture's range, 0 to 1",
            received=f"noise={noise!r}",
        )
    network = open_network(model)
    pixels = network.pixels(picture)
    aim = find_target(network, pixels, target, weights)
    random = np.random.RandomState(seed)
    spread = noise * float(pixels.max() - pixels.min())
    summed = np.zeros(pixels.shape[1:], np.float64)
    with progress(what="SmoothGrad", total=samples, unit="sample") as bar:
        for start in range(0, samples, BATCH):
            count = min(BATCH, samples - start)
            drawn = random.standard_normal((count, *pixels.shape[1:])) * spread
            noisy = pixels + drawn.astype(np.float32)
            summed += score_gradients(network, noisy, aim.index, weights).sum(axis=0)
            bar.update(count)
    native = np.abs(summed / samples).max(axis=-1)
    return make_attribution(network, pixels, aim, native, "smooth_grad")


def integrated_gradients(
    model: Model,
    picture: PictureSource,
    target: int | str | None = None,
    *,
    baseline: PictureSource | None = None,
    steps: int = 64,
    weights: Weights | None = None,
) -> Attribution:
    """Share out the difference of two scores, of the picture and of a baseline, among the pixels.

    The gradient is averaged along the straight line from the baseline to the picture, at the middle
    of each step, and multiplied by what each pixel differs (Sundararajan, Taly and Yan 2017,
    'Axiomatic Attribution for Deep Networks'). With enough steps the map adds up to the difference
    of the scores (completeness); `completeness_gap` tells what is missing.

    Parameters
    ----------
    model, picture, target, weights
        As for `saliency`.
    baseline
        A picture, as for `picture`, that says nothing; None for black, the value 0. What has the
        colour of the baseline can get no share.
    steps
        1 to 10,000.

    Returns
    -------
    An `Attribution`; its map is summed over the colours, negative where a pixel speaks against the
    answer.

    Raises
    ------
    ArgumentError
        When a number is out of its range, or there is no such class.
    PictureError
        When the picture cannot be read.

    """
    must_be_whole("steps", steps, 1, 10_000)
    network = open_network(model)
    pixels = network.pixels(picture)
    start = np.zeros_like(pixels) if baseline is None else network.pixels(baseline)
    aim = find_target(network, pixels, target, weights)
    summed = np.zeros(pixels.shape[1:], np.float64)
    shares = (np.arange(steps, dtype=np.float32) + 0.5) / steps
    with progress(what="integrated gradients", total=steps, unit="step") as bar:
        for first in range(0, steps, BATCH):
            part = shares[first : first + BATCH, None, None, None]
            between = start + part * (pixels - start)
            summed += score_gradients(network, between, aim.index, weights).sum(axis=0)
            bar.update(len(part))
    native = (summed / steps * (pixels - start)[0]).sum(axis=-1)
    from_start = float(np.asarray(scores_of(network, start, aim.index, weights=weights)[0])[0])
    return make_attribution(
        network,
        pixels,
        aim,
        native,
        "integrated_gradients",
        completeness_gap=abs(float(native.sum()) - (aim.score - from_start)),
    )


def score_gradients(
    network: Network, pixels: np.ndarray, index: int, weights: Weights | None = None
) -> np.ndarray:
    """Return the gradients of one column's scores by the pixels, float32 in the pixels' shape."""
    import keras
    import tensorflow as tf

    tensor = keras.ops.convert_to_tensor(pixels)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        scores, _ = scores_of(network, tensor, index, weights=weights)
    gradients = tape.gradient(scores, tensor)
    # A score that does not depend on the pixels has no gradient at all.
    return np.zeros_like(pixels) if gradients is None else np.asarray(gradients, np.float32)
