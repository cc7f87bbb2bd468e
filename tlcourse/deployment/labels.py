"""Class names inside the exported files, where each format keeps such things, and next to them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

LABELS = "labels.txt"
KEY = "tlcourse"
"""Under which ONNX and OpenVINO files hold a JSON object with `class_names` and `input`."""

INPUT = "uint8 RGB, 0 to 255, height x width x 3; preprocessing is inside"


def described(class_names: tuple[str, ...]) -> str:
    """Return what a program should know of the model, as JSON."""
    return json.dumps({"class_names": class_names, "input": INPUT}, ensure_ascii=False)


def write_labels(path: Path, class_names: tuple[str, ...]) -> None:
    """Write one class name a line, in the order of the probabilities."""
    path.write_text("".join(f"{_one_line(name)}\n" for name in class_names), "utf-8")


def into_onnx(model: Any, class_names: tuple[str, ...]) -> None:
    """Add the class names to an ONNX model's `metadata_props`."""
    entry = model.metadata_props.add()
    entry.key, entry.value = KEY, described(class_names)


def into_openvino(model: Any, class_names: tuple[str, ...]) -> None:
    """Add the class names to an OpenVINO model's `rt_info`."""
    model.set_rt_info(described(class_names), [KEY])


def into_litert(path: Path, class_names: tuple[str, ...], name: str) -> None:
    """Add TensorFlow Lite metadata with the class names to a `.tflite` file.

    The file gets a metadata buffer that describes input and output, and, as the format has it, a
    zip archive with the labels at its end; libraries for phones read both.
    """
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model(str(path))
    _add_buffer(model, b"TFLITE_METADATA", _metadata(name))
    flatbuffer_utils.write_model(model, str(path))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(LABELS, "".join(f"{_one_line(n)}\n" for n in class_names))


def _one_line(name: str) -> str:
    return " ".join(name.split())


def _add_buffer(model: Any, name: bytes, content: bytes) -> None:
    import numpy as np
    from tensorflow.lite.python import schema_py_generated as schema

    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = np.frombuffer(content, np.uint8)
    entry.name, entry.buffer = name, len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]


# Positions of the fields in the tables of metadata_schema.fbs, the public schema of this metadata.
_MODEL_NAME, _MODEL_DESCRIPTION, _MODEL_SUBGRAPHS, _MODEL_FIELDS = 0, 1, 3, 8
_SUBGRAPH_INPUTS, _SUBGRAPH_OUTPUTS, _SUBGRAPH_FIELDS = 2, 3, 9
_TENSOR_NAME, _TENSOR_DESCRIPTION, _TENSOR_CONTENT, _TENSOR_FILES, _TENSOR_FIELDS = 0, 1, 3, 6, 7
_FILE_NAME, _FILE_TYPE, _FILE_FIELDS, _AXIS_LABELS = 0, 2, 5, 2
_CONTENT_KIND, _CONTENT_VALUE, _CONTENT_FIELDS = 0, 1, 3
_FEATURES, _IMAGE = 1, 2
_COLOUR_SPACE, _IMAGE_FIELDS, _RGB = 0, 2, 1


def _metadata(name: str) -> bytes:
    """Return the description of a picture classifier as a flatbuffer of type ModelMetadata."""
    import flatbuffers

    builder = flatbuffers.Builder(1024)

    def table(size: int, *fields: tuple[int, int]) -> int:
        builder.StartObject(size)
        for slot, offset in fields:
            builder.PrependUOffsetTRelativeSlot(slot, offset, 0)
        return builder.EndObject()

    def vector(*offsets: int) -> int:
        builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            builder.PrependUOffsetTRelative(offset)
        return builder.EndVector()

    def typed(size: int, slot: int, value: int, *fields: tuple[int, int]) -> int:
        builder.StartObject(size)
        for other, offset in fields:
            builder.PrependUOffsetTRelativeSlot(other, offset, 0)
        builder.PrependUint8Slot(slot, value, 0)
        return builder.EndObject()

    text = builder.CreateString
    image = typed(_IMAGE_FIELDS, _COLOUR_SPACE, _RGB)
    seen = typed(_CONTENT_FIELDS, _CONTENT_KIND, _IMAGE, (_CONTENT_VALUE, image))
    said = typed(_CONTENT_FIELDS, _CONTENT_KIND, _FEATURES, (_CONTENT_VALUE, table(0)))
    labels = typed(_FILE_FIELDS, _FILE_TYPE, _AXIS_LABELS, (_FILE_NAME, text(LABELS)))
    pixels = ((_TENSOR_NAME, text("pixels")), (_TENSOR_DESCRIPTION, text(INPUT)))
    inputs = table(_TENSOR_FIELDS, *pixels, (_TENSOR_CONTENT, seen))
    named = (_TENSOR_NAME, text("probabilities")), (_TENSOR_DESCRIPTION, text("one a class"))
    files = (_TENSOR_CONTENT, said), (_TENSOR_FILES, vector(labels))
    outputs = table(_TENSOR_FIELDS, *named, *files)
    ends = (_SUBGRAPH_INPUTS, vector(inputs)), (_SUBGRAPH_OUTPUTS, vector(outputs))
    subgraph = table(_SUBGRAPH_FIELDS, *ends)
    about = (_MODEL_NAME, text(name)), (_MODEL_DESCRIPTION, text("Picture classifier by tlcourse"))
    root = table(_MODEL_FIELDS, *about, (_MODEL_SUBGRAPHS, vector(subgraph)))
    builder.Finish(root, file_identifier=b"M001")
    return bytes(builder.Output())
