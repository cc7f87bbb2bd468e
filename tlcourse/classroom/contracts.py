"""`chapters/contracts.json`: the chapters, and the band of each result that they measure.

The file travels with the notebooks. Its parts::

    {
      "format": 1,
      "chapters": {
        "3": {
          "file": "03_inside_a_cnn",               the notebook, without .ipynb
          "title": "Inside a convolutional network",
          "needs": ">=0.1,<0.2",                   versions of tlcourse that fit
          "reading_minutes": 60,
          "seconds": {"smoke": 40, "laptop": 240}  at most, caches cold, on 2 cores
        }
      },
      "results": {
        "3.lenet_accuracy": {                      chapter and a name
          "what": "accuracy of LeNet-5 on the test digits",
          "unit": "share",                         or "seconds", any other word, or ""
          "bands": {"smoke": [0.8, 1], "laptop": [0.96, null]},
          "causes": ["fewer epochs than the chapter sets"]
        }
      }
    }

The end of a band that is null is open. Without `"gpu"`, what is said for `"laptop"` counts.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from tlcourse.classroom.profiles import PROFILES, Profile
from tlcourse.errors import DataError

FILE = "contracts.json"
FORMAT = 1

_KEY = re.compile(r"(\d+)\.[a-z][a-z0-9_]*")
_CHAPTER_FIELDS = {"file", "title", "needs", "reading_minutes", "seconds"}
_RESULT_FIELDS = {"what", "unit", "bands", "causes"}


@dataclass(frozen=True)
class Band:
    """From where to where a result is as expected; an end that is None is open."""

    low: float | None
    high: float | None

    def holds(self, value: float) -> bool:
        """Tell whether a value lies within; one that is no number does not."""
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        return low <= value <= high


@dataclass(frozen=True)
class Contract:
    """What one measured result is expected to be.

    Attributes
    ----------
    key, what, unit : str
        `"3.lenet_accuracy"`, in words, and what is counted; `"share"` is shown in per cent.
    bands : dict
        One for each profile.
    causes : tuple of str
        What is likely wrong where a result lies outside.

    """

    key: str
    what: str
    unit: str
    bands: Mapping[Profile, Band]
    causes: tuple[str, ...]


@dataclass(frozen=True)
class Chapter:
    """What is known of a chapter before it runs.

    Attributes
    ----------
    number : int
        From 1.
    file, title : str
        Name of the notebook without its ending; heading without its number.
    needs : str
        Which versions of tlcourse fit, as pip writes it.
    reading_minutes : int
        How long reading, running and answering take.
    seconds : dict
        For each profile, how long the computer works at most, with cold caches, on 2 cores.

    """

    number: int
    file: str
    title: str
    needs: str
    reading_minutes: int
    seconds: Mapping[Profile, float]


@dataclass(frozen=True)
class Contracts:
    """The whole file: chapters by number, results by key."""

    chapters: Mapping[int, Chapter]
    results: Mapping[str, Contract]


def find_contracts(start: str | Path | None = None) -> Path | None:
    """Return the file that belongs to a notebook, or None where there is none.

    Parameters
    ----------
    start
        The folder of the notebook; without it, the working folder, which is the notebook's in
        Jupyter. Looked for are `contracts.json` and `chapters/contracts.json`, here and in every
        folder above; then in the checkout that tlcourse is installed from.

    """
    here = Path.cwd() if start is None else Path(start).absolute()
    checkout = Path(__file__).parents[2]
    for folder in (here, *here.parents, checkout):
        for path in (folder / FILE, folder / "chapters" / FILE):
            if path.is_file() and _is_ours(path, folder):
                return path
    return None


def read_contracts(path: str | Path) -> Contracts:
    """Read and check the file.

    Raises
    ------
    DataError
        When it is no JSON, or something in it is missing, unknown or impossible; every problem is
        named.

    """
    path = Path(path)
    try:
        content = json.loads(path.read_text("utf-8"), object_pairs_hook=_without_twins)
    except (OSError, ValueError) as error:
        raise DataError(
            f"The file {path} cannot be read.",
            expected="JSON as tlcourse.classroom.contracts describes it",
            received=str(error),
            todo="Take it anew from the course.",
        ) from error
    problems = list(_problems(content))
    if problems:
        raise DataError(
            f"The file {path} is not in order.",
            expected="what tlcourse.classroom.contracts describes",
            received="".join(f"\n    {problem}" for problem in problems),
            todo="Mend these places, or take the file anew from the course.",
        )
    chapters = {
        int(number): Chapter(int(number), **{**said, "seconds": _by_profile(said["seconds"])})
        for number, said in content["chapters"].items()
    }
    results = {key: _contract(key, said) for key, said in content["results"].items()}
    return Contracts(chapters, results)


def _contract(key: str, said: dict[str, Any]) -> Contract:
    bands = _by_profile({name: Band(*ends) for name, ends in said["bands"].items()})
    return Contract(key, said["what"], said["unit"], bands, tuple(said["causes"]))


def _by_profile(given: dict[str, Any]) -> dict[Profile, Any]:
    return {name: given.get(name, given["laptop"]) for name in PROFILES}


def _is_ours(path: Path, folder: Path) -> bool:
    """Tell a file of the course from another program's of the same name, further up."""
    if path.parent != folder or folder.name == "chapters":
        return True
    try:
        return '"results"' in path.read_text("utf-8", "replace")
    except OSError:
        return False


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; a name that stands in it twice would hide what was said first."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(n for n in names if names.count(n) > 1)!r} stands there twice")
    return found


