"""`tlcourse assets`: see, fetch, verify and carry the files that the course uses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tlcourse.errors import ArgumentError, AssetError, OfflineError

if TYPE_CHECKING:
    from rich.table import Table

    from tlcourse.assets import Asset

app = typer.Typer(
    help="The files that the course uses: which are here, where from, and are they genuine?",
    no_args_is_help=True,
)


@app.command("list")
def list_command(
    everything: Annotated[
        bool, typer.Option("--all", help="Show the official Keras files that are not here, too.")
    ] = False,
) -> None:
    """Show what is on this machine, from which source, and what can be fetched.

    Nothing is written: files that no step of the course has verified yet are read in full.
    """
    from rich.console import Console

    from tlcourse.assets import cache_folder

    table = _table("Name", "Kind", "Here", "From", "Size", "Licence")
    paths, hidden = _list_weights(table, everything)
    paths += _list_datasets(table)
    Console().print(table)
    for path in paths:
        typer.echo(path)  # one line each, however long, so that it can be copied
    if hidden:
        typer.echo(f"{hidden} more, official files of Keras: tlcourse assets list --all")
    typer.echo(f"The course's cache: {cache_folder()}")


def _list_weights(table: Table, everything: bool) -> tuple[list[str], int]:
    """Add a row for each file of weights; return the paths, and how many were not shown."""
    from tlcourse.assets import list_assets, look
    from tlcourse.assets.catalogue import KERAS
    from tlcourse.assets.words import in_megabytes

    hidden, paths = 0, []
    for asset in list_assets():
        if asset.kind == "pictures":
            continue  # a line for each set, not for each of its files
        checked = look(asset)
        intact = next((found.located for found in checked if found.damage is None), None)
        if intact is not None:
            size = in_megabytes(intact.path.stat().st_size)
            _add(table, asset.name, asset.kind, "yes", str(intact.source), size, asset.licence)
            paths.append(f"{asset.name}: {intact.path}")
        elif everything or not asset.name.startswith(KERAS):
            ways, size = _ways(asset, damaged=bool(checked)), in_megabytes(asset.bytes)
            _add(table, asset.name, asset.kind, "no", ways, size, asset.licence)
        else:
            hidden += 1
    return paths, hidden


def _list_datasets(table: Table) -> list[str]:
    """Add a row for each data set; return the paths of those that lie in folders."""
    from tlcourse.assets.words import in_megabytes
    from tlcourse.data import list_datasets

    paths = []
    for known in list_datasets():
        missing = "can be downloaded" if known.bytes else "not installed"
        here = ("yes", known.place) if known.is_here else ("no", missing)
        size = in_megabytes(known.bytes) if known.bytes else ""
        _add(table, known.name, "pictures", *here, size, known.licence)
        if known.folder:
            paths.append(f"{known.name}: {known.folder}")
    return paths


@app.command("fetch")
def fetch_command(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names out of the list, of data sets too.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Fetch the whole catalogue.")] = False,
) -> None:
    """Download what is not here yet; interrupted downloads go on."""
    from tlcourse.assets import assets_of, fetch, list_assets

    if everything == bool(names):
        raise ArgumentError(
            "It is not clear what to fetch.",
            expected="names of assets or data sets, or --all",
            received="both" if names else "neither",
            todo="Run 'tlcourse assets list --all' to see every name.",
        )
    named = dict.fromkeys(asset for name in names or () for asset in assets_of(name))
    chosen = tuple(named) if names else list_assets()
    failures: list[AssetError] = []
    for asset in chosen:
        try:
            typer.echo(f"{asset.name}: {fetch(asset)}")
        except OfflineError:
            raise  # the others would wait in vain for just as long
        except AssetError as error:
            failures.append(error)
    if len(failures) == 1:
        raise failures[0]
    if failures:
        raise AssetError(
            f"{len(failures)} of {len(chosen)} assets could not be fetched.",
            received="".join(f"\n{error}" for error in failures),
        )


@app.command("verify")
def verify_command() -> None:
    """Read every file that is here in full, and compare it with its published hash."""
    from tlcourse.assets import list_assets, verify

    found = [checked for asset in list_assets() for checked in verify(asset)]
    if not found:
        typer.echo("None of the files is on this machine.")
        return
    for checked in found:
        typer.echo(f"{checked.asset.name}: {checked}")
    broken = [str(checked) for checked in found if checked.damage]
    if broken:
        raise AssetError(
            f"{len(broken)} of {len(found)} files are damaged. They are not used.",
            received="".join(f"\n    {line}" for line in broken),
            todo="Delete them. Reinstall the package that carried them, or run "
            "'tlcourse assets fetch NAME'.",
        )


@app.command("pack")
def pack_command(
    file: Annotated[Path, typer.Argument(help="The archive to write.", show_default=False)],
    names: Annotated[
        list[str] | None, typer.Argument(help="What to pack; without names, all that is here.")
    ] = None,
) -> None:
    """Write one archive for a classroom without internet."""
    from tlcourse.assets import pack

    packed = pack(file, names or ())
    typer.echo(f"Packed into {file.expanduser()}: {_listed(packed)}")


@app.command("unpack")
def unpack_command(
    file: Annotated[Path, typer.Argument(help="An archive that 'pack' wrote.", show_default=False)],
) -> None:
    """Put the files of an archive into the course's cache, each one verified."""
    from tlcourse.assets import unpack

    typer.echo(f"Ready to use: {_listed(unpack(file))}")


def _ways(asset: Asset, *, damaged: bool) -> str:
    """Say how to get a file that is not here, or only as a damaged copy."""
    ways = {"package": "pip install {0.install}", "url": "can be downloaded"}
    words = [ways[source.kind].format(source) for source in asset.sources if source.kind in ways]
    return "; ".join(["damaged", *words] if damaged else words)


def _listed(assets: tuple[Asset, ...]) -> str:
    return ", ".join(asset.name for asset in assets)


def _table(*headings: str) -> Table:
    """Return an empty table whose first column stays whole and whose other cells may be broken."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=heading == headings[0])
    return table


def _add(table: Table, *cells: str) -> None:
    """Add a row whose cells stand as they are: a name like "[bold]x" is no markup."""
    from rich.text import Text

    table.add_row(*map(Text, cells))
