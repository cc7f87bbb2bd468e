"""What a browser says while a cell runs: read early, and handled in its turn all the same.

A kernel handles one message after the other, and a cell that runs is one of them: what a button
sends waits behind it. Where messages of widgets have threads of their own (ipykernel 7 with
JupyterLab 4.4 and later has them for some), they need not wait; elsewhere the thread that runs the
cell can look at those that have come in. It looks at copies. The kernel gets every message in the
order in which it came, as if nobody had looked.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipywidgets import Widget


def said_meanwhile(widget: Widget) -> list[dict[str, Any]]:
    """Return what browsers have sent to a widget by `model.send` since the cell began to run.

    Nothing outside of a notebook, in another thread than the cell's, and in kernels whose inside is
    not as it is known here; messages then wait until the cell has ended.
    """
    kernel = getattr(getattr(sys.modules.get("IPython"), "get_ipython", _nobody)(), "kernel", None)
    if kernel is None or threading.current_thread() is not threading.main_thread():
        return []
    try:
        return _peek(kernel, widget)
    except AttributeError:
        return []


def _nobody() -> None:
    return None


def _peek(kernel: Any, widget: Any) -> list[dict[str, Any]]:
    """Let the kernel's own stream take in what has come, and look at each message on the way."""
    import zmq

    stream = _stream_of(kernel)
    take = stream._recv_callback
    comm = widget.comm.comm_id
    found: list[dict[str, Any]] = []

    def look(message: Any) -> Any:
        content = _content(kernel.session, message)
        if content.get("comm_id") == comm and content["data"].get("method") == "custom":
            found.append(content["data"]["content"])
        return take(message)

    stream.on_recv(look, copy=False)
    try:
        stream.flush(zmq.POLLIN)
    finally:
        stream.on_recv(take, copy=False)
    return found


def _stream_of(kernel: Any) -> Any:
    """Return the stream by which messages reach the thread that runs cells."""
    thread = getattr(kernel, "shell_channel_thread", None)
    if thread is None:  # ipykernel 6
        return kernel.shell_stream
    return thread.manager.get_shell_channel_to_subshell_pair(None).to_stream


def _content(session: Any, message: Any) -> dict[str, Any]:
    """Return the content of a message to a widget; nothing for every other.

    `content=False` leaves no mark: a message that was opened once is refused the next time.
    """
    try:
        _, parts = session.feed_identities(message, copy=False)
        header = session.deserialize(parts, content=False, copy=False)
        if header["header"]["msg_type"] != "comm_msg":
            return {}
        return session.unpack(header["content"])
    except (ValueError, KeyError, TypeError):  # the kernel will say what is wrong with it
        return {}
