"""From a confusion matrix to its pictures and to corrections, which only ever are added."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from PIL import Image

from tests.pictures import write_set
from tests.widgets.helpers import asked, state_bytes, stored_answer
from tlcourse.data import AnnotationLog, drop_worst, load_images, relabel
from tlcourse.errors import ArgumentError
from tlcourse.evaluation import judge
from tlcourse.widgets import explore_mistakes
from tlcourse.widgets.mistakes import PAGE, SIDE

NAMES = ("blue", "green", "red")


@pytest.fixture
def images(tmp_path):
    return load_images(write_set(tmp_path / "set", 6, names=NAMES))


def report_on(images, wrong=(0, 1, 7)):
    """Return a report in which a few pictures get the next class's name, more and more sure."""
    predicted = images.labels.copy()
    predicted[list(wrong)] = (predicted[list(wrong)] + 1) % 3
    rows = np.full((len(images), 3), 0.1)
    rows[np.arange(len(images)), predicted] = 0.5 + 0.02 * np.arange(len(images))
    rows /= rows.sum(axis=1, keepdims=True)
    return judge(rows, images.labels, images.class_names, images.paths)


@pytest.fixture
def explorer(images, tmp_path):
    return explore_mistakes(report_on(images), tmp_path / "said.csv", "Zoë")


def ask(explorer, kind, **more):
    content, buffers = asked(explorer, {"id": "1", "kind": kind, **more})
    if "error" in content:
        return content["error"], b""
    return content["record"], buffers[0]


def lines(explorer):
    with explorer.annotations.path.open(encoding="utf-8", newline="") as file:
        return [(x["file"], x["label"], x["quality"], x["action"]) for x in csv.DictReader(file)]


def test_a_cell_holds_its_pictures_the_surest_mistakes_first(explorer):
    record, data = ask(explorer, "cell", row=0, column=1, page=0)
    assert [(one["number"], one["name"]) for one in record["pictures"]] == [
        (1, "blue/1.png"), (0, "blue/0.png"),
    ]  # fmt: skip
    found = explorer.report.probabilities
    assert record["pictures"][0]["probability"] == pytest.approx(found[1, 1], abs=1e-4)
    assert record["pictures"][0]["of_true"] == pytest.approx(found[1, 0], abs=1e-4)
    assert Image.open(io.BytesIO(data)).size == (SIDE, 2 * SIDE)
    assert record["complete"]


def test_right_answers_come_with_the_least_sure_first(explorer):
    record, _ = ask(explorer, "cell", row=2, column=2, page=0)
    numbers = [one["number"] for one in record["pictures"]]
    assert numbers == sorted(numbers)
    assert len(numbers) == 6


def test_every_picture_is_in_one_cell(explorer):
    seen = [
        one["number"]
        for row in range(3)
        for column in range(3)
        for one in ask(explorer, "cell", row=row, column=column, page=0)[0]["pictures"]
    ]
    assert sorted(seen) == list(range(18))


def test_a_large_cell_has_pages(tmp_path):
    images = load_images(write_set(tmp_path / "set", PAGE + 3, names=NAMES))
    explorer = explore_mistakes(report_on(images, ()), tmp_path / "said.csv", "Zoë", stored=5)
    pages = [ask(explorer, "cell", row=1, column=1, page=page)[0]["pictures"] for page in (0, 1)]
    assert [len(page) for page in pages] == [PAGE, 3]
    assert ask(explorer, "cell", row=1, column=1, page=2)[0]["pictures"] == []


def test_each_change_is_a_line_on_the_disk_and_makes_a_better_set(explorer, images):
    assert not explorer.annotations.path.exists(), "looking writes nothing"
    ask(explorer, "say", number=0, label="green")
    ask(explorer, "say", number=7, quality=1)
    ask(explorer, "say", number=1, label="blue")
    assert lines(explorer) == [
        ("blue/0.png", "green", "", ""),
        ("green/1.png", "", "1", ""),
        ("blue/1.png", "blue", "", ""),
    ]
    assert explorer.said == {"0": ["green", None], "7": [None, 1], "1": ["blue", None]}
    log = AnnotationLog(explorer.annotations.path, images)
    better = drop_worst(relabel(images, log), log, below=2)
    assert len(better) == 17
    assert better.counts() == {"blue": 5, "green": 6, "red": 6}


def test_undo_takes_back_the_last_change_and_shows_its_picture(explorer):
    ask(explorer, "say", number=0, label="green")
    ask(explorer, "say", number=7, quality=1)
    assert ask(explorer, "undo")[0] is not None
    assert explorer.said == {"0": ["green", None]}
    assert explorer.chosen == 7
    ask(explorer, "undo")
    assert "nothing to take back" in ask(explorer, "undo")[0]
    assert len(lines(explorer)) == 4, "what was said stays in the file"


