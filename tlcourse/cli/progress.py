"""`tlcourse progress`: where somebody is in the course, and what is next."""

from __future__ import annotations

from typing import Annotated

import typer


def progress(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show how far you are with chapters, exercises and quizzes. Nothing leaves this machine."""
    from tlcourse.classroom.standing import progress

    standing = progress()
    if as_json:
        import json

        print(json.dumps(standing.to_dict(), ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from tlcourse.classroom.journal import journal_path
    from tlcourse.classroom.standing import HEADINGS

    table = Table()
    for heading in HEADINGS:
        table.add_column(heading, overflow="fold")
    for row in standing.rows():
        table.add_row(*map(Text, row))
    console = Console()
    console.print(table)
    console.print(Text(standing.where))
    console.print(Text(standing.next, style="bold"))
    console.print(Text(f"Kept in {journal_path()}, and nowhere else."), soft_wrap=True)
