"""What the classroom shows: a sign, a title and a text, for eyes, screen readers and terminals."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any, Literal

from tlcourse.classroom.feedback import Verdict

Tone = Literal["good", "bad", "plain"]

# Only the line at the side has a colour; what is meant stands in sign and title.
_COLOURS: dict[Tone, str] = {"good": "#009E73", "bad": "#D55E00", "plain": "#56B4E9"}
_TONES: dict[str, Tone] = {"right": "good", "noted": "good", "not yet": "bad"}

_MARKED = re.compile(r"(`[^`]+`|(?<!\w)\*\S[^*]*\*(?!\w))")


@dataclass(frozen=True)
class Card:
    """A few words of the course to the student; shows itself in a notebook.

    Attributes
    ----------
    sign : str
        One character that says it without colour.
    title, text : str
        Words between backticks are code, between stars they are stressed.
    points : tuple of str
        Shown as a list.
    verdict : str or None
        What was judged, where something was.
    tone : str
        `"good"`, `"bad"` or `"plain"`; by the verdict where it is not given.

    """

    sign: str
    title: str
    text: str = ""
    points: tuple[str, ...] = ()
    verdict: Verdict | None = None
    tone: Tone | None = None

    def __repr__(self) -> str:
        first = " ".join(filter(None, [self.sign, self.title, self.text]))
        return "\n".join([first, *(f"  - {point}" for point in self.points)])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self._html(), "text/plain": repr(self)}

    def _html(self) -> str:
        colour = _COLOURS[self.tone or _TONES.get(self.verdict or "", "plain")]
        points = "".join(f"<li>{marked(point)}</li>" for point in self.points)
        return (
            f'<div style="border-left: 4px solid {colour}; padding: 0.3em 0.8em; max-width: 48em">'
            f'<strong><span aria-hidden="true">{html.escape(self.sign)}</span> '
            f"{marked(self.title)}</strong> {marked(self.text)}"
            + (f'<ul style="margin: 0.3em 0 0">{points}</ul>' if points else "")
            + "</div>"
        )


def marked(text: str) -> str:
    """Return a text for HTML: `code` between backticks, *stress* between stars."""
    parts = []
    for part in _MARKED.split(text):
        escaped = html.escape(part, quote=False)
        if _MARKED.fullmatch(part):
            tag = "code" if part.startswith("`") else "em"
            escaped = f"<{tag}>{escaped[1:-1]}</{tag}>"
        parts.append(escaped)
    return "".join(parts).replace("\n", "<br>")
