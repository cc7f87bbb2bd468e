"""Small networks and pictures, and a widget's answers without a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.widgets.helpers import small_model


@pytest.fixture(scope="session")
def model() -> Any:
    """Two convolutions, ReLU, pooling and a head, with 32 x 32 pixels in."""
    return small_model("small", seed=1)


@pytest.fixture(scope="session")
def other_model() -> Any:
    """The same layers with other weights."""
    return small_model("other", seed=2)


@pytest.fixture
def picture() -> np.ndarray:
    """A picture with a gradient and a bright square."""
    rows, columns = np.mgrid[0:32, 0:32]
    pixels = np.stack([8 * rows, 8 * columns, 4 * (rows + columns)], -1).astype(np.uint8)
    pixels[4:12, 18:26] = 255
    return pixels


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Any], Path]:
    """Write pixels, or bytes that are no picture, to a file."""

    def write(name: str, content: np.ndarray | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            Image.fromarray(content).save(path)
        return path

    return write
