"""`diagnose`: what is wrong with a folder of pictures."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from tlcourse.backbones import Backbone
from tlcourse.data import ImageSet
from tlcourse.data.duplicates import Groups
from tlcourse.diagnosis.classes import class_findings
from tlcourse.diagnosis.copies import copy_findings, find_copies
from tlcourse.diagnosis.diagnosis import Diagnosis
from tlcourse.diagnosis.examine import examine
from tlcourse.diagnosis.findings import Finding, in_order_of_cost
from tlcourse.diagnosis.folders import problem_findings, read_folder
from tlcourse.diagnosis.labels import label_findings
from tlcourse.diagnosis.outliers import outlier_findings, strangers
from tlcourse.diagnosis.pictures import picture_findings
from tlcourse.diagnosis.tuned import judge_by_tuning
from tlcourse.diagnosis.views import DEFAULT, look
from tlcourse.errors import ArgumentError, DataError, must_be

_NOT_JUDGED = ("conflict", "constant", "outlier", "tiny")
"""Kinds of findings after which a label is neither learned from nor judged."""

_HOW = 'Write diagnosis = tl.diagnose("folder"), or hand over what tl.load_images returned.'


def diagnose(
    images: ImageSet | str | Path,
    backbone: str | Backbone | None = DEFAULT,
    *,
    thorough: bool = False,
) -> Diagnosis:
    """Find what is wrong with pictures, their labels and their folders.

    Each file is read and decoded once for all checks of pictures; the checks of labels and of what
    does not belong use features, which are cached (`extract_features`). Nothing is changed.

    Parameters
    ----------
    images
        A folder, read as it is, with the faults that stop `load_images`; a CSV manifest; or an
        `ImageSet`.
    backbone
        A name for `load_backbone`, or a backbone. None leaves out the checks that need one: labels
        that look wrong, and pictures that look like nothing else. Loading it takes some seconds.
        The default looks at 320 and at 416 pixels a side in sets of up to 2,700 pictures, at 320 up
        to 7,300, else at 224 (`tlcourse.diagnosis.views`); any other at its own size. What was used
        stands in the `record`.
    thorough
        Whether to judge labels by fine-tuning as well: five copies of the backbone learn, each
        without the fifth of the pictures that it judges. It may find more wrong labels where
        classes look alike (`tlcourse.diagnosis.tuned` has figures), and takes about half a second a
        picture on two cores. Ctrl-C leaves it out.

    Returns
    -------
    Diagnosis
        With everything that was found, what costs most first.

    Raises
    ------
    DataError
        When there is no such folder, no picture in it, or a manifest has faults.
    ArgumentError
        When an argument is of the wrong kind, or `thorough` goes without a backbone.

    """
    must_be("images", images, (ImageSet, str, Path), _HOW)
    must_be("backbone", backbone, (str, Backbone, type(None)), "Name one, or write backbone=None.")
    if thorough and backbone is None:
        raise ArgumentError(
            "A thorough diagnosis fine-tunes a network.",
            expected="a backbone with thorough=True",
            received="backbone=None",
        )
    seconds: dict[str, float] = {}
    started = time.perf_counter()
    findings: list[Finding] = []
    if not isinstance(images, ImageSet):
        images, findings = read_folder(images)
    if not len(images):
        raise DataError("There is nothing to look at: the set has no pictures.")
    findings += problem_findings(images.problems)
    findings += class_findings(images)
    examined = examine(images)
    findings += picture_findings(images, examined)
    copies = find_copies(examined)
    findings += copy_findings(images, examined, copies)
    seconds["pictures"] = round(time.perf_counter() - started, 3)
    readable = np.array([i for i, one in enumerate(examined) if not one.reason], np.int64)
    started = time.perf_counter()
    record: dict[str, Any] = {"backbone": None}
    if backbone is not None and len(readable):
        found, record = _by_features(images, readable, copies, backbone, findings, thorough)
        findings += found
        seconds["features"] = round(time.perf_counter() - started, 3)
    record |= {"pictures": len(images), "readable": len(readable), "seconds": seconds}
    return Diagnosis(images, in_order_of_cost(findings), {**record, "images": images.record})


def _by_features(
    images: ImageSet,
    readable: np.ndarray,
    copies: Groups,
    backbone: str | Backbone,
    findings: list[Finding],
    thorough: bool,
) -> tuple[list[Finding], dict[str, Any]]:
    """Return what features tell beyond what was found already, and how they were made."""
    seen = look(backbone, images, readable, strangers())
    found = list(outlier_findings(images, seen.positions, seen.own[-1], seen.foreign[-1]))
    hopeless = {i for f in (*findings, *found) if f.kind in _NOT_JUDGED for i in f.positions}
    judged = np.array([i not in hopeless for i in seen.positions.tolist()], bool)
    positions = seen.positions[judged]
    units = _units(images, copies)[positions]
    views = [view[judged] for view in seen.own]
    tuned: list[bool] = []

    def tune(*asked: Any) -> np.ndarray | None:
        answers = judge_by_tuning(backbone, *asked)
        tuned.append(answers is not None)
        return answers

    found += label_findings(images, positions, views, units, tune if thorough else None)
    return found, {**seen.record, "thorough": any(tuned)}


def _units(images: ImageSet, copies: Groups) -> np.ndarray:
    """Return `(n,)` int: copies, and pictures of one group, have the same number."""
    if images.groups is not None:
        return np.unique(images.groups, return_inverse=True)[1]
    units = np.arange(len(images))
    for group in copies:
        units[list(group)] = group[0]
    return units
