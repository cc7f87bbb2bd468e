"""From lines of a list of annotations to entries, and from pictures to their names in there."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tlcourse.data.annotation_file import Row
from tlcourse.data.images import ImageSet
from tlcourse.data.reading import shown
from tlcourse.data.tables import counted
from tlcourse.errors import ArgumentError

QUALITIES = (1, 2, 3, 4, 5)
"""From unusable to perfect."""

UNDO = "undo"
"""The action of a line that takes back an earlier one."""


class Annotation(NamedTuple):
    """One entry: what somebody said of a picture, and when.

    `label` and `quality` (1 to 5) are None where nothing was said of them; `annotator` is "" and
    `time` None in lists that were made elsewhere and do not tell; `line` is where it stands.
    """

    path: Path
    label: str | None
    quality: int | None
    annotator: str
    time: datetime | None
    line: int


class LineError(Exception):
    """What is wrong with a line, in words."""


class Names:
    """What the pictures of a set are called in the file: their paths within the set's folder."""

    def __init__(self, images: ImageSet) -> None:
        folder = images.record.get("folder")
        if folder is None or not all(path.is_relative_to(folder) for path in images.paths):
            parents = [str(path.parent.absolute()) for path in images.paths]
            folder = os.path.commonpath(parents) if parents else "."
        self._names = {
            path: Path(os.path.relpath(path, folder)).as_posix() for path in images.paths
        }
        self._paths = {name: path for path, name in self._names.items()}
        # Unicode writes "é" in two ways; where both are there, only the very same name counts.
        self._normal: dict[str, list[Path]] = {}
        for name, path in self._paths.items():
            self._normal.setdefault(_normal(name), []).append(path)

    def name_of(self, path: Path) -> str:
        """Return the name of a picture; raise an ArgumentError where it is not of the set."""
        if path in self._names:
            return self._names[path]
        raise ArgumentError(
            "The picture is not in the set of this log.",
            expected=f"one of its {counted(len(self._names), 'picture')}",
            received=shown(path),
        )

    def path_of(self, name: str) -> Path:
        """Return the picture of a name; raise a LineError where there is none."""
        for form in (name, name.strip(), name.strip().replace("\\", "/")):
            if form in self._paths:
                return self._paths[form]
            alike = self._normal.get(_normal(form), [])
            if len(alike) == 1:
                return alike[0]
        raise LineError(f"no picture {shown(name)} in the set" if name else "no file is named")


class Interpreter:
    """Understands lines: which picture, which label, which quality, who, and when.

    Parameters
    ----------
    names
        Of the pictures.
    class_names
        The labels that there are.

    """

    def __init__(self, names: Names, class_names: Sequence[str]) -> None:
        self._names = names
        self._labels = {_normal(name): name for name in class_names}

    def understand(self, row: Row) -> tuple[Annotation, bool]:
        """Return what a line says, and whether it takes an earlier one back.

        Raises
        ------
        LineError
            When it makes no sense.

        """
        cells = {name: cell for name, cell in row.cells.items() if cell.strip()}
        action = cells.get("action", "").strip().lower()
        if action not in ("", UNDO):
            raise LineError(f"{cells['action']!r} is no action (nothing, or {UNDO})")
        annotator = _normal(cells.get("annotator", "").strip())
        if not annotator and "annotator" in row.cells:
            raise LineError("nobody in the column 'annotator'")
        entry = Annotation(
            path=self._names.path_of(row.cells["file"]),
            label=self._label(cells.get("label")),
            quality=_quality(cells.get("quality")),
            annotator=annotator,
            time=_time(cells.get("time")),
            line=row.line,
        )
        if not action and entry.label is None and entry.quality is None:
            raise LineError("neither a label nor a quality")
        return entry, action == UNDO

    def _label(self, text: str | None) -> str | None:
        if text is None:
            return None
        for form in (_normal(text), _normal(text.strip())):
            if form in self._labels:
                return self._labels[form]
        raise LineError(f"{text!r} is no label ({', '.join(self._labels.values())})")


def new_cells(
    name: str, annotator: str, label: str | None, quality: int | None, action: str = ""
) -> dict[str, str]:
    """Return the cells of a line that is written now."""
    return {
        "file": name,
        "label": label or "",
        "quality": "" if quality is None else str(int(quality)),
        "annotator": annotator,
        "action": action,
        "time": datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
    }


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _quality(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        value = float(text.replace(",", "."))  # Excel may write 4.0, or 4,0
    except ValueError:
        value = 0.0
    if value not in QUALITIES:
        raise LineError(f"{text!r} is no quality from 1 to 5")
    return int(value)


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise LineError(f"{text!r} is no time in ISO 8601") from None
