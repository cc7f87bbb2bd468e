"""Judging a classifier on pictures that it has not learned from."""

from tlcourse.evaluation.evaluate import evaluate, judge, match_classes
from tlcourse.evaluation.leakage import LeakMeasurement, measure_leak
from tlcourse.evaluation.report import ClassScore, Mistake, Report

__all__ = [
    "ClassScore",
    "LeakMeasurement",
    "Mistake",
    "Report",
    "evaluate",
    "judge",
    "match_classes",
    "measure_leak",
]
