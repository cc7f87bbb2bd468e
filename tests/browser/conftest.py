"""A real JupyterLab on the loopback interface, and a real browser."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_START_SECONDS = 90

# Every cell is in the page, whether it is in view or not; no news, no updates, no tour.
_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Past any proxy."""

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: `http://127.0.0.1:port`, its token, and the folder that it shows."""

    address: str
    token: str
    folder: Path
    cache: Path

    def end_kernels(self) -> None:
        """End all kernels: those of six chapters at a time would fill the memory."""
        sessions = f"{self.address}/api/sessions"
        with _OPENER.open(f"{sessions}?token={self.token}", timeout=30) as reply:
            running = json.load(reply)
        for session in running:
            address = f"{sessions}/{session['id']}?token={self.token}"
            _OPENER.open(urllib.request.Request(address, method="DELETE"), timeout=30).close()

    def page(self, notebook: str) -> str:
        """Return the address of a notebook, in a workspace of its own."""
        workspace = f"/lab/workspaces/{secrets.token_hex(4)}/tree/{notebook}"
        return f"{self.address}{workspace}?reset&token={self.token}"


def answer(address: str) -> int:
    """Return the status that an address of this machine answers with, past any proxy."""
    try:
        with _OPENER.open(address, timeout=10) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab with settings, data and kernels of its own; tests put notebooks in its folder."""
    with running_lab(tmp_path_factory.mktemp("jupyter")) as lab:
        yield lab


@contextmanager
def running_lab(home: Path) -> Iterator[Lab]:
    """Start JupyterLab with everything of its own below an empty folder, and end it."""
    folder, settings = home / "notebooks", home / "config" / "labconfig"
    folder.mkdir()
    settings.mkdir(parents=True)
    (settings / "default_setting_overrides.json").write_text(json.dumps(_SETTINGS), "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lab = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(16), folder, home / "cache")
    own = {
        "JUPYTER_TOKEN": lab.token,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "TLCOURSE_CACHE": str(lab.cache),
        "TLCOURSE_PROFILE": "smoke",
        "TLCOURSE_PROGRESS": str(home / "progress.jsonl"),
    }
    command = [
        sys.executable, "-m", "jupyterlab", str(folder), "--no-browser", "--allow-root",
        "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
        f"--LabApp.workspaces_dir={home / 'workspaces'}",
        f"--LabApp.user_settings_dir={home / 'settings'}",
    ]  # fmt: skip
    with (home / "server.log").open("w") as log:
        server = subprocess.Popen(command, env={**os.environ, **own}, stdout=log, stderr=log)
        try:
            _wait_for(lab, server, home / "server.log")
            yield lab
        finally:
            server.terminate()
            try:
                server.wait(timeout=15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_for(lab: Lab, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if answer(f"{lab.address}/api") == 200:
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text('utf-8')[-3000:]}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium or Chrome; without one the test is skipped, and says so."""
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium or Chrome: 'python -m tests.browser.chromium' tells why")
    with running_browser(program) as started:
        yield started


@contextmanager
def running_browser(program: Path) -> Iterator[Browser]:
    """Start a browser without a window, and end it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(program), headless=True, args=_ARGUMENTS
        )
        yield started
        started.close()
