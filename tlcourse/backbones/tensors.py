"""The weights of a network as named numpy arrays, apart from any file format.

Each converter turns one published file into `{"layer/variable": array}`. The SHA-256 of that
dictionary says whether two files hold the same network, whatever format each is in.
"""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.assets import atomic_write
from tlcourse.errors import WeightsError

if TYPE_CHECKING:
    import keras

Tensors = dict[str, np.ndarray]


def tensors_sha256(tensors: Tensors) -> str:
    """Return the SHA-256 over names, shapes and little-endian float32 values, sorted by name."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name], "<f4")
        digest.update(f"{name}{list(array.shape)}".encode())
        digest.update(array.data)
    return digest.hexdigest()


def tensors_of(model: keras.Model) -> Tensors:
    """Return copies of the variables of a flat functional model, by `"layer/variable"`."""
    return {
        f"{layer.name}/{variable.name}": variable.numpy()
        for layer in model.layers
        for variable in layer.variables
        if variable.dtype == "float32"
    }


def assign_tensors(model: keras.Model, tensors: Tensors) -> None:
    """Put tensors into a flat functional model; names and shapes must agree exactly.

    Raises
    ------
    WeightsError
        When a variable of the model has no tensor, a tensor no variable, or shapes differ.

    """
    variables = {f"{layer.name}/{v.name}": v for layer in model.layers for v in layer.variables}
    shapes = {name: tuple(v.shape) for name, v in variables.items()}
    if shapes != (given := {name: array.shape for name, array in tensors.items()}):
        odd = sorted(set(shapes.items()) ^ set(given.items()), key=str)
        raise WeightsError(
            f"The weights do not fit the network '{model.name}'.",
            expected=f"{len(shapes)} tensors with the network's names and shapes",
            received=f"{len(given)} tensors; these differ: {odd[:4]}",
            todo="Use the weight file that was made for this network.",
        )
    for name, variable in variables.items():
        variable.assign(tensors[name])


def vgg16_from_onnx(path: Path) -> Tensors:
    """Take the 13 convolutions of VGG-16 out of an ONNX file that keeps Keras' layer names.

    ONNX lays a kernel out as (out, in, height, width), Keras as (height, width, in, out).
    """
    import onnx
    from google.protobuf.message import DecodeError

    try:
        graph = onnx.load(str(path)).graph
    except DecodeError as error:
        raise WeightsError(
            f"The weight file '{path.name}' is not a readable ONNX file.",
            received=str(error),
            todo="Reinstall the package that carries it, or remove the file.",
        ) from error
    found = {i.name.partition("/")[2]: i for i in graph.initializer}
    tensors: Tensors = {}
    for block, convolutions in enumerate((2, 2, 3, 3, 3), start=1):
        for number in range(1, convolutions + 1):
            layer = f"block{block}_conv{number}"
            names = f"{layer}_1/convolution/ReadVariableOp:0", f"{layer}_1/Squeeze:0"
            if missing := [name for name in names if name not in found]:
                raise WeightsError(
                    f"The weight file '{path.name}' does not hold VGG-16.",
                    expected=f"an initializer '{missing[0]}'",
                    received=f"{len(found)} other initializers",
                    todo="Give the file that 'tlcourse assets list' names for vgg16.",
                )
            kernel, bias = (onnx.numpy_helper.to_array(found[name]) for name in names)
            tensors[f"{layer}/kernel"] = np.ascontiguousarray(kernel.transpose(2, 3, 1, 0))
            tensors[f"{layer}/bias"] = np.array(bias)
    return tensors


def save_tensors(path: Path, tensors: Tensors) -> None:
    """Write tensors as an uncompressed `.npz`, all or nothing."""
    with atomic_write(path) as file:
        np.savez(file, allow_pickle=False, **tensors)


def load_tensors(path: Path) -> Tensors:
    """Read tensors that `save_tensors` wrote; pickled objects inside are refused."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise WeightsError(
            f"The weight file '{path.name}' is broken.",
            expected="an .npz archive of float32 arrays",
            received=f"{type(error).__name__}: {error}",
            todo="Remove the file and run again; it is made anew.",
        ) from error
