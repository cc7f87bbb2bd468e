"""The command line: parse, call one room, print.

Exit codes: 0 done; 1 something is wrong that the message explains; 2 the command was mistyped;
130 interrupted. Results go to standard output, everything else to standard error.
"""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from tlcourse.cli import assets, doctor, export, inspect, lab, predict, progress, run, train
from tlcourse.errors import TLCourseError

_INTERRUPTED = 130

app = typer.Typer(
    name="tlcourse",
    help="Transfer learning for image classification: the course and its tools.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("train")(train.train)
app.command("predict")(predict.predict)
app.command("export")(export.export)
app.command("inspect")(inspect.inspect)
app.command("run")(run.run)
app.command("progress")(progress.progress)
app.command("doctor")(doctor.doctor)
app.command("lab")(lab.lab)
app.add_typer(assets.app, name="assets", help="The files that the course fetches.")


def _version(wanted: bool) -> None:
    if wanted:
        from tlcourse import __version__

        print(f"tlcourse {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; errors that a person can act on are printed without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name that the terminal cannot show is escaped
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except SystemExit as ended:
        if ended.code == _INTERRUPTED:  # typer has turned Ctrl-C into this code
            print(
                "\nInterrupted. What was finished is kept; run the command again.", file=sys.stderr
            )
        raise
    except TLCourseError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        # The reader of our output has gone (`tlcourse … | head`): nothing is left to say.
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:  # a full disk, a folder without rights
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(1)
