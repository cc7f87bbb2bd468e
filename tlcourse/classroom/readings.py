"""`reading`: a sentence out of measured values, so that no number is typed by hand."""

from __future__ import annotations

import math
import numbers
from string import Formatter
from typing import Any

from tlcourse.errors import ArgumentError


class Reading:
    """A sentence in Markdown; shows itself in a notebook.

    Attributes
    ----------
    text : str
        The sentence.

    """

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/markdown": self.text, "text/plain": self.text}


def reading(template: str, /, **values: Any) -> Reading:
    """Return a sentence with measured values put in.

    Parameters
    ----------
    template
        Markdown with places as `str.format` has them: `"{right:,} of {n:,}, **{accuracy:.1%}**"`.
    **values
        What goes there, by name.

    Raises
    ------
    ArgumentError
        When a value is missing, is not used, is no finite number, or cannot be written in the way
        that the template asks for; all that are missing are named.

    """
    places = _places(template)
    wanted = [name for name, _, _ in places]
    missing = [name for name in dict.fromkeys(wanted) if name not in values]
    unused = [name for name in values if name not in wanted]
    if missing or unused:
        raise ArgumentError(
            "The values do not fit the sentence.",
            expected="a value for " + ", ".join(dict.fromkeys(wanted)),
            received="; ".join(
                filter(
                    None,
                    [
                        f"none for {', '.join(missing)}" if missing else "",
                        f"{', '.join(unused)} without a place" if unused else "",
                    ],
                )
            ),
        )
    for name, place, how in places:
        _try(place, how, name, values)
    return Reading(template.format(**values))


def _places(template: str) -> list[tuple[str, str, str]]:
    """Return name, place and how to write it, for every place of a template."""
    try:
        parsed = list(Formatter().parse(template))
    except (ValueError, TypeError) as error:
        raise ArgumentError(
            "The sentence cannot be read.",
            expected="text with places such as {accuracy:.1%}; a brace itself is written twice",
            received=f"{str(template)[:80]!r}: {error}",
        ) from error
    found = []
    for _, place, how, conversion in parsed:
        if place is None:
            continue
        name = place.partition(".")[0].partition("[")[0]
        converted = f"!{conversion}" if conversion else ""
        found.append((name, f"{place}{converted}", how or ""))
    if nameless := [place for name, place, _ in found if not name.isidentifier()]:
        raise ArgumentError(
            "Every place of the sentence needs a name.",
            expected="places such as {accuracy:.1%}",
            received=", ".join(f"{{{place}}}" for place in nameless),
        )
    return found


def _try(place: str, how: str, name: str, values: dict[str, Any]) -> None:
    """Write one place by itself, so that an error names it."""
    value = values[name]
    if value is None or (isinstance(value, numbers.Real) and not math.isfinite(value)):
        raise ArgumentError(
            f"The value '{name}' says nothing.",
            expected="a measured value",
            received=f"{name}={value}",
            todo="Look at the cell that measures it.",
        )
    try:
        ("{" + place + (f":{how}" if how else "") + "}").format(**values)
    except Exception as error:
        raise ArgumentError(
            f"The value '{name}' cannot be written as {{{place}{f':{how}' if how else ''}}}.",
            expected="a value that fits, such as a number for '.1%'",
            received=f"{type(value).__name__}: {error}",
        ) from error
