"""`explore_mistakes`: from a confusion matrix to its pictures, and to better labels."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import traitlets
from PIL import Image

from tlcourse.data import AnnotationLog, ImageSet, open_picture
from tlcourse.errors import ArgumentError, DataError, PictureError, must_be, must_be_whole
from tlcourse.evaluation import Report
from tlcourse.figures import Figure
from tlcourse.widgets.annotation import somebody
from tlcourse.widgets.shell import Answer, Shell, key_of

SIDE = 112
"""Height and width of the small pictures, in pixels."""

PAGE = 24
"""Pictures that are shown at once."""

_LARGE_SIDE = 480
_QUALITY = 82
_GROUND = (128, 128, 128)

DROPPED = 1
"""The quality that stands for a picture that is to be dropped: unusable."""


class MistakeExplorer(Shell):
    """A confusion matrix with the pictures behind its numbers; made by `explore_mistakes`.

    Attributes
    ----------
    row, column : int
        The cell that is open: the place of the true class, and of the predicted one; -1 for none.
    page : int
        Of its pictures, 24 a page, from 0.
    chosen : int
        The place of a picture in the report; -1 for none.
    said : dict
        By the place of a picture as text, what `annotator` says of it: label and quality.
    report : Report
    annotations : AnnotationLog
        Where every change goes at once.
    annotator : str
        Who makes them.

    """

    row = traitlets.Int(-1, min=-1).tag(sync=True)
    column = traitlets.Int(-1, min=-1).tag(sync=True)
    page = traitlets.Int(0, min=0).tag(sync=True)
    chosen = traitlets.Int(-1, min=-1).tag(sync=True)
    said = traitlets.Dict().tag(sync=True)

    def __init__(self, report: Report, log: AnnotationLog, annotator: str, stored: int) -> None:
        self.report, self.annotations, self.annotator = report, log, annotator
        self._numbers = {path: number for number, path in enumerate(report.paths)}
        folder = os.path.commonpath([path.absolute().parent for path in report.paths])
        self._names = [
            Path(os.path.relpath(path.absolute(), folder)).as_posix() for path in report.paths
        ]
        about = {
            "classes": list(report.class_names),
            "confusion": report.confusion.tolist(),
            "labels": list(log.class_names),
            "words": report.in_words()[0],
            "file": log.path.name,
            "annotator": annotator,
            "side": SIDE,
            "page": PAGE,
            "dropped": DROPPED,
        }
        sheet = report.draw_confusion()
        words = f"{sheet.alt} Where this notebook runs, each cell shows its pictures."
        super().__init__(
            about,
            self._to_store(stored),
            Figure(sheet.png, words),
            view="mistakes",
            said=self._opinions(),
        )

    @traitlets.validate("row", "column")
    def _check_cell(self, proposal: dict[str, Any]) -> int:
        last = len(self.report.class_names) - 1
        return must_be_whole(proposal["trait"].name, proposal["value"], -1, last)

    @traitlets.validate("chosen")
    def _check_chosen(self, proposal: dict[str, Any]) -> int:
        return must_be_whole("chosen", proposal["value"], -1, len(self.report.paths) - 1)

    def answer(self, question: dict[str, Any]) -> Answer:
        """Return pictures, or note what is said of one."""
        kind = question.get("kind")
        if kind == "cell":
            last = len(self.report.class_names) - 1
            row, column = (must_be_whole(x, question.get(x), 0, last) for x in ("row", "column"))
            page = must_be_whole("page", question.get("page"), 0, len(self.report.paths) // PAGE)
            return self._cell(row, column, page)
        if kind == "picture":
            return self._picture(self._number(question))
        if kind == "say":
            self.annotations.add(
                self.report.paths[self._number(question)],
                annotator=self.annotator,
                label=question.get("label"),
                quality=question.get("quality"),
            )
        elif kind == "undo":
            taken_back = self.annotations.undo(self.annotator)
            if taken_back is None:
                raise DataError(
                    "There is nothing to take back.", received=f"no entry of {self.annotator}"
                )
            if (number := self._numbers.get(taken_back.path)) is not None:
                self.chosen = number
        elif kind != "said":
            return super().answer(question)
        self.said = self._opinions()
        return Answer({}, b"")

    def _number(self, question: Mapping[str, Any]) -> int:
        return must_be_whole("number", question.get("number"), 0, len(self.report.paths) - 1)

    def _opinions(self) -> dict[str, list[Any]]:
        """Return what the annotator thinks now of the report's pictures."""
        return {
            str(self._numbers[path]): list(by_annotator[self.annotator])
            for path, by_annotator in self.annotations.opinions().items()
            if path in self._numbers and self.annotator in by_annotator
        }

    def _in_cell(self, row: int, column: int) -> np.ndarray:
        """Return the pictures of a cell: of mistakes the surest first, else the least sure."""
        report = self.report
        found = np.flatnonzero((report.labels == row) & (report.predicted == column))
        sure = report.probabilities[found, column]
        return found[np.argsort(sure if row == column else -sure, kind="stable")]

    def _cell(self, row: int, column: int, page: int, most: int = PAGE) -> Answer:
        """Return a page of a cell: what is known of each picture, and small ones in a column."""
        numbers = self._in_cell(row, column)[page * PAGE : (page + 1) * PAGE]
        shown = numbers[:most]
        tiles, pictures = [], []
        for number in map(int, shown):
            tile, problem = self._tile(number)
            tiles.append(tile)
            pictures.append({
                "number": number,
                "name": self._names[number],
                "probability": round(float(self.report.probabilities[number, column]), 4),
                "of_true": round(float(self.report.probabilities[number, row]), 4),
                "problem": problem,
            })  # fmt: skip
        data = _jpeg(Image.fromarray(np.concatenate(tiles))) if tiles else b""
        complete = len(shown) == len(numbers)
        return Answer({"type": "image/jpeg", "complete": complete, "pictures": pictures}, data)

    def _tile(self, number: int) -> tuple[np.ndarray, str | None]:
        """Return a small picture on a grey square, or the square and what is wrong."""
        square = Image.new("RGB", (SIDE, SIDE), _GROUND)
        try:
            image = Image.fromarray(open_picture(self.report.paths[number]))
        except PictureError as error:
            return np.asarray(square), str(error.what)
        image.thumbnail((SIDE, SIDE))
        square.paste(image, ((SIDE - image.width) // 2, (SIDE - image.height) // 2))
        return np.asarray(square), None

    def _picture(self, number: int) -> Answer:
        image = Image.fromarray(open_picture(self.report.paths[number]))
        image.thumbnail((_LARGE_SIDE, _LARGE_SIDE))
        return Answer({"type": "image/jpeg", "complete": True}, _jpeg(image))

    def _to_store(self, most: int) -> dict[str, Answer]:
        """Return the first page of as many cells as fit: mistakes first, frequent ones before."""
        confusion = self.report.confusion
        cells = [(int(r), int(c)) for r, c in np.argwhere(confusion)]
        cells.sort(key=lambda cell: (cell[0] == cell[1], -confusion[cell]))
        kept: dict[str, Answer] = {}
        for row, column in cells:
            if most <= 0:
                break
            answer = self._cell(row, column, 0, min(most, PAGE))
            most -= len(answer.record["pictures"])
            question = {"kind": "cell", "row": row, "column": column, "page": 0}
            kept[key_of(question)] = answer
        return kept


def explore_mistakes(
    report: Report,
    log: AnnotationLog | str | Path = "corrections.csv",
    annotator: str | None = None,
    *,
    images: ImageSet | None = None,
    stored: int = 48,
) -> MistakeExplorer:
    """Look at the pictures behind a confusion matrix, and correct their labels.

    A cell opens its pictures, of mistakes those first that the classifier was surest of: among them
    are most wrong labels. A picture can be given another label, confirmed, or marked as unusable.
    Every change is a line that is added to the log's file, and can be taken back; the pictures and
    their folders stay as they are. Afterwards `tl.relabel(images, log)` and
    `tl.drop_worst(images, log, below=2)` make a set of it.

    Who looks at mistakes only makes a test kinder than it should be: look at right answers as well.

    Parameters
    ----------
    report
        From `evaluate`.
    log
        An `AnnotationLog`, or the path of its CSV file, which the first change makes.
    annotator
        Who makes the changes; the name of the user on this machine without.
    images
        The set that the pictures are from, whole or in part: the file names them by their places in
        its folder. Without, by their places in the folder that all of them have in common.
    stored
        How many small pictures are saved with the notebook, 2 to 4 kB each; a page without a kernel
        shows these.

    Returns
    -------
    MistakeExplorer
        A widget; `explorer.annotations` holds the changes.

    Raises
    ------
    ArgumentError
        When the pictures are not those of the log or the set, or an argument is of the wrong kind.
    DataError
        When the file of the log cannot be used.

    """
    must_be("report", report, Report, "Write report = tl.evaluate(classifier, images) first.")
    must_be("log", log, (AnnotationLog, str, Path), 'Write log = "corrections.csv".')
    must_be_whole("stored", stored, 0, 1000)
    if not isinstance(log, AnnotationLog):
        if images is None:
            images = ImageSet(report.paths, report.labels, report.class_names)
        log = AnnotationLog(log, images, asks=("label",))
    elif images is not None and set(images.paths) - set(log.images.paths):
        raise ArgumentError(
            "The arguments 'log' and 'images' do not belong together.",
            expected="the set that the log was opened with, or a part of it",
            todo="Leave 'images' out.",
        )
    if strange := set(report.paths) - set(log.images.paths):
        raise ArgumentError(
            "Some pictures of the report are not in the set of this log.",
            expected="the set that the classifier was judged on, or one that holds it",
            received=f"{len(strange):,} others, such as {min(strange).name}",
        )
    return MistakeExplorer(report, log, somebody(annotator), stored)


def _jpeg(image: Image.Image) -> bytes:
    data = io.BytesIO()
    image.save(data, "JPEG", quality=_QUALITY)
    return data.getvalue()
