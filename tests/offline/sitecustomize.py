"""Refuses every connection that leaves this machine, in each Python process that finds this file.

Python imports a module of this name at start-up. `tests/conftest.py` puts its folder on PYTHONPATH,
so that the kernels of notebooks and the processes that tests start are cut off as well.
"""

import errno
import sys

_HERE = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "", None}


def _refuse(event: str, arguments: tuple) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if isinstance(host, bytes):
        host = host.decode()
    if host not in _HERE and not str(host).startswith("127."):
        raise OSError(errno.ENETUNREACH, f"the tests are offline; something asked for {host}")


sys.addaudithook(_refuse)
