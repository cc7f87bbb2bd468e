from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tlcourse.assets import (
    Asset,
    Source,
    cached_path,
    get_asset,
    locate,
    look,
    matches,
    places,
    verify,
)

MakeAsset = Callable[..., Asset]
SOURCES = (
    Source("keras_cache", "toy.bin"),
    Source("package", "inside/toy.bin", "toy_package", "toy-package==1.0"),
)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that must not be imported; its place for the file is returned."""
    folder = tmp_path / "site" / "toy_package"
    (folder / "inside").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return folder / "inside" / "toy.bin"


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_places_are_looked_at_in_order_and_no_package_is_imported(
    make_asset: MakeAsset, body: bytes, package: Path, tmp_path: Path
) -> None:
    asset = make_asset(sources=SOURCES)
    assert locate(asset) is None
    for path, kind in (
        (cached_path(asset), "cache"),
        (package, "package"),
        (tmp_path / "keras" / "models" / "toy.bin", "keras_cache"),
    ):
        write(path, body)
        located = locate(asset)
        assert located is not None
        assert (located.path, located.source.kind) == (path, kind)
    assert "toy_package" not in sys.modules


def test_the_keras_cache_is_in_the_home_folder_by_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("KERAS_HOME")
    assert places.keras_cache_folder() == Path.home() / ".keras" / "models"


@pytest.mark.parametrize("wrong", [b"", b"short", b"x" * 300_000])
def test_a_file_that_is_not_genuine_is_passed_over_and_the_reason_kept(
    make_asset: MakeAsset, body: bytes, package: Path, tmp_path: Path, wrong: bytes
) -> None:
    asset = make_asset(sources=SOURCES)
    bad = write(tmp_path / "keras" / "models" / "toy.bin", wrong)
    write(package, body)
    located = locate(asset)
    assert located is not None
    assert located.path == package
    first, second = verify(asset)
    assert first.located.path == bad
    assert first.damage is not None
    assert "expected" in first.damage
    assert second.damage is None


def test_a_genuine_file_is_read_once_until_it_changes(
    make_asset: MakeAsset, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = make_asset()
    path = write(cached_path(asset), body)
    read = []
    real = places.file_hash
    monkeypatch.setattr(places, "file_hash", lambda p, a: read.append(p) or real(p, a))
    for _ in range(3):
        assert locate(asset) is not None
    assert len(read) == 1
    status = path.stat()
    path.write_bytes(b"x" * len(body))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert locate(asset) is None
    assert len(read) == 2


def test_verify_reads_again_what_is_remembered_as_genuine(
    make_asset: MakeAsset, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = make_asset()
    write(cached_path(asset), body)
    assert locate(asset) is not None
    # As if bits had rotted on the disk: no time on the file tells of it.
    monkeypatch.setattr(places, "file_hash", lambda *_: "0" * 64)
    assert locate(asset) is not None
    (checked,) = verify(asset)
    assert checked.damage is not None


def test_looking_tells_what_verifying_does_and_writes_nothing(
    make_asset: MakeAsset, body: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = make_asset(sources=SOURCES)
    write(tmp_path / "keras" / "models" / "toy.bin", body)
    assert [found.damage for found in look(asset)] == [None]
    assert not (tmp_path / "cache").exists()
    write(tmp_path / "keras" / "models" / "toy.bin", b"short")
    (found,) = look(asset)
    assert found.damage is not None
    assert not (tmp_path / "cache").exists()
    write(tmp_path / "keras" / "models" / "toy.bin", body)
    assert locate(asset) is not None
    monkeypatch.setattr(places, "file_hash", lambda *_: pytest.fail("read again"))
    assert [found.damage for found in look(asset)] == [None]


def test_the_memory_is_for_one_hash(make_asset: MakeAsset, body: bytes) -> None:
    write(cached_path(make_asset()), body)
    assert locate(make_asset()) is not None
    assert locate(make_asset(content=b"y" * len(body))) is None


def test_no_memory_stands_for_a_file_that_cannot_be_looked_at(tmp_path: Path) -> None:
    memory = write(places._memory(tmp_path / "gone"), b"{}")
    assert memory.exists()
    assert not places._recall(tmp_path / "gone", {})


@pytest.mark.parametrize("memory", ["", "{}", "[]", "null", "\x00"])
def test_a_damaged_memory_costs_time_only(make_asset: MakeAsset, body: bytes, memory: str) -> None:
    asset = make_asset()
    path = write(cached_path(asset), body)
    assert locate(asset) is not None
    places._memory(path).write_text(memory)
    assert locate(asset) is not None
    path.write_bytes(b"x" * len(body))
    places._memory(path).write_text(memory)
    assert locate(asset) is None


def test_a_cache_that_cannot_be_written_to_does_no_harm(
    make_asset: MakeAsset, body: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "keras" / "models" / "toy.bin", body)
    monkeypatch.setenv("TLCOURSE_CACHE", str(write(tmp_path / "file", b"in the way") / "cache"))
    assert locate(make_asset(sources=SOURCES)) is not None


def test_md5_where_the_publisher_has_no_better(make_asset: MakeAsset, body: bytes) -> None:
    asset = make_asset(size=False, algorithm="md5")
    path = write(cached_path(asset), body)
    assert matches(asset, path)
    path.write_bytes(body[:-1])
    assert not matches(asset, path)


def test_a_file_that_is_not_there_does_not_match(make_asset: MakeAsset, tmp_path: Path) -> None:
    assert not matches(make_asset(), tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["vgg16_onnx", "efficientnet_lite0_torch"])
def test_the_genuine_weights_are_in_the_installed_packages(name: str) -> None:
    located = locate(get_asset(name))
    assert located is not None
    assert located.source.kind == "package"
    assert located.source.package not in sys.modules
