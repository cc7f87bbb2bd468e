"""Numbers as people write them: "2,562", "2 562 parameters", "93 %", "1.3 million"."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

_MOST_CHARACTERS = 200

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SUPERSCRIPT = re.compile("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
# Minus signs and dashes, apostrophes, and signs for 'times', each as the one that is looked for.
_PLAIN = str.maketrans("−–‒’ʼ×·", "---''xx")

_DIGITS = r"""
    (?P<grouped>\d{1,3}(?:(?P<by>[,'_\ ])\d{3})(?:(?P=by)\d{3})*(?:\.\d+)?)(?!\d)
    | (?P<dotted>\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?)(?!\d)
    | (?P<simple>\d+(?:[.,]\d+)?|[.,]\d+)
"""
_NUMBER = re.compile(
    rf"""^(?P<before>[^\d]*?)(?<![\w.,])
    (?P<sign>[-+])?\s?(?:{_DIGITS})
    (?:e(?P<exponent>[-+]?\d+))?
    (?:\s*/\s*(?P<below>\d+))?
    (?:\s*[x*]\s*10\s*(?:\^|\*\*)\s*(?P<power>[-+]?\d+))?
    (?P<after>[^\d]*)$""",
    re.VERBOSE | re.IGNORECASE,
)
_SCALES = {
    "k": 1e3, "thousand": 1e3, "M": 1e6, "mio": 1e6, "million": 1e6, "millions": 1e6,
    "bn": 1e9, "billion": 1e9, "billions": 1e9,
}  # fmt: skip
_NAMES = {
    name: value
    for value, names in enumerate(
        ("zero none nothing", "one", "two", "three", "four", "five", "six",
         "seven", "eight", "nine", "ten", "eleven", "twelve")
    )
    for name in names.split()
}  # fmt: skip


def read_number(answer: Any) -> list[float]:
    """Return the numbers that an answer may stand for, the likeliest first; none for no number.

    "2,562" is 2562, or 2.562 where people write decimal commas; "93 %" is 0.93, or 93 where the
    question asks for per cent. Words around one number are passed over. Truth values, what is not
    finite, and text with several numbers are no number.

    Parameters
    ----------
    answer
        Anything: Python's and numpy's numbers, arrays and tensors of one, strings.

    """
    if isinstance(answer, list | tuple) and len(answer) == 1:
        answer = answer[0]
    if isinstance(answer, str):
        found = list(_written(answer)) if len(answer) <= _MOST_CHARACTERS else []
    else:
        found = list(_held(answer))
    return [value for value in dict.fromkeys(found) if math.isfinite(value)]


def _held(answer: Any) -> Iterator[float]:
    """Yield what a number, or an array of one, holds."""
    if isinstance(answer, bool | np.bool_):
        return
    if isinstance(answer, int | float | Fraction | Decimal):
        try:
            yield float(answer)
        except OverflowError:  # an integer of hundreds of digits
            return
    elif hasattr(answer, "__array__"):
        array = np.asarray(answer)
        if array.size == 1 and array.dtype.kind in "iuf":
            yield float(array.reshape(())[()])


def _written(text: str) -> Iterator[float]:
    """Yield what a text may mean."""
    text = _SUPERSCRIPT.sub(lambda m: f"^{m.group().translate(_SUPERSCRIPTS)}", text)
    text = unicodedata.normalize("NFKC", text).translate(_PLAIN).strip()
    if (named := text.casefold().strip(" .!")) in _NAMES:
        yield float(_NAMES[named])
    found = _NUMBER.match(text)
    if not found:
        return
    scale = _scale(found)
    if scale is None:
        return
    percent = re.match(r"\s*(%|per ?cent\b)", found["after"], re.IGNORECASE)
    for value in _digits(found):
        value = math.copysign(value, -1 if found["sign"] == "-" else 1) * scale
        if percent:
            yield value / 100
        yield value


def _digits(found: re.Match[str]) -> Iterator[float]:
    """Yield the values that a row of digits, with dots, commas and spaces, may have."""
    if grouped := found["grouped"]:
        yield float(re.sub(r"[,'_ ]", "", grouped))
        if re.fullmatch(r"\d+,\d+", grouped):
            yield float(grouped.replace(",", "."))
    elif dotted := found["dotted"]:
        yield float(dotted.replace(".", "").replace(",", "."))
    else:
        simple = found["simple"]
        yield float(simple.replace(",", "."))
        if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", simple):  # 12.810 as a German writes 12,810
            yield float(simple.replace(".", ""))


def _scale(found: re.Match[str]) -> float | None:
    """Return what the digits are to be multiplied by; None where it cannot be."""
    exponent = int(found["exponent"] or 0) + int(found["power"] or 0)
    below = int(found["below"] or 1)
    if abs(exponent) > 300 or below == 0:
        return None
    word = re.match(r"\s*([A-Za-z]+)", found["after"])
    named = 1.0
    if word:
        named = _SCALES.get(word[1]) or _SCALES.get(word[1].lower(), 1.0)
    return 10.0**exponent / below * named
