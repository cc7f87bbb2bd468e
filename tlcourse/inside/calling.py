"""How a layer is called: as at prediction, with other weights, or short of its last squashing."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any


def call(operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a layer as at prediction: BatchNorm with its stored statistics, no dropout."""
    return operation(*args, **_at_prediction(operation, kwargs))


def call_with(
    operation: Any, weights: Sequence[Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call a layer with other weights, in the order of Keras, which it forgets again."""
    values = dict(zip((id(v) for v in operation.weights), weights, strict=True))
    # Seeds of dropout and the like are variables too, but no weights.
    trainable, others = (
        [values.get(id(v), v) for v in variables]
        for variables in (operation.trainable_variables, operation.non_trainable_variables)
    )
    kwargs = _at_prediction(operation, kwargs)
    return operation.stateless_call(trainable, others, *args, **kwargs)[0]


def squashes(operation: Any) -> bool:
    """Tell whether a layer ends in a softmax or sigmoid."""
    import keras

    squashing = (keras.activations.softmax, keras.activations.sigmoid)
    known = (keras.layers.Dense, keras.layers.Activation)
    if isinstance(operation, known):
        return operation.activation in squashing
    # As a layer, or as an operation: keras.ops.softmax(x) in a functional model.
    return type(operation).__name__ in ("Softmax", "Sigmoid")


def before_squashing(operation: Any, inputs: Any, weights: Sequence[Any] | None = None) -> Any:
    """Return what goes into the softmax or sigmoid of a layer for which `squashes` holds."""
    import keras

    if not isinstance(operation, keras.layers.Dense):
        return inputs
    kernel, bias = (*weights, None)[:2] if weights else (operation.kernel, operation.bias)
    scores = keras.ops.matmul(keras.ops.cast(inputs, kernel.dtype), kernel)
    return scores if bias is None else scores + bias


class Held:
    """An output, kept as long as somebody still needs it.

    A walk through the graph holds on to whatever it is given until its end; given these instead of
    tensors, it lets each tensor go after its last use.
    """

    __slots__ = ("uses", "value")

    def __init__(self, value: Any, uses: int) -> None:
        self.value, self.uses = (value if uses else None), uses

    def take(self) -> Any:
        """Return the value, for one of its uses."""
        value = self.value
        self.uses -= 1
        if self.uses == 0:
            self.value = None
        return value


def taken(structure: Any) -> Any:
    """Return arguments with what is held in place of those that hold it."""
    import keras

    def take(x: Any) -> Any:
        return x.take() if isinstance(x, Held) else x

    return keras.tree.map_structure(take, structure)


def held(structure: Any, uses: Sequence[int]) -> Any:
    """Return an output with each of its tensors held for as many uses as given."""
    import keras

    values = keras.tree.flatten(structure)
    kept = [Held(value, count) for value, count in zip(values, uses, strict=True)]
    return keras.tree.pack_sequence_as(structure, kept)


def _at_prediction(operation: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    function: Callable[..., Any] = operation.call
    if "training" in inspect.signature(function).parameters:
        return {**kwargs, "training": False}
    return kwargs
