"""The reader of PyTorch's old format reads tensors and runs nothing."""

import io
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from tlcourse.assets import fetch, get_asset
from tlcourse.backbones.torch_file import read_torch_file
from tlcourse.errors import WeightsError

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001


class _Global:
    """Pickles as a global name, without the module being there."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class _Pickler(pickle._Pickler):  # the one in Python can be told how to save a class of ours
    dispatch: ClassVar = dict(pickle._Pickler.dispatch)

    def save_our_global(self, thing: _Global) -> None:
        self.write(f"c{thing.module}\n{thing.name}\n".encode())

    dispatch[_Global] = save_our_global

    def persistent_id(self, thing: object) -> object:
        return thing.identity if isinstance(thing, _Storage) else None


class _Storage:
    def __init__(self, key: str, count: int, kind: str = "FloatStorage") -> None:
        self.identity = ("storage", _Global("torch", kind), key, "cpu", count, None)


class _Call:
    """Pickles as a call of a global with arguments: what a crafted file would use."""

    def __init__(self, function: _Global, *arguments: object) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return _Callable(self.function), self.arguments


def _Callable(thing):  # noqa: N802
    return thing


def _dump(thing: object) -> bytes:
    file = io.BytesIO()
    _Pickler(file, 2).dump(thing)
    return file.getvalue()


def _tensor(key: str, shape: tuple, strides: tuple, offset: int = 0) -> bytes:
    """The opcodes of one tensor: REDUCE of _rebuild_tensor_v2 on its arguments."""
    arguments = _dump((_Storage(key, 6), offset, shape, strides, False, OrderedDict()))
    return b"ctorch._utils\n_rebuild_tensor_v2\n" + arguments[2:-1] + b"R"


def _file(path: Path, tensors: dict[str, bytes], numbers: dict[str, np.ndarray]) -> Path:
    state = b"\x80\x02ccollections\nOrderedDict\n)R("
    for name, opcodes in tensors.items():
        state += _dump(name)[2:-1].replace(b"q\x00", b"") + opcodes
    state += b"u."
    parts = [_dump(MAGIC), _dump(PROTOCOL), _dump({"little_endian": True}), state]
    parts.append(_dump(list(numbers)))
    for array in numbers.values():
        parts.append(len(array).to_bytes(8, "little") + array.astype("<f4").tobytes())
    path.write_bytes(b"".join(parts))
    return path


def test_tensors_are_laid_out_by_offset_and_strides(tmp_path):
    numbers = {"7": np.arange(6.0)}
    tensors = {
        "rows": _tensor("7", (2, 3), (3, 1)),
        "columns": _tensor("7", (3, 2), (1, 3)),
        "tail": _tensor("7", (2,), (1,), offset=4),
    }
    read = read_torch_file(_file(tmp_path / "w.pth", tensors, numbers))
    assert read["rows"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert read["columns"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert read["tail"].tolist() == [4, 5]


@pytest.mark.parametrize(
    ("shape", "strides", "offset"),
    [((7,), (1,), 0), ((2, 3), (30, 1), 0), ((6,), (1,), 1), ((2,), (1,), -1), ((2,), (-1,), 5)],
)
def test_a_tensor_that_reaches_outside_its_storage_is_refused(tmp_path, shape, strides, offset):
    path = _file(tmp_path / "w.pth", {"x": _tensor("7", shape, strides, offset)},
                 {"7": np.arange(6.0)})  # fmt: skip
    with pytest.raises(WeightsError, match="outside its storage"):
        read_torch_file(path)


@pytest.mark.parametrize("module_and_name", ["posix system", "builtins eval", "builtins exec",
                                             "builtins getattr", "subprocess Popen", "nt system",
                                             "torch.storage _load_from_bytes"])  # fmt: skip
def test_a_crafted_pickle_runs_nothing(tmp_path, module_and_name):
    module, name = module_and_name.split()
    trace = tmp_path / "it-ran"
    command = f"touch '{trace}'" if "system" in name else f"open({str(trace)!r}, 'w')"
    evil = f"c{module}\n{name}\n".encode() + b"(" + _dump(command)[2:-1] + b"tR."
    path = tmp_path / "evil.pth"
    for before in (
        b"",
        _dump(MAGIC),
        _dump(MAGIC) + _dump(PROTOCOL) + _dump({"little_endian": True}),
    ):
        path.write_bytes(before + b"\x80\x02" + evil)
        with pytest.raises(WeightsError, match="refused") as caught:
            read_torch_file(path)
        assert f"{module}.{name}" in str(caught.value)
        assert not trace.exists()


def test_the_same_crafted_pickle_does_run_in_the_ordinary_reader(tmp_path):
    """Shows that the test above tests something."""
    trace = tmp_path / "it-ran"
    evil = b"\x80\x02cbuiltins\neval\n(" + _dump(f"open({str(trace)!r}, 'w')")[2:-1] + b"tR."
    pickle.loads(evil).close()
    assert trace.exists()


def test_a_file_that_is_cut_short_anywhere_is_refused(tmp_path):
    genuine = fetch(get_asset("efficientnet_lite0_torch")).read_bytes()
    path = tmp_path / "cut.pth"
    for size in (0, 1, 20, 300, 5_000, 60_000, len(genuine) - 1):
        path.write_bytes(genuine[:size])
        with pytest.raises(WeightsError):
            read_torch_file(path)


def test_other_files_are_refused_by_name(tmp_path):
    path = tmp_path / "notes.pth"
    for content in (
        b"hello",
        b"PK\x03\x04" + bytes(100),
        bytes(1000),
        _dump([1, 2]),
        _dump("x") * 4,
    ):
        path.write_bytes(content)
        with pytest.raises(WeightsError, match=r"notes\.pth"):
            read_torch_file(path)
