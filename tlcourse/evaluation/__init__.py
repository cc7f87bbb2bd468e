"""Judging a classifier on pictures that it has not learned from, and advice with evidence."""

from tlcourse.evaluation.answers import match_classes
from tlcourse.evaluation.calibration import Calibration, temperature_scale
from tlcourse.evaluation.card import ModelCard, model_card
from tlcourse.evaluation.comparison import Comparison, compare_models
from tlcourse.evaluation.evaluate import evaluate, judge
from tlcourse.evaluation.head_comparison import HeadComparison, compare_heads
from tlcourse.evaluation.intervals import Score, Scores
from tlcourse.evaluation.leakage import LeakMeasurement, measure_leak
from tlcourse.evaluation.learning_rate import LearningRates, find_learning_rate
from tlcourse.evaluation.mistakes import ConfidentMistake, ConfusionPair, Mistake
from tlcourse.evaluation.ranking import Ranking, rank_backbones
from tlcourse.evaluation.report import ClassScore, Report
from tlcourse.evaluation.strategy import Recommendation, recommend_strategy
from tlcourse.evaluation.transferability import h_score, leep, log_me, n_leep
from tlcourse.evaluation.uses import Uses, test_uses

__all__ = [
    "Calibration",
    "ClassScore",
    "Comparison",
    "ConfidentMistake",
    "ConfusionPair",
    "HeadComparison",
    "LeakMeasurement",
    "LearningRates",
    "Mistake",
    "ModelCard",
    "Ranking",
    "Recommendation",
    "Report",
    "Score",
    "Scores",
    "Uses",
    "compare_heads",
    "compare_models",
    "evaluate",
    "find_learning_rate",
    "h_score",
    "judge",
    "leep",
    "log_me",
    "match_classes",
    "measure_leak",
    "model_card",
    "n_leep",
    "rank_backbones",
    "recommend_strategy",
    "temperature_scale",
    "test_uses",
]
