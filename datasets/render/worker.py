"""Renders one picture to its file: skips what is there, never leaves half a file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from .draw import generator
from .film import develop, encode
from .plan import PIXELS, View

# More samples or pixels hardly show after lens, sensor and JPEG.
SAMPLES, OVERSAMPLE = 16, 1.375


def make_picture(view: View, folder: Path, samples: int = SAMPLES) -> Path:
    """Render `view` into `folder`, unless its file is there.

    The file appears under its name only when it is whole.
    """
    path = folder / view.file
    if path.exists():
        return path
    # Blender is loaded here, so that whoever hands out the work does not need it.
    from .scene import render

    with _quiet():
        light = render(view, samples=samples, oversample=OVERSAMPLE)
    rng = generator(view.vessel.seed, view.vessel.name, view.number, "film")
    data = encode(develop(light, view.sight, rng, PIXELS), view.sight["quality"])
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(data)
    part.replace(path)
    return path


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Send what Blender's C code prints to nowhere."""
    saved = os.dup(1)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(saved, 1)
            os.close(saved)
