"""How heads are fitted: by scikit-learn, on standardised features, checked on held-out folds."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, get_args

import numpy as np

from tlcourse.errors import ArgumentError
from tlcourse.training.dense import fit_dense
from tlcourse.training.heads import Head, HeadName, Layer, softmax

Folds = Sequence[tuple[np.ndarray, np.ndarray]]
"""Pairs of positions: to learn from, and held out."""

_MANY = 5000
"""Above so many pictures three folds are as good as five."""

_SOFTMAX_CHOICES, _SOFTMAX_DEFAULT = (1e-4, 1e-3, 1e-2, 1e-1, 1.0), 1e-2
_SVM_CHOICES, _SVM_DEFAULT = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1), 1e-3


def fit_head(
    name: HeadName,
    features: np.ndarray,
    labels: np.ndarray,
    *,
    groups: np.ndarray | None = None,
    seed: int = 0,
) -> Head:
    """Fit a head, its regularisation chosen by cross-validation on these very rows.

    Rare classes weigh as much as frequent ones.

    Parameters
    ----------
    name
        `"gap"`: softmax regression on the averaged features (global average pooling: Lin, Chen and
        Yan 2014); `"dense"`: a hidden layer of ReLU units, stopped early; `"svm"`: a linear support
        vector machine (Cortes and Vapnik 1995), its margins scaled to probabilities on held-out
        folds (Platt 1999).
    features
        `(n, d)` float32.
    labels
        `(n,)` integers from 0 to the number of classes - 1, each at least once.
    groups
        `(n,)` ids; pictures of a group stay in the same fold.
    seed
        For the folds and the starting weights.

    Raises
    ------
    ArgumentError
        When the name is unknown.

    """
    from sklearn.preprocessing import StandardScaler

    if name not in get_args(HeadName):
        raise ArgumentError(
            "There is no head of this name.",
            expected="'gap', 'dense' or 'svm'",
            received=f"head={name!r}",
        )
    # One scaler for all folds: means and deviations hold no labels, so nothing leaks that matters.
    scaler = StandardScaler().fit(np.asarray(features, np.float64))
    scaled = scaler.transform(features)
    folds = _folds(labels, groups, seed)
    if name == "gap":
        layers, fitted = _fit_softmax(scaled, labels, folds)
    elif name == "svm":
        layers, fitted = _fit_svm(scaled, labels, folds, seed)
    else:
        layers, fitted = fit_dense(scaled, labels, folds, seed)
    return Head(name, _fold_in(scaler, layers), {**fitted, "folds": len(folds)})


def _folds(labels: np.ndarray, groups: np.ndarray | None, seed: int) -> Folds:
    """Return folds; none where a class is too small to be held out in part."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    classes = np.unique(labels)
    units = np.arange(len(labels)) if groups is None else groups
    smallest = min(len(np.unique(units[labels == k])) for k in classes)
    number = min(5 if len(labels) <= _MANY else 3, smallest)
    if number < 2:
        return []
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    folds = kind(number, shuffle=True, random_state=seed).split(labels, labels, groups)
    # Groups may leave a class out of a learning part: nothing can be fitted there.
    return [(a, b) for a, b in folds if len(np.unique(labels[a])) == len(classes)]


def _fit_softmax(scaled: np.ndarray, labels: np.ndarray, folds: Folds) -> tuple[tuple, dict]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(class_weight="balanced", max_iter=1000)
    choices = (_SOFTMAX_CHOICES, _SOFTMAX_DEFAULT)
    best, fitted = _choose(model, choices, "neg_log_loss", scaled, labels, folds)
    return (_output(best.coef_.T, best.intercept_),), fitted


def _fit_svm(scaled: np.ndarray, labels: np.ndarray, folds: Folds, seed: int) -> tuple[tuple, dict]:
    from sklearn.svm import LinearSVC

    model = LinearSVC(class_weight="balanced", max_iter=5000, random_state=seed)
    choices = (_SVM_CHOICES, _SVM_DEFAULT)
    best, fitted = _choose(model, choices, "balanced_accuracy", scaled, labels, folds)
    output = _output(best.coef_.T, best.intercept_)
    scale = _platt_scale(best, scaled, labels, folds)
    return (Layer(output.weights * scale, output.bias * scale, "softmax"),), fitted


def _choose(
    model: Any,
    choices: tuple[tuple[float, ...], float],
    scoring: str,
    scaled: np.ndarray,
    labels: np.ndarray,
    folds: Folds,
) -> tuple[Any, dict[str, Any]]:
    """Return the model with the C that scores best on held-out folds, fitted on all rows."""
    from sklearn.model_selection import GridSearchCV

    values, default = choices
    with warnings.catch_warnings():
        # The far ends of the grid need not converge; they are not chosen.
        warnings.filterwarnings("ignore", module="sklearn")
        if not folds:
            return model.set_params(C=default).fit(scaled, labels), {
                "regularisation": f"C={default:g}"
            }
        search = GridSearchCV(model, {"C": values}, scoring=scoring, cv=folds).fit(scaled, labels)
    return search.best_estimator_, {
        "regularisation": f"C={search.best_params_['C']:g}",
        "score": scoring.replace("neg_log_loss", "log loss").replace("_", " "),
        "cross_validation": round(abs(float(search.best_score_)), 4),
    }


def _platt_scale(model: Any, scaled: np.ndarray, labels: np.ndarray, folds: Folds) -> float:
    """Return what margins are multiplied by for the best probabilities (Platt 1999).

    Margins of rows that a machine has learned from are too large; each row is judged by a machine
    that has not seen it.
    """
    from scipy.optimize import minimize_scalar
    from sklearn.base import clone

    def margins(fitted: Any, rows: np.ndarray) -> np.ndarray:
        output = _output(fitted.coef_.T, fitted.intercept_)
        return rows @ output.weights + output.bias

    held_out = margins(model, scaled)
    for learned, kept_out in folds:
        fitted = clone(model).fit(scaled[learned], labels[learned])
        held_out[kept_out] = margins(fitted, scaled[kept_out])

    def log_loss(exponent: float) -> float:
        of_true = softmax(held_out * np.exp(exponent))[np.arange(len(labels)), labels]
        return -float(np.log(of_true + 1e-12).mean())

    return float(np.exp(minimize_scalar(log_loss, bounds=(-4, 4), method="bounded").x))


def _output(weights: np.ndarray, bias: np.ndarray) -> Layer:
    """Make a softmax layer; of two classes scikit-learn has one column, the second's score."""
    if weights.shape[1] == 1:
        weights = np.hstack([-weights / 2, weights / 2])
        bias = np.array([-bias[0] / 2, bias[0] / 2])
    return Layer(weights, bias, "softmax")


def _fold_in(scaler: Any, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Move the standardisation `(x - mean) / scale` into the first layer's numbers."""
    weights = layers[0].weights / scaler.scale_[:, None]
    bias = layers[0].bias - scaler.mean_ @ weights
    first = layers[0]._replace(weights=weights, bias=bias)
    return tuple(
        Layer(layer.weights.astype(np.float32), layer.bias.astype(np.float32), layer.activation)
        for layer in (first, *layers[1:])
    )
