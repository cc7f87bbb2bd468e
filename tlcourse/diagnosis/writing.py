"""Writing a cleaned copy of a set: a new folder or a manifest, and a list of what was done."""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from tlcourse.assets import atomic_write
from tlcourse.data import ImageSet, open_picture, read_picture, reason_of
from tlcourse.data.headers import read_header
from tlcourse.data.reading import shown
from tlcourse.diagnosis.changes import Done, write_changes
from tlcourse.diagnosis.cleaning import Plan, plan
from tlcourse.errors import ArgumentError, DataError, PictureError
from tlcourse.messages import progress
from tlcourse.parallel import map_ahead

if TYPE_CHECKING:
    from tlcourse.diagnosis.diagnosis import Diagnosis

_ENDINGS = {
    "JPEG": ".jpg", "PNG": ".png", "GIF": ".gif", "BMP": ".bmp", "WEBP": ".webp", "TIFF": ".tif"
}  # fmt: skip
_PIXELS_CHANGE = {"rotated", "mode"}


class Written(NamedTuple):
    """What was written.

    `target`: the folder or the manifest. `report`: the list beside it. `kept`: how many pictures
    it has. `left_out`: how many it has not. `changed`: how many were converted, renamed or moved to
    another class.
    """

    target: Path
    report: Path
    kept: int
    left_out: int
    changed: int


def write_clean(
    diagnosis: Diagnosis, target: Path, also: tuple[str, ...], leave: tuple[str, ...]
) -> Written:
    """Write what `Diagnosis.clean` keeps, and beside it a list of all that was done.

    The originals are read, and never touched. All or nothing: an interruption leaves no half copy.

    Parameters
    ----------
    diagnosis
        What was found.
    target
        A folder, new or empty, outside of the pictures' own. Pictures are copied as they are into
        `class` or `split/class`, except: those lying on their side are turned, those with odd
        colours become plain 8-bit RGB (JPEG from JPEG, at quality 95; else PNG), and endings are
        made to fit the content. Groups are not kept in a folder. Or a name ending in `.csv`, new:
        a manifest with the columns `file`, `label` and, where there are such, `split` and `group`,
        for `load_images(folder, manifest)`; then no picture is written, so none is converted.
    also, leave
        As for `Diagnosis.clean`.

    Returns
    -------
    Written
        `report` is the target's name with `.changes.csv`: every file that was left out, changed, or
        is kept although something was found, with the kind and the details.

    Raises
    ------
    ArgumentError
        When the target is there already, or lies where the pictures are; or as `Diagnosis.clean`.
    DataError
        When no picture is left, or names cannot be written.

    """
    todo = plan(diagnosis, also, leave)
    report = target.with_name(f"{target.name}.changes.csv")
    check_new(diagnosis.images, target, report)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix.lower() == ".csv":
        done = Done({}, _write_manifest(diagnosis, todo, target))
    else:
        done = _write_folder(diagnosis, todo, target)
    changed = write_changes(diagnosis, todo, done, report)
    left_out = len(todo.dropped) + len(done.lost)
    return Written(target, report, len(todo.kept) - len(done.lost), left_out, changed)


def source_folder(images: ImageSet) -> Path:
    """Return the folder that a set was read from, or the one that holds all of its pictures."""
    folder = images.record.get("folder")
    if folder is not None and all(path.is_relative_to(folder) for path in images.paths):
        return Path(folder)
    return Path(os.path.commonpath([path.absolute().parent for path in images.paths]))


