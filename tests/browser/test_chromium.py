"""Finding and installing a browser: whatever happens, it ends well and says what it did."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import chromium

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="makes programs of shell scripts")


def program(path: Path, code: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{code}\n", "utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder with programs, but for the shell's own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    env = shutil.which("env")
    assert env
    (folder / "env").symlink_to(env)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(chromium, "_MAC", ())
    return folder


def as_user(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(chromium.os, "geteuid", lambda: number)


def test_an_installed_browser_is_used_as_it_is(commands: Path, capsys: pytest.CaptureFixture[str]):
    browser = program(commands / "google-chrome", "echo Google Chrome 1")
    program(commands / "apt-get", "exit 7")
    chromium.main()
    assert capsys.readouterr().out == f"Browser tests: with {browser}\n"


def test_a_browser_that_does_not_start_is_none(commands: Path):
    program(commands / "chromium", "echo install a snap first; exit 1")
    assert chromium.find_chromium() is None


def test_debians_is_installed_where_root_can(
    commands: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    as_user(monkeypatch, 0)
    log, browser = commands / "log", commands / "chromium"
    made = f"printf '#!/bin/sh\\n' > {browser}; {shutil.which('chmod', path='/bin:/usr/bin')} 755"
    program(
        commands / "apt-get", f'echo "$@" >> {log}\nif [ $1 = install ]; then {made} {browser}; fi'
    )
    chromium.main()
    update, install = log.read_text("utf-8").splitlines()
    assert update.startswith("update")
    assert install.startswith("install -y --no-install-recommends")
    assert install.endswith("chromium")
    assert capsys.readouterr().out.endswith(f"Browser tests: with {browser}\n")


@pytest.mark.parametrize(
    ("user", "programs", "reason"),
    [
        (0, {}, "there is no apt-get here"),
        (1000, {"apt-get": "exit 0"}, "takes root"),
        (1000, {"apt-get": "exit 0", "sudo": "exit 1"}, "takes root"),
        (0, {"apt-get": "echo E: no such host; exit 100"}, "failed: E: no such host"),
        (0, {"apt-get": "exit 0"}, "it was installed, but does not start"),
        (1000, {"apt-get": "exit 0", "sudo": "exit 0"}, "it was installed, but does not start"),
    ],
)
def test_without_a_browser_the_skip_is_announced_with_its_reason(
    commands: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    user: int,
    programs: dict[str, str],
    reason: str,
):
    as_user(monkeypatch, user)
    for name, code in programs.items():
        program(commands / name, code)
    chromium.main()
    said = capsys.readouterr().out
    assert "will be SKIPPED" in said
    assert reason in said


def test_an_installation_that_hangs_is_given_up(commands: Path, monkeypatch: pytest.MonkeyPatch):
    as_user(monkeypatch, 0)
    monkeypatch.setattr(chromium, "_UPDATE_SECONDS", 0.5)
    program(commands / "apt-get", "while :; do :; done")
    assert chromium.install_chromium() == "'apt-get update' did not end within 0.5 s"


def test_it_can_be_run_as_make_test_does():
    """On this machine, as it is: with a browser, or unable to install one without a network."""
    if chromium.find_chromium() is None:
        pytest.skip("would install a browser")
    command = [sys.executable, "-m", "tests.browser.chromium"]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0
    assert done.stdout.startswith("Browser tests: with ")
