"""A loopback server that can be told to misbehave, and assets that it serves."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tlcourse.assets import Asset, Source, catalogue


@dataclass
class Served:
    """A file on the server, and how the server treats those who ask for it."""

    body: bytes
    etag: str | None = '"v1"'
    ranges: bool = True
    length: bool = True
    statuses: list[int] = field(default_factory=list)  # one for each request; 0: answer properly
    cuts: list[int] = field(default_factory=list)  # bytes to send before hanging up, per request
    pause: float = 0.0  # seconds between pieces of 4 kB
    gate: threading.Event | None = None  # send nothing until it is set


@dataclass
class Request:
    path: str
    range: str | None
    if_range: str | None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        headers = self.headers
        self.server.log.append(Request(self.path, headers["Range"], headers["If-Range"]))
        self.close_connection = True
        served = self.server.files.get(self.path)
        status = served.statuses.pop(0) if served and served.statuses else 0
        if served is None or status:
            self.send_response(status or 404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if served.gate is not None:
            served.gate.wait(10)
        start, body = 0, served.body
        asked = headers["Range"] if served.ranges else None
        if asked and headers["If-Range"] in (None, served.etag):
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(body):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(body)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        if served.length:
            self.send_header("Content-Length", str(len(body) - start))
        if served.etag:
            self.send_header("ETag", served.etag)
        self.end_headers()
        end = start + served.cuts.pop(0) if served.cuts else len(body)
        try:
            for at in range(start, min(end, len(body)), 4096):
                self.wfile.write(body[at : min(at + 4096, end)])
                time.sleep(served.pause)
        except OSError:
            return  # the other side hung up

    def log_message(self, *_: object) -> None:
        """Keep the test output quiet."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, Served] = {}
        self.log: list[Request] = []

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def serve(self, path: str, body: bytes, **behaviour: Any) -> str:
        """Offer a file, and return its address."""
        self.files[path] = Served(body, **behaviour)
        return self.url(path)

    def ranges(self) -> list[str | None]:
        """Return what piece each request asked for."""
        return [request.range for request in self.log]


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the caches of the person who runs it, and from their proxy."""
    monkeypatch.setenv("TLCOURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def body() -> bytes:
    """300 kB, no two pieces alike: a piece in the wrong place shows."""
    return b"".join(hashlib.sha256(str(i).encode()).digest() for i in range(10_000))[:300_000]


@pytest.fixture
def make_asset(body: bytes) -> Callable[..., Asset]:
    def make(
        *urls: str,
        content: bytes = body,
        size: bool = True,
        name: str = "toy",
        sources: tuple[Source, ...] = (),
        algorithm: str = "sha256",
    ) -> Asset:
        return Asset(
            name=name,
            filename=f"{name}.bin",
            kind="weights",
            format="bin",
            hash=f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}",
            bytes=len(content) if size else None,
            licence="CC0",
            citation="Nobody (2026)",
            homepage="https://example.org",
            sources=(*sources, *(Source("url", url) for url in urls)),
        )

    return make


@pytest.fixture
def start_fetch(tmp_path: Path) -> Iterator[Callable[[Asset], subprocess.Popen[str]]]:
    """Start `fetch` in a process of its own."""
    script = (
        "import json, signal, sys\n"
        # A shell that runs the tests in the background has Ctrl-C ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from tlcourse.assets import Asset, Source, fetch\n"
        "fields = json.loads(sys.argv[1])\n"
        "sources = tuple(Source(**source) for source in fields.pop('sources'))\n"
        "print(fetch(Asset(**fields, sources=sources)))\n"
    )
    started: list[subprocess.Popen[str]] = []

    def start(asset: Asset) -> subprocess.Popen[str]:
        with (tmp_path / f"stderr-{len(started)}").open("w") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-c", script, json.dumps(asdict(asset))],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def small_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a catalogue of a few assets in the place of the real one."""

    def replace(*assets: Asset) -> None:
        lines = []
        for asset in assets:
            fields = {k: v for k, v in asdict(asset).items() if k != "sources" and v is not None}
            lines += ["[[asset]]", *(f"{k} = {json.dumps(v)}" for k, v in fields.items())]
            sources = []
            for source in asset.sources:
                pairs = {
                    "kind": source.kind,
                    "url" if source.kind == "url" else "path": source.location,
                    "package": source.package,
                    "install": source.install,
                }
                inside = ", ".join(f"{k} = {json.dumps(v)}" for k, v in pairs.items() if v)
                sources.append(f"{{ {inside} }}")
            lines += [f"sources = [{', '.join(sources)}]"]
        path = tmp_path / "catalogue.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        catalogue._read.cache_clear()
        monkeypatch.setattr(catalogue, "CATALOGUE", path)

    return replace


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], None]:
    """Wait for another process, and fail rather than hang."""

    def wait(true: Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while not true():
            assert time.monotonic() < end, "the other process did not get there"
            time.sleep(0.01)

    return wait
