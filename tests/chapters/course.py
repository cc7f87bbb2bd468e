"""What makes a chapter part of a course: aims to quiz, exercises with all that belongs to them.

Each fault says what is missing, and where it should be.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

from nbformat import NotebookNode

from tests.chapters.notebooks import FOLDER, SOLUTIONS, read
from tests.chapters.prose import untold
from tlcourse.classroom.contracts import FILE, Contracts, read_contracts
from tlcourse.classroom.exercises import exercises_of, questions_of

FEWEST_EXERCISES = 4
FEWEST_WRONG = 3
FEWEST_QUESTIONS = 4
FIRST_WITH_LAB = 3
FEWEST_LABS = 6

_SUMMARY, _QUIZ, _EXERCISES, _LAB, _REFERENCES = (
    "## What you have done", "## Quiz", "## Exercises", "## Break-it lab", "## Further reading"
)  # fmt: skip
_TITLED = re.compile(r"^\*\*(?:Exercise|Lab) (L?\d+\.\d+)\. [^*]+\*\*", re.MULTILINE)


def course_faults(path: Path) -> list[str]:
    """Return everything that a chapter lacks, in words; empty where nothing is missing."""
    notebook, number = read(path), number_of(path)
    return [
        *_order_faults(notebook, number),
        *_opening_faults(notebook, number),
        *_quiz_faults(notebook, number),
        *_exercise_faults(notebook, number),
        *_solution_faults(path, number),
        *_wrong_answer_faults(number),
        *_contract_faults(path, notebook, number),
        *untold(notebook),
    ]


def number_of(path: Path) -> int:
    return int(path.name[:2])


@cache
def contracts() -> Contracts:
    return read_contracts(FOLDER / FILE)


def wrong_answers(number: int) -> dict[str, list]:
    """Return the typical wrong answers of a chapter, by exercise; none where there is no file."""
    name = f"tests.classroom.wrong_answers.chapter_{number}"
    try:
        module: ModuleType = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return {}
    return module.WRONG


def calls(notebook: NotebookNode, name: str) -> list[ast.Call]:
    """Return the calls of `tl.<name>` in all code cells, in order."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for node in ast.walk(_parsed(cell.source)):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == f"tl.{name}":
                    found.append(node)
    return found


def called_with(notebook: NotebookNode, name: str) -> list[object]:
    """Return the first argument of each call of `tl.<name>`, where it is written out."""
    return [
        call.args[0].value
        for call in calls(notebook, name)
        if call.args and isinstance(call.args[0], ast.Constant)
    ]


def _parsed(source: str) -> ast.Module:
    lines = [line for line in source.splitlines() if not line.startswith(("%", "!"))]
    return ast.parse("\n".join(lines))


def _order_faults(notebook: NotebookNode, number: int) -> Iterator[str]:
    wanted = [_SUMMARY, _QUIZ, _EXERCISES, _REFERENCES]
    if number >= FIRST_WITH_LAB:
        wanted.insert(3, _LAB)
    lines = [
        line
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
    ]
    found = [
        next((at for at, line in enumerate(lines) if line.startswith(heading)), None)
        for heading in wanted
    ]
    for heading, at in zip(wanted, found, strict=True):
        if at is None:
            yield f"the section '{heading}' is missing"
    there = [at for at in found if at is not None]
    if there != sorted(there):
        yield f"the last sections are not in the order {', '.join(wanted)}"


def _opening_faults(notebook: NotebookNode, number: int) -> Iterator[str]:
    first = next((cell for cell in notebook.cells if cell.cell_type == "code"), None)
    if first is None or not first.source.rstrip().endswith(f"tl.open_chapter({number})"):
        yield f"the first code cell does not end in tl.open_chapter({number})"


