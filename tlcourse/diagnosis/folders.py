"""Reading a folder as it is: what stops `load_images` is a finding here."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from tlcourse.data import ImageSet, Problem, load_images
from tlcourse.data.folders import FolderReader
from tlcourse.data.headers import read_header
from tlcourse.data.manifest import SPLIT_NAMES
from tlcourse.data.parts import SPLITS, natural_order
from tlcourse.data.reading import read_picture, shown
from tlcourse.diagnosis.findings import Finding
from tlcourse.errors import DataError, PictureError

_HARMLESS = ("operating system", "hidden", "read in another place", "column")
_BY_NAME = "by the ending of its name"
_SNIFFED_BYTES = 50_000_000


def read_folder(folder: str | Path) -> tuple[ImageSet, list[Finding]]:
    """Return the pictures below a folder, and what is wrong with the folders.

    The layouts are those of `load_images`: a folder a class, or splits with class folders in them.
    Where that stops with an error (a class without pictures, splits with different classes,
    folders beside the splits, no class folders at all), this goes on and tells. The path of a CSV
    file is read as a manifest, its paths relative to the folder it lies in.

    Raises
    ------
    DataError
        When there is no such folder, or no picture in it, or the manifest has faults.

    """
    root = Path(folder).expanduser()
    if root.suffix.lower() == ".csv" and root.is_file():
        return load_images(root.parent, root), []
    if not root.is_dir():
        return load_images(root), []  # raises, in the words of everywhere else
    reader = FolderReader(root)
    folders = reader.subfolders(root)
    splits = [f for f in folders if f.name.lower() in SPLIT_NAMES]
    with_classes = [f for f in splits if _holds_folders(f)]
    found: dict[tuple[str, str], list[Path]] = defaultdict(list)
    homes: dict[tuple[str, str], Path] = {}

    def read(split: str, name: str, home: Path) -> None:
        key = (split, unicodedata.normalize("NFC", name))
        found[key] += reader.pictures(home)
        homes.setdefault(key, home)

    beside: list[Path] = []
    if splits and (with_classes or len(splits) == len(folders)):
        for split in splits:
            for home in reader.subfolders(split):
                read(SPLIT_NAMES[split.name.lower()], home.name, home)
        beside = [f for f in folders if f not in splits]
    else:
        for home in folders:
            read("", home.name, home)
    if not folders:
        reader = FolderReader(root)
        read("", root.resolve().name or "pictures", root)
    images = _as_set(root, found, reader.problems)
    findings = [
        Finding("left_out", (path,), "a folder beside those of the splits") for path in beside
    ]
    return images, findings + list(_empty_classes(images, found, homes, reader))


def _holds_folders(folder: Path) -> bool:
    try:
        return any(path.is_dir() and not path.name.startswith(".") for path in folder.iterdir())
    except OSError:  # the reader will say why
        return False


def _as_set(
    root: Path, found: dict[tuple[str, str], list[Path]], problems: Sequence[Problem]
) -> ImageSet:
    if not any(found.values()):
        inside = "; ".join(map(str, problems[:5])) or "nothing"
        raise DataError(
            f"The folder {shown(root)} holds no pictures.",
            expected=f"One folder a class: {root.name}/ants/1.jpg, {root.name}/bees/1.jpg, …",
            received=f"in it: {inside}",
            todo="Check the path.",
        )
    names = natural_order({name for (_, name), paths in found.items() if paths})
    number = {name: index for index, name in enumerate(names)}
    order = sorted(
        (key for key, paths in found.items() if paths),
        key=lambda key: (SPLITS.index(key[0]) if key[0] else 0, number[key[1]]),
    )
    sizes = [len(found[key]) for key in order]
    splits = np.repeat([split for split, _ in order], sizes)
    return ImageSet(
        paths=tuple(path for key in order for path in found[key]),
        labels=np.repeat(np.array([number[name] for _, name in order], np.int64), sizes),
        class_names=names,
        splits=splits if (splits != "").all() else None,
        problems=tuple(problems),
        record={"layout": "as it is", "folder": str(root)},
    )


def _empty_classes(
    images: ImageSet,
    found: dict[tuple[str, str], list[Path]],
    homes: dict[tuple[str, str], Path],
    reader: FolderReader,
) -> Iterator[Finding]:
    """Yield class folders without a picture, and classes that a split does not have."""
    for key, paths in found.items():
        if not paths:
            inside = f"in it: {reader.what_was_in(homes[key])}"
            yield Finding("empty_class", (homes[key],), inside, classes=(key[1],))
    if images.splits is None:
        return
    there = [split for split in SPLITS if split in images.splits]
    for name in images.class_names:
        of = [homes[split, name] for split in there if found.get((split, name))]
        missing = [split for split in there if (split, name) not in found]
        if missing:
            detail = f"no class {shown(name)} in {' and '.join(missing)}"
            yield Finding("empty_class", tuple(of), detail, classes=(name,), strength=0.5)


def problem_findings(problems: Sequence[Problem]) -> Iterator[Finding]:
    """Yield a finding for everything that was met and is no picture of the set."""
    for problem in problems:
        kind, detail = "left_out", problem.reason
        if any(words in problem.reason for words in _HARMLESS):
            kind = "other_file"
        elif _BY_NAME in problem.reason:
            content = _picture_inside(problem.file)
            kind = "left_out" if content else "other_file"
            detail = f"{content} picture, but {_BY_NAME} none" if content else problem.reason
        strength = 0.5 if "operating system" in problem.reason else 1.0
        yield Finding(kind, (problem.file,), detail, strength=strength)


def _picture_inside(path: Path) -> str:
    """Return the format of the picture that a file holds under a name of its own, or ""."""
    try:
        if path.stat().st_size > _SNIFFED_BYTES:
            return ""
        header = read_header(read_picture(path))
    except (OSError, PictureError):
        return ""
    return f"a {header.format}" if header else ""
