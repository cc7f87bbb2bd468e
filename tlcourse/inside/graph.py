"""The graph of a Keras model, walked node by node and into the models that are nested in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tlcourse.errors import ArgumentError

if TYPE_CHECKING:
    import keras

Call: TypeAlias = tuple[str, int]
"""A path in the graph, and the how-manieth call of it: 1, 2, …"""

VisitCall: TypeAlias = Callable[[Call, Any, tuple[Any, ...], dict[str, Any]], Any]
VisitPath: TypeAlias = Callable[[str, Any, tuple[Any, ...], dict[str, Any]], Any]
"""Called for each operation with the arguments that it gets; returns its output."""


_ANY_SIZE = 224
"""Side in pixels for networks that take any: what most were trained at."""


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer (or operation) at the place where a network calls it.

    Attributes
    ----------
    name : str
        As in the model, `"block1_conv1"`; where two have the same, with the models around it,
        `"vgg16/block1_conv1"`. A layer that is called again has `":2"` behind its name.
    path : str
        The name with all models around it.
    operation : keras.Operation
        The layer itself.
    shape : tuple of int
        Of its output for one picture: `(height, width, channels)` for a feature map, `(features,)`
        for a vector.
    parameters : int
        How many numbers it has learned or holds.

    """

    name: str
    path: str
    operation: Any
    shape: tuple[int, ...]
    parameters: int

    @property
    def kind(self) -> str:
        """The class of the layer, such as `"Conv2D"`."""
        return type(self.operation).__name__

    @property
    def is_map(self) -> bool:
        """Whether it answers with a feature map `(height, width, channels)`."""
        return len(self.shape) == 3

    @property
    def weights(self) -> list[np.ndarray]:
        """Copies of its weights, in the order of Keras."""
        return [np.asarray(array) for array in getattr(self.operation, "get_weights", list)()]

    def __repr__(self) -> str:
        shape = "x".join(map(str, self.shape))
        return f"Layer {self.name} ({self.kind}): {shape}, {self.parameters:,} parameters"


def is_graph(model: Any) -> bool:
    """Tell whether a model's graph is known: a functional one, and no code of somebody's own."""
    import keras

    return isinstance(model, keras.Model) and hasattr(model, "_run_through_graph")


def walk_graph(model: keras.Model, inputs: Any, visit: VisitPath, prefix: str = "") -> Any:
    """Call `visit(path, operation, args, kwargs)` along the graph, and into nested models."""
    import keras

    def callable_for(operation: Any) -> Callable[..., Any]:
        path = prefix + operation.name

        def call(*args: Any, **kwargs: Any) -> Any:
            if isinstance(operation, keras.Sequential) or is_graph(operation):
                return walk_graph(operation, args[0], visit, f"{path}/")
            return visit(path, operation, args, kwargs)

        return call

    if isinstance(model, keras.Sequential):
        for layer in model.layers:
            inputs = callable_for(layer)(inputs)
        return inputs
    # Keras' own way through its graph. It has no public name; `call` does exactly this.
    return model._run_through_graph(inputs, operation_fn=callable_for)


def input_shape(model: keras.Model, name: str) -> tuple[int, int, int]:
    """Return `(height, width, channels)`, or raise an ArgumentError that says what is missing."""
    import keras

    if not isinstance(model, keras.Sequential) and not is_graph(model):
        raise ArgumentError(
            f"The model '{name}' is a subclass of keras.Model: its graph is hidden in its code.",
            expected="a functional or Sequential model",
            received=type(model).__name__,
            todo="Build it with keras.Input and keras.Model(inputs, outputs).",
        )
    shapes = [tuple(x.shape) for x in getattr(model, "inputs", None) or ()]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][-1] not in (1, 3):
        raise ArgumentError(
            f"The model '{name}' does not take one picture.",
            expected="one input (None, height, width, 3), or with 1 for the last",
            received=", ".join(map(str, shapes)) or "a model that was not built yet",
            todo="Give a Sequential model a keras.Input first, or call model.build(shape).",
        )
    if len(model.outputs) != 1:
        raise ArgumentError(
            f"The model '{name}' has several outputs.",
            expected="one",
            received=f"{len(model.outputs)}",
            todo="Wrap it: keras.Model(model.inputs, model.outputs[0]).",
        )
    height, width, channels = shapes[0][1:]
    return height or _ANY_SIZE, width or _ANY_SIZE, channels


def counted(visit: VisitCall) -> VisitPath:
    """Return a visit for `walk_graph` that calls `visit` with the number of each call as well."""
    calls: Counter[str] = Counter()

    def numbered(path: str, operation: Any, args: tuple, kwargs: dict) -> Any:
        calls[path] += 1
        return visit((path, calls[path]), operation, args, kwargs)

    return numbered


def list_layers(
    model: keras.Model, shape: tuple[int, int, int]
) -> tuple[dict[Call, Layer], dict[Call, tuple[int, ...]]]:
    """Return each call's layer, and how often each of its outputs is used.

    The calls are in the order in which they compute. Nothing is computed: only shapes go through.
    """
    import keras

    met: dict[Call, tuple[Any, list[Any]]] = {}
    uses: Counter[int] = Counter()

    def visit(place: Call, operation: Any, args: tuple, kwargs: dict) -> Any:
        uses.update(map(id, keras.tree.flatten((args, kwargs))))
        output = operation.compute_output_spec(*args, **kwargs)
        met[place] = operation, keras.tree.flatten(output)
        return output

    start = keras.KerasTensor((1, *shape), dtype=model.inputs[0].dtype)
    answer = walk_graph(model, start, counted(visit))
    uses.update(map(id, keras.tree.flatten(answer)))
    # A name belongs to the paths that end in it; more than one path, and it tells nothing.
    owners: dict[str, set[str]] = {}
    for path, _ in met:
        owners.setdefault(path.rpartition("/")[2], set()).add(path)
    layers, used = {}, {}
    for (path, call), (operation, outputs) in met.items():
        again = f":{call}" if call > 1 else ""
        name = path.rpartition("/")[2]
        name = path if len(owners[name]) > 1 else name
        count = operation.count_params() if isinstance(operation, keras.Layer) else 0
        output_shape = tuple(outputs[0].shape[1:])
        layers[path, call] = Layer(name + again, path + again, operation, output_shape, count)
        used[path, call] = tuple(uses[id(x)] for x in outputs)
    return layers, used
