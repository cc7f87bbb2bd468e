"""What makes a course of the notebooks: profiles, bands, exercises, quizzes, progress."""

from tlcourse.classroom.bands import OutOfBandError, in_band
from tlcourse.classroom.cards import Card
from tlcourse.classroom.checking import check, hint
from tlcourse.classroom.opening import open_chapter
from tlcourse.classroom.profiles import PROFILES, Profile, pick, profile
from tlcourse.classroom.quizzes import Quiz, quiz
from tlcourse.classroom.readings import Reading, reading
from tlcourse.classroom.standing import Standing, progress

__all__ = [
    "PROFILES",
    "Card",
    "OutOfBandError",
    "Profile",
    "Quiz",
    "Reading",
    "Standing",
    "check",
    "hint",
    "in_band",
    "open_chapter",
    "pick",
    "profile",
    "progress",
    "quiz",
    "reading",
]
