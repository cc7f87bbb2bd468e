"""What computes the features: Keras everywhere, OpenVINO where it is installed and faster.

An engine takes a batch `(n, height, width, 3)` of uint8 and returns float32 rows. Both run the same
graph: a backbone's `feature_model`, or any other Keras model from pixels on, such as the frozen
lower part of a network that is fine-tuned.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import numpy as np

from tlcourse.assets import cache_folder, locked
from tlcourse.backbones import Backbone
from tlcourse.errors import ArgumentError, EngineError
from tlcourse.messages import say

if TYPE_CHECKING:
    import keras

EngineName = Literal["auto", "keras", "openvino"]

BATCH = 8
"""Pictures a call: larger batches leave the processor's caches, and are slower."""


RECIPE_VERSION = "2"
"""Part of the name of everything that is kept; a new one leaves all that was kept before alone."""


class Computation(NamedTuple):
    """What an engine is to run.

    Attributes
    ----------
    name
        For messages and file names.
    model
        From `(n, height, width, 3)` uint8 to `(n, …)` float32.
    recipe
        All that the numbers depend on, as texts: weights, preprocessing, where the model ends.

    """

    name: str
    model: keras.Model
    recipe: tuple[str, ...]

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.model.input_shape[1:3]


def features_of(backbone: Backbone) -> Computation:
    """Return what computes the averaged features of a backbone, `(n, feature_size)`."""
    recipe = (backbone.weights_sha256, str(backbone.preprocessing))
    return Computation(backbone.name, backbone.feature_model, recipe)


class Engine(Protocol):
    """A way to run a model from pixels on."""

    name: str
    """Engine and precision, for example `"openvino bf16"`; part of the cache's recipe."""

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Compute `(n, …)` float32 rows of `(n, height, width, 3)` uint8, n at most `BATCH`."""


class KerasEngine:
    """A model as Keras runs it, compiled once into a TensorFlow graph, in float32."""

    name = "keras f32"

    def __init__(self, computation: Computation) -> None:
        import tensorflow as tf

        model = computation.model
        signature = tf.TensorSpec((None, *computation.input_size, 3), tf.uint8)
        self._run = tf.function(lambda x: model(x, training=False), input_signature=[signature])

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Compute features; see `Engine`."""
        return self._run(batch).numpy()


class OpenVinoEngine:
    """A model in OpenVINO, in bfloat16 where the processor computes it, else float32."""

    def __init__(self, computation: Computation) -> None:
        self.name = f"openvino {openvino_precision()}"
        core = _openvino_core()
        model = _read_converted(core, computation)
        # One fixed shape compiles to faster code than a free one; a last batch is filled up.
        self._shape = (BATCH, *computation.input_size, 3)
        model.reshape(list(self._shape))
        settings = {
            "INFERENCE_PRECISION_HINT": openvino_precision(),
            "PERFORMANCE_HINT": "LATENCY",
            "CACHE_DIR": str(cache_folder() / "openvino" / "compiled"),
        }
        self._request = core.compile_model(model, "CPU", settings).create_infer_request()

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Compute features; see `Engine`."""
        count = len(batch)
        if count < BATCH:
            filled = np.zeros(self._shape, np.uint8)
            filled[:count] = batch
            batch = filled
        self._request.infer({0: batch})
        return np.array(self._request.get_output_tensor().data[:count], np.float32)


def engine_name(engine: EngineName) -> str:
    """Return the `Engine.name` that a choice leads to, without building the engine.

    Raises
    ------
    ArgumentError
        When the engine is unknown, or OpenVINO is asked for and not installed.

    """
    if engine not in ("auto", "keras", "openvino"):
        raise ArgumentError(
            "There is no engine of this name.",
            expected="'auto', 'keras' or 'openvino'",
            received=f"engine={engine!r}",
        )
    installed = importlib.util.find_spec("openvino") is not None
    if engine == "openvino" and not installed:
        raise ArgumentError(
            "The engine OpenVINO is not installed.",
            expected="the package openvino",
            received="no such package in this environment",
            todo="pip install 'tlcourse[fast]', or leave engine='auto'.",
        )
    if engine == "keras" or not installed:
        return KerasEngine.name
    return f"openvino {openvino_precision()}"


def build_engine(what: Backbone | Computation, name: str) -> Engine:
    """Build the engine that `engine_name` chose, for a backbone's features or any computation.

    Raises
    ------
    EngineError
        When OpenVINO cannot convert or compile the network.

    """
    computation = features_of(what) if isinstance(what, Backbone) else what
    if name == KerasEngine.name:
        return KerasEngine(computation)
    try:
        return OpenVinoEngine(computation)
    except Exception as error:  # RuntimeError, or a class of its own that a converter raises
        raise EngineError(
            f"OpenVINO cannot run '{computation.name}'.",
            received=f"{type(error).__name__}: {str(error).strip().splitlines()[0]}",
            todo="Use engine='keras', or empty the folder "
            f"{cache_folder() / 'openvino'} and try again.",
        ) from error


def openvino_precision() -> Literal["bf16", "f32"]:
    """Return the precision that OpenVINO computes in on this processor."""
    capabilities = _openvino_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "bf16" if "BF16" in capabilities else "f32"


def _openvino() -> Any:
    """Import OpenVINO without its telemetry.

    Unasked, its converter reports each use to a server of its makers. Where the package that does
    so is missing, it takes a stub of its own; a None here makes the package look missing.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino


def _openvino_core() -> Any:
    return _openvino().Core()


def _read_converted(core: Any, computation: Computation) -> Any:
    """Read a model in OpenVINO's format, converted at the first use and kept in the cache."""
    height, width = computation.input_size
    recipe = " ".join((RECIPE_VERSION, *computation.recipe, _openvino().__version__))
    digest = hashlib.sha256(recipe.encode()).hexdigest()[:16]
    stem = f"{computation.name}-{height}x{width}-{digest}"
    file = cache_folder() / "openvino" / f"{stem}.xml"
    with locked(f"openvino-{stem}"):
        if file.exists():
            try:
                return core.read_model(file)
            except RuntimeError:
                say(f"The converted network {file} is damaged; it is made anew.")
        _convert(computation.model, file)
        return core.read_model(file)


def _convert(model: keras.Model, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent) as scratch:
        made = Path(scratch) / "model.xml"
        model.export(str(made), format="openvino", verbose=False)
        made.with_suffix(".bin").replace(file.with_suffix(".bin"))
        made.replace(file)  # last: the file whose presence says that both are there
