"""The file of somebody's progress: nothing is lost, nothing stops a notebook."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tlcourse.classroom import journal
from tlcourse.classroom.journal import Event, journal_path, note, read_journal


def test_it_lies_where_the_variable_says_or_among_the_users_data(monkeypatch, tmp_path):
    assert journal_path() == tmp_path / "progress.jsonl"
    monkeypatch.delenv("TLCOURSE_PROGRESS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert journal_path().name == "progress.jsonl"
    assert journal_path().parent.name == "tlcourse"


def test_events_are_read_back_in_order_and_only_what_is_new_is_kept():
    for _ in range(2):
        note("check", "1.1", "not yet")
        note("check", "1.1", "right")
    assert read_journal() == [Event("check", "1.1", "not yet"), Event("check", "1.1", "right")]


def test_a_chapter_that_is_opened_again_is_news_after_another():
    for chapter in "11221":
        note("opened", chapter)
    assert [event.id for event in read_journal()] == ["1", "2", "1"]


def test_only_what_is_needed_is_kept_and_only_for_its_owner():
    note("check", "1.1", "right")
    [line] = journal_path().read_text("utf-8").splitlines()
    assert set(json.loads(line)) == {"time", "kind", "id", "result"}
    if os.name == "posix":
        assert stat.S_IMODE(journal_path().stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "damage",
    [b'{"kind": "check", "id": "1.', b"\xff\xfe\x00", b"[1, 2]", b'{"kind": 3}', b"null", b"[" * 99,
     b'{"kind": "check", "id": 7, "result": "right"}', b'{"kind": "x", "id": "a", "result": "b"}'],
)  # fmt: skip
def test_a_damaged_line_is_passed_over_and_harms_no_other(damage):
    note("check", "1.1", "right")
    with journal_path().open("ab") as file:
        file.write(damage)  # a crash: no end of line
    note("check", "1.2", "right")
    note("check", "1.3", "right")
    assert [event.id for event in read_journal()] == ["1.1", "1.2", "1.3"]
    assert damage in journal_path().read_bytes()


def test_a_file_of_only_rubbish_is_an_empty_progress():
    journal_path().write_bytes(os.urandom(5000))
    assert read_journal() == []
    note("opened", "1")
    assert read_journal() == [Event("opened", "1", "")]


WRITER = """
import sys
from tlcourse.classroom.journal import note
for place in range(40):
    note("check", f"{sys.argv[1]}.{place}", "right")
    note("check", f"9.{place}", "right")
"""


def test_several_kernels_write_at_once_and_nothing_is_lost_or_told_twice():
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(n)]) for n in range(3)]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    events = read_journal()
    assert len(events) == len(set(events)) == 4 * 40


@pytest.mark.parametrize("in_the_way", ["a folder", "a file for a folder"])
def test_where_nothing_can_be_written_that_is_said_once_and_nothing_stops(
    tmp_path, monkeypatch, capsys, in_the_way
):
    monkeypatch.setattr("tlcourse.messages._said", set())
    if in_the_way == "a folder":
        journal_path().mkdir()
    else:
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("TLCOURSE_PROGRESS", str(tmp_path / "file" / "progress.jsonl"))
    note("check", "1.1", "right")
    note("check", "1.2", "right")
    assert capsys.readouterr().err.count("Your progress is not kept") == 1
    assert read_journal() == []


def test_a_lock_that_is_never_given_back_is_not_waited_for_long(monkeypatch, capsys):
    from filelock import FileLock

    monkeypatch.setattr(journal, "_LOCK_SECONDS", 0.1)
    monkeypatch.setattr("tlcourse.messages._said", set())
    path = journal_path()
    holder = (
        "import sys; from filelock import FileLock; lock = FileLock(sys.argv[1]); lock.acquire();"
        "print('held', flush=True); sys.stdin.read()"
    )
    lock = str(path.with_name(f".{path.name}.lock"))
    with subprocess.Popen(
        [sys.executable, "-c", holder, lock],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout.readline() == "held\n"
        note("check", "1.1", "right")
        other.stdin.close()
    assert "another program holds it" in capsys.readouterr().err
    note("check", "1.1", "right")
    assert len(read_journal()) == 1
    assert FileLock(lock).acquire(timeout=5)
    assert Path(lock).exists()
