from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import filelock
import pytest

from tlcourse.assets import atomic_write, cache_folder, file_hash, locked
from tlcourse.assets.cache import make_folder, make_sure_of_room, remove_leftovers
from tlcourse.errors import AssetError


def test_the_cache_folder_follows_the_variable_at_each_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLCOURSE_CACHE", str(tmp_path / "a"))
    assert cache_folder() == tmp_path / "a"
    monkeypatch.setenv("TLCOURSE_CACHE", "~/b")
    assert cache_folder() == Path.home() / "b"
    monkeypatch.setenv("TLCOURSE_CACHE", "")
    assert cache_folder().name == "tlcourse" or "tlcourse" in cache_folder().parts
    assert not (tmp_path / "a").exists()


def test_a_cache_folder_that_cannot_be_made_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TLCOURSE_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(AssetError, match="TLCOURSE_CACHE"):
        make_folder(tmp_path / "file" / "cache" / "assets")


def test_a_folder_elsewhere_is_not_blamed_on_the_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(AssetError, match="choose another place") as caught:
        make_folder(tmp_path / "file" / "mine")
    assert "TLCOURSE_CACHE" not in str(caught.value)
    with pytest.raises(AssetError, match="choose another place"):
        make_sure_of_room(tmp_path, 10**18)
    with pytest.raises(AssetError, match="choose another place"), atomic_write(tmp_path) as file:
        file.write(b"there is a folder of this name")


def test_the_hash_of_a_file(tmp_path: Path) -> None:
    content = os.urandom(3_000_001)
    (tmp_path / "x").write_bytes(content)
    assert file_hash(tmp_path / "x") == hashlib.sha256(content).hexdigest()
    assert file_hash(tmp_path / "x", "md5") == hashlib.md5(content).hexdigest()


def test_a_file_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "new" / "x"
    with atomic_write(target) as file:
        file.write(b"half")
        assert not target.exists()
        file.write(b" and half")
    assert target.read_bytes() == b"half and half"
    assert [p.name for p in target.parent.iterdir()] == ["x"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_after_an_error_the_old_file_is_untouched_and_nothing_else_is_left(
    tmp_path: Path, error: type[BaseException]
) -> None:
    def fail() -> None:
        with atomic_write(tmp_path / "x") as file:
            file.write(b"new")
            raise error

    (tmp_path / "x").write_bytes(b"old")
    with pytest.raises(error):
        fail()
    assert [p.name for p in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_bytes() == b"old"


def test_a_full_disk_is_told_and_other_errors_pass_unchanged(tmp_path: Path) -> None:
    def fail(error: OSError) -> None:
        with atomic_write(tmp_path / "x"):
            raise error

    with pytest.raises(AssetError, match="No space left on device"):
        fail(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    with pytest.raises(FileNotFoundError):
        fail(FileNotFoundError())
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))

    def write() -> None:
        with atomic_write(tmp_path / "x"):
            pass

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(AssetError, match="Permission denied"):
        write()


def test_a_lock_that_cannot_be_taken_for_want_of_rights_is_told() -> None:
    def take() -> None:
        with locked("x"):
            pass

    take()
    (lock,) = (cache_folder() / "locks").iterdir()
    lock.unlink()
    lock.mkdir()
    with pytest.raises(AssetError, match="cannot be written"):
        take()


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.EPERM])
@pytest.mark.parametrize("where", ["folder", "lock"])
def test_in_a_cache_that_may_only_be_read_the_work_goes_on_without_a_lock(
    code: int, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    owner, name = (Path, "mkdir") if where == "folder" else (filelock.FileLock, "acquire")
    monkeypatch.setattr(owner, name, refuse)
    done = []
    with locked("x"), locked("y"):
        done.append("work")
    assert done == ["work"]


def test_an_error_inside_a_lock_is_nobody_elses_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        with locked("x"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "something else")

    with pytest.raises(PermissionError, match="something else"):
        fail()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_a_lock_may_be_taken_by_everybody_who_shares_the_cache() -> None:
    old = os.umask(0o022)
    try:
        with locked("x"):
            (lock,) = (cache_folder() / "locks").iterdir()
            assert lock.stat().st_mode & 0o666 == 0o666
    finally:
        os.umask(old)


def run(script: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_kill_in_the_middle_of_writing_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "x"
    target.write_bytes(b"old")
    writer = run(
        "import pathlib, sys, time; from tlcourse.assets import atomic_write\n"
        f"with atomic_write(pathlib.Path({str(target)!r})) as file:\n"
        "    file.write(b'new'); file.flush(); print('writing', flush=True); time.sleep(30)"
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "writing\n"
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()
    assert target.read_bytes() == b"old"
    (leftover,) = set(tmp_path.iterdir()) - {target}
    remove_leftovers(tmp_path)
    assert leftover.exists()  # it might belong to a process that still writes
    long_ago = time.time() - 100_000
    os.utime(leftover, (long_ago, long_ago))
    remove_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == [target]


def test_a_second_process_says_that_it_waits_and_a_killed_holder_sets_it_free() -> None:
    holder = run(
        "import time; from tlcourse.assets import locked\n"
        "with locked('a/b c'): print('held', flush=True); time.sleep(30)"
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    waiter = run(
        "import sys; from tlcourse.assets import locked\n"
        "with locked('a/b c'): print('mine', file=sys.stderr, flush=True)"
    )
    assert waiter.stderr is not None
    assert "Another process is at work on 'a/b c'" in waiter.stderr.readline()
    time.sleep(0.3)
    assert waiter.poll() is None
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    assert waiter.stderr.readline() == "mine\n"
    waiter.communicate()
    assert waiter.returncode == 0


def test_different_names_do_not_wait_for_each_other() -> None:
    with locked("a/b"), locked("a_b"):
        pass


def test_a_lock_is_free_again_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with locked("x"):
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    with locked("x"):
        pass
    assert "Another process" not in capfd.readouterr().err


def test_room_on_the_disk_is_counted_beforehand(tmp_path: Path) -> None:
    make_sure_of_room(tmp_path, 1)
    with pytest.raises(AssetError, match="has not enough room"):
        make_sure_of_room(tmp_path, 10**18)
