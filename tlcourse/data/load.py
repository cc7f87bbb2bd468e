"""`load_images`: a folder of pictures, or a list of them, as a labelled set."""

from __future__ import annotations

import difflib
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np

from tlcourse.assets.words import check_the_path
from tlcourse.data.folders import PICTURE_ENDINGS, FolderReader, listed
from tlcourse.data.images import ImageSet
from tlcourse.data.manifest import SPLIT_NAMES, read_manifest
from tlcourse.data.parts import SPLITS, natural_order
from tlcourse.data.reading import shown
from tlcourse.data.tables import counted
from tlcourse.errors import DataError, must_be

_LAYOUT = "One folder a class: {0}/ants/1.jpg, {0}/bees/1.jpg, …"


def load_images(folder: str | Path, manifest: str | Path | None = None) -> ImageSet:
    """Return the pictures below a folder as a labelled set.

    Three layouts are understood:

    - a folder a class, with any folders in it: `photos/ants/1.jpg`;
    - `train`, `val` or `valid` or `validation`, and `test` above the same class folders:
      `photos/train/ants/1.jpg`;
    - a CSV file with the columns `file` and `label` and, if wanted, `split` and `group`.

    The files are found by the ending of their names (jpg, jpeg, jpe, jfif, png, gif, bmp, webp,
    tif, tiff) and are not opened: which of them cannot be read is told by `check_pictures`, or by
    the first step that needs the pixels.

    Parameters
    ----------
    folder
        Where the pictures lie.
    manifest
        The CSV file: in `folder`, or any path. The paths in it are relative to `folder`.

    Returns
    -------
    ImageSet
        In the order of the splits, the classes and the file names, each natural ("2" before "10")
        and the same on every system; in the order of its lines for a manifest. Everything else
        that lies in the folder is named in `problems`.

    Raises
    ------
    DataError
        When the folder does not follow one of the layouts, classes have no pictures or are not the
        same in all splits, or a manifest has faults. All faults of a kind come together.

    """
    must_be("folder", folder, (str, Path), "Give the path of one folder of pictures.")
    root = Path(folder).expanduser()
    _must_be_folder(root)
    if manifest is not None:
        inside = root / manifest
        return read_manifest(root, inside if inside.is_file() else Path(manifest).expanduser())
    reader = FolderReader(root)
    folders = reader.subfolders(root)
    parts = _split_folders(root, folders)
    if parts:
        layout = "split folders"
        classes = {
            split: _classes(reader, part, reader.subfolders(part)) for split, part in parts.items()
        }
        _must_agree(parts, classes)
    else:
        layout = "class folders"
        classes = {"": _classes(reader, root, folders)}
    class_names = natural_order(next(iter(classes.values())))
    found = {
        (split, name): reader.pictures(classes[split][name])
        for split in classes
        for name in class_names
    }
    _must_have_pictures(reader, classes, found)
    sizes = [len(paths) for paths in found.values()]
    labels = [class_names.index(name) for _, name in found]
    splits = [split for split, _ in found]
    return ImageSet(
        paths=tuple(path for paths in found.values() for path in paths),
        labels=np.repeat(np.array(labels, np.int64), sizes),
        class_names=class_names,
        splits=np.repeat(np.array(splits), sizes) if parts else None,
        problems=tuple(reader.problems),
        record={"layout": layout, "folder": str(root)},
    )


def _must_be_folder(root: Path) -> None:
    if root.is_dir():
        return
    if not root.exists():
        try:
            near = [path.name for path in root.parent.iterdir() if path.is_dir()]
        except OSError:
            near = []
        alike = difflib.get_close_matches(root.name, near, n=3, cutoff=0.6)
        raise DataError(
            f"There is no folder {shown(root)}.",
            expected=_LAYOUT.format(root.name),
            received=f"beside it: {', '.join(alike)}" if alike else None,
            todo=check_the_path(root),
        )
    raise DataError(
        f"{shown(root)} is a file, not a folder.",
        expected=_LAYOUT.format("photos"),
        todo=(
            "Write load_images(folder, manifest=file) for a list of pictures; unpack an archive "
            "first; open a single picture with open_picture."
        ),
    )


