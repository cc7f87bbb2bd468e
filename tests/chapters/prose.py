"""Numbers in the text of a chapter: each that may be a result must stand in an output above it.

Looked at are percentages and decimals, for results are told in these. Code, formulas, links,
headings, the opening and the references are passed over, and so are the numbers of sections and
exercises, and 0% and 100%. A number may also stand in the source of a code cell, as a setting, or
be listed as a published fact or made-up example in the cell's metadata: `metadata.tlcourse.facts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from typing import NamedTuple

from nbformat import NotebookNode

_PASSED_OVER = re.compile(
    r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]+\$|\]\([^)]*\)|https?://\S+|<!--.*?-->|^#.*?$",
    re.DOTALL | re.MULTILINE,
)
_NUMBER = re.compile(
    r"(?<![\w.,/])(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?P<percent>\s?%|\s?per\s?cent\b)?(?![\w/]|\.\d)"
)
_A_PLACE = re.compile(
    r"\b(?:section|exercise|lab|chapter|figure)s?\s(?:\d[\d.]*(?:,\s|\sand\s|\sto\s|\sor\s|-|–))*$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^#+\s+(\d+\.\d+)\b|\*\*(?:Exercise|Lab)\s+L?(\d+\.\d+)\b", re.MULTILINE)
_TAG = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


_TRIVIAL = {Decimal(0), Decimal(1)}
"""Nothing and everything, in per cent."""


class Told(NamedTuple):
    """A number as it is written, and its value: that of 93% is 0.93."""

    text: str
    value: Decimal


def untold(notebook: NotebookNode) -> Iterator[str]:
    """Yield every number of the text that stands in no output above it, in words."""
    places = {found[1] or found[2] for cell in _text(notebook) for found in _places(cell.source)}
    settings = {
        number.value
        for cell in notebook.cells
        if cell.cell_type == "code"
        for number in numbers(cell.source)
    }
    shown: set[Decimal] = set()
    for at, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            shown |= {number.value for text in _outputs(cell) for number in numbers(text)}
            continue
        if cell.source.startswith("## Further reading"):
            return
        facts = cell.metadata.get("tlcourse", {}).get("facts", [])
        known = {number.value for fact in facts for number in numbers(fact)}
        told = [] if at == 0 else list(results(cell.source, places))
        for number in told:
            if number.value not in shown | settings | known | _TRIVIAL:
                yield (
                    f"{cell.id}: {number.text!r} stands in no output above. Let tl.reading say it, "
                    "or list it in metadata.tlcourse.facts if it is published or made up"
                )
        used = {number.value for number in told}
        for fact in facts:
            if not {number.value for number in numbers(fact)} & used:
                yield f"{cell.id}: the fact {fact!r} stands nowhere in its text"


def results(source: str, places: set[str]) -> Iterator[Told]:
    """Yield the percentages and decimals of a text in Markdown, without the numbers of places."""
    text = _PASSED_OVER.sub(lambda found: " " * len(found.group()), source)
    for found in _NUMBER.finditer(text):
        digits, percent = found["digits"], found["percent"]
        if not percent and ("." not in digits or digits in places):
            continue
        if not percent and _A_PLACE.search(text[: found.start()]):
            continue
        yield _told(found)


def numbers(text: str) -> Iterator[Told]:
    """Yield every number of a text."""
    yield from map(_told, _NUMBER.finditer(text))


def _told(found: re.Match[str]) -> Told:
    value = Decimal(found["digits"].replace(",", ""))
    return Told(found.group(), value / 100 if found["percent"] else value)


def _places(source: str) -> Iterator[re.Match[str]]:
    yield from _NUMBERED.finditer(source)


def _text(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def _outputs(cell: NotebookNode) -> Iterator[str]:
    """Yield what a reader sees of a cell: texts, HTML without tags, alternative texts."""
    for output in cell.get("outputs", ()):
        yield output.get("text", "")
        for kind, content in output.get("data", {}).items():
            if kind == "text/html":
                yield unescape(_TAG.sub(" ", content))
            elif kind.startswith("text/"):
                yield content
            yield output.get("metadata", {}).get(kind, {}).get("alt", "")
