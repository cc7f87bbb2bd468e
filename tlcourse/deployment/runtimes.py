"""Exported files, run by the programs that they were made for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tlcourse.deployment.targets import Format
from tlcourse.errors import EngineError
from tlcourse.features.engines import _openvino
from tlcourse.quiet import standard_error_held_back

Runner = Callable[[np.ndarray], np.ndarray]
"""From one picture `(height, width, 3)` uint8 to `(classes,)` float32 probabilities."""


def open_export(path: Path, format_: Format) -> Runner:
    """Open an exported file in its own runtime.

    Raises
    ------
    EngineError
        When the runtime refuses it.

    """
    openers = {".keras": _keras, ".tflite": _litert, ".onnx": _onnx, ".xml": _openvino_runner}
    try:
        return openers[format_.suffix](path)
    except Exception as error:  # each runtime has classes of its own
        first = (str(error).strip() or "no reason given").splitlines()[0]
        raise EngineError(
            f"The runtime {format_.runtime} cannot open '{path}'.",
            received=f"{type(error).__name__}: {first}",
        ) from error


def keras_runner(model: Any) -> Runner:
    """Return a runner for a Keras model in memory."""

    def run(picture: np.ndarray) -> np.ndarray:
        return np.asarray(model.predict_on_batch(picture[None]))[0]

    return run


def _keras(path: Path) -> Runner:
    import keras

    return keras_runner(keras.models.load_model(path, compile=False))


def _litert(path: Path) -> Runner:
    with standard_error_held_back():  # it tells which delegate it takes
        from ai_edge_litert.interpreter import Interpreter

        interpreter = Interpreter(str(path), num_threads=min(4, os.cpu_count() or 1))
        interpreter.allocate_tensors()
    [pixels], [probabilities] = interpreter.get_input_details(), interpreter.get_output_details()

    def run(picture: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(pixels["index"], picture[None])
        interpreter.invoke()
        return interpreter.get_tensor(probabilities["index"])[0]

    return run


def _onnx(path: Path) -> Runner:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # Threads that wait by turning would be measured together with those of the other model.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda picture: session.run(["probabilities"], {"pixels": picture[None]})[0][0]


def _openvino_runner(path: Path) -> Runner:
    core = _openvino().Core()
    model = core.read_model(path)
    _, height, width, channels = model.inputs[0].partial_shape
    model.reshape([1, height.get_length(), width.get_length(), channels.get_length()])
    # On some processors OpenVINO would take bfloat16 unasked: the file is judged, not the rounding.
    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    request = core.compile_model(model, "CPU", settings).create_infer_request()

    def run(picture: np.ndarray) -> np.ndarray:
        request.infer({0: picture[None]})
        return np.array(request.get_output_tensor().data[0], np.float32)

    return run
