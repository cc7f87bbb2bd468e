"""`split`: which pictures to learn from, and which to judge with."""

from __future__ import annotations

import unicodedata
import warnings
from dataclasses import replace
from fractions import Fraction

import numpy as np

from tlcourse.data.folders import listed
from tlcourse.data.images import ImageSet
from tlcourse.data.parts import SPLITS
from tlcourse.data.tables import counted
from tlcourse.errors import ArgumentError, DataError, must_be

_MOST_FOLDS = 10


def split(images: ImageSet, test: float = 0.25, validation: float = 0.0, seed: int = 0) -> ImageSet:
    """Return the set with each picture assigned to train, validation or test.

    Every class is split in the same proportions (stratified). Where the set has groups, no group
    lies in two splits: two photographs of one ship would let a network pass the test by memory.

    The result depends on the seed, the file names, labels and groups, and on nothing else: neither
    on the order of the files nor on where the folder lies nor on the machine.

    Parameters
    ----------
    images
        A set without splits.
    test, validation
        Fractions of all pictures, 0 to 1; the rest is for training. With groups the nearest
        possible fractions are taken.
    seed
        Another number gives another split.

    Returns
    -------
    ImageSet
        The same pictures in the same order, with `splits`. `record["split"]` tells the rule, the
        seed, the fractions asked for and reached, and the pictures of each class in each split.

    Raises
    ------
    ArgumentError
        When the fractions or the seed make no sense.
    DataError
        When the set is split already, or classes are too small to be in every split.

    """
    must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
    _check_fractions(test, validation)
    _check_seed(seed)
    if images.splits is not None:
        there = ", ".join(f"{(images.splits == n).sum()} {n}" for n in SPLITS if n in images.splits)
        raise DataError(
            "The set is split already; another split could mix what was kept apart.",
            received=there,
            todo="Use it as it is, or split anew: tl.split(images.with_splits(None)).",
        )
    fractions = {"test": test, "validation": validation}
    splits = np.full(len(images), "train", dtype="<U10")
    rest, left = _in_canonical_order(images), 1.0
    for name, fraction in fractions.items():
        if fraction:
            chosen = _choose(images, rest, fraction / left, seed)
            splits[rest[chosen]] = name
            rest, left = rest[~chosen], left - fraction
    return _recorded(images, splits, fractions, seed)


def _check_fractions(test: float, validation: float) -> None:
    numbers = isinstance(test, int | float) and isinstance(validation, int | float)
    if numbers and min(test, validation) >= 0 and 0 < test + validation < 1:
        return
    raise ArgumentError(
        "The arguments 'test' and 'validation' leave nothing to learn from or to judge with.",
        expected="fractions of at least 0 whose sum lies between 0 and 1",
        received=f"test={test!r}, validation={validation!r}",
        todo="Write test=0.25 to learn from three pictures for each one to judge with.",
    )


def _check_seed(seed: int) -> None:
    if isinstance(seed, int | np.integer) and 0 <= seed < 2**32:
        return
    raise ArgumentError(
        "The argument 'seed' is no seed.",
        expected="a whole number from 0 to 4294967295",
        received=repr(seed),
    )


def _in_canonical_order(images: ImageSet) -> np.ndarray:
    """Return all positions, ordered by the names of the files."""
    names = [unicodedata.normalize("NFC", path.as_posix()) for path in images.paths]
    return np.array(sorted(range(len(names)), key=names.__getitem__), np.int64)


