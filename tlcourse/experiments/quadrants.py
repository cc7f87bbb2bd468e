"""The size-similarity matrix, tried: every strategy on sets that sit in different fields of it."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.errors import ArgumentError, must_be_whole
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.messages import progress
from tlcourse.training import Strategy

if TYPE_CHECKING:
    from tlcourse.backbones import Backbone
    from tlcourse.evaluation import Recommendation
    from tlcourse.training import Classifier

STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)

_WORDS = {
    "freeze_base": "freeze the base",
    "train_top": "train the top",
    "train_all": "train all",
    "from_scratch": "from scratch",
}
_HATCHES = ("", "///", "...", "xx")
_WIDTH = 0.22


@dataclass(frozen=True)
class Trial:
    """Strategies on one set of pictures.

    Attributes
    ----------
    name : str
        Of the set, as it is shown.
    quadrant : str
        The field of the matrix that it sits in: "small and similar".
    advised : str
        The strategy that is recommended there.
    pictures_a_class : int
        That were learned from: the fewest of a class.
    accuracies : dict
        By strategy, the share of the judged pictures that was named rightly, 0..1.
    intervals : dict
        By strategy, the 95% interval of that (Wilson 1927).
    seconds : dict
        By strategy, wall-clock time of the training.
    n_judged : int

    """

    name: str
    quadrant: str
    advised: Strategy
    pictures_a_class: int
    accuracies: dict[Strategy, float]
    intervals: dict[Strategy, tuple[float, float]]
    seconds: dict[Strategy, float]
    n_judged: int

    @property
    def best(self) -> Strategy:
        """The strategy with the highest accuracy; of equals the one that was tried first."""
        return max(self.accuracies, key=lambda strategy: self.accuracies[strategy])


def try_strategies(
    name: str,
    learn_from: ImageSet,
    judge_on: ImageSet,
    backbone: Backbone,
    advice: Recommendation,
    *,
    strategies: Sequence[Strategy] = STRATEGIES,
    epochs: int = 8,
    seed: int = 0,
) -> Trial:
    """Train a network by several strategies on the same pictures, and judge it on the same others.

    All settings are those of `fine_tune` but two, for comparison's sake: nothing is held out to
    choose the epoch with, and there is no augmentation. The number of epochs is the same for all,
    but from random weights three times as many, for there is more to learn. No use of a test set is
    counted: judge by validation pictures.

    Parameters
    ----------
    name
        What to call the set.
    learn_from, judge_on
        Pictures of the same classes; all of them are used, whatever their splits.
    backbone
        From `load_backbone`.
    advice
        From `recommend_strategy`, on these pictures.
    strategies
        Which to try.
    epochs
        Passes over the training pictures.
    seed
        For the order of the pictures, and random weights.

    Returns
    -------
    A `Trial`.

    Raises
    ------
    ArgumentError
        When no strategy is named, or an unknown one.
    DataError
        When there is nothing to learn from, or to judge on.

    """
    from tlcourse.evaluation import judge
    from tlcourse.evaluation.answers import answers_of

    must_be_whole("epochs", epochs, 1, 1000)
    if not strategies or (unknown := set(strategies).difference(STRATEGIES)):
        raise ArgumentError(
            "The argument 'strategies' does not name what to try.",
            expected="some of " + ", ".join(map(repr, STRATEGIES)),
            received=", ".join(map(repr, sorted(unknown))) if strategies else "none",
        )
    # Learned from whole: a part for validation would take pictures from the smallest sets.
    learned, others = learn_from.with_splits(None), judge_on.with_splits(None)
    accuracies, intervals, seconds = {}, {}, {}
    for strategy in progress(strategies, what=name, unit="strategy"):
        start = time.perf_counter()
        with _in_silence():
            classifier = _train(learned, backbone, strategy, epochs, seed)
        seconds[strategy] = time.perf_counter() - start
        answers = answers_of(classifier, others, "validation")
        report = judge(answers.probabilities, answers.labels, classifier.class_names, answers.paths)
        accuracies[strategy], intervals[strategy] = report.accuracy, report.interval
    counts = np.bincount(learned.labels)
    return Trial(
        name=name,
        quadrant=advice.quadrant,
        advised=advice.strategy,
        pictures_a_class=int(counts[counts > 0].min()),
        accuracies=accuracies,
        intervals=intervals,
        seconds=seconds,
        n_judged=len(others),
    )


@contextmanager
def _in_silence() -> Iterator[None]:
    """Keep back what every training says of itself: a dozen of them would fill a page.

    TensorFlow, too, warns of many functions that are compiled in a row: here they are meant.
    """
    tensorflow = logging.getLogger("tensorflow")
    level = tensorflow.level
    tensorflow.setLevel(logging.ERROR)
    try:
        with redirect_stdout(io.StringIO()):
            yield
    finally:
        tensorflow.setLevel(level)


def _train(
    learned: ImageSet, backbone: Backbone, strategy: Strategy, epochs: int, seed: int
) -> Classifier:
    from tlcourse.features import extract_features
    from tlcourse.training import build_classifier, fine_tune, train_head

    if strategy == "freeze_base":
        return train_head(extract_features(backbone, learned), seed=seed)
    untrained = build_classifier(backbone, learned.class_names, strategy=strategy, seed=seed)
    longer = 3 if strategy == "from_scratch" else 1
    return fine_tune(untrained, learned, epochs=epochs * longer, held_out=0.0, seed=seed)


def few_of_each(images: ImageSet, count: int | None, seed: int = 0) -> ImageSet:
    """Return so many pictures of each class, spread over the groups where there are groups.

    A group gives its second picture when each group of its class has given one. `None` returns
    all pictures.

    Raises
    ------
    ArgumentError
        When a class has fewer.

    """
    if count is None:
        return images
    smallest = int(np.bincount(images.labels, minlength=len(images.class_names)).min())
    if not 1 <= count <= smallest:
        raise ArgumentError(
            "There are not so many pictures of each class.",
            expected=f"1 to {smallest:,}",
            received=f"{count!r}",
            todo="Ask for fewer, or for None: all.",
        )
    random = np.random.default_rng([seed, count])
    chosen = []
    for label in np.unique(images.labels):
        own = random.permutation(np.flatnonzero(images.labels == label))
        if images.groups is not None:
            groups = images.groups[own]
            turns = [int((groups[:at] == group).sum()) for at, group in enumerate(groups)]
            own = own[np.argsort(turns, kind="stable")]
        chosen.append(own[:count])
    return images.subset(np.sort(np.concatenate(chosen)))


def show_quadrants(trials: Sequence[Trial]) -> Figure:
    """Draw the accuracy of every strategy on every set, as groups of bars; a star: the advice."""
    told = []
    with drawing(8.0, 4.2) as canvas:
        axes = canvas.add_subplot()
        for number, strategy in enumerate(STRATEGIES):
            drawn = [
                (place, trial) for place, trial in enumerate(trials) if strategy in trial.accuracies
            ]
            if drawn:
                _draw_bars(axes, number, strategy, drawn)
        for trial in trials:
            told.append(
                f"{trial.name}, {trial.quadrant}, {trial.pictures_a_class:,} a class, advice "
                f"{_WORDS[trial.advised]}: "
                + ", ".join(f"{_WORDS[s]} {a:.0%}" for s, a in trial.accuracies.items())
            )
        names = [
            f"{trial.quadrant}\n{trial.name}, {trial.pictures_a_class:,} a class"
            for trial in trials
        ]
        axes.set_xticks(range(len(trials)), names)
        axes.set_ylim(0, 1.12)
        axes.set_ylabel("accuracy on pictures not learned from")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.set_title("★ what the matrix advises; thin lines: 95% intervals")
        axes.legend(ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.16))
        return finish(canvas, f"Bars: accuracy of strategies on each set. {'; '.join(told)}.")


def _draw_bars(
    axes: Any, number: int, strategy: Strategy, drawn: Sequence[tuple[int, Trial]]
) -> None:
    """Draw one strategy's bar on each set, side by side with those that were tried there too."""
    places, heights, ends = [], [], []
    for place, trial in drawn:
        tried = [s for s in STRATEGIES if s in trial.accuracies]
        places.append(place + (tried.index(strategy) - (len(tried) - 1) / 2) * _WIDTH)
        heights.append(trial.accuracies[strategy])
        ends.append(trial.intervals[strategy])
    axes.bar(
        places, heights, _WIDTH * 0.92, label=_WORDS[strategy],
        color=PALETTE[number], hatch=_HATCHES[number], edgecolor="white", linewidth=0.5,
    )  # fmt: skip
    axes.vlines(places, *zip(*ends, strict=True), color="0.2", linewidth=1)
    for x, height, (_, high), (_, trial) in zip(places, heights, ends, drawn, strict=True):
        star = "★\n" if strategy == trial.advised else ""
        axes.text(x, high + 0.01, f"{star}{height:.0%}", ha="center", va="bottom", fontsize=8)
