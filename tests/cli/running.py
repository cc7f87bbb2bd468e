"""Running the command line: in a process of its own, or faster, in this one."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from unittest import mock

from tlcourse import cli


def in_a_process(
    *arguments: object, code: int = 0, prefix: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person does, in a process of its own."""
    command = [*prefix, sys.executable, "-m", "tlcourse.cli", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def in_this_process(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command line where TensorFlow is loaded already, which saves some seconds a time."""
    command = ["tlcourse", *map(str, arguments)]
    out, error = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    ended: object = 0
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(error),
        mock.patch.object(sys, "argv", command),
    ):
        try:
            cli.main()
        except SystemExit as stop:
            ended = stop.code or 0
    said, complained = (stream.buffer.getvalue().decode("utf-8") for stream in (out, error))
    assert ended == code, said + complained
    return subprocess.CompletedProcess(command, code, said, complained)
