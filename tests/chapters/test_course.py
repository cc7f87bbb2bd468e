"""The chapters are a course: nothing that belongs to one is missing, or it is found.

`pytest tests/chapters/test_course.py -k 03_` tells what a chapter still lacks.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.chapters import course
from tests.chapters.course import FEWEST_LABS, contracts, course_faults, number_of
from tests.chapters.notebooks import CHAPTERS, FOLDER, SOLVED, read
from tests.chapters.prose import numbers, results, untold
from tlcourse.classroom import quiz
from tlcourse.classroom.exercises import exercises_of


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_has_all_that_belongs_to_it(chapter: Path):
    faults = course_faults(chapter)
    assert not faults, "\n" + "\n".join(f"- {fault}" for fault in faults)


def test_the_files_are_those_that_contracts_json_names():
    there = [path.stem for path in CHAPTERS]
    named = [chapter.file for chapter in contracts().chapters.values()]
    assert set(there) <= set(named)
    assert {path.stem for path in SOLVED} <= set(there)


def test_there_are_labs_enough_in_the_whole_course():
    if len(CHAPTERS) < len(contracts().chapters):
        pytest.skip("not all chapters are there yet")
    labs = [id for number in contracts().chapters for id in exercises_of(number) if id[0] == "L"]
    assert len(labs) >= FEWEST_LABS


def test_no_solution_lies_where_the_chapters_lie():
    assert not [path for path in FOLDER.glob("*.ipynb") if "solution" in path.stem]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_the_quiz_that_is_shown_is_the_quiz_that_is_asked(chapter: Path):
    shown = [cell.outputs for cell in read(chapter).cells if cell.source.startswith("tl.quiz(")]
    texts = [output.data["text/plain"] for outputs in shown for output in outputs]
    assert texts == [quiz(number_of(chapter)).quiz.alt]


# The tests of the tests, on chapter 1 as it should be: each way to spoil it is found.


def text(id: str, source: str, **metadata: object) -> NotebookNode:
    return new_markdown_cell(source, id=id, metadata=metadata)


def code(id: str, source: str, *shown: str) -> NotebookNode:
    outputs = [new_output("stream", text=line) for line in shown]
    return new_code_cell(source, id=id, outputs=outputs)


OTHERS = [
    key for key in contracts().results
    if key.startswith("1.") and key not in ("1.faces_accuracy", "1.few_accuracy")
]  # fmt: skip
"""Results of chapter 1 that these tests do nothing with."""


def good_chapter() -> NotebookNode:
    cells = [
        text("title", "# 1. What is transfer learning?\n**Time**: 93.7% of an hour"),
        code("opening", "import tlcourse as tl\n\ntl.open_chapter(1)"),
        text("one", "## 1.1 Measured"),
        code("measure", "tl.in_band('1.faces_accuracy', 1)", "accuracy 0.985"),
        code("again", "tl.in_band('1.few_accuracy', 1)"),
        text("more", "The other results."),
        code("others", "\n".join(f"tl.in_band('{key}', 1)" for key in OTHERS)),
        text("read", "That is 98.5%. See section 1.1."),
        text("summary", "## What you have done\n- Much."),
        text("quiz", "## Quiz"),
        code("quiz-widget", "tl.quiz(1)"),
        text("exercises", "## Exercises"),
    ]
    for number in range(1, 5):
        cells.append(text(f"exercise-{number}", f"**Exercise 1.{number}. Title.** What?"))
        answer = f'answer = None\ntl.check("1.{number}", answer)'
        cells.append(code(f"exercise-{number}-answer", answer))
    return new_notebook(cells=[*cells, text("references", "## Further reading\n- 0.123")])


def faults_of(notebook: NotebookNode, folder: Path, name: str = CHAPTERS[0].name) -> list[str]:
    path = folder / name
    nbformat.write(notebook, path)
    return course_faults(path)


def cell_of(notebook: NotebookNode, id: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == id)


def without(notebook: NotebookNode, id: str) -> None:
    notebook.cells.remove(cell_of(notebook, id))


def replace(id: str, old: str, new: str) -> Callable[[NotebookNode], None]:
    def spoil(notebook: NotebookNode) -> None:
        cell = cell_of(notebook, id)
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return spoil


def test_a_good_chapter_lacks_nothing(tmp_path):
    assert faults_of(good_chapter(), tmp_path) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda nb: without(nb, "summary"), "section '## What you have done' is missing"),
        (lambda nb: nb.cells.insert(2, nb.cells.pop(9)), "not in the order"),
        (replace("opening", "(1)", "(2)"), "does not end in tl.open_chapter(1)"),
        (replace("quiz-widget", "quiz(1)", "quiz(2)"), "no cell calls tl.quiz(1)"),
        (replace("exercise-2", "**Exercise 1.2. Title.**", "Exercise:"), "1.2: no text with"),
        (replace("exercise-2", "1.2", "1.9"), "1.9: not defined in tlcourse/classroom/exercises"),
        (replace("exercise-2-answer", "1.2", "1.3"), '1.2: no cell calls tl.check("1.2", …)'),
        (replace("exercise-1-answer", "= None", "= 5"), "no line 'answer = None'"),
        (lambda nb: without(nb, "exercise-4"), "3 exercises"),
        (replace("title", "transfer learning?", "it?"), "the heading is not '# 1. What is tra"),
        (replace("measure", "faces_a", "faces_b"), "1.faces_bccuracy: not in chapters/contracts"),
        (lambda nb: without(nb, "again"), "1.few_accuracy: in contracts.json, but no cell calls"),
        (replace("read", "98.5%", "98.6%"), "read: '98.6%' stands in no output above"),
    ],
)  # fmt: skip
def test_a_chapter_that_lacks_something_is_told_so(tmp_path, spoil, said):
    notebook = good_chapter()
    spoil(notebook)
    faults = faults_of(notebook, tmp_path)
    assert any(said in fault for fault in faults), faults


def test_without_solutions_a_chapter_is_told_where_they_belong(tmp_path, monkeypatch):
    name, solutions = CHAPTERS[0].name, tmp_path / "solutions"
    solutions.mkdir()
    monkeypatch.setattr(course, "SOLUTIONS", solutions)
    said = f"no solutions: chapters/solutions/{name} is missing"
    assert faults_of(good_chapter(), tmp_path) == [said]
    nbformat.write(new_notebook(cells=[code("one", 'tl.check("1.1", 5)')]), solutions / name)
    unsolved = [f"{id}: not solved in chapters/solutions/{name}" for id in ("1.2", "1.3", "1.4")]
    assert faults_of(good_chapter(), tmp_path) == unsolved


def test_wrong_answers_that_are_missing_are_told(tmp_path, monkeypatch):
    few = copy.copy(course.wrong_answers(1))
    few["1.1"] = few["1.1"][:2]
    few["1.8"] = few.pop("1.2")
    monkeypatch.setattr(course, "wrong_answers", lambda number: few)
    faults = faults_of(good_chapter(), tmp_path)
    assert [fault[:20] for fault in faults] == [
        "1.1: 2 wrong answers",
        "1.2: 0 wrong answers",
        "1.8: in tests/classr",
    ]


def test_a_later_chapter_needs_a_lab(tmp_path):
    faults = faults_of(good_chapter(), tmp_path, "03_inside_a_cnn.ipynb")
    assert any(fault.startswith("no lab (") for fault in faults)
    assert "the section '## Break-it lab' is missing" in faults


# Numbers in the text.


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("It got 93% right, and 0.5 more.", ["93%", "0.5"]),
        ("93 % or 93 per cent or 12.5%", ["93 %", "93 per cent", "12.5%"]),
        ("1,234.5 and 99.94%.", ["1,234.5", "99.94%"]),
        ("50 of 200 pictures, in 2014, 25 × 25 pixels", []),
        ("See section 1.2, sections 3.4 and 3.5, or chapter 2.", []),
        ("Exercise 1.3 asks; 1.3 answers.", []),
        ("`0.001` and $0.9x$ and [a](https://a.org/1.5) https://b.org/2.5", []),
        ("Version 1.2.3, ICML 27.", []),
        ("## 1.4 A heading of 12%", []),
        ("```python\nx = 0.25\n```", []),
        ("from 0.1 to 0.9.", ["0.1", "0.9"]),
        ("**0.25** (93.5%)", ["0.25", "93.5%"]),
    ],
)
def test_the_numbers_that_may_be_results(source, found):
    assert [number.text for number in results(source, {"1.3"})] == found


def test_the_same_number_in_other_writing_is_the_same():
    values = {number.value for number in numbers("0.93 93% 93.0% 1,000 1000.0")}
    assert values == {Decimal("0.93"), Decimal(1000)}


def notebook_with(output: NotebookNode | None, sentence: str, **told: object) -> NotebookNode:
    measured = new_code_cell("measure(C=0.1)", id="a", outputs=[output] if output else [])
    metadata = {"tlcourse": told} if told else {}
    return new_notebook(cells=[text("t", "# Title 7.7"), measured, text("b", sentence, **metadata)])


@pytest.mark.parametrize(
    "output",
    [
        new_output("stream", text="accuracy 0.71"),
        new_output("execute_result", {"text/plain": "71.0%"}),
        new_output("execute_result", {"text/html": "<style>p{x:0.9}</style><b>71</b>%"}),
        new_output("display_data", {"text/markdown": "**71%** were right"}),
        new_output("display_data", {"image/png": ""}, metadata={"image/png": {"alt": "to 71%"}}),
    ],
    ids=["printed", "plain", "html", "reading", "figure"],
)
def test_a_number_may_stand_where_it_was_shown_above(output):
    assert not list(untold(notebook_with(output, "It got 71%.")))
    assert list(untold(notebook_with(output, "It got 72%.")))


def test_what_is_shown_only_below_or_in_a_style_does_not_count():
    hidden = new_output("execute_result", {"text/html": "<style>p{opacity:0.71}</style>"})
    assert list(untold(notebook_with(hidden, "It got 71%.")))
    notebook = notebook_with(new_output("stream", text="71%"), "It got 71%.")
    notebook.cells[1:] = reversed(notebook.cells[1:])
    assert list(untold(notebook))


def test_settings_and_listed_facts_count():
    assert not list(untold(notebook_with(None, "With C = 0.1, at most 100%.")))
    assert not list(untold(notebook_with(None, "VGG got 71.3%.", facts=["71.3%"])))
    [said] = untold(notebook_with(None, "VGG got 71.4%.", facts=["71.4%", "8.5"]))
    assert said == "b: the fact '8.5' stands nowhere in its text"
