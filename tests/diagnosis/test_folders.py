"""Folders as they are: what stops `load_images` is told, and the pictures are looked at."""

import os
import shutil

import pytest

from tests.diagnosis.scenes import scene, write_scenes
from tlcourse.data import load_images
from tlcourse.diagnosis import diagnose
from tlcourse.errors import DataError


def told(diagnosis, kind):
    return {
        diagnosis.short(file): finding.detail
        for finding in diagnosis.of(kind)
        for file in finding.files
    }


@pytest.fixture
def folder(tmp_path):
    return write_scenes(tmp_path / "data", 6)


@pytest.fixture
def split_folder(tmp_path):
    write_scenes(tmp_path / "split" / "train", 6)
    for number, name in enumerate(("discs", "bars")):
        home = tmp_path / "split" / "val" / name
        home.mkdir(parents=True)
        scene(5000 + number, name).save(home / "1.jpg")
    return tmp_path / "split"


def test_a_folder_is_read_as_load_images_reads_it(folder, split_folder):
    for data in (folder, split_folder):
        read = diagnose(data, backbone=None).images
        assert read == load_images(data)


def test_a_folder_without_pictures_is_no_folder_to_look_at(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "notes.txt").write_text("x")
    with pytest.raises(DataError, match="holds no pictures"):
        diagnose(tmp_path)


@pytest.mark.parametrize("made", ["nothing", "file"])
def test_what_is_no_folder_is_refused_as_everywhere(tmp_path, made):
    place = tmp_path / "photos"
    if made == "file":
        place.write_bytes(b"x")
    with pytest.raises(DataError, match="photos"):
        diagnose(place)


def test_an_empty_class_is_told_and_is_no_class(folder):
    (folder / "planes").mkdir()
    (folder / "planes" / "Thumbs.db").write_bytes(b"x")
    with pytest.raises(DataError):
        load_images(folder)
    diagnosis = diagnose(folder, backbone=None)
    assert told(diagnosis, "empty_class") == {"planes": "in it: 1 × .db"}
    assert diagnosis.images.class_names == ("bars", "discs")


def test_a_class_that_one_split_does_not_have_is_told(split_folder):
    shutil.rmtree(split_folder / "val" / "bars")
    (finding,) = diagnose(split_folder, backbone=None).of("empty_class")
    assert finding.detail == "no class 'bars' in validation"
    assert finding.classes == ("bars",)


def test_folders_beside_the_splits_and_pictures_on_top_are_told(split_folder):
    write_scenes(split_folder / "more", 2)
    scene(77).save(split_folder / "loose.jpg")
    found = told(diagnose(split_folder, backbone=None), "left_out")
    assert found["more"] == "a folder beside those of the splits"
    assert found["loose.jpg"] == "a picture outside of the class folders"


def test_two_folders_of_one_split_are_read_as_one(split_folder):
    shutil.copytree(split_folder / "val", split_folder / "validation")
    diagnosis = diagnose(split_folder, backbone=None)
    assert (diagnosis.images.splits == "validation").sum() == 4
    assert len(diagnosis.of("duplicate")) == 2


def test_pictures_without_class_folders_are_looked_at_as_one_class(tmp_path):
    flat = tmp_path / "flat"
    flat.mkdir()
    for number in range(4):
        scene(number).save(flat / f"{number}.jpg")
    (flat / "0 copy.jpg").write_bytes((flat / "0.jpg").read_bytes())
    diagnosis = diagnose(flat, backbone=None)
    assert diagnosis.images.class_names == ("flat",)
    assert {f.kind for f in diagnosis.findings} == {"duplicate"}


def test_other_files_are_told_and_pictures_under_other_names_are_found_out(folder):
    picture = (folder / "discs" / "discs0.jpg").read_bytes()
    (folder / "discs" / "photo.jpg.part").write_bytes(picture)
    (folder / "discs" / "noending").write_bytes(picture)
    (folder / "discs" / "list.txt").write_text("discs0.jpg")
    (folder / "discs" / ".DS_Store").write_bytes(b"x")
    (folder / "bars" / "phone.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    diagnosis = diagnose(folder, backbone=None)
    left_out = told(diagnosis, "left_out")
    assert set(left_out) == {"discs/photo.jpg.part", "discs/noending", "bars/phone.HEIC"}
    assert left_out["discs/noending"].startswith("a JPEG picture")
    assert set(told(diagnosis, "other_file")) == {"discs/list.txt", "discs/.DS_Store"}


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_are_followed_to_pictures_and_broken_ones_are_told(folder):
    (folder / "discs" / "linked.jpg").symlink_to(folder / "discs" / "discs0.jpg")
    (folder / "discs" / "broken.jpg").symlink_to("nowhere.jpg")
    (folder / "discs" / "loop").symlink_to("..")
    diagnosis = diagnose(folder, backbone=None)
    assert told(diagnosis, "left_out") == {"discs/broken.jpg": "a link that leads nowhere"}
    assert set(told(diagnosis, "duplicate")) == {"discs/discs0.jpg", "discs/linked.jpg"}
    assert set(told(diagnosis, "other_file")) == {"discs/loop"}


def test_a_folder_named_like_a_picture_is_a_folder(folder):
    inside = folder / "discs" / "album.jpg"
    inside.mkdir()
    scene(900).save(inside / "1.jpg")
    diagnosis = diagnose(folder, backbone=None)
    assert diagnosis.findings == ()
    assert len(diagnosis.images) == 13


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_any_name_is_told_on_one_line(folder):
    names = [
        "a\nb.jpg",
        "[bold]x[red].jpg",
        "<img src=x>.jpg",
        "Grüße 🐝.jpg",
        os.fsdecode(b"\xff.jpg"),
    ]
    for name in names:
        (folder / "bars" / name).write_bytes(b"")
    diagnosis = diagnose(folder, backbone=None)
    found = diagnosis.of("unreadable")
    assert {finding.files[0].name for finding in found} == set(names)
    assert all(diagnosis.short(finding.files[0]).isprintable() for finding in found)
    assert repr(diagnosis).isascii() or "…" in repr(diagnosis)


def test_a_manifest_is_read_by_its_path_or_as_a_set(folder):
    lines = ["file,label,split", "discs/discs0.jpg,discs,train", "bars/bars0.jpg,discs,test"]
    (folder / "labels.csv").write_text("\n".join(lines))
    by_path = diagnose(folder / "labels.csv", backbone=None)
    by_set = diagnose(load_images(folder, "labels.csv"), backbone=None)
    assert by_path.images == by_set.images
    assert by_path.images.splits.tolist() == ["train", "test"]


def test_a_manifest_with_faults_is_refused_with_its_lines(folder):
    (folder / "labels.csv").write_text("file,label\ngone.jpg,x\n")
    with pytest.raises(DataError, match="line 2"):
        diagnose(folder / "labels.csv")


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_told(folder):
    locked = folder / "locked"
    locked.mkdir(mode=0)
    try:
        assert "locked" in told(diagnose(folder, backbone=None), "left_out")
    finally:
        locked.chmod(0o755)
