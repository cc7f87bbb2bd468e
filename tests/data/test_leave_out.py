"""Days and sources are kept together, or left out as a whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from tests.data.test_split import images_of
from tlcourse.data import ImageSet, leave_out, load_images, split
from tlcourse.data.columns import column_values, picture_dates
from tlcourse.errors import ArgumentError, DataError


def write_dated(path: Path, seed: int, date: object = None, tag: str = "DateTimeOriginal") -> None:
    """Write a noisy picture; with a date in its EXIF data, if any."""
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 40, 3), np.uint8)
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "nobody's"
    if date is not None:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base[tag]] = date
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, exif=exif)


@pytest.fixture
def listed(tmp_path: Path) -> ImageSet:
    """Twenty-four pictures of two classes, from three sources and four days."""
    lines = ["File;Label;Source;Date;note"]
    for i in range(24):
        name = f"é {i}.png"
        write_dated(tmp_path / name, i)
        day = f"2024-06-{1 + i // 6:02}T{i % 6:02}:30:00"
        lines.append(f"{name};{'ab'[i % 2]};cam {i % 3};{day};")
    (tmp_path / "list.csv").write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    return load_images(tmp_path, manifest="list.csv")


def test_a_column_of_the_manifest_is_read_in_the_order_of_the_set(listed):
    turned = listed[::-1]
    assert column_values(turned, "source").tolist() == [f"cam {i % 3}" for i in range(24)][::-1]
    assert column_values(listed, " SOURCE ").tolist()[:3] == ["cam 0", "cam 1", "cam 2"]
    assert column_values(listed, "note").tolist() == [""] * 24


def test_dates_are_cut_to_the_day(listed):
    assert sorted(set(column_values(listed, "date"))) == [f"2024-06-{d:02}" for d in (1, 2, 3, 4)]


def test_an_unknown_column_is_named_with_those_there_are(listed):
    with pytest.raises(ArgumentError, match="'source', 'date', 'note'"):
        column_values(listed, "camera")
    with pytest.raises(ArgumentError, match="EXIF"):
        split(images_of({"a": 4}), by="camera")


def test_a_manifest_that_changed_or_went_is_told(listed, tmp_path):
    manifest = tmp_path / "list.csv"
    text = manifest.read_text("utf-8-sig")
    manifest.write_text("\n".join(text.splitlines()[:-1]), "utf-8")
    with pytest.raises(DataError, match="none for 1 picture"):
        split(listed, by="source")
    manifest.unlink()
    with pytest.raises(DataError, match="cannot be read again"):
        split(listed, by="source")


def test_split_by_a_column_tears_no_value_apart(listed):
    for column, values in (("date", 4), ("source", 3)):
        result = split(listed, by=column, test=1 / values)
        where = column_values(listed, column)
        for value in set(where):
            assert len(set(result.splits[where == value])) == 1
        assert len(set(where[result.splits == "test"])) == 1
        assert result.record["split"]["rule"] == f"stratified, {column} kept together"


def test_split_by_values_of_ones_own(listed):
    own = [str(i // 4) for i in range(24)]
    result = split(listed, by=own)
    assert all(len(set(result.splits[4 * i : 4 * i + 4])) == 1 for i in range(6))
    with pytest.raises(DataError, match="one a picture"):
        split(listed, by=own[:-1])


def test_columns_and_groups_join_what_they_share():
    images = images_of({"a": 12})
    images = ImageSet(images.paths, images.labels, images.class_names,
                      groups=np.repeat(["v0", "v1", "v2", "v3", "v4", "v5"], 2))  # fmt: skip
    days = ["1", "2", "2", "1", *"33445566"]  # the vessels v0 and v1 were seen on the same days
    for seed in range(8):
        splits = split(images, by=days, seed=seed).splits
        assert len(set(splits[:4])) == 1


def test_pictures_without_a_value_stand_for_themselves(capsys):
    images = images_of({"a": 40})
    result = split(images, by=[""] * 20 + ["night"] * 20)
    assert "20 pictures without a value in the argument 'by'" in capsys.readouterr().err
    assert len(set(result.splits[20:])) == 1
    assert len(set(result.splits[:20])) == 2 or result.test.counts()["a"] == 20


def test_a_source_is_left_out(listed):
    result = leave_out(listed, "source", "cam 1")
    where = column_values(listed, "source")
    assert set(where[result.splits == "test"]) == {"cam 1"}
    assert set(where[result.splits == "train"]) == {"cam 0", "cam 2"}
    assert result.record["split"]["rule"] == "left out by source: cam 1"
    assert result.record["split"]["got"] == {"train": 0.666667, "test": 0.333333}
    assert result.with_splits(None) == listed


def test_the_future_is_left_out_and_some_of_the_past_chosen_with(listed):
    result = leave_out(listed, "date", lambda day: day >= "2024-06-03", validation=0.25, seed=1)
    days = column_values(listed, "date")
    assert set(days[result.splits == "test"]) == {"2024-06-03", "2024-06-04"}
    assert result.validation.counts() == {"a": 2, "b": 2}  # of 6 each: a quarter, rounded
    assert len(result.train) == 8


def test_several_values_are_left_out(listed):
    result = leave_out(listed, "source", {"cam 0", "cam 2"})
    assert len(result.test) == 16


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("cam 9", "cam 0, cam 1, cam 2"),
        ([], "nothing"),
        (lambda value: False, "No picture is left out"),
        (lambda value: True, "(?s)a: 12 pictures.*b: 12 pictures"),
    ],
)
def test_values_that_leave_nothing_are_explained(listed, values, words):
    with pytest.raises(DataError, match=words):
        leave_out(listed, "source", values)


def test_a_class_that_would_not_be_learned_is_named():
    images = images_of({"a": 4, "b": 4})
    with pytest.raises(DataError, match="b: 4 pictures"):
        leave_out(images, ["x"] * 4 + ["y"] * 4, "y")


def test_a_class_that_is_not_judged_is_said(capsys):
    images = images_of({"a": 4, "b": 4})
    leave_out(images, ["x"] * 3 + ["y"] + ["x"] * 4, "y")
    assert "Classes without a picture to judge with: b." in capsys.readouterr().err


def test_groups_that_are_torn_apart_are_said(capsys):
    images = images_of({"a": 6})
    images = ImageSet(images.paths, images.labels, images.class_names,
                      groups=np.array(["v0", "v0", "v1", "v1", "v2", "v2"]))  # fmt: skip
    leave_out(images, ["x", "y", "x", "x", "y", "y"], "y")
    told = capsys.readouterr().err
    assert "Careful: 1 leak between the splits." in told
    assert "the group 'v0' has 1 picture in train and 1 picture in test" in told


def test_validation_keeps_groups_together_too():
    images = images_of({"a": 30})
    groups = np.array([f"v{i // 3}" for i in range(30)])
    images = ImageSet(images.paths, images.labels, images.class_names, groups=groups)
    result = leave_out(images, ["y" if i >= 24 else "x" for i in range(30)], "y", validation=0.25)
    for group in set(groups):
        assert len(set(result.splits[groups == group])) == 1
    assert len(result.validation) == 6


def test_what_is_split_already_is_left_alone():
    images = split(images_of({"a": 8}))
    with pytest.raises(DataError, match="split already"):
        leave_out(images, ["x"] * 8, "x")


def test_days_come_out_of_exif_where_there_is_no_column(tmp_path):
    for i in range(6):
        write_dated(tmp_path / f"a/{i}.jpg", i, f"2024:06:{1 + i // 2:02} 12:00:0{i}")
    write_dated(tmp_path / "a/6.jpg", 6, "0000:00:00 00:00:00")  # a camera without a clock
    write_dated(tmp_path / "a/7.png", 7, "2023:12:31 23:59:59", tag="DateTimeDigitized")
    write_dated(tmp_path / "a/8.jpg", 8)
    write_dated(tmp_path / "a/9.jpg", 9, 17)
    (tmp_path / "a/10.jpg").write_bytes(b"\xff\xd8\xff no picture")
    images = load_images(tmp_path)
    expected = ["2024-06-01"] * 2 + ["2024-06-02"] * 2 + ["2024-06-03"] * 2
    expected += ["", "2023-12-31", "", "", ""]
    assert picture_dates(images).tolist() == expected
    result = leave_out(images, "date", lambda day: day > "2024")
    assert len(result.test) == 6
