"""A network opened up: one flat list of layers, however models are nested in each other.

A Keras model that contains another is a graph with a graph in one of its nodes: the inner layers
have no tensors in the outer one, and tools that ask for `layer.output` stop there ('graph
disconnected'). Here the graph is walked instead, node by node and into nested models, and each
layer is called on real tensors. Nothing is rebuilt and no layer gets a second node, so that the
model of the caller stays as it was; gradients flow, since every step is an ordinary operation.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tlcourse.backbones import Backbone
from tlcourse.data import LabelledPicture, open_picture
from tlcourse.errors import ArgumentError
from tlcourse.inside.calling import Held, before_squashing, call, call_with, held, squashes, taken
from tlcourse.inside.graph import Call, Layer, counted, input_shape, list_layers, walk_graph
from tlcourse.quiet import start_tensorflow
from tlcourse.training import Classifier

if TYPE_CHECKING:
    import keras

    from tlcourse.data import PictureSource

Model: TypeAlias = "Backbone | Classifier | keras.Model | Network"
"""What the functions of this room look into."""

Visit: TypeAlias = Callable[[Layer, tuple[Any, ...], dict[str, Any]], Any]
"""Called for each layer with the arguments that it gets; returns its output."""


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
    _layers: Mapping[Call, Layer]
    _uses: Mapping[Call, tuple[int, ...]]

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

    def pixels(self, picture: PictureSource | LabelledPicture) -> np.ndarray:
        """Return a picture as the network takes it: `(1, height, width, channels)` float32.

        Files, pictures of a set, Pillow images and `uint8` arrays go through `open_picture` and
        keep the values 0 to 255. An array of floats is taken for pixels that are ready, and must
        have the right shape.

        Raises
        ------
        ArgumentError
            When an array of floats has another shape than the network's input.
        PictureError
            When the picture cannot be read.

        """
        height, width, channels = self.input_shape
        if isinstance(picture, LabelledPicture):
            picture = picture.path
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
        wanted = [self._own(x) for x in layers]
        outputs: dict[str, Any] = {}

        def see(layer: Layer, output: Any) -> None:
            if layer in wanted:
                outputs[layer.name] = output

        answer = self._compute(pixels, see, weights or {}, scores)
        return answer, outputs

    def watch(
        self, pixels: Any, layers: Iterable[Layer | str], see: Callable[[Layer, Any], None]
    ) -> None:
        """Compute as far as the last of some layers, and show what each says when it says it.

        Unlike `run`, it keeps nothing: an output that no layer needs any more is let go, so that
        memory holds a few at a time.

        Parameters
        ----------
        pixels
            As for `run`.
        layers
            Whose outputs to show.
        see
            Called with each of these layers and its output, in the order of `self.layers`.

        """
        waiting = {self._own(x) for x in layers}

        def show(layer: Layer, output: Any) -> None:
            if layer in waiting:
                see(layer, output)
                waiting.remove(layer)
            if not waiting:
                raise _SeenEnough

        with contextlib.suppress(_SeenEnough):
            self._compute(pixels, show, {}, False)

    def walk(self, inputs: Any, visit: Visit) -> Any:
        """Go through the graph and call `visit` for each layer; return what the last gives.

        `inputs` may be anything that `visit` understands: a tensor, a shape, a receptive field; but
        no list, tuple or dictionary, which stand for several inputs. What `visit` returns for a
        layer with several outputs stands for each of them, unless it is a list of them.
        """

        def visit_call(place: Call, _: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            output = visit(self._layers[place], args, kwargs)
            count = len(self._uses[place])
            return output if count == 1 or isinstance(output, list | tuple) else [output] * count

        return _one(walk_graph(self.model, inputs, counted(visit_call)))

    def _own(self, layer: Layer | str) -> Layer:
        """Return one of this network's layers, also when it is given as one of another opening."""
        return self.layer(layer.path if isinstance(layer, Layer) else layer)

    def _compute(
        self,
        pixels: Any,
        see: Callable[[Layer, Any], None],
        weights: Mapping[Layer, Sequence[Any]],
        scores: bool,
    ) -> Any:
        """Compute the answer, show each output to `see`, and let go of what nobody needs."""
        import keras

        last = self.layers[-1]

        def compute(
            place: Call, operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
        ) -> Any:
            layer = self._layers[place]
            args, kwargs = taken(args), taken(kwargs)
            if scores and layer is last and squashes(operation):
                output = before_squashing(operation, args[0], weights.get(layer))
            elif layer in weights:
                output = call_with(operation, weights[layer], args, kwargs)
            else:
                output = call(operation, args, kwargs)
            see(layer, output)
            return held(output, self._uses[place])

        start = Held(keras.ops.convert_to_tensor(pixels), -1)
        return _one(taken(walk_graph(self.model, start, counted(compute))))

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
    shape = input_shape(opened, name)
    layers, uses = list_layers(opened, shape)
    return Network(opened, tuple(layers.values()), shape, class_names, name, layers, uses)


class _SeenEnough(Exception):  # noqa: N818 - a way out of the graph, no error
    """What was asked for has been computed."""


def _one(answer: Any) -> Any:
    """Return the one output of a model that gives it in a list or dictionary."""
    import keras

    return keras.tree.flatten(answer)[0]
