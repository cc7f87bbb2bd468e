"""Many pictures through a network, a few at a time; memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tlcourse.data import Pictures, Problem, find_pictures, load_pictures
from tlcourse.errors import DataError
from tlcourse.inside.graph import Layer
from tlcourse.inside.network import Network
from tlcourse.messages import progress

_BATCH = 8

Summary = Callable[[Layer, Any], Any]
"""From a layer and its output for a batch, a tensor, to what is wanted of it, tensors."""


def stream(
    network: Network,
    pictures: Pictures,
    layers: tuple[Layer, ...],
    summary: Summary,
    problems: list[Problem],
    *,
    what: str,
) -> Iterator[tuple[list[tuple[str, np.ndarray]], dict[Layer, Any]]]:
    """Yield batches of pictures, and a summary of what some layers say to them.

    The pass is compiled once, and computes nothing that the summaries do not need.

    Parameters
    ----------
    network
        The network.
    pictures
        In any form that `find_pictures` takes.
    layers
        Whose outputs to sum up.
    summary
        Called while the pass is compiled; must be made of operations on tensors.
    problems
        Takes up the pictures that cannot be read.
    what
        For the progress bar.

    Yields
    ------
    tuple
        The names of the pictures of a batch with their pixels, `(height, width, 3)` uint8; and from
        each layer to its summary, as arrays.

    Raises
    ------
    DataError
        When there is no picture, or none can be read.

    """
    import keras
    import tensorflow as tf

    sources = find_pictures(pictures)
    height, width, channels = network.input_shape

    def compute(batch: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}

        def see(layer: Layer, output: Any) -> None:
            found[layer.path] = summary(layer, output)

        network.watch(batch, layers, see)
        return found

    signature = tf.TensorSpec((None, height, width, channels), tf.float32)
    compiled = tf.function(compute, input_signature=[signature])
    some = False
    for batch in _batches(sources, (height, width), problems, what):
        pixels = np.concatenate([network.pixels(picture) for _, picture in batch])
        result = compiled(tf.constant(pixels))
        arrays = keras.tree.map_structure(np.asarray, result)
        some = True
        yield batch, {layer: arrays[layer.path] for layer in layers}
    if not some:
        raise DataError(
            "There is no picture to look at.",
            expected="at least one picture that can be read",
            received="; ".join(map(str, problems[:5])) or "none",
        )


def _batches(
    sources: list[Any], size: tuple[int, int], problems: list[Problem], what: str
) -> Iterator[list[tuple[str, np.ndarray]]]:
    waiting: list[tuple[str, np.ndarray]] = []
    for name, pixels in progress(load_pictures(sources, size), what=what, total=len(sources)):
        if isinstance(pixels, Problem):
            problems.append(pixels)
            continue
        waiting.append((name, pixels))
        if len(waiting) == _BATCH:
            yield waiting
            waiting = []
    if waiting:
        yield waiting
