"""What chapter 6 asks to be computed or exported: ways to get it wrong, and the judge."""

from __future__ import annotations

from typing import Any


def one_sided(only_first: int, only_second: int) -> float:
    """Count one direction only."""
    from scipy.stats import binom

    both = only_first + only_second
    return float(binom.cdf(min(only_first, only_second), both, 0.5))


def exactly_so(only_first: int, only_second: int) -> float:
    """Count this very result, in both directions, and nothing that is more uneven."""
    from scipy.stats import binom

    return float(2 * binom.pmf(only_first, only_first + only_second, 0.5))


def chi_square(only_first: int, only_second: int) -> float:
    """Use the approximation for many pictures."""
    from scipy.stats import chi2

    both = only_first + only_second
    return float(chi2.sf((only_first - only_second) ** 2 / both, 1)) if both else 1.0


def not_capped(only_first: int, only_second: int) -> float:
    """Double the one side, also where both sides overlap."""
    return 2 * one_sided(only_first, only_second)


def judge_export(report: Any) -> bool | str:
    """Say what is wrong with the report of an export in eight bits."""
    if report.quantise is None:
        return "These are the numbers as they were. Which argument asks for eight bits?"
    if report.quantise != "int8":
        return "Only the weights are in eight bits here. The exercise asks for all the arithmetic."
    if not report.on_test:
        return (
            "It was compared on generated patterns, which say nothing of its accuracy. Give it "
            "pictures to be judged by."
        )
    if report.exported.size > 0.5 * report.keras.size:
        return "The file is hardly smaller than the original. Was this network exported?"
    return True
