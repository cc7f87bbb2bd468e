"""A training on disk: one `.npz` file, all or nothing, that belongs to one run and no other."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from tlcourse.assets import atomic_write
from tlcourse.errors import ArgumentError, ModelFileError, must_be

_FORMAT = "tlcourse checkpoint 1"

Arrays: TypeAlias = dict[str, list[np.ndarray]]
Found: TypeAlias = tuple[dict[str, Any], Arrays] | None


class Checkpoint:
    """Where a training writes down how far it is.

    Parameters
    ----------
    path
        Ends in `.npz`.
    run
        Everything that determines the numbers of the run, ready for JSON: data, weights, settings,
        versions.

    Raises
    ------
    ArgumentError
        When the path has another ending.

    """

    def __init__(self, path: str | Path, run: dict[str, Any]) -> None:
        must_be("checkpoint", path, (str, Path), "Give the path of a .npz file.")
        self.path = Path(path).expanduser()
        self._run = run
        if self.path.suffix != ".npz":
            raise ArgumentError(
                "A checkpoint is a .npz file.",
                expected="a path that ends in .npz",
                received=f"checkpoint='{self.path}'",
            )

    def save(self, described: dict[str, Any], arrays: Arrays) -> None:
        """Write the state, all or nothing: a kill leaves the one before."""
        text = json.dumps(
            {"format": _FORMAT, "run": self._run, "key": _key(self._run), "state": described}
        )
        flat = {f"{n}/{i}": a for n, listed in arrays.items() for i, a in enumerate(listed)}
        with atomic_write(self.path) as file:
            np.savez(file, described=np.frombuffer(text.encode(), np.uint8), **flat)  # type: ignore[arg-type]

    def load(self) -> Found:
        """Return what was saved, or None where there is no file.

        Raises
        ------
        ArgumentError
            When the file belongs to another run; the message says what differs.
        ModelFileError
            When it is damaged.

        """
        if not self.path.exists():
            return None
        try:
            with np.load(self.path, allow_pickle=False) as file:
                described = json.loads(file["described"].tobytes())
                if described["format"] != _FORMAT:
                    raise ValueError(f"format {described['format']!r}")
                arrays: Arrays = {}
                names = [name for name in file.files if name != "described"]
                for name in sorted(names, key=lambda n: int(n.partition("/")[2])):
                    arrays.setdefault(name.partition("/")[0], []).append(file[name])
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise ModelFileError(
                f"The checkpoint '{self.path}' cannot be read.",
                expected=f"a file that fine_tune wrote ({_FORMAT})",
                received=f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}",
                todo="Remove it to start the training anew.",
            ) from error
        if described["key"] != _key(self._run):
            raise self._of_another_run(described["run"])
        return described["state"], arrays

    def _of_another_run(self, other: dict[str, Any]) -> ArgumentError:
        differing = [n for n in self._run if other.get(n) != self._run[n]]
        shown = (f"{n}={other.get(n)!r}"[:80] for n in differing)
        wanted = (f"{n}={self._run[n]!r}"[:80] for n in differing)
        return ArgumentError(
            f"The checkpoint '{self.path}' belongs to another training.",
            expected=", ".join(wanted),
            received=", ".join(shown),
            todo="Give the arguments of that training, or another path for this one.",
        )


def _key(run: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(run, sort_keys=True).encode()).hexdigest()
