"""Reading IDX, the format of MNIST and its kin: a short header, then plain bytes.

The header is two zero bytes, the type of the values (8: unsigned bytes), the number of dimensions,
and each dimension as a big-endian 32-bit number. Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST
database of handwritten digits, http://yann.lecun.com/exdb/mnist.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from tlcourse.data.reading import shown
from tlcourse.errors import DataError

_MOST_VALUES = 1_000_000_000


def read_idx(path: Path) -> np.ndarray:
    """Return the values of a gzipped IDX file of unsigned bytes.

    Returns
    -------
    np.ndarray
        uint8, of as many dimensions as the file says: `(n, height, width)` for pictures, `(n,)` for
        labels.

    Raises
    ------
    DataError
        When it is no such file, is cut short, or holds more than it declares.

    """
    try:
        with gzip.open(path, "rb") as file:
            zeros, kind, dimensions = struct.unpack(">HBB", file.read(4))
            if (zeros, kind) != (0, 8) or not 1 <= dimensions <= 3:
                raise _refusal(
                    path, "its header is not that of unsigned bytes in 1 to 3 dimensions"
                )
            shape = struct.unpack(f">{dimensions}I", file.read(4 * dimensions))
            count = math.prod(shape)
            if count > _MOST_VALUES:
                raise _refusal(path, f"it declares {count:,} values")
            values = file.read(count + 1)
    except (OSError, EOFError, zlib.error, struct.error) as error:
        raise _refusal(path, str(error)) from error
    if len(values) != count:
        raise _refusal(
            path, f"it holds {'more' if len(values) > count else 'less'} than it declares"
        )
    return np.frombuffer(values, np.uint8).reshape(shape)


def _refusal(path: Path, reason: str) -> DataError:
    return DataError(
        f"Cannot read {shown(path)}.",
        expected="a gzipped IDX file of unsigned bytes, as MNIST and Fashion-MNIST come in",
        received=reason,
        todo="Download it again.",
    )
