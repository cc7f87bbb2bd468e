"""`annotate`: labels and ratings by keys, each on the disk before the next picture comes."""

from __future__ import annotations

import getpass
import io
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from tlcourse.data import AnnotationLog, ImageSet, open_picture
from tlcourse.data.annotation import Opinion
from tlcourse.errors import ArgumentError, DataError, PictureError, must_be, must_be_whole
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.widgets.shell import Answer, Shell

_SIDE = 640
_QUALITY = 88
_OWN_KEYS = "u"
"""Taken by the widget itself: undo."""


class Annotator(Shell):
    """Pictures to label and to rate, one after the other; made by `annotate`.

    Attributes
    ----------
    annotations : AnnotationLog
        Where every answer goes at once.
    annotator : str
        Who gives them.

    """

    def __init__(self, images: ImageSet, log: AnnotationLog, annotator: str) -> None:
        self.images, self.annotations, self.annotator = images, log, annotator
        keys = label_keys(log.class_names)
        about = {
            "labels": [
                {"name": name, "key": key} for name, key in zip(log.class_names, keys, strict=True)
            ],
            "asks": list(log.asks),
            "annotator": annotator,
            "file": log.path.name,
            "names": [path.name for path in images.paths],
        }
        super().__init__(about, {}, self._progress(), view="annotation")

    def answer(self, question: dict[str, Any]) -> Answer:
        """Note what was said and return how far it is, or return a picture to look at."""
        kind = question.get("kind")
        if kind == "say":
            position = self._position(question)
            self.annotations.add(
                self.images.paths[position],
                annotator=self.annotator,
                label=question.get("label"),
                quality=question.get("quality"),
            )
            return Answer(self._state(position), b"")
        if kind == "undo":
            return self._undo()
        if kind == "next":
            return self._shown(self._next_open(question.get("after", -1)))
        return self._shown(self._position(question))

    def _position(self, question: dict[str, Any]) -> int:
        return must_be_whole("position", question.get("position"), 0, len(self.images) - 1)

    def _undo(self) -> Answer:
        taken_back = self.annotations.undo(self.annotator)
        if taken_back is None:
            raise DataError(
                "There is nothing to take back.", received=f"no entry of {self.annotator}"
            )
        if taken_back.path not in self.images.paths:
            raise DataError(
                "The last entry was of a picture that is not shown here. It was taken back.",
                received=taken_back.path.name,
            )
        return self._shown(self.images.paths.index(taken_back.path))

    def _next_open(self, after: int) -> int:
        """Return the first picture behind another that is not done; that one where all are."""
        count = len(self.images)
        after = must_be_whole("after", after, -1, count - 1)
        opinions = self._opinions()
        order = [*range(after + 1, count), *range(after + 1)]
        return next((i for i in order if not self._is_done(opinions[i])), max(after, 0))

    def _opinions(self) -> list[Opinion]:
        """Return what the annotator thinks now of each picture."""
        found, nothing = self.annotations.opinions(), Opinion(None, None)
        return [found.get(path, {}).get(self.annotator, nothing) for path in self.images.paths]

    def _is_done(self, opinion: Opinion) -> bool:
        return all(getattr(opinion, question) is not None for question in self.annotations.asks)

    def _state(self, position: int) -> dict[str, Any]:
        opinions = self._opinions()
        return {
            "position": position,
            "label": opinions[position].label,
            "quality": opinions[position].quality,
            "complete": self._is_done(opinions[position]),
            "done": sum(map(self._is_done, opinions)),
        }

    def _shown(self, position: int) -> Answer:
        """Return a picture with what was said of it; one that cannot be read has a reason."""
        state = {**self._state(position), "type": "image/jpeg"}
        try:
            image = Image.fromarray(open_picture(self.images.paths[position]))
        except PictureError as error:
            return Answer({**state, "problem": str(error)}, b"")
        image.thumbnail((_SIDE, _SIDE))
        data = io.BytesIO()
        image.save(data, "JPEG", quality=_QUALITY)
        return Answer(state, data.getvalue())

    def _progress(self) -> Figure:
        """Return how far it was when this was shown: pictures are not saved with the notebook."""
        total, done = len(self.images), sum(map(self._is_done, self._opinions()))
        words = f"{done:,} of {total:,} pictures annotated by {self.annotator}"
        with drawing(6, 0.9) as canvas:
            axes = canvas.subplots()
            axes.barh([0], [total], color="0.85")
            axes.barh([0], [done], color=PALETTE[0])
            axes.set_yticks([])
            axes.set_xlim(0, total)
            axes.set_title(words)
            alt = f"{words}, in {self.annotations.path.name}. Annotating needs a running notebook."
            return finish(canvas, alt)


def annotate(
    images: ImageSet, log: AnnotationLog | str | Path, annotator: str | None = None
) -> Annotator:
    """Label and rate pictures by keys or buttons.

    Each answer is on the disk before the next picture comes; whoever stops goes on later where they
    stopped, in this notebook or another. Pictures are shown as they are on disk, at most 640 pixels
    wide and high, and are not saved with the notebook.

    Parameters
    ----------
    images
        The pictures to show, in this order: the set of the log, or a part of it.
    log
        An `AnnotationLog`, or the path of its CSV file.
    annotator
        Who gives the answers; the name of the user on this machine without.

    Returns
    -------
    Annotator
        A widget; `annotator.annotations` holds the answers.

    Raises
    ------
    ArgumentError
        When there are no pictures, or they are not those of the log.
    DataError
        When the file of the log cannot be used.

    """
    must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
    must_be("log", log, (AnnotationLog, str, Path), 'Write log = "annotations.csv".')
    if not len(images):
        raise ArgumentError("There are no pictures to annotate.", expected="at least one")
    if not isinstance(log, AnnotationLog):
        log = AnnotationLog(log, images)
    strange = set(images.paths) - set(log.images.paths)
    if strange:
        raise ArgumentError(
            "Some pictures are not in the set of this log.",
            expected="the set that the log was opened with, or a part of it",
            received=f"{len(strange):,} others, such as {min(strange).name}",
        )
    return Annotator(images, log, somebody(annotator))


def label_keys(names: Sequence[str]) -> list[str]:
    """Return a key for each label: its first letter that is free, "" where none is.

    Digits are for ratings.
    """
    taken, keys = set(_OWN_KEYS), []
    for name in names:
        letters = [letter for letter in name.lower() if letter.isascii() and letter.isalpha()]
        key = next((letter for letter in letters if letter not in taken), "")
        taken.add(key)
        keys.append(key)
    return keys


def somebody(annotator: str | None) -> str:
    """Return who gives the answers: the user of this machine where nobody is named."""
    if annotator is None:
        try:
            return getpass.getuser()
        except (OSError, KeyError):  # a user without a name, as in some containers
            return "somebody"
    if isinstance(annotator, str) and annotator.strip():
        return unicodedata.normalize("NFC", annotator.strip())  # as the log keeps it
    raise ArgumentError(
        "The argument 'annotator' names nobody.", expected="a name", received=repr(annotator)
    )
