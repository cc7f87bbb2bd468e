"""The doctor's work against a list of faults that is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.diagnosis.scenes import write_scenes
from tlcourse.data import load_images
from tlcourse.diagnosis import Finding, diagnose, make_messy
from tlcourse.diagnosis.findings import in_order_of_cost
from tlcourse.errors import DataError
from tlcourse.experiments import mark_diagnosis


@pytest.fixture(scope="module")
def messy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("marking")
    images = load_images(write_scenes(folder / "scenes", 60, ("discs", "bars", "rings")))
    return make_messy(images, folder / "messy")


@pytest.fixture(scope="module")
def diagnosis(messy):
    return diagnose(messy.folder, backbone=None)


def test_what_bytes_and_names_tell_is_found(diagnosis, messy):
    marks = mark_diagnosis(diagnosis, messy)
    assert marks.put_in == len(messy.faults)
    for kind in ("unreadable", "truncated", "rotated", "duplicate", "conflict", "empty_class",
                 "imbalance", "class_spelling", "left_out"):  # fmt: skip
        assert marks.of(kind).found == marks.of(kind).put_in > 0, kind


def test_without_a_network_wrong_labels_are_missed_and_named_so(diagnosis, messy):
    marks = mark_diagnosis(diagnosis, messy)
    assert marks.of("label_error").found == 0
    missed = {fault.kind for fault in marks.missed}
    assert {"label_error", "outlier"} <= missed
    assert marks.found == marks.put_in - len(marks.missed)


def test_a_picture_that_nothing_was_done_to_is_named_in_vain(diagnosis, messy):
    before = mark_diagnosis(diagnosis, messy)
    spoilt = {messy.folder / file for fault in messy.faults for file in fault.files}
    positions = [i for i, path in enumerate(diagnosis.images.paths) if path not in spoilt]
    innocent = diagnosis.images.paths[positions[0]]
    guilty = next(path for path in diagnosis.images.paths if path in spoilt)
    accused = [Finding("label_error", (path,), "looks odd") for path in (innocent, guilty)]
    more = replace(diagnosis, findings=in_order_of_cost([*diagnosis.findings, *accused]))
    marks = mark_diagnosis(more, messy)
    assert marks.of("label_error").in_vain == (innocent.resolve(),)
    assert marks.in_vain == before.in_vain + 1
    assert marks.untouched == len(positions)


def test_one_file_of_a_pair_of_copies_is_not_enough(diagnosis, messy):
    conflict = next(fault for fault in messy.faults if fault.kind == "conflict")
    others = [finding for finding in diagnosis.findings if finding.kind != "conflict"]
    half = Finding("conflict", (messy.folder / conflict.files[0],), "half of it")
    found = replace(diagnosis, findings=in_order_of_cost([*others, half]))
    assert conflict in mark_diagnosis(found, messy).missed


def test_the_table_and_the_figure_tell_the_same(diagnosis, messy):
    marks = mark_diagnosis(diagnosis, messy)
    told = f"{marks.found} of {marks.put_in} faults found"
    assert told in repr(marks)
    figure = marks.draw()
    assert told in figure.alt
    assert all(mark.title in figure.alt for mark in marks.kinds)


def test_a_kind_that_is_not_there_and_another_folder_are_refused(diagnosis, messy, tmp_path):
    with pytest.raises(DataError, match="neither put in nor named"):
        mark_diagnosis(diagnosis, messy).of("across_splits")
    other = load_images(write_scenes(tmp_path / "other", 4))
    with pytest.raises(DataError, match="another folder"):
        mark_diagnosis(diagnose(other, backbone=None), messy)


def test_pictures_of_no_folder_are_refused_too(diagnosis, messy):
    elsewhere = replace(
        diagnosis.images,
        paths=tuple(messy.folder.parent / path.name for path in diagnosis.images.paths),
    )
    assert not np.any([path.exists() for path in elsewhere.paths])
    with pytest.raises(DataError, match="another folder"):
        mark_diagnosis(replace(diagnosis, images=elsewhere), messy)
