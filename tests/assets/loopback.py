"""A loopback server that can be told to misbehave, and catalogues that point to it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tlcourse.assets import Asset, Dataset


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


def write_catalogue(path: Path, *entries: Asset | Dataset) -> Path:
    """Write a catalogue of a few assets and data sets."""
    blocks = [_asset(entry) for entry in entries if isinstance(entry, Asset)]
    blocks += [_dataset(entry) for entry in entries if isinstance(entry, Dataset)]
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path


def _asset(asset: Asset) -> str:
    sources = [
        {
            "kind": source.kind,
            "url" if source.kind == "url" else "path": source.location,
            "package": source.package,
            "install": source.install,
        }
        for source in asset.sources
    ]
    return "[[asset]]\n" + _lines({**asdict(asset), "sources": sources})


def _dataset(dataset: Dataset) -> str:
    files = [
        {"name": file.name, "file": file.filename, "format": file.format, "bytes": file.bytes,
         "hash": file.hash, "urls": list(file.urls)}
        for file in dataset.files
    ]  # fmt: skip
    return "[[dataset]]\n" + _lines({**asdict(dataset), "files": files})


def _lines(fields: dict[str, Any]) -> str:
    return "".join(f"{k} = {_value(v)}\n" for k, v in fields.items() if v is not None)


def _value(value: Any) -> str:
    """Return a value as TOML writes it, which for plain values is as JSON does."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_value(v)}" for k, v in value.items() if v) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value)
