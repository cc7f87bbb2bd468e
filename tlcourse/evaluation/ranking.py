"""`rank_backbones`: which network suits a task, guessed by scores and measured by a probe."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tlcourse.backbones import Backbone, load_backbone
from tlcourse.data import ImageSet
from tlcourse.errors import ArgumentError, must_be
from tlcourse.evaluation.resampling import corrected_interval, repeated_folds
from tlcourse.evaluation.similarity import old_answers
from tlcourse.evaluation.transferability import h_score, leep, log_me, n_leep
from tlcourse.features import FeatureTable, extract_features
from tlcourse.messages import progress
from tlcourse.training.fitting import fit_head

if TYPE_CHECKING:
    from tlcourse.figures import Figure

TITLES = {"log_me": "LogME", "n_leep": "N-LEEP", "leep": "LEEP", "h_score": "H-score"}
SCORES = tuple(TITLES)
_FOLDS = 5


class Candidate(NamedTuple):
    """A backbone with its scores; `leep` is None where it has lost its old head.

    `accuracy` (0..1) is that of a linear probe in cross-validation, `interval` its 95% interval;
    `seconds` is what features and scores took, `probe_seconds` the probe.
    """

    name: str
    feature_size: int
    log_me: float
    n_leep: float
    leep: float | None
    h_score: float
    accuracy: float
    interval: tuple[float, float] | None
    seconds: float
    probe_seconds: float


@dataclass(frozen=True, repr=False)
class Ranking:
    """The result of `rank_backbones`; shows as a table, best probe first.

    Attributes
    ----------
    candidates : tuple of Candidate
    agreement : dict
        By score, Kendall's tau with the probe: 1 the same order, -1 the reverse; None for fewer
        than two candidates that have the score.
    n_pictures : int
    by_group : bool
        Whether groups were kept whole in cross-validation.

    """

    candidates: tuple[Candidate, ...]
    agreement: dict[str, float | None]
    n_pictures: int
    by_group: bool

    @property
    def best(self) -> Candidate:
        """The one with the most accurate probe."""
        return self.candidates[0]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a JSON-able dictionary."""
        candidates = [
            {**c._asdict(), "interval": None if c.interval is None else list(c.interval)}
            for c in self.candidates
        ]
        return {**vars(self), "candidates": candidates}

    def table(self) -> list[list[str]]:
        """Return the candidates as rows of cells, the head first."""
        rows = [["backbone", *TITLES.values(), "probe", "95% interval"]]
        for c in self.candidates:
            scores = (getattr(c, name) for name in SCORES)
            cells = ["–" if s is None else f"{s:.3f}" for s in scores]
            interval = "–" if c.interval is None else f"{c.interval[0]:.1%} to {c.interval[1]:.1%}"
            rows.append([c.name, *cells, f"{c.accuracy:.1%}", interval])
        taus = [self.agreement[name] for name in SCORES]
        rows.append(["Kendall's tau", *("–" if t is None else f"{t:+.2f}" for t in taus), "", ""])
        return rows

    def __repr__(self) -> str:
        table = self.table()
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join([name.ljust(widths[0]), *map(str.rjust, cells, widths[1:])]).rstrip()
            for name, *cells in table
        ]
        how = "groups kept whole" if self.by_group else "pictures drawn at random"
        lines.append(
            f"A linear probe on {self.n_pictures:,} pictures, {_FOLDS}-fold cross-validation, {how}"
            "; the scores train nothing. Kendall's tau: do they put the networks in its order?"
        )
        if len(self.candidates) < 4:
            lines.append(f"With {len(self.candidates)} networks, tau says little.")
        return "\n".join(lines)

    def draw(self) -> Figure:
        """Draw each score against the probe."""
        from tlcourse.evaluation.advice_figures import draw_ranking

        return draw_ranking(self)


