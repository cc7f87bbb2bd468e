"""The arithmetic of augmentation in TensorFlow: what is drawn, and what it does to the pixels.

One implementation serves arrays, `tf.data` and the Keras layer.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tlcourse.augmentation.settings import KINDS
from tlcourse.quiet import start_tensorflow

start_tensorflow()
import tensorflow as tf  # noqa: E402

if TYPE_CHECKING:
    from tlcourse.augmentation.settings import Augmentation

_DRAWS = 2 * len(KINDS) + 3
"""Numbers drawn for each picture: how many changes; a rank and a strength for each kind of change,
in the order of `KINDS`; second strengths for a translation and for colour."""

_IN_FLIGHT = 16
"""How many pictures of a batch are worked on at a time, at most."""

_GEOMETRY, _COLOUR = ("rotation", "zoom", "translation"), ("brightness", "contrast", "colour")

# Luma and two colour differences, and back: the NTSC system's YIQ, in which hue is an angle.
_TO_YIQ = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
_FROM_YIQ = np.linalg.inv(_TO_YIQ)


class _Recipe(NamedTuple):
    """An `Augmentation` in numbers, so that one traced graph serves them all."""

    seed: Any
    max_changes: Any
    on: Any
    strengths: Any
    flips: Any


def augmented(settings: Augmentation, pictures: Any, numbers: Any, epoch: Any) -> tf.Tensor:
    """Return changed pictures, as part of a graph: for `tf.data` and for models.

    Parameters
    ----------
    settings
        An `Augmentation`.
    pictures
        `(n, height, width, 3)` uint8 or float, 0..255.
    numbers
        `(n,)` int64, by which the changes are drawn.
    epoch
        A whole number, of any kind.

    Returns
    -------
    tf.Tensor
        The same shape and type, 0..255; rounded where the type is uint8.

    """
    return _augmented(_recipe(settings), pictures, numbers, tf.cast(epoch, tf.int64))


def augmented_now(
    settings: Augmentation, pictures: np.ndarray, numbers: np.ndarray, epoch: int
) -> np.ndarray:
    """Return changed uint8 pictures, as `augmented` does, at once."""
    return _traced(_recipe(settings), pictures, numbers, np.int64(epoch)).numpy()


def plan(settings: Augmentation, numbers: Any, epoch: int) -> dict[str, np.ndarray]:
    """Draw what happens to each picture.

    Returns
    -------
    dict
        Of arrays with a row a picture. `chosen`: `(n, kinds)` bool. `mirrored`, `upside_down`:
        bool. `angle` and `hue` in radians, `right` and `down` as shares of the width and height,
        `zoom`, `contrast` and `saturation` as factors, `brightness` in levels: float32, with the
        value that changes nothing where a kind was not chosen.

    """
    drawn = _plan(_recipe(settings), tf.constant(numbers, tf.int64), tf.constant(epoch, tf.int64))
    return {name: values.numpy() for name, values in drawn.items()}


def _recipe(settings: Augmentation) -> _Recipe:
    strengths = [
        math.radians(settings.rotation),
        math.log1p(settings.zoom),
        settings.translation,
        255 * settings.brightness,
        math.log1p(settings.contrast),
        math.log1p(settings.saturation),
        math.radians(settings.hue),
    ]
    return _Recipe(
        np.int64(settings.seed),
        np.float32(settings.max_changes),
        np.isin(KINDS, settings.kinds),
        np.array(strengths, np.float32),
        np.array([settings.flip, settings.vertical_flip]),
    )


def _augmented(recipe: _Recipe, pictures: Any, numbers: tf.Tensor, epoch: tf.Tensor) -> tf.Tensor:
    pictures = tf.convert_to_tensor(pictures)
    # One by one, each with no more work than was drawn for it: on a processor's cores faster than
    # the whole batch at once, and than picking those out that share an operation (bench).
    return tf.map_fn(
        lambda one: _changed(*one),
        (pictures, _plan(recipe, numbers, epoch)),
        fn_output_signature=tf.TensorSpec(pictures.shape[1:], pictures.dtype),
        parallel_iterations=_IN_FLIGHT,
    )


_traced = tf.function(
    _augmented,
    input_signature=[
        _Recipe(
            tf.TensorSpec((), tf.int64),
            tf.TensorSpec((), tf.float32),
            tf.TensorSpec((len(KINDS),), tf.bool),
            tf.TensorSpec((len(KINDS),), tf.float32),
            tf.TensorSpec((2,), tf.bool),
        ),
        tf.TensorSpec((None, None, None, 3), tf.uint8),
        tf.TensorSpec((None,), tf.int64),
        tf.TensorSpec((), tf.int64),
    ],
)


def _plan(recipe: _Recipe, numbers: tf.Tensor, epoch: tf.Tensor) -> dict[str, tf.Tensor]:
    """Return what `plan` does, as tensors."""
    draws = _draws(recipe.seed, epoch, numbers)
    count = len(KINDS)
    # The kinds of the lowest ranks are chosen; those that are turned off come last, and never.
    ranks = tf.where(recipe.on, draws[:, 1 : count + 1], 2.0)
    places = tf.argsort(tf.argsort(ranks, axis=1, stable=True), axis=1, stable=True)
    wanted = tf.cast(draws[:, :1] * (recipe.max_changes + 1), tf.int32)
    chosen = tf.logical_and(places < wanted, recipe.on)

    def drawn(kind: str, second: int | None = None) -> tf.Tensor:
        """Return -1 to 1 for each picture, 0 where this kind of change was not chosen."""
        column = KINDS.index(kind)
        place = count + 1 + (column if second is None else count + second)
        return tf.where(chosen[:, column], 2 * draws[:, place] - 1, 0.0)

    flipped, (mirror, upside_down) = chosen[:, KINDS.index("flip")], tf.unstack(recipe.flips)
    sideways = mirror & (~upside_down | (drawn("flip") < 0))
    angle, zoom, shift, brightness, contrast, saturation, hue = tf.unstack(recipe.strengths)
    # Factors are as often above 1 as below: from 1 / (1 + share) to 1 + share.
    return {
        "chosen": chosen,
        "mirrored": flipped & sideways,
        "upside_down": flipped & ~sideways,
        "angle": drawn("rotation") * angle,
        "zoom": tf.exp(drawn("zoom") * zoom),
        "right": drawn("translation") * shift,
        "down": drawn("translation", 0) * shift,
        "brightness": drawn("brightness") * brightness,
        "contrast": tf.exp(drawn("contrast") * contrast),
        "saturation": tf.exp(drawn("colour") * saturation),
        "hue": drawn("colour", 1) * hue,
    }


@tf.function(
    input_signature=[
        tf.TensorSpec((), tf.int64),
        tf.TensorSpec((), tf.int64),
        tf.TensorSpec((None,), tf.int64),
    ]
)
def _draws(seed: tf.Tensor, epoch: tf.Tensor, numbers: tf.Tensor) -> tf.Tensor:
    """Return `(n, _DRAWS)` float32 in 0..1, each row by its number, the seed and the epoch alone.

    By a counter-based generator (Philox: Salmon et al. 2011), the same on every machine.
    """

    def row(number: tf.Tensor) -> tf.Tensor:
        key = tf.stack([seed + epoch * 2**32, number])
        return tf.random.stateless_uniform((_DRAWS,), key, alg="philox")

    return tf.map_fn(row, numbers, fn_output_signature=tf.TensorSpec((_DRAWS,), tf.float32))


def _changed(picture: tf.Tensor, drawn: dict[str, tf.Tensor]) -> tf.Tensor:
    """Return one picture, `(height, width, 3)`, with its own changes."""
    picture = tf.cond(drawn["mirrored"], lambda: tf.reverse(picture, [1]), lambda: picture)
    picture = tf.cond(drawn["upside_down"], lambda: tf.reverse(picture, [0]), lambda: picture)
    moves, colours = (
        tf.reduce_any(tf.gather(drawn["chosen"], [KINDS.index(kind) for kind in kinds]))
        for kinds in (_GEOMETRY, _COLOUR)
    )

    def computed() -> tf.Tensor:
        values = tf.cast(picture, tf.float32)
        values = tf.cond(moves, lambda: _moved(values, drawn), lambda: values)
        values = tf.cond(colours, lambda: _coloured(values, drawn), lambda: values)
        values = tf.round(values) if picture.dtype.is_integer else values
        return tf.ensure_shape(tf.saturate_cast(values, picture.dtype), picture.shape)

    return tf.cond(moves | colours, computed, lambda: picture)


def _moved(picture: tf.Tensor, drawn: dict[str, tf.Tensor]) -> tf.Tensor:
    """Turn, zoom and shift a float picture about its centre, all in one step.

    The operation asks for the opposite: where the value of each pixel comes from.
    """
    height, width = tf.shape(picture)[0], tf.shape(picture)[1]
    high, wide = tf.cast(height, tf.float32), tf.cast(width, tf.float32)
    # Counter-clockwise for a positive angle, as in a book of geometry; y points down in pictures.
    cosine, sine = tf.cos(drawn["angle"]) / drawn["zoom"], tf.sin(drawn["angle"]) / drawn["zoom"]
    x, y = (wide - 1) / 2, (high - 1) / 2
    to_x, to_y = x + drawn["right"] * wide, y + drawn["down"] * high
    zero = tf.zeros_like(cosine)
    first = [cosine, -sine, x - cosine * to_x + sine * to_y]
    second = [sine, cosine, y - sine * to_x - cosine * to_y]
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=picture[tf.newaxis],
        transforms=tf.stack([*first, *second, zero, zero])[tf.newaxis],
        output_shape=tf.stack([height, width]),
        fill_value=0.0,  # of no meaning with REFLECT
        interpolation="BILINEAR",
        fill_mode="REFLECT",
    )[0]


def _coloured(picture: tf.Tensor, drawn: dict[str, tf.Tensor]) -> tf.Tensor:
    """Change colour, contrast and brightness of a float picture: a 3 x 3 matrix and an offset."""
    cosine = tf.cos(drawn["hue"]) * drawn["saturation"]
    sine = tf.sin(drawn["hue"]) * drawn["saturation"]
    zero, one = tf.zeros_like(cosine), tf.ones_like(cosine)
    turn = tf.stack([one, zero, zero, zero, cosine, -sine, zero, sine, cosine])
    matrix = tf.constant(_FROM_YIQ, tf.float32) @ tf.reshape(turn, (3, 3))
    matrix = drawn["contrast"] * (matrix @ tf.constant(_TO_YIQ, tf.float32))
    luma = tf.reduce_sum(tf.reduce_mean(picture, axis=(0, 1)) * _TO_YIQ[0].astype(np.float32))
    offset = luma * (1 - drawn["contrast"]) + drawn["brightness"]
    changed = tf.matmul(tf.reshape(picture, (-1, 3)), matrix, transpose_b=True) + offset
    return tf.reshape(tf.clip_by_value(changed, 0.0, 255.0), tf.shape(picture))
