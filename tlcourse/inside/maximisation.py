"""Activation maximisation: the picture that one channel would like to see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.errors import HIGHEST_SEED, ArgumentError, must_be_whole
from tlcourse.figures import Figure, drawing, finish
from tlcourse.inside.calling import before_squashing, call, squashes
from tlcourse.inside.choosing import one_channel, one_layer
from tlcourse.inside.graph import Layer
from tlcourse.inside.network import Model, Network, open_network
from tlcourse.inside.painting import Canvas, Wobble
from tlcourse.messages import progress, say

if TYPE_CHECKING:
    from tensorflow import Tensor

_SIDE = 128
"""Side of the picture in pixels, where the network takes any: less than half the work of 224."""

_RATE = 0.05
_LEAK = 0.1
"""What a value below 0 counts for: enough to wake a channel up that is silent at first."""


@dataclass(frozen=True, eq=False, repr=False)
class MaximisedActivation:
    """The result of `maximise_activation`; shows itself as a figure.

    Attributes
    ----------
    picture : np.ndarray
        `(side, side, 3)` uint8.
    layer : str
    channel : int
    before, after : float
        What the channel answers to the picture at the start, a weak noise, and to `picture`: its
        mean over all positions; for the last layer, the score before the softmax.
    steps : int
        How many were taken: fewer than asked for when it was interrupted.
    network, channel_name : str
        For titles.

    """

    picture: np.ndarray
    layer: str
    channel: int
    before: float
    after: float
    steps: int
    network: str
    channel_name: str

    def draw(self) -> Figure:
        """Draw the picture, with what it makes the channel answer."""
        with drawing(3.4, 3.8) as canvas:
            axes = canvas.subplots()
            axes.imshow(self.picture, interpolation="lanczos")
            axes.set_axis_off()
            axes.set_title(
                f"{self.layer}, {self.channel_name}\n{self.before:.3g} → {self.after:.3g}"
            )
            return finish(canvas, f"{self!r}.")

    def __repr__(self) -> str:
        return (
            f"A picture made to excite {self.channel_name} of {self.layer} in {self.network}: its "
            f"answer went from {self.before:.3g} to {self.after:.3g} in {self.steps} steps"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.draw()._repr_mimebundle_(**kwargs)


def maximise_activation(
    model: Model,
    layer: str | Layer,
    channel: int | str,
    *,
    steps: int = 64,
    size: int | None = None,
    seed: int = 0,
) -> MaximisedActivation:
    """Make a picture that excites one channel, to see what it looks for.

    Gradient ascent on the pixels, from weak noise on (Erhan, Bengio, Courville and Vincent 2009,
    'Visualizing Higher-Layer Features of a Deep Network'). Three things keep the picture from being
    the noise that fools a network and tells a person nothing (Yosinski, Clune, Nguyen, Fuchs and
    Lipson 2015, 'Understanding Neural Networks Through Deep Visualization'; Olah, Mordvintsev and
    Schubert 2017, 'Feature Visualization'): it is painted in frequencies with the fall of natural
    pictures, in colours that are correlated as theirs are, and it is turned, scaled and shifted a
    little at each step.

    Ctrl-C ends it early with the picture that was reached.

    Parameters
    ----------
    model
        A `Backbone`, a `Classifier`, a functional or Sequential Keras model, or a `Network`.
    layer
        The name of a layer: a feature map, or a vector such as the classes.
    channel
        Its number; for the last layer of a network with class names also the name of a class.
    steps
        1 to 10,000. The same steps in the same environment give the same picture.
    size
        Side of the picture in pixels, 32 to 1,024; None for 128, or the network's own where it
        takes no other.
    seed
        Of the noise and of the small moves.

    Returns
    -------
    A `MaximisedActivation`.

    Raises
    ------
    ArgumentError
        When there is no such layer or channel, a number is out of range, or the network does not
        take pictures of this size.

    """
    must_be_whole("steps", steps, 1, 10_000)
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    network = open_network(model)
    found = one_layer(network, layer)
    number, name = _channel(network, found, channel)
    height, width = _size(network, found, size)
    random = np.random.RandomState(seed)
    canvas = Canvas((height, width), network.input_shape[2], random)
    wobble = Wobble((height, width), random)
    before = _mean_answer(network, found, number, canvas.picture())
    taken = _ascend(_objective(network, found, number), canvas, wobble, steps)
    picture = canvas.picture()
    after = _mean_answer(network, found, number, picture)
    shown = np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture
    return MaximisedActivation(
        picture=shown,
        layer=found.name,
        channel=number,
        before=before,
        after=after,
        steps=taken,
        network=network.name,
        channel_name=name,
    )


def _channel(network: Network, layer: Layer, channel: int | str) -> tuple[int, str]:
    """Return a channel's number and what to call it."""
    if layer is network.layers[-1] and (network.class_names or isinstance(channel, str)):
        number = network.class_index(channel)
        return number, network.class_names[number] if network.class_names else f"class {number}"
    return one_channel(layer, channel), f"channel {channel}"  # type: ignore[arg-type]


