"""What was said of a picture is kept, whatever happens to the program, the file or the disk."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.test_split import images_of
from tlcourse.data import (
    AnnotationLog,
    ImageSet,
    agreement,
    drop_worst,
    majority,
    relabel,
)
from tlcourse.data import annotation_file as files
from tlcourse.data.annotation_lines import bare, guarded
from tlcourse.errors import ArgumentError, DataError

IMAGES = images_of({"ants": 4, "bees": 4})
HEAD = "file,label,quality,annotator,action,time\n"


def paths(count: int = 8) -> tuple[Path, ...]:
    return IMAGES.paths[:count]


def labels_by(log: AnnotationLog, annotator: str) -> dict[str, str | None]:
    return {
        path.relative_to("photos").as_posix(): opinions[annotator].label
        for path, opinions in log.opinions().items()
        if annotator in opinions
    }


@pytest.fixture
def log(tmp_path: Path) -> AnnotationLog:
    return AnnotationLog(tmp_path / "labels.csv", IMAGES)


def test_an_entry_is_a_line_with_a_time_in_utc(log):
    log.add(IMAGES[0], annotator="Anna", label="bees", quality=4)
    text = log.path.read_text("utf-8")
    assert text.startswith(HEAD)
    line = text.removeprefix(HEAD)
    assert re.fullmatch(r"ants/0\.jpg,bees,4,Anna,,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\n", line)
    [entry] = log.entries()
    assert entry[:4] == (paths(1)[0], "bees", 4, "Anna")
    assert entry.time.utcoffset().total_seconds() == 0
    assert entry.line == 2


def test_nothing_is_written_before_something_is_said(log):
    assert log.next_unrated("Anna") == IMAGES[0]
    assert log.undo("Anna") is None
    assert not log.path.exists()


def test_later_entries_stand_in_place_of_earlier_ones_label_and_quality_by_themselves(log):
    log.add(paths()[0], annotator="Anna", label="bees", quality=2)
    log.add(paths()[0], annotator="Anna", label="ants")
    log.add(paths()[0], annotator="Ben", quality=5)
    assert log.opinions() == {paths()[0]: {"Anna": ("ants", 2), "Ben": (None, 5)}}
    assert len(log.entries()) == 3
    assert log.annotators == ("Anna", "Ben")


def test_undo_is_an_entry_that_brings_the_state_before_back(log):
    log.add(paths()[0], annotator="Anna", label="bees")
    log.add(paths()[0], annotator="Ben", label="ants")
    log.add(paths()[0], annotator="Anna", label="ants")
    before = log.path.read_bytes()
    assert log.undo("Anna").label == "ants"
    assert log.path.read_bytes().startswith(before)
    assert labels_by(log, "Anna") == {"ants/0.jpg": "bees"}
    assert log.undo("Anna").label == "bees"
    assert labels_by(log, "Anna") == {}
    assert log.undo("Anna") is None
    assert labels_by(log, "Ben") == {"ants/0.jpg": "ants"}
    log.add(paths()[0], annotator="Anna", label="bees")
    again = AnnotationLog(log.path, IMAGES)
    assert labels_by(again, "Anna") == {"ants/0.jpg": "bees"}
    assert again.problems == ()


def test_work_is_taken_up_where_it_was(log):
    for path in paths(3):
        log.add(path, annotator="Anna", label="ants", quality=3)
    log.add(paths()[3], annotator="Anna", label="ants")  # and no quality yet
    again = AnnotationLog(log.path, IMAGES)
    assert again.next_unrated("Anna") == IMAGES[3]
    assert again.count_unrated("Anna") == 5
    assert again.next_unrated("Ben") == IMAGES[0]
    only_labels = AnnotationLog(log.path, IMAGES, asks=["label"])
    assert only_labels.next_unrated("Anna") == IMAGES[4]
    for path in paths():
        only_labels.add(path, annotator="Anna", label="ants")
    assert only_labels.next_unrated("Anna") is None
    only_labels.undo("Anna")
    assert only_labels.next_unrated("Anna") == IMAGES[7]


def test_a_log_shows_how_far_everyone_is(log):
    log.add(paths()[0], annotator="Anna", label="ants", quality=1)
    assert "1 of 8 pictures annotated" in repr(log)
    assert "Anna: 1 done" in repr(log)


# Crashes


def whole_log(folder: Path) -> tuple[bytes, list[int]]:
    """Return the bytes of a log with hard names, and where its lines end."""
    images = hard_images()
    log = AnnotationLog(folder / "whole.csv", images, class_names=["a,b", 'c "d"', "e\nf"])
    ends = []
    for number, picture in enumerate(images):
        log.add(picture, annotator="Zoë; Ω", label=log.class_names[number % 3], quality=5)
        ends.append(log.path.stat().st_size)
    log.undo("Zoë; Ω")
    return log.path.read_bytes(), [*ends, log.path.stat().st_size]


def hard_images() -> ImageSet:
    names = [
        "plain.jpg", "with,comma;.jpg", 'quo"te.jpg', "new\nline.jpg", "\r.jpg", "=1+1.jpg",
        "-x.jpg", "@y.jpg", "'=z.jpg", " blank .jpg", "é.jpg", "日本.jpg", "end\n",
        os.fsdecode(b"latin-\xe9.jpg"),
    ]  # fmt: skip
    return ImageSet(
        tuple(Path("set") / name for name in names), np.zeros(len(names), int), ("x",),
        record={"folder": "set"},
    )  # fmt: skip


def test_names_of_every_kind_come_back(tmp_path):
    whole_log(tmp_path)
    images = hard_images()
    again = AnnotationLog(tmp_path / "whole.csv", images, class_names=["a,b", 'c "d"', "e\nf"])
    assert again.problems == ()
    assert [entry.path for entry in again.entries()] == list(images.paths[:-1])
    assert {entry.annotator for entry in again.entries()} == {"Zoë; Ω"}


def test_a_crash_at_any_byte_loses_at_most_the_line_that_was_being_written(tmp_path, capsys):
    data, ends = whole_log(tmp_path)
    images = hard_images()
    classes = ["a,b", 'c "d"', "e\nf"]
    path = tmp_path / "cut.csv"
    aside = tmp_path / "cut.csv.torn"
    for cut in range(len(data)):
        path.write_bytes(data[:cut])
        aside.unlink(missing_ok=True)
        log = AnnotationLog(path, images, class_names=classes)
        # A line that lacks nothing but its end is whole.
        whole = sum(end - 1 <= cut for end in ends)
        before = log.entries()
        assert len(before) == (whole if whole < len(ends) else len(ends) - 2), cut
        if cut > len(HEAD) and cut not in ends and cut + 1 not in ends:
            assert any("cut short" in problem.reason for problem in log.problems), cut
        log.add(images[0], annotator="Ben", quality=1)
        again = AnnotationLog(path, images, class_names=classes)
        assert again.problems == ()
        assert [e[:4] for e in again.entries()[:-1]] == [e[:4] for e in before], cut
        assert again.entries()[-1][:4] == (images.paths[0], None, 1, "Ben")
        kept = aside.read_bytes().removesuffix(b"\n") if aside.exists() else b""
        assert path.read_bytes().startswith(data[: cut - len(kept)] if kept else data[:cut])
        assert kept == data[cut - len(kept) : cut]
    told = capsys.readouterr().err
    assert "was cut short, by a crash or a full disk" in told
    assert "cut.csv.torn" in told


def test_a_killed_program_leaves_whole_lines(tmp_path):
    code = (
        "import sys; from tlcourse.data import AnnotationLog\n"
        "from tests.data.test_annotation import IMAGES\n"
        "log = AnnotationLog(sys.argv[1], IMAGES)\n"
        "for i in range(10**6):\n"
        "    log.add(IMAGES[i % 8], annotator='A', quality=1 + i % 5); print(i, flush=True)\n"
    )
    path = tmp_path / "labels.csv"
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True
    )
    for _ in range(20):
        said = int(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read().split()
    child.wait()
    said = int(rest[-1]) if rest else said
    log = AnnotationLog(path, IMAGES)
    assert len(log.entries()) in (said + 1, said + 2)
    log.add(IMAGES[0], annotator="B", quality=3)  # the dead one's lock is no lock
    assert log.opinions()[paths()[0]]["B"].quality == 3


def test_a_crash_in_a_list_by_excel_loses_no_more(tmp_path):
    head = "Label;File;Quality;Annotator;Action;Time\r\n"
    lines = [f"ants;ants/{i}.jpg;{i + 1};Anna;;2026-11-23T01:02:0{i}Z\r\n" for i in range(4)]
    data = (head + "".join(lines)).encode("utf-8-sig")
    ends = [len((head + "".join(lines[: i + 1])).encode("utf-8-sig")) for i in range(4)]
    path = tmp_path / "excel.csv"
    for cut in range(len(head) + 3, len(data) + 1):
        path.write_bytes(data[:cut])
        log = AnnotationLog(path, IMAGES)
        whole = sum(end - 2 <= cut for end in ends)
        assert [e.quality for e in log.entries()] == [1, 2, 3, 4][:whole], cut
        log.add(IMAGES[7], annotator="Ben", quality=5)
        again = AnnotationLog(path, IMAGES)
        assert again.problems == ()
        assert [e.quality for e in again.entries()] == [*[1, 2, 3, 4][:whole], 5], cut


@pytest.mark.parametrize("room", [0, 5, 30])
def test_a_full_disk_changes_nothing_and_is_told(log, monkeypatch, room):
    log.add(paths()[0], annotator="Anna", quality=5)
    before = log.path.read_bytes()
    left, write = [room], os.write

    def on_a_full_disk(handle: int, data: bytes) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        left[0] -= (written := write(handle, data[: left[0]]))
        return written

    monkeypatch.setattr(files.os, "write", on_a_full_disk)
    with pytest.raises(DataError, match=r"(?s)nothing was changed.*No space left"):
        log.add(paths()[1], annotator="Anna", quality=5)
    monkeypatch.undo()
    assert log.path.read_bytes() == before
    log.add(paths()[1], annotator="Anna", quality=4)
    assert len(log.entries()) == 2


def test_every_entry_is_forced_to_the_disk(log, monkeypatch):
    forced = []
    fsync = os.fsync
    monkeypatch.setattr(files.os, "fsync", lambda h: (forced.append(os.fstat(h).st_ino), fsync(h)))
    log.add(paths()[0], annotator="Anna", quality=5)
    assert log.path.stat().st_ino in forced
    assert log.path.parent.stat().st_ino in forced  # a new file's name, too
    forced.clear()
    log.add(paths()[1], annotator="Anna", quality=5)
    assert forced == [log.path.stat().st_ino]


# Several writers


def write_many(path: str, annotator: str, count: int) -> None:
    log = AnnotationLog(path, IMAGES)
    for i in range(count):
        log.add(IMAGES[i % 8], annotator=annotator, quality=1 + i % 5)
        if i % 10 == 9:
            log.undo(annotator)


def test_two_programs_write_at_once(tmp_path):
    path = tmp_path / "labels.csv"
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=write_many, args=(str(path), name, 60)) for name in ("Anna", "Ben")
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    log = AnnotationLog(path, IMAGES)
    assert log.problems == ()
    for name in ("Anna", "Ben"):
        mine = [e for e in log.entries() if e.annotator == name]
        expected = [(i % 8, 1 + i % 5) for i in range(60) if i % 10 != 9]
        assert [(paths().index(e.path), e.quality) for e in mine] == expected
    assert path.read_text("utf-8").count(HEAD) == 1


def test_threads_may_share_a_log(log):
    def work(name: str) -> None:
        for i in range(30):
            log.add(IMAGES[i % 8], annotator=name, quality=1 + i % 5)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(log.entries()) == 90
    assert log.problems == ()


def test_what_another_program_adds_is_seen(log):
    other = AnnotationLog(log.path, IMAGES)
    log.add(paths()[0], annotator="Anna", label="ants")
    assert labels_by(other, "Anna") == {"ants/0.jpg": "ants"}
    other.add(paths()[0], annotator="Anna", label="bees")
    assert log.undo("Anna").label == "bees"
    assert labels_by(other, "Anna") == {"ants/0.jpg": "ants"}


# Lists by spreadsheets, and by hand


def test_a_list_by_excel_is_read_and_goes_on_in_its_own_way(tmp_path):
    path = tmp_path / "excel.csv"
    lines = [
        "Annotator;File;Quality;Label;Action;Time",
        "Jörg;ants/0.jpg;4,0;ants;;",
        'Jörg;"ants\\1.jpg";5;" bees";;2026-11-23T01:02:03Z',
        ";;;;;",
        "Jörg;ants/1.jpg;;;UNDO;",
    ]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("utf-8-sig"))
    log = AnnotationLog(path, IMAGES)
    assert log.problems == ()
    assert [e[:5] for e in log.entries()] == [(paths()[0], "ants", 4, "Jörg", None)]
    log.add(paths()[2], annotator="Anna", label="bees", quality=1)
    data = path.read_bytes()
    assert data.startswith(("\r\n".join(lines) + "\r\n").encode("utf-8-sig"))
    added = data.decode("utf-8-sig").splitlines()[-1]
    assert added.startswith("Anna;ants/2.jpg;1;bees;;20")
    assert data.endswith(b"\r\n")
    assert len(AnnotationLog(path, IMAGES).entries()) == 2


def test_saving_it_in_excel_in_between_does_no_harm(log):
    log.add(paths()[0], annotator="Anna", label="ants", quality=1)
    log.add(paths()[1], annotator="Anna", label="ants", quality=2)
    text = log.path.read_text("utf-8")
    log.path.write_bytes(text.replace(",", ";").replace("\n", "\r\n").encode("utf-8-sig"))
    log.add(paths()[2], annotator="Anna", label="ants", quality=3)
    assert [e.quality for e in log.entries()] == [1, 2, 3]
    assert log.problems == ()


def test_a_list_with_few_columns_is_read_but_not_added_to(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("file\tlabel\nants/0.jpg\tbees\nbees/3.jpg\tants", "utf-8")
    log = AnnotationLog(path, IMAGES)
    assert [(e.label, e.annotator) for e in log.entries()] == [("bees", ""), ("ants", "")]
    with pytest.raises(DataError, match="quality, annotator, action, time"):
        log.add(paths()[0], annotator="Anna", label="ants")
    assert path.read_text("utf-8").count("\n") == 2


def test_lines_without_sense_are_named_with_their_numbers_and_stay(tmp_path, capsys):
    path = tmp_path / "labels.csv"
    lines = [
        "no such.jpg,ants,3,Anna,,",
        "ants/0.jpg,wasps,3,Anna,,",
        "ants/0.jpg,ants,6,Anna,,",
        "ants/0.jpg,ants,2.5,Anna,,",
        'ants/0.jpg,ants,"3',
        'x",3,Anna,,',
        "ants/0.jpg,ants,three,Anna,,",
        "ants/0.jpg,ants,3,,,",
        "ants/0.jpg,ants,3,Anna,,yesterday",
        "ants/0.jpg,,,Anna,,",
        "ants/0.jpg,ants,3,Anna,delete,",
        "ants/0.jpg,,,Anna,undo,",
        "ants/0.jpg,ants,3,Anna,,,more",
        "ants/0.jpg",
        ",ants,3,Anna,,",
        "ants/1.jpg,ants,3,Anna,,2026-11-23T01:02:03Z",
    ]
    text = HEAD + "\n".join(lines) + "\n"
    path.write_text(text, "utf-8")
    log = AnnotationLog(path, IMAGES)
    assert [problem.reason for problem in log.problems] == [
        "line 2: no picture 'no such.jpg' in the set",
        "line 3: 'wasps' is no label (ants, bees)",
        "line 4: '6' is no quality from 1 to 5",
        "line 5: '2.5' is no quality from 1 to 5",
        "line 6: 7 cells in 6 columns",
        "line 8: 'three' is no quality from 1 to 5",
        "line 9: nobody in the column 'annotator'",
        "line 10: 'yesterday' is no time in ISO 8601",
        "line 11: neither a label nor a quality",
        "line 12: 'delete' is no action (nothing, or undo)",
        "line 13: takes back what was never said",
        "line 14: 7 cells in 6 columns",
        "line 15: neither a label nor a quality",
        "line 16: no file is named",
    ]
    assert [e.path for e in log.entries()] == [paths()[1]]
    told = capsys.readouterr().err
    assert "14 lines left out" in told
    assert "… and 9 more, in .problems" in told
    log.add(paths()[0], annotator="Anna", label="ants")
    assert path.read_text("utf-8").startswith(text)


def test_a_quote_without_an_end_swallows_only_its_own_line(log):
    for path in paths(3):
        log.add(path, annotator="Anna", label="ants")
    text = log.path.read_text("utf-8").splitlines(keepends=True)
    text[2] = '"' + text[2]
    log.path.write_text("".join(text), "utf-8")
    again = AnnotationLog(log.path, IMAGES)
    assert [e.path for e in again.entries()] == [paths()[0], paths()[2]]
    assert [p.reason for p in again.problems] == ["line 3: a quote that is never closed"]
    again.add(paths()[3], annotator="Anna", label="ants")
    assert not log.path.with_name("labels.csv.torn").exists()
    assert len(AnnotationLog(log.path, IMAGES).entries()) == 3


@pytest.mark.parametrize(
    "content", [b"name,label\nx,y\n", b"\x89PNG\r\n\x1a\n\0\0", b"hello", "file\n".encode("utf-16")]
)
def test_another_kind_of_file_is_refused_and_left_alone(tmp_path, content):
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(DataError, match="no list of annotations"):
        AnnotationLog(path, IMAGES)
    assert path.read_bytes() == content


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        AnnotationLog(tmp_path, IMAGES)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_list_that_may_only_be_read_is_read(log):
    log.add(paths()[0], annotator="Anna", label="ants")
    log.path.parent.chmod(0o500)
    log.path.chmod(0o400)
    try:
        again = AnnotationLog(log.path, IMAGES)
        assert len(again.entries()) == 1
        with pytest.raises(DataError, match="cannot be written"):
            again.add(paths()[0], annotator="Anna", label="bees")
    finally:
        log.path.parent.chmod(0o700)


def test_both_spellings_of_a_letter_are_found_unless_both_are_files(tmp_path):
    one, other = "caf\u00e9.jpg", "cafe\u0301.jpg"
    path = tmp_path / "labels.csv"
    path.write_text(f"file,label\n{other},ants\n", "utf-8")

    def images(*names: str) -> ImageSet:
        return ImageSet(
            tuple(Path("set") / n for n in names), np.zeros(len(names), int), ("ants",),
            record={"folder": "set"},
        )  # fmt: skip

    assert [e.path.name for e in AnnotationLog(path, images(one)).entries()] == [one]
    assert [e.path.name for e in AnnotationLog(path, images(one, other)).entries()] == [other]


@given(st.text())
def test_cells_survive_being_guarded_and_no_spreadsheet_computes_them(text):
    assert bare(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


names = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=12
).filter(lambda name: name.strip(". ") != "")


@settings(max_examples=60, deadline=None)
@given(st.lists(names, min_size=1, max_size=5, unique=True), names.filter(str.strip), st.data())
def test_whatever_files_labels_and_people_are_called(tmp_path_factory, files_, person, data):
    folder = tmp_path_factory.mktemp("log")
    images = ImageSet(
        tuple(Path("set") / f"{n}.jpg" for n in files_), np.zeros(len(files_), int),
        tuple(sorted(set(data.draw(st.lists(names.filter(str.strip), min_size=1, max_size=3))))),
        record={"folder": "set"},
    )  # fmt: skip
    log = AnnotationLog(folder / "l.csv", images)
    said = data.draw(st.lists(st.tuples(
        st.sampled_from(images.paths), st.sampled_from(log.class_names), st.integers(1, 5)
    ), max_size=6))  # fmt: skip
    for path, label, quality in said:
        log.add(path, annotator=person, label=label, quality=quality)
    again = AnnotationLog(folder / "l.csv", images)
    assert again.problems == ()
    assert [(e.path, e.label, e.quality) for e in again.entries()] == said


# Mistakes in the call


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("annotator", {"annotator": " ", "label": "ants"}),
        ("label", {"annotator": "A", "label": "wasps"}),
        ("quality", {"annotator": "A", "quality": 6}),
        ("quality", {"annotator": "A", "quality": True}),
        ("quality", {"annotator": "A", "quality": 2.5}),
        ("Nothing is said", {"annotator": "A"}),
    ],
)
def test_mistakes_are_named_before_anything_is_written(log, words, arguments):
    with pytest.raises(ArgumentError, match=words):
        log.add(paths()[0], **arguments)
    assert not log.path.exists()


def test_a_picture_of_another_set_is_refused(log):
    with pytest.raises(ArgumentError, match="not in the set"):
        log.add("photos/wasps/1.jpg", annotator="A", label="ants")


@pytest.mark.parametrize("arguments", [{"asks": []}, {"asks": ["colour"]}, {"asks": "label"},
                                       {"class_names": []}, {"class_names": "ants"}])  # fmt: skip
def test_a_log_asks_for_what_there_is(tmp_path, arguments):
    with pytest.raises(ArgumentError):
        AnnotationLog(tmp_path / "l.csv", IMAGES, **arguments)


# What follows from it


def say_all(log: AnnotationLog, annotator: str, labels: str, qualities: str = "") -> None:
    """Add an entry a picture from letters: a, b or - for nothing."""
    for i, letter in enumerate(labels):
        quality = qualities[i] if i < len(qualities) else "-"
        label = {"a": "ants", "b": "bees"}.get(letter)
        if label or quality != "-":
            log.add(IMAGES[i], annotator=annotator, label=label,
                    quality=None if quality == "-" else int(quality))  # fmt: skip


def test_agreement_is_that_of_a_worked_example(log):
    say_all(log, "Anna", "aaaabbbb", "12345123")
    say_all(log, "Ben", "aaabbbb-", "12345124")
    say_all(log, "Cleo", "aaaaaaaa")
    table = agreement(log)
    first = table.pairs[0]
    # Six of seven alike; by chance 4/7 · 3/7 + 3/7 · 4/7 = 24/49.
    assert first[:5] == ("Anna", "Ben", 7, pytest.approx(6 / 7), pytest.approx(18 / 25))
    from sklearn.metrics import cohen_kappa_score

    expected = cohen_kappa_score([1, 2, 3, 4, 5, 1, 2, 3], [1, 2, 3, 4, 5, 1, 2, 4],
                                 weights="quadratic", labels=[1, 2, 3, 4, 5])  # fmt: skip
    assert (first.rated, first.weighted_kappa) == (8, pytest.approx(expected))
    assert [(p.one, p.other) for p in table.pairs] == [
        ("Anna", "Ben"), ("Anna", "Cleo"), ("Ben", "Cleo")
    ]  # fmt: skip
    assert table.pairs[1].kappa == 0.0
    assert table.pairs[1].weighted_kappa is None
    assert "Anna and Ben" in repr(table)
    assert "86%" in repr(table)
    assert json.loads(json.dumps(table.to_dicts()))[0]["labelled"] == 7


def test_agreement_that_chance_alone_would_give_is_none(log):
    say_all(log, "Anna", "aaaa")
    assert agreement(log).pairs == ()
    assert "fewer than two" in repr(agreement(log))
    say_all(log, "Ben", "aaaa")
    say_all(log, "Cleo", "----bbbb")
    both, *none = agreement(log).pairs
    assert (both.labelled, both.same_label, both.kappa) == (4, 1.0, None)
    assert all(pair[2:5] == (0, None, None) for pair in none)


def test_the_majority_rules_and_ties_are_reported(log):
    say_all(log, "Anna", "ab-b")
    say_all(log, "Ben", "ab-a")
    say_all(log, "Cleo", "bb--")
    found = majority(log)
    assert found.labels == {paths()[0]: "ants", paths()[1]: "bees"}
    assert found.ties == {paths()[3]: ("ants", "bees")}


def test_labels_are_corrected_and_the_rest_is_kept(log, capsys):
    say_all(log, "Anna", "ab-b")
    say_all(log, "Ben", "ab-a")
    result = relabel(IMAGES, log)
    assert [p.class_name for p in result] == ["ants", "bees", "ants", "ants"] + ["bees"] * 4
    assert result.record["annotation"] == {
        "file": str(log.path), "annotators": ["Anna", "Ben"], "labels": 2, "changed": 1,
        "ties": {"photos/ants/3.jpg": ["ants", "bees"]},
    }  # fmt: skip
    assert "1 picture without a majority, keep" in capsys.readouterr().err
    assert IMAGES.counts() == {"ants": 4, "bees": 4}


def test_a_pile_is_labelled_for_the_first_time(tmp_path):
    pile = images_of({"unsorted": 5})
    log = AnnotationLog(tmp_path / "l.csv", pile, class_names=["10", "2"])
    for i, label in enumerate(["10", "2", "2"]):
        log.add(pile[i], annotator="Anna", label=label)
    result = relabel(pile, log, others="drop")
    assert result.class_names == ("2", "10")
    assert [p.class_name for p in result] == ["10", "2", "2"]
    assert result.paths == pile.paths[:3]


def test_a_part_of_the_set_is_relabelled(log):
    say_all(log, "Anna", "bb------")
    part = IMAGES[[1, 5, 7]]
    assert [p.class_name for p in relabel(part, log)] == ["bees", "bees", "bees"]


def test_without_labels_nothing_is_relabelled(log):
    log.add(paths()[0], annotator="Anna", quality=1)
    with pytest.raises(DataError, match="no labels to give"):
        relabel(IMAGES, log)
    with pytest.raises(ArgumentError, match="others"):
        relabel(IMAGES, log, others="guess")


def test_the_worst_are_dropped_with_their_ratings(log):
    say_all(log, "Anna", "--------", "1234-321")
    say_all(log, "Ben", "--------", "2-------")
    kept = drop_worst(IMAGES, log, below=2)
    assert [p.name for p in kept.paths] == ["1.jpg", "2.jpg", "3.jpg", "0.jpg", "1.jpg", "2.jpg"]
    assert [(p.file, p.reason) for p in kept.problems] == [
        (paths()[0], "rated 1.5 of 5"), (paths()[7], "rated 1 of 5")
    ]  # fmt: skip


@pytest.mark.parametrize(("fraction", "dropped"), [(0.0, 0), (0.1, 0), (0.25, 2), (0.3, 2),
                                                   (0.5, 2), (0.74, 2), (0.75, 6)])  # fmt: skip
def test_equal_ratings_go_together(log, fraction, dropped):
    say_all(log, "Anna", "--------", "12425212")
    assert len(drop_worst(IMAGES, log, fraction=fraction)) == 8 - dropped


def test_nobody_drops_a_whole_class(log):
    say_all(log, "Anna", "--------", "11115555")
    with pytest.raises(DataError, match="lose their last picture"):
        drop_worst(IMAGES, log, below=2)


@pytest.mark.parametrize(
    "limits", [{}, {"fraction": 0.1, "below": 2}, {"fraction": 2}, {"below": 0}, {"below": "2"}]
)
def test_what_worst_means_must_be_said(log, limits):
    with pytest.raises(ArgumentError, match="worst"):
        drop_worst(IMAGES, log, **limits)
