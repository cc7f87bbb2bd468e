"""Which pixels move a unit of a network: the receptive field, measured instead of derived."""

from __future__ import annotations

import numpy as np

from tlcourse.data import PictureSource
from tlcourse.errors import ArgumentError, must_be_whole
from tlcourse.inside import Layer, open_network
from tlcourse.inside.choosing import map_layer
from tlcourse.inside.network import Model

_BATCH = 256


def measure_influence(
    model: Model,
    layer: str | Layer,
    unit: tuple[int, int],
    picture: PictureSource | np.ndarray,
    *,
    change: float = 64.0,
) -> np.ndarray:
    """Change each pixel of a picture, one after the other, and watch one unit of a feature map.

    A pixel is made brighter, or darker where it is bright already. One outside of the unit's
    receptive field changes nothing at all. In deep networks those at its rim change little, because
    few ways lead from them to the unit (Luo, Li, Urtasun and Zemel 2016, 'Understanding the
    effective receptive field in deep convolutional neural networks').

    Parameters
    ----------
    model
        A `Backbone`, a `Classifier`, a Keras model or a `Network`. It runs once for each pixel, so
        that pictures must be small.
    layer
        The name of a layer that answers with a feature map.
    unit
        Row and column in that map.
    picture
        As for `record_activations`.
    change
        By how much a pixel is changed, above 0, on the scale 0 to 255.

    Returns
    -------
    np.ndarray
        `(height, width)` float32: how far the unit's answer moves when that pixel changes, the mean
        over the channels of the layer.

    Raises
    ------
    ArgumentError
        When there is no such layer or unit, or `change` is not above 0.
    PictureError
        When the picture cannot be read.

    """
    network = open_network(model)
    found = map_layer(network, layer)
    if not 0 < change <= 255:
        raise ArgumentError(
            "The argument 'change' is out of range.",
            expected="a number above 0, up to 255",
            received=f"change={change!r}",
        )
    row, column = (
        must_be_whole(name, place, 0, side - 1)
        for name, place, side in zip(("row", "column"), unit, found.shape[:2], strict=True)
    )
    pixels = network.pixels(picture)
    height, width, _ = network.input_shape

    def answers(batch: np.ndarray) -> np.ndarray:
        _, outputs = network.run(batch, [found])
        return np.asarray(outputs[found.name])[:, row, column]

    moves = np.where(pixels[0] + change > 255, -change, change).astype(np.float32)
    influence = np.zeros(height * width, np.float32)
    for start in range(0, len(influence), _BATCH):
        places = np.arange(start, min(start + _BATCH, len(influence)))
        batch = np.repeat(pixels, len(places), axis=0)
        down, across = np.divmod(places, width)
        # In a batch of the same size, or other rounding would look like influence.
        undisturbed = answers(batch)
        batch[np.arange(len(places)), down, across] += moves[down, across]
        influence[places] = np.abs(answers(batch) - undisturbed).mean(axis=1)
    return influence.reshape(height, width)
