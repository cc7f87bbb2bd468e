"""`Augmentation`: which changes a picture may undergo in training, how strong, and how many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tlcourse.errors import ArgumentError

if TYPE_CHECKING:
    from tlcourse.augmentation.layer import AugmentationLayer

KINDS = ("flip", "rotation", "zoom", "translation", "brightness", "contrast", "colour")
"""All kinds of change. A position here is a column of the draws: the order is part of the seed."""

_LIMITS = {
    "rotation": (180.0, "degrees"),
    "zoom": (4.0, "a share: 0.15 for up to 15% larger or smaller"),
    "translation": (1.0, "a share of height and width"),
    "brightness": (1.0, "a share of the full range"),
    "contrast": (4.0, "a share: 0.3 for up to 30% more or less"),
    "saturation": (4.0, "a share: 0.3 for up to 30% more or less"),
    "hue": (180.0, "degrees on the circle of colours"),
}


class Change(NamedTuple):
    """One change of one picture: its kind, and how much in words."""

    kind: str
    words: str

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """Random changes that leave the class of a picture what it is.

    For each picture a number of changes from 0 to `max_changes` is drawn, each as likely as the
    other, then which, then how strong. Few changes at a time, drawn for each picture by itself, are
    the recipe of RandAugment (Cubuk et al. 2020), kept to changes that no label depends on.

    The draws depend on the seed, the number of the picture and the number of the pass (`epoch`),
    and on nothing else: neither on the size of the batch nor on threads nor on the order.

    What turning and shifting bring in from outside of the picture is its mirror image ("reflect").
    All turning, zooming and shifting happens in one step, with bilinear interpolation, and all
    change of light and colour in another, so that nothing is rounded or smoothed twice.

    Parameters
    ----------
    flip
        Whether left and right may be swapped. Not for writing, or for one-way things such as hands.
    vertical_flip
        Whether top and bottom may be swapped: right for pictures from above, wrong for photographs.
    rotation
        Up to so many degrees to either side, 0 to 180.
    zoom
        Up to this share larger, or as much smaller: 0.15 is a factor of 1/1.15 to 1.15.
    translation
        Up to this share of height and width, 0 to 1, in each direction.
    brightness
        Up to this share of the full range added or taken away: 0.2 is ±51 levels.
    contrast
        Up to this share more or less, about the picture's mean brightness: 0.3 is a factor of 1/1.3
        to 1.3.
    saturation, hue
        The kind of change "colour": intensity by a factor as above, and a turn on the circle of
        colours by up to so many degrees. Brightness (luma, ITU-R BT.601) stays.
    max_changes
        How many changes a picture gets at most, 1 or more.
    seed
        0 to 4294967295; another seed draws other changes.

    A strength of 0 turns a kind of change off.

    Raises
    ------
    ArgumentError
        When a strength is out of its range, or everything is turned off.

    """

    flip: bool = True
    vertical_flip: bool = False
    rotation: float = 15.0
    zoom: float = 0.15
    translation: float = 0.1
    brightness: float = 0.2
    contrast: float = 0.3
    saturation: float = 0.3
    hue: float = 10.0
    max_changes: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        for name, (limit, unit) in _LIMITS.items():
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not 0 <= value <= limit:  # NaN is not
                raise _unfit(name, f"a number from 0 to {limit:g}, {unit}", value)
        for name in ("flip", "vertical_flip"):
            if not isinstance(getattr(self, name), bool):
                raise _unfit(name, "True or False", getattr(self, name))
        if not self.kinds:
            raise ArgumentError(
                "All changes are turned off.",
                expected="at least one strength above 0",
                received=repr(self),
                todo="Leave the augmentation out instead.",
            )
        if not _whole(self.max_changes) or self.max_changes < 1:
            raise _unfit("max_changes", "a whole number of at least 1", self.max_changes)
        if not _whole(self.seed) or not 0 <= self.seed < 2**32:
            raise _unfit("seed", "a whole number from 0 to 4294967295", self.seed)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of change that are turned on, out of `KINDS`."""
        strengths = {
            "flip": self.flip or self.vertical_flip,
            "colour": self.saturation or self.hue,
            **{name: getattr(self, name) for name in KINDS[1:-1]},
        }
        return tuple(kind for kind in KINDS if strengths[kind])

    def __call__(
        self, pictures: np.ndarray, numbers: Sequence[int] | None = None, epoch: int = 0
    ) -> np.ndarray:
        """Return changed pictures.

        Parameters
        ----------
        pictures
            `(n, height, width, 3)` uint8 RGB, 0..255. They stay as they are.
        numbers
            A whole number for each picture, by which its changes are drawn; without them 0, 1, 2…
        epoch
            Another one gives each picture other changes.

        Returns
        -------
        np.ndarray
            The same shape and type, 0..255.

        Raises
        ------
        ArgumentError
            When the pictures are of another type or shape, or the numbers do not fit them.

        """
        from tlcourse.augmentation.changes import augmented_now

        pictures = np.asarray(pictures)
        if pictures.dtype != np.uint8 or pictures.ndim != 4 or pictures.shape[-1] != 3:
            raise ArgumentError(
                "The argument 'pictures' holds no pictures of one size.",
                expected="uint8 of shape (n, height, width, 3)",
                received=f"{pictures.dtype} of shape {pictures.shape}",
                todo="For a single picture write augmentation(picture[np.newaxis])[0].",
            )
        values = _numbers(numbers, len(pictures))
        return augmented_now(self, pictures, values, epoch) if len(pictures) else pictures.copy()

    def changes(self, numbers: Sequence[int], epoch: int = 0) -> list[tuple[Change, ...]]:
        """Return in words what happens to the pictures of these numbers, and in which order."""
        from tlcourse.augmentation.changes import plan

        drawn = plan(self, _numbers(numbers), epoch)
        return [
            _in_words({name: values[row] for name, values in drawn.items()})
            for row in range(len(numbers))
        ]

    def layer(self) -> AugmentationLayer:
        """Return the same changes as a Keras layer, active in training only."""
        from tlcourse.augmentation.layer import AugmentationLayer

        return AugmentationLayer(self)

    def to_dict(self) -> dict[str, Any]:
        """Return all settings, ready for JSON; `Augmentation(**settings)` takes them back."""
        return asdict(self)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _unfit(name: str, expected: str, value: object) -> ArgumentError:
    return ArgumentError(
        f"The argument '{name}' is out of its range.",
        expected=expected,
        received=f"{name}={value!r}"[:200],
    )