def _size(network: Network, layer: Layer, size: int | None) -> tuple[int, int]:
    """Return height and width of a picture with which the network gets as far as a layer."""
    own = network.input_shape[:2]
    if size is not None:
        must_be_whole("size", size, 32, 1024)
    side = min(_SIDE, *own) if size is None else size
    try:
        _mean_answer(network, layer, 0, np.zeros((side, side, network.input_shape[2]), np.uint8))
    except Exception as error:  # as many kinds as there are layers that count their inputs
        if size is None and own != (side, side):
            return own
        raise ArgumentError(
            f"The layer '{layer.name}' of '{network.name}' cannot be reached from pictures of "
            f"{side}x{side} pixels.",
            expected=f"size=None, or the network's own size, {own[0]}x{own[1]}",
            received=f"size={size}: {str(error).splitlines()[0][:150]}",
        ) from error
    return side, side


class _Reached(Exception):  # noqa: N818 - a way out of the graph, no error
    """The layer has been reached."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer


def _answer(network: Network, layer: Layer, pixels: Any, *, linear: bool) -> Any:
    """Return what a layer says, `linear`: before its own ReLU, softmax or the like."""
    import keras

    def visit(here: Layer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        last = here is network.layers[-1] and squashes(here.operation)
        if here is layer and last:
            raise _Reached(before_squashing(here.operation, *args))
        if here is layer and linear:
            raise _Reached(_before_activation(here.operation, args, kwargs))
        output = call(here.operation, args, kwargs)
        if here is layer:
            raise _Reached(output)
        return output

    try:
        network.walk(pixels, visit)
    except _Reached as reached:
        return keras.tree.flatten(reached.answer)[0]
    raise AssertionError("every layer lies on the way")


def _before_activation(operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return a layer's answer before its activation function, where that can be had.

    A ReLU has no gradient below 0: a channel that is silent everywhere would stay so.
    """
    import keras

    if isinstance(operation, keras.layers.ReLU | keras.layers.Activation):
        return args[0]
    if type(operation) is keras.layers.Conv2D and operation.data_format == "channels_last":
        output = operation.convolution_op(args[0], operation.kernel)
        return output if operation.bias is None else output + operation.bias
    return call(operation, args, kwargs)


def _mean_answer(network: Network, layer: Layer, channel: int, picture: np.ndarray) -> float:
    """Return what a channel says about a uint8 picture, its mean over all positions."""
    import keras

    pixels = keras.ops.convert_to_tensor(picture[None].astype(np.float32))
    answer = np.asarray(_answer(network, layer, pixels, linear=False), np.float64)
    return float(answer[..., channel].mean())


def _objective(network: Network, layer: Layer, channel: int) -> Callable[[Any], Tensor]:
    import tensorflow as tf

    def objective(pixels: Any) -> Tensor:
        answer = tf.cast(_answer(network, layer, pixels, linear=True), tf.float32)[..., channel]
        return tf.reduce_mean(tf.nn.leaky_relu(answer, _LEAK)) if layer.is_map else answer[0]

    return objective


def _ascend(objective: Callable[[Any], Tensor], canvas: Canvas, wobble: Wobble, steps: int) -> int:
    """Climb; return how many steps were taken, fewer after Ctrl-C."""
    import keras
    import tensorflow as tf

    optimiser = keras.optimizers.Adam(_RATE)
    optimiser.build(canvas.variables)

    @tf.function
    def step(move: Any) -> None:
        with tf.GradientTape() as tape:
            loss = -objective(wobble.apply(canvas.pixels(), move))
        gradients = tape.gradient(loss, canvas.variables)
        optimiser.apply(gradients, canvas.variables)

    taken = 0
    try:
        for _ in progress(range(steps), what="maximising", unit="step"):
            step(tf.constant(wobble.draw()))
            taken += 1
    except KeyboardInterrupt:
        say(f"Interrupted after {taken} of {steps} steps; this is the picture so far.")
    return taken
