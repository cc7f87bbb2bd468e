"""How each kind of layer changes receptive fields; a kind that is not here is refused.

The rules for windows follow Araujo, Norris and Sim (2019), 'Computing Receptive Fields of
Convolutional Neural Networks', Distill; the paths of a network with branches are united.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tlcourse.inside.fields import (
    Fields,
    Taps,
    as_vector,
    everything,
    same_places,
    through_windows,
    united,
)
from tlcourse.inside.graph import Layer
from tlcourse.inside.windows import axis_of


class UnknownRuleError(Exception):
    """There is no rule for a layer, or for how it is set; says why."""


Rule = Callable[[Layer, tuple[Any, ...], dict[str, Any]], Fields]

# Activations, normalisation by stored numbers, what acts in training only; then operations of one
# tensor; then layers and operations of several.
_NAMES = """
    Activation ReLU LeakyReLU PReLU ELU BatchNormalization Normalization Rescaling Identity
    Dropout SpatialDropout2D AlphaDropout GaussianDropout GaussianNoise ActivityRegularization
    RandomFlip RandomRotation RandomZoom RandomTranslation RandomBrightness RandomContrast
    RandomSaturation RandomHue AugmentationLayer LayerScale

    Relu Relu6 LeakyRelu Elu Selu Gelu Silu Sigmoid HardSigmoid HardSilu Softplus Softsign Tanh
    Absolute Negative Square Sqrt Rsqrt Exp Log Clip Cast

    Add Subtract Multiply Divide TrueDivide Average Maximum Minimum Power CustomScaleLayer
