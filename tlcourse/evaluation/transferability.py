"""Scores that guess, from features alone, how well a backbone suits a task; nothing is trained."""

from __future__ import annotations

import numpy as np

_ROUNDS = 100
_CLOSE = 1e-6
_TINY = 1e-12
_ENERGY = 0.8
_COMPONENTS_A_CLASS = 5


def log_me(features: np.ndarray, labels: np.ndarray) -> float:
    """Return the log of the maximum evidence, a picture and a class; higher is better.

    How likely are the labels, if a Bayesian linear regression on the features made them? The two
    variances of the model are those that make the labels likeliest.

    Parameters
    ----------
    features
        `(n, d)`.
    labels
        `(n,)` integers.

    References
    ----------
    K. You, Y. Liu, J. Wang and M. Long (2021). LogME: Practical assessment of pre-trained models
    for transfer learning. ICML.

    """
    matrix = np.asarray(features, np.float64)
    left, singular, _ = np.linalg.svd(matrix, full_matrices=False)
    kept = singular > singular[0] * _TINY
    left, squares = left[:, kept], singular[kept] ** 2
    found = [
        _evidence(left.T @ target, float(target @ target), squares, *matrix.shape)
        for target in (labels[:, None] == np.unique(labels)).T.astype(np.float64)
    ]
    return float(np.mean(found))


def _evidence(projected: np.ndarray, length: float, squares: np.ndarray, n: int, d: int) -> float:
    """Return the evidence of one target, a picture, at its best variances.

    `projected` are the target's coordinates along the left singular vectors, `length` its squared
    norm, `squares` the squared singular values.
    """
    power = projected**2
    outside = max(length - float(power.sum()), 0.0)
    alpha = beta = 1.0
    for _ in range(_ROUNDS):
        ratio = alpha / beta
        effective = float((squares / (squares + ratio)).sum())
        weights = float((squares * power / (squares + ratio) ** 2).sum()) + _TINY
        residual = float((power / (1 + squares / ratio) ** 2).sum()) + outside + _TINY
        alpha, beta = effective / weights, max(n - effective, _TINY) / residual
        if abs(alpha / beta - ratio) <= _CLOSE * ratio:
            break
    ratio = alpha / beta
    weights = float((squares * power / (squares + ratio) ** 2).sum())
    residual = float((power / (1 + squares / ratio) ** 2).sum()) + outside
    determinant = float(np.log(alpha + beta * squares).sum())
    determinant += (d - len(squares)) * np.log(alpha)
    evidence = d * np.log(alpha) + n * np.log(beta) - determinant
    evidence -= beta * residual + alpha * weights + n * np.log(2 * np.pi)
    return float(evidence / 2 / n)


def h_score(features: np.ndarray, labels: np.ndarray) -> float:
    """Return how much of the features' variance tells classes apart; higher is better.

    The trace of the inverse covariance times the covariance of the class means (Bao et al. 2019);
    the covariance is shrunk as Ledoit and Wolf have it, and the means with it, because there are
    often more features than pictures (Ibrahim et al. 2021).

    Parameters
    ----------
    features
        `(n, d)`.
    labels
        `(n,)` integers.

    References
    ----------
    Y. Bao et al. (2019). An information-theoretic approach to transferability in task transfer
    learning. ICIP.
    S. Ibrahim, N. Ponomareva and R. Mazumder (2021). Newer is not always better: Rethinking
    transferability metrics, their peculiarities, stability and performance. arXiv:2110.06893.

    """
    from sklearn.covariance import ledoit_wolf_shrinkage

    centred = np.asarray(features, np.float64)
    centred = centred - centred.mean(axis=0)
    n, d = centred.shape
    shrinkage = float(ledoit_wolf_shrinkage(centred, assume_centered=True))
    means = np.stack([centred[labels == k].mean(axis=0) for k in np.unique(labels)])
    counts = np.bincount(np.unique(labels, return_inverse=True)[1])
    between = means * np.sqrt(counts / n)[:, None]
    # (shrinkage * s * I + (1 - shrinkage) * X'X / n) is inverted along the singular vectors of X.
    _, singular, right = np.linalg.svd(centred, full_matrices=False)
    floor = shrinkage * float((centred**2).sum()) / (n * d) + _TINY
    along = (1 - shrinkage) * singular**2 / n + floor
    inside = between @ right.T
    # The class means are averages of rows, so that nothing of them lies outside.
    return float((1 - shrinkage) * (inside**2 / along).sum())


def leep(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the log expected empirical prediction, in nats, at most 0; higher is better.

    How well can the new class be told from what the old head says, if one only counts which of its
    answers go with which class?

    Parameters
    ----------
    probabilities
        `(n, old classes)`, rows sum to 1.
    labels
        `(n,)` integers.

    References
    ----------
    C. Nguyen, T. Hassner, M. Seeger and C. Archambeau (2020). LEEP: A new measure to evaluate
    transferability of learned representations. ICML.

    """
    old = np.asarray(probabilities, np.float64)
    truth = np.unique(labels, return_inverse=True)[1]
    joint = np.zeros((truth.max() + 1, old.shape[1]))
    np.add.at(joint, truth, old / len(old))
    given_old = joint / np.maximum(joint.sum(axis=0, keepdims=True), 1e-300)
    expected = (old * given_old[truth]).sum(axis=1)
    return float(np.log(np.maximum(expected, 1e-300)).mean())


def n_leep(features: np.ndarray, labels: np.ndarray, *, seed: int = 0) -> float:
    """Return LEEP with a Gaussian mixture in the place of the old head; higher is better.

    The features are reduced to the principal components with 80% of their variance; the mixture has
    five components a class, with diagonal covariances.

    Parameters
    ----------
    features
        `(n, d)`.
    labels
        `(n,)` integers.
    seed
        Where the mixture starts.

    References
    ----------
    Y. Li et al. (2021). Ranking neural checkpoints. CVPR.

    """
    from sklearn.decomposition import PCA
    from sklearn.mixture import GaussianMixture

    reduced = PCA(_ENERGY, svd_solver="full").fit_transform(np.asarray(features, np.float64))
    components = min(_COMPONENTS_A_CLASS * len(np.unique(labels)), len(reduced) // 2)
    mixture = GaussianMixture(
        max(components, 1),
        covariance_type="diag",
        reg_covar=1e-3 * reduced.var(),
        random_state=seed,
    )
    return leep(mixture.fit(reduced).predict_proba(reduced), labels)
