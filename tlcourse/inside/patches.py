"""The parts of real pictures that excite a channel most."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from tlcourse.errors import must_be_whole
from tlcourse.inside.choosing import map_layer, one_channel
from tlcourse.inside.graph import Layer
from tlcourse.inside.maps import short
from tlcourse.inside.network import Model, open_network
from tlcourse.inside.receptive import ReceptiveField, receptive_fields
from tlcourse.inside.streaming import stream

if TYPE_CHECKING:
    from tlcourse.data import Pictures, Problem

_MOST = 10_000


@dataclass(frozen=True, eq=False, repr=False)
class Patch:
    """A part of a picture that excites a channel.

    Attributes
    ----------
    file : Path
        The picture; "picture 1" and so on for one that is no file.
    value : float
        What the channel answers.
    row, column : int
        Where in the feature map.
    field : ReceptiveField
        Which pixels of the picture, as the network sees it, the answer depends on.
    pixels : np.ndarray
        `(height, width, 3)` uint8: these pixels. At the rim of the picture there are fewer.

    """

    file: Path
    value: float
    row: int
    column: int
    field: ReceptiveField
    pixels: np.ndarray

    def __repr__(self) -> str:
        return f"Patch {self.file.name} at ({self.row}, {self.column}): {short(self.value)}"


class ExcitingPatches(Sequence[Patch]):
    """Patches that excite a channel, the most exciting first.

    Attributes
    ----------
    layer : Layer
        The layer.
    channel : int
        The channel.
    pictures : int
        How many pictures were looked at.
    problems : tuple of Problem
        Pictures that could not be read, and are left out.

    """

    def __init__(
        self,
        layer: Layer,
        channel: int,
        patches: Sequence[Patch],
        pictures: int,
        problems: Sequence[Problem],
    ) -> None:
        self.layer = layer
        self.channel = channel
        self.pictures = pictures
        self.problems = tuple(problems)
        self._patches = tuple(patches)

    @overload
    def __getitem__(self, position: int) -> Patch: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[Patch]: ...
    def __getitem__(self, position: int | slice) -> Patch | Sequence[Patch]:
        return self._patches[position]

    def __iter__(self) -> Iterator[Patch]:
        return iter(self._patches)

    def __len__(self) -> int:
        return len(self._patches)

    def __repr__(self) -> str:
        lines = [f"What excites channel {self.channel} of {self.layer.name} most, "
                 f"of {self.pictures:,} pictures:"]  # fmt: skip
        lines += [f"  {short(x.value)}  {x.file.name} at ({x.row}, {x.column})" for x in self]
        return "\n".join([*lines, *(f"left out: {problem}" for problem in self.problems)])


def exciting_patches(
    model: Model,
    images: Pictures,
    layer: str | Layer,
    channel: int,
    n: int = 9,
    *,
    per_picture: int = 1,
) -> ExcitingPatches:
    """Find the parts of real pictures that excite a channel of a feature map most.

    They tell what a channel looks for without inventing pictures (Girshick and others 2014, 'Rich
    feature hierarchies', section 3.1; Zeiler and Fergus 2014). The set is gone through once, a few
    pictures at a time, and only the best are kept.

    Parameters
    ----------
    model
        A `Backbone`, a `Classifier`, a functional or Sequential Keras model, or a `Network`.
    images
        An `ImageSet`, or pictures in any form that `find_pictures` takes.
    layer
        The name of a layer with a feature map.
    channel
        Its number, from 0.
    n
        How many patches.
    per_picture
        How many of them may come from one picture: with more than 1, neighbouring positions often
        show the same thing.

    Returns
    -------
    `ExcitingPatches`, the highest value first; of equal ones, the earlier picture's.

    Raises
    ------
    ArgumentError
        When there is no such layer or channel, or its receptive field is not known.
    DataError
        When there is no picture, or none can be read.

    """
    network = open_network(model)
    found = map_layer(network, layer)
    channel = one_channel(found, channel)
    must_be_whole("n", n, 1, _MOST)
    most = must_be_whole("per_picture", per_picture, 1, found.shape[0] * found.shape[1])
    fields = receptive_fields(network, found)

    def strongest(_: Layer, output: Any) -> tuple[Any, Any]:
        import tensorflow as tf

        flat = tf.reshape(output[..., channel], (-1, found.shape[0] * found.shape[1]))
        best = tf.math.top_k(tf.cast(flat, tf.float32), k=most)
        return best.values, best.indices

    # Of the smallest values on top, with the later picture, so that earlier ones win.
    heap: list[tuple[float, int, Patch]] = []
    problems: list[Problem] = []
    seen = order = 0
    what = f"Looking for what excites channel {channel}"
    for batch, summaries in stream(network, images, (found,), strongest, problems, what=what):
        seen += len(batch)
        for (name, pixels), values, places in zip(batch, *summaries[found], strict=True):
            for value, place in zip(values.tolist(), places.tolist(), strict=True):
                order -= 1
                if len(heap) == n and (value, order) <= heap[0][:2]:
                    break
                row, column = divmod(place, found.shape[1])
                field = fields.at((row, column))
                cut = field.rectangle.cut(pixels).copy()
                entry = (value, order, Patch(Path(name), value, row, column, field, cut))
                (heapq.heappush if len(heap) < n else heapq.heapreplace)(heap, entry)
    best = [patch for *_, patch in sorted(heap, key=lambda x: x[:2], reverse=True)]
    return ExcitingPatches(found, channel, best, seen, problems)