def _problems(content: Any) -> Iterator[str]:
    """Yield everything that is wrong with the content of the file, in words."""
    if not isinstance(content, dict):
        yield "the whole: not an object"
        return
    if content.get("format") != FORMAT:
        yield f"format: {content.get('format')!r} instead of {FORMAT}"
    for part in ("chapters", "results"):
        if not isinstance(content.get(part), dict):
            yield f"{part}: not an object"
    yield from (f"{name}: unknown" for name in content if name not in _PARTS)
    for name, said in _objects(content.get("chapters")):
        yield from (f"chapter {name}: {problem}" for problem in _chapter_problems(name, said))
    for key, said in _objects(content.get("results")):
        yield from (f"{key}: {problem}" for problem in _result_problems(key, said))


_PARTS = {"format", "chapters", "results"}


def _objects(part: Any) -> Iterator[tuple[str, Any]]:
    yield from part.items() if isinstance(part, dict) else ()


def _chapter_problems(number: str, said: Any) -> Iterator[str]:
    if not re.fullmatch(r"[1-9]\d*", number):
        yield "not the number of a chapter"
    if not isinstance(said, dict):
        yield "not an object"
        return
    yield from _field_problems(said, _CHAPTER_FIELDS)
    for name in ("file", "title"):
        if name in said and not _is_text(said[name]):
            yield f"{name}: not a text"
    try:
        SpecifierSet(said.get("needs", ""))
    except (InvalidSpecifier, TypeError, AttributeError):
        yield f"needs: {said['needs']!r} instead of versions such as '>=0.1,<0.2'"
    if "reading_minutes" in said and not _is_number(said["reading_minutes"], lowest=1):
        yield "reading_minutes: not a number"
    yield from _profile_problems("seconds", said.get("seconds", {"smoke": 1, "laptop": 1}))
    for name, value in _objects(said.get("seconds")):
        if not _is_number(value, lowest=1e-3):
            yield f"seconds: {name}: not a number above 0"


def _result_problems(key: str, said: Any) -> Iterator[str]:
    if not _KEY.fullmatch(key):
        yield "not a key such as '3.lenet_accuracy'"
    if not isinstance(said, dict):
        yield "not an object"
        return
    yield from _field_problems(said, _RESULT_FIELDS)
    if "what" in said and not _is_text(said["what"]):
        yield "what: not a text"
    if not isinstance(said.get("unit", ""), str):
        yield "unit: not a text"
    causes = said.get("causes", ["-"])
    if not isinstance(causes, list) or not causes or not all(map(_is_text, causes)):
        yield "causes: not a list of at least one text"
    yield from _profile_problems("bands", said.get("bands", {"smoke": 1, "laptop": 1}))
    for name, ends in _objects(said.get("bands")):
        if not _is_band(ends):
            yield f"bands: {name}: not [lowest, highest] in this order"


def _field_problems(said: dict[str, Any], fields: set[str]) -> Iterator[str]:
    yield from (f"{name}: missing" for name in sorted(fields - set(said)))
    yield from (f"{name}: unknown" for name in sorted(set(said) - fields))


def _profile_problems(field: str, given: Any) -> Iterator[str]:
    if not isinstance(given, dict):
        yield f"{field}: not an object"
        return
    yield from (f"{field}: {name}: missing" for name in ("smoke", "laptop") if name not in given)
    yield from (f"{field}: {name}: no profile" for name in given if name not in PROFILES)


def _is_band(ends: Any) -> bool:
    if not isinstance(ends, list) or len(ends) != 2 or ends == [None, None]:
        return False
    if not all(end is None or _is_number(end) for end in ends):
        return False
    return None in ends or ends[0] <= ends[1]


def _is_number(value: Any, lowest: float = -math.inf) -> bool:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return good and math.isfinite(value) and value >= lowest


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
