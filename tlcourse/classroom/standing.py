"""`progress`: where somebody is in the course, and what is next."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

from tlcourse.classroom.contracts import Contracts, find_contracts, read_contracts
from tlcourse.classroom.exercises import exercises_of, list_chapters, questions_of
from tlcourse.classroom.feedback import SOLVED
from tlcourse.classroom.journal import Event, journal_path, read_journal
from tlcourse.errors import DataError


@dataclass(frozen=True)
class ChapterStanding:
    """How far somebody is with one chapter.

    Attributes
    ----------
    number, title
        Which chapter.
    opened : bool
        Whether its first cell was ever run.
    exercises, questions : dict
        For each exercise, lab and question of the quiz by its id: whether it is solved.

    """

    number: int
    title: str
    opened: bool
    exercises: dict[str, bool]
    questions: dict[str, bool]

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.opened and all([*self.exercises.values(), *self.questions.values()])


@dataclass(frozen=True)
class Standing:
    """How far somebody is with the course; shows itself in a notebook.

    Attributes
    ----------
    chapters : tuple of ChapterStanding
        In order.
    current : int or None
        The chapter that was opened last.

    """

    chapters: tuple[ChapterStanding, ...]
    current: int | None

    @property
    def where(self) -> str:
        """Where somebody is, in a sentence."""
        if self.current is None:
            return "No chapter has been opened yet."
        titles = {one.number: one.title for one in self.chapters}
        title = titles.get(self.current, "")
        return f"You are in chapter {self.current}{f', {title}' if title else ''}."

    @property
    def next(self) -> str:
        """What is next, in a sentence."""
        if self.current is None:
            first = self.chapters[0].number if self.chapters else 1
            return f"Next: open chapter {first}, and run its first cell."
        here = [one for one in self.chapters if one.number == self.current]
        later = [one for one in self.chapters if one.number > self.current and not one.is_done]
        earlier = [one for one in self.chapters if one.number < self.current and not one.is_done]
        for one in here:
            open_ones = [id for id, solved in one.exercises.items() if not solved]
            if open_ones:
                kind = "lab" if open_ones[0].startswith("L") else "exercise"
                return f"Next: {kind} {open_ones[0]}."
            if not all(one.questions.values()):
                return f"Next: the quiz of chapter {one.number}."
        for one in (*later, *earlier):
            return f"Next: chapter {one.number}{f', {one.title}' if one.title else ''}."
        return "Everything is done."

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Return a row for each chapter: its name, whether opened, exercises and quiz solved."""
        return [
            (
                f"{one.number}. {one.title}".rstrip(". "),
                "yes" if one.opened else "no",
                _counted(one.exercises),
                _counted(one.questions),
            )
            for one in self.chapters
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        return {
            "current": self.current,
            "next": self.next,
            "file": str(journal_path()),
            "chapters": [{**vars(one), "done": one.is_done} for one in self.chapters],
        }

    def __repr__(self) -> str:
        rows = [HEADINGS, *self.rows()]
        widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS))]
        table = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join([*table, "", self.where, self.next, KEPT])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self._html(), "text/plain": repr(self)}

    def _html(self) -> str:
        head = "".join(f'<th scope="col">{heading}</th>' for heading in HEADINGS)
        body = "".join(
            f'<tr><th scope="row" style="text-align: left">{html.escape(name)}</th>'
            + "".join(f"<td>{cell}</td>" for cell in cells)
            + "</tr>"
            for name, *cells in self.rows()
        )
        said = html.escape(f"{self.where} {self.next}")
        return (
            f"<table><caption>Your progress</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table><p><strong>{said}</strong> {KEPT}</p>"
        )


HEADINGS = ("Chapter", "Opened", "Exercises", "Quiz")
KEPT = "This is kept on this machine alone; `tlcourse progress` tells where."


def progress() -> Standing:
    """Return how far you are with the course: chapters, exercises and quizzes, and what is next.

    It is kept in one file on this machine, without your answers, and goes nowhere. `tlcourse
    progress` shows the same in a terminal and names the file; who deletes it begins anew.
    """
    path = find_contracts()
    try:
        contracts = None if path is None else read_contracts(path)
    except DataError:  # the course's own fault: where somebody is can be told without it
        contracts = None
    return stand(read_journal(), contracts)


def stand(events: list[Event], contracts: Contracts | None) -> Standing:
    """Return how far somebody is, from the events of the journal, oldest first."""
    opened = [int(event.id) for event in events if event.kind == "opened" and event.id.isdecimal()]
    solved = {event.id for event in events if event.kind == "check" and event.result in SOLVED}
    answered = {event.id for event in events if event.kind == "quiz" and event.result == "right"}
    known = {} if contracts is None else contracts.chapters
    numbers = sorted({*list_chapters(), *known})
    chapters = tuple(
        ChapterStanding(
            number,
            known[number].title if number in known else "",
            number in opened,
            {id: id in solved for id in exercises_of(number)},
            {
                f"{number}.{i}": f"{number}.{i}" in answered
                for i in range(1, len(questions_of(number)) + 1)
            },
        )
        for number in numbers
    )
    return Standing(chapters, opened[-1] if opened else None)


def _counted(solved: dict[str, bool]) -> str:
    return f"{sum(solved.values())} of {len(solved)}" if solved else "–"
