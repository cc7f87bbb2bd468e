"""A classifier whose pixels are prepared wrongly: what enters it, and what comes out (lab L4.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from tlcourse.backbones import Backbone
from tlcourse.data import ImageSet, load_pictures
from tlcourse.data.parts import Problem
from tlcourse.data.tables import as_html, as_text, counted
from tlcourse.errors import ArgumentError, DataError, must_be
from tlcourse.messages import progress
from tlcourse.training import Classifier, Head
from tlcourse.training.assembly import take_apart
from tlcourse.training.fitting import fit_head

Prepare: TypeAlias = Callable[[np.ndarray], np.ndarray]
"""From `(…, 3)` uint8 RGB pixels to what is handed to a network, `(…, 3)` floats."""

_BATCH = 16

COLOURS = {
    "black": (0, 0, 0),
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "white": (255, 255, 255),
}


def prepare_as_the_app(pixels: np.ndarray) -> np.ndarray:
    """Prepare pixels as the app of lab L4.1 does. Try it on colours before you read on."""
    return np.asarray(pixels, np.float32) / 255


@dataclass(frozen=True, eq=False, repr=False)
class PreparedColours:
    """What pictures of one colour are turned into; shows as a table.

    Attributes
    ----------
    values : dict
        From the name of a way to prepare to `(5, 3)` float32: for black, red, green, blue and white
        the three numbers of a pixel, in the order in which the network gets them.

    """

    values: dict[str, np.ndarray]

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        rows = [["a pixel that is", *self.values]]
        for place, colour in enumerate(COLOURS):
            shown = [
                ", ".join(f"{x:.2f}" for x in numbers[place]) for numbers in self.values.values()
            ]
            rows.append([colour, *shown])
        return "What the network gets for a pixel: its three numbers, in order", rows, []

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())


def prepare_colours(**ways: Prepare) -> PreparedColours:
    """Send pixels of known colours through one or more ways to prepare them.

    Black shows what is subtracted, white the range, and red which of the three numbers is red's.

    Parameters
    ----------
    **ways
        From a name to a function, as for `serve`.

    Raises
    ------
    ArgumentError
        When there is none, or what a function returns is no picture of the same size.

    """
    if not ways:
        raise ArgumentError(
            "There is nothing to try.",
            expected="functions by name",
            todo="Write prepare_colours(app=prepare_as_the_app).",
        )
    pixels = np.array(list(COLOURS.values()), np.uint8).reshape(-1, 1, 1, 3)
    return PreparedColours({name: _prepared(way, pixels)[:, 0, 0] for name, way in ways.items()})


@dataclass(frozen=True, eq=False, repr=False)
class Served:
    """How a classifier did on pixels that somebody prepared; shows as a table.

    Attributes
    ----------
    accuracy : float
        0 to 1.
    named : dict
        From each class to how often it was the answer.
    actual : dict
        From each class to how many pictures show it.
    confidence : float
        Mean probability of the answers, 0 to 1.
    problems : tuple of Problem
        Pictures that were left out.

    """

    accuracy: float
    named: dict[str, int]
    actual: dict[str, int]
    confidence: float
    problems: tuple[Problem, ...] = ()

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        count = sum(self.actual.values())
        rows = [["class", "pictures", "named so"]]
        rows += [[name, f"{n:,}", f"{self.named[name]:,}"] for name, n in self.actual.items()]
        said = (
            f"{self.accuracy:.1%} of {counted(count, 'picture')} named rightly, with a mean "
            f"probability of {self.confidence:.0%}"
        )
        return said, rows, [f"left out: {problem}" for problem in self.problems]

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())


def serve(classifier: Classifier, images: ImageSet, prepare: Prepare) -> Served:
    """Run a classifier as a program does that prepares the pixels by itself.

    The classifier's own preprocessing is left out: what `prepare` returns goes straight into the
    bare network, and its averaged features into the head.

    Parameters
    ----------
    classifier
        Trained.
    images
        Labelled pictures of its classes.
    prepare
        Gets `(n, height, width, 3)` uint8 RGB pixels and returns floats of the same shape.

    Raises
    ------
    ArgumentError
        When what `prepare` returns does not fit, or the classes differ.
    DataError
        When no picture can be read.

    """
    must_be("classifier", classifier, Classifier, "Start with tl.train_head(features).")
    backbone, head = take_apart(classifier)
    _must_have_classes(images, classifier.class_names)
    return _judged(backbone, head, images, prepare)


def retrain_and_serve(
    backbone: Backbone, train: ImageSet, judged: ImageSet, prepare: Prepare, *, seed: int = 0
) -> Served:
    """Train a head on features of pixels prepared in some way, and judge it on such pixels.

    Parameters
    ----------
    backbone
        Frozen.
    train
        Labelled pictures to learn from.
    judged
        Other pictures of the same classes.
    prepare
        As for `serve`, the same for both.
    seed
        As for `train_head`.

    Raises
    ------
    ArgumentError
        When what `prepare` returns does not fit, or the classes differ.
    DataError
        When no picture can be read.

    """
    must_be("backbone", backbone, Backbone, 'Write backbone = tl.load_backbone("vgg16") first.')
    must_be("train", train, ImageSet, 'Write train = tl.load_dataset("fleet").train first.')
    _must_have_classes(judged, tuple(train.class_names))
    rows, problems = _features(backbone, train, prepare)
    train = train.without(problems)
    head = fit_head("gap", rows, train.labels, groups=train.groups, seed=seed)
    return _judged(backbone, head, judged, prepare)


def _judged(backbone: Backbone, head: Head, images: ImageSet, prepare: Prepare) -> Served:
    rows, problems = _features(backbone, images, prepare)
    images = images.without(problems)
    probabilities = head(rows)
    answers = probabilities.argmax(axis=1)
    said = Counter(answers.tolist())
    return Served(
        accuracy=float((answers == images.labels).mean()),
        named={name: said[number] for number, name in enumerate(images.class_names)},
        actual=images.counts(),
        confidence=float(probabilities.max(axis=1).mean()),
        problems=tuple(problems),
    )


def _features(
    backbone: Backbone, images: ImageSet, prepare: Prepare
) -> tuple[np.ndarray, list[Problem]]:
    """Return the averaged last maps of the bare network, `(n, features)` float32."""
    problems: list[Problem] = []
    read = []
    for _, pixels in load_pictures(list(images.paths), backbone.input_size):
        if isinstance(pixels, Problem):
            problems.append(pixels)
        else:
            read.append(pixels)
    if not read:
        raise DataError(
            "There is no picture to look at.",
            expected="at least one picture that can be read",
            received="; ".join(map(str, problems[:5])) or "none",
        )
    starts = progress(range(0, len(read), _BATCH), what="prepared pixels", unit="batch")
    rows = []
    for start in starts:
        pixels = _prepared(prepare, np.stack(read[start : start + _BATCH]))
        maps = np.asarray(backbone.network(pixels, training=False))
        rows.append(maps.mean(axis=(1, 2), dtype=np.float32))
    return np.concatenate(rows), problems


def _prepared(prepare: Prepare, pixels: np.ndarray) -> np.ndarray:
    """Return what a function makes of pixels, or raise an ArgumentError unless it fits."""
    values = np.asarray(prepare(pixels.copy()))
    sound = values.shape == pixels.shape and values.dtype.kind in "fiub"
    if sound and np.isfinite(values).all():
        return values.astype(np.float32)
    raise ArgumentError(
        "What the function for the pixels returns cannot enter the network.",
        expected=f"finite numbers of shape {pixels.shape}",
        received=f"{values.dtype} of shape {values.shape}",
        todo="Return an array as large as the one that comes in.",
    )


def _must_have_classes(images: ImageSet, class_names: tuple[str, ...]) -> None:
    must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
    if tuple(images.class_names) != class_names:
        raise ArgumentError(
            "The pictures are not of the classes that were learned.",
            expected=", ".join(class_names),
            received=", ".join(images.class_names),
        )
