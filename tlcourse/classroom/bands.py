"""`in_band`: a measured result beside what it is expected to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tlcourse.classroom import records
from tlcourse.classroom.cards import Card
from tlcourse.classroom.contracts import FILE, Band, Contract, find_contracts, read_contracts
from tlcourse.classroom.feedback import described
from tlcourse.classroom.profiles import Profile, profile
from tlcourse.errors import ArgumentError, TLCourseError


class OutOfBandError(TLCourseError):
    """A result lies outside of its band, in a run that is strict about it."""


def in_band(key: str, value: Any) -> Card:
    """Compare a measured result with the band that it is expected in, and show both.

    The bands, one for each profile, lie in `chapters/contracts.json` beside the notebooks; tests
    read the same file. A result outside is shown with its likely causes, and the notebook goes on;
    where `TLCOURSE_STRICT=1` is set, it raises.

    Parameters
    ----------
    key
        Which result: `"3.lenet_accuracy"`.
    value
        A number, or an array of one.

    Returns
    -------
    Card
        Shows itself in a notebook; `.verdict` is None.

    Raises
    ------
    ArgumentError
        When there is no such result, or the value is no number.
    DataError
        When the file is not in order.
    OutOfBandError
        When the result is out of its band, or there is no file, and the run is strict.

    """
    path = find_contracts()
    if path is None:
        return _without_contracts(key)
    contract = _find(key, path)
    number = _number(key, value)
    which = profile()
    band = contract.bands[which]
    inside = band.holds(number)
    records.note(
        kind="in_band", key=key, value=number, band=[band.low, band.high], inside=inside,
        profile=which,
    )  # fmt: skip
    told = compare(contract, number, which)
    if not inside and records.is_strict():
        raise OutOfBandError(
            f"The result '{key}' is out of its band.",
            expected=f"{in_words(contract, band)} (profile {which})",
            received=written(contract, number),
            todo="; ".join(contract.causes),
        )
    return told


def compare(contract: Contract, value: float, which: Profile) -> Card:
    """Return the card for a value: in band or out of band, with band, profile and causes."""
    band = contract.bands[which]
    measured = f"{contract.what}: {written(contract, value)}."
    expected = f"Expected under the profile {which}: {in_words(contract, band)}."
    if band.holds(value):
        return Card("✔", "In band.", f"{_capital(measured)} {expected}", tone="good")
    causes = tuple(f"Likely cause: {cause}." for cause in contract.causes)
    return Card("✘", "Out of band.", f"{_capital(measured)} {expected}", causes, tone="bad")


def in_words(contract: Contract, band: Band) -> str:
    """Return a band in words: "96% to 99.9%", "at most 12 seconds"."""
    if band.low is None:
        return f"at most {written(contract, band.high)}"
    if band.high is None:
        return f"at least {written(contract, band.low)}"
    return f"{written(contract, band.low)} to {written(contract, band.high)}"


def written(contract: Contract, value: float | None) -> str:
    """Return a value with its unit, with as many digits as mean something."""
    if value is None:
        return "open"
    if contract.unit == "share":
        return f"{round(100 * value, 1):g}%"
    digits = f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"
    return f"{digits} {contract.unit}".strip()


def _find(key: str, path: Path) -> Contract:
    results = read_contracts(path).results
    if key in results:
        return results[key]
    chapter = str(key).partition(".")[0]
    near = [known for known in results if known.partition(".")[0] == chapter] or list(results)
    raise ArgumentError(
        f"The file {FILE} has no result of this name.",
        expected="one of " + (", ".join(near) or "none: it holds no results"),
        received=repr(key)[:80],
        todo=f"Mend the name, or describe the result in {FILE}.",
    )


def _number(key: str, value: Any) -> float:
    """Return the value as a float; NaN, as a training that went astray gives it, stays one."""
    if not isinstance(value, str):
        try:
            array = np.asarray(value)
        except Exception:  # an object that cannot be an array is no number
            array = np.empty(0)
        if array.size == 1 and array.dtype.kind in "iuf":
            return float(array.reshape(())[()])
    raise ArgumentError(
        f"The result '{key}' is not a number.",
        expected="a number, or an array of one",
        received=described(value),
    )


def _without_contracts(key: str) -> Card:
    said = f"There is no {FILE} in this folder or above it, so '{key}' was compared with nothing."
    records.note(kind="in_band", key=key, value=None, band=None, inside=None, profile=profile())
    if records.is_strict():
        raise OutOfBandError(said, todo=f"Run the notebook in the folder that holds {FILE}.")
    return Card("○", "Not compared.", said, tone="plain")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
