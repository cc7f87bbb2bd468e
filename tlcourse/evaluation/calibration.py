"""Whether a classifier is as sure as it is right, and how to make it so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tlcourse.messages import say

if TYPE_CHECKING:
    from tlcourse.data import ImageSet
    from tlcourse.features import FeatureTable
    from tlcourse.training import Classifier

_BINS = 15
_DRAWS = 200
_LEAST = 1e-30
"""Below it a float32 probability has lost the score that it came from."""


class Bin(NamedTuple):
    """Answers of similar confidence: from `low` (excluded) to `high` (included), 0..1.

    `confidence` is their mean, `accuracy` the share that is right; both None in an empty bin.
    """

    low: float
    high: float
    pictures: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True)
class Calibration:
    """How well confidence tells accuracy.

    Attributes
    ----------
    error : float
        Expected calibration error (Guo et al. 2017): the mean gap between confidence and accuracy
        in 15 bins of equal width, weighted by their pictures. 0 is perfect.
    chance : float
        The error that a perfectly calibrated classifier of the same confidences would show on so
        few pictures, by chance, on average of 200 draws: the estimate is biased upwards, and only
        what exceeds this is the classifier's own.
    bins : tuple of Bin
        In order of confidence.
    confidence, accuracy : float
        Means over all pictures; a classifier with more confidence than accuracy is too sure.

    """

    error: float
    chance: float
    bins: tuple[Bin, ...]
    confidence: float
    accuracy: float

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a JSON-able dictionary."""
        return {
            "expected_calibration_error": self.error,
            "expected_by_chance": self.chance,
            "binning": f"{len(self.bins)} bins of equal width",
            "confidence": self.confidence,
            "accuracy": self.accuracy,
            "bins": [bin_._asdict() for bin_ in self.bins],
        }


def measure_calibration(probabilities: np.ndarray, labels: np.ndarray) -> Calibration:
    """Compare confidence, the probability of the named class, with accuracy.

    Parameters
    ----------
    probabilities
        `(n, classes)`, rows sum to 1.
    labels
        `(n,)` true columns.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger (2017). On calibration of modern neural networks.
    ICML.

    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = (probabilities.argmax(axis=1) == labels).astype(np.float64)
    place = np.clip(np.ceil(confidence * _BINS).astype(int) - 1, 0, _BINS - 1)
    count = np.bincount(place, minlength=_BINS)

    def error(outcomes: np.ndarray) -> float:
        gaps = np.bincount(place, confidence - outcomes, _BINS)
        return float(np.abs(gaps).sum() / len(outcomes))

    random = np.random.RandomState(0)  # the generator whose numbers never change
    chance = [error(random.rand(len(right)) < confidence) for _ in range(_DRAWS)]
    sums, hits = (np.bincount(place, numbers, _BINS) for numbers in (confidence, right))
    bins = tuple(
        Bin(
            i / _BINS,
            (i + 1) / _BINS,
            int(count[i]),
            float(sums[i] / count[i]) if count[i] else None,
            float(hits[i] / count[i]) if count[i] else None,
        )
        for i in range(_BINS)
    )
    return Calibration(
        error(right), float(np.mean(chance)), bins, float(confidence.mean()), float(right.mean())
    )


def temperature_scale(classifier: Classifier, validation: ImageSet | FeatureTable) -> Classifier:
    """Return a classifier that is as sure as it is right; its answers stay the same.

    All scores are divided by one number, the temperature, which is chosen for the least log loss on
    validation pictures and folded into weights and bias of the last layer. Order, and so accuracy,
    do not change.

    Parameters
    ----------
    classifier
        From `train_head`, `fine_tune` or `load_classifier`. It stays as it is.
    validation
        Pictures that it has not learned from, nor will be tested on; of a split set the part
        "validation".

    Returns
    -------
    A new `Classifier`; its record holds the temperature.

    Raises
    ------
    DataError
        When there is no picture, or an unknown class.
    ArgumentError
        When the model is not built from a backbone and a head.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger (2017). On calibration of modern neural networks.
    ICML.
    J. Platt (1999). Probabilistic outputs for support vector machines and comparisons to
    regularized likelihood methods. Advances in Large Margin Classifiers.

    """
    from tlcourse.evaluation.answers import answers_of
    from tlcourse.training.assembly import assemble, take_apart

    answers = answers_of(classifier, validation, "validation")
    temperature = best_temperature(answers.probabilities, answers.labels)
    before, after = (
        _log_loss(answers.probabilities, answers.labels, t) for t in (1.0, temperature)
    )
    backbone, head = take_apart(classifier)
    last = head.layers[-1]
    cooled = last._replace(
        weights=(last.weights / temperature).astype(np.float32),
        bias=(last.bias / temperature).astype(np.float32),
    )
    head = type(head)(head.name, (*head.layers[:-1], cooled), head.fitted)
    record = {
        **classifier.record,
        "temperature": round(temperature * classifier.record.get("temperature", 1.0), 6),
        "calibrated_on": len(answers.labels),
    }
    scaled = assemble(backbone, head, classifier.class_names, record)
    scaled.learned_from = classifier.learned_from | frozenset(answers.paths)
    what = "too sure" if temperature > 1 else "not sure enough"
    say(
        f"Temperature {temperature:.2f} from {len(answers.labels):,} pictures: the classifier was "
        f"{what}. Log loss there {before:.3f}, now {after:.3f}."
    )
    return scaled


def best_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the temperature, 0.02 to 50, with the least log loss.

    Where every answer is right, the loss alone would ask for boundless confidence. So the targets
    are smoothed as Platt (1999) has it: of n pictures, one more may have been wrong.

    Parameters
    ----------
    probabilities
        `(n, classes)`, rows sum to 1.
    labels
        `(n,)` true columns.

    """
    from scipy.optimize import minimize_scalar

    doubt = 1 / (len(labels) + 2)

    def smoothed_loss(exponent: float) -> float:
        logs = _logs(probabilities, float(np.exp(exponent)))
        of_true = logs[np.arange(len(labels)), labels]
        of_others = (logs.sum(axis=1) - of_true) / max(logs.shape[1] - 1, 1)
        return -float(((1 - doubt) * of_true + doubt * of_others).mean())

    return float(np.exp(minimize_scalar(smoothed_loss, bounds=(-4, 4), method="bounded").x))


def _log_loss(probabilities: np.ndarray, labels: np.ndarray, temperature: float) -> float:
    return -float(_logs(probabilities, temperature)[np.arange(len(labels)), labels].mean())


def _logs(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return the logs of what probabilities become when their scores are divided."""
    from scipy.special import log_softmax

    scores = np.log(np.maximum(probabilities.astype(np.float64), _LEAST)) / temperature
    return log_softmax(scores, axis=1)
