"""`split` and `leave_out`: which pictures to learn from, and which to judge with."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import numpy as np

from tlcourse.data.columns import Column, column_values
from tlcourse.data.dividing import canonical_order, divide
from tlcourse.data.folders import listed
from tlcourse.data.images import ImageSet
from tlcourse.data.leakage import Copies, find_copies, leaks_of, warn_of
from tlcourse.data.parts import SPLITS, natural_order
from tlcourse.data.tables import counted
from tlcourse.errors import ArgumentError, DataError, must_be
from tlcourse.messages import say


def split(
    images: ImageSet,
    test: float = 0.25,
    validation: float = 0.0,
    seed: int = 0,
    *,
    by: Column | None = None,
    copies_together: bool = True,
) -> ImageSet:
    """Return the set with each picture assigned to train, validation or test.

    Every class is split in the same proportions (stratified). What belongs together never lies in
    two splits, or a network could pass the test by memory: pictures of one group of the set, with
    one value of the column `by`, and copies of one picture.

    The result depends on the seed, the file names, labels and groups, and on which pictures are
    copies; neither on the order of the files nor on where the folder lies nor on the machine.

    Parameters
    ----------
    images
        A set without splits.
    test, validation
        Fractions of all pictures, 0 to 1; the rest is for training. With groups the nearest
        possible fractions are taken.
    seed
        Another number gives another split.
    by
        The name of a column of the manifest, or one value a picture: `"date"` keeps the pictures of
        a day together (read from EXIF where there is no such column), `"source"` those of a source.
        Pictures of which nothing is known stand for themselves.
    copies_together
        Whether to look for copies (`exact_duplicates`, `near_duplicates`), for which all files are
        read. Where a class consists of copies alone, they are torn apart, and that is said.

    Returns
    -------
    ImageSet
        The same pictures in the same order, with `splits`. `record["split"]` tells the rule, the
        seed, the fractions asked for and reached, and the pictures of each class in each split.

    Raises
    ------
    ArgumentError
        When the fractions or the seed make no sense, or there is no such column.
    DataError
        When the set is split already, or classes are too small to be in every split.

    """
    must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
    _check_fractions(test, validation)
    _check_seed(seed)
    _must_not_be_split(images)
    declared, rules = _declared(images, by)
    copies = find_copies(images) if copies_together else Copies((), ())
    units = _merged(images, declared, copies)
    fractions = {"test": test, "validation": validation}
    try:
        splits = divide(images, fractions, seed, units)
    except DataError:
        if units is declared:
            raise
        splits = divide(images, fractions, seed, declared)
        units = declared
    if units is not declared:
        rules.append("copies kept together")
    result = _recorded(images, splits, fractions, seed, ", ".join(["stratified", *rules]))
    warn_of(leaks_of(result, copies))
    return result


def leave_out(
    images: ImageSet,
    column: Column,
    values: str | Collection[str] | Callable[[str], bool],
    *,
    validation: float = 0.0,
    seed: int = 0,
) -> ImageSet:
    """Return the set split so that some days, sources or the like are judged on, and not learned.

    That is the harder and more honest question: whether what was learned holds for pictures of
    another camera, another harbour, or next month.

    Parameters
    ----------
    images
        A set without splits.
    column
        The name of a column of the manifest, such as `"source"`, or `"date"`, which is read from
        EXIF where there is no such column; or one value a picture.
    values
        What is left for the test: a value, several, or a function that tells for a value. Days sort
        as text: `tl.leave_out(images, "date", lambda day: day >= "2024-06-01")`.
    validation
        Fraction of the other pictures, drawn as `split` does.
    seed
        For that draw.

    Returns
    -------
    ImageSet
        The same pictures in the same order, with `splits`, and how they came about in
        `record["split"]`. Pictures of which nothing is known are learned from. Groups or copies on
        both sides are said.

    Raises
    ------
    ArgumentError
        When there is no such column, or an argument makes no sense.
    DataError
        When the set is split already, no picture has such a value, or a class would have no picture
        to learn from.

    """
    must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
    if validation:
        _check_fractions(0.0, validation)
    _check_seed(seed)
    _must_not_be_split(images)
    known = column_values(images, column)
    left_out = np.isin(known, _chosen_values(known, values))
    name = column if isinstance(column, str) else "by"
    _must_leave_each_class(images, left_out, name)
    splits = np.full(len(images), "test", dtype="<U10")
    splits[~left_out] = "train"
    copies = find_copies(images)
    if validation:
        rest = images.subset(~left_out)
        units = _merged(rest, rest.groups, _among(copies, np.flatnonzero(~left_out)))
        splits[~left_out] = divide(rest, {"validation": validation}, seed, units)
    fractions = {"test": round(float(left_out.mean()), 6), "validation": validation}
    tested = natural_order(set(known[left_out].tolist()))
    rule = f"left out by {name}: {', '.join(tested)}"
    result = _recorded(images, splits, fractions, seed, rule)
    warn_of(leaks_of(result, copies))
    return result


def _declared(images: ImageSet, by: Column | None) -> tuple[np.ndarray | None, list[str]]:
    """Return what the set itself and the column `by` keep together, and how that is called."""
    units, rules = images.groups, []
    if units is not None:
        rules.append("groups kept together")
    if by is not None:
        values = column_values(images, by)
        name = f"the column '{by}'" if isinstance(by, str) else "the argument 'by'"
        if unknown := int((values == "").sum()):
            say(f"{counted(unknown, 'picture')} without a value in {name}: each stands for itself.")
        alike = [np.flatnonzero(values == value) for value in np.unique(values) if value]
        units = _merged(images, units, Copies(tuple(tuple(a.tolist()) for a in alike), ()))
        rules.append(f"{by if isinstance(by, str) else 'what was given'} kept together")
    return units, rules


def _merged(images: ImageSet, units: np.ndarray | None, copies: Copies) -> np.ndarray | None:
    """Return units with those joined that have members in one group of copies.

    They are numbered in the canonical order of their first pictures, so that nothing depends on the
    order of the files. Where nothing is joined, the units are those that were given.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(images)
    before = np.arange(count) if units is None else np.unique(units, return_inverse=True)[1]
    pairs = [(group[0], other) for group in (*copies.same, *copies.near) for other in group[1:]]
    if all(before[one] == before[other] for one, other in pairs):
        return units
    ends = before[np.array(pairs)]
    links = coo_array((np.ones(len(ends)), ends.T), shape=(count, count))
    joined = connected_components(links, directed=False)[1][before]
    order = canonical_order(images)
    _, first = np.unique(joined[order], return_index=True)
    number = np.empty(count, np.int64)
    number[joined[order][np.sort(first)]] = np.arange(len(first))
    return number[joined]


