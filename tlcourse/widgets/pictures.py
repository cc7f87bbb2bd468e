"""The pictures that a widget offers: their sources, and names to choose them by."""

from __future__ import annotations

import os
from pathlib import PurePath

from tlcourse.data import Pictures, PictureSource, find_pictures
from tlcourse.errors import ArgumentError
from tlcourse.messages import say

MOST = 100
"""Pictures in a list to choose from; of more, the first are offered."""


def offered(pictures: Pictures) -> tuple[list[PictureSource], list[str]]:
    """Return the pictures to choose from, and a name for each, none twice.

    Raises
    ------
    ArgumentError
        When there is none.
    DataError
        When a folder holds no pictures.

    """
    sources = find_pictures(pictures)
    if not sources:
        raise ArgumentError(
            "The argument 'pictures' holds no picture.",
            expected="at least one picture",
            received=f"pictures={pictures!r}"[:200],
        )
    if len(sources) > MOST:
        say(f"Of {len(sources):,} pictures the first {MOST} can be chosen.")
        sources = sources[:MOST]
    paths = [PurePath(s) if isinstance(s, str | os.PathLike) else None for s in sources]
    names = [f"picture {n}" if path is None else path.name for n, path in enumerate(paths, 1)]
    for place, path in enumerate(paths):
        if path is not None and sum(p is not None and p.name == path.name for p in paths) > 1:
            names[place] = f"{path.parent.name}/{path.name}"
    told = [f"{n} ({i})" if names.count(n) > 1 else n for i, n in enumerate(names, 1)]
    return sources, told
