"""Small networks that tests look into."""

from __future__ import annotations

import keras
import numpy as np

L = keras.layers


def small_cnn(size: int = 16, channels: int = 3, name: str = "small") -> keras.Model:
    """Two convolutions, pooling, a head: the smallest network with everything."""
    pixels = keras.Input((size, size, channels), name=f"{name}_pixels")
    x = L.Conv2D(4, 3, padding="same", activation="relu", name="first")(pixels)
    x = L.MaxPooling2D(name="pool")(x)
    x = L.Conv2D(6, 3, padding="same", use_bias=False, name="second")(x)
    x = L.BatchNormalization(name="bn")(x)
    x = L.ReLU(name="relu")(x)
    x = L.GlobalAveragePooling2D(name="average")(x)
    return keras.Model(pixels, L.Dense(3, activation="softmax", name="answer")(x), name=name)


def sequential() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            L.Conv2D(4, 3, name="first"),
            L.ReLU(name="relu"),
            L.Flatten(name="flat"),
            L.Dense(2, activation="sigmoid", name="answer"),
        ],
        name="row",
    )


def nested_two_deep() -> keras.Model:
    """A model in a model in a model, the innermost one called twice."""
    inner_in = keras.Input((8, 8, 4))
    inner_out = L.Conv2D(4, 3, padding="same", name="conv")(inner_in)
    inner = keras.Model(inner_in, L.Dropout(0.5, name="drop")(inner_out), name="inner")
    middle_in = keras.Input((16, 16, 3))
    x = L.Conv2D(4, 3, strides=2, padding="same", name="conv")(middle_in)
    x = inner(x)
    x = L.BatchNormalization(name="bn")(x)
    middle = keras.Model(middle_in, inner(x), name="middle")
    pixels = keras.Input((16, 16, 3))
    x = middle(L.Rescaling(1 / 255, name="scale")(pixels))
    x = L.GlobalAveragePooling2D(name="average")(x)
    return keras.Model(pixels, L.Dense(5, name="answer")(x), name="outer")


def branched() -> keras.Model:
    """Branches that are added and concatenated, an operation with two outputs, a squeeze."""
    pixels = keras.Input((16, 16, 3))
    x = L.Conv2D(8, 3, padding="same", name="stem")(pixels)
    left, right = keras.ops.split(x, 2, axis=-1)
    left = L.Conv2D(4, 5, padding="same", name="wide")(left)
    x = L.Concatenate(name="joined")([left, right])
    s = L.GlobalAveragePooling2D(keepdims=True, name="squeeze")(x)
    x = L.Multiply(name="excited")([x, L.Conv2D(8, 1, activation="sigmoid", name="excite")(s)])
    x = L.Add(name="sum")([x, L.Conv2D(8, 1, name="shortcut")(pixels)])
    return keras.Model(pixels, L.Flatten(name="flat")(x), name="branched")


ALL = {
    "small": small_cnn,
    "sequential": sequential,
    "nested": nested_two_deep,
    "branched": branched,
}


def random_picture(size: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (size, size, 3), np.uint8)


def fine_tuned() -> keras.Model:
    model = small_cnn(name="tuned")
    model.get_layer("first").trainable = False
    model.get_layer("bn").trainable = False
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(np.random.default_rng(0).uniform(0, 255, (8, 16, 16, 3)), np.arange(8) % 3, verbose=0)
    return model


def resnet50() -> keras.Model:
    return keras.applications.ResNet50(weights=None, input_shape=(64, 64, 3), classes=4)


def grey() -> keras.Model:
    return small_cnn(channels=1, name="grey")


MODELS = {f.__name__: f for f in (sequential, nested_two_deep, fine_tuned, resnet50, grey)}
"""Every kind of network that can be looked into, by name."""
