"""Where the files of the course come from.

A catalogue names every file with its size, hash, licence and sources. `locate` finds a genuine one
on this machine, `fetch` downloads it where there is none, `pack` and `unpack` carry files to a
classroom without internet, `unpack_archive` takes pictures out of an archive. Nothing is used
before it is verified.
"""

from tlcourse.assets.archive import pack, unpack
from tlcourse.assets.cache import (
    atomic_write,
    cache_folder,
    file_hash,
    locked,
    make_sure_of_room,
    unwritable,
)
from tlcourse.assets.catalogue import (
    Asset,
    Dataset,
    Source,
    assets_of,
    catalogued_datasets,
    get_asset,
    get_dataset,
    list_assets,
)
from tlcourse.assets.download import Patience
from tlcourse.assets.fetch import fetch
from tlcourse.assets.places import (
    Checked,
    Located,
    cached_path,
    damage,
    locate,
    look,
    matches,
    verify,
)
from tlcourse.assets.unpacking import unpack_archive

__all__ = [
    "Asset",
    "Checked",
    "Dataset",
    "Located",
    "Patience",
    "Source",
    "assets_of",
    "atomic_write",
    "cache_folder",
    "cached_path",
    "catalogued_datasets",
    "damage",
    "fetch",
    "file_hash",
    "get_asset",
    "get_dataset",
    "list_assets",
    "locate",
    "locked",
    "look",
    "make_sure_of_room",
    "matches",
    "pack",
    "unpack",
    "unpack_archive",
    "unwritable",
    "verify",
]
