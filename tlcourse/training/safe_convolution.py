"""A copy of a network whose gradients TensorFlow can be trusted with."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def clone_for_training(network: keras.Model) -> keras.Model:
    """Return a copy with the same layers, names and weights, which computes the same.

    Convolutions of 1x1 with a stride, as in the shortcuts of every ResNet, leave pixels out first,
    and go over what is left without a stride. In TensorFlow 2.21 the gradients of the original
    (its oneDNN kernels) corrupt the memory of the process when the size of the batch changes.
    """
    import keras

    def clone(layer: Any) -> Any:
        strided = type(layer) is keras.layers.Conv2D and max(layer.strides) > 1
        if strided and tuple(layer.kernel_size) == (1, 1):
            return _subsampling_convolution().from_config(layer.get_config())
        return layer.__class__.from_config(layer.get_config())

    copy = keras.models.clone_model(network, clone_function=clone)
    copy.set_weights(network.get_weights())
    return copy


@cache
def _subsampling_convolution() -> Any:
    import keras

    class SubsamplingConv2D(keras.layers.Conv2D):
        """A 1x1 convolution with a stride, as a selection of pixels and one without."""

        def convolution_op(self, inputs: Any, kernel: Any) -> Any:
            down, right = self.strides
            return keras.ops.conv(inputs[:, ::down, ::right], kernel, 1, "valid")

    return SubsamplingConv2D
