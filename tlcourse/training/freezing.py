"""Which layers of a network learn, and where it is cut so that the others compute only once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from tlcourse.errors import ArgumentError

if TYPE_CHECKING:
    import keras

Unfreeze: TypeAlias = "str | int | float | None"
"""A block ("block5"), a number of layers, a share of the layers, "all", or None by strategy."""

DEFAULT_SHARE = 0.25
"""Of the layers, with the strategy `train_top`: block 5 of VGG-16."""

_BLOCK = re.compile(r"(?:[A-Za-z]+_)*?[A-Za-z]+_?\d+")
_MOST_BLOCKS = 40


@dataclass(frozen=True, eq=False)
class Cut:
    """A network in two: what is frozen, and what learns.

    Attributes
    ----------
    lower
        From preprocessed pixels to the tensor at the cut; None where the first layer learns.
    upper
        From there to the last feature map; where nothing learns, it hands that on.
    at
        The name of the layer whose output lies at the cut; `"pixels"` without a lower part.
    learning
        The names of the layers that learn, in the order in which they compute.

    """

    lower: keras.Model | None
    upper: keras.Model
    at: str
    learning: tuple[str, ...]


def layers_with_weights(network: keras.Model, *, batch_norm: bool = False) -> list[Any]:
    """Return the layers that can learn, in the order in which they compute.

    BatchNorm layers are among them only where `batch_norm` says so: in fine-tuning they stay as
    they are.
    """
    import keras

    never: tuple[type, ...] = (keras.layers.Normalization,)
    if not batch_norm:
        never += (keras.layers.BatchNormalization,)
    return [x for x in network.layers if x.weights and not isinstance(x, never)]


def blocks_of(network: keras.Model) -> tuple[str, ...]:
    """Return the names of a network's blocks, in order: "block1", "stage6_block2" and the like."""
    names = [layer.name for layer in layers_with_weights(network)]
    return tuple(dict.fromkeys(block_of(name) for name in names if _BLOCK.match(name)))


def block_of(layer: str) -> str:
    """Return the block that a layer belongs to by its name; "head" for "head_conv"."""
    found = _BLOCK.match(layer)
    return found.group() if found else layer.partition("_")[0]


def learning_layers(
    network: keras.Model, unfreeze: Unfreeze, *, batch_norm: bool = False
) -> tuple[str, ...]:
    """Return the names of the layers that `unfreeze` lets learn: from one on, all to the end.

    Parameters
    ----------
    network
        A functional model.
    unfreeze
        The first block that learns, by the beginning of its layers' names; a number of layers with
        weights, counted from the end (BatchNorm layers do not count); a share of them, 0 to 1;
        `"all"`.
    batch_norm
        Whether BatchNorm layers learn too.

    Raises
    ------
    ArgumentError
        When no layer fits; the message lists the blocks that there are.

    """
    names = [layer.name for layer in layers_with_weights(network)]
    first = _first(names, unfreeze, network)
    if first == len(names):
        return ()
    every = [layer.name for layer in layers_with_weights(network, batch_norm=batch_norm)]
    return tuple(every[every.index(names[first]) :])


def _first(names: list[str], unfreeze: Unfreeze, network: keras.Model) -> int:
    """Return the position of the first layer that learns."""
    if unfreeze == "all":
        return 0
    if isinstance(unfreeze, str):
        # "block1" is not the beginning of "block10_conv".
        pattern = re.compile(re.escape(unfreeze) + r"(?!\d)") if unfreeze else re.compile("(?!)")
        found = [pattern.match(layer.name) is not None for layer in network.layers]
        if any(found):  # a layer without weights too: "mixed8" of Inception
            rest = [layer.name for layer in network.layers[found.index(True) :]]
            return next((i for i, name in enumerate(names) if name in rest), len(names))
    elif isinstance(unfreeze, int) and not isinstance(unfreeze, bool):
        if 0 <= unfreeze <= len(names):
            return len(names) - unfreeze
    elif isinstance(unfreeze, float) and 0 < unfreeze <= 1:
        return len(names) - max(round(unfreeze * len(names)), 1)
    blocks = blocks_of(network)
    shown = ", ".join(blocks[:_MOST_BLOCKS]) + (" …" if len(blocks) > _MOST_BLOCKS else "")
    raise ArgumentError(
        f"Nothing in '{network.name}' fits the argument 'unfreeze'.",
        expected=f"'all', a number of layers from 0 to {len(names)}, a share such as 0.25, or the "
        f"beginning of a layer's name: {shown}",
        received=f"unfreeze={unfreeze!r}",
    )


