"""TensorFlow, started without its messages about drivers and processors."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache


@cache
def start_tensorflow() -> None:
    """Import Keras and let TensorFlow look for devices, once, in silence.

    Its libraries print lines on CPU features and absent graphics cards before any logging setting
    counts, straight to file descriptor 2: noise in every notebook. When the start fails, what was
    held back is shown; after Ctrl-C it is not.

    Later on, one warning is left out: that functions are traced again and again. It is meant for a
    loop that compiles by mistake. A course that trains a row of small networks compiles each on
    purpose.
    """
    with standard_error_held_back():
        import keras

        keras.ops.zeros(1)  # the first operation is what makes TensorFlow look for devices
    logging.getLogger("tensorflow").addFilter(_is_not_about_tracing)


def _is_not_about_tracing(record: logging.LogRecord) -> bool:
    return "triggered tf.function retracing" not in str(record.msg)


@contextmanager
def standard_error_held_back() -> Iterator[None]:
    """Hold back what C++ libraries print on file descriptor 2; after an exception it is shown."""
    sys.stderr.flush()
    original = os.dup(2)
    with tempfile.TemporaryFile() as held_back:
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        except Exception:
            os.dup2(original, 2)
            held_back.seek(0)
            os.write(2, held_back.read())
            raise
        finally:
            os.dup2(original, 2)
            os.close(original)
