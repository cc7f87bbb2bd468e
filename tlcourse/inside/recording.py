"""What some layers say about many pictures, as one row of numbers a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.inside.calling import squashes
from tlcourse.inside.choosing import Choice, choose_layers
from tlcourse.inside.graph import Layer
from tlcourse.inside.network import Network
from tlcourse.inside.streaming import stream

if TYPE_CHECKING:
    from tlcourse.data import Pictures, Problem

_MOST_LAYERS = 12
_FEWEST_BLOCKS = 4


def spread_layers(network: Network, layers: Choice | None) -> tuple[Layer, ...]:
    """Return the chosen layers; for None, up to a dozen at equal steps.

    Those are taken from the feature maps and vectors between preprocessing and answer: what each
    block of the network ends with, where it has blocks (a layer whose name begins otherwise comes
    next), else any.
    """
    if layers is not None:
        return choose_layers(network, layers)
    learned = [i for i, layer in enumerate(network.layers) if layer.parameters > 0]
    first = learned[0] if learned else 0
    inner = [
        x
        for x in network.layers[first:]
        # The mean over all positions says what the map before it says.
        if (x.is_map or len(x.shape) == 1) and x.kind != "GlobalAveragePooling2D"
    ]
    answers = network.class_names is not None or squashes(network.layers[-1].operation)
    if len(inner) > 1 and answers:
        inner = inner[:-1]
    ends = [
        layer
        for layer, following in zip(inner, [*inner[1:], None], strict=True)
        if following is None or _block(layer) != _block(following)
    ]
    candidates = ends if len(ends) >= _FEWEST_BLOCKS else inner
    count = min(_MOST_LAYERS, len(candidates))
    chosen = np.unique(np.linspace(0, len(candidates) - 1, count).round().astype(int))
    return tuple(candidates[i] for i in chosen)


def record_rows(
    network: Network, pictures: Pictures, layers: tuple[Layer, ...], grid: int
) -> tuple[dict[Layer, np.ndarray], list[Problem]]:
    """Run pictures through a network and keep a row of numbers for each layer and picture.

    Parameters
    ----------
    network
        The network.
    pictures
        Anything that `find_pictures` takes.
    layers
        Whose outputs to keep.
    grid
        As for `as_rows`.

    Returns
    -------
    rows
        From each layer to `(n, features)` float32, of the pictures that can be read, in order.
    problems
        The others, with the reason.

    Raises
    ------
    DataError
        When there is no picture, or none can be read.

    """
    parts: dict[Layer, list[np.ndarray]] = {layer: [] for layer in layers}
    problems: list[Problem] = []
    batches = stream(
        network,
        pictures,
        layers,
        lambda _, output: as_rows(output, grid),
        problems,
        what=f"layers of {network.name}",
    )
    for _, rows in batches:
        for layer in layers:
            parts[layer].append(rows[layer])
    return {layer: np.concatenate(rows) for layer, rows in parts.items()}, problems


def as_rows(output: Any, grid: int) -> Any:
    """Return the output of a layer as a tensor `(n, features)` float32.

    A feature map is averaged over the cells of a grid of `grid` rows and columns first; 1 takes the
    mean over all positions.
    """
    import tensorflow as tf

    if isinstance(output, list | tuple):  # of several outputs the first, whose shape the layer has
        output = output[0]
    output = tf.cast(output, tf.float32)
    if len(output.shape) == 4:
        cells = [min(grid, int(side)) for side in output.shape[1:3]]
        # Averages over areas, also where the grid does not divide the map evenly.
        output = tf.image.resize(output, cells, method="area")
    return tf.reshape(output, (-1, int(np.prod(output.shape[1:]))))


def _block(layer: Layer) -> str:
    """Return what a name begins with: `"block3"` of `"block3_conv2"`."""
    before, _, name = layer.name.rpartition("/")
    return before + "/" + name.split("_")[0]
