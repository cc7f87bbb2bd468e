"""Labels and ratings through the widget: on the disk at once, resumable, nothing lost."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from tests.pictures import write_set
from tests.widgets.helpers import asked
from tlcourse.data import AnnotationLog, load_images
from tlcourse.errors import ArgumentError
from tlcourse.widgets import annotate
from tlcourse.widgets.annotation import label_keys


@pytest.fixture
def images(tmp_path):
    return load_images(write_set(tmp_path / "set", count=3))


@pytest.fixture
def annotator(images, tmp_path):
    return annotate(images, tmp_path / "said.csv", "Zoë")


def ask(annotator, kind, **more):
    content, buffers = asked(annotator, {"id": "1", "kind": kind, **more})
    if "error" in content:
        return content["error"], b""
    return content["record"], buffers[0]


def lines(annotator):
    with annotator.annotations.path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_an_answer_is_on_the_disk_when_it_is_acknowledged(annotator):
    record, _ = ask(annotator, "say", position=0, label="green")
    assert (record["label"], record["quality"], record["complete"]) == ("green", None, False)
    assert [(x["file"], x["label"], x["annotator"]) for x in lines(annotator)] == [
        ("green/0.png", "green", "Zoë")
    ]
    record, _ = ask(annotator, "say", position=0, quality=4)
    assert (record["label"], record["quality"], record["complete"]) == ("green", 4, True)
    assert record["done"] == 1


def test_next_goes_on_where_somebody_stopped(annotator, images, tmp_path):
    assert ask(annotator, "next", after=-1)[0]["position"] == 0
    for position in (0, 1, 3):
        ask(annotator, "say", position=position, label="red", quality=1)
    again = annotate(images, tmp_path / "said.csv", "Zoë")
    record, data = ask(again, "next", after=-1)
    assert (record["position"], record["done"]) == (2, 3)
    assert data.startswith(b"\xff\xd8\xff")
    assert ask(again, "next", after=2)[0]["position"] == 4
    assert ask(again, "next", after=5)[0]["position"] == 2
    assert ask(annotate(images, tmp_path / "said.csv", "Bob"), "next", after=-1)[0]["done"] == 0


def test_when_all_is_done_it_stays(annotator, images):
    for position in range(len(images)):
        ask(annotator, "say", position=position, label="red", quality=1)
    record, _ = ask(annotator, "next", after=3)
    assert (record["position"], record["done"]) == (3, len(images))


def test_undo_returns_to_the_picture_and_keeps_the_record(annotator):
    ask(annotator, "say", position=0, label="green", quality=5)
    ask(annotator, "say", position=1, label="red")
    assert ask(annotator, "undo")[0]["position"] == 1
    record, _ = ask(annotator, "undo")
    assert (record["position"], record["label"], record["done"]) == (0, None, 0)
    assert "nothing to take back" in ask(annotator, "undo")[0]
    assert len(lines(annotator)) == 4, "what was said stays in the file"


@pytest.mark.parametrize(
    "wrong",
    [
        {"position": 0, "label": "purple"}, {"position": 0, "quality": 6}, {"position": 99},
        {"position": 0}, {"position": None, "quality": 1}, {"position": 0, "quality": True},
    ],
)  # fmt: skip
def test_a_senseless_answer_is_refused_and_nothing_is_written(annotator, wrong):
    error, _ = ask(annotator, "say", **wrong)
    assert isinstance(error, str)
    assert not annotator.annotations.path.exists()


def test_a_file_that_cannot_be_written_says_so(annotator, images):
    annotator.annotations.path.mkdir()  # a folder in its place
    error, _ = ask(annotator, "say", position=0, quality=1)
    assert "said.csv" in error


def test_a_broken_picture_can_be_rated_too(tmp_path):
    folder = write_set(tmp_path / "set", count=2)
    images = load_images(folder)
    images.paths[1].write_bytes(b"\x89PNG\r\n\x1a\n cut short")
    annotator = annotate(images, tmp_path / "said.csv", "Zoë")
    record, data = ask(annotator, "picture", position=1)
    assert images.paths[1].name in record["problem"]
    assert data == b""
    assert ask(annotator, "say", position=1, quality=1)[0]["quality"] == 1


def test_a_part_of_the_set_of_a_log_can_be_annotated(images, tmp_path):
    log = AnnotationLog(tmp_path / "said.csv", images)
    annotator = annotate(images[[4, 2]], log, "Zoë")
    ask(annotator, "say", position=0, label="red", quality=2)
    assert lines(annotator)[0]["file"] == "red/1.png"
    log.add(images.paths[0], annotator="Zoë", quality=1)
    error, _ = ask(annotator, "undo")
    assert "0.png" in error
    assert "taken back" in error


def test_other_pictures_than_those_of_the_log_are_refused(images, tmp_path):
    log = AnnotationLog(tmp_path / "said.csv", images[:2])
    with pytest.raises(ArgumentError, match="not in the set"):
        annotate(images, log, "Zoë")


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (["cat", "dog"], ["c", "d"]),
        (["cat", "car", "cow", "ca"], ["c", "a", "o", ""]),
        (["unknown", "3D"], ["n", "d"]),
        (["été", "日本", "1"], ["t", "", ""]),
    ],
)
def test_each_label_gets_a_letter_of_its_own(names, keys):
    assert label_keys(names) == keys


def test_large_pictures_are_made_smaller_on_the_way(tmp_path):
    from PIL import Image

    (tmp_path / "set" / "a").mkdir(parents=True)
    Image.fromarray(np.zeros((900, 2000, 3), np.uint8)).save(tmp_path / "set" / "a" / "large.png")
    annotator = annotate(load_images(tmp_path / "set"), tmp_path / "said.csv", "Zoë")
    import io

    _, data = ask(annotator, "picture", position=0)
    assert Image.open(io.BytesIO(data)).size == (640, 288)


def test_bad_arguments_are_named(images, tmp_path):
    with pytest.raises(ArgumentError, match="nobody"):
        annotate(images, tmp_path / "said.csv", "  ")
    with pytest.raises(ArgumentError, match="no pictures"):
        annotate(images[:0], AnnotationLog(tmp_path / "said.csv", images), "Zoë")
    with pytest.raises(ArgumentError, match="images"):
        annotate("folder", tmp_path / "said.csv", "Zoë")
    assert annotate(images, tmp_path / "said.csv").annotator


def test_no_picture_is_saved_with_the_notebook(annotator):
    assert annotator.stored == b""
    data, _ = annotator._repr_mimebundle_()
    assert data["image/png"]
    assert "0 of 6 pictures" in data["text/plain"]
