"""Walking through folders of pictures: every folder once, every other thing named."""

from __future__ import annotations

import os
import stat
from collections import Counter
from pathlib import Path

from tlcourse.data.parts import Problem, natural_key

PICTURE_ENDINGS = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff"}
)
"""In small letters; capitals are understood too."""

FOREIGN_ENDINGS = frozenset(
    {".heic", ".heif", ".avif", ".jp2", ".jxl", ".svg", ".psd", ".ico", ".pdf"}
    | {".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".raf", ".rw2"}
)
"""Pictures too, in formats that `open_picture` does not read."""

_MADE_BY_SYSTEMS = {"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store", "__macosx"}


class FolderReader:
    """Finds the pictures below a folder, and collects what else is there as `problems`.

    A folder that can be reached by several ways (links, loops of links) is read once: in its own
    place if that lies below the root, else where it is met first. Links to folders that hold the
    root are not followed.

    Parameters
    ----------
    root
        A folder that exists.

    Attributes
    ----------
    problems : list of Problem
        What was met and is no picture, in the order of reading.

    """

    def __init__(self, root: Path) -> None:
        self.problems: list[Problem] = []
        self._homes: dict[tuple[int, int], Path] = {}
        for above in root.resolve().parents:
            self._is_home(above)
        self._claim_homes(root)

    def subfolders(self, folder: Path) -> list[Path]:
        """Return the folders right below a folder, in natural order; its files are problems."""
        folders, files = self._look_into(folder)
        for file in files:
            self._note(file, "a picture outside of the class folders")
        return folders

    def pictures(self, folder: Path) -> list[Path]:
        """Return all pictures below a folder, in natural order of their paths."""
        found: list[Path] = []
        waiting = [folder]
        while waiting:
            folders, files = self._look_into(waiting.pop())
            found += files
            waiting += folders
        return sorted(found, key=lambda path: natural_key(path.relative_to(folder).as_posix()))

    def what_was_in(self, folder: Path) -> str:
        """Return in words which files below a folder are no pictures."""
        inside = [p.file for p in self.problems if folder in p.file.parents]
        endings = Counter(file.suffix.lower() or file.name for file in inside)
        return ", ".join(f"{n} × {ending}" for ending, n in endings.most_common(5)) or "nothing"

    def _claim_homes(self, root: Path) -> None:
        """Give every real folder below the root its own place, before any link is followed."""
        waiting = [root]
        while waiting:
            folder = waiting.pop()
            if not self._is_home(folder):
                continue
            try:
                with os.scandir(folder) as entries:
                    waiting += [folder / e.name for e in entries if e.is_dir(follow_symlinks=False)]
            except OSError:
                continue  # named when it is looked into

    def _is_home(self, folder: Path) -> bool:
        """Tell whether a folder is to be read by this path; the first to ask gets it."""
        try:
            status = folder.stat()
        except OSError:
            return True  # looking into it will say why
        return self._homes.setdefault((status.st_dev, status.st_ino), folder) == folder

    def _look_into(self, folder: Path) -> tuple[list[Path], list[Path]]:
        """Return the folders and the pictures right below a folder, and note the rest."""
        try:
            with os.scandir(folder) as entries:
                paths = sorted(
                    (folder / entry.name for entry in entries), key=lambda p: natural_key(p.name)
                )
        except OSError as error:
            self._note(folder, f"a folder that cannot be opened: {error.strerror}")
            return [], []
        folders, files = [], []
        for path in paths:
            kind, reason = _kind(path)
            if kind == "folder" and not self._is_home(path):
                reason = "a link to a folder that is read in another place, or holds this one"
            if reason:
                self._note(path, reason)
            elif kind == "folder":
                folders.append(path)
            else:
                files.append(path)
        return folders, files

    def _note(self, path: Path, reason: str) -> None:
        self.problems.append(Problem(path, reason))


def _kind(path: Path) -> tuple[str, str]:
    """Return "folder" or "file", and why it is left out ("" where it is not)."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return "file", "a link that leads nowhere"
    except OSError as error:
        return "file", f"it cannot be looked at: {error.strerror}"
    kind = "folder" if stat.S_ISDIR(mode) else "file"
    name, ending = path.name.lower(), path.suffix.lower()
    if name in _MADE_BY_SYSTEMS:
        return kind, f"a {kind} that an operating system leaves behind"
    if name.startswith("."):
        return kind, f"a hidden {kind}"
    if kind == "folder":
        return kind, ""
    if not stat.S_ISREG(mode):
        return kind, "a pipe or a device, not a file"
    if ending in FOREIGN_ENDINGS:
        return kind, f"a format that is not read ({ending}): save it as JPEG or PNG"
    return kind, "" if ending in PICTURE_ENDINGS else "no picture, by the ending of its name"


def listed(things: list[str], limit: int = 20) -> str:
    """Return things one a line, indented for an error message, the first ones if there are many."""
    lines = things[:limit]
    if len(things) > limit:
        lines.append(f"… and {len(things) - limit:,} more")
    return "".join(f"\n    {line}" for line in lines)
