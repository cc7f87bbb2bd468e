"""A CSV file that says which pictures there are and what is on them."""

from __future__ import annotations

import csv
import io
import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tlcourse.data.folders import listed
from tlcourse.data.images import ImageSet
from tlcourse.data.parts import Problem, natural_order
from tlcourse.data.reading import shown
from tlcourse.data.tables import counted
from tlcourse.errors import DataError

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}
"""How splits are called in folders and manifests, in small letters, and what they are here."""

_REQUIRED = ("file", "label")
_KNOWN = (*_REQUIRED, "split", "group")


@dataclass(frozen=True)
class _Row:
    """A line of the file: its number, and its cells by column."""

    line: int
    cells: dict[str, str]


class _Faults:
    """What is wrong in a manifest, by line."""

    def __init__(self) -> None:
        self._found: list[tuple[int, str]] = []

    def add(self, line: int, fault: str) -> None:
        self._found.append((line, fault))

    def raise_if_any(self, manifest: Path) -> None:
        if not self._found:
            return
        lines = [f"line {line}: {fault}" for line, fault in sorted(self._found)]
        raise DataError(
            f"The manifest {shown(manifest)} has {counted(len(lines), 'fault')}.",
            expected="columns 'file' and 'label', if wanted 'split' and 'group', no empty cells",
            received=listed(lines),
            todo="Mend these lines; paths count from the folder that load_images was given.",
        )


def read_manifest(folder: Path, manifest: Path) -> ImageSet:
    """Return the pictures that a CSV file lists, in its order.

    Parameters
    ----------
    folder
        What the paths in the column `file` are relative to; they may not leave it.
    manifest
        UTF-8, with commas or semicolons, with the columns `file` and `label` and, if wanted,
        `split` (train, validation, test) and `group` (what a split must not tear apart). Other
        columns are named in the set's problems.

    Raises
    ------
    DataError
        With all faults and their line numbers: columns or files that are missing, empty cells,
        unknown splits, files listed twice or outside of the folder.

    """
    faults = _Faults()
    columns, rows = _table(manifest, faults)
    unknown = [name for name in columns if name not in _KNOWN]
    for name in _REQUIRED:
        if name not in columns:
            there = ", ".join(f"'{column}'" for column in columns) or "nothing"
            faults.add(1, f"there is no column '{name}', but {there}")
    if not rows:
        faults.add(2, "no picture is listed")
    paths = [_path(folder, row, faults) for row in rows]
    labels = [_cell(row, "label", faults) for row in rows]
    groups = [_cell(row, "group", faults) for row in rows]
    splits = [_split(row, faults) for row in rows]
    first: dict[Path, int] = {}
    for row, path in zip(rows, paths, strict=True):
        if first.setdefault(path, row.line) != row.line and path != folder:
            faults.add(row.line, f"{shown(row.cells['file'])} stands in line {first[path]} already")
    faults.raise_if_any(manifest)
    class_names = natural_order(set(labels))
    position = {name: index for index, name in enumerate(class_names)}
    return ImageSet(
        paths=tuple(paths),
        labels=np.array([position[name] for name in labels], np.int64),
        class_names=class_names,
        groups=np.array(groups) if "group" in columns else None,
        splits=np.array(splits) if "split" in columns else None,
        problems=tuple(Problem(manifest, f"its column '{name}' is not used") for name in unknown),
        record={"layout": "manifest", "folder": str(folder), "manifest": str(manifest)},
    )


def _table(manifest: Path, faults: _Faults) -> tuple[list[str], list[_Row]]:
    """Return the names of the columns in small letters, and the rows that are not empty."""
    text = _text(manifest)
    head_line = text.partition("\n")[0]
    delimiter = ";" if head_line.count(";") > head_line.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[_Row] = []
    columns: list[str] = []
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        for name in sorted({name for name in columns if columns.count(name) > 1}):
            faults.add(1, f"the column '{name}' is there twice")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(columns):
                faults.add(reader.line_num, f"{len(cells)} cells in {len(columns)} columns")
            padded = [*cells, *[""] * len(columns)]
            pairs = zip(columns, padded, strict=False)
            rows.append(_Row(reader.line_num, {name: cell.strip() for name, cell in pairs}))
    except csv.Error as error:
        faults.add(reader.line_num, str(error))
    return columns, rows


def _text(manifest: Path) -> str:
    try:
        return manifest.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DataError(
            f"Cannot read the manifest {shown(manifest)}.",
            expected="a CSV file",
            received=error.strerror,
            todo="Check the path.",
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"The manifest {shown(manifest)} is not in UTF-8.",
            received=f"the byte 0x{error.object[error.start]:02x} at position {error.start:,}",
            todo="Save it again as 'CSV UTF-8' in your spreadsheet program.",
        ) from error


def _path(folder: Path, row: _Row, faults: _Faults) -> Path:
    """Return where the picture of a row lies; the folder itself where something is wrong."""
    name = row.cells.get("file", "")
    if not name:
        if "file" in row.cells:
            faults.add(row.line, "nothing in the column 'file'")
        return folder
    if "\\" in name and not os.path.lexists(folder / name):
        name = name.replace("\\", "/")  # written on Windows
    inside = os.path.normpath(name)
    if Path(inside).is_absolute() or Path(inside).drive or Path(inside).parts[:1] == ("..",):
        faults.add(row.line, f"{shown(name)} leads out of the folder")
        return folder
    # Unicode writes "é" in two ways, and an archive made on a Mac holds the other one.
    for form in (inside, *(unicodedata.normalize(f, inside) for f in ("NFC", "NFD"))):
        path = folder / form
        if os.path.lexists(path) and not path.is_dir():
            return path
    faults.add(row.line, f"there is no file {shown(name)}")
    return folder


def _cell(row: _Row, column: str, faults: _Faults) -> str:
    """Return a cell in one form of Unicode, "" without the column; an empty cell is a fault."""
    text = unicodedata.normalize("NFC", row.cells.get(column, ""))
    if not text and column in row.cells:
        faults.add(row.line, f"nothing in the column '{column}'")
    return text


def _split(row: _Row, faults: _Faults) -> str:
    name = _cell(row, "split", faults)
    if name and name.lower() not in SPLIT_NAMES:
        faults.add(row.line, f"'{name}' is no split (train, validation or test)")
    return SPLIT_NAMES.get(name.lower(), name)
