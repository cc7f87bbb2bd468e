"""Judging a classifier on pictures that it has not learned from."""

from tlcourse.evaluation.evaluate import evaluate, judge, match_classes
from tlcourse.evaluation.report import ClassScore, Mistake, Report

__all__ = ["ClassScore", "Mistake", "Report", "evaluate", "judge", "match_classes"]
