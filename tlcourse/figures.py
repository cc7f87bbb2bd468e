"""Figures: one style, colour-blind safe, each with a text for those who do not see it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

DOTS_PER_INCH = 110
_EDGE = 0.06  # inches around what is drawn

# Okabe and Ito (2008), 'Color Universal Design': told apart with every kind of colour vision.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")

_STYLE: dict[str, Any] = {
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}


@dataclass(frozen=True, repr=False)
class Figure:
    """A drawn figure: shows itself in a notebook, with its text as alternative.

    Attributes
    ----------
    png : bytes
        The picture.
    alt : str
        What is to be seen, in words.

    """

    png: bytes
    alt: str

    def save(self, path: str | Path) -> Path:
        """Write the picture to a PNG file."""
        path = Path(path)
        path.write_bytes(self.png)
        return path

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return (
            {"image/png": self.png, "text/plain": repr(self)},
            {"image/png": {"alt": self.alt}},
        )


@contextmanager
def drawing(width: float, height: float) -> Iterator[Canvas]:
    """Give an empty matplotlib figure in the course's style; `finish` makes a `Figure` of it.

    It is not known to pyplot, so that nothing is shown twice, and nothing needs to be closed.

    Parameters
    ----------
    width, height
        In inches.

    """
    import matplotlib
    from matplotlib.figure import Figure as Canvas

    with matplotlib.rc_context(_STYLE):
        yield Canvas(figsize=(width, height), layout="constrained")


def finish(canvas: Canvas, alt: str) -> Figure:
    """Return a drawn canvas as a `Figure`; call it within `drawing`."""
    from PIL import Image, PngImagePlugin

    drawn, written = io.BytesIO(), io.BytesIO()
    # 'tight': a title that is wider than the canvas makes the picture wider, and is not cut off.
    canvas.savefig(drawn, dpi=DOTS_PER_INCH, bbox_inches="tight", pad_inches=_EDGE)
    description = PngImagePlugin.PngInfo()
    description.add_itxt("Description", alt)
    # With 256 colours, chosen for each figure, a notebook is less than half as large.
    with Image.open(drawn) as image:
        reduced = image.convert("RGB").quantize(256)
    reduced.save(written, "png", optimize=True, pnginfo=description)
    return Figure(written.getvalue(), alt)