def _among(copies: Copies, positions: np.ndarray) -> Copies:
    """Return the copies among some pictures of a set, by their places there."""
    place = {position: number for number, position in enumerate(positions.tolist())}
    same, near = (
        tuple(tuple(place[i] for i in group if i in place) for group in groups) for groups in copies
    )
    return Copies(*(tuple(g for g in groups if len(g) > 1) for groups in (same, near)))


def _must_not_be_split(images: ImageSet) -> None:
    if images.splits is None:
        return
    there = ", ".join(f"{(images.splits == n).sum()} {n}" for n in SPLITS if n in images.splits)
    raise DataError(
        "The set is split already; another split could mix what was kept apart.",
        received=there,
        todo="Use it as it is, or split anew: tl.split(images.with_splits(None)).",
    )


def _chosen_values(
    known: np.ndarray, values: str | Collection[str] | Callable[[str], bool]
) -> list[str]:
    """Return the values that are left out, of those that there are; "" is none."""
    there = [value for value in np.unique(known).tolist() if value]
    if callable(values):
        return [value for value in there if values(value)]
    wanted = [values] if isinstance(values, str) else [str(value) for value in values]
    unknown = [value for value in wanted if value not in there]
    if unknown or not wanted:
        raise DataError(
            "No picture has what is to be left out.",
            expected=f"some of: {', '.join(natural_order(there)[:20]) or 'nothing is known'}",
            received=", ".join(map(repr, unknown)) or "nothing",
        )
    return wanted


def _must_leave_each_class(images: ImageSet, left_out: np.ndarray, name: str) -> None:
    """Raise a DataError when there is nothing to judge with, or a class to learn is not there."""
    if not left_out.any():
        raise DataError(
            f"No picture is left out by {name}.",
            expected="a value that some pictures have",
            received="none of them",
        )
    everything, kept = images.counts(), images.subset(~left_out).counts()
    lost = [f"{c}: {counted(n, 'picture')}" for c, n in everything.items() if n and not kept[c]]
    if lost:
        raise DataError(
            f"All pictures of some classes are left out by {name}: nothing to learn from.",
            expected="at least one picture of each class that stays",
            received=listed(lost),
            todo="Leave out less, or leave these classes out of the set.",
        )
    tested = images.subset(left_out).counts()
    if missing := [c for c, n in everything.items() if n and not tested[c]]:
        say(f"Classes without a picture to judge with: {', '.join(missing)}.")


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


def _recorded(
    images: ImageSet, splits: np.ndarray, asked: dict[str, float], seed: int, rule: str
) -> ImageSet:
    result = images.with_splits(splits)
    names = [name for name in SPLITS if name in splits]
    record = {
        "rule": rule,
        "seed": int(seed),
        "asked": {"train": round(1 - sum(asked.values()), 6), **asked},
        "got": {name: round(float((splits == name).mean()), 6) for name in names},
        "counts": {name: result.subset(splits == name).counts() for name in names},
    }
    return replace(result, record={**images.record, "split": record})
