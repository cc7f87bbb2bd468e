"""Where an export goes: the formats, the files of each, and how they come to their place."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tlcourse.errors import ArgumentError, ModelFileError

Quantisation = Literal["dynamic", "int8"]


@dataclass(frozen=True)
class Format:
    """A file format that a classifier can be exported to.

    Attributes
    ----------
    suffix, name
        How its file ends, and what it is called.
    runtime
        The package that runs it.
    needs
        Packages beyond the course's own that writing and checking need.
    quantised
        The quantisations that there are for it.
    beside
        Suffixes of the files that lie next to the main one.

    """

    suffix: str
    name: str
    runtime: str
    needs: tuple[str, ...]
    quantised: tuple[Quantisation, ...]
    beside: tuple[str, ...] = (".labels.txt",)


FORMATS = {
    f.suffix: f
    for f in (
        Format(".keras", "Keras", "keras", (), (), beside=()),
        Format(".tflite", "LiteRT", "ai-edge-litert", ("ai_edge_litert",), ("dynamic", "int8")),
        Format(".onnx", "ONNX", "onnxruntime", ("tf2onnx", "onnxruntime"), ("int8",)),
        Format(".xml", "OpenVINO", "openvino", ("openvino",), ("int8",), (".bin", ".labels.txt")),
    )
}
"""By suffix. A path without a suffix is a folder, which gets an OpenVINO model of its name."""


@dataclass(frozen=True)
class Target:
    """A path that an export was asked for, and all the files that it will consist of."""

    format: Format
    path: Path

    @property
    def files(self) -> tuple[Path, ...]:
        """The files, the main one last: where it lies, all of them lie."""
        return (*(self.path.with_suffix(s) for s in self.format.beside), self.path)


def choose_target(path: Path, quantise: Quantisation | None, overwrite: bool) -> Target:
    """Return what to write, or raise an ArgumentError before any work is done."""
    path = path.expanduser()
    if not path.suffix:
        path = path / f"{path.name}.xml"
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        raise ArgumentError(
            "There is no export format of this name.",
            expected="a path that ends in "
            + ", ".join(f"{f.suffix} ({f.name})" for f in FORMATS.values())
            + ", or a new folder for OpenVINO",
            received=f"path='{path}'",
        )
    _check_quantisation(found, quantise)
    _check_packages(found, quantise)
    target = Target(found, path)
    there = [str(file) for file in target.files if file.exists()]
    if there and (not overwrite or path.is_dir()):
        raise ArgumentError(
            "The export would overwrite what is there.",
            expected="a new name, or overwrite=True (--overwrite) for an earlier export",
            received=", ".join(there),
            todo="Choose another name; nothing was overwritten.",
        )
    return target


def _check_quantisation(found: Format, quantise: Quantisation | None) -> None:
    if quantise is None or quantise in found.quantised:
        return
    raise ArgumentError(
        f"{found.name} files are not quantised in this way.",
        expected=" or ".join(["None", *(f"'{q}'" for q in found.quantised)])
        + "; "
        + "; ".join(f"{f.suffix}: {', '.join(f.quantised) or 'none'}" for f in FORMATS.values()),
        received=f"quantise={quantise!r}",
    )


def _check_packages(found: Format, quantise: Quantisation | None) -> None:
    # OpenVINO's eight-bit model is made from the ONNX one, and checked in its own runtime.
    needs = (*found.needs, *(("tf2onnx", "onnxruntime") if quantise == "int8" else ()))
    needed = needs if found.suffix != ".tflite" else found.needs
    missing = [name for name in dict.fromkeys(needed) if importlib.util.find_spec(name) is None]
    if missing:
        raise ArgumentError(
            f"Packages are missing that write and check {found.name} files.",
            expected=", ".join(name.replace("_", "-") for name in needed),
            received=f"no {', no '.join(name.replace('_', '-') for name in missing)}",
            todo="pip install 'tlcourse[export]'",
        )


@contextmanager
def put_in_place(target: Target) -> Iterator[Path]:
    """Give a path in a scratch folder; at the end its files come to their place together.

    After an error or Ctrl-C nothing is left. The main file comes last, and an old one goes first,
    so that a kill at any moment leaves no export that looks whole and is not.

    Yields
    ------
    Where to write the main file, under its own name, with the others next to it.

    """
    folder = target.path.parent
    made_here = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".tlcourse-") as scratch:
            made = Path(scratch) / target.path.name
            yield made
            target.path.unlink(missing_ok=True)
            for file in target.files:
                (made.parent / file.name).replace(file)
    except OSError as error:
        raise ModelFileError(
            f"The export '{target.path}' cannot be written.",
            received=error.strerror or str(error),
            todo="Choose a folder that you may write to, on a disk with room for it.",
        ) from error
    finally:
        if made_here and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
