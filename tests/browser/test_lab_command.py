"""`tlcourse lab`: opens the chapters for one person on one machine, and ends when told to."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import answer
from tests.processes import listen_to_ctrl_c

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/lab\?token=([0-9a-f]{32,})")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends Ctrl-C as Unix does")


@pytest.fixture
def started(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`tlcourse lab` on a folder with a notebook, in a terminal session without a display."""
    chapters = tmp_path / "chapters"
    chapters.mkdir()
    (chapters / "one.txt").write_text("here", "utf-8")
    displays = ("DISPLAY", "WAYLAND_DISPLAY")
    environment = {name: value for name, value in os.environ.items() if name not in displays}
    process = subprocess.Popen(
        [sys.executable, "-m", "tlcourse.cli", "lab", str(chapters)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=listen_to_ctrl_c,
    )
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def address_in(process: subprocess.Popen[str]) -> re.Match[str]:
    """Read what is printed until the address comes."""
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if found := ADDRESS.search(printed):
            return found
    assert process.stderr is not None
    pytest.fail(f"no address was printed:\n{printed}{process.stderr.read()}")


def test_the_address_opens_for_its_token_alone_and_ctrl_c_ends_it(started: subprocess.Popen[str]):
    address = address_in(started)
    root, token = f"http://127.0.0.1:{address[1]}", address[2]
    assert answer(address[0]) == 200
    assert answer(f"{root}/api/contents/one.txt?token={token}") == 200
    assert answer(f"{root}/api/contents/one.txt") == 403
    assert answer(f"{root}/api/contents/one.txt?token={'0' * len(token)}") == 403

    os.killpg(started.pid, signal.SIGINT)  # a terminal interrupts the whole group
    _, errors = started.communicate(timeout=30)
    assert started.returncode == 0, errors
    assert "Traceback" not in errors
    with pytest.raises(OSError):
        answer(f"{root}/api")


def test_the_token_is_on_no_command_line(started: subprocess.Popen[str]):
    psutil = pytest.importorskip("psutil")
    token = address_in(started)[2]
    processes = [psutil.Process(started.pid), *psutil.Process(started.pid).children(True)]
    assert len(processes) > 1
    assert not [p for p in processes if token in " ".join(p.cmdline())]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "tlcourse.cli", "lab", str(tmp_path / "chaptres")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "chaptres" in done.stderr
    assert "Traceback" not in done.stderr
