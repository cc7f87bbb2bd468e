"""`make_dataset`: an `ImageSet` as batches for Keras, through the one decoder of the course."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.augmentation.settings import Augmentation
from tlcourse.data import ImageSet, Problem, check_pictures, open_picture, reason_of
from tlcourse.errors import ArgumentError, DataError, PictureError, must_be
from tlcourse.messages import progress, say
from tlcourse.parallel import map_ahead

if TYPE_CHECKING:
    import tensorflow as tf

Prepare = Callable[[np.ndarray], np.ndarray]
"""From an upright `(height, width, 3)` uint8 picture of its own size to another one."""

_IN_MEMORY_BYTES = 2**30
_PROBLEMS_SHOWN = 5


def make_dataset(
    images: ImageSet,
    augmentation: Augmentation | None = None,
    *,
    shuffle: bool,
    batch_size: int = 32,
    size: tuple[int, int] = (224, 224),
    prepare: Prepare | None = None,
    seed: int = 0,
    first_epoch: int = 0,
) -> tf.data.Dataset:
    """Return batches of pictures and labels for `fit`, `evaluate` and `predict` of a Keras model.

    Pictures that fit into 1 GiB (7,000 of 224 x 224) are read and decoded once, by this function.
    Of more, the files are looked through, and decoded in threads at every pass, a little ahead of
    the network.

    Every pass over the dataset is the next epoch: another order, and other
    changes of each picture. Both follow from the seed, the epoch and the picture's place in
    `images`; the size of the batches and the threads have no part in it. A pass begins when its
    first batch is asked for. `model.fit(dataset, shuffle=False)` keeps Keras from warning that it
    leaves the order to the dataset.

    Parameters
    ----------
    images
        One part of a set: `images.train`. Files that cannot be read are named and left out.
    augmentation
        Changes for training; none without.
    shuffle
        True to learn from, in another order each epoch; False to judge, in the order of `images`.
        There is no default, because either mistake is silent: a network that learns class after
        class learns badly, and predictions of a shuffled set belong to other pictures.
    batch_size
        Pictures in a batch; the last one has what is left.
    size
        `(height, width)` in pixels.
    prepare
        Something done to each picture before it is cut to `size`, such as `normalise_light`. What
        a network has learned from prepared pictures, it must also be asked with prepared pictures.
    seed
        For the order; the augmentation has its own.
    first_epoch
        The number of the first pass, to go on with training that was interrupted.

    Returns
    -------
    tf.data.Dataset
        Of `(b, height, width, 3)` uint8 pictures, 0..255, and `(b,)` int64 labels; its cardinality
        is the number of batches.

    Raises
    ------
    ArgumentError
        When an argument makes no sense.
    DataError
        When the set is empty, is split and whole, or a class has no readable picture. Where files
        are read at every pass, one that disappears ends the pass with an error that names it.

    """
    _check(images, shuffle, batch_size, size, seed, first_epoch)
    if augmentation is not None:
        todo = "Write augmentation=tl.Augmentation()."
        must_be("augmentation", augmentation, Augmentation, todo)
    from tlcourse.quiet import start_tensorflow

    start_tensorflow()
    import tensorflow as tf

    load = partial(_load, size=size, prepare=prepare)
    pixels = tf.TensorSpec((None, *size, 3), tf.uint8)
    numbers_and_epoch = (tf.TensorSpec((None,), tf.int64), tf.TensorSpec((), tf.int64))
    if len(images) * size[0] * size[1] * 3 <= _IN_MEMORY_BYTES:
        images, held = _decode(images, load, size)
        passes = _Passes(len(images), batch_size, seed if shuffle else None, first_epoch)
        tensor = tf.constant(held)
        dataset = tf.data.Dataset.from_generator(passes, output_signature=numbers_and_epoch)
        dataset = dataset.map(lambda n, epoch: (tf.gather(tensor, n), n, epoch))
    else:
        images = _named(images, check_pictures(images))
        passes = _Passes(len(images), batch_size, seed if shuffle else None, first_epoch)
        dataset = tf.data.Dataset.from_generator(
            lambda: _decoded_ahead(passes, images, load),
            output_signature=(pixels, *numbers_and_epoch),
        )
    labels = tf.constant(images.labels)

    def finished(pictures: tf.Tensor, numbers: tf.Tensor, epoch: tf.Tensor) -> tuple:
        if augmentation is not None:
            from tlcourse.augmentation.changes import augmented

            pictures = augmented(augmentation, pictures, numbers, epoch)
        return tf.ensure_shape(pictures, pixels.shape), tf.gather(labels, numbers)

    dataset = dataset.map(finished, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(len(passes)))
    return dataset.prefetch(2)


class _Passes:
    """The order of pictures in every pass; called, it begins the next one.

    Parameters
    ----------
    count, batch_size
        Of pictures, and how many of them at a time.
    seed
        For the order; None keeps that of the set.
    first_epoch
        The number of the first pass.

    """

    def __init__(self, count: int, batch_size: int, seed: int | None, first_epoch: int) -> None:
        self._count, self._batch_size, self._seed = count, batch_size, seed
        self._epochs = itertools.count(first_epoch)

    def __len__(self) -> int:
        """Return the number of batches in a pass."""
        return -(-self._count // self._batch_size)

    def __call__(self) -> Iterator[tuple[np.ndarray, int]]:
        """Yield the places of the pictures of each batch, and the epoch."""
        # The epoch is counted here, at the first batch: Keras makes iterators that it never asks.
        epoch = next(self._epochs)
        order = np.arange(self._count)
        if self._seed is not None:  # by the generator whose numbers never change
            order = np.random.RandomState([self._seed, epoch]).permutation(self._count)
        for start in range(0, self._count, self._batch_size):
            yield order[start : start + self._batch_size], epoch


def _decoded_ahead(
    passes: _Passes, images: ImageSet, load: Callable[[Path], np.ndarray]
) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
    """Yield the pixels of each batch of the next pass, its pictures' places, and the epoch."""
    batches, coming = itertools.tee(passes())
    paths = (images.paths[number] for numbers, _ in coming for number in numbers)
    pictures = map_ahead(load, paths)
    for numbers, epoch in batches:
        yield np.stack(list(itertools.islice(pictures, len(numbers)))), numbers, epoch


