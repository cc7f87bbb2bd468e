"""Findings about pictures that are there more than once, and which of them to keep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from tlcourse.data import ImageSet
from tlcourse.data.duplicates import Groups, alike_groups, same_groups
from tlcourse.data.tables import counted
from tlcourse.diagnosis.examine import Examined
from tlcourse.diagnosis.findings import Finding

_JUDGING_FIRST = ("test", "validation", "train")


def find_copies(examined: Sequence[Examined]) -> Groups:
    """Return the groups of readable pictures that are one: the same bytes, or copies by the eye."""
    same = same_groups([one.digest if one.mark else None for one in examined])
    alike = alike_groups([one.mark for one in examined])
    return _joined([*same, *alike])


def copy_findings(
    images: ImageSet, examined: Sequence[Examined], copies: Groups
) -> Iterator[Finding]:
    """Yield one finding for each group of copies, of the kind that costs most."""
    for group in copies:
        classes = {images.class_names[images.labels[i]] for i in group}
        splits = set() if images.splits is None else {str(images.splits[i]) for i in group}
        digests = {examined[i].digest for i in group}
        how = "the same bytes" if len(digests) == 1 else "alike in their details"
        if len(classes) > 1:
            kind, where = "conflict", f", labelled {' and '.join(sorted(classes))}"
        elif len(splits) > 1:
            there = [split for split in _JUDGING_FIRST if split in splits]
            kind, where = "across_splits", f", in {' and '.join(there)}"
        else:
            kind, where = ("duplicate" if len(digests) == 1 else "near_duplicate"), ""
        ordered = sorted(group, key=lambda i: _worth(images, examined, i))
        yield Finding(
            kind,
            tuple(images.paths[i] for i in ordered),
            f"{counted(len(group), 'file')}, {how}{where}",
            tuple(ordered),
            tuple(sorted(classes)),
            1.0 if len(digests) == 1 else 0.9,
        )


def _worth(images: ImageSet, examined: Sequence[Examined], position: int) -> tuple[int, int, int]:
    """Return a sort key: what is worth keeping comes first.

    What judges before what teaches, then the largest, then the first.
    """
    header = examined[position].header
    pixels = header.width * header.height if header else 0
    split = "train" if images.splits is None else str(images.splits[position])
    return _JUDGING_FIRST.index(split), -pixels, position


def _joined(groups: Sequence[tuple[int, ...]]) -> Groups:
    """Return groups in which those that share a position have become one."""
    of: dict[int, int] = {}
    members: dict[int, set[int]] = defaultdict(set)
    for number, group in enumerate(groups):
        merged = set(group)
        for other in {of[i] for i in group if i in of}:
            merged |= members.pop(other)
        members[number] = merged
        of.update(dict.fromkeys(merged, number))
    return tuple(sorted(tuple(sorted(group)) for group in members.values()))
