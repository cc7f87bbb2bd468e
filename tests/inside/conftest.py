"""What the tests of this room share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def same_random_weights() -> None:
    """Small networks have the same weights in each run."""
    import keras

    keras.utils.set_random_seed(0)
