"""From a Keras model to the file of each format; Keras' own exporters do the work."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse import quiet
from tlcourse.deployment import labels
from tlcourse.deployment.litert import write_litert
from tlcourse.deployment.targets import Quantisation, Target
from tlcourse.errors import EngineError
from tlcourse.features.engines import _openvino

if TYPE_CHECKING:
    import keras

_OPSET = 17
"""Of 2022: read by every runtime since, and it has all that picture classifiers need."""


def convert(
    model: keras.Model,
    class_names: tuple[str, ...],
    target: Target,
    made: Path,
    quantise: Quantisation | None,
    pictures: np.ndarray | None,
) -> None:
    """Write a model in the format of a target, class names inside.

    Parameters
    ----------
    model
        From `(n, height, width, 3)` uint8 to `(n, classes)` probabilities.
    class_names
        The columns.
    target
        Which format.
    made
        Where to write the main file; the others go next to it.
    quantise, pictures
        How, and `(n, height, width, 3)` uint8 pictures to calibrate with.

    Raises
    ------
    EngineError
        When a converter does not know a layer of the model, or fails otherwise.

    """
    writers = {".tflite": write_litert, ".onnx": _onnx, ".xml": _openvino_file}
    try:
        with _in_silence():
            writers[target.format.suffix](model, class_names, made, quantise, pictures)
    except OSError:
        raise
    except Exception as error:  # each converter has classes of its own
        first = (str(error).strip() or "no reason given").splitlines()[0]
        raise EngineError(
            f"The model cannot be written as {target.format.name}.",
            received=f"{type(error).__name__}: {first}",
            todo="Try another format; .keras always works.",
        ) from error
    labels.write_labels(made.with_suffix(".labels.txt"), class_names)


def _onnx(
    model: keras.Model,
    class_names: tuple[str, ...],
    made: Path,
    quantise: Quantisation | None,
    pictures: np.ndarray | None,
) -> None:
    import onnx

    plain = made.with_name("plain.onnx")
    model.export(
        str(plain),
        format="onnx",
        verbose=False,
        input_signature=[_pixels(model, None)],
        opset_version=_OPSET,
    )
    if quantise == "int8":
        assert pictures is not None
        plain = _eight_bits(plain, pictures)
    written = onnx.load(plain)
    _name_output(written.graph)
    labels.into_onnx(written, class_names)
    onnx.save(written, made)


def _openvino_file(
    model: keras.Model,
    class_names: tuple[str, ...],
    made: Path,
    quantise: Quantisation | None,
    pictures: np.ndarray | None,
) -> None:
    openvino = _openvino()
    if quantise == "int8":  # OpenVINO reads the eight bits of ONNX as its own
        source = made.with_name("source.onnx")
        _onnx(model, class_names, source, quantise, pictures)
        converted = openvino.convert_model(source)
    else:
        source = made.with_name("source.xml")
        model.export(
            str(source), format="openvino", verbose=False, input_signature=[_pixels(model, None)]
        )
        converted = openvino.Core().read_model(source)
    converted.inputs[0].tensor.set_names({"pixels"})
    converted.outputs[0].tensor.set_names({"probabilities"})
    labels.into_openvino(converted, class_names)
    openvino.save_model(converted, made, compress_to_fp16=False)


def _pixels(model: keras.Model, batch: int | None) -> Any:
    import keras

    return keras.InputSpec(dtype="uint8", shape=(batch, *model.input_shape[1:]), name="pixels")


def _eight_bits(plain: Path, pictures: np.ndarray) -> Path:
    """Quantise an ONNX file: a scale for each channel of weights, one for activations."""
    import onnx
    from onnxruntime.quantization import (
        CalibrationDataReader,
        QuantFormat,
        QuantType,
        quantize_static,
    )
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self.left = iter(pictures)

        def get_next(self) -> dict[str, np.ndarray] | None:
            picture = next(self.left, None)
            return None if picture is None else {"pixels": picture[None]}

    folded, quantised = plain.with_name("folded.onnx"), plain.with_name("quantised.onnx")
    quant_pre_process(str(plain), str(folded), skip_symbolic_shape=True)
    quantize_static(
        str(folded),
        str(quantised),
        Reader(),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=_outside_of_convolutions(onnx.load(folded).graph),
    )
    return quantised


def _outside_of_convolutions(graph: Any) -> list[str]:
    """Return the nodes before the first convolution and after the last; see `litert`."""
    places = [place for place, node in enumerate(graph.node) if node.op_type == "Conv"]
    if not places:
        return []
    return [node.name for node in (*graph.node[: places[0]], *graph.node[places[-1] + 1 :])]


def _name_output(graph: Any) -> None:
    """Call the output `probabilities`, and the free dimension `n`."""
    [output], [pixels] = graph.output, graph.input
    for node in graph.node:
        for names in (node.input, node.output):
            for place, name in enumerate(names):
                if name == output.name:
                    names[place] = "probabilities"
    output.name = "probabilities"
    for value in (pixels, output):
        value.type.tensor_type.shape.dim[0].dim_param = "n"


@contextmanager
def _in_silence() -> Iterator[None]:
    """Keep the converters' notes on their own workings away; errors come as exceptions."""
    loggers = [logging.getLogger(name) for name in (None, "tf2onnx", "tensorflow")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings(), quiet.standard_error_held_back():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
