"""How an `ImageSet` shows itself: a line in plain words, and a table of counts."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_ROWS_SHOWN = 20

Table = Sequence[Sequence[str]]
"""Rows of cells; the first row is the head, the first column names the row."""


def as_text(sentence: str, table: Table, notes: Sequence[str]) -> str:
    """Return the summary for a terminal."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join([name.ljust(widths[0]), *map(str.rjust, numbers, widths[1:])])
        for name, *numbers in table
    ]
    return "\n".join([sentence, *(f"  {line}" for line in lines), *notes])


def as_html(sentence: str, table: Table, notes: Sequence[str]) -> str:
    """Return the summary for a notebook."""
    head, *rows = table
    parts = ["<table><caption>", escape(sentence), "</caption><thead><tr>"]
    parts += [f'<th scope="col">{escape(cell)}</th>' for cell in head]
    parts.append("</tr></thead><tbody>")
    for name, *numbers in rows:
        cells = "".join(f"<td>{escape(number)}</td>" for number in numbers)
        parts.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
    parts.append("</tbody></table>")
    parts += [f"<p>{escape(note)}</p>" for note in notes]
    return "".join(parts)


def count_table(columns: dict[str, dict[str, int]]) -> list[list[str]]:
    """Return counts as a table: a row a class, a column a split, and the sums below.

    Parameters
    ----------
    columns
        From the name of a column to the number of pictures by class; at least one column, and the
        same classes in each.

    """
    head = ["class", *columns]
    names = list(next(iter(columns.values())))
    rows = [[name, *(f"{counts[name]:,}" for counts in columns.values())] for name in names]
    if len(rows) > _ROWS_SHOWN:
        left_out = len(rows) - _ROWS_SHOWN
        rows = [*rows[:_ROWS_SHOWN], [f"… {left_out:,} more", *("" for _ in columns)]]
    sums = ["all", *(f"{sum(counts.values()):,}" for counts in columns.values())]
    return [head, *rows, sums]


def counted(number: int, thing: str, things: str | None = None) -> str:
    """Return "1 picture", "2 pictures", "3 classes"."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"
