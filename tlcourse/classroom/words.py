"""Free text, compared without regard to case, accents, hyphens and punctuation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MOST_CHARACTERS = 20_000
"""Of longer texts, the beginning is read."""

_ARTICLE = re.compile(r"^(?:the|an?) (?=.)")


def plain(text: str) -> str:
    """Return a text in small letters without accents, its words divided by single spaces."""
    folded = unicodedata.normalize("NFKD", text[:MOST_CHARACTERS]).casefold()
    letters = "".join(c for c in folded if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", " ", letters).strip()


def without_article(text: str) -> str:
    """Return a plain text without "the" or "a" in front."""
    return _ARTICLE.sub("", text)


def speaks_of(text: str, stems: Iterable[str]) -> bool:
    """Tell whether one of several stems occurs in a plain text, at the beginning of a word."""
    padded = f" {text}"
    return any(f" {plain(stem)}" in padded for stem in stems)


def count_words(text: str) -> int:
    """Return how many words a text has, in any script."""
    return len(plain(text).split())
