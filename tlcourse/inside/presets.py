"""Kernels with a name: what picture editors and edge detectors have always been made of."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np


class Preset(NamedTuple):
    """A kernel with a name.

    Attributes
    ----------
    values : np.ndarray
        `(k, k)` float64, read-only.
    description : str
        What it does.
    source : str
        Where it comes from.

    """

    values: np.ndarray
    description: str
    source: str


_GONZALEZ = "Gonzalez and Woods, 'Digital Image Processing', chapter 3"
_EDITORS = "the same numbers in many picture editors; who had them first is not known"


def _preset(rows: list[list[float]], description: str, source: str, divisor: float = 1) -> Preset:
    values = np.array(rows, np.float64) / divisor
    values.flags.writeable = False
    return Preset(values, description, source)


_BINOMIAL = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]).tolist()

KERNELS: Mapping[str, Preset] = MappingProxyType({
    "identity": _preset(
        [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
        "leaves the picture as it is", "the neutral element of convolution",
    ),
    "shift right": _preset(
        [[0, 0, 0], [1, 0, 0], [0, 0, 0]],
        "takes each pixel from its left neighbour", "by definition",
    ),
    "box blur": _preset(
        [[1, 1, 1]] * 3, "the mean of a pixel and its 8 neighbours", _GONZALEZ, divisor=9,
    ),
    "Gaussian blur": _preset(
        _BINOMIAL, "a weighted mean that falls off like a bell (binomial numbers)",
        "Burt and Adelson (1983), 'The Laplacian Pyramid as a Compact Image Code', a = 3/8",
        divisor=256,
    ),
    "sharpen": _preset(
        [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
        "the picture minus its Laplacian: differences from the neighbours are exaggerated",
        _GONZALEZ,
    ),
    "edges": _preset(
        [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
        "what differs from all 8 neighbours; 0 where the picture is even", _GONZALEZ,
    ),
    "Laplacian": _preset(
        [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
        "the sum of the second differences along rows and columns", _GONZALEZ,
    ),
    "Sobel, vertical edges": _preset(
        [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
        "brighter on the right than on the left: positive; the reverse: negative",
        "Sobel and Feldman (1968), 'A 3x3 Isotropic Gradient Operator for Image Processing'",
    ),
    "Sobel, horizontal edges": _preset(
        [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
        "brighter below than above: positive; the reverse: negative",
        "Sobel and Feldman (1968), 'A 3x3 Isotropic Gradient Operator for Image Processing'",
    ),
    "Prewitt, vertical edges": _preset(
        [[-1, 0, 1]] * 3,
        "as Sobel's, with the same weight for all three rows",
        "Prewitt (1970), 'Object Enhancement and Extraction'",
    ),
    "Roberts' cross": _preset(
        [[1, 0], [0, -1]],
        "the difference along a diagonal, of 2 × 2 pixels",
        "Roberts (1963), 'Machine Perception of Three-Dimensional Solids'",
    ),
    "emboss": _preset(
        [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
        "edges lit from one corner, as in relief; the numbers add up to 1", _EDITORS,
    ),
})  # fmt: skip
