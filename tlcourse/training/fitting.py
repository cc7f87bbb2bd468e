"""How heads are fitted: by scikit-learn, on standardised features, checked on held-out folds."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, get_args

import numpy as np

from tlcourse.errors import ArgumentError
from tlcourse.training.dense import fit_dense
from tlcourse.training.heads import Head, HeadName, Layer, softmax

Folds = Sequence[tuple[np.ndarray, np.ndarray]]
"""Pairs of positions: to learn from, and held out."""

_MANY = 5000
"""Above so many pictures three folds are as good as five."""

_SOFTMAX_CHOICES, _SOFTMAX_DEFAULT = (1e-3, 1e-2, 1e-1, 1.0, 10.0), 1e-1
_SVM_CHOICES, _SVM_DEFAULT = (1e-4, 1e-3, 1e-2, 1e-1), 1e-2
_TINY = 1e-12


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
    from threadpoolctl import threadpool_limits

    if name not in get_args(HeadName):
        raise ArgumentError(
            "There is no head of this name.",
            expected="'gap', 'dense' or 'svm'",
            received=f"head={name!r}",
        )
    # One scaler for all folds: means and deviations hold no labels, so nothing leaks that matters.
    scaler = StandardScaler().fit(np.asarray(features, np.float64))
    # Divided by its own deviation alone, a feature that hardly moves among a few pictures would be
    # blown up, and rule the answer wherever it does move. The mean variance keeps it small.
    scaler.scale_ = np.sqrt(scaler.var_ + scaler.var_.mean() + _TINY)
    scaled = scaler.transform(features)
    folds = _folds(labels, groups, seed)
    # The products are too small to share: several threads wait for each other, five times slower.
    with threadpool_limits(1):
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
    from sklearn.metrics import log_loss

    # Each value of C starts from the solution of the one before.
    model = LogisticRegression(class_weight="balanced", max_iter=1000, warm_start=True)
    best, fitted = _SOFTMAX_DEFAULT, {"regularisation": f"C={_SOFTMAX_DEFAULT:g}"}
    with _far_ends_need_not_converge():
        if folds:
            losses = np.zeros(len(_SOFTMAX_CHOICES))
            for learned, held_out in folds:
                for number, value in enumerate(_SOFTMAX_CHOICES):
                    model.set_params(C=value).fit(scaled[learned], labels[learned])
                    probabilities = model.predict_proba(scaled[held_out])
                    losses[number] += log_loss(
                        labels[held_out], probabilities, labels=model.classes_
                    ) / len(folds)
            best = _SOFTMAX_CHOICES[int(losses.argmin())]
            fitted = _chosen(best, "log loss", losses.min())
        model.set_params(C=best, warm_start=False).fit(scaled, labels)
    return (_output(model.coef_.T, model.intercept_),), fitted


def _fit_svm(scaled: np.ndarray, labels: np.ndarray, folds: Folds, seed: int) -> tuple[tuple, dict]:
    from sklearn.model_selection import GridSearchCV
    from sklearn.svm import LinearSVC

    # The dual problem, also where there are more pictures than features: up to 100 times faster.
    model = LinearSVC(class_weight="balanced", dual=True, max_iter=5000, random_state=seed)
    fitted = {"regularisation": f"C={_SVM_DEFAULT:g}"}
    with _far_ends_need_not_converge():
        if folds:
            grid = {"C": _SVM_CHOICES}
            search = GridSearchCV(model, grid, scoring="balanced_accuracy", cv=folds)
            model = search.fit(scaled, labels).best_estimator_
            fitted = _chosen(model.C, "balanced accuracy", search.best_score_)
        else:
            model.set_params(C=_SVM_DEFAULT).fit(scaled, labels)
        scale = _platt_scale(model, scaled, labels, folds)
    output = _output(model.coef_.T, model.intercept_)
    return (Layer(output.weights * scale, output.bias * scale, "softmax"),), fitted


def _chosen(value: float, score: str, best: float) -> dict[str, Any]:
    return {
        "regularisation": f"C={value:g}",
        "score": score,
        "cross_validation": round(float(best), 4),
    }


@contextmanager
def _far_ends_need_not_converge() -> Iterator[None]:
    """Keep scikit-learn quiet: values of C at which a fit does not converge are not chosen."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="sklearn")
        yield


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