def _check(
    images: ImageSet,
    shuffle: bool,
    batch_size: int,
    size: tuple[int, int],
    seed: int,
    first_epoch: int,
) -> None:
    must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
    must_be("shuffle", shuffle, bool, "Write shuffle=True to learn from, shuffle=False to judge.")
    if len(images) == 0:
        raise DataError("There is nothing to make batches of: the set has no pictures.")
    parts = [] if images.splits is None else sorted(set(images.splits.tolist()))
    if len(parts) > 1:
        raise DataError(
            "The set is split, and was handed over whole.",
            expected="one of its parts",
            received=f"a set of {', '.join(parts)}",
            todo="Write make_dataset(images.train, shuffle=True, …).",
        )
    limits = {"batch_size": (batch_size, 1), "seed": (seed, 0), "first_epoch": (first_epoch, 0)}
    for name, (value, lowest) in limits.items():
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value < 2**31:
            raise ArgumentError(
                f"The argument '{name}' is out of its range.",
                expected=f"a whole number from {lowest} to 2147483647",
                received=repr(value),
            )
    try:
        sides = [operator.index(side) for side in size]
    except TypeError:
        sides = []
    if len(sides) != 2 or min(sides) < 1:
        raise ArgumentError(
            "The argument 'size' is no size of a picture.",
            expected="(height, width), two positive whole numbers",
            received=f"size={size!r}",
            todo="Write size=(224, 224), for example.",
        )


def _decode(
    images: ImageSet, load: Callable[[Path], np.ndarray], size: tuple[int, int]
) -> tuple[ImageSet, np.ndarray]:
    """Return the readable pictures of a set, and the pixels of them all."""

    def attempt(path: Path) -> np.ndarray | Problem:
        try:
            return load(path)
        except PictureError as error:
            return Problem(path, reason_of(error))

    decoded = np.empty((len(images), *size, 3), np.uint8)
    problems = []
    count = 0
    results = map_ahead(attempt, images.paths)
    for result in progress(results, what="Decoding pictures", total=len(images)):
        if isinstance(result, Problem):
            problems.append(result)
        else:
            decoded[count] = result
            count += 1
    return _named(images, images.without(problems)), decoded[:count]


def _named(images: ImageSet, readable: ImageSet) -> ImageSet:
    """Return the readable part of a set, and say which files were left out of it."""
    unreadable = readable.problems[len(images.problems) :]
    if unreadable:
        say(f"{len(unreadable)} of {len(images)} pictures cannot be read and are left out:")
        for problem in unreadable[:_PROBLEMS_SHOWN]:
            say(f"  {problem}")
        if len(unreadable) > _PROBLEMS_SHOWN:
            say(f"  … and {len(unreadable) - _PROBLEMS_SHOWN} more: tl.check_pictures tells all")
    return readable


def _load(path: Path, size: tuple[int, int], prepare: Prepare | None) -> np.ndarray:
    if prepare is None:
        return open_picture(path, size)
    prepared = prepare(open_picture(path))
    try:
        return open_picture(prepared, size)
    except PictureError as error:
        raise ArgumentError(
            f"The function 'prepare' made no picture of {path}.",
            expected="uint8 of shape (height, width, 3)",
            received=error.received,
        ) from error
