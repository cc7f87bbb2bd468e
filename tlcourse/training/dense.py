"""The dense head: a hidden layer, with weight decay and epochs chosen on held-out folds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.training.heads import Layer

if TYPE_CHECKING:
    from tlcourse.training.fitting import Folds

UNITS = 128
_WEIGHT_DECAYS = (1e-2, 1.0)
_DEFAULT_DECAY, _DEFAULT_EPOCHS = 1.0, 30
_MOST_EPOCHS = 60
_PATIENCE = 8
_MOST_FOLDS = 3


def fit_dense(
    scaled: np.ndarray, labels: np.ndarray, folds: Folds, seed: int
) -> tuple[tuple[Layer, ...], dict[str, Any]]:
    """Fit a perceptron with one hidden layer of 128 ReLU units (Adam: Kingma and Ba 2015).

    Early stopping: the log loss on held-out folds is followed epoch by epoch, until it has not
    fallen for 8 of them. The number of epochs at its lowest point, averaged over the folds, is then
    spent on all rows, so that no picture is lost to a validation set.

    Parameters
    ----------
    scaled
        `(n, d)`, standardised.
    labels
        `(n,)` integers, every class at least once.
    folds
        Pairs of positions to learn from and to judge on; may be empty.
    seed
        For starting weights and the order of the pictures.

    Returns
    -------
    Two layers, and what was chosen.

    """
    scaled = scaled.astype(np.float32)
    decay, epochs, fitted = _DEFAULT_DECAY, _DEFAULT_EPOCHS, {}
    if folds:
        curves = {
            candidate: np.mean(
                [_losses(scaled, labels, fold, candidate, seed) for fold in folds[:_MOST_FOLDS]], 0
            )
            for candidate in _WEIGHT_DECAYS
        }
        decay = min(curves, key=lambda candidate: curves[candidate].min())
        epochs = int(curves[decay].argmin()) + 1
        lowest = round(float(curves[decay].min()), 4)
        fitted = {"score": "log loss", "cross_validation": lowest}
    model = _perceptron(len(labels), decay, seed)
    for _ in range(epochs):
        _one_epoch(model, scaled, labels)
    (hidden, output), (hidden_bias, output_bias) = model.coefs_, model.intercepts_
    if output.shape[1] == 1:  # of two classes scikit-learn has one column, the second's score
        output = np.hstack([-output / 2, output / 2])
        output_bias = np.array([-output_bias[0] / 2, output_bias[0] / 2])
    layers = (Layer(hidden, hidden_bias, "relu"), Layer(output, output_bias, "softmax"))
    return layers, {"regularisation": f"weight decay={decay:g}, {epochs} epochs", **fitted}


def _losses(
    scaled: np.ndarray, labels: np.ndarray, fold: tuple, decay: float, seed: int
) -> np.ndarray:
    """Return the held-out log loss after each epoch, `(_MOST_EPOCHS,)`."""
    from sklearn.metrics import log_loss

    learned, held_out = fold
    model = _perceptron(len(learned), decay, seed)
    losses: list[float] = []
    while len(losses) < _MOST_EPOCHS and len(losses) - np.argmin([*losses, np.inf]) <= _PATIENCE:
        _one_epoch(model, scaled[learned], labels[learned])
        probabilities = model.predict_proba(scaled[held_out])
        losses.append(log_loss(labels[held_out], probabilities, labels=model.classes_))
    return np.pad(losses, (0, _MOST_EPOCHS - len(losses)), mode="edge")


def _perceptron(rows: int, decay: float, seed: int) -> Any:
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier((UNITS,), alpha=decay, batch_size=min(32, rows), random_state=seed)


def _one_epoch(model: Any, scaled: np.ndarray, labels: np.ndarray) -> None:
    """See every row once, in an order of its own; rare classes weigh as much as frequent ones."""
    counts = np.bincount(labels)
    weights = len(labels) / (len(counts) * counts)
    model.partial_fit(scaled, labels, classes=np.arange(len(counts)), sample_weight=weights[labels])
