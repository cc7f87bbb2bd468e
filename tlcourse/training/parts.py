"""What is learned from and what chooses the epoch, taken out of a set; labels matched by name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tlcourse.data import ImageSet, split
from tlcourse.errors import DataError
from tlcourse.messages import say


def training_parts(
    images: ImageSet, class_names: tuple[str, ...], held_out: float, seed: int
) -> tuple[ImageSet, ImageSet | None]:
    """Return the pictures to learn from and those to choose the epoch with, with our labels.

    The part "test" is never touched. Where there is no part "validation", a share of the training
    pictures is held out, groups and copies kept together, and that is said.

    Parameters
    ----------
    images
        A set, split or not.
    class_names
        The classifier's; they number the labels of what is returned.
    held_out
        The share, 0 to 1; 0 holds nothing out.
    seed
        For what is held out.

    Raises
    ------
    DataError
        When there is nothing to learn from, classes do not match, or the validation part has a
        class that is not learned.

    """
    train = _part(images, "train")
    if train is None or len(train) == 0:
        there = "no pictures" if images.splits is None else ", ".join(np.unique(images.splits))
        raise DataError(
            "There is nothing to learn from.",
            expected="pictures, in the part 'train' where the set is split",
            received=there,
            todo="Split it: images = tl.split(images).",
        )
    train = _relabelled(train, class_names)
    validation = _part(images, "validation") if images.splits is not None else None
    if validation is not None:
        validation = _relabelled(validation, class_names)
        _must_be_learned(train, validation)
    _must_tell_apart(train)
    if validation is None and held_out:
        train, validation = _hold_out(train, held_out, seed)
    return train, validation


def _part(images: ImageSet, name: str) -> ImageSet | None:
    if images.splits is None:
        return images
    chosen = images.splits == name
    return images.subset(chosen) if chosen.any() else None


def _relabelled(images: ImageSet, class_names: tuple[str, ...]) -> ImageSet:
    """Return a set whose labels are positions in the classifier's class names."""
    there = [images.class_names[label] for label in np.unique(images.labels)]
    if unknown := [name for name in there if name not in class_names]:
        raise DataError(
            "The pictures have classes that the classifier does not know.",
            expected=", ".join(class_names),
            received=", ".join(unknown),
            todo="Name the folders like the classes, or build a classifier for these: "
            "tl.build_classifier(backbone, images.class_names).",
        )
    places = np.array(
        [class_names.index(name) if name in class_names else -1 for name in images.class_names]
    )
    return replace(images, labels=places[images.labels], class_names=class_names)


def _must_be_learned(train: ImageSet, validation: ImageSet) -> None:
    counts = train.counts()
    if lacking := [name for name, n in validation.counts().items() if n and not counts[name]]:
        raise DataError(
            "The validation part has classes that the training part lacks.",
            expected="pictures to learn from of each class",
            received=f"none of: {', '.join(lacking)}",
            todo="Split anew: tl.split(images.with_splits(None), validation=0.2).",
        )


def _must_tell_apart(train: ImageSet) -> None:
    counts = train.counts()
    if min(counts.values()) > 0:
        return
    raise DataError(
        "There is nothing to tell apart.",
        expected="at least one picture to learn from of each class",
        received="pictures a class: " + ", ".join(f"{n} ({c})" for n, c in counts.items()),
        todo="Add pictures, or build a classifier without the empty class.",
    )


def _hold_out(train: ImageSet, share: float, seed: int) -> tuple[ImageSet, ImageSet | None]:
    """Take a share out of the training pictures, in whole groups."""
    try:
        divided = split(train.with_splits(None), test=share, seed=seed)
    except DataError as error:
        say(f"Nothing can be held out to choose the epoch with ({error.what}) The last one counts.")
        return train, None
    kept, out = divided.train, divided.test
    whole = "" if train.groups is None else ", in whole groups"
    say(
        f"The set has no validation part: {len(out):,} of {len(train):,} training pictures are "
        f"held out{whole}, to choose the epoch with."
    )
    return kept.with_splits(None), out.with_splits(None)
