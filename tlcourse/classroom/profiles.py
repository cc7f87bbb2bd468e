"""One switch for how much is computed: students, tests and instructors share it."""

from __future__ import annotations

import os
from typing import Any, Literal, TypeVar, cast, get_args

from tlcourse.errors import ArgumentError

Profile = Literal["smoke", "laptop", "gpu"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
DEFAULT: Profile = "laptop"
VARIABLE = "TLCOURSE_PROFILE"

Value = TypeVar("Value")
_SAME_AS_LAPTOP: Any = object()


def profile() -> Profile:
    """Return how much the chapters compute: `"smoke"`, `"laptop"` or `"gpu"`.

    It is what the environment variable `TLCOURSE_PROFILE` says, and `"laptop"` without it.
    `"smoke"` runs a chapter in well under a minute, with few pictures and epochs, to see that it
    works; its results mean nothing. `"laptop"` is what the text speaks of.

    Raises
    ------
    ArgumentError
        When the variable names another.

    """
    given = os.environ.get(VARIABLE, "").strip()
    if not given:
        return DEFAULT
    if given.lower() in PROFILES:
        return cast(Profile, given.lower())
    raise ArgumentError(
        f"The environment variable {VARIABLE} names no profile.",
        expected=" or ".join(PROFILES),
        received=f"{VARIABLE}={given[:50]!r}",
        todo=f"Unset it for {DEFAULT}, or set it before the kernel starts.",
    )


def pick(*, smoke: Value, laptop: Value, gpu: Value = _SAME_AS_LAPTOP) -> Value:
    """Return the value for the profile that is set: the same code, other amounts.

    Parameters
    ----------
    smoke, laptop, gpu
        One value of any kind for each profile; without one for `gpu`, that of `laptop` counts.

    Raises
    ------
    ArgumentError
        When `TLCOURSE_PROFILE` names no profile.

    """
    values = {"smoke": smoke, "laptop": laptop, "gpu": gpu}
    value = values[profile()]
    return laptop if value is _SAME_AS_LAPTOP else value
