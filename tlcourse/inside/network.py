"""A network opened up: one flat list of layers, however models are nested in each other.

A Keras model that contains another is a graph with a graph in one of its nodes: the inner layers
have no tensors in the outer one, and tools that ask for `layer.output` stop there ('graph
disconnected'). Here the graph is walked instead, node by node and into nested models, and each
layer is called on real tensors. Nothing is rebuilt and no layer gets a second node, so that the
model of the caller stays as it was; gradients flow, since every step is an ordinary operation.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tlcourse.backbones import Backbone
from tlcourse.data import open_picture
from tlcourse.errors import ArgumentError
from tlcourse.quiet import start_tensorflow
from tlcourse.training import Classifier

if TYPE_CHECKING:
    import keras

    from tlcourse.data import PictureSource

Model: TypeAlias = "Backbone | Classifier | keras.Model | Network"
"""What the functions of this room look into."""

Visit: TypeAlias = Callable[["Layer", tuple[Any, ...], dict[str, Any]], Any]
"""Called for each layer with the arguments that it gets; returns its output."""


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


@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """A model and the flat list of its layers, in the order in which they compute.

    Attributes
    ----------
    model : keras.Model
        From pictures to answers. For a `Backbone` and a `Classifier` it takes pixels from 0 to 255.
    layers : tuple of Layer
        Without the inputs.
    class_names : tuple of str or None
        The columns of the answer, where they are known.
    name : str
        For titles.

    """

    model: keras.Model
    layers: tuple[Layer, ...]
    input_shape: tuple[int, int, int]
    class_names: tuple[str, ...] | None
    name: str
    _at: dict[tuple[str, int], Layer] = field(default_factory=dict)

    def layer(self, name: str) -> Layer:
        """Return a layer by its name or its path.

        Raises
        ------
        ArgumentError
            When there is none; the message lists those that there are.

        """
        for layer in self.layers:
            if name in (layer.name, layer.path):
                return layer
        raise ArgumentError(
            f"The network '{self.name}' has no such layer.",
            expected="one of: " + ", ".join(layer.name for layer in self.layers),
            received=repr(name),
        )

    @property
    def maps(self) -> tuple[Layer, ...]:
        """The layers that answer with a feature map of more than one position."""
        return tuple(x for x in self.layers if x.is_map and x.shape[0] * x.shape[1] > 1)

    def class_index(self, name: int | str) -> int:
        """Return the column of a class, given by its position or its name.

        Raises
        ------
        ArgumentError
            When there is no such class; the message lists those that there are.

        """
        count = int(self.model.output_shape[-1])
        if isinstance(name, str) and self.class_names and name in self.class_names:
            return self.class_names.index(name)
        if isinstance(name, int | np.integer) and 0 <= name < count:
            return int(name)
        known = self.class_names or ()
        shown = ", ".join(known[:20]) + (f", … ({count} in all)" if count > 20 else "")
        raise ArgumentError(
            f"The network '{self.name}' has no such class.",
            expected=f"one of: {shown}" if known else f"a whole number from 0 to {count - 1}",
            received=repr(name),
        )

    def pixels(self, picture: PictureSource) -> np.ndarray:
        """Return a picture as the network takes it: `(1, height, width, channels)` float32.

        Files, Pillow images and `uint8` arrays go through `open_picture` and keep the values 0 to
        255. An array of floats is taken for pixels that are ready, and must have the right shape.

        Raises
        ------
        ArgumentError
            When an array of floats has another shape than the network's input.
        PictureError
            When the picture cannot be read.

        """
        height, width, channels = self.input_shape
        if isinstance(picture, np.ndarray) and np.issubdtype(picture.dtype, np.floating):
            if picture.shape != self.input_shape or not np.isfinite(picture).all():
                raise ArgumentError(
                    f"The argument 'picture' does not fit the input of '{self.name}'.",
                    expected=f"{height}x{width}x{channels} finite floats, a file or uint8 pixels",
                    received=f"floats of shape {picture.shape}",
                )
            return picture[None].astype(np.float32)
        opened = open_picture(picture, size=(height, width)).astype(np.float32)
        if channels == 1:
            opened = opened @ np.array([[0.299], [0.587], [0.114]], np.float32)  # ITU-R BT.601
        return opened[None]

    def run(
        self,
        pixels: Any,
        layers: Iterable[Layer | str] = (),
        *,
        weights: Mapping[Layer, Sequence[Any]] | None = None,
        scores: bool = False,
    ) -> tuple[Any, dict[str, Any]]:
        """Compute the answer and what some layers say on the way, in one pass.

        BatchNorm and dropout do what they do at prediction.

        Parameters
        ----------
        pixels
            `(n, height, width, channels)` floats, an array or a tensor; gradients flow back to it.
        layers
            Whose outputs to return.
        weights
            Other weights for some layers, in the order of Keras, for this pass alone.
        scores
            Whether the answer is to be the scores before the last softmax or sigmoid.

        Returns
        -------
        answer
            `(n, classes)`, or whatever the network ends with, as a tensor.
        outputs
            From the name of a layer to its output, a tensor `(n, …)`.

        """
        import keras

        wanted = [x if isinstance(x, Layer) else self.layer(x) for x in layers]
        names = {layer.path: layer.name for layer in wanted}
        last = self.layers[-1]
        outputs: dict[str, Any] = {}

        def visit(layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            if "training" in _arguments(layer.operation):
                kwargs = {**kwargs, "training": False}
            if scores and layer is last and _squashes(layer.operation):
                output = _before_squashing(layer.operation, *args)
            elif weights and layer in weights:
                output = _call_with(layer.operation, weights[layer], args, kwargs)
            else:
                output = layer.operation(*args, **kwargs)
            if layer.path in names:
                outputs[names[layer.path]] = output
            return output

        answer = self.walk(keras.ops.convert_to_tensor(pixels), visit)
        return answer, outputs

    def walk(self, inputs: Any, visit: Visit) -> Any:
        """Go through the graph and call `visit` for each layer; return what the last gives.

        `inputs` may be anything that `visit` understands: tensors, shapes, receptive fields.
        """
        calls: dict[str, int] = {}

        def counted(path: str, _: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            calls[path] = calls.get(path, 0) + 1
            return visit(self._at[path, calls[path]], args, kwargs)

        return _walk(self.model, inputs, counted, "")

    def __repr__(self) -> str:
        size = "x".join(map(str, self.input_shape))
        kinds = sum(layer.parameters > 0 for layer in self.layers)
        return f"Network {self.name}: {size} in, {len(self.layers)} layers, {kinds} with parameters"


def open_network(model: Model) -> Network:
    """Open up a network, to look inside; the model itself is not changed.

    Parameters
    ----------
    model
        A `Backbone` (with its ImageNet top, where that was loaded), a `Classifier`, or a functional
        or Sequential Keras model with one picture as input; other models may be nested in it.

    Raises
    ------
    ArgumentError
        When it is none of these, or a model whose graph is not known.

    """
    if isinstance(model, Network):
        return model
    start_tensorflow()
    import keras

    class_names: tuple[str, ...] | None = None
    if isinstance(model, Classifier):
        class_names, name, opened = model.class_names, "classifier", model.model
    elif isinstance(model, Backbone):
        name, opened = model.name, model.picture_model
        class_names = model.class_names
    elif isinstance(model, keras.Model):
        name, opened = model.name, model
    else:
        raise ArgumentError(
            "The argument 'model' is nothing that can be looked into.",
            expected="a Backbone, a Classifier, or a Keras model",
            received=f"{type(model).__name__}: {model!r}"[:120],
            todo='Load one: model = tl.load_backbone("vgg16").',
        )
    shape = _input_shape(opened, name)
    layers, at = _list_layers(opened, shape)
    return Network(opened, layers, shape, class_names, name, at)


def _input_shape(model: keras.Model, name: str) -> tuple[int, int, int]:
    """Return `(height, width, channels)`, or raise an ArgumentError that says what is missing."""
    import keras

    if not isinstance(model, keras.Sequential) and not _is_graph(model):
        raise ArgumentError(
            f"The model '{name}' is a subclass of keras.Model: its graph is hidden in its code.",
            expected="a functional or Sequential model",
            received=type(model).__name__,
            todo="Build it with keras.Input and keras.Model(inputs, outputs).",
        )
    shapes = [tuple(x.shape) for x in model.inputs or ()]
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


_ANY_SIZE = 224
"""Side in pixels for networks that take any: what most were trained at."""


def _is_graph(model: Any) -> bool:
    import keras

    return isinstance(model, keras.Model) and hasattr(model, "_run_through_graph")


def _walk(
    model: keras.Model, inputs: Any, visit: Callable[[str, Any, tuple, dict], Any], prefix: str
) -> Any:
    """Call `visit(path, operation, args, kwargs)` along the graph, and into nested models."""
    import keras

    def callable_for(operation: Any) -> Callable[..., Any]:
        path = prefix + operation.name

        def call(*args: Any, **kwargs: Any) -> Any:
            if isinstance(operation, keras.Sequential) or _is_graph(operation):
                return _walk(operation, args[0], visit, f"{path}/")
            return visit(path, operation, args, kwargs)

        return call

    if isinstance(model, keras.Sequential):
        for layer in model.layers:
            inputs = callable_for(layer)(inputs)
        return inputs
    # Keras' own way through its graph. It has no public name; `call` does exactly this.
    return model._run_through_graph(inputs, operation_fn=callable_for)


def _list_layers(
    model: keras.Model, shape: tuple[int, int, int]
) -> tuple[tuple[Layer, ...], dict[tuple[str, int], Layer]]:
    """Return the layers, and where each call of each path finds its own."""
    import keras

    met: list[tuple[str, int, Any, tuple[int, ...]]] = []
    calls: dict[str, int] = {}

    def visit(path: str, operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        calls[path] = calls.get(path, 0) + 1
        output = operation.compute_output_spec(*args, **kwargs)
        met.append((path, calls[path], operation, tuple(keras.tree.flatten(output)[0].shape[1:])))
        return output

    start = keras.KerasTensor((1, *shape), dtype=model.inputs[0].dtype)
    _walk(model, start, visit, "")
    # A name belongs to the paths that end in it; more than one path, and it tells nothing.
    owners: dict[str, set[str]] = {}
    for path, *_ in met:
        owners.setdefault(path.rpartition("/")[2], set()).add(path)
    layers, at = [], {}
    for path, call, operation, output_shape in met:
        again = f":{call}" if call > 1 else ""
        name = path.rpartition("/")[2]
        name = path if len(owners[name]) > 1 else name
        count = operation.count_params() if isinstance(operation, keras.Layer) else 0
        layer = Layer(name + again, path + again, operation, output_shape, count)
        layers.append(layer)
        at[path, call] = layer
    return tuple(layers), at


def _arguments(operation: Any) -> Iterable[str]:
    return inspect.signature(operation.call).parameters


def _squashes(operation: Any) -> bool:
    import keras

    if isinstance(operation, keras.layers.Softmax):
        return True
    squashing = (keras.activations.softmax, keras.activations.sigmoid)
    known = (keras.layers.Dense, keras.layers.Activation)
    return isinstance(operation, known) and operation.activation in squashing


def _before_squashing(operation: Any, inputs: Any) -> Any:
    import keras

    if not isinstance(operation, keras.layers.Dense):
        return inputs
    scores = keras.ops.matmul(keras.ops.cast(inputs, operation.kernel.dtype), operation.kernel)
    return scores if operation.bias is None else scores + operation.bias


def _call_with(operation: Any, weights: Sequence[Any], args: Any, kwargs: Any) -> Any:
    """Call a layer with other weights, which it forgets again."""
    values = dict(zip((id(v) for v in operation.weights), weights, strict=True))
    # Seeds of dropout and the like are variables too, but no weights.
    trainable, others = (
        [values.get(id(v), v) for v in variables]
        for variables in (operation.trainable_variables, operation.non_trainable_variables)
    )
    return operation.stateless_call(trainable, others, *args, **kwargs)[0]
