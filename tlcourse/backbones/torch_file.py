"""Reads one PyTorch weight file without PyTorch, and without trusting it.

A `.pth` file of PyTorch before 1.6 is a sequence of Python pickles followed by raw numbers:

1. a magic number, 2. a protocol version, 3. facts on the machine, 4. the state dictionary, whose
tensors point at storages by a persistent id, 5. the list of storage keys, and then, for each key,
an int64 count and that many values.

A pickle can name any function and have it called, so opening one from elsewhere means running
foreign code. The reader here knows four names and refuses every other before anything is called.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from tlcourse.errors import WeightsError

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_DTYPES: dict[str, np.dtype] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


@dataclass(frozen=True)
class _Pointer:
    """A tensor before its numbers are read: where they lie in which storage."""

    storage: tuple[Any, ...]
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _pointer(
    storage: tuple[Any, ...], offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any
) -> _Pointer:
    return _Pointer(storage, offset, shape, strides)


_ALLOWED: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _pointer,
    ("torch", "FloatStorage"): "FloatStorage",
    ("torch", "LongStorage"): "LongStorage",
}


class _RestrictedUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise WeightsError(
                f"The weight file asks for the Python object '{module}.{name}', which is refused.",
                expected="tensors alone: " + ", ".join(".".join(pair) for pair in _ALLOWED),
                received=f"{module}.{name}",
                todo="Do not use this file. Fetch the genuine one with 'tlcourse assets fetch'.",
            ) from None

    def persistent_load(self, pid: Any) -> Any:
        return pid


def read_torch_file(path: Path) -> dict[str, np.ndarray]:
    """Return the tensors of a state dictionary by name.

    Parameters
    ----------
    path
        A file in PyTorch's format from before version 1.6.

    Returns
    -------
    dict of numpy arrays, float32 or int64, in the order of the file.

    Raises
    ------
    WeightsError
        When the file is not of this format, is cut short, or names any object but tensors.

    """
    try:
        with path.open("rb") as file:
            return _read(file)
    except WeightsError:
        raise
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError, IndexError,
            AttributeError, OverflowError, MemoryError, UnicodeDecodeError) as error:  # fmt: skip
        raise WeightsError(
            f"The weight file '{path.name}' cannot be read.",
            expected="a PyTorch state dictionary in the format from before version 1.6",
            received=f"{type(error).__name__}: {error}",
            todo="Fetch the genuine file with 'tlcourse assets fetch'.",
        ) from error


def _read(file: BinaryIO) -> dict[str, np.ndarray]:
    def load() -> Any:
        return _RestrictedUnpickler(file).load()

    if (magic := load()) != _MAGIC or (protocol := load()) != _PROTOCOL:
        raise ValueError(f"magic number {magic!r} or protocol is not PyTorch's")
    if load().get("little_endian") is not True:
        raise ValueError(f"protocol {protocol}: numbers are not little-endian")
    pointers: dict[str, _Pointer] = load()
    dtypes = {p.storage[2]: _DTYPES[p.storage[1]] for p in pointers.values()}
    storages = {key: _read_storage(file, dtypes[key]) for key in load()}
    return {name: _tensor(storages[p.storage[2]], p) for name, p in pointers.items()}


def _read_storage(file: BinaryIO, dtype: np.dtype) -> np.ndarray:
    count = int.from_bytes(file.read(8), "little", signed=True)
    raw = file.read(count * dtype.itemsize) if count >= 0 else b""
    if len(raw) != count * dtype.itemsize:
        raise EOFError(f"{count} numbers were announced, {len(raw) // dtype.itemsize} are there")
    return np.frombuffer(raw, dtype)


def _tensor(storage: np.ndarray, pointer: _Pointer) -> np.ndarray:
    """Lay the numbers out; strides count elements, and may be in any order of axes."""
    last = pointer.offset + sum(
        (n - 1) * step for n, step in zip(pointer.shape, pointer.strides, strict=True)
    )
    if pointer.offset < 0 or last >= storage.size or any(step < 0 for step in pointer.strides):
        raise ValueError("a tensor reaches outside its storage")
    strides = tuple(step * storage.itemsize for step in pointer.strides)
    view = np.lib.stride_tricks.as_strided(
        storage[pointer.offset :], pointer.shape, strides, writeable=False
    )
    return np.ascontiguousarray(view).reshape(pointer.shape)
