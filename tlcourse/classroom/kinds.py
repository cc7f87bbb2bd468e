"""The kinds of exercises, for `exercises/chapter_N.py` to declare them with.

Each reads many forms of an answer and has a hint for typical mistakes. Whatever a student hands
over, `judge` returns feedback, and none of it holds the answer.
"""

from tlcourse.classroom.answers import Choice, Judged, Number, Open, Words
from tlcourse.classroom.exercise import Exercise, Idea, Mistake
from tlcourse.classroom.functions import Case, Function
from tlcourse.classroom.items import Items
from tlcourse.classroom.parts import Lab, Parts

__all__ = [
    "Case",
    "Choice",
    "Exercise",
    "Function",
    "Idea",
    "Items",
    "Judged",
    "Lab",
    "Mistake",
    "Number",
    "Open",
    "Parts",
    "Words",
]
