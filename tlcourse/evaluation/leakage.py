"""`measure_leak`: how much accuracy is faked when pictures of one thing lie on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.data.dividing import divide
from tlcourse.errors import ArgumentError, DataError, must_be
from tlcourse.evaluation.resampling import corrected_interval
from tlcourse.features import FeatureTable
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.messages import progress
from tlcourse.training.fitting import fit_head

if TYPE_CHECKING:
    from tlcourse.training.heads import HeadName


@dataclass(frozen=True, eq=False)
class LeakMeasurement:
    """The result of `measure_leak`; shows as a table, and draws as a figure.

    Attributes
    ----------
    torn, whole : np.ndarray
        `(rounds,)` float64: accuracies, 0..1, where pictures were split at random, tearing groups
        apart, and where groups were kept whole.
    interval : tuple of float or None
        95% interval of `gain`; None where all rounds gave the same, which tells nothing.
    unit : str
        What a group is called.
    n_train, n_test : int
        Mean numbers of pictures learned from and judged on in a round.

    """

    torn: np.ndarray
    whole: np.ndarray
    interval: tuple[float, float] | None
    unit: str
    n_train: int
    n_test: int

    @property
    def gain(self) -> float:
        """Mean accuracy with groups torn apart, less that with groups kept whole."""
        return float((self.torn - self.whole).mean())

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a JSON-able dictionary."""
        return {
            "gain": self.gain,
            "interval": None if self.interval is None else list(self.interval),
            "torn": self.torn.tolist(),
            "whole": self.whole.tolist(),
            "unit": self.unit,
            "n_train": self.n_train,
            "n_test": self.n_test,
        }

    def __repr__(self) -> str:
        rows = {"picture": self.torn, self.unit: self.whole}
        width = max(len("split by"), *map(len, rows))
        lines = [
            f"{len(self.torn)} rounds of learning from {self.n_train:,} pictures and judging on "
            f"{self.n_test:,}",
            f"{'split by':<{width}}  accuracy  lowest  highest",
        ]
        lines += [
            f"{name:<{width}}    {a.mean():6.1%}  {a.min():6.1%}   {a.max():6.1%}"
            for name, a in rows.items()
        ]
        return "\n".join([*lines, self._in_words()])

    def _in_words(self) -> str:
        gain = f"Splitting by picture adds {100 * self.gain:+.1f} percentage points of accuracy"
        if self.interval is None:
            return f"{gain}; all rounds gave the same, which is too little to tell an interval."
        low, high = (100 * end for end in self.interval)
        return f"{gain} (95% interval {low:+.1f} to {high:+.1f})."

    def draw(self) -> Figure:
        """Draw the accuracies of each round, a line from one way of splitting to the other."""
        with drawing(4.6, 3.6) as canvas:
            axes = canvas.subplots()
            for torn, whole in zip(self.torn, self.whole, strict=True):
                axes.plot([0, 1], [torn, whole], "o-", c="0.75", lw=1, ms=4)
            means = [float(self.torn.mean()), float(self.whole.mean())]
            axes.plot([0, 1], means, "o-", c=PALETTE[0], lw=2.5, ms=8)
            for x, side, mean in zip((-0.07, 1.07), ("right", "left"), means, strict=True):
                words = f"{mean:.1%}"
                axes.text(x, mean, words, ha=side, va="center", c=PALETTE[0], weight="bold")
            axes.set_xlim(-0.4, 1.4)
            axes.set_xticks([0, 1], ["split by picture", f"split by {self.unit}"])
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
            axes.set_ylabel("accuracy")
            axes.set_title(f"The leak: the same network, {len(self.torn)} rounds")
            alt = (
                f"Accuracy in {len(self.torn)} rounds: split by picture {means[0]:.1%} on average, "
                f"split by {self.unit} {means[1]:.1%}. {self._in_words()}"
            )
            return finish(canvas, alt)


