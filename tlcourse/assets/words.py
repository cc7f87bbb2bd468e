"""Numbers and paths in words."""

from __future__ import annotations

from pathlib import Path


def in_megabytes(size: int | None) -> str:
    """Return a number of bytes as a person reads it: `"65.5 MB"`, or `"?"` for None."""
    if size is None:
        return "?"
    if size < 100_000:
        return f"{size / 1e3:.1f} kB"
    return f"{size / 1e6:,.1f} MB"


def check_the_path(path: Path) -> str:
    """Return what to do about a path where nothing is, with what a relative one counts from."""
    if path.is_absolute():
        return "Check the path."
    return f"Check the path; it counts from {Path.cwd()}."
