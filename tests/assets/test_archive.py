from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tlcourse.assets import Asset, Dataset, cache_folder, cached_path, locate, pack, unpack
from tlcourse.errors import ArchiveError, ArgumentError, AssetError

MakeAsset = Callable[..., Asset]
ONE, TWO = b"one" * 1000, b"two" * 2000


@pytest.fixture
def one(make_asset: MakeAsset) -> Asset:
    return make_asset(content=ONE, name="one")


@pytest.fixture
def two(make_asset: MakeAsset) -> Asset:
    """An asset as Keras publishes them: no size, and only an MD5."""
    return make_asset(content=TWO, name="two", size=False, algorithm="md5")


@pytest.fixture(autouse=True)
def catalogue_of_two(one: Asset, two: Asset, small_catalogue: Callable[..., None]) -> None:
    small_catalogue(one, two)


def put(asset: Asset, content: bytes) -> None:
    path = cached_path(asset)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def in_cache() -> set[str]:
    folder = cache_folder() / "assets"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


@pytest.fixture
def archive(one: Asset, two: Asset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A good archive of both assets; the cache is empty again."""
    monkeypatch.setenv("TLCOURSE_CACHE", str(tmp_path / "another computer"))
    put(one, ONE)
    put(two, TWO)
    pack(tmp_path / "room.zip", ["one", "two"])
    monkeypatch.setenv("TLCOURSE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "room.zip"


# There and back


def test_what_was_packed_here_is_unpacked_there(archive: Path, one: Asset, two: Asset) -> None:
    assert locate(one) is None
    assert unpack(archive) == (one, two)
    assert cached_path(one).read_bytes() == ONE
    assert cached_path(two).read_bytes() == TWO
    assert locate(one) is not None
    assert in_cache() == {"one.bin", "two.bin"}


def test_without_names_everything_that_is_here_is_packed(two: Asset, tmp_path: Path) -> None:
    put(two, TWO)
    assert pack(tmp_path / "room.zip") == (two,)


def test_the_same_assets_give_the_same_archive(
    archive: Path, one: Asset, two: Asset, tmp_path: Path
) -> None:
    unpack(archive)
    pack(tmp_path / "again.zip", ["one", "two", "one"])
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_what_is_there_already_is_left_as_it_is(archive: Path, one: Asset) -> None:
    put(one, ONE)
    before = cached_path(one).stat().st_mtime_ns
    unpack(archive)
    assert cached_path(one).stat().st_mtime_ns == before


def test_a_damaged_file_in_the_cache_is_mended_by_the_archive(archive: Path, one: Asset) -> None:
    put(one, b"x" * len(ONE))
    unpack(archive)
    assert cached_path(one).read_bytes() == ONE


def test_what_is_missing_is_downloaded_before_it_is_packed(
    server: Any, make_asset: MakeAsset, small_catalogue: Callable[..., None], tmp_path: Path
) -> None:
    asset = make_asset(server.serve("/one", ONE), content=ONE, name="one")
    small_catalogue(asset)
    assert pack(tmp_path / "room.zip", ["one"]) == (asset,)


def test_an_asset_that_cannot_be_had_leaves_no_archive(tmp_path: Path) -> None:
    with pytest.raises(AssetError):
        pack(tmp_path / "room.zip", ["one"])
    assert not (tmp_path / "room.zip").exists()


def test_nothing_to_pack_a_taken_name_and_an_unknown_asset_are_told(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="nothing to pack"):
        pack(tmp_path / "room.zip")
    with pytest.raises(ArgumentError, match="no asset named 'three'"):
        pack(tmp_path / "room.zip", ["three"])
    (tmp_path / "room.zip").write_text("precious")
    with pytest.raises(ArgumentError, match="there already"):
        pack(tmp_path / "room.zip", ["one"])
    assert (tmp_path / "room.zip").read_text() == "precious"


def test_the_home_folder_is_understood(
    one: Asset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    put(one, ONE)
    pack("~/USB stick/room.zip")
    assert (tmp_path / "home" / "USB stick" / "room.zip").is_file()
    assert unpack("~/USB stick/room.zip") == (one,)


def test_a_data_set_is_packed_with_all_its_files(
    make_asset: MakeAsset, small_catalogue: Callable[..., None], tmp_path: Path
) -> None:
    files = []
    for part, content in (("train", ONE), ("test", TWO)):
        asset = make_asset("https://example.org/x", content=content, name=f"set/{part}")
        files.append(replace(asset, filename=f"set_{part}.zip", kind="pictures"))
        put(files[-1], content)
    about = {"pictures": 2, "classes": 2, "carrier": None, "hashes": "somebody publishes"}
    words = dict.fromkeys(("title", "licence", "citation", "homepage"), "x")
    small_catalogue(Dataset(**{"name": "set", **words, **about}, files=tuple(files)))
    assert [asset.name for asset in pack(tmp_path / "room.zip", ["set"])] == [
        "set/train",
        "set/test",
    ]


def test_a_target_that_cannot_be_written_is_named_and_the_cache_is_not_blamed(
    one: Asset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(one, ONE)
    (tmp_path / "file").write_text("in the way")
    target = tmp_path / "file" / "room.zip"
    with pytest.raises(AssetError, match=f"{target.parent} cannot be made") as caught:
        pack(target)
    assert "TLCOURSE_CACHE" not in str(caught.value)
    real_open = Path.open

    def on_a_full_stick(self: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if self.parent == tmp_path / "stick" and "x" in mode:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real_open(self, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", on_a_full_stick)
    target = tmp_path / "stick" / "room.zip"
    with pytest.raises(AssetError, match=f"{target} cannot be written: No space left") as caught:
        pack(target)
    assert "TLCOURSE_CACHE" not in str(caught.value)
    assert "choose another place" in str(caught.value)


def test_a_path_where_nothing_is_says_what_a_relative_one_counts_from(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=f"counts from {Path.cwd()}"):
        unpack("nowhere.zip")
    with pytest.raises(ArgumentError, match=r"Check the path\.$"):
        unpack(tmp_path / "nowhere.zip")


# Hostile archives

Entry = tuple[str | zipfile.ZipInfo, bytes]


def line(asset: Asset, content: bytes, **other: Any) -> dict[str, Any]:
    return {
        "name": asset.name,
        "filename": asset.filename,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        **other,
    }


def build(path: Path, entries: list[Entry], lines: list[Any], **manifest: Any) -> Path:
    """Write an archive as a villain would: any members, any manifest."""
    text = json.dumps({"format": "tlcourse-assets 1", "files": lines, **manifest})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tlcourse-assets.json", text)
        for entry, content in entries:
            archive.writestr(entry, content)
    return path


def entry(name: str, mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[Path, str], None]:
    """Check that an archive is refused for the right reason, and that it left no trace."""

    def check(path: Path, reason: str) -> None:
        before = {p for p in tmp_path.rglob("*") if p.is_file()}
        with pytest.raises(ArchiveError, match=reason) as caught:
            unpack(path)
        assert str(path) in str(caught.value)
        assert {p for p in tmp_path.rglob("*") if p.is_file()} - before == set()
        assert in_cache() == set()

    return check


Refused = Callable[[Path, str], None]


def test_the_builder_of_these_tests_can_build_a_good_one(tmp_path: Path, one: Asset) -> None:
    path = build(tmp_path / "a.zip", [("assets/one.bin", ONE)], [line(one, ONE)])
    assert unpack(path) == (one,)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../one.bin", "leaves its folder"),
        ("assets/../../one.bin", "leaves its folder"),
        ("assets/..", "leaves its folder"),
        ("assets\\..\\one.bin", "leaves its folder"),
        ("/etc/one.bin", "absolute"),
        ("\\\\server\\share\\one.bin", "absolute"),
        ("C:/one.bin", "absolute"),
        ("c:one.bin", "absolute"),
        ("one.bin", "in no place"),
        ("assets/sub/one.bin", "in no place"),
        ("assets/one.bin:stream", "in no place"),
        ("assets/", "in no place"),
        ("", "in no place"),
        ("assets/stranger.bin", "there but not listed"),
    ],
)
def test_members_in_strange_places_are_refused(
    tmp_path: Path, one: Asset, refused: Refused, name: str, reason: str
) -> None:
    entries: list[Entry] = [("assets/one.bin", ONE), (entry(name), b"evil")]
    refused(build(tmp_path / "a.zip", entries, [line(one, ONE)]), reason)


def test_a_name_cut_short_by_a_zero_byte_is_refused(
    tmp_path: Path, one: Asset, refused: Refused
) -> None:
    path = build(tmp_path / "a.zip", [("assets/one.binX.exe", ONE)], [line(one, ONE)])
    path.write_bytes(path.read_bytes().replace(b"one.binX", b"one.bin\x00"))
    refused(path, "in no place")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFDIR])
def test_links_and_devices_are_refused(
    tmp_path: Path, one: Asset, refused: Refused, kind: int
) -> None:
    entries: list[Entry] = [(entry("assets/one.bin", kind | 0o777), b"/etc/passwd")]
    refused(build(tmp_path / "a.zip", entries, [line(one, ONE)]), "link or a device")


def test_a_bomb_is_refused_before_it_is_opened(
    tmp_path: Path, two: Asset, refused: Refused
) -> None:
    info = entry("assets/two.bin")
    info.compress_type = zipfile.ZIP_DEFLATED
    bomb = bytes(20_000_000)
    path = build(tmp_path / "a.zip", [(info, bomb)], [line(two, bomb)])
    assert path.stat().st_size < 100_000
    refused(path, "is compressed")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("again", ["assets/one.bin", "assets/ONE.bin"])
def test_a_member_that_is_there_twice_is_refused(
    tmp_path: Path, one: Asset, refused: Refused, again: str
) -> None:
    entries: list[Entry] = [("assets/one.bin", ONE), (again, b"evil")]
    refused(build(tmp_path / "a.zip", entries, [line(one, ONE)]), "more than once")


def test_an_encrypted_member_is_refused(tmp_path: Path, one: Asset, refused: Refused) -> None:
    path = build(tmp_path / "a.zip", [("assets/one.bin", ONE)], [line(one, ONE)])
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(data)
    refused(path, "is encrypted")


def test_an_asset_that_the_catalogue_does_not_know_is_refused(
    tmp_path: Path, one: Asset, refused: Refused
) -> None:
    lines = [line(one, ONE, name="three", filename="three.bin")]
    refused(build(tmp_path / "a.zip", [("assets/three.bin", ONE)], lines), "does not know")


def test_a_member_that_is_listed_and_missing_is_refused(
    tmp_path: Path, one: Asset, two: Asset, refused: Refused
) -> None:
    lines = [line(one, ONE), line(two, TWO)]
    refused(build(tmp_path / "a.zip", [("assets/one.bin", ONE)], lines), "listed but not there")


def test_a_file_of_another_name_or_size_than_in_the_catalogue_is_refused(
    tmp_path: Path, one: Asset, refused: Refused
) -> None:
    entries: list[Entry] = [("assets/other.bin", ONE)]
    path = build(tmp_path / "a.zip", entries, [line(one, ONE, filename="other.bin")])
    refused(path, "not the one of the catalogue")
    big = ONE + b"more"
    path = build(tmp_path / "b.zip", [("assets/one.bin", big)], [line(one, big)])
    refused(path, "not the one of the catalogue")


def test_an_oversized_member_is_refused(tmp_path: Path, two: Asset, refused: Refused) -> None:
    big = TWO * 100
    path = build(tmp_path / "a.zip", [("assets/two.bin", big)], [line(two, TWO)])
    refused(path, "600,000 bytes, not 6,000")


def test_a_file_that_is_not_genuine_is_refused_whatever_the_manifest_says(
    tmp_path: Path, one: Asset, two: Asset, refused: Refused
) -> None:
    evil = b"x" * len(ONE)
    path = build(tmp_path / "a.zip", [("assets/one.bin", evil)], [line(one, evil)])
    refused(path, "not the genuine one")
    path = build(tmp_path / "b.zip", [("assets/two.bin", evil)], [line(two, evil)])
    refused(path, "not the genuine one")


def test_a_genuine_file_with_a_wrong_line_in_the_manifest_is_refused(
    tmp_path: Path, one: Asset, refused: Refused
) -> None:
    lines = [line(one, ONE, sha256="0" * 64)]
    refused(build(tmp_path / "a.zip", [("assets/one.bin", ONE)], lines), "not the genuine one")


@pytest.mark.parametrize(
    "lines",
    [
        [1],
        [{}],
        ["one"],
        [{"name": "one"}],
        [{"name": ["one"], "filename": "one.bin", "bytes": 3000, "sha256": "0"}],
        [{"name": "one", "filename": "one.bin", "bytes": 3e3, "sha256": "0"}],
        [{"name": "one", "filename": "one.bin", "bytes": True, "sha256": "0"}],
        [{"name": "one", "filename": "one.bin", "bytes": 3000, "sha256": "0", "more": 1}],
        None,
        5,
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(
    tmp_path: Path, refused: Refused, lines: Any
) -> None:
    refused(build(tmp_path / "a.zip", [("assets/one.bin", ONE)], lines), "no manifest")


def test_another_format_an_empty_one_and_a_huge_manifest_are_refused(
    tmp_path: Path, one: Asset, refused: Refused
) -> None:
    path = build(tmp_path / "a.zip", [("assets/one.bin", ONE)], [line(one, ONE)], format="2")
    refused(path, "its format is '2'")
    refused(build(tmp_path / "b.zip", [], []), "is empty")
    refused(build(tmp_path / "c.zip", [], [], padding="x" * 2_000_000), "manifest has 2,000,")


def test_a_zip_without_a_manifest_is_refused(tmp_path: Path, refused: Refused) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("assets/one.bin", ONE)
    refused(tmp_path / "a.zip", "no manifest")


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04", bytes(1000)])
def test_what_is_no_zip_is_refused(tmp_path: Path, refused: Refused, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    refused(tmp_path / "a.zip", "broken, or no archive")


def test_a_truncated_archive_is_refused(archive: Path, refused: Refused) -> None:
    archive.write_bytes(archive.read_bytes()[:-100])
    refused(archive, "broken, or no archive")


def test_a_missing_archive_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="No such file"):
        unpack(tmp_path / "nowhere.zip")
    with pytest.raises(ArgumentError, match="cannot be opened"):
        unpack(tmp_path)


def test_too_small_a_disk_is_told_before_anything_is_written(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(".")._replace(free=len(ONE) + len(TWO) - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(AssetError, match="has not enough room"):
        unpack(archive)
    assert in_cache() == set()


def test_what_was_verified_before_the_fault_stays(archive: Path, two: Asset) -> None:
    data = archive.read_bytes()
    assert data.count(TWO) == 1
    archive.write_bytes(data.replace(TWO, b"x" * len(TWO)))
    with pytest.raises(ArchiveError):
        unpack(archive)
    assert in_cache() == {"one.bin"}
    assert not cached_path(two).exists()


def test_no_damage_to_an_archive_gets_past(archive: Path, one: Asset, two: Asset) -> None:
    """Bytes of the headers and the manifest change at random: refused, or genuine after all."""
    whole, dice = archive.read_bytes(), random.Random(0)
    bodies = [range(at := whole.index(content), at + len(content)) for content in (ONE, TWO)]
    headers = [at for at in range(len(whole)) if not any(at in body for body in bodies)]
    refusals = 0
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(dice.choice([1, 1, 2, 5])):
            data[dice.choice(headers)] = dice.randrange(256)
        archive.write_bytes(data)
        try:
            unpack(archive)
        except ArchiveError:
            refusals += 1
        for asset, content in ((one, ONE), (two, TWO)):
            if cached_path(asset).exists():
                assert cached_path(asset).read_bytes() == content
                cached_path(asset).unlink()
        assert in_cache() == set()
    assert refusals > 100


def test_a_kill_in_the_middle_of_unpacking_leaves_nothing_half_written(
    tmp_path: Path, make_asset: MakeAsset, small_catalogue: Callable[..., None]
) -> None:
    content = os.urandom(1000) * 8000
    asset = make_asset(content=content, name="big")
    small_catalogue(asset)
    path = build(tmp_path / "a.zip", [("assets/big.bin", content)], [line(asset, content)])
    script = (
        "import os, pathlib, signal, sys\n"
        "from tlcourse.assets import archive, catalogue\n"
        "catalogue.CATALOGUE = pathlib.Path(sys.argv[1])\n"
        "def half(source, limit, path):\n"
        "    yield source.read(limit // 2)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "archive._chunks = half\n"
        "archive.unpack(pathlib.Path(sys.argv[2]))\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "catalogue.toml"), str(path)]
    ended = subprocess.run(command, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert locate(asset) is None
    assert not cached_path(asset).exists()
    (leftover,) = (cache_folder() / "assets").iterdir()
    os.utime(leftover, (0, 0))  # as if it were old enough to belong to nobody
    unpack(path)
    assert cached_path(asset).read_bytes() == content
    assert in_cache() == {"big.bin"}
