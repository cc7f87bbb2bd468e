"""Where the files of the course come from.

A catalogue names every file with its size, hash, licence and sources. `locate` finds a genuine one
on this machine, `fetch` downloads it where there is none, `pack` and `unpack` carry files to a
classroom without internet. Nothing is used before it is verified.
"""

from tlcourse.assets.archive import pack, unpack
from tlcourse.assets.cache import atomic_write, cache_folder, file_hash, locked
from tlcourse.assets.catalogue import Asset, Source, get_asset, list_assets
from tlcourse.assets.download import Patience
from tlcourse.assets.fetch import fetch
from tlcourse.assets.places import Checked, Located, cached_path, locate, matches, verify

__all__ = [
    "Asset",
    "Checked",
    "Located",
    "Patience",
    "Source",
    "atomic_write",
    "cache_folder",
    "cached_path",
    "fetch",
    "file_hash",
    "get_asset",
    "list_assets",
    "locate",
    "locked",
    "matches",
    "pack",
    "unpack",
    "verify",
]
