"""`tlcourse lab`: the course, open in JupyterLab."""

from __future__ import annotations

import importlib.util
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from tlcourse.errors import TLCourseError

_PATIENCE_SECONDS = 60.0


def lab(
    folder: Annotated[Path, typer.Argument(help="The folder to open.")] = Path("chapters"),
    port: Annotated[int, typer.Option(help="A port; 0 takes a free one.")] = 0,
    browser: Annotated[bool, typer.Option(help="Whether to open a browser.")] = True,
) -> None:
    """Open the chapters in JupyterLab, on this machine alone, and print the address."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise TLCourseError(
            "JupyterLab is not installed.",
            expected="the package jupyterlab in this environment",
            received=sys.prefix,
            todo="pip install 'tlcourse[lab]', or run 'make lab' in the course's folder.",
        )
    if not folder.is_dir():
        raise TLCourseError(
            f"There is no folder '{folder}'.",
            expected="the chapters of the course",
            received=f"nothing of this name in {Path.cwd()}",
            todo="Go to the course's folder first, or name another: tlcourse lab FOLDER.",
        )
    port = port or _free_port()
    token = secrets.token_hex(24)
    # The token goes through the environment: arguments are visible to every user of the machine.
    server = subprocess.Popen(
        [
            sys.executable, "-m", "jupyterlab", str(folder), "--no-browser",
            "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
            "--ServerApp.port_retries=0", "--ServerApp.log_level=WARN",
            *_as_root(),
        ],
        env={**os.environ, "JUPYTER_TOKEN": token},
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}/lab?token={token}"
    try:
        _wait_until_ready(server, port)
        print(f"The course is open at\n\n    {address}\n\nCtrl-C ends it.", flush=True)
        if browser and _has_display():
            webbrowser.open(address)
        code = server.wait()
    except KeyboardInterrupt:
        code = 0  # the wish of the person at the keyboard, who interrupted the server as well
    finally:
        _end(server)
    raise typer.Exit(code)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _as_root() -> list[str]:
    """Return what Jupyter wants to hear in containers, where everyone is root."""
    return ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _wait_until_ready(server: subprocess.Popen, port: int) -> None:
    # Past any proxy: the address is this machine's own.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with opener.open(f"http://127.0.0.1:{port}/api", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise TLCourseError(
        "JupyterLab did not start.",
        expected=f"an answer on port {port} within {_PATIENCE_SECONDS:.0f} s",
        received="none" if server.poll() is None else f"it ended with code {server.returncode}",
        todo="Read what it printed above; 'tlcourse doctor' checks the environment.",
    )


def _end(server: subprocess.Popen) -> None:
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
