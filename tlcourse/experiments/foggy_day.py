"""A foggy day: pictures of one class were taken in fog, and what a network makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.data.tables import as_text
from tlcourse.errors import ArgumentError, DataError, must_be, must_be_whole
from tlcourse.experiments.changed_sets import write_changed
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.training.fitting import fit_head

if TYPE_CHECKING:
    from tlcourse.backbones import Backbone

_STRENGTH = 0.8
_FOG = 205
"""The level of grey, 0..255, that everything far away takes on."""

_TODO = 'Write images = tl.load_dataset("fleet") first.'


def fog(picture: np.ndarray, strength: float = _STRENGTH) -> np.ndarray:
    """Return a picture in fog: each pixel goes a part of the way to a light grey.

    That is Koschmieder's law (1924) for a scene that is all at one distance.

    Parameters
    ----------
    picture
        `(height, width, 3)` uint8.
    strength
        From 0, a clear day, to 1, nothing but grey.

    """
    if not 0 <= strength <= 1:
        raise ArgumentError(
            "There is no such fog.", expected="strength from 0 to 1", received=f"{strength!r}"
        )
    return np.rint((1 - strength) * picture + strength * _FOG).astype(np.uint8)


class FoggyClass(NamedTuple):
    """A set with a foggy class: `images`, and `foggy`, `(n,)` bool, which of them are in fog."""

    images: ImageSet
    foggy: np.ndarray


def foggy_class(
    images: ImageSet,
    folder: str | Path,
    class_name: str,
    share: float = 0.5,
    *,
    strength: float = _STRENGTH,
    seed: int = 0,
) -> FoggyClass:
    """Put some of the training pictures of one class into fog.

    Parameters
    ----------
    images
        A set with a part "train".
    folder
        Where to write the foggy pictures.
    class_name
        Which class.
    share
        How much of its training pictures, 0 to 1.
    strength
        Of the fog; see `fog`.
    seed
        Which pictures.

    Returns
    -------
    A `FoggyClass`.

    Raises
    ------
    DataError
        When there is no such class in the training.

    """
    must_be("images", images, ImageSet, _TODO)
    if images.splits is None or class_name not in images.class_names:
        raise DataError(
            "There is no such class to put into fog.",
            expected=f"a split set, and one of {', '.join(images.class_names)}",
            received=repr(class_name),
        )
    own = images.labels == images.class_names.index(class_name)
    members = np.flatnonzero(own & (images.splits == "train"))
    chosen = np.random.default_rng(seed).permutation(members)[: round(share * len(members))]
    foggy = np.zeros(len(images), bool)
    foggy[chosen] = True
    written = write_changed(images.subset(foggy), folder, partial(fog, strength=strength))
    paths = list(images.paths)
    for position, path in zip(np.flatnonzero(foggy).tolist(), written.paths, strict=True):
        paths[position] = path
    return FoggyClass(replace(images, paths=tuple(paths), record={}), foggy)


class InFog(NamedTuple):
    """How a head does: accuracy on clear days and in fog, and how often it calls a fog the class.

    `clear` and `fog` are accuracies, 0..1; `called` is the share of the foggy test pictures that
    are given the name of the class, whatever they show.
    """

    clear: float
    fog: float
    called: float


@dataclass(frozen=True, repr=False)
class FogTrial:
    """Heads that learned from several sets, judged on one test, clear and in fog.

    Attributes
    ----------
    results : dict of str to InFog
        By the name of what was learned from.
    class_name : str
        The class that was in fog.
    truth : float
        The share of the test pictures that are of this class, 0..1.
    n_test : int

    """

    results: dict[str, InFog]
    class_name: str
    truth: float
    n_test: int

    def __repr__(self) -> str:
        head = ["learned from", "clear", "in fog", f"fog called {self.class_name}"]
        rows = [
            [name, f"{result.clear:.1%}", f"{result.fog:.1%}", f"{result.called:.0%}"]
            for name, result in self.results.items()
        ]
        return as_text(self._in_words(), [head, *rows], [])

    def draw(self) -> Figure:
        """Draw the three shares of each head as groups of bars."""
        names = list(self.results)
        groups = ("right, clear day", "right, in fog", f"in fog, called {self.class_name}")
        width = 0.8 / len(names)
        with drawing(6.8, 3.4) as canvas:
            axes = canvas.subplots()
            for number, name in enumerate(names):
                places = np.arange(3) + (number - (len(names) - 1) / 2) * width
                bars = axes.bar(
                    places, self.results[name], 0.92 * width, label=name, color=PALETTE[number],
                    hatch=("", "///", "...")[number % 3], edgecolor="white", linewidth=0.5,
                )  # fmt: skip
                for text in axes.bar_label(
                    bars, [f"{v:.0%}" for v in self.results[name]], fontsize=8, padding=2
                ):  # above the line of the truth
                    text.set_bbox({"fc": "white", "ec": "none", "pad": 0.5})
                    text.set_zorder(4)
            axes.hlines(self.truth, 1.5, 2.5, colors="black", linestyles="--")
            axes.text(2.5, self.truth, " the truth", va="center", fontsize=8)
            axes.set_xticks(range(3), groups)
            axes.set(ylim=(0, 1.08), ylabel=f"share of {self.n_test:,} test pictures")
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
            axes.legend(title="learned from", loc="upper center", bbox_to_anchor=(0.5, -0.1))
            told = "; ".join(
                f"{name}: {r.clear:.0%} right on a clear day, {r.fog:.0%} in fog, {r.called:.0%} "
                f"of the foggy pictures called {self.class_name}"
                for name, r in self.results.items()
            )
            return finish(canvas, f"{self._in_words()} {told}; {self.truth:.0%} are.")

    def _in_words(self) -> str:
        return f"Judged on {self.n_test:,} test pictures, on a clear day and in fog."


def try_in_fog(
    backbone: Backbone,
    sets: Mapping[str, ImageSet],
    test: ImageSet,
    folder: str | Path,
    class_name: str,
    *,
    strength: float = _STRENGTH,
) -> FogTrial:
    """Train a head on each of several sets, and judge them on a test as it is and in fog.

    Parameters
    ----------
    backbone
        From `load_backbone`; it stays frozen.
    sets
        What to learn from, by name: split sets of which the part "train" is used.
    test
        Pictures to judge with, of the same classes.
    folder
        Where to write the test in fog.
    class_name
        The class of which it is told how often a foggy picture is taken for it.
    strength
        Of the fog; see `fog`.

    Returns
    -------
    A `FogTrial`.

    """
    from tlcourse.features import extract_features

    must_be("test", test, ImageSet, _TODO)
    must_be_whole("number of sets", len(sets), 1, 7)
    test = test.with_splits(None)
    foggy = write_changed(test, folder, partial(fog, strength=strength))
    clear, hidden = (extract_features(backbone, images).features for images in (test, foggy))
    number = test.class_names.index(class_name)
    results = {}
    for name, images in sets.items():
        learned = extract_features(backbone, images.train)
        head = fit_head("gap", learned.features, learned.labels, groups=learned.groups)
        in_clear, in_fog = (head(rows).argmax(axis=1) for rows in (clear, hidden))
        results[name] = InFog(
            float((in_clear == test.labels).mean()),
            float((in_fog == test.labels).mean()),
            float((in_fog == number).mean()),
        )
    truth = float((test.labels == number).mean())
    return FogTrial(results, class_name, truth, len(test))
