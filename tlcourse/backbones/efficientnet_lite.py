"""EfficientNet-Lite0 in Keras, and its genuine weights out of a PyTorch file.

EfficientNet (Tan and Le 2019) found its shape by a search and scales it by one number; the Lite
variants (Liu 2020, TensorFlow blog) leave out squeeze-and-excitation and swap Swish for ReLU6, so
that the network quantises well and runs fast on a phone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import keras


class _Stage(NamedTuple):
    """One row of table 1 in the paper: inverted residual blocks of the same shape."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)
_BATCH_NORM = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}
_STEM_CHANNELS = 32
_HEAD_CHANNELS = 1280

FEATURE_LAYER = "head_relu"
"""The layer whose output is the last feature map, `(height/32, width/32, 1280)`."""


def build_efficientnet_lite0(input_size: tuple[int, int] = (224, 224)) -> keras.Model:
    """Build the network with its 1000-class top and random weights.

    Parameters
    ----------
    input_size
        Height and width in pixels.

    Returns
    -------
    A functional model from `(n, height, width, 3)` float32, preprocessed, to `(n, 1000)`
    probabilities; 4,694,024 parameters with the statistics of its BatchNorm layers.

    """
    import keras

    layers = keras.layers

    def convolve(x, channels: int, name: str, kernel: int = 1, stride: int = 1):  # type: ignore[no-untyped-def]
        x = layers.Conv2D(
            channels, kernel, stride, padding="same", use_bias=False, name=f"{name}_conv"
        )(x)
        return layers.BatchNormalization(epsilon=1e-3, name=f"{name}_bn")(x)

    def inverted_residual(x, stage: _Stage, stride: int, name: str):  # type: ignore[no-untyped-def]
        shortcut, channels = x, x.shape[-1]
        if stage.expansion > 1:
            x = convolve(x, channels * stage.expansion, f"{name}_expand")
            x = layers.ReLU(6.0, name=f"{name}_expand_relu")(x)
        x = layers.DepthwiseConv2D(
            stage.kernel, stride, padding="same", use_bias=False, name=f"{name}_depthwise_conv"
        )(x)
        x = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_depthwise_bn")(x)
        x = layers.ReLU(6.0, name=f"{name}_depthwise_relu")(x)
        x = convolve(x, stage.channels, f"{name}_project")
        if stride == 1 and channels == stage.channels:
            x = layers.Add(name=f"{name}_add")([shortcut, x])
        return x

    pixels = layers.Input((*input_size, 3), name="pixels")
    x = convolve(pixels, _STEM_CHANNELS, "stem", kernel=3, stride=2)
    x = layers.ReLU(6.0, name="stem_relu")(x)
    for number, stage in enumerate(_STAGES, start=1):
        for repeat in range(stage.repeats):
            stride = stage.stride if repeat == 0 else 1
            x = inverted_residual(x, stage, stride, f"stage{number}_block{repeat + 1}")
    x = convolve(x, _HEAD_CHANNELS, "head")
    x = layers.ReLU(6.0, name=FEATURE_LAYER)(x)
    x = layers.GlobalAveragePooling2D(name="average_pool")(x)
    x = layers.Dense(1000, activation="softmax", name="imagenet_top")(x)
    return keras.Model(pixels, x, name="efficientnet_lite0")


def tensors_from_torch(state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Rename and transpose a PyTorch state dictionary to `{"layer/variable": array}`.

    PyTorch lays convolutions out as (out, in, height, width), Keras as (height, width, in, out).
    """
    tensors: dict[str, np.ndarray] = {}

    def batch_norm(source: str, target: str) -> None:
        for theirs, ours in _BATCH_NORM.items():
            tensors[f"{target}/{ours}"] = state[f"{source}.{theirs}"]

    def convolution(source: str, target: str, axes: tuple[int, ...] = (2, 3, 1, 0)) -> None:
        tensors[f"{target}/kernel"] = state[f"{source}.weight"].transpose(axes)

    convolution("_conv_stem", "stem_conv")
    batch_norm("_bn0", "stem_bn")
    block = 0
    for number, stage in enumerate(_STAGES, start=1):
        for repeat in range(stage.repeats):
            source, target = f"_blocks.{block}", f"stage{number}_block{repeat + 1}"
            if stage.expansion > 1:
                convolution(f"{source}._expand_conv", f"{target}_expand_conv")
                batch_norm(f"{source}._bn0", f"{target}_expand_bn")
            convolution(f"{source}._depthwise_conv", f"{target}_depthwise_conv", (2, 3, 0, 1))
            batch_norm(f"{source}._bn1", f"{target}_depthwise_bn")
            convolution(f"{source}._project_conv", f"{target}_project_conv")
            batch_norm(f"{source}._bn2", f"{target}_project_bn")
            block += 1
    convolution("_conv_head", "head_conv")
    batch_norm("_bn1", "head_bn")
    tensors["imagenet_top/kernel"] = state["_fc.weight"].T
    tensors["imagenet_top/bias"] = state["_fc.bias"]
    return {name: np.ascontiguousarray(array, "float32") for name, array in tensors.items()}
