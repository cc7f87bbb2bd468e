"""A CSV file as the list of pictures: read as people write it, its faults told together."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from tests.data.test_load_images import put
from tlcourse.data import ImageSet, load_images
from tlcourse.errors import DataError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return put(tmp_path, "a/1.jpg", "a/2.jpg", "b, with comma.jpg", "ü.jpg")


def read(folder: Path, text: str | bytes, name: str = "labels.csv") -> ImageSet:
    content = text if isinstance(text, bytes) else text.encode()
    (folder / name).write_bytes(content)
    return load_images(folder, manifest=name)


def test_files_and_labels_are_enough(folder: Path) -> None:
    images = read(folder, "file,label\na/2.jpg,class 10\na/1.jpg,class 9\n")
    assert images.paths == (folder / "a/2.jpg", folder / "a/1.jpg")
    assert images.class_names == ("class 9", "class 10")
    assert images.labels.tolist() == [1, 0]
    assert images.splits is None
    assert images.groups is None
    assert images.record["layout"] == "manifest"


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfFile;Label;Split;Group\r\na/1.jpg;ant;Train;x\r\n\r\na/2.jpg;bee;TEST;y\r\n",
        b'label,file,group,split\nant,"a/1.jpg",x,training\n bee , a/2.jpg ,y,test',
        b"file,label,split,group\na\\1.jpg,ant,train,x\n./a/../a/2.jpg,bee,test,y\n",
    ],
    ids=["as Excel writes it", "other order, quotes, spaces", "paths of Windows"],
)
def test_the_ways_in_which_people_write_it(text: bytes, folder: Path) -> None:
    images = read(folder, text)
    assert images.paths == (folder / "a/1.jpg", folder / "a/2.jpg")
    assert images.class_names == ("ant", "bee")
    assert images.splits.tolist() == ["train", "test"]
    assert images.groups.tolist() == ["x", "y"]


def test_commas_in_quotes_and_either_form_of_unicode(folder: Path) -> None:
    other = unicodedata.normalize("NFD", "ü.jpg")
    images = read(folder, f'file,label\n"b, with comma.jpg",x\n{other},y\n')
    assert all(path.is_file() for path in images.paths)


def test_other_columns_are_named_and_not_used(folder: Path) -> None:
    images = read(folder, "file,label,camera\na/1.jpg,x,Leica\n")
    assert len(images) == 1
    assert "'camera' is not used" in images.problems[0].reason


def test_a_manifest_may_lie_elsewhere(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    manifest = tmp_path_factory.mktemp("elsewhere") / "mine.csv"
    manifest.write_text("file,label\na/1.jpg,x\n")
    assert load_images(folder, manifest).paths == (folder / "a/1.jpg",)


def test_all_faults_are_told_together_with_their_lines(folder: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(
            folder,
            "file,label,split\n"
            "a/1.jpg,x,train\n"
            "a/none.jpg,x,train\n"
            "a/2.jpg,,train\n"
            "../secret.jpg,x,train\n"
            "a/1.jpg,y,test\n"
            "ü.jpg,x,someday\n"
            "/etc/passwd,x,test\n"
            "a,x,test\n"
            ",x,test\n"
            "a/2.jpg,x,test,too,many\n",
        )
    text = str(caught.value)
    for words in [
        "line 3: there is no file 'a/none.jpg'",
        "line 4: nothing in the column 'label'",
        "line 5: '../secret.jpg' leads out of the folder",
        "line 6: 'a/1.jpg' stands in line 2 already",
        "line 7: 'someday' is no split",
        "line 8: '/etc/passwd' leads out of the folder",
        "line 9: there is no file 'a'",
        "line 10: nothing in the column 'file'",
        "line 11: 5 cells in 3 columns",
    ]:
        assert words in text


def test_missing_columns_are_told_with_those_that_are_there(folder: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(folder, "filename,class\na/1.jpg,x\n")
    assert "no column 'file', but 'filename', 'class'" in str(caught.value)
    assert "no column 'label', but 'filename', 'class'" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column 'file', but nothing"),
        ("file,label\n", "no picture is listed"),
        ("file,file,label\na/1.jpg,a/1.jpg,x\n", "'file' is there twice"),
        ('file,label\n"a/1.jpg,x\n', "line 2"),
        ("file,label\na/1.jpg,ü\n".encode("latin-1"), "0xfc at position 19"),
    ],
)
def test_a_file_that_is_no_such_table_is_an_error(
    text: str | bytes, words: str, folder: Path
) -> None:
    with pytest.raises(DataError, match=words):
        read(folder, text)


def test_a_missing_manifest_is_an_error(folder: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv"):
        load_images(folder, manifest="none.csv")


def test_a_long_list_of_faults_is_cut(folder: Path) -> None:
    rows = "".join(f"none {i}.jpg,x\n" for i in range(500))
    with pytest.raises(DataError, match="480 more"):
        read(folder, "file,label\n" + rows)
