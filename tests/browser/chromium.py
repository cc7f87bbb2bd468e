"""An installed Chromium or Chrome for the browser tests; Debian's, where there is none.

`make test` runs this file before the tests: `python -m tests.browser.chromium`. It always ends with
code 0: without a browser the browser tests are skipped, and this says so and why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_WINDOWS = (r"Google\Chrome\Application\chrome.exe", r"Chromium\Application\chrome.exe")
_WINDOWS_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")

_UPDATE_SECONDS = 180
_INSTALL_SECONDS = 600


def find_chromium() -> Path | None:
    """Return an installed Chromium or Chrome that starts, or None."""
    return next((path for path in _candidates() if _starts(path)), None)


def _candidates() -> Iterator[Path]:
    yield from (Path(found) for name in _COMMANDS if (found := shutil.which(name)))
    if sys.platform == "darwin":
        yield from map(Path, _MAC)
    if sys.platform == "win32":
        folders = [Path(os.environ[name]) for name in _WINDOWS_FOLDERS if name in os.environ]
        yield from (folder / program for folder in folders for program in _WINDOWS)


def _starts(path: Path) -> bool:
    """Tell whether a browser is there and no empty shell (Ubuntu's asks to install a snap)."""
    if not path.is_file():
        return False
    if sys.platform == "win32":  # where Chrome opens a window instead of answering
        return True
    try:
        return not subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode
    except (OSError, subprocess.TimeoutExpired):
        return False


def install_chromium() -> str | None:
    """Install Debian's Chromium with apt; return None, or the reason why it cannot be done."""
    apt = shutil.which("apt-get")
    if apt is None:
        return "there is no apt-get here to install one with"
    if (prefix := _as_root()) is None:
        return "installing one takes root, or a sudo that asks for no password"
    print(
        "No Chromium or Chrome here: installing Debian's with apt, for the browser tests.",
        flush=True,
    )
    options = ["-q", "-o", "Acquire::Retries=2", "-o", "DPkg::Lock::Timeout=60"]
    steps = [
        ([*prefix, apt, "update", *options], _UPDATE_SECONDS),
        (
            [*prefix, apt, "install", "-y", "--no-install-recommends", *options, "chromium"],
            _INSTALL_SECONDS,
        ),
    ]
    for command, seconds in steps:
        if reason := _run(command, seconds):
            return reason
    return None


def _as_root() -> list[str] | None:
    """Return what to write before a command that needs root, or None where there is no way."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return ["env", "DEBIAN_FRONTEND=noninteractive"]
    sudo = shutil.which("sudo")
    if sudo and not subprocess.run([sudo, "-n", "true"], capture_output=True).returncode:
        return [sudo, "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    return None


def _run(command: list[str], seconds: float) -> str | None:
    """Run a step of the installation; return None, or the last line of what went wrong."""
    step = "apt-get " + ("update" if "update" in command else "install chromium")
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return f"'{step}' did not end within {seconds:g} s"
    if done.returncode == 0:
        return None
    lines = done.stdout.strip().splitlines() or ["it said nothing"]
    return f"'{step}' failed: {lines[-1]}"


def main() -> None:
    """Find a browser or install one, and say how it went."""
    browser = find_chromium()
    reason = None if browser else install_chromium()
    browser = browser or find_chromium()
    if browser:
        print(f"Browser tests: with {browser}")
    else:
        reason = reason or "it was installed, but does not start"
        print(
            f"Browser tests: will be SKIPPED, because no Chromium or Chrome was found and {reason}."
            "\nInstall either of them and run 'make test' again."
        )


if __name__ == "__main__":
    main()
