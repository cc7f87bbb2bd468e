"""`open_chapter`: does the installed tlcourse fit the chapter, and how much will be computed?"""

from __future__ import annotations

from packaging.specifiers import SpecifierSet

from tlcourse.classroom import journal, records
from tlcourse.classroom.contracts import FILE, Chapter, find_contracts, read_contracts
from tlcourse.classroom.profiles import VARIABLE, Profile, profile
from tlcourse.errors import ArgumentError, TLCourseError, must_be_whole

_MOST_CHAPTERS = 99


class Opening:
    """What the first cell of a chapter says."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def open_chapter(number: int) -> Opening:
    """Check that the installed tlcourse fits a chapter; say the profile and how long it takes.

    The chapter also becomes the one where `tl.progress()` says that you are.

    Parameters
    ----------
    number
        1 to 6.

    Raises
    ------
    TLCourseError
        When the installed version does not fit; it says how to mend that.
    ArgumentError
        When there is no such chapter, or `TLCOURSE_PROFILE` names no profile.
    DataError
        When `contracts.json` is not in order.

    """
    from tlcourse import __version__

    number = must_be_whole("number", number, 1, _MOST_CHAPTERS)
    which = profile()
    path = find_contracts()
    records.note(kind="opened", chapter=number, profile=which)
    journal.note("opened", str(number))
    if path is None:
        text = (
            f"There is no {FILE} in this folder or above it, so nobody can tell whether "
            f"tlcourse {__version__} fits chapter {number}. Profile: {which}."
        )
        return Opening(text)
    chapters = read_contracts(path).chapters
    if number not in chapters:
        raise ArgumentError(
            f"There is no chapter {number}.",
            expected="one of " + ", ".join(map(str, chapters)),
            received=f"number={number}",
        )
    return Opening(welcome(chapters[number], __version__, which))


def welcome(chapter: Chapter, version: str, which: Profile) -> str:
    """Return what is said where everything fits.

    Raises
    ------
    TLCourseError
        When the version does not fit.

    """
    if not SpecifierSet(chapter.needs).contains(version, prereleases=True):
        raise TLCourseError(
            f"Chapter {chapter.number} and the installed tlcourse do not fit each other.",
            expected=f"tlcourse {chapter.needs}",
            received=f"tlcourse {version}",
            todo="Bring both to the same state: 'git pull' in the course's folder, then "
            "'make lab'; or take the notebook that came with your version. "
            "Restart the kernel afterwards (Kernel > Restart Kernel).",
        )
    return (
        f"Chapter {chapter.number}, {chapter.title}: tlcourse {version} fits.\n"
        f"Profile {which}: the computer works for {_about(chapter.seconds[which])}. {_HOW[which]}"
    )


_HOW: dict[Profile, str] = {
    "laptop": f"({VARIABLE}=smoke runs it in less, with results that mean nothing.)",
    "smoke": f"Results mean nothing; unset {VARIABLE} for the real ones.",
    "gpu": f"(Without a graphics processor, unset {VARIABLE}.)",
}


def _about(seconds: float) -> str:
    """Return how long at most, as a person would say it."""
    if seconds <= 60:
        return "up to a minute"
    return f"up to {-(-seconds // 60):.0f} minutes"
