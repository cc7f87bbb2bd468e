"""Assets that the loopback server serves."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.assets.loopback import server, write_catalogue
from tlcourse.assets import Asset, Dataset, Source, catalogue

__all__ = ["server"]


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

    def replace(*entries: Asset | Dataset) -> None:
        path = write_catalogue(tmp_path / "catalogue.toml", *entries)
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
