"""The whole doctor, with a network: on folders that were spoilt on purpose, and on real ones."""

import csv
import sys
from collections import Counter

import numpy as np
import pytest

from tests.diagnosis.scenes import as_set, scene, write_scenes
from tlcourse.data import ImageSet, load_images
from tlcourse.diagnosis import KINDS, diagnose, make_messy
from tlcourse.errors import ArgumentError

GROUPS = ("duplicate", "near_duplicate", "conflict", "across_splits")


def score(messy, diagnosis):
    """Return found and injected faults by kind, and false alarms by kind with the clean files."""
    root = messy.folder
    named = {kind: [] for kind in KINDS}
    for finding in diagnosis.findings:
        named[finding.kind].append({f.relative_to(root).as_posix() for f in finding.files})
    spoilt = {file for fault in messy.faults for file in fault.files}
    clean = {p.relative_to(root).as_posix() for p in diagnosis.images.paths} - spoilt
    injected, found = Counter(), Counter()
    for fault in messy.faults:
        injected[fault.kind] += 1
        needed = 2 if fault.kind in GROUPS else 1
        # a file that was there twice already has a copy more now, not all of equal bytes
        groups = [
            g
            for kind in (GROUPS[:2] if fault.kind == "duplicate" else (fault.kind,))
            for g in named[kind]
        ]
        hit = any(len(set(fault.files) & files) >= needed for files in groups)
        found[fault.kind] += hit or (fault.kind == "imbalance" and bool(named["imbalance"]))
    false = {kind: set().union(*files) & clean for kind, files in named.items()}
    return found, injected, false, clean


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Two classes with splits, which a network tells apart without much doubt."""
    folder = tmp_path_factory.mktemp("original")
    images = load_images(write_scenes(folder, 90, ("discs", "bars")))
    splits = np.where(np.arange(len(images)) % 4, "train", "test")
    return images.with_splits(splits)


@pytest.fixture(scope="module")
def messy(original, tmp_path_factory):
    return make_messy(original, tmp_path_factory.mktemp("messy") / "folder", seed=3)


@pytest.fixture(scope="module")
def diagnosis(messy, lite0):
    return diagnose(messy.folder, lite0)


def test_a_messy_folder_has_every_kind_of_fault_and_the_list_of_them(messy, original):
    kinds = {fault.kind for fault in messy.faults}
    assert kinds == set(KINDS) - {"imbalance"}  # which needs three classes
    assert all((messy.folder / file).exists() for f in messy.faults for file in f.files)
    assert messy.table == messy.folder.with_name("folder.faults.csv")
    with messy.table.open(encoding="utf-8", newline="") as file:
        listed = [(row["kind"], row["file"]) for row in csv.DictReader(file)]
    assert listed == [(fault.kind, file) for fault in messy.faults for file in fault.files]
    assert len(original) * 0.9 < len(list(messy.folder.rglob("*.*")))


def test_every_kind_of_fault_is_found_and_good_pictures_are_left_alone(messy, diagnosis):
    found, injected, false, clean = score(messy, diagnosis)
    missed = {
        kind: (found[kind], injected[kind]) for kind in injected if found[kind] < injected[kind]
    }
    # Drawings blurred along their outlines stay sharp; a wrong label among few is not always sure.
    assert set(missed) <= {"label_error", "blurred"}, missed
    assert found["label_error"] >= 0.7 * injected["label_error"]
    assert {kind: files for kind, files in false.items() if len(files) > 0.02 * len(clean)} == {}


def test_the_same_seed_makes_the_same_mess(original, messy, tmp_path):
    again = make_messy(original, tmp_path / "again", seed=3)
    assert again.faults == messy.faults
    assert {p.relative_to(again.folder): p.read_bytes() for p in again.folder.rglob("*.jpg")} == {
        p.relative_to(messy.folder): p.read_bytes() for p in messy.folder.rglob("*.jpg")
    }
    assert make_messy(original, tmp_path / "other", seed=4).faults != messy.faults


def test_three_classes_are_made_unequal(tmp_path):
    images = load_images(write_scenes(tmp_path / "data", 40, ("discs", "bars", "tiles")))
    messy = make_messy(images, tmp_path / "messy")
    (fault,) = [fault for fault in messy.faults if fault.kind == "imbalance"]
    assert fault.files == ("tiles",)
    assert len(list((messy.folder / "tiles").iterdir())) < 15
    assert diagnose(messy.folder, backbone=None).of("imbalance")


def test_strangers_may_be_given(original, tmp_path):
    strangers = as_set([*original.paths[:3]])
    messy = make_messy(original, tmp_path / "messy", strangers=strangers)
    details = {fault.detail for fault in messy.faults if fault.kind == "outlier"}
    assert all(detail.startswith("a picture of another set") for detail in details)


def test_a_set_too_small_to_be_spoilt_or_a_folder_in_use_is_refused(original, tmp_path):
    with pytest.raises(ArgumentError, match="too small"):
        make_messy(original[:50], tmp_path / "messy")
    with pytest.raises(ArgumentError, match="too small"):
        make_messy(ImageSet(original.paths, np.zeros(180, int), ("a",)), tmp_path / "messy")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    with pytest.raises(ArgumentError, match="already"):
        make_messy(original, tmp_path / "full")
    assert [p.name for p in tmp_path.iterdir()] == ["full"]


def test_the_originals_stay_as_they_are(original, messy, diagnosis, tmp_path):
    before = {path: path.read_bytes() for path in original.paths}
    diagnosis.write_clean(tmp_path / "clean", also=["label_error", "outlier"])
    assert {path: path.read_bytes() for path in original.paths} == before


def test_a_cleaned_folder_has_little_left_to_find(messy, diagnosis, lite0, tmp_path):
    also = ["label_error", "outlier", "class_name", "dark", "bright", "blurred", "tiny", "aspect",
            "grey"]  # fmt: skip
    target = diagnosis.write_clean(tmp_path / "clean", also=also).target
    images = load_images(target)  # which refuses empty classes, and splits that differ
    again = diagnose(images, lite0)
    assert len(again.findings) <= 0.02 * len(images) + 2
    assert set(images.class_names) == {"bars", "discs"}


def test_one_class_and_one_picture_are_no_trouble_for_the_network(tmp_path, lite0):
    for number in range(16):
        scene(number).save(tmp_path / f"{number}.jpg")
    files = sorted(tmp_path.iterdir())
    assert diagnose(as_set(files), lite0).of("label_error") == ()
    assert diagnose(as_set(files[:1]), lite0).findings == ()


def test_a_picture_deleted_between_the_passes_is_no_trouble(tmp_path, lite0, monkeypatch):
    from tlcourse.diagnosis.outliers import strangers as original

    for number in range(14):
        scene(number).save(tmp_path / f"{number}.jpg")
    files = sorted(tmp_path.iterdir())

    def deletes():
        files[0].unlink()
        return original()

    monkeypatch.setattr(sys.modules["tlcourse.diagnosis.diagnose"], "strangers", deletes)
    assert diagnose(as_set(files), lite0).record["readable"] == 14


@pytest.mark.parametrize("wrong", [3, None, ["a"]])
def test_what_is_no_set_and_no_folder_is_refused(wrong):
    with pytest.raises(ArgumentError, match="images"):
        diagnose(wrong)


def test_what_is_no_backbone_is_refused(tmp_path):
    with pytest.raises(ArgumentError, match="backbone"):
        diagnose(tmp_path, backbone=3)


@pytest.mark.real_data
def test_the_stray_gif_and_the_other_faults_of_the_ants_and_bees_are_named(real_data, lite0):
    diagnosis = diagnose(real_data / "hymenoptera" / "train", lite0)
    outliers = [diagnosis.short(finding.files[0]) for finding in diagnosis.of("outlier")]
    assert outliers[0] == "ants/imageNotFound.gif"
    assert "ants/392382602_1b7bed32fa.jpg" in outliers  # a grey plastic panel
    assert len(diagnosis.of("aspect")) == 3
    assert len(diagnosis.findings) <= 15


@pytest.mark.real_data
def test_the_dog_among_the_cats_and_the_copied_puppies_are_named(real_data, lite0):
    diagnosis = diagnose(real_data / "cats_vs_dogs", lite0)
    first = diagnosis.of("label_error")[0]
    assert (first.files[0].name, first.suggestion) == ("cat.4085.jpg", "dogs")
    assert first.strength > 0.9
    (copies,) = diagnosis.of("near_duplicate")
    assert {file.name for file in copies.files} == {"dog.180.jpg", "dog.74.jpg"}
    assert len(diagnosis.findings) <= 0.02 * len(diagnosis.images)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["hymenoptera", "cats_vs_dogs"])
def test_real_photographs_spoilt_are_diagnosed_rightly(real_data, lite0, tmp_path, name):
    images = load_images(real_data / name)
    messy = make_messy(images, tmp_path / "messy", seed=11)
    found, injected, false, clean = score(messy, diagnose(messy.folder, lite0))
    for kind in injected:
        # Some ants and bees are hard for this network, whatever their labels say.
        hard = kind == "label_error"
        assert found[kind] >= (0.6 if hard else 0.95) * injected[kind], kind
    for kind, files in false.items():
        assert len(files) <= 0.025 * len(clean), kind