def _split_folders(root: Path, folders: list[Path]) -> dict[str, Path]:
    """Return the folders of the splits by their names here, or nothing where classes lie on top."""
    splits = [folder for folder in folders if folder.name.lower() in SPLIT_NAMES]
    others = [folder for folder in folders if folder not in splits]
    # A class may be called "train": the toy trains beside the toy cars have no folders in them.
    if others and not any(_holds_folders(folder) for folder in splits):
        return {}
    if splits and others:
        raise DataError(
            f"The folder {shown(root)} mixes splits with other folders.",
            expected="either classes alone, or splits alone with the classes in them",
            received=f"splits: {_names(splits)}; others: {_names(others)}",
            todo="Move the others out, or list the pictures in a CSV manifest.",
        )
    named = [SPLIT_NAMES[folder.name.lower()] for folder in splits]
    if twice := [name for name, times in Counter(named).items() if times > 1]:
        raise DataError(
            f"The folder {shown(root)} has two folders for one split ({', '.join(twice)}).",
            received=_names(splits),
            todo="Keep one of them.",
        )
    return {name: splits[named.index(name)] for name in SPLITS if name in named}


def _holds_folders(folder: Path) -> bool:
    try:
        return any(path.is_dir() and not path.name.startswith(".") for path in folder.iterdir())
    except OSError:
        return False


def _classes(reader: FolderReader, folder: Path, folders: list[Path]) -> dict[str, Path]:
    """Return the class folders, all those right below a folder, by class name."""
    if not folders:
        inside = [p.file for p in reader.problems if p.file.parent == folder]
        lying = sum(file.suffix.lower() in PICTURE_ENDINGS for file in inside)
        what = f"{counted(lying, 'picture')} but no class folders" if lying else "no class folders"
        raise DataError(
            f"The folder {shown(folder)} has {what}.",
            expected=_LAYOUT.format(folder.name or "photos"),
            received=f"in it: {reader.what_was_in(folder)}",
            todo="Sort the pictures into one folder a class, or list them in a CSV manifest.",
        )
    by_name: dict[str, list[Path]] = {}
    for path in folders:
        by_name.setdefault(unicodedata.normalize("NFC", path.name), []).append(path)
    if twice := [name for name, paths in by_name.items() if len(paths) > 1]:
        raise DataError(
            f"The folder {shown(folder)} has class folders that look the same.",
            received=f"{', '.join(twice)}, each written in two ways in Unicode",
            todo="Put their pictures into one folder.",
        )
    return {name: paths[0] for name, paths in by_name.items()}


def _must_agree(parts: dict[str, Path], classes: dict[str, dict[str, Path]]) -> None:
    """Raise a DataError unless all splits have the same classes."""
    every = natural_order({name for part in classes.values() for name in part})
    lines = [
        f"{parts[split].name} has no {', '.join(missing)}"
        for split, part in classes.items()
        if (missing := [shown(name) for name in every if name not in part])
    ]
    if lines:
        raise DataError(
            "The splits have different classes.",
            expected=f"in each of them: {', '.join(every)}",
            received="; ".join(lines),
            todo="Add or rename folders; a misspelt name makes a class of its own.",
        )


def _must_have_pictures(
    reader: FolderReader,
    classes: dict[str, dict[str, Path]],
    found: dict[tuple[str, str], list[Path]],
) -> None:
    """Raise a DataError that lists all classes without a picture, and what they hold instead."""
    empty = [
        f"{shown(path)}: {reader.what_was_in(path)}"
        for split, part in classes.items()
        for name, path in part.items()
        if not found[split, name]
    ]
    if empty:
        raise DataError(
            "Some classes have no pictures.",
            expected=f"at least one file each: {', '.join(sorted(PICTURE_ENDINGS))}",
            received=f"in them: {listed(empty)}",
            todo="Add pictures, or take the folder away.",
        )


def _names(folders: list[Path]) -> str:
    return ", ".join(shown(folder.name) for folder in folders)