def measure_leak(
    features: FeatureTable,
    head: HeadName = "gap",
    *,
    test: float = 0.25,
    rounds: int = 10,
    unit: str = "group",
    seed: int = 0,
) -> LeakMeasurement:
    """Measure how much accuracy a split fakes that tears groups apart.

    In each round two heads are trained on the features of the same network, and judged on pictures
    that they have not learned from. For one the test consists of whole groups: ships that were
    never seen. For the other as many pictures of each class are drawn at random, so that other
    pictures of the same ships were learned from. Nothing else differs. Each head chooses its
    regularisation within what it learns from, with or without regard to the groups, as somebody
    would who splits that way.

    The rounds draw from the same pictures, so that their spread alone would promise too much. The
    interval is that of the corrected resampled t-test (Nadeau and Bengio 2003), in which the
    variance counts `1 / rounds + n_test / n_train` times.

    Parameters
    ----------
    features
        From `extract_features`, of a set with groups. Its splits, if any, are not used.
    head
        As for `train_head`.
    test
        Fraction of the pictures to judge with, 0 to 1.
    rounds
        How often, 2 or more.
    unit
        What a group is, for table and figure: "vessel", "patient".
    seed
        Of the first round; the next ones count on.

    Returns
    -------
    A `LeakMeasurement`.

    Raises
    ------
    ArgumentError
        When a number makes no sense.
    DataError
        When the table has no groups of two pictures or more, or a class has one group only.

    References
    ----------
    C. Nadeau and Y. Bengio (2003). Inference for the generalization error. Machine Learning 52,
    239-281.

    """
    groups = _checked(features, test, rounds, seed)
    images = ImageSet(features.paths, features.labels, features.class_names)
    accuracies = np.zeros((rounds, 2))
    sizes = []
    for number in progress(range(rounds), what="Measuring the leak", unit="round"):
        whole = divide(images, {"test": test}, seed + number, groups) == "test"
        torn = _as_many_at_random(features.labels, whole, seed + number)
        sizes.append(int(whole.sum()))
        accuracies[number] = (
            _accuracy(features, torn, None, head, seed + number),
            _accuracy(features, whole, groups, head, seed + number),
        )
    judged = round(float(np.mean(sizes)))
    learned = len(features) - judged
    return LeakMeasurement(
        torn=accuracies[:, 0],
        whole=accuracies[:, 1],
        interval=corrected_interval(
            accuracies[:, 0] - accuracies[:, 1], judged / learned, -1.0, 1.0
        ),
        unit=unit,
        n_train=learned,
        n_test=judged,
    )


def _checked(features: FeatureTable, test: float, rounds: int, seed: int) -> np.ndarray:
    """Return the groups of a table, if the arguments fit it."""
    todo = "Write features = tl.extract_features(backbone, images) first."
    must_be("features", features, FeatureTable, todo)
    wanted = {
        "test": ("a fraction between 0 and 1", isinstance(test, float) and 0 < test < 1),
        "rounds": ("a whole number of at least 2", isinstance(rounds, int) and rounds >= 2),
        "seed": ("a whole number of at least 0", isinstance(seed, int) and 0 <= seed < 2**31),
    }
    for name, (expected, fits) in wanted.items():
        if not fits:
            raise ArgumentError(
                f"The argument '{name}' is out of its range.",
                expected=expected,
                received=repr({"test": test, "rounds": rounds, "seed": seed}[name]),
            )
    groups = features.groups
    if groups is None or len(np.unique(groups)) == len(groups):
        raise DataError(
            "There are no groups that a split could tear apart.",
            expected="a set in which some pictures share a group",
            received="no groups" if groups is None else "a group of its own for each picture",
            todo="Say what belongs together: a column 'group' in a manifest.",
        )
    return groups


def _as_many_at_random(labels: np.ndarray, whole: np.ndarray, seed: int) -> np.ndarray:
    """Return a mask with as many pictures of each class as another one, drawn at random."""
    random = np.random.RandomState(seed)  # the generator whose numbers never change
    mask = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        mask[random.choice(members, int(whole[members].sum()), replace=False)] = True
    return mask


def _accuracy(
    features: FeatureTable, test: np.ndarray, groups: np.ndarray | None, head: HeadName, seed: int
) -> float:
    """Train a head on all rows but those of the test, and return how many of these it names."""
    # Heads number the classes from 0, without gaps.
    labels = np.unique(features.labels, return_inverse=True)[1]
    learned = ~test
    fitted = fit_head(
        head,
        features.features[learned],
        labels[learned],
        groups=None if groups is None else groups[learned],
        seed=seed,
    )
    answers = fitted(features.features[test]).argmax(axis=1)
    return float((answers == labels[test]).mean())
