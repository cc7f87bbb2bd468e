from __future__ import annotations

import errno
import gzip
import io
import os
import random
import re
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tlcourse.assets import unpack_archive, unpacking
from tlcourse.errors import ArchiveError, AssetError

ALL = re.compile(r".*")
GOOD = {"set/ants/1.jpg": b"ant" * 1000, "set/bees/ä ö.jpg": b"bee" * 2000, "set/empty.jpg": b""}
Members = list[tuple[Any, bytes]]


def write_zip(path: Path, members: Members, kind: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write a zip as a villain would; names may be `ZipInfo` too."""
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def write_tar(path: Path, members: Members, mode: str = "w:gz") -> Path:
    """Write a tar as a villain would; names may be `TarInfo` too."""
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            if info.isreg():
                info.size = info.size or len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


WRITERS: dict[str, Callable[[Path, Members], Path]] = {
    "zip": write_zip,
    "stored zip": lambda path, members: write_zip(path, members, zipfile.ZIP_STORED),
    "tgz": write_tar,
    "tar": lambda path, members: write_tar(path, members, "w"),
}
every_format = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[Path, str], None]:
    """Check that an archive is refused for the right reason, before anything is written."""

    def check(archive: Path, reason: str) -> None:
        before = contents(tmp_path)
        with pytest.raises(ArchiveError, match=reason) as caught:
            unpack_archive(archive, tmp_path / "out", ALL)
        assert str(archive) in str(caught.value)
        assert contents(tmp_path) == before

    return check


Refused = Callable[[Path, str], None]


# What is in it comes out


@every_format
def test_every_format_comes_out_as_it_went_in(tmp_path: Path, write: Any) -> None:
    # The ending of the name says nothing: the pets' "tar.gz" may be a plain tar.
    archive = write(tmp_path / "archive.bin", list(GOOD.items()))
    assert unpack_archive(archive, tmp_path / "out", ALL) == 3
    assert contents(tmp_path / "out") == GOOD


@every_format
def test_only_what_is_wanted_is_written(tmp_path: Path, write: Any) -> None:
    archive = write(tmp_path / "a", [*GOOD.items(), ("set/ants/Thumbs.db", b"junk")])
    keep = re.compile(r"set/ants/[^/]+\.jpg")
    assert unpack_archive(archive, tmp_path / "out", keep) == 1
    assert contents(tmp_path / "out") == {"set/ants/1.jpg": GOOD["set/ants/1.jpg"]}
    with pytest.raises(ArchiveError, match="none of the files that are expected"):
        unpack_archive(archive, tmp_path / "more", re.compile("other/.*"))


def test_folders_and_leading_dots_are_as_archives_have_them(tmp_path: Path) -> None:
    folder = tarfile.TarInfo("./set/")
    folder.type = tarfile.DIRTYPE
    archive = write_tar(tmp_path / "a.tgz", [(folder, b""), ("./set//1.jpg", b"one")])
    unpack_archive(archive, tmp_path / "out", re.compile(r"set/1\.jpg"))
    archive = write_zip(tmp_path / "a.zip", [("set/", b""), ("./set/2.jpg", b"two")])
    unpack_archive(archive, tmp_path / "out", re.compile(r"set/2\.jpg"))
    assert contents(tmp_path / "out") == {"set/1.jpg": b"one", "set/2.jpg": b"two"}


def test_no_program_comes_out_ready_to_run(tmp_path: Path) -> None:
    info = tarfile.TarInfo("run.sh")
    info.mode = 0o6777
    unpack_archive(write_tar(tmp_path / "a.tgz", [(info, b"#!")]), tmp_path / "out", ALL)
    assert (tmp_path / "out" / "run.sh").stat().st_mode & 0o6111 == 0


def test_long_names_of_gnu_and_pax_are_read(tmp_path: Path) -> None:
    name = "/".join(["folder" * 10] * 4) + "/ö.jpg"
    for format in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        with tarfile.open(tmp_path / "a.tar", "w", format=format) as archive:
            info = tarfile.TarInfo(name)
            info.size = 3
            archive.addfile(info, io.BytesIO(b"ant"))
        out = tmp_path / f"out {format}"
        unpack_archive(tmp_path / "a.tar", out, ALL)
        assert contents(out) == {name: b"ant"}


# Hostile archives


@every_format
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../evil.jpg", "leaves its folder"),
        ("set/../../evil.jpg", "leaves its folder"),
        ("set\\..\\..\\evil.jpg", "leaves its folder"),
        ("/etc/evil.jpg", "absolute"),
        ("//server/share/evil.jpg", "absolute"),
        ("C:/evil.jpg", "absolute"),
        ("c:evil.jpg", "absolute"),
        ("\\\\server\\evil.jpg", "absolute"),
        ("set/a:stream", "Windows"),
        ("set/a\\b.jpg", "Windows"),
        ("set/what?.jpg", "Windows"),
        ("set/tab\t.jpg", "Windows"),
        ("set/dot./1.jpg", "Windows"),
        ("set/1.jpg ", "Windows"),
        ("set/NUL", "Windows"),
        ("set/nul.tar.jpg", "Windows"),
        ("Com1 .txt/1.jpg", "Windows"),
        ("set/" + "ö" * 128, "255 bytes"),
    ],
)
def test_names_that_lead_out_or_that_windows_cannot_write_are_refused(
    tmp_path: Path, refused: Refused, write: Any, name: str, reason: str
) -> None:
    refused(write(tmp_path / "a", [*GOOD.items(), (name, b"evil")]), reason)


def test_a_name_cut_short_by_a_zero_byte_is_refused(tmp_path: Path, refused: Refused) -> None:
    archive = write_zip(tmp_path / "a.zip", [("set/1.jpgX.exe", b"evil")])
    archive.write_bytes(archive.read_bytes().replace(b"1.jpgX", b"1.jpg\x00"))
    refused(archive, "Windows")


@every_format
@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "again",
    ["set/ants/1.jpg", "set/ANTS/1.JPG", "./set/ants/1.jpg", "set/ants", "set/ants/1.jpg/2.jpg",
     "set/bees/a\u0308 o\u0308.jpg"],
)  # fmt: skip
def test_names_that_are_one_file_on_some_system_are_refused(
    tmp_path: Path, refused: Refused, write: Any, again: str
) -> None:
    refused(write(tmp_path / "a", [*GOOD.items(), (again, b"evil")]), "more than once")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFDIR])
def test_links_and_devices_in_a_zip_are_refused(
    tmp_path: Path, refused: Refused, kind: int
) -> None:
    info = zipfile.ZipInfo("set/link.jpg")
    info.create_system = 3
    info.external_attr = (kind | 0o777) << 16
    refused(write_zip(tmp_path / "a.zip", [(info, b"/etc/passwd")]), "link or a device")


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE,
     tarfile.GNUTYPE_SPARSE],
)  # fmt: skip
def test_links_and_devices_in_a_tar_are_refused(
    tmp_path: Path, refused: Refused, kind: bytes
) -> None:
    info = tarfile.TarInfo("set/link.jpg")
    info.type, info.linkname = kind, "../../../etc/passwd"
    refused(write_tar(tmp_path / "a.tgz", [*GOOD.items(), (info, b"")]), "link or a device")


def test_a_sparse_file_is_refused(tmp_path: Path, refused: Refused) -> None:
    info = tarfile.TarInfo("GNUSparseFile.0/1.jpg")
    info.pax_headers = {
        "GNU.sparse.major": "1", "GNU.sparse.minor": "0",
        "GNU.sparse.name": "set/1.jpg", "GNU.sparse.realsize": "10000000",
    }  # fmt: skip
    whole = b"1\n0\n0\n".ljust(512, b"\0")  # a map of the pieces that are not empty: none
    refused(write_tar(tmp_path / "a.tgz", [(info, whole)]), "link or a device")


def test_encrypted_and_oddly_compressed_members_are_refused(
    tmp_path: Path, refused: Refused
) -> None:
    archive = write_zip(tmp_path / "a.zip", list(GOOD.items()))
    data = bytearray(archive.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(data)
    refused(archive, "is encrypted")
    refused(write_zip(tmp_path / "b.zip", list(GOOD.items()), zipfile.ZIP_LZMA), "unusual way")


@pytest.mark.parametrize("write", [write_zip, write_tar])
def test_a_bomb_is_refused_by_what_it_declares(
    tmp_path: Path, refused: Refused, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "_limit", lambda _: 5_000_000)
    archive = write(tmp_path / "a", [("set/bomb.jpg", bytes(20_000_000))])
    assert archive.stat().st_size < 100_000
    refused(archive, "swell to more than 5,000,000 bytes")


def test_the_limit_leaves_room_for_pictures_and_not_for_bombs(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(1_000_000))
    assert unpacking._limit(tmp_path / "a") == 58_000_000


def test_a_zip_that_lies_about_its_sizes_is_refused(tmp_path: Path, refused: Refused) -> None:
    archive = write_zip(tmp_path / "a.zip", [("set/bomb.jpg", bytes(3_000_000))])
    size, lie = (3_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little")
    data = archive.read_bytes()
    assert data.count(size) == 2  # in front of the member, and in the list at the end
    archive.write_bytes(data.replace(size, lie))
    with pytest.raises(ArchiveError):
        unpack_archive(archive, tmp_path / "out", ALL)
    assert sum(map(len, contents(tmp_path / "out").values())) <= 100


def test_what_comes_out_is_counted_whatever_was_declared(tmp_path: Path) -> None:
    member = unpacking._Member("set/1.jpg", 1000, zipfile.ZipInfo("set/1.jpg"))
    assert b"".join(unpacking._chunks(io.BytesIO(bytes(1000)), member, tmp_path)) == bytes(1000)
    for size, reason in ((1001, "larger than it declares"), (999, "cut short")):
        with pytest.raises(ArchiveError, match=reason):
            list(unpacking._chunks(io.BytesIO(bytes(size)), member, tmp_path))


def test_a_tar_whose_header_asks_for_all_memory_is_refused(
    tmp_path: Path, refused: Refused
) -> None:
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 40_000_000
    with gzip.open(tmp_path / "a.tgz", "wb") as file:
        file.write(info.tobuf() + bytes(40_000_000))
    refused(tmp_path / "a.tgz", "header of 40,000,")


def test_a_tar_that_swells_between_its_members_is_refused(
    tmp_path: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "_limit", lambda _: 1_000_000)
    info = tarfile.TarInfo("pax")  # a header for the next member, and the next is one again
    info.type, info.size = tarfile.XHDTYPE, 512 * 700
    with gzip.open(tmp_path / "a.tgz", "wb") as file:
        file.write((info.tobuf() + bytes(512 * 700)) * 10)
    refused(tmp_path / "a.tgz", "swells to more than 1,000,000 bytes")


def test_too_many_members_are_refused(
    tmp_path: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "_MOST_MEMBERS", 2)
    refused(write_zip(tmp_path / "a.zip", list(GOOD.items())), "more than 2 members")


# Broken archives


@pytest.mark.parametrize(
    "content", [b"", b"no archive", b"PK\x03\x04", b"\x1f\x8b", b"\x1f\x8b" + bytes(100), bytes(99)]
)
def test_what_is_no_archive_is_refused(tmp_path: Path, refused: Refused, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    refused(tmp_path / "a", "broken, or no archive|none of the files")


@every_format
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_truncated_archive_is_refused(tmp_path: Path, write: Any, kept: float) -> None:
    noise = random.Random(0).randbytes(50_000)
    archive = write(tmp_path / "a", [("set/1.jpg", noise), ("set/2.jpg", noise[::-1])])
    archive.write_bytes(archive.read_bytes()[: int(archive.stat().st_size * kept)])
    with pytest.raises(ArchiveError):
        unpack_archive(archive, tmp_path / "out", ALL)


def test_an_archive_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="No such file"):
        unpack_archive(tmp_path / "nowhere", tmp_path / "out", ALL)


@every_format
def test_no_damage_gets_out_of_the_folder_or_past_the_errors(tmp_path: Path, write: Any) -> None:
    """Bytes change at random: what comes is an ArchiveError, or files inside the folder."""
    archive, dice = write(tmp_path / "a", list(GOOD.items())), random.Random(0)
    whole = archive.read_bytes()
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(dice.choice([1, 2, 5])):
            data[dice.randrange(len(data))] = dice.randrange(256)
        archive.write_bytes(data)
        with suppress(ArchiveError):
            unpack_archive(archive, tmp_path / "out", ALL)
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        assert list(tmp_path.iterdir()) == [archive]


# The disk


def test_too_small_a_disk_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = write_zip(tmp_path / "a.zip", list(GOOD.items()))
    usage = shutil.disk_usage(".")._replace(free=12_287)  # 4,096 + 8,192 are needed: whole blocks
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(AssetError, match="has not enough room") as caught:
        unpack_archive(archive, tmp_path / "out", ALL)
    assert "12.3 kB free" in str(caught.value)
    assert contents(tmp_path / "out") == {}


def test_a_disk_that_fills_up_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = write_tar(tmp_path / "a.tgz", list(GOOD.items()))
    real_open = Path.open

    def full(self: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if mode == "xb" and self.name != "1.jpg":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real_open(self, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(AssetError, match="No space left on device") as caught:
        unpack_archive(archive, tmp_path / "out", ALL)
    assert not isinstance(caught.value, ArchiveError)
