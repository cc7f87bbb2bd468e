"""What TensorFlow may say, and what it may not."""

from __future__ import annotations

import logging

import pytest

from tlcourse.quiet import start_tensorflow


@pytest.fixture
def heard():
    """What the logger of TensorFlow lets through."""
    start_tensorflow()
    logger, records = logging.getLogger("tensorflow"), []
    handler = logging.Handler()
    handler.emit = records.append
    logger.addHandler(handler)
    yield records
    logger.removeHandler(handler)


def test_a_row_of_networks_is_compiled_without_a_warning(heard: list[logging.LogRecord]):
    import tensorflow as tf

    def small_network(number: int):
        @tf.function
        def run(x):
            return x + number

        return run

    for number in range(9):
        small_network(number)(tf.constant(1.0))
    assert heard == []


def test_other_warnings_are_shown(heard: list[logging.LogRecord]):
    import tensorflow as tf

    tf.get_logger().warning("something else")
    assert [record.getMessage() for record in heard] == ["something else"]
