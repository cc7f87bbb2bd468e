"""Processes that tests start."""

import signal


def listen_to_ctrl_c() -> None:
    """For `preexec_fn`: a shell's background jobs, and their children, are deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
