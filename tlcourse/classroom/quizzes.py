"""Quizzes: questions with feedback for every option, as a widget, as HTML, and as plain text."""

from __future__ import annotations

import importlib.util
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tlcourse.classroom import journal
from tlcourse.classroom.cards import Card, marked
from tlcourse.classroom.exercises import list_chapters, questions_of
from tlcourse.errors import ArgumentError, must_be_whole

if TYPE_CHECKING:
    from tlcourse.classroom.quiz_widget import QuizWidget

LETTERS = string.ascii_lowercase


@dataclass(frozen=True)
class Option:
    """One option of a question, and what is said to somebody who takes it.

    Attributes
    ----------
    text, feedback : str
        Words between backticks are code, between stars they are stressed. The feedback of a wrong
        option helps to think on.
    right : bool
        Whether it is the right one.

    """

    text: str
    feedback: str
    right: bool = False


class Question:
    """A question with one right option.

    Parameters
    ----------
    text
        The question.
    options
        Two or more, in the order in which they are shown.

    Raises
    ------
    ArgumentError
        When not exactly one of them is right, one lacks its feedback, or two are the same.

    """

    def __init__(self, text: str, *options: Option) -> None:
        self.text, self.options = text, options
        faults = []
        if (right := sum(option.right for option in options)) != 1:
            faults.append(f"{right} right options")
        if not all(option.feedback.strip() for option in options):
            faults.append("an option without feedback")
        if len({option.text for option in options}) < max(2, len(options)):
            faults.append("fewer than two different options")
        if faults:
            raise ArgumentError(
                f"The question {text!r} is not in order.",
                expected="two or more different options with feedback, one of them right",
                received=", ".join(faults),
            )

    def __repr__(self) -> str:
        return f"<Question {self.text!r}>"


class Quiz:
    """A quiz without a script: it is read, and answered by `choose`.

    Attributes
    ----------
    chapter : int
        Which chapter it belongs to.
    questions : tuple of Question
        In order.

    """

    def __init__(self, chapter: int, questions: tuple[Question, ...]) -> None:
        self.chapter, self.questions = chapter, questions

    def choose(self, question: int, option: str) -> Card:
        """Answer a question and return what is said to it; the answer goes into the progress.

        Parameters
        ----------
        question
            Its number, from 1.
        option
            The letter of the option.

        Raises
        ------
        ArgumentError
            When there is no such question or option.

        """
        place = must_be_whole("question", question, 1, len(self.questions)) - 1
        options = self.questions[place].options
        letters = LETTERS[: len(options)]
        letter = str(option).strip().strip("().").lower()
        if len(letter) != 1 or letter not in letters:
            raise ArgumentError(
                f"Question {question} has no such option.",
                expected="one of " + ", ".join(letters),
                received=repr(option)[:80],
            )
        return self.take(place, letters.index(letter))

    def take(self, question: int, option: int) -> Card:
        """Answer by the places of question and option, from 0, and keep it in the progress."""
        chosen = self.questions[question].options[option]
        verdict = "right" if chosen.right else "wrong"
        journal.note("quiz", f"{self.chapter}.{question + 1}", verdict)
        if chosen.right:
            return Card("✔", "Right.", chosen.feedback, verdict="right")
        return Card("✘", "Not this one.", chosen.feedback, verdict="not yet")

    @property
    def alt(self) -> str:
        """The quiz in plain text: its questions and options, and how to answer them."""
        lines = [f"Quiz of chapter {self.chapter}, {len(self.questions)} questions"]
        for number, question in enumerate(self.questions, 1):
            lines += ["", f"{number}. {question.text}"]
            lines += [
                f"   {letter}) {option.text}"
                for letter, option in zip(LETTERS, question.options, strict=False)
            ]
        lines += ["", f'To answer question 1 in Python: tl.quiz({self.chapter}).choose(1, "a")']
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"text/html": self.to_html(), "text/plain": self.alt}, {}

    def to_html(self) -> str:
        """Return the quiz as HTML without a script: every option opens and tells its feedback."""
        questions = "".join(map(_question_in_html, self.questions))
        return f"<ol>{questions}</ol>"


def quiz(chapter: int) -> Quiz | QuizWidget:
    """Return the quiz of a chapter, which shows itself in a notebook.

    In JupyterLab it is a widget, for mouse and keyboard, which works in a saved notebook and on a
    page without a kernel as well; with a kernel the answers go into `tl.progress()`. Where no
    script runs, every option opens and tells its feedback; without a notebook, it is plain text.

    Parameters
    ----------
    chapter
        1 to 6.

    Returns
    -------
    QuizWidget or Quiz
        `.choose(1, "b")` answers a question by its number and the letter of an option.

    Raises
    ------
    ArgumentError
        When there is no quiz for this chapter.

    """
    known = [number for number in list_chapters() if questions_of(number)]
    if chapter not in known:
        raise ArgumentError(
            "There is no quiz for this chapter.",
            expected="one of " + ", ".join(map(str, known)),
            received=f"chapter={chapter!r}"[:80],
        )
    sheet = Quiz(chapter, questions_of(chapter))
    if importlib.util.find_spec("anywidget") is None:
        return sheet
    from tlcourse.classroom.quiz_widget import QuizWidget

    return QuizWidget(sheet)


def _question_in_html(question: Question) -> str:
    options = "".join(
        f'<details style="margin: 0.2em 0"><summary>{letter}) {marked(option.text)}</summary>'
        f'<p style="margin: 0.2em 1.2em">{"✔ Right." if option.right else "✘ Not this one."} '
        f"{marked(option.feedback)}</p></details>"
        for letter, option in zip(LETTERS, question.options, strict=False)
    )
    return f'<li style="margin-bottom: 0.8em"><p>{marked(question.text)}</p>{options}</li>'