def _quiz_faults(notebook: NotebookNode, number: int) -> Iterator[str]:
    if number not in called_with(notebook, "quiz"):
        yield f"no cell calls tl.quiz({number})"
    if (count := len(questions_of(number))) < FEWEST_QUESTIONS:
        yield f"{count} questions in QUIZ of exercises/chapter_{number}.py, not {FEWEST_QUESTIONS}"


def _exercise_faults(notebook: NotebookNode, number: int) -> Iterator[str]:
    known = exercises_of(number)
    where = f"tlcourse/classroom/exercises/chapter_{number}.py"
    checked = called_with(notebook, "check")
    told = [
        name
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for name in _TITLED.findall(cell.source)
    ]
    exercises = [name for name in told if not name.startswith("L")]
    if len(exercises) < FEWEST_EXERCISES:
        yield f"{len(exercises)} exercises ('**Exercise {number}.1. Title.**'), not 4 or more"
    if number >= FIRST_WITH_LAB and len(exercises) == len(told):
        yield f"no lab ('**Lab L{number}.1. Title.**')"
    for name in dict.fromkeys([*told, *checked, *known]):
        if name not in told:
            yield f"{name}: no text with '**Exercise {name}. Title.**' (or '**Lab {name}. …')"
        if name not in checked:
            yield f'{name}: no cell calls tl.check("{name}", …)'
        if name not in known:
            yield f"{name}: not defined in {where}"
        elif not known[name].hint.strip():
            yield f"{name}: no hint in {where}"
    if exercises != [f"{number}.{k}" for k in range(1, len(exercises) + 1)]:
        yield f"the exercises are not numbered one after the other: {', '.join(exercises)}"
    for call in calls(notebook, "check"):
        yield from _answered_faults(notebook, call)


def _answered_faults(notebook: NotebookNode, call: ast.Call) -> Iterator[str]:
    """Yield where a chapter gives an answer: what is handed over is set to None before."""
    handed = [*call.args[1:], *(keyword.value for keyword in call.keywords)]
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    own = next(source for source in sources if ast.unparse(call) in ast.unparse(_parsed(source)))
    for value in handed:
        name = ast.unparse(value)
        if name != "None" and f"{name} = None" not in own:
            yield f"{ast.unparse(call.args[0])}: the answer cell has no line '{name} = None'"


def _solution_faults(path: Path, number: int) -> Iterator[str]:
    solution = SOLUTIONS / path.name
    where = f"chapters/solutions/{path.name}"
    if not solution.is_file():
        yield f"no solutions: {where} is missing"
        return
    solved = called_with(read(solution), "check")
    yield from (
        f"{name}: not solved in {where}" for name in exercises_of(number) if name not in solved
    )


def _wrong_answer_faults(number: int) -> Iterator[str]:
    wrong = wrong_answers(number)
    where = f"tests/classroom/wrong_answers/chapter_{number}.py"
    for name in exercises_of(number):
        if (count := len(wrong.get(name, ()))) < FEWEST_WRONG:
            yield f"{name}: {count} wrong answers in {where}, not {FEWEST_WRONG} or more"
    yield from (
        f"{name}: in {where}, but no exercise" for name in wrong if name not in exercises_of(number)
    )


def _contract_faults(path: Path, notebook: NotebookNode, number: int) -> Iterator[str]:
    chapter = contracts().chapters.get(number)
    if chapter is None:
        yield f"contracts.json has no chapter {number}"
    else:
        if chapter.file != path.stem:
            yield f"contracts.json calls the chapter {chapter.file}, its file is {path.stem}"
        if not notebook.cells[0].source.startswith(f"# {number}. {chapter.title}"):
            yield f"the heading is not '# {number}. {chapter.title}', as contracts.json says"
    compared = called_with(notebook, "in_band")
    known = [key for key in contracts().results if key.partition(".")[0] == str(number)]
    for key in dict.fromkeys([*compared, *known]):
        if key not in known:
            yield f"{key}: not in chapters/contracts.json"
        if key not in compared:
            yield f'{key}: in contracts.json, but no cell calls tl.in_band("{key}", …)'
