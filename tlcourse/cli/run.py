"""`tlcourse run`: whole chapters, with their times, their results and their bands."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tlcourse.errors import ArgumentError

if TYPE_CHECKING:
    from rich.console import Console
    from tqdm import tqdm

    from tlcourse.classroom.profiles import Profile
    from tlcourse.classroom.running import ChapterRun


def run(
    chapters: Annotated[
        list[str] | None,
        typer.Argument(help="Numbers of chapters, or notebooks; all chapters without any."),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(help="smoke, laptop or gpu; as TLCOURSE_PROFILE says without it."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write each chapter as one HTML file to this folder."),
    ] = None,
    save: Annotated[
        bool,
        typer.Option("--save", help="Write the outputs into the notebooks that ran to their end."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run chapters, each in a kernel of its own; exits with 1 when one fails or is out of band."""
    from rich.console import Console

    from tlcourse.classroom.running import find_notebooks

    if html is not None and html.exists() and not html.is_dir():
        raise ArgumentError(
            "The pages go into a folder.",
            expected="--html with the name of a folder",
            received=f"--html {html}, which is a file",
        )
    which = _profile(profile)
    notebooks = find_notebooks(chapters or ())
    done: list[ChapterRun] = []
    try:
        _run_all(notebooks, which, html, save, done)
    finally:  # after Ctrl-C too, what is finished is told
        if as_json:
            print(_json(done, which))
        elif done:
            _print(Console(), done, which, html, notebooks)
    if not all(one.is_good for one in done):
        raise typer.Exit(1)


def _profile(given: str | None) -> Profile:
    from tlcourse.classroom.profiles import PROFILES, profile

    if given is None:
        return profile()
    for known in PROFILES:
        if given.lower() == known:
            return known
    raise ArgumentError(
        "The option --profile names no profile.",
        expected=" or ".join(PROFILES),
        received=f"--profile {given}",
    )


def _run_all(
    notebooks: list[Path], profile: Profile, html: Path | None, save: bool, done: list[ChapterRun]
) -> None:
    from tlcourse.classroom.pages import write_page
    from tlcourse.classroom.running import run_notebook, save_outputs
    from tlcourse.messages import progress

    for notebook in notebooks:
        with progress(what=notebook.stem, unit="cell") as bar:

            def walked(cells: int, of: int, bar: tqdm = bar) -> None:
                bar.total = of
                bar.update(cells - bar.n)

            finished = run_notebook(notebook, profile, walked)
        done.append(finished)
        if html is not None:
            write_page(finished.notebook, html / _short(notebook, notebooks).with_suffix(".html"))
        if save and finished.failure is None:
            save_outputs(finished)


def _short(notebook: Path, notebooks: list[Path]) -> Path:
    """Return a path from the folder on that holds all: solutions are called like their chapters."""
    folders = [one.absolute().parent for one in notebooks]
    return notebook.absolute().relative_to(os.path.commonpath(folders))


def _json(done: list[ChapterRun], profile: Profile) -> str:
    import json

    chapters = [
        {
            "notebook": str(one.path),
            "good": one.is_good,
            "seconds": round(one.seconds, 1),
            "expected_seconds": one.expected,
            "failure": None if one.failure is None else vars(one.failure),
            "results": [dict(line) for line in one.results],
            "checks": one.checks,
        }
        for one in done
    ]
    return json.dumps({"profile": profile, "chapters": chapters}, ensure_ascii=False)


def _print(
    console: Console,
    done: list[ChapterRun],
    profile: Profile,
    html: Path | None,
    notebooks: list[Path],
) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"Profile {profile}")
    table.add_column("chapter", no_wrap=True)
    for heading in ("seconds", "at most", "in band", "solved"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for one in done:
        outside = len(one.out_of_band)
        late = one.expected is not None and one.seconds > one.expected
        table.add_row(
            Text(str(_short(one.path, notebooks).with_suffix(""))),
            Text(f"{one.seconds:.0f}{' !' if late else ''}"),
            "–" if one.expected is None else f"{one.expected:.0f}",
            f"{len(one.results) - outside} of {len(one.results)}",
            f"{one.solved} of {len(one.checks)}",
            Text("✔ good", "green") if one.is_good else Text("✘ failed", "red"),
        )
    console.print(table)
    for one in done:
        _explain(console, one)
    if any(one.expected is not None and one.seconds > one.expected for one in done):
        console.print(Text("! took longer than expected: a slower machine, or a busy one."))
    if html is not None:
        console.print(Text(f"Pages: {html}"), soft_wrap=True)
    if missing := len(notebooks) - len(done):
        console.print(Text(f"{missing} of {len(notebooks)} chapters were not run to their end."))


def _explain(console: Console, one: ChapterRun) -> None:
    """Print what went wrong in a chapter; texts of notebooks are never taken for markup."""
    from rich.text import Text

    if one.failure is not None:
        said = f"{one.path.stem} stopped at '{one.failure.cell}': {one.failure.message}"
        console.print(Text(said), soft_wrap=True)
    for line in one.results:
        if line["inside"] is None:
            said = f"{one.path.stem}: {line['key']} was compared with nothing: no contracts.json"
        elif not line["inside"]:
            low, high = ("open" if end is None else f"{end:g}" for end in line["band"])
            said = (
                f"{one.path.stem}: {line['key']} is {line['value']:g}, "
                f"out of its band from {low} to {high}"
            )
        else:
            continue
        console.print(Text(said), soft_wrap=True)
