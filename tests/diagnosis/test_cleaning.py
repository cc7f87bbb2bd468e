"""Cleaning keeps what is right, says what it did, and never touches the originals."""

import csv
import os

import numpy as np
import pytest
from PIL import Image

from tests.diagnosis.scenes import scene, write_scenes
from tlcourse.data import ImageSet, load_images, open_picture
from tlcourse.diagnosis import Diagnosis, Finding, diagnose
from tlcourse.errors import ArgumentError, DataError


def everything_in(folder):
    """Return the bytes and the dates of all files."""
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows(report):
    with report.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def folder(tmp_path):
    """A folder with a fault of each kind that cleaning acts upon, and some that it lists."""
    data = write_scenes(tmp_path / "data", 12)
    discs, bars = data / "discs", data / "bars"
    (discs / "empty.jpg").write_bytes(b"")
    (discs / "cut.jpg").write_bytes((discs / "discs1.jpg").read_bytes()[:3000])
    (discs / "same.jpg").write_bytes((discs / "discs2.jpg").read_bytes())
    scene(3).resize((120, 90)).save(discs / "small copy.jpg")
    (bars / "torn.jpg").write_bytes((discs / "discs4.jpg").read_bytes())
    Image.new("RGB", (100, 100), (40, 80, 120)).save(bars / "blank.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    scene(800).transpose(Image.Transpose.ROTATE_90).save(bars / "turned.jpg", exif=exif)
    scene(801).quantize(64).save(bars / "palette.png")
    scene(802).save(bars / "liar.png", "JPEG")
    scene(803).point(lambda v: v // 6).save(bars / "dark.jpg")
    (data / "Bars_").mkdir()
    for number in range(3):
        scene(900 + number, "bars").save(data / "Bars_" / f"bars{number}.jpg")
    return data


@pytest.fixture
def diagnosis(folder):
    return diagnose(folder, backbone=None)


GONE = {"discs/empty.jpg", "discs/cut.jpg", "discs/same.jpg", "discs/small copy.jpg",
        "bars/torn.jpg", "discs/discs4.jpg", "bars/blank.png"}  # fmt: skip


def test_cleaning_leaves_out_what_is_surely_wrong_and_joins_spellings(diagnosis, folder):
    before = everything_in(folder)
    clean = diagnosis.clean()
    names = {path.relative_to(folder).as_posix() for path in clean.paths}
    assert set(before) - names == GONE
    assert clean.class_names == ("bars", "discs")
    assert clean.counts() == {"bars": 12 + 4 + 3, "discs": 11}
    assert {diagnosis.short(problem.file) for problem in clean.problems} == GONE
    assert everything_in(folder) == before
    assert diagnosis.clean() == clean


def test_more_or_less_is_cleaned_when_asked(diagnosis):
    kept = len(diagnosis.clean())
    assert len(diagnosis.clean(also=["dark"])) == kept - 1
    assert len(diagnosis.clean(leave=["near_duplicate"])) == kept + 1
    assert len(diagnosis.clean(leave=["conflict", "duplicate"])) == kept + 3
    assert "Bars_" in diagnosis.clean(leave=["class_spelling"]).class_names


@pytest.mark.parametrize("argument", ["also", "leave"])
@pytest.mark.parametrize("kind", ["other_file", "nonsense"])
def test_a_kind_that_cannot_be_cleaned_is_refused(diagnosis, argument, kind):
    with pytest.raises(ArgumentError, match=argument):
        diagnosis.clean(**{argument: [kind]})


def test_a_written_copy_is_whole_readable_and_clean(diagnosis, folder, tmp_path):
    before = everything_in(folder)
    written = diagnosis.write_clean(tmp_path / "new" / "clean")
    assert everything_in(folder) == before
    again = load_images(written.target)
    assert again.counts() == diagnosis.clean().counts()
    assert written.kept == len(again)
    assert written.left_out == len(GONE)
    assert written.changed == 3 + 3
    left = {finding.kind for finding in diagnose(again, backbone=None).findings}
    assert left == {"dark"}
    assert [p.name for p in written.target.parent.iterdir()] == ["clean", "clean.changes.csv"] or {
        p.name for p in written.target.parent.iterdir()
    } == {"clean", "clean.changes.csv"}


def test_pictures_are_copied_as_they_are_but_for_odd_ones(diagnosis, folder, tmp_path):
    target = diagnosis.write_clean(tmp_path / "clean").target
    same = target / "discs" / "discs1.jpg"
    assert same.read_bytes() == (folder / "discs" / "discs1.jpg").read_bytes()
    with Image.open(target / "bars" / "turned.jpg") as turned:
        assert turned.getexif().get(0x0112, 1) == 1
        assert turned.size == scene(800).size
    difference = np.abs(
        open_picture(target / "bars" / "turned.jpg").astype(int)
        - open_picture(folder / "bars" / "turned.jpg")
    )
    assert difference.mean() < 2
    with Image.open(target / "bars" / "palette.png") as plain:
        assert plain.mode == "RGB"
    assert np.array_equal(
        open_picture(target / "bars" / "palette.png"), open_picture(folder / "bars" / "palette.png")
    )
    liar = target / "bars" / "liar.jpg"
    assert liar.read_bytes() == (folder / "bars" / "liar.png").read_bytes()
    # bars0.jpg is there from both spellings of the class, and none was overwritten
    assert (target / "bars" / "bars0.jpg").exists()
    assert (target / "bars" / "bars0-2.jpg").exists()


def test_the_report_says_what_became_of_each_file(diagnosis, tmp_path):
    report = rows(diagnosis.write_clean(tmp_path / "clean").report)
    done = {(row["file"], row["kind"]): row for row in report}
    assert done["discs/empty.jpg", "unreadable"]["done"] == "left out"
    assert done["bars/dark.jpg", "dark"]["done"] == "kept"
    assert done["bars/liar.png", "wrong_extension"]["done"] == "changed"
    assert done["bars/liar.png", "wrong_extension"]["written_as"] == "bars/liar.jpg"
    assert done["Bars_/bars0.jpg", "class_spelling"]["written_as"].startswith("bars/bars0")
    assert done["discs/discs3.jpg", "near_duplicate"]["done"] == "kept"
    assert done["discs/small copy.jpg", "near_duplicate"]["done"] == "left out"
    assert {file for (file, _), row in done.items() if row["done"] == "left out"} == GONE


def test_a_manifest_lists_what_is_kept_and_is_read_back(diagnosis, folder, tmp_path):
    before = everything_in(folder)
    written = diagnosis.write_clean(tmp_path / "clean.csv")
    again = load_images(folder, written.target)
    assert again == diagnosis.clean()
    assert (written.kept, written.left_out, written.changed) == (len(again), len(GONE), 3)
    assert everything_in(folder) == before
    assert all(row["written_as"] == "" for row in rows(written.report))


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_names_that_a_manifest_would_change_are_left_out_of_it_and_told(tmp_path):
    folder = write_scenes(tmp_path / "data", 3)
    for number, name in enumerate([" space.jpg", 'quo"te,\n.jpg', os.fsdecode(b"\xff.jpg")]):
        scene(700 + number).save(tmp_path / "x.jpg")
        (tmp_path / "x.jpg").rename(folder / "bars" / name)
    diagnosis = diagnose(folder, backbone=None)
    written = diagnosis.write_clean(tmp_path / "clean.csv")
    kept = {path.name for path in load_images(folder, written.target).paths}
    assert {" space.jpg", 'quo"te,\n.jpg'} <= kept
    assert len(kept) == 8
    assert written.left_out == 1
    # a folder takes them all
    assert diagnosis.write_clean(tmp_path / "clean").kept == 9


def test_groups_and_splits_stay_in_a_manifest(tmp_path):
    folder = write_scenes(tmp_path / "data", 2)
    images = load_images(folder).with_splits(["train", "test"] * 2)
    images = ImageSet(
        images.paths, images.labels, images.class_names, np.array(list("abab")), images.splits
    )
    written = diagnose(images, backbone=None).write_clean(tmp_path / "clean.csv")
    again = load_images(folder, written.target)
    assert again.groups.tolist() == list("abab")
    assert again.splits.tolist() == ["train", "test"] * 2


def test_copies_across_splits_stay_where_they_judge(tmp_path):
    for split, names in {"train": "abc", "val": "xy", "test": "z"}.items():
        for name in names:
            for label, thing in enumerate(("discs", "bars")):
                home = tmp_path / "data" / split / thing
                home.mkdir(parents=True, exist_ok=True)
                scene(ord(name) * 2 + label, thing).save(home / f"{name}.jpg")
    data = tmp_path / "data"
    for split in ("train", "val"):
        copy = (data / "test" / "discs" / "z.jpg").read_bytes()
        (data / split / "discs" / "leaked.jpg").write_bytes(copy)
    diagnosis = diagnose(data, backbone=None)
    (finding,) = diagnosis.of("across_splits")
    assert len(finding.files) == 3
    assert finding.detail == "3 files, the same bytes, in test and validation and train"
    clean = diagnosis.clean()
    assert not any(path.name == "leaked.jpg" for path in clean.paths)
    written = diagnosis.write_clean(tmp_path / "clean")
    assert load_images(written.target).test.paths[1].parts[-3:] == ("test", "discs", "z.jpg")
    assert not diagnose(written.target, backbone=None).findings


@pytest.mark.parametrize(
    "where", ["same", "inside", "above", "not empty", "a file", "report there"]
)
def test_a_target_that_is_not_new_or_not_elsewhere_is_refused(diagnosis, folder, tmp_path, where):
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("precious")
    (tmp_path / "file").write_text("precious")
    (tmp_path / "taken.changes.csv").write_text("precious")
    targets = {
        "same": folder,
        "inside": folder / "bars" / "clean",
        "above": tmp_path,
        "not empty": full,
        "a file": tmp_path / "file",
        "report there": tmp_path / "taken",
    }
    before = everything_in(tmp_path)
    with pytest.raises(ArgumentError, match="nothing was written"):
        diagnosis.write_clean(targets[where])
    assert everything_in(tmp_path) == before


def test_an_empty_folder_is_a_target_and_a_link_into_the_source_is_not(diagnosis, folder, tmp_path):
    (tmp_path / "empty").mkdir()
    assert diagnosis.write_clean(tmp_path / "empty").kept
    if os.name != "nt":
        (tmp_path / "link").symlink_to(folder)
        with pytest.raises(ArgumentError):
            diagnosis.write_clean(tmp_path / "link" / "clean.csv")


def test_an_interruption_leaves_no_half_copy(diagnosis, folder, tmp_path, monkeypatch):
    from tlcourse.diagnosis import writing

    calls = []

    def interrupted(copy):
        calls.append(copy)
        if len(calls) > 5:
            raise KeyboardInterrupt
        return original(copy)

    original = writing._contents
    monkeypatch.setattr(writing, "_contents", interrupted)
    with pytest.raises(KeyboardInterrupt):
        diagnosis.write_clean(tmp_path / "out" / "clean")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_picture_that_vanishes_before_it_is_copied_is_told(diagnosis, folder, tmp_path):
    (folder / "bars" / "bars5.jpg").unlink()
    kept = len(diagnosis.clean())
    written = diagnosis.write_clean(tmp_path / "clean")
    assert written.kept == kept - 1 == len(load_images(written.target))
    assert ["bars/bars5.jpg", "no such file"] in [
        [row["file"], row["detail"]] for row in rows(written.report)
    ]


def test_class_names_that_no_folder_can_have_are_refused_and_fit_a_manifest(tmp_path):
    folder = write_scenes(tmp_path / "data", 2)
    images = load_images(folder).rename_classes({"bars": "../bars"})
    diagnosis = diagnose(images, backbone=None)
    with pytest.raises(DataError, match=r"manifest"):
        diagnosis.write_clean(tmp_path / "clean")
    assert [p.name for p in tmp_path.iterdir()] == ["data"]
    written = diagnosis.write_clean(tmp_path / "clean.csv")
    assert load_images(folder, written.target).class_names == ("../bars", "discs")


def test_when_nothing_would_be_left_cleaning_says_so(tmp_path):
    (tmp_path / "data" / "a").mkdir(parents=True)
    (tmp_path / "data" / "a" / "1.jpg").write_bytes(b"")
    with pytest.raises(DataError, match="no picture"):
        diagnose(tmp_path / "data", backbone=None).clean()


def test_slips_of_slips_end_at_the_last_class(tmp_path):
    labels = np.array([0] * 3 + [1] * 2 + [2])
    images = ImageSet(tuple(f"{i}.jpg" for i in range(6)), labels, ("ants", "ant", "an t"))
    findings = (
        Finding("class_spelling", (), "", (5,), ("an t", "ant"), suggestion="ant"),
        Finding("class_name", (), "", (3, 4), ("ant", "ants"), suggestion="ants"),
    )
    clean = Diagnosis(images, findings).clean(also=["class_name"])
    assert clean.class_names == ("ants",)
    assert len(clean) == 6


def test_of_copies_the_one_with_most_pixels_that_has_no_other_fault_is_kept():
    images = ImageSet(tuple(f"{i}.jpg" for i in range(3)), np.zeros(3, int), ("a",))
    findings = (
        Finding("near_duplicate", images.paths, "", (2, 0, 1), ("a",)),
        Finding("blurred", (images.paths[2],), "", (2,), ("a",)),
    )
    diagnosis = Diagnosis(images, findings)
    assert [p.name for p in diagnosis.clean().paths] == ["2.jpg"]
    assert [p.name for p in diagnosis.clean(also=["blurred"]).paths] == ["0.jpg"]


def test_copies_in_two_spellings_of_one_class_are_no_contradiction(tmp_path):
    data = write_scenes(tmp_path / "data", 4)
    (data / "Discs_").mkdir()
    (data / "Discs_" / "1.jpg").write_bytes((data / "discs" / "discs1.jpg").read_bytes())
    diagnosis = diagnose(data, backbone=None)
    assert len(diagnosis.of("conflict")) == 1
    assert diagnosis.clean().counts() == {"bars": 4, "discs": 4}