def _numbers(numbers: Sequence[int] | None, count: int | None = None) -> np.ndarray:
    """Return one int64 a picture."""
    values = np.arange(count or 0) if numbers is None else np.asarray(numbers)
    if values.size == 0:
        values = values.astype(np.int64)
    if values.dtype.kind not in "iu" or values.shape != (len(values) if count is None else count,):
        raise ArgumentError(
            "The argument 'numbers' does not fit the pictures.",
            expected="one whole number a picture",
            received=f"{values.dtype} of shape {values.shape}",
        )
    return values.astype(np.int64)


def _in_words(drawn: dict[str, Any]) -> tuple[Change, ...]:
    """Describe one picture's changes from its row of `plan`."""
    angle, right, down = math.degrees(drawn["angle"]), drawn["right"], drawn["down"]
    words = {
        "flip": "top and bottom swapped" if drawn["upside_down"] else "left and right swapped",
        "rotation": f"turned {abs(angle):.0f}° {'left' if angle > 0 else 'right'}",
        "zoom": f"zoomed to {drawn['zoom']:.0%}",
        "translation": f"shifted {abs(right):.0%} {'right' if right > 0 else 'left'}, "
        f"{abs(down):.0%} {'down' if down > 0 else 'up'}",
        "brightness": f"brightness {drawn['brightness'] / 255:+.0%}",
        "contrast": f"contrast × {drawn['contrast']:.2f}",
        "colour": f"saturation × {drawn['saturation']:.2f}, hue {math.degrees(drawn['hue']):+.0f}°",
    }
    chosen = [kind for kind, on in zip(KINDS, drawn["chosen"], strict=True) if on]
    return tuple(Change(kind, words[kind]) for kind in chosen)
