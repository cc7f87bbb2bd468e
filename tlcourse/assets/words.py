"""Numbers in words."""

from __future__ import annotations


def in_megabytes(size: int | None) -> str:
    """Return a number of bytes as a person reads it: `"65.5 MB"`, or `"?"` for None."""
    if size is None:
        return "?"
    if size < 100_000:
        return f"{size / 1e3:.1f} kB"
    return f"{size / 1e6:,.1f} MB"
