"""The quiz as a widget: it answers in the browser, and tells the kernel, where one runs."""

from __future__ import annotations

from typing import Any, cast

from tlcourse.classroom.cards import Card
from tlcourse.classroom.quizzes import Quiz
from tlcourse.errors import must_be_whole
from tlcourse.widgets.shell import Answer, Shell


class QuizWidget(Shell):
    """A quiz whose options are buttons; made by `quiz`.

    Attributes
    ----------
    quiz : Quiz
        The questions, and the answers to them.

    """

    def __init__(self, quiz: Quiz) -> None:
        self.quiz = quiz
        about = {
            "chapter": quiz.chapter,
            "questions": [
                {
                    "text": question.text,
                    "options": [
                        {"text": one.text, "feedback": one.feedback, "right": one.right}
                        for one in question.options
                    ],
                }
                for question in quiz.questions
            ],
        }
        # In place of a picture: HTML and words, which are read where no script runs.
        super().__init__(about, {}, cast(Any, quiz), view="quiz")

    def choose(self, question: int, option: str) -> Card:
        """Answer a question by its number, from 1, and the letter of an option.

        Raises
        ------
        ArgumentError
            When there is no such question or option.

        """
        return self.quiz.choose(question, option)

    def answer(self, question: dict[str, Any]) -> Answer:
        """Keep what was chosen in the browser, which has shown its feedback already."""
        questions = self.quiz.questions
        place = must_be_whole("question", question.get("question"), 0, len(questions) - 1)
        options = questions[place].options
        chosen = must_be_whole("option", question.get("option"), 0, len(options) - 1)
        card = self.quiz.take(place, chosen)
        return Answer({"right": card.verdict == "right"}, b"")
