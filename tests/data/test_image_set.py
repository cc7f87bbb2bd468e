"""An `ImageSet` never changes, and says plainly what does not fit."""

from __future__ import annotations

import dataclasses
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from tests.data.hard_pictures import SCENE, scene
from tlcourse.data import ImageSet, LabelledPicture, Problem
from tlcourse.errors import ArgumentError, DataError


def small_set(**parts: object) -> ImageSet:
    """Return five pictures that are not there, of the classes ants and bees."""
    given = {
        "paths": tuple(Path(f"{i}.jpg") for i in range(5)),
        "labels": np.array([0, 0, 1, 1, 1]),
        "class_names": ("ants", "bees"),
        **parts,
    }
    return ImageSet(**given)


def split_set() -> ImageSet:
    return small_set(
        groups=np.array(["a", "a", "b", "c", "c"]),
        splits=np.array(["train", "test", "train", "train", "test"]),
    )


def test_one_picture_knows_its_path_label_and_name(tmp_path: Path) -> None:
    scene().save(tmp_path / "1.png")
    images = ImageSet((tmp_path / "1.png",), np.array([1]), ("ants", "bees"))
    assert images[0] == LabelledPicture(tmp_path / "1.png", 1, "bees")
    np.testing.assert_array_equal(images[0].load(), SCENE)
    assert images[0].load((8, 9)).shape == (8, 9, 3)


def test_a_loop_gives_all_pictures_in_order() -> None:
    assert [picture.label for picture in small_set()] == [0, 0, 1, 1, 1]
    assert small_set()[-1].path == Path("4.jpg")
    with pytest.raises(IndexError):
        small_set()[5]


@pytest.mark.parametrize(
    "selection",
    [
        slice(1, 3),
        [1, 2],
        (1, 2),
        np.array([1, 2]),
        np.array([False, True, True, False, False]),
        [False, True, True, False, False],
    ],
)
def test_a_selection_gives_a_set_with_all_its_columns(selection: object) -> None:
    part = split_set()[selection]
    assert part.paths == (Path("1.jpg"), Path("2.jpg"))
    assert part.labels.tolist() == [0, 1]
    assert part.groups.tolist() == ["a", "b"]
    assert part.splits.tolist() == ["test", "train"]
    assert part.class_names == ("ants", "bees")


def test_an_empty_selection_keeps_the_classes() -> None:
    nothing = small_set()[[]]
    assert len(nothing) == 0
    assert nothing.counts() == {"ants": 0, "bees": 0}
    assert small_set().subset(np.zeros(5, bool)) == nothing


@pytest.mark.parametrize("selection", [[7], [True, False], [0.5], "train", [[0], [1]], None])
def test_a_selection_that_does_not_fit_is_refused(selection: object) -> None:
    with pytest.raises(ArgumentError, match="selection"):
        small_set().subset(selection)


def test_nothing_in_it_can_be_changed() -> None:
    labels = np.array([0, 0, 1, 1, 1])
    record = {"seed": 1, "list": []}
    images = small_set(labels=labels, record=record)
    with pytest.raises(dataclasses.FrozenInstanceError):
        images.labels = labels
    with pytest.raises(ValueError, match="read-only"):
        images.labels[0] = 1
    labels[0] = 1
    record["list"].append(1)
    assert images.labels[0] == 0
    assert images.record == {"seed": 1, "list": []}


def test_equality_is_about_pictures_labels_names_groups_and_splits() -> None:
    assert split_set() == split_set()
    assert split_set() == dataclasses.replace(
        split_set(), record={"made": "otherwise"}, problems=(Problem(Path("x"), "y"),)
    )
    assert split_set() != small_set()
    assert small_set() != small_set(labels=np.array([0, 1, 1, 1, 1]))
    assert small_set() != small_set(class_names=("ants", "wasps"))
    assert small_set() != "a set"


