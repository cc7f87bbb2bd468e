"""What a fine-tuning will do, worked out before it does it: layers, the cut, room, precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from tlcourse.backbones import Backbone
from tlcourse.backbones.tensors import tensors_of, tensors_sha256
from tlcourse.errors import EngineError
from tlcourse.features.engines import Computation, Engine, build_engine, engine_name
from tlcourse.messages import say, say_once
from tlcourse.training.freezing import Cut, Unfreeze, cut, learning_layers
from tlcourse.training.rows import in_bytes, room_for_files
from tlcourse.training.safe_convolution import clone_for_training

if TYPE_CHECKING:
    import keras

    from tlcourse.features.engines import EngineName

CacheFrozen = Literal["auto", True, False]

_COPIES = 4
"""Of each learning parameter in memory: itself, two moments of Adam, the best so far."""


@dataclass(frozen=True, eq=False)
class Plan:
    """A network ready to be fine-tuned.

    Attributes
    ----------
    backbone
        A copy, which will learn.
    cut
        Where it is frozen.
    below
        Preprocessing and frozen part as one computation from uint8 pixels on.

    """

    backbone: Backbone
    cut: Cut
    below: Computation

    @property
    def row_shape(self) -> tuple[int, ...]:
        """Of what the learning part takes for one picture."""
        return self.below.model.output_shape[1:]

    def bytes_on_disk(self, pictures: int, versions: int) -> int:
        """Return the size of the file with what the frozen part gives, as float16."""
        return 2 * pictures * versions * int(np.prod(self.row_shape))

    def bytes_in_memory(self, batch_size: int) -> int:
        """Return an upper estimate of what a step of training holds: activations and weights.

        Each output is kept for the way back, and its gradient is as large.
        """
        outputs = sum(_size(layer) for layer in self.cut.upper.layers)
        weights = sum(
            int(np.prod(v.shape)) for x in self.cut.upper.layers for v in x.trainable_variables
        )
        frozen = 0 if self.cut.lower is None else max(map(_size, self.cut.lower.layers)) * 3
        return 4 * (batch_size * (2 * outputs + frozen) + _COPIES * weights)


def make_plan(backbone: Backbone, unfreeze: Unfreeze, *, batch_norm: bool) -> Plan:
    """Copy a backbone, let some of its layers learn, and cut it below them."""
    copy = Backbone(
        backbone.name,
        clone_for_training(backbone.network),
        preprocessing=backbone.preprocessing,
        provenance=backbone.provenance,
    )
    learning = learning_layers(copy.network, unfreeze, batch_norm=batch_norm)
    made = cut(copy.network, learning)
    return Plan(copy, made, _below(copy, made))


def _below(backbone: Backbone, made: Cut) -> Computation:
    import keras

    pixels = keras.Input((*backbone.input_size, 3), dtype="uint8", name="pixels")
    x = backbone.preprocessing.layers(pixels)
    weights = "none"
    if made.lower is not None:
        x = made.lower(x)
        weights = tensors_sha256(tensors_of(made.lower))
    model = keras.Model(pixels, x, name=f"{backbone.name}_below")
    recipe = (weights, str(backbone.preprocessing), made.at)
    return Computation(f"{backbone.name}_{made.at}", model, recipe)


def _size(layer: keras.Layer) -> int:
    """Return the numbers in a layer's output for one picture."""
    try:
        shape = layer.output.shape
    except (AttributeError, ValueError):
        return 0
    return int(np.prod([side or 1 for side in shape[1:]]))


def decide_to_cache(plan: Plan, wanted: CacheFrozen, pictures: int, versions: int) -> bool:
    """Tell whether the frozen part's outputs are kept.

    `"auto"` keeps them where there is a frozen part and they take no more than half of the free
    disk.
    """
    if plan.cut.lower is None:
        return False
    size, room = plan.bytes_on_disk(pictures, versions), room_for_files()
    if wanted != "auto":
        return bool(wanted)
    if size <= room / 2:
        return True
    say(
        f"What the frozen layers give would take {in_bytes(size)} of {in_bytes(room)} free: "
        "they are computed again in each epoch."
    )
    return False


def engine_for(computation: Computation, wanted: EngineName) -> Engine:
    """Return what runs the frozen part; Keras where OpenVINO cannot and was not insisted on."""
    name = engine_name(wanted)
    try:
        return build_engine(computation, name)
    except EngineError as error:
        if wanted != "auto":
            raise
        say_once(f"{error}\nGoing on with Keras.")
        return build_engine(computation, engine_name("keras"))


def warn_of_memory(plan: Plan, batch_size: int) -> None:
    """Say so where a step of training is likely to need more memory than is free."""
    import psutil

    need, free = plan.bytes_in_memory(batch_size), psutil.virtual_memory().available
    if need > 0.9 * free:
        fitting = max(int(batch_size * 0.5 * free / need), 1)
        say(
            f"Careful: a step with {batch_size} pictures needs about {in_bytes(need)} of memory, "
            f"and {in_bytes(free)} are free. Try batch_size={fitting}, or a later 'unfreeze'."
        )
