"""`tlcourse inspect`: what is wrong with a folder of pictures, and a cleaned copy of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tlcourse.errors import ArgumentError
from tlcourse.messages import say

if TYPE_CHECKING:
    from rich.console import Console

    from tlcourse.diagnosis import Diagnosis, Written

_EXAMPLES = 3


def inspect(
    folder: Annotated[
        Path,
        typer.Argument(help="A folder with one subfolder of pictures a class, or a CSV manifest."),
    ],
    manifest: Annotated[
        Path | None,
        typer.Option(help="A CSV file with the columns file and label, instead of subfolders."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write a report with small pictures to this file.")
    ] = None,
    fix: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT",
            help="Write a cleaned copy: a new folder, or a manifest if OUT ends in .csv. "
            "The originals are not touched.",
        ),
    ] = None,
    also: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND",
            help="Act upon this kind of finding too when cleaning, e.g. label_error.",
        ),
    ] = None,
    leave: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help="Leave this kind of finding alone when cleaning."),
    ] = None,
    backbone: Annotated[
        str,
        typer.Option(help="The network that judges labels and strangers; 'none' leaves this out."),
    ] = "efficientnet_lite0",
    thorough: Annotated[
        bool,
        typer.Option(help="Fine-tune the network to judge labels: finds more, takes minutes."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find what is wrong with pictures, labels and folders; what costs most comes first."""
    from tlcourse.data import load_images
    from tlcourse.diagnosis import diagnose

    _check_options(html, fix, also, leave)
    source = folder if manifest is None else load_images(folder, manifest)
    diagnosis = diagnose(source, None if backbone == "none" else backbone, thorough=thorough)
    written = None
    if fix is not None:
        written = diagnosis.write_clean(fix, also=also or (), leave=leave or ())
    if html is not None:
        diagnosis.to_html(html)
    if as_json:
        print(_json(diagnosis, written, html))
    else:
        _print(diagnosis, written, html)


def _check_options(
    html: Path | None, fix: Path | None, also: list[str] | None, leave: list[str] | None
) -> None:
    """Refuse, before any work, what could not be done at the end."""
    if (also or leave) and fix is None:
        raise ArgumentError(
            "The options --also and --leave say what to clean.",
            expected="--fix OUT with them",
            received="no --fix",
        )
    if html is not None and (html.is_dir() or html.suffix.lower() not in (".html", ".htm")):
        raise ArgumentError(
            "The report is an HTML file.",
            expected="--html with a name that ends in .html",
            received=f"--html {html}",
        )


def _json(diagnosis: Diagnosis, written: Written | None, html: Path | None) -> str:
    import json

    result = diagnosis.to_dict()
    result["html"] = None if html is None else str(html)
    result["fixed"] = None
    if written is not None:
        result["fixed"] = {
            "target": str(written.target),
            "report": str(written.report),
            "kept": written.kept,
            "left_out": written.left_out,
            "changed": written.changed,
        }
    return json.dumps(result, ensure_ascii=False)


def _print(diagnosis: Diagnosis, written: Written | None, html: Path | None) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=False)
    if diagnosis.findings:
        _print_table(console, diagnosis)
    console.print(Text(diagnosis.summary(), style="bold"))
    console.print(Text(diagnosis.judged_by()))
    if written is not None:
        console.print(
            Text(
                f"Cleaned copy: {written.target}: {written.kept:,} pictures kept, "
                f"{written.left_out:,} left out, {written.changed:,} changed. "
                f"What and why: {written.report}"
            )
        )
    if html is not None:
        console.print(Text(f"Report with pictures: {html}"))
    elif diagnosis.findings:
        say("To see the pictures: --html report.html; to write a cleaned copy: --fix OUT.")


def _print_table(console: Console, diagnosis: Diagnosis) -> None:
    """Print the one table; names of files and classes are printed as they are, never as markup."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from tlcourse.diagnosis import COSTS

    colours = {4: "bold red", 3: "yellow", 2: "cyan", 1: "dim"}
    worst = max(COSTS)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_lines=False)
    table.add_column("cost", no_wrap=True)
    table.add_column("files", justify="right", no_wrap=True)
    table.add_column("what, which, and what to do", overflow="fold")
    for row in diagnosis.table():
        found = diagnosis.of(row["kind"])
        files = list(dict.fromkeys(file for finding in found for file in finding.files))
        names = [diagnosis.short(file) for file in files[:_EXAMPLES]]
        names += [f"… {len(files) - _EXAMPLES:,} more"] if len(files) > _EXAMPLES else []
        which = "".join(f"\n  {name}" for name in names or [found[0].detail])
        cost = row["cost"]
        table.add_row(
            Text("■" * cost + "□" * (worst - cost), style=colours[cost]),
            f"{row['files']:,}",
            Text.assemble((row["what"], "bold"), which, (f"\n→ {row['advice']}\n", "italic")),
        )
    console.print(table)
    legend = "; ".join(f"{'■' * cost} {harm}" for cost, harm in COSTS.items())
    console.print(Text(f"What costs most comes first: {legend}."))
