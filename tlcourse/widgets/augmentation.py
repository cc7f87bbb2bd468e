"""`explore_augmentation`: what each kind of random change does, weak and strong."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import traitlets
from PIL import Image

from tlcourse.augmentation import Augmentation, show_augmentations
from tlcourse.augmentation.settings import KINDS
from tlcourse.data import Pictures, PictureSource, open_picture
from tlcourse.errors import ArgumentError, must_be, must_be_whole
from tlcourse.figures import Figure
from tlcourse.widgets.pictures import offered
from tlcourse.widgets.shell import Answer, Shell, key_of

SIDE = 128
"""Height and width of the pictures, in pixels."""

_DRAWS = 400
_STEPS_ASIDE = 4
_TOGETHER = 16
_QUALITY = 80

TOGETHER = "together"
"""All kinds, a few at a time, as in training."""

# By what the draws of a kind are put in order, and its settings.
_MEASURES = {
    "flip": "mirrored",
    "rotation": "angle",
    "zoom": "zoom",
    "translation": "right",
    "brightness": "brightness",
    "contrast": "contrast",
    "colour": "saturation",
}
_SETTINGS = {kind: (kind,) for kind in KINDS} | {
    "flip": ("flip", "vertical_flip"),
    "colour": ("saturation", "hue"),
}


class AugmentationExplorer(Shell):
    """Draws of an augmentation, from weak to strong; made by `explore_augmentation`.

    Attributes
    ----------
    picture : int
        The place of the chosen picture.
    change : str
        A kind of change, or `"together"` for all of them as in training.
    step : int
        The place of the slider.

    """

    picture = traitlets.Int(0).tag(sync=True)
    change = traitlets.Unicode(TOGETHER).tag(sync=True)
    step = traitlets.Int(0, min=0).tag(sync=True)

    def __init__(
        self, augmentation: Augmentation, sources: Sequence[PictureSource], names: Sequence[str]
    ) -> None:
        self._augmentation, self._sources = augmentation, sources
        self._draws = draws_by_kind(augmentation)
        about = {
            "pictures": list(names),
            "side": SIDE,
            "changes": [
                {"name": name, "words": [words for _, words in draws]}
                for name, draws in self._draws.items()
            ],
        }
        stored = {
            key_of({"kind": "frames", "picture": 0, "change": number}): self._frames(0, name)
            for number, name in enumerate(self._draws)
        }
        sheet = show_augmentations(sources[0], augmentation)
        words = f"{names[0]}: {sheet.alt} Where this notebook runs, each kind has a slider."
        super().__init__(about, stored, Figure(sheet.png, words), view="augmentation")

    @traitlets.validate("change")
    def _check_change(self, proposal: dict[str, Any]) -> str:
        if proposal["value"] in self._draws:
            return str(proposal["value"])
        raise ArgumentError(
            "There is no such change.",
            expected="one of: " + ", ".join(self._draws),
            received=repr(proposal["value"]),
        )

    def answer(self, question: dict[str, Any]) -> Answer:
        """Return one picture with all draws of a kind of change."""
        last = len(self._sources) - 1
        picture = must_be_whole("picture", question.get("picture"), 0, last)
        number = must_be_whole("change", question.get("change"), 0, len(self._draws) - 1)
        return self._frames(picture, list(self._draws)[number])

    def _frames(self, picture: int, name: str) -> Answer:
        original = open_picture(self._sources[picture], (SIDE, SIDE))
        settings = self._augmentation if name == TOGETHER else only(self._augmentation, name)
        numbers = [number for number, _ in self._draws[name]]
        drawn = [number for number in numbers if number is not None]
        changed = iter(settings(np.repeat(original[None], len(drawn), axis=0), drawn))
        frames = [original if number is None else next(changed) for number in numbers]
        data = io.BytesIO()
        Image.fromarray(np.concatenate(frames)).save(data, "JPEG", quality=_QUALITY)
        return Answer({"type": "image/jpeg", "complete": True}, data.getvalue())


def explore_augmentation(
    images: Pictures, augmentation: Augmentation | None = None
) -> AugmentationExplorer:
    """Show what an augmentation does to a picture: each kind of change by itself, and all together.

    The pictures are changed ahead, by draws that training may meet as well, and lie in the notebook
    for the first one: the sliders work with and without a kernel.

    Parameters
    ----------
    images
        In any form that `find_pictures` takes; the first is shown first, 100 can be chosen.
    augmentation
        The default one without.

    Returns
    -------
    AugmentationExplorer
        A widget; what is chosen can be read and set, `explorer.change = "rotation"`.

    Raises
    ------
    ArgumentError
        When there are no pictures.
    PictureError
        When the first picture cannot be read; for others, the widget says so when it is chosen.

    """
    augmentation = Augmentation() if augmentation is None else augmentation
    must_be("augmentation", augmentation, Augmentation, "Write tl.Augmentation().")
    sources, names = offered(images)
    return AugmentationExplorer(augmentation, sources, names)


def only(augmentation: Augmentation, kind: str) -> Augmentation:
    """Return the settings with one kind of change left, out of `KINDS`."""
    others = [name for other in KINDS if other != kind for name in _SETTINGS[other]]
    off: dict[str, Any] = {name: False if "flip" in name else 0.0 for name in others}
    return replace(augmentation, **off, max_changes=1)


def draws_by_kind(augmentation: Augmentation) -> dict[str, list[tuple[int | None, str]]]:
    """Return draws to show: by kind of change, numbers of pictures and what happens to them.

    Of 400 draws of each kind, those are taken that lie nearest to even steps, from the furthest on
    the one side, through the unchanged picture (None), to the furthest on the other.
    """
    first = list(range(_TOGETHER))
    words = [_listed(changes) for changes in augmentation.changes(first)]
    found: dict[str, list[tuple[int | None, str]]] = {
        TOGETHER: [(None, "unchanged"), *zip(first, words, strict=True)]
    }
    for kind in augmentation.kinds:
        settings = only(augmentation, kind)
        chosen = _even_steps(settings, kind)
        told = settings.changes([number for number in chosen if number is not None])
        listed = iter(map(_listed, told))
        found[kind] = [
            (number, "unchanged" if number is None else next(listed)) for number in chosen
        ]
    return found


def _even_steps(settings: Augmentation, kind: str) -> list[int | None]:
    """Return the numbers of draws that lie nearest to even steps of strength."""
    from tlcourse.augmentation.changes import plan

    drawn = plan(settings, np.arange(_DRAWS), 0)
    changed = np.flatnonzero(drawn["chosen"].any(axis=1))
    values = drawn[_MEASURES[kind]].astype(np.float64)
    if kind in ("zoom", "contrast", "colour"):  # factors: as far above 1 as below
        values = np.log(values)
    values = values[changed]
    if kind == "flip":
        return [None, *(int(changed[values == side][0]) for side in np.unique(values)[::-1])]
    furthest = np.abs(values).max()
    aside = np.arange(1, _STEPS_ASIDE + 1) * furthest / _STEPS_ASIDE
    weaker, stronger = (
        [int(changed[np.abs(values - sign * step).argmin()]) for step in aside] for sign in (-1, 1)
    )
    return [*weaker[::-1], None, *stronger]


def _listed(changes: Sequence[object]) -> str:
    return ", ".join(map(str, changes)) or "unchanged"
