"""The embedded set, through a small folder of the same layout; and the real one where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

import tlcourse
from tests.pictures import write_picture
from tlcourse.data import check_pictures, fleet, list_datasets, load_dataset
from tlcourse.errors import AssetError, DataError

HEAD = "file,label,group,split,light,note"
ROWS = [
    "sailing yacht/sy10_0.jpg,sailing yacht,sy10,train,0.5,first in the table",
    "sailing yacht/sy2_0.jpg,sailing yacht,sy2,test,0.1,",
    "Carrier/c1_0.jpg,Carrier,c1,train,0.9,\"two, views\"",
    "Carrier/c1_1.jpg,Carrier,c1,train,0.9,",
    "Carrier/c2_0.jpg,Carrier,c2,val,0.3,",
    "destroyer/d1_0.jpg,destroyer,d1,Validation,0.3,",
    "destroyer/d2_0.jpg,destroyer,d2,test,0.3,",
]  # fmt: skip


def write_fleet(folder: Path, rows: list[str] = ROWS, head: str = HEAD) -> Path:
    for number, row in enumerate(ROWS):
        write_picture(folder / row.partition(",")[0], (30, 60, 90), number, 32)
    (folder / "labels.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the package seems to lie; no fleet is there yet."""
    package = tmp_path / "site" / "tlcourse"
    package.mkdir(parents=True)
    monkeypatch.setattr(tlcourse, "__file__", str(package / "__init__.py"))
    monkeypatch.setattr("tlcourse.messages._said", set())
    return package


@pytest.mark.parametrize("place", ["wheel", "project"])
def test_the_fleet_is_found_in_a_wheel_and_in_the_project(place: str, installation: Path) -> None:
    home = installation if place == "wheel" else installation.parent
    folder = write_fleet(home / "datasets" / "fleet")
    images = load_dataset("fleet")
    assert images.paths[0] == folder / "sailing yacht" / "sy10_0.jpg"
    (known,) = [known for known in list_datasets() if known.name == "fleet"]
    assert (known.pictures, known.classes, known.bytes) == (7, 3, 0)
    assert (known.place, known.folder) == ("this course", folder)


def test_vessels_are_groups_and_classes_are_in_natural_order(
    installation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_fleet(installation / "datasets" / "fleet")
    images = load_dataset("fleet")
    assert images.class_names == ("Carrier", "destroyer", "sailing yacht")
    assert images.groups is not None
    assert images.groups.tolist() == ["sy10", "sy2", "c1", "c1", "c2", "d1", "d2"]
    assert images.splits is not None
    assert images.splits.tolist() == [
        "train", "test", "train", "train", "validation", "validation", "test"
    ]  # fmt: skip
    assert [p.class_name for p in images[:3]] == ["sailing yacht", "sailing yacht", "Carrier"]
    assert images.problems == ()
    assert check_pictures(images) == images
    assert images.record["dataset"] == "fleet"
    load_dataset("fleet")
    assert capsys.readouterr().err.count("Licence: CC0-1.0") == 1


def test_an_installation_without_the_fleet_says_so(installation: Path) -> None:
    assert not next(known for known in list_datasets() if known.name == "fleet").is_here
    with pytest.raises(AssetError, match="not part of this installation"):
        load_dataset("fleet")


def test_a_folder_of_another_package_of_that_name_is_not_taken(installation: Path) -> None:
    (installation.parent / "datasets" / "fleet").mkdir(parents=True)
    assert fleet.fleet_folder() is None


def test_a_fleet_elsewhere_is_read_from_its_folder(tmp_path: Path, installation: Path) -> None:
    folder = write_fleet(tmp_path / "mine")
    assert len(load_dataset("fleet", folder=folder)) == 7
    with pytest.raises(DataError, match=r"labels\.csv"):
        load_dataset("fleet", folder=tmp_path)


def test_faults_of_the_table_are_told_with_their_lines(tmp_path: Path, installation: Path) -> None:
    rows = [*ROWS, "Carrier/lost.jpg,Carrier,c3,train,0,", "Carrier/c1_0.jpg,,c3,exam,0,"]
    with pytest.raises(DataError) as caught:
        load_dataset("fleet", folder=write_fleet(tmp_path / "a", rows))
    for words in ("line 9", "lost.jpg", "line 10"):
        assert words in str(caught.value)
    with pytest.raises(DataError, match="lacks columns"):
        load_dataset("fleet", folder=write_fleet(tmp_path / "b", head="file,label,ship,split,a,b"))


def test_the_real_fleet_keeps_each_vessel_in_one_class_and_one_split() -> None:
    if fleet.fleet_folder() is None:
        pytest.skip("the fleet is not rendered here")
    images = load_dataset("fleet")
    assert images.groups is not None
    assert images.splits is not None
    cells = zip(images.groups.tolist(), images.labels.tolist(), images.splits.tolist(), strict=True)
    assert len(set(cells)) == len(set(images.groups.tolist()))
    assert {name for name, count in images.train.counts().items() if count == 0} == set()
    assert images.test.counts().keys() == images.train.counts().keys()
