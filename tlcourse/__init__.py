"""tlcourse: transfer learning for image classification, taught and done.

The names below are loaded when they are first used, so that `import tlcourse` is quick and
TensorFlow starts only where a network is needed. `__init__.pyi` lists them.
"""

import os

import lazy_loader

# Before TensorFlow is imported, or it does not count: its start-up messages say nothing to a
# reader of this course. Errors are still shown.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
