"""A network small enough to be trained in a test, with all that makes networks difficult."""

from __future__ import annotations

import numpy as np

from tlcourse.backbones import Backbone, Provenance
from tlcourse.backbones.preprocessing import SYMMETRIC

SIDE = 32
CHANNELS = 16


def tiny_backbone(seed: int = 0, *, dropout: float = 0.2) -> Backbone:
    """Return a residual network of three blocks with BatchNorm and dropout, on random weights."""
    from tlcourse.quiet import start_tensorflow

    start_tensorflow()
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)

    def convolve(x, name, channels, stride=1):
        x = layers.Conv2D(channels, 3, stride, padding="same", name=f"{name}_conv")(x)
        return layers.BatchNormalization(name=f"{name}_bn")(x)

    pixels = layers.Input((SIDE, SIDE, 3))
    x = layers.ReLU(name="block1_relu")(convolve(pixels, "block1", 8, 2))
    for number in (2, 3):
        shortcut = layers.Conv2D(CHANNELS, 1, 2, name=f"block{number}_shortcut_conv")(x)
        x = layers.ReLU(name=f"block{number}_relu")(convolve(x, f"block{number}_a", CHANNELS, 2))
        x = convolve(x, f"block{number}_b", CHANNELS)
        x = layers.Dropout(dropout, name=f"block{number}_dropout")(x)
        x = layers.Add(name=f"block{number}_add")([shortcut, x])
    network = keras.Model(pixels, x, name="tiny")
    random = np.random.default_rng(seed)
    for layer in network.layers:  # statistics that are not those of a new layer
        if isinstance(layer, layers.BatchNormalization):
            gamma, beta, mean, variance = layer.get_weights()
            layer.set_weights([
                gamma, beta, random.normal(0, 0.1, mean.shape),
                random.uniform(0.5, 1.5, variance.shape),
            ])  # fmt: skip
    provenance = Provenance("random", "random numbers", "not checked", "none", "none")
    return Backbone("tiny", network, preprocessing=SYMMETRIC, provenance=provenance)


def weights_of(model) -> list[np.ndarray]:
    """Return copies of all weights."""
    return [np.array(weight) for weight in model.get_weights()]


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    """Tell whether arrays are equal, bit by bit."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
