"""The 1,000 class names of ImageNet's 2012 challenge, and answers given in them.

The names are the first WordNet 3.0 lemma of each class, in the order of the challenge
(Russakovsky et al. 2015, 'ImageNet Large Scale Visual Recognition Challenge'); 'crane', which names
both a bird and a machine, is told apart.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np


@cache
def imagenet_classes() -> tuple[str, ...]:
    """Return the 1,000 names, in the order of the networks' outputs."""
    text = resources.files("tlcourse.backbones").joinpath("imagenet_classes.txt").read_text("utf-8")
    return tuple(text.splitlines())


class Guess(NamedTuple):
    """One answer: class number, name, and probability in 0..1."""

    number: int
    name: str
    probability: float


class Guesses(tuple[Guess, ...]):
    """The likeliest answers, best first; shows as a small table."""

    __slots__ = ()

    def __repr__(self) -> str:
        width = max((len(guess.name) for guess in self), default=0)
        return "\n".join(
            f"{guess.probability:5.0%}  {guess.name:<{width}}  (class {guess.number})"
            for guess in self
        )


def best_guesses(probabilities: np.ndarray, top: int) -> Guesses:
    """Return the `top` likeliest classes of one `(1000,)` vector of probabilities."""
    names = imagenet_classes()
    order = np.argsort(-probabilities, kind="stable")[:top]
    return Guesses(Guess(int(i), names[i], float(probabilities[i])) for i in order)
