"""The arithmetic of a split: shares of every class, in pictures or in whole units."""

from __future__ import annotations

import unicodedata
import warnings
from fractions import Fraction

import numpy as np

from tlcourse.data.folders import listed
from tlcourse.data.images import ImageSet
from tlcourse.data.tables import counted
from tlcourse.errors import DataError

_MOST_FOLDS = 10


def divide(
    images: ImageSet, fractions: dict[str, float], seed: int, units: np.ndarray | None
) -> np.ndarray:
    """Return the split of each picture, stratified by class, no unit in two.

    Parameters
    ----------
    images
        A set.
    fractions
        Of all pictures, by the name of the split; the rest is called "train".
    seed
        Another number gives another split.
    units
        `(n,)` names or numbers of what stays together, or None where each picture stands alone.

    Raises
    ------
    DataError
        When classes are too small.

    """
    splits = np.full(len(images), "train", dtype="<U10")
    rest, left = canonical_order(images), 1.0
    for name, fraction in fractions.items():
        if fraction:
            chosen = _choose(images, units, rest, fraction / left, seed)
            splits[rest[chosen]] = name
            rest, left = rest[~chosen], left - fraction
    return splits


def canonical_order(images: ImageSet) -> np.ndarray:
    """Return all positions, ordered by the names of the files."""
    names = [unicodedata.normalize("NFC", path.as_posix()) for path in images.paths]
    return np.array(sorted(range(len(names)), key=names.__getitem__), np.int64)


def _choose(
    images: ImageSet, units: np.ndarray | None, rest: np.ndarray, fraction: float, seed: int
) -> np.ndarray:
    """Return a mask over `rest`: a fraction of it, of which each class has its share.

    Raises a DataError when a class would be missing among the chosen or among the others.
    """
    labels = images.labels[rest]
    if units is None:
        _check_sizes(images, labels, np.arange(len(rest)), "picture")
        return _choose_pictures(labels, fraction, seed)
    groups = np.unique(units[rest], return_inverse=True)[1]
    _check_sizes(images, labels, groups, "group")
    mask = _choose_groups(labels, groups, fraction, seed)
    if mask is None:
        few = np.unique(labels).tolist()
        how = "no way to keep groups whole and each class in every split"
        raise _too_small(images, few, how, "group")
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


def _check_sizes(images: ImageSet, labels: np.ndarray, units: np.ndarray, unit: str) -> None:
    """Raise a DataError that lists the classes which cannot be divided at all."""
    if not len(labels):
        raise DataError("There is nothing to split: the set has no pictures.")
    present = np.unique(labels)
    small = [c for c in present.tolist() if len(np.unique(units[labels == c])) < 2]
    if small:
        raise _too_small(images, small, f"a single {unit} to divide", unit)


def _too_small(images: ImageSet, labels: list[int], what: str, unit: str) -> DataError:
    counts = images.counts()
    names = [images.class_names[label] for label in labels]
    lines = [f"{name}: {counted(counts[name], 'picture')}" for name in names]
    return DataError(
        f"Some classes are too small to be split: they have {what}.",
        expected=f"{unit}s of each class in every split",
        received=listed(lines),
        todo=f"Add {unit}s, leave these classes out, or judge on pictures from elsewhere "
        "(tlcourse train FOLDER --test ANOTHER).",
    )
