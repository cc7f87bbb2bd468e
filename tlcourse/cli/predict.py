"""`tlcourse predict`: what a saved classifier says of pictures."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def predict(
    model: Annotated[Path, typer.Argument(help="A model that 'tlcourse train' wrote.")],
    pictures: Annotated[list[Path], typer.Argument(help="Pictures, or folders of pictures.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a CSV table.")] = False,
) -> None:
    """Name what is in pictures; exits with 1 when one of them could not be read."""
    if as_json and as_csv:
        raise typer.BadParameter("--json and --csv exclude each other.")
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from tlcourse.training import load_classifier

    predictions = load_classifier(model).predict(list(pictures))
    problems = [{"file": str(p.file), "reason": p.reason} for p in predictions.problems]
    if as_json:
        answers = {"predictions": predictions.to_dicts(), "problems": problems}
        print(json.dumps(answers))
    elif as_csv:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # what reads a table knows no terminal
        predictions.write_csv(sys.stdout)
    else:
        table = Table()
        table.add_column("picture", overflow="fold")
        table.add_column("class")
        table.add_column("probability", justify="right")
        for picture, name, probability in predictions:
            table.add_row(Text(picture), Text(name), f"{probability:.1%}")
        Console().print(table)
    for problem in problems:
        print(f"not read: {problem['file']}: {problem['reason']}", file=sys.stderr)
    if problems:
        raise typer.Exit(1)