def test_a_set_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(split_set())) == split_set()


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"labels": np.array([0, 1])}, "'labels' does not fit"),
        ({"labels": np.array([0.0, 0, 1, 1, 1])}, "whole numbers"),
        ({"labels": np.array([0, 0, 1, 1, 2])}, "label"),
        ({"labels": np.array([0, 0, 1, 1, -1])}, "label"),
        ({"class_names": ("ants", "ants")}, "twice"),
        ({"groups": np.array(["a"])}, "'groups' does not fit"),
        ({"splits": np.array(["train"] * 4 + ["dev"])}, "dev"),
        ({"record": {"path": Path("x")}}, "JSON"),
    ],
)
def test_parts_that_do_not_fit_are_refused(parts: dict[str, object], words: str) -> None:
    with pytest.raises(DataError, match=words):
        small_set(**parts)


def test_the_splits_are_sets_of_their_own() -> None:
    assert split_set().train.paths == (Path("0.jpg"), Path("2.jpg"), Path("3.jpg"))
    assert split_set().test.counts() == {"ants": 1, "bees": 1}


def test_a_split_that_is_not_there_is_an_error_that_teaches() -> None:
    with pytest.raises(DataError, match="train, test"):
        _ = split_set().validation
    with pytest.raises(DataError, match=r"tl\.split"):
        _ = small_set().test


def test_splits_can_be_set_and_taken_away() -> None:
    names = ["train", "train", "test", "test", "validation"]
    assert small_set().with_splits(names).splits.tolist() == names
    assert split_set().with_splits(None).splits is None


def test_relabelling_keeps_the_order_of_classes_natural() -> None:
    images = small_set().relabel(["bees", "class 10", "class 9", "bees", "bees"])
    assert images.class_names == ("ants", "bees", "class 9", "class 10")
    assert images.labels.tolist() == [1, 3, 2, 1, 1]
    with pytest.raises(ArgumentError, match="5 class names"):
        small_set().relabel(["ants"])
    with pytest.raises(ArgumentError, match="5 class names"):
        small_set().relabel("bees!")


def test_classes_can_be_renamed_and_merged() -> None:
    renamed = small_set().rename_classes({"ants": "zebras"})
    assert renamed.class_names == ("bees", "zebras")
    assert renamed.labels.tolist() == [1, 1, 0, 0, 0]
    assert small_set().rename_classes({"ants": "bees"}).counts() == {"bees": 5}
    with pytest.raises(ArgumentError, match="wasps"):
        small_set().rename_classes({"wasps": "bees"})


def test_unusable_pictures_are_left_out_with_their_reasons() -> None:
    broken = Problem(Path("2.jpg"), "cut short")
    images = small_set().without([broken])
    assert Path("2.jpg") not in images.paths
    assert images.problems == (broken,)
    assert small_set().without([]) == small_set()


def test_a_class_that_loses_its_last_picture_is_an_error() -> None:
    ants = [Problem(Path("0.jpg"), "cut short"), Problem(Path("1.jpg"), "empty")]
    with pytest.raises(DataError, match=r"(?s)ants.*0\.jpg.*cut short"):
        small_set().without(ants)
    with pytest.raises(DataError, match=r"ants \(test\)"):
        split_set().without(ants[1:])


def test_it_shows_itself_in_plain_words_and_a_table() -> None:
    images = dataclasses.replace(split_set(), problems=(Problem(Path("<a\n.txt>"), "no picture"),))
    text = repr(images)
    assert text.splitlines()[0] == "5 pictures in 2 classes"
    assert "train  test  all" in text
    assert "3 groups" in text
    assert "\\n.txt" in text
    page = images._repr_html_()
    assert "<table>" in page
    assert "&lt;a" in page
    many = ImageSet((), np.array([]), tuple(f"class {i}" for i in range(1000)))
    assert "980 more" in repr(many)


def test_the_record_is_ready_for_json() -> None:
    assert json.loads(json.dumps(small_set(record={"seed": 1}).record)) == {"seed": 1}