def _choose(images: ImageSet, rest: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    """Return a mask over `rest`: a fraction of it, of which each class has its share.

    Raises a DataError when a class would be missing among the chosen or among the others.
    """
    labels = images.labels[rest]
    if images.groups is None:
        _check_sizes(images, labels, np.arange(len(rest)))
        return _choose_pictures(labels, fraction, seed)
    groups = np.unique(images.groups[rest], return_inverse=True)[1]
    _check_sizes(images, labels, groups)
    mask = _choose_groups(labels, groups, fraction, seed)
    if mask is None:
        few = np.unique(labels).tolist()
        raise _too_small(images, few, "no way to keep groups whole and each class in every split")
    return mask


def _choose_pictures(labels: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    """Return a mask with the nearest share of each class, but at least one picture on each side."""
    from sklearn.model_selection import train_test_split  # here: its import takes a second

    random = np.random.RandomState(seed)  # the generator whose numbers never change
    mask = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        count = min(max(round(fraction * len(members)), 1), len(members) - 1)
        _, chosen = train_test_split(members, test_size=count, random_state=random)
        mask[chosen] = True
    return mask


def _choose_groups(
    labels: np.ndarray, groups: np.ndarray, fraction: float, seed: int
) -> np.ndarray | None:
    """Return a mask of whole groups, or None where none has each class on both sides.

    The pictures are dealt into stratified folds of whole groups. Neighbouring folds are then taken
    together, 3 of 10 for 0.3, those that come nearest to the share of each class. Where classes
    have fewer groups than there are folds, fewer folds are tried.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    nothing = np.zeros(len(labels))
    most = min(_MOST_FOLDS, len(np.unique(groups)), int(np.bincount(labels).max()))
    for share in _shares(fraction, most):
        folds = np.zeros(len(labels), np.int64)
        dealer = StratifiedGroupKFold(share.denominator, shuffle=True, random_state=seed)
        with warnings.catch_warnings():  # of classes smaller than the folds: looked after below
            warnings.simplefilter("ignore", UserWarning)
            for number, (_, members) in enumerate(dealer.split(nothing, labels, groups)):
                folds[members] = number
        masks = [
            (folds - start) % share.denominator < share.numerator
            for start in range(share.denominator)
        ]
        usable = [mask for mask in masks if _each_class_on_both_sides(labels, mask)]
        if usable:
            return min(usable, key=lambda mask: _distance(labels, mask, fraction))
    return None


def _shares(fraction: float, most: int) -> list[Fraction]:
    """Return fractions near to the one wanted, with ever smaller denominators from `most` to 2."""
    shares = []
    for folds in range(most, 1, -1):
        near = Fraction(fraction).limit_denominator(folds)
        shares.append(min(max(near, Fraction(1, folds)), Fraction(folds - 1, folds)))
    return list(dict.fromkeys(shares))


def _each_class_on_both_sides(labels: np.ndarray, mask: np.ndarray) -> bool:
    classes = len(np.unique(labels))
    return len(np.unique(labels[mask])) == len(np.unique(labels[~mask])) == classes


def _distance(labels: np.ndarray, mask: np.ndarray, fraction: float) -> float:
    """Return by how many pictures the classes miss their share."""
    sizes = np.bincount(labels)
    chosen = np.bincount(labels[mask], minlength=len(sizes))
    return float(np.abs(chosen - fraction * sizes).sum())


def _check_sizes(images: ImageSet, labels: np.ndarray, units: np.ndarray) -> None:
    """Raise a DataError that lists the classes which cannot be divided at all."""
    if not len(labels):
        raise DataError("There is nothing to split: the set has no pictures.")
    present = np.unique(labels)
    small = [c for c in present.tolist() if len(np.unique(units[labels == c])) < 2]
    if small:
        unit = "picture" if images.groups is None else "group"
        raise _too_small(images, small, f"one {unit} that is left to divide")


def _too_small(images: ImageSet, labels: list[int], what: str) -> DataError:
    counts = images.counts()
    names = [images.class_names[label] for label in labels]
    lines = [f"{name}: {counted(counts[name], 'picture')}" for name in names]
    unit = "pictures" if images.groups is None else "groups"
    return DataError(
        f"Some classes are too small to be split: they have {what}.",
        expected=f"{unit} of each class in every split",
        received=listed(lines),
        todo=f"Add {unit}, leave these classes out, or change the fractions.",
    )


def _recorded(images: ImageSet, splits: np.ndarray, asked: dict[str, float], seed: int) -> ImageSet:
    result = images.with_splits(splits)
    names = [name for name in SPLITS if name in splits]
    record = {
        "rule": "stratified" if images.groups is None else "stratified, groups kept together",
        "seed": int(seed),
        "asked": {"train": round(1 - sum(asked.values()), 6), **asked},
        "got": {name: round(float((splits == name).mean()), 6) for name in names},
        "counts": {name: result.subset(splits == name).counts() for name in names},
    }
    return replace(result, record={**images.record, "split": record})
