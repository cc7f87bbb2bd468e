"""Rounding weights to eight bits shifts a layer's outputs; their biases shift them back.

Among the few weights of a depthwise filter rounding errors do not cancel, and after ReLU all inputs
are positive, so that the errors add up to a shift of the mean. It is measured on pictures, layer by
layer, and taken out of the bias (Nagel et al. 2019, 'Data-free quantization through weight
equalization and bias correction', section 4.2, the variant with data).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.messages import progress

if TYPE_CHECKING:
    import keras

_BATCH = 8
_STEPS = 127
"""Of a weight's absolute value: symmetric eight bits, without -128."""


def correct_biases(model: keras.Model, pictures: np.ndarray) -> None:
    """Shift biases so that rounding the kernels to eight bits keeps each channel's mean.

    Works in place; hand over a copy. Kernels are not changed: the converter rounds them. A
    convolution without a bias is corrected in the batch normalisation that follows it.

    Parameters
    ----------
    model
        From `(n, height, width, 3)` uint8 pictures on; layers may be nested.
    pictures
        `(n, height, width, 3)` uint8, a few dozen of the kind that the model is for.

    """
    import keras

    kinds = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)
    watched = [layer for layer in flat_layers(model) if type(layer) in kinds]
    norms = [x for x in flat_layers(model) if isinstance(x, keras.layers.BatchNormalization)]
    watch = _Watch()
    try:
        for layer in watched:
            layer.call = watch.convolution(layer, _rounding_error(layer))
        for layer in norms:
            layer.call = watch.norm(layer)
        starts = range(0, len(pictures), _BATCH)
        for start in progress(starts, what="measuring rounding errors", unit="batch"):
            model(pictures[start : start + _BATCH], training=False)
            watch.made.clear()
    finally:
        for layer in (*watched, *norms):
            vars(layer).pop("call", None)
    for layer in watched:
        if layer.name not in watch.sums:
            continue
        shift = (watch.sums[layer.name] / watch.counts[layer.name]).astype(np.float32)
        if layer.use_bias:
            layer.bias.assign(layer.bias.numpy() - shift)
        elif (norm := watch.followed_by.get(layer.name)) is not None:
            norm.moving_mean.assign(norm.moving_mean.numpy() + shift)


class _Watch:
    """What was seen while pictures ran through: sums of shifts, and who follows whom."""

    def __init__(self) -> None:
        self.sums: dict[str, Any] = {}
        self.counts: dict[str, int] = {}
        self.followed_by: dict[str, Any] = {}
        self.made: dict[int, tuple[str, Any]] = {}
        """By the id of a layer's output: its name, and the output, which keeps the id its own."""

    def convolution(self, layer: Any, error: np.ndarray) -> Any:
        import keras

        depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
        convolve = keras.ops.depthwise_conv if depthwise else keras.ops.conv
        call = layer.call

        def watched(inputs: Any, *args: Any, **kwargs: Any) -> Any:
            outputs = call(inputs, *args, **kwargs)
            shifts = convolve(
                inputs, error, layer.strides, layer.padding, layer.data_format, layer.dilation_rate
            )
            channels = shifts.shape[-1]
            shifts = np.asarray(shifts, np.float64).reshape(-1, channels)
            self.sums[layer.name] = self.sums.get(layer.name, 0) + shifts.sum(axis=0)
            self.counts[layer.name] = self.counts.get(layer.name, 0) + len(shifts)
            self.made[id(outputs)] = layer.name, outputs
            return outputs

        return watched

    def norm(self, layer: Any) -> Any:
        call = layer.call

        def watched(inputs: Any, *args: Any, **kwargs: Any) -> Any:
            if id(inputs) in self.made:
                self.followed_by[self.made[id(inputs)][0]] = layer
            return call(inputs, *args, **kwargs)

        return watched


def flat_layers(model: keras.Model) -> Iterator[Any]:
    """Yield all layers of a model, those of nested models too."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from flat_layers(layer)
        else:
            yield layer


def _rounding_error(layer: Any) -> np.ndarray:
    """Return what eight bits, one scale for each output channel, change in a kernel."""
    import keras

    kernel = layer.kernel.numpy()
    depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
    within = (0, 1) if depthwise else (0, 1, 2)
    scale = np.abs(kernel).max(axis=within, keepdims=True) / _STEPS
    scale = np.where(scale == 0, 1, scale)
    return (np.round(kernel / scale) * scale - kernel).astype(np.float32)