def cut(network: keras.Model, learning: tuple[str, ...]) -> Cut:
    """Cut a network at the latest tensor through which everything flows before a layer learns.

    Such a tensor is an articulation point of the graph: with only it, all that follows can be
    computed. In a plain network every tensor is one, in residual networks the ends of the blocks.

    Parameters
    ----------
    network
        A functional model that may be changed: it gets second nodes, and its layers are frozen.
    learning
        From `learning_layers`.

    """
    import keras

    freeze(network, learning)
    if not learning:
        handed_on = keras.Input(network.output_shape[1:])
        upper = keras.Model(handed_on, keras.layers.Identity()(handed_on))
        return Cut(network, upper, network.layers[-1].name, learning)
    at = _latest_bottleneck(network, learning[0])
    if at is None:
        return Cut(None, network, "pixels", learning)
    tensor = network.get_layer(at).output
    lower = keras.Model(network.input, tensor, name=f"{network.name}_below")
    if not lower.weights:  # nothing but padding
        return Cut(None, network, "pixels", learning)
    upper = keras.Model(tensor, network.output, name=f"{network.name}_above")
    return Cut(lower, upper, at, learning)


def freeze(network: keras.Model, learning: tuple[str, ...]) -> None:
    """Let the layers named learn, and no other.

    BatchNorm in particular is frozen by `trainable = False`, which keeps its moving statistics
    still whatever else happens: a call with `training=False` does not, where Keras 3.15's `fit`
    overrides it.
    """
    names = set(learning)
    for layer in network.layers:
        layer.trainable = not layer.weights or layer.name in names


def _latest_bottleneck(network: keras.Model, first: str) -> str | None:
    """Return the layer whose output is all that `first` and what follows it need; None: pixels."""
    steps = _steps(network)
    calls = [name for name, _, _ in steps]
    last_use: dict[int, int] = {}
    for number, (_, taken, _) in enumerate(steps):
        last_use.update(dict.fromkeys(taken, number))
    last_use.update(dict.fromkeys(steps[-1][2], len(steps)))
    alive: set[int] = set(steps[0][2])
    found = None
    for number, (name, _, given) in enumerate(steps[: calls.index(first)]):
        alive = {x for x in alive | set(given) if last_use.get(x, -1) > number}
        if alive == set(given) and len(given) == 1 and calls.count(name) == 1 and number:
            found = name
    return found


def _steps(network: keras.Model) -> list[tuple[str, list[int], list[int]]]:
    """Return the calls in the order of computation: the layer, and the tensors in and out by id."""
    import keras

    steps: list[tuple[str, list[int], list[int]]] = []
    kept: list[Any] = []  # an id stays the name of a tensor while the tensor lives

    def compute(operation: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            output = operation.compute_output_spec(*args, **kwargs)
            kept.append(output)
            taken = [id(x) for x in keras.tree.flatten((args, kwargs))]
            steps.append((operation.name, taken, [id(x) for x in keras.tree.flatten(output)]))
            return output

        return call

    start = keras.KerasTensor((1, *network.input_shape[1:]), dtype=network.inputs[0].dtype)
    steps.append((network.layers[0].name, [], [id(start)]))
    # Keras' own way through its graph. It has no public name; `call` does exactly this.
    network._run_through_graph(start, operation_fn=compute)
    return steps