"""
_PLACE_BY_PLACE = frozenset(_NAMES.split())
_ALONG_CHANNELS = (
    "Softmax", "LogSoftmax", "LayerNormalization", "RMSNormalization", "UnitNormalization",
)  # fmt: skip
_EVERYTHING = ("GlobalAveragePooling2D", "GlobalMaxPooling2D", "GroupNormalization")
_OVER_AXES = ("Mean", "Sum", "Max", "Min")


def fields_behind(layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Fields:
    """Return the fields of a layer's output, from those of its inputs.

    Raises
    ------
    UnknownRuleError
        When there is no rule.

    """
    operation = layer.operation
    module = type(operation).__module__
    if not module.startswith(("keras.", "tlcourse.")):
        raise UnknownRuleError(f"the class {module}.{layer.kind} is not one of Keras")
    activation = getattr(operation, "activation", None)
    if not getattr(activation, "__module__", "keras.").startswith("keras."):
        raise UnknownRuleError(f"its activation {activation!r} is not one of Keras")
    if getattr(operation, "data_format", "channels_last") != "channels_last":
        raise UnknownRuleError('its data_format is not "channels_last"')
    rule = _RULES.get(layer.kind)
    if rule is not None:
        return rule(layer, args, kwargs)
    if layer.kind in _PLACE_BY_PLACE:
        return _place_by_place(layer, args, kwargs)
    if layer.kind in _ALONG_CHANNELS:
        _must_be_channels(operation.axis, len(layer.shape))
        return same_places(_only(args, kwargs), layer.shape)
    if layer.kind in _EVERYTHING:
        return everything(_only(args, kwargs), layer.shape)
    if layer.kind in _OVER_AXES:
        return _over_axes(layer, args, kwargs)
    raise UnknownRuleError("there is no rule for this kind of layer")


def _inputs(args: Any, kwargs: Any) -> list[Fields]:
    import keras

    return [x for x in keras.tree.flatten((args, kwargs)) if isinstance(x, Fields)]


def _only(args: Any, kwargs: Any) -> Fields:
    found = _inputs(args, kwargs)
    if len(found) != 1:
        raise UnknownRuleError(f"it has {len(found)} inputs that depend on the picture, not one")
    return found[0]


def _map(args: Any, kwargs: Any) -> Fields:
    fields = _only(args, kwargs)
    if len(fields.shape) != 3:
        raise UnknownRuleError(f"its input of shape {fields.shape} is no feature map")
    return fields


def _place_by_place(layer: Layer, args: Any, kwargs: Any) -> Fields:
    parts = _inputs(args, kwargs)
    if any(len(part.shape) != len(layer.shape) for part in parts):
        raise UnknownRuleError("its inputs have different numbers of axes")
    return united(parts, layer.shape)


def _must_be_channels(axis: Any, axes: int) -> None:
    """Raise unless an axis, or the only one of several, is the last of `axes` and the batch."""
    listed = list(axis) if isinstance(axis, Sequence) else [axis]
    if listed not in ([-1], [axes]):
        raise UnknownRuleError(f"it works along axis {axis}, not along the channels")


def _window(layer: Layer, args: Any, kwargs: Any) -> Fields:
    """Convolutions and pooling: windows of some size, stride, dilation and padding."""
    operation, fields = layer.operation, _map(args, kwargs)
    sizes = getattr(operation, "kernel_size", None) or operation.pool_size
    dilations = getattr(operation, "dilation_rate", 1)
    dilations = (dilations, dilations) if isinstance(dilations, int) else dilations
    rows, columns = (
        _sliding(fields.shape[i], sizes[i], operation.strides[i], operation.padding, dilations[i])
        for i in (0, 1)
    )
    return through_windows(fields, rows, columns, layer.shape[-1])


def _sliding(size: int, kernel: int, stride: int, padding: str, dilation: int) -> Taps:
    axis = axis_of("size", size, kernel, stride, padding, dilation)
    return _taps(kernel, stride, axis.before, axis.outputs, dilation)


def _taps(kernel: int, stride: int, before: int, outputs: int, dilation: int = 1) -> Taps:
    steps = dilation * np.arange(kernel)

    def at(units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        positions = units[:, np.newaxis] * stride - before + steps
        return positions, np.ones_like(positions, bool)

    return Taps(at, outputs, 1, stride)


def _transposed(layer: Layer, args: Any, kwargs: Any) -> Fields:
    operation, fields = layer.operation, _map(args, kwargs)
    if operation.output_padding is not None or set(operation.dilation_rate) != {1}:
        raise UnknownRuleError("its output_padding or dilation_rate is set")

    def taps(axis: int) -> Taps:
        kernel, stride = operation.kernel_size[axis], operation.strides[axis]
        # It undoes, in shape, the convolution whose padding this would be.
        before = max(kernel - stride, 0) // 2 if operation.padding == "same" else 0

        def at(units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            moved = units[:, np.newaxis] + before - np.arange(kernel)
            return moved // stride, moved % stride == 0

        return Taps(at, layer.shape[axis], stride, 1)

    return through_windows(fields, taps(0), taps(1), layer.shape[-1])


def _padded(layer: Layer, args: Any, kwargs: Any) -> Fields:
    return _moved(layer, args, kwargs, layer.operation.padding, 1)


def _cropped(layer: Layer, args: Any, kwargs: Any) -> Fields:
    return _moved(layer, args, kwargs, layer.operation.cropping, -1)


def _moved(layer: Layer, args: Any, kwargs: Any, sides: Any, sign: int) -> Fields:
    fields = _map(args, kwargs)
    rows, columns = (_taps(1, 1, sign * sides[i][0], layer.shape[i]) for i in (0, 1))
    return through_windows(fields, rows, columns, layer.shape[-1])


def _enlarged(layer: Layer, args: Any, kwargs: Any) -> Fields:
    operation, fields = layer.operation, _map(args, kwargs)
    if operation.interpolation not in ("nearest", "bilinear"):
        raise UnknownRuleError(f"its interpolation is {operation.interpolation}")

    def taps(axis: int) -> Taps:
        factor = operation.size[axis]

        def nearest(units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            positions = units[:, np.newaxis] // factor
            return positions, np.ones_like(positions, bool)

        def bilinear(units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            # The centre of a unit lies at (unit + 1/2) / factor - 1/2 in the input.
            left, rest = np.divmod(2 * units + 1 - factor, 2 * factor)
            return np.stack([left, left + 1], 1), np.stack([rest >= 0, rest > 0], 1)

        at = nearest if operation.interpolation == "nearest" else bilinear
        return Taps(at, layer.shape[axis], factor, 1)

    return through_windows(fields, taps(0), taps(1), layer.shape[-1])


def _dense(layer: Layer, args: Any, kwargs: Any) -> Fields:
    fields = _only(args, kwargs)
    return (everything if len(fields.shape) == 1 else same_places)(fields, layer.shape)


def _concatenated(layer: Layer, args: Any, kwargs: Any) -> Fields:
    parts = _inputs(args, kwargs)
    _must_be_channels(layer.operation.axis, len(layer.shape))
    if len(layer.shape) > 1:
        return united(parts, layer.shape)
    joined = united([everything(part, part.shape) for part in parts], layer.shape)
    full = [np.broadcast_to(part.rectangles, (4, *part.shape)) for part in parts]
    return Fields(layer.shape, np.concatenate(full, axis=1), joined.endless)


def _reshaped(layer: Layer, args: Any, kwargs: Any) -> Fields:
    """Flatten and Reshape: into a row, or without moving anything from its place."""
    fields = _only(args, kwargs)
    places = fields.shape[:-1] if len(fields.shape) < 3 else fields.shape[:2]
    one_place = int(np.prod(places)) == 1 and int(np.prod(layer.shape[:-1])) == 1
    if one_place or (len(layer.shape) > 2 and layer.shape[:2] == places):
        return same_places(fields, layer.shape)
    if len(layer.shape) == 1:
        return as_vector(fields, (layer.shape[0],), lambda units: units.reshape(1, -1))
    raise UnknownRuleError(f"it moves units from their places: {fields.shape} to {layer.shape}")


def _item(layer: Layer, args: Any, kwargs: Any) -> Fields:
    """`x[..., 1:3]`: a choice of channels, or of units of a vector."""
    fields, key = _only(args[:1], {}), (args[1] if len(args) > 1 else kwargs["key"])
    if len(fields.shape) == 1 and len(layer.shape) == 1:
        return as_vector(fields, (layer.shape[0],), lambda units: units[key])
    parts = key if isinstance(key, tuple) else (key,)
    before = parts[: parts.index(Ellipsis)] if Ellipsis in parts else parts[:3]
    whole = all(part == slice(None) for part in before)
    if whole and layer.shape[:2] == fields.shape[:2] and len(layer.shape) == len(fields.shape):
        return same_places(fields, layer.shape)
    raise UnknownRuleError(f"it takes a part of the places: {key}")


def _flipped(layer: Layer, args: Any, kwargs: Any) -> Fields:
    _must_be_channels(layer.operation.axis, len(layer.shape))
    return same_places(_only(args, kwargs), layer.shape)


def _over_axes(layer: Layer, args: Any, kwargs: Any) -> Fields:
    fields, axis = _only(args, kwargs), layer.operation.axis
    axes = len(fields.shape) + 1
    over = {x % axes for x in (axis if isinstance(axis, Sequence) else [axis])} if axis else set()
    if (axes == 4 and over >= {1, 2}) or (axes == 2 and over == {1}):
        return everything(fields, layer.shape)
    if axes == 4 and over == {3} and len(layer.shape) == 3:
        return same_places(fields, layer.shape)
    raise UnknownRuleError(f"it works along axis {axis}")


_RULES: dict[str, Rule] = {
    **dict.fromkeys(
        ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "MaxPooling2D", "AveragePooling2D"),
        _window,
    ),
    "Conv2DTranspose": _transposed,
    "ZeroPadding2D": _padded,
    "Cropping2D": _cropped,
    "UpSampling2D": _enlarged,
    "Dense": _dense,
    "Concatenate": _concatenated,
    "Flatten": _reshaped,
    "Reshape": _reshaped,
    "GetItem": _item,
    "Flip": _flipped,
}