def test_what_was_said_before_and_elsewhere_is_shown(explorer, images, tmp_path):
    ask(explorer, "say", number=2, label="red")
    again = explore_mistakes(report_on(images), tmp_path / "said.csv", "Zoë")
    assert again.said == {"2": ["red", None]}
    assert explore_mistakes(report_on(images), tmp_path / "said.csv", "Bob").said == {}
    AnnotationLog(tmp_path / "said.csv", images).add(images.paths[3], annotator="Zoë", label="red")
    ask(again, "said")
    assert again.said == {"2": ["red", None], "3": ["red", None]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": 0, "label": "purple"}, {"number": 99, "label": "red"}, {"number": 0},
        {"number": None, "quality": 1}, {"number": 0, "quality": 9},
    ],
)  # fmt: skip
def test_a_senseless_change_is_refused_and_nothing_is_written(explorer, wrong):
    error, _ = ask(explorer, "say", **wrong)
    assert isinstance(error, str)
    assert not explorer.annotations.path.exists()


@pytest.mark.parametrize("wrong", [{"row": 3}, {"column": -1}, {"page": 9}, {"row": "blue"}])
def test_a_cell_that_is_not_there_gets_a_sentence(explorer, wrong):
    error, _ = ask(explorer, "cell", **{"row": 0, "column": 0, "page": 0, **wrong})
    assert next(iter(wrong)) in error
    assert "answers no questions" in ask(explorer, "magic")[0]


def test_a_file_that_cannot_be_written_says_so(explorer):
    explorer.annotations.path.mkdir()  # a folder in its place
    assert "said.csv" in ask(explorer, "say", number=0, quality=1)[0]


def test_a_picture_that_is_gone_or_broken_is_named_and_can_be_dropped(images, tmp_path):
    report = report_on(images)
    images.paths[0].write_bytes(b"\x89PNG cut short")
    images.paths[1].unlink()
    explorer = explore_mistakes(report, tmp_path / "said.csv", "Zoë")
    record, data = ask(explorer, "cell", row=0, column=1, page=0)
    assert all(one["problem"] for one in record["pictures"])
    assert np.asarray(Image.open(io.BytesIO(data))).std() < 3, "grey squares stand for them"
    assert "0.png" in ask(explorer, "picture", number=0)[0]
    ask(explorer, "say", number=0, quality=1)
    assert lines(explorer) == [("blue/0.png", "", "1", "")]


def test_a_picture_comes_larger_but_not_too_large(tmp_path):
    large = Image.fromarray(np.full((900, 1800, 3), 40, np.uint8))
    for name in NAMES[:2]:
        (tmp_path / "set" / name).mkdir(parents=True)
        large.save(tmp_path / "set" / name / "ü.png")
    images = load_images(tmp_path / "set")
    rows = np.array([[0.4, 0.6], [0.3, 0.7]])
    report = judge(rows, images.labels, images.class_names, images.paths)
    explorer = explore_mistakes(report, tmp_path / "said.csv", "Zoë")
    assert Image.open(io.BytesIO(ask(explorer, "picture", number=1)[1])).size == (480, 240)
    assert ask(explorer, "cell", row=0, column=1, page=0)[0]["pictures"][0]["name"] == "blue/ü.png"


def test_mistakes_are_saved_with_the_notebook_before_right_answers(images, tmp_path):
    explorer = explore_mistakes(report_on(images), tmp_path / "said.csv", "Zoë", stored=5)
    keys = [record["key"] for record in explorer.about["stored"]]
    assert keys[:2] == ["cell/0/1/0", "cell/1/2/0"]
    record, data = stored_answer(explorer, keys[2])
    assert len(record["pictures"]) == 2, "cut short where the room ends"
    assert not record["complete"]
    assert Image.open(io.BytesIO(data)).size == (SIDE, 2 * SIDE)
    assert explore_mistakes(report_on(images), tmp_path / "x.csv", stored=0).stored == b""
    assert state_bytes(explore_mistakes(report_on(images), tmp_path / "x.csv")) < 400_000


def test_a_log_of_the_whole_set_names_its_files(images, tmp_path):
    log = AnnotationLog(tmp_path / "said.csv", images, class_names=[*NAMES, "none of them"])
    part = images[np.flatnonzero(images.labels == 2)]
    rows = np.tile([0.2, 0.2, 0.6], (6, 1))
    explorer = explore_mistakes(judge(rows, part.labels, NAMES, part.paths), log, "Zoë")
    ask(explorer, "say", number=0, label="none of them")
    assert lines(explorer) == [("red/0.png", "none of them", "", "")]
    by_path = explore_mistakes(explorer.report, tmp_path / "two.csv", "Zoë", images=images)
    ask(by_path, "say", number=0, label="blue")
    assert lines(by_path) == [("red/0.png", "blue", "", "")]


def test_bad_arguments_are_named(images, tmp_path):
    report = report_on(images)
    with pytest.raises(ArgumentError, match="report"):
        explore_mistakes(images)
    with pytest.raises(ArgumentError, match="stored"):
        explore_mistakes(report, tmp_path / "said.csv", stored=-1)
    with pytest.raises(ArgumentError, match="not in the set"):
        explore_mistakes(report, AnnotationLog(tmp_path / "said.csv", images[:2]))
    with pytest.raises(ArgumentError, match="belong together"):
        explore_mistakes(report, AnnotationLog(tmp_path / "said.csv", images[:2]), images=images)
    with pytest.raises(ArgumentError, match="nobody"):
        explore_mistakes(report, tmp_path / "said.csv", " ")


def test_where_no_script_runs_there_is_the_matrix(explorer):
    data, _ = explorer._repr_mimebundle_()
    assert data["image/png"]
    assert "2 of blue taken for green" in data["text/plain"]
