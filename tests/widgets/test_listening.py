"""What a browser sends while a cell runs: heard within the cell, and handled as ever after it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

from tlcourse.widgets.listening import said_meanwhile

START = """
import time
from tlcourse.figures import Figure
from tlcourse.widgets.listening import said_meanwhile
from tlcourse.widgets.shell import Answer, Shell

class Heard(Shell):
    handled = ()
    def answer(self, question):
        self.handled += (question["kind"],)
        return Answer({}, b"")

widget = Heard({}, {}, Figure(b"", "none"), view="watching")
other = Heard({}, {}, Figure(b"", "none"), view="watching")
print(widget.comm.comm_id, other.comm.comm_id)
"""
LISTEN = """
print("listening", flush=True)
heard, end = [], time.monotonic() + 20
while time.monotonic() < end and len(heard) < 2:
    heard += [said["kind"] for said in said_meanwhile(widget)]
    time.sleep(0.05)
print(heard, widget.handled)
"""


class Kernel:
    """A kernel, and what a browser would send to it."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def send(self, code: str) -> str:
        return self.client.execute(code)

    def say(self, comm: str, **content: Any) -> None:
        data = {"method": "custom", "content": content}
        message = self.client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        self.client.shell_channel.send(message)

    def wait_for(self, words: str) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            message = self.client.get_iopub_msg(timeout=60)
            assert message["msg_type"] != "error", message["content"]
            if words in message["content"].get("text", ""):
                return
        pytest.fail(f"the kernel never said {words!r}")

    def printed(self, number: str) -> str:
        """Return what a request printed, when it is done."""
        text = ""
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != number:
                continue
            assert message["msg_type"] != "error", message["content"]
            text += message["content"].get("text", "")
            if message["content"].get("execution_state") == "idle":
                return text.strip()


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        yield Kernel(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_it_is_heard_in_the_cell_and_handled_in_its_turn_behind_it(kernel):
    mine, others = kernel.printed(kernel.send(START)).split()
    listening = kernel.send(LISTEN)
    kernel.wait_for("listening")
    kernel.say(others, kind="for another widget")
    kernel.say(mine, kind="first")
    waiting = kernel.send("print('then', widget.handled, other.handled)")
    kernel.say(mine, kind="second")
    last = kernel.send("print('last', widget.handled)")
    assert kernel.printed(listening) == "['first', 'second'] ()"
    assert kernel.printed(waiting) == "then ('first',) ('for another widget',)"
    assert kernel.printed(last) == "last ('first', 'second')"


def test_cells_that_wait_are_still_dropped_behind_one_that_fails(kernel):
    mine, _ = kernel.printed(kernel.send(START)).split()
    failing = kernel.send(f"{LISTEN}\nraise SystemError('on purpose')")
    kernel.wait_for("listening")
    kernel.say(mine, kind="first")
    dropped = kernel.send("print('never')")
    kernel.say(mine, kind="second")
    replies = {}
    while len(replies) < 2:
        reply = kernel.client.get_shell_msg(timeout=60)
        if (number := reply["parent_header"]["msg_id"]) in (failing, dropped):
            replies[number] = reply["content"]["status"]
    assert replies[failing] == "error"
    assert replies[dropped] != "ok"
    assert kernel.printed(kernel.send("print('alive')")) == "alive"


def test_outside_of_a_notebook_nobody_says_anything():
    assert said_meanwhile(object()) == []