def check_new(images: ImageSet, target: Path, report: Path) -> None:
    """Raise an ArgumentError unless a target, and the list beside it, are new and elsewhere."""
    source, wanted = source_folder(images).resolve(), target.resolve()
    is_manifest = target.suffix.lower() == ".csv"
    taken = os.path.lexists(target) and (is_manifest or not _is_empty_folder(target))
    if wanted == source or source in wanted.parents or wanted in source.parents:
        what = "The copy would lie where the pictures are."
    elif taken:
        what = "The target for the copy is there already."
    elif os.path.lexists(report):
        what, target = "The list that goes with it is there already.", report
    else:
        return
    raise ArgumentError(
        what,
        expected="a folder, new or empty, or a new .csv file, outside of the pictures' folder",
        received=str(target),
        todo="Choose another name; nothing was written.",
    )


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _write_manifest(diagnosis: Diagnosis, todo: Plan, target: Path) -> dict[int, str]:
    """Write the manifest; return the pictures that cannot stand in one, and why."""
    folder, images = source_folder(diagnosis.images), todo.images
    columns: dict[str, list[str]] = {"label": [images.class_names[i] for i in images.labels]}
    if images.splits is not None:
        columns["split"] = images.splits.tolist()
    if images.groups is not None:
        columns["group"] = images.groups.tolist()
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["file", *columns])
    lost: dict[int, str] = {}
    for row, (position, path) in enumerate(zip(todo.kept.tolist(), images.paths, strict=True)):
        name = Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()
        cells = [name, *(values[row] for values in columns.values())]
        if any(cell != cell.strip() for cell in cells) or not _is_text(name):
            lost[position] = "its name or label would not be read back from a manifest as it is"
        else:
            writer.writerow(cells)
    with atomic_write(target) as file:
        file.write(text.getvalue().encode())
    return lost


def _is_text(name: str) -> bool:
    """Tell whether a file name is Unicode; on Linux it may be any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True)
class _Copy:
    """One picture to be copied: from where, to where (without an ending), how."""

    position: int
    source: Path
    folder: Path
    kinds: frozenset[str]


def _write_folder(diagnosis: Diagnosis, todo: Plan, target: Path) -> Done:
    """Copy the pictures, and put the folder in its place when all are there."""
    images = todo.images
    _check_class_names(images)
    copies = [
        _Copy(
            position,
            images.paths[row],
            Path("" if images.splits is None else images.splits[row])
            / images.class_names[images.labels[row]],
            frozenset(todo.converted.get(position, ())),
        )
        for row, position in enumerate(todo.kept.tolist())
    ]
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    written: dict[int, Path] = {}
    lost: dict[int, str] = {}
    taken: set[str] = set()
    try:
        results = map_ahead(_contents, copies)
        for copy, data, ending in progress(results, what="Copying pictures", total=len(copies)):
            if data is None:
                lost[copy.position] = ending
                continue
            place = _free_place(copy.folder / f"{copy.source.stem}{ending}", taken)
            (scratch / place).parent.mkdir(parents=True, exist_ok=True)
            (scratch / place).write_bytes(data)
            written[copy.position] = place
        scratch.chmod(0o755)  # mkdtemp keeps it for its owner
        if target.exists():
            target.rmdir()
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Done(written, lost)


def _contents(copy: _Copy) -> tuple[_Copy, bytes | None, str]:
    """Return the bytes to write and the ending of the name; or None, and why there are none."""
    try:
        data = read_picture(copy.source)
        ending = copy.source.suffix
        if not copy.kinds:
            return copy, data, ending
        header = read_header(data)
        kind = header.format if header else ""
        if copy.kinds & _PIXELS_CHANGE:
            kind = "JPEG" if kind == "JPEG" else "PNG"
            options = {"quality": 95, "subsampling": 0} if kind == "JPEG" else {}
            buffer = io.BytesIO()
            Image.fromarray(open_picture(data)).save(buffer, kind, **options)
            data = buffer.getvalue()
        return copy, data, _ENDINGS.get(kind, ending)
    except PictureError as error:
        return copy, None, reason_of(error)


def _free_place(place: Path, taken: set[str]) -> Path:
    """Return a path that no other has, also where capitals do not count."""
    wanted, number = place, 2
    while str(place).casefold() in taken:
        place = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        number += 1
    taken.add(str(place).casefold())
    return place


def _check_class_names(images: ImageSet) -> None:
    """Raise a DataError where a class name is no name for a folder that would be read again."""
    bad = [
        name
        for name in images.class_names
        if name.startswith(".") or not name.strip() or any(c in name for c in "/\\\0")
    ]
    if bad:
        raise DataError(
            "Some classes have names that no folder can have.",
            received=", ".join(map(shown, bad[:5])),
            todo="Write a manifest instead: a target that ends in .csv.",
        )
