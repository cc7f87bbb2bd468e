"""Folders and manifests become sets, or errors that teach."""

from __future__ import annotations

import os
import random
import unicodedata
from pathlib import Path

import pytest

from tests.data.hard_pictures import jpeg
from tlcourse.data import load_images
from tlcourse.errors import DataError

PICTURE = jpeg()
links = pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")


def put(root: Path, *names: str) -> Path:
    """Write the same picture under several names."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PICTURE)
    return root


def names(root: Path, paths: tuple[Path, ...]) -> list[str]:
    return [path.relative_to(root).as_posix() for path in paths]


def test_class_folders_come_in_natural_order_whatever_order_they_were_written_in(
    tmp_path: Path,
) -> None:
    wanted = [f"class {c}/img{i}.jpg" for c in (1, 2, 10) for i in (1, 2, 10, 100)]
    shuffled = wanted.copy()
    random.Random(3).shuffle(shuffled)
    images = load_images(put(tmp_path, *shuffled))
    assert images.class_names == ("class 1", "class 2", "class 10")
    assert names(tmp_path, images.paths) == wanted
    assert images.labels.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert images.splits is None
    assert images.record == {"layout": "class folders", "folder": str(tmp_path)}


def test_capitals_do_not_come_first(tmp_path: Path) -> None:
    images = load_images(put(tmp_path, "Zebra/B.jpg", "Zebra/a.jpg", "ant/1.jpg"))
    assert images.class_names == ("ant", "Zebra")
    assert names(tmp_path, images.paths)[1:] == ["Zebra/a.jpg", "Zebra/B.jpg"]


def test_all_endings_are_found_in_any_case(tmp_path: Path) -> None:
    small = ["jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "webp", "tif", "tiff"]
    endings = [*small, "JPG", "Png", "TIFF"]
    images = load_images(put(tmp_path, *(f"ants/{e}.{e}" for e in endings)))
    assert len(images) == len(endings)
    assert not images.problems


def test_folders_in_a_class_are_read(tmp_path: Path) -> None:
    images = load_images(put(tmp_path, "ants/2024/may/1.jpg", "ants/2.jpg", "ants/x.jpg/3.jpg"))
    assert images.counts() == {"ants": 3}


@pytest.mark.parametrize("folders", [("train", "val", "test"), ("Train", "VALID", "Test")])
def test_split_folders_become_splits(folders: tuple[str, ...], tmp_path: Path) -> None:
    put(tmp_path, *(f"{f}/{c}/{c}.jpg" for f in folders for c in ("ants", "bees")))
    images = load_images(tmp_path)
    assert images.class_names == ("ants", "bees")
    assert images.splits.tolist() == ["train"] * 2 + ["validation"] * 2 + ["test"] * 2
    assert images.record["layout"] == "split folders"


def test_a_class_may_be_called_like_a_split(tmp_path: Path) -> None:
    images = load_images(put(tmp_path, "train/1.jpg", "bus/1.jpg"))
    assert images.class_names == ("bus", "train")
    assert images.splits is None


def test_splits_beside_other_folders_are_an_error(tmp_path: Path) -> None:
    put(tmp_path, "train/ants/1.jpg", "val/ants/1.jpg", "extra/1.jpg")
    with pytest.raises(DataError, match="extra"):
        load_images(tmp_path)


def test_two_folders_for_one_split_are_an_error(tmp_path: Path) -> None:
    put(tmp_path, "val/ants/1.jpg", "validation/ants/1.jpg")
    with pytest.raises(DataError, match="'val', 'validation'"):
        load_images(tmp_path)


def test_classes_must_agree_across_splits(tmp_path: Path) -> None:
    put(tmp_path, "train/ants/1.jpg", "train/bees/1.jpg", "val/ants/1.jpg", "val/Bees/1.jpg")
    with pytest.raises(DataError, match=r"train has no 'Bees'; val has no 'bees'"):
        load_images(tmp_path)


def test_splits_without_class_folders_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="1 picture but no class folders"):
        load_images(put(tmp_path, "train/1.jpg"))


def test_all_empty_classes_are_listed_with_what_is_in_them(tmp_path: Path) -> None:
    put(tmp_path, "ants/1.jpg", "bees/1.heic", "bees/2.HEIC", "bees/deep/notes.txt")
    (tmp_path / "wasps").mkdir()
    with pytest.raises(DataError) as caught:
        load_images(tmp_path)
    text = str(caught.value)
    assert "bees': 2 × .heic, 1 × .txt" in text
    assert "wasps': nothing" in text
    assert "ants'" not in text


@pytest.mark.parametrize(
    ("written", "asked", "words"),
    [
        ((), "photo", "no folder"),
        ((), "photos", "no class folders"),
        (("1.jpg", "2.jpg"), "photos", "2 pictures but no class folders"),
        (("notes.txt",), "photos", r"(?s)no class folders.*1 × \.txt"),
        (("1.jpg",), "photos/1.jpg", "is a file, not a folder"),
    ],
)
def test_a_folder_that_cannot_be_a_set_gives_an_error_that_teaches(
    written: tuple[str, ...], asked: str, words: str, tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    put(tmp_path / "photos", *written)
    with pytest.raises(DataError, match=words) as caught:
        load_images(tmp_path / asked)
    assert caught.value.todo


def test_a_misspelt_folder_is_answered_with_the_near_ones(tmp_path: Path) -> None:
    (tmp_path / "hymenoptera").mkdir()
    with pytest.raises(DataError, match="beside it: hymenoptera"):
        load_images(tmp_path / "hymenopterra")


def test_what_lies_beside_the_class_folders_is_reported(tmp_path: Path) -> None:
    put(tmp_path, "ants/1.jpg", "README.md", "stray.jpg", ".git/x.jpg", "__MACOSX/ants/._1.jpg")
    images = load_images(tmp_path)
    assert images.class_names == ("ants",)
    beside = sorted(p.file.name for p in images.problems)
    assert beside == [".git", "README.md", "__MACOSX", "stray.jpg"]
    reasons = {p.file.name: p.reason for p in images.problems}
    assert "outside of the class folders" in reasons["stray.jpg"]


@links
def test_a_link_to_a_class_that_is_there_adds_nothing(tmp_path: Path) -> None:
    put(tmp_path, "bees/1.jpg", "cats/1.jpg")
    (tmp_path / "ants").mkdir()
    put(tmp_path, "ants/1.jpg")
    # its name comes first: in its own place all the same, the picture is a bee
    (tmp_path / "ants" / "a link").symlink_to(tmp_path / "bees")
    images = load_images(tmp_path)
    assert images.counts() == {"ants": 1, "bees": 1, "cats": 1}
    assert "another place" in images.problems[0].reason


@links
def test_links_to_folders_elsewhere_are_followed_once(tmp_path: Path) -> None:
    elsewhere = put(tmp_path / "elsewhere", "deep/1.jpg")
    root = put(tmp_path / "photos", "bees/1.jpg")
    (root / "ants").symlink_to(elsewhere)
    (root / "bees" / "again").symlink_to(elsewhere / "deep")
    (elsewhere / "back").symlink_to(root)
    images = load_images(root)
    assert images.counts() == {"ants": 1, "bees": 1}
    assert {p.file.name for p in images.problems} == {"again", "back"}


@links
def test_loops_of_links_end(tmp_path: Path) -> None:
    put(tmp_path, "ants/1.jpg", "bees/1.jpg")
    (tmp_path / "ants" / "up").symlink_to(tmp_path)
    (tmp_path / "bees" / "here").symlink_to(".")
    (tmp_path / "bees" / "out").symlink_to(tmp_path.parent)
    images = load_images(tmp_path)
    assert images.counts() == {"ants": 1, "bees": 1}
    assert sorted(p.file.name for p in images.problems) == ["here", "out", "up"]


@links
def test_links_to_pictures_are_pictures(tmp_path: Path) -> None:
    put(tmp_path, "store/1.jpg", "set/ants/1.jpg")
    (tmp_path / "set/ants/2.jpg").symlink_to(tmp_path / "store/1.jpg")
    assert len(load_images(tmp_path / "set")) == 2


def test_class_names_come_in_one_form_of_unicode(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "abejón")
    images = load_images(put(tmp_path, f"{decomposed}/1.jpg", "ants/1.jpg"))
    assert images.class_names == (unicodedata.normalize("NFC", "abejón"), "ants")
    assert images.paths[0].is_file()


def test_two_folders_that_look_the_same_are_an_error(tmp_path: Path) -> None:
    forms = [unicodedata.normalize(form, "abejón") for form in ("NFC", "NFD")]
    put(tmp_path, *(f"{form}/1.jpg" for form in forms))
    if len(list(tmp_path.iterdir())) == 1:
        pytest.skip("this file system knows one form only")
    with pytest.raises(DataError, match="look the same"):
        load_images(tmp_path)


def test_a_relative_folder_stays_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "photos/ants/1.jpg")
    monkeypatch.chdir(tmp_path)
    assert load_images("photos").paths == (Path("photos/ants/1.jpg"),)


def test_the_classes_of_real_photographs(real_data: Path) -> None:
    images = load_images(real_data / "hymenoptera")
    assert images.class_names == ("ants", "bees")
    assert (len(images.train), len(images.validation)) == (245, 153)