def rank_backbones(
    images: ImageSet,
    candidates: Sequence[str | Backbone] | Mapping[str, str | Backbone] = (
        "efficientnet_lite0",
        "vgg16",
    ),
    *,
    seed: int = 0,
) -> Ranking:
    """Compare networks on a task by four scores, and by what the scores only guess.

    Parameters
    ----------
    images
        The pictures; of a split set only the part "train", so that the test stays unseen.
    candidates
        Names for `load_backbone`, or backbones; as a mapping under names of your own.
    seed
        For folds and mixtures.

    Returns
    -------
    A `Ranking`.

    Raises
    ------
    ArgumentError
        When there is no candidate, or two have one name.
    DataError
        When a class has fewer than two groups (or pictures).

    References
    ----------
    K. You et al. (2021), LogME, ICML. C. Nguyen et al. (2020), LEEP, ICML. Y. Li et al. (2021),
    N-LEEP, CVPR. Y. Bao et al. (2019), H-score, ICIP. S. Ibrahim et al. (2021), shrinkage.

    """
    must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
    learned = images if images.splits is None else images.train
    found = []
    named = _named(candidates)
    for name, given in progress(named.items(), what="ranking", total=len(named), unit="network"):
        backbone = load_backbone(given) if isinstance(given, str) else given
        found.append(_candidate(name, extract_features(backbone, learned), backbone, seed))
    found.sort(key=lambda c: -c.accuracy)
    return Ranking(
        tuple(found),
        {name: _tau(found, name) for name in SCORES},
        len(learned),
        learned.groups is not None,
    )


def _named(
    candidates: Sequence[str | Backbone] | Mapping[str, str | Backbone],
) -> dict[str, str | Backbone]:
    if not isinstance(candidates, Mapping):
        names = [c if isinstance(c, str) else getattr(c, "name", "?") for c in candidates]
        if len(set(names)) < len(names):
            raise ArgumentError(
                "Two candidates have one name.",
                expected="different names, or a mapping: {'small': backbone, …}",
                received=", ".join(names),
            )
        candidates = dict(zip(names, candidates, strict=True))
    if not candidates:
        raise ArgumentError("There is no candidate.", expected="names or backbones", received="()")
    for given in candidates.values():
        must_be("candidates", given, (str, Backbone), "Write tl.load_backbone('vgg16').")
    return dict(candidates)


def _candidate(name: str, table: FeatureTable, backbone: Backbone, seed: int) -> Candidate:
    started = time.perf_counter()
    features, labels = table.features, np.unique(table.labels, return_inverse=True)[1]
    old = old_answers(backbone, features)
    scores = log_me(features, labels), n_leep(features, labels, seed=seed)
    rest = None if old is None else leep(old, labels), h_score(features, labels)
    scored = time.perf_counter()
    folds = repeated_folds(labels, table.groups, _FOLDS, 1, seed)
    accuracies = np.array(
        [_probe(features, labels, table.groups, *fold, seed) for fold in folds], float
    )
    interval = corrected_interval(accuracies, 1 / max(len(folds) - 1, 1), 0.0, 1.0)
    return Candidate(
        name,
        features.shape[1],
        *scores,
        *rest,
        float(accuracies.mean()),
        interval,
        round(table.record.get("seconds", 0.0) + scored - started, 3),
        round(time.perf_counter() - scored, 3),
    )


def _probe(
    features: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray | None,
    learned: np.ndarray,
    judged: np.ndarray,
    seed: int,
) -> float:
    within = None if groups is None else groups[learned]
    head = fit_head("gap", features[learned], labels[learned], groups=within, seed=seed)
    return float((head(features[judged]).argmax(axis=1) == labels[judged]).mean())


def _tau(found: list[Candidate], score: str) -> float | None:
    from scipy.stats import kendalltau

    pairs = [(getattr(c, score), c.accuracy) for c in found if getattr(c, score) is not None]
    if len(pairs) < 2:
        return None
    tau = float(kendalltau(*zip(*pairs, strict=True)).statistic)
    return None if np.isnan(tau) else tau
