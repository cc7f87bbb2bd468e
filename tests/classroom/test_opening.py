"""The first cell of a chapter."""

from __future__ import annotations

import pytest

import tlcourse
from tlcourse.classroom import open_chapter
from tlcourse.classroom.journal import Event, read_journal
from tlcourse.errors import ArgumentError, DataError, TLCourseError


def test_it_says_that_all_fits_and_how_much_is_computed(course):
    assert repr(open_chapter(1)) == (
        f"Chapter 1, First: tlcourse {tlcourse.__version__} fits.\n"
        "Profile laptop: the computer works for up to 2 minutes. "
        "(TLCOURSE_PROFILE=smoke runs it in less, with results that mean nothing.)"
    )


def test_it_says_the_same_every_time(course):
    assert repr(open_chapter(1)) == repr(open_chapter(1))


def test_smoke_is_told_to_mean_nothing(course, monkeypatch):
    monkeypatch.setenv("TLCOURSE_PROFILE", "smoke")
    said = repr(open_chapter(1))
    assert "up to a minute" in said
    assert "Results mean nothing" in said


@pytest.mark.parametrize(
    ("needs", "version", "fits"),
    [
        (">=0.1,<0.2", "0.1.0", True), (">=0.1,<0.2", "0.1.9", True),
        (">=0.1,<0.2", "0.2.0", False), (">=0.3", "0.1.0", False),
        ("", "9.9", True), (">=0.1", "0.2.0.dev3+g12ab", True),
    ],
)  # fmt: skip
def test_a_misfit_stops_with_how_to_mend_it(rewrite, course, monkeypatch, needs, version, fits):
    rewrite(lambda said: said["chapters"]["1"].update(needs=needs))
    monkeypatch.setattr(tlcourse, "__version__", version)
    if fits:
        open_chapter(1)
        return
    with pytest.raises(TLCourseError) as caught:
        open_chapter(1)
    for words in ("Chapter 1", f"tlcourse {needs}", f"tlcourse {version}", "make lab", "Restart"):
        assert words in str(caught.value)


@pytest.mark.parametrize("number", [2, 0, -1, "1", 1.0, None, 10**9])
def test_there_is_no_such_chapter(course, number):
    with pytest.raises(ArgumentError):
        open_chapter(number)


def test_without_contracts_it_says_that_nobody_can_tell(nowhere):
    assert "nobody can tell whether tlcourse" in repr(open_chapter(3))


def test_a_damaged_file_and_a_bad_profile_are_told(course, monkeypatch):
    (course / "contracts.json").write_text("[]", "utf-8")
    with pytest.raises(DataError):
        open_chapter(1)
    monkeypatch.setenv("TLCOURSE_PROFILE", "quick")
    with pytest.raises(ArgumentError, match="names no profile"):
        open_chapter(1)


def test_it_becomes_the_chapter_where_somebody_is(course):
    open_chapter(1)
    assert read_journal() == [Event("opened", "1", "")]
