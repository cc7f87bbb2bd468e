"""Published data sets, through archives of the same layout on a loopback server."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.assets.loopback import Server, server, write_catalogue
from tests.data.stand_ins import PUBLISHED, archives, clothes, idx, stand_in, tarred, zipped
from tlcourse.assets import Dataset, Source, cached_path, catalogue, locked, pack, unpack
from tlcourse.data import (
    check_pictures,
    list_datasets,
    load_dataset,
    public_sets,
    set_folders,
)
from tlcourse.data.set_folders import set_folder
from tlcourse.errors import (
    ArchiveError,
    ArgumentError,
    AssetError,
    DataError,
    OfflineError,
)

__all__ = ["server"]

Prepare = Callable[..., Dataset]

FLOWERS = ["daisy", "dandelion", "roses", "sunflowers", "tulips"]
COUNTS: dict[str, dict[str, dict[str, int]]] = {
    "cats_vs_dogs": {"train": {"cats": 3, "dogs": 3}, "validation": {"cats": 1, "dogs": 1}},
    "cats_vs_dogs_full": {"": {"Cat": 13, "Dog": 13}},
    "flower_photos": {"": dict.fromkeys(FLOWERS, 2)},
    "hymenoptera": {"train": {"ants": 3, "bees": 2}, "validation": {"ants": 2, "bees": 2}},
    "oxford_iiit_pet": {
        "train": dict.fromkeys(["Abyssinian", "american_bulldog", "beagle", "Bengal"], 2),
        "test": dict.fromkeys(["Abyssinian", "american_bulldog", "beagle", "Bengal"], 1),
    },
    "beans": {
        split: dict.fromkeys(["angular_leaf_spot", "bean_rust", "healthy"], 2)
        for split in ("train", "validation", "test")
    },
    "fashion_mnist": {
        split: dict.fromkeys(
            ["Ankle boot", "Bag", "Coat", "Dress", "Pullover", "Sandal", "Shirt", "Sneaker",
             "T-shirt or top", "Trouser"],
            count,
        )
        for split, count in (("train", 4), ("test", 2))
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_folders(own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep away from other caches and proxies; servers are asked again without a pause."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr("tlcourse.messages._said", set())
    monkeypatch.setattr(
        sys.modules["tlcourse.assets.download"], "time", SimpleNamespace(sleep=lambda _: None)
    )


@pytest.fixture
def prepare(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prepare:
    """Put the stand-in of a set in the place of the published one."""

    def put(name: str, contents: dict[str, bytes] | None = None, **served: Any) -> Dataset:
        entry = stand_in(name, server, contents, **served)
        path = write_catalogue(tmp_path / "catalogue.toml", entry)
        monkeypatch.setattr(catalogue, "CATALOGUE", path)
        catalogue._read.cache_clear()
        return entry

    return put


def save(folder: Path, name: str) -> dict[str, Path]:
    """Write the archives of a set as a browser would, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for asset in PUBLISHED[name].files:
        paths[asset.name] = folder / asset.urls[0].rpartition("/")[2]
        paths[asset.name].write_bytes(archives(name)[asset.name])
    return paths


def counts(name: str, images: Any) -> dict[str, dict[str, int]]:
    if images.splits is None:
        return {"": images.counts()}
    return {split: images.subset(images.splits == split).counts() for split in COUNTS[name]}


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


# Every set


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_set_is_downloaded_once_and_comes_as_published(
    name: str, prepare: Prepare, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = prepare(name)
    images = load_dataset(name)
    assert counts(name, images) == COUNTS[name]
    assert len(images) == sum(sum(part.values()) for part in COUNTS[name].values())
    assert images.record["dataset"] == name
    assert images.record["licence"] == entry.licence
    assert f"SHA-256 that {entry.hashes}" in images.record["check"]
    requests = len(server.log)
    assert requests == len(entry.files)
    assert load_dataset(name) == images
    assert len(server.log) == requests
    said = capsys.readouterr().err
    assert said.count(entry.citation) == 1
    assert said.count(entry.licence) >= 1
    assert said.count("downloading") == 1


@pytest.mark.parametrize("name", PUBLISHED)
def test_archives_that_the_user_has_are_verified_and_nothing_is_downloaded(
    name: str, prepare: Prepare, server: Server, tmp_path: Path
) -> None:
    prepare(name)
    paths = save(tmp_path / "Downloads", name)
    images = load_dataset(name, folder=tmp_path / "Downloads")
    assert counts(name, images) == COUNTS[name]
    shutil.rmtree(set_folder(name).parent)
    one = next(iter(paths.values()))
    renamed = one.rename(one.with_name("renamed (1).bin"))
    assert load_dataset(name, folder=renamed) == images
    assert server.log == []
    assert not cached_path(PUBLISHED[name].files[0]).exists()  # it stays where the user has it
    shutil.rmtree(tmp_path / "Downloads")
    assert load_dataset(name) == images


@pytest.mark.parametrize("name", sorted(set(PUBLISHED) - {"fashion_mnist"}))
@pytest.mark.parametrize("inside", [False, True])
def test_a_folder_that_is_unpacked_already_is_used_where_it_is(
    name: str, inside: bool, prepare: Prepare, server: Server, tmp_path: Path, own_cache: Path
) -> None:
    prepare(name)
    home = tmp_path / "Pictures"
    for path in save(tmp_path / "Downloads", name).values():
        shutil.unpack_archive(path, home, "zip" if path.suffix == ".zip" else "tar")
    root = public_sets._LAYOUTS[name].root
    folder = home / root if inside else home
    images = load_dataset(name, folder=str(folder))
    assert counts(name, images) == COUNTS[name]
    assert home in images.paths[0].parents
    assert "not verified" in images.record["check"]
    assert f"published are {PUBLISHED[name].pictures:,}" in images.record["check"]
    assert server.log == []
    assert not own_cache.exists()


def test_papers_that_belong_to_a_set_are_no_problems(prepare: Prepare) -> None:
    prepare("flower_photos")
    images = load_dataset("flower_photos")
    assert images.problems == ()
    assert (set_folder("flower_photos") / "flower_photos" / "LICENSE.txt").read_text() == "CC-BY"


# What is special about some


def test_broken_pictures_of_the_full_cats_and_dogs_are_collected(prepare: Prepare) -> None:
    prepare("cats_vs_dogs_full")
    images = load_dataset("cats_vs_dogs_full")
    assert images.problems == ()  # Thumbs.db is not even unpacked
    readable = check_pictures(images)
    assert len(readable) == len(images) - 2
    assert {problem.file.name for problem in readable.problems} == {"666.jpg", "11702.jpg"}


def test_the_gif_among_the_ants_stays_for_the_data_check_to_find(prepare: Prepare) -> None:
    prepare("hymenoptera")
    assert "imageNotFound.gif" in {p.path.name for p in load_dataset("hymenoptera").train}


def test_the_pets_are_in_natural_order_with_the_official_splits(prepare: Prepare) -> None:
    prepare("oxford_iiit_pet")
    images = load_dataset("oxford_iiit_pet")
    assert images.class_names == ("Abyssinian", "american_bulldog", "beagle", "Bengal")
    assert [p.path.name for p in images.train[:2]] == ["Abyssinian_2.jpg", "Abyssinian_10.jpg"]
    assert all(p.path.stem.rpartition("_")[0] == p.class_name for p in images)
    assert {p.path.stem.rpartition("_")[2] for p in images.test} == {"1"}
    (problem,) = images.problems
    assert (problem.file.name, problem.reason) == ("Bengal_99.jpg", "in neither of the two lists")


def test_a_folder_of_pets_without_its_lists_is_named(prepare: Prepare, tmp_path: Path) -> None:
    prepare("oxford_iiit_pet")
    (tmp_path / "pets" / "images").mkdir(parents=True)
    with pytest.raises(DataError, match=r"without annotations/trainval\.txt, annotations/test"):
        load_dataset("oxford_iiit_pet", folder=tmp_path / "pets")


def test_a_list_of_pets_that_makes_no_sense_is_named_by_line(
    prepare: Prepare, tmp_path: Path
) -> None:
    prepare("oxford_iiit_pet")
    for path in save(tmp_path / "Downloads", "oxford_iiit_pet").values():
        shutil.unpack_archive(path, tmp_path / "pets", "tar")
    lines = tmp_path / "pets" / "annotations" / "test.txt"
    lines.write_text(lines.read_text() + "\n# a remark\nBengal 1 1\n")
    with pytest.raises(DataError, match="line 7: 'Bengal 1 1'"):
        load_dataset("oxford_iiit_pet", folder=tmp_path / "pets")
    lines.write_text("Bengal_1 4 1 1\nBengal_7 4 1 1\n")
    images = load_dataset("oxford_iiit_pet", folder=tmp_path / "pets")
    assert "listed in test.txt, but not there" in {p.reason for p in images.problems}


def test_fashion_has_the_pixels_and_the_labels_of_its_makers(prepare: Prepare) -> None:
    prepare("fashion_mnist")
    images = load_dataset("fashion_mnist")
    names = ["T-shirt or top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker",
             "Bag", "Ankle boot"]  # fmt: skip
    pixels, labels = clothes(20, 20)
    for picture in images.test:
        position = int(picture.path.stem)
        assert picture.class_name == names[labels[position]]
        np.testing.assert_array_equal(picture.load()[..., 0], pixels[position])


@pytest.mark.parametrize("damage", ["labels", "short", "long", "no idx"])
def test_fashion_files_that_do_not_fit_are_named(
    damage: str, prepare: Prepare, own_cache: Path
) -> None:
    contents = archives("fashion_mnist")
    _, labels = clothes(20, 20)
    labels_file = "fashion_mnist/t10k-labels"
    contents[labels_file] = {
        "labels": idx(labels[:-1]),
        "short": idx(labels)[:-12],
        "long": idx(labels) + idx(labels),
        "no idx": idx(labels.astype(">i4").view(np.uint8))[:-9] + b"x",
    }[damage]
    prepare("fashion_mnist", contents)
    with pytest.raises(DataError, match=r"t10k-labels"):
        load_dataset("fashion_mnist")
    assert list((own_cache / "datasets").iterdir()) == []


# What the user gives


def test_the_home_folder_is_understood(
    prepare: Prepare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare("flower_photos")
    monkeypatch.setenv("HOME", str(tmp_path))
    save(tmp_path / "Downloads", "flower_photos")
    assert len(load_dataset("flower_photos", folder="~/Downloads/flower_photos.tgz")) == 10


def test_a_wrong_archive_is_refused_with_both_hashes(prepare: Prepare, tmp_path: Path) -> None:
    entry = prepare("flower_photos")
    good = archives("flower_photos")["flower_photos"]
    path = tmp_path / "flower_photos.tgz"
    path.write_bytes(good[:-1] + b"x")
    for given in (path, tmp_path):
        with pytest.raises(AssetError, match="not the genuine archive") as caught:
            load_dataset("flower_photos", folder=given)
        assert entry.files[0].hash in str(caught.value)
    path.write_bytes(good[:-1])
    with pytest.raises(AssetError, match=f"expected {len(good):,} bytes, received"):
        load_dataset("flower_photos", folder=path)


def test_a_missing_part_is_named_or_taken_from_the_cache(
    prepare: Prepare, server: Server, tmp_path: Path
) -> None:
    entry = prepare("beans")
    paths = save(tmp_path / "Downloads", "beans")
    paths["beans/test"].unlink()
    with pytest.raises(AssetError, match=r"without test\.zip") as caught:
        load_dataset("beans", folder=paths["beans/train"])
    assert "train.zip, validation.zip, test.zip" in str(caught.value)
    assert server.log == []
    cached = cached_path(entry.files[2])
    cached.parent.mkdir(parents=True)
    cached.write_bytes(archives("beans")["beans/test"])
    images = load_dataset("beans", folder=paths["beans/train"])
    assert counts("beans", images) == COUNTS["beans"]


def test_a_path_where_nothing_is_says_what_a_relative_one_counts_from(
    prepare: Prepare, tmp_path: Path
) -> None:
    prepare("beans")
    with pytest.raises(DataError, match=f"counts from {Path.cwd()}"):
        load_dataset("beans", folder="no such folder")
    with pytest.raises(DataError, match=r"Check the path\.$"):
        load_dataset("beans", folder=tmp_path / "no such folder")


def test_an_empty_folder_is_no_set(prepare: Prepare, tmp_path: Path) -> None:
    prepare("beans")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no class folders"):
        load_dataset("beans", folder=tmp_path / "empty")


def test_a_wrong_kind_of_name_and_a_folder_for_a_packaged_set_are_told(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="wrong kind"):
        load_dataset(["beans"])  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="the package scikit-learn carries it"):
        load_dataset("digits", folder=tmp_path)


# The network


@pytest.fixture
def large() -> dict[str, bytes]:
    """An archive of some weight, so that a cut leaves something to go on from."""
    root = "cats_and_dogs_filtered"
    files = {f"{root}/{split}/{kind}/1.jpg": os.urandom(100_000)
             for split in ("train", "validation") for kind in ("cats", "dogs")}  # fmt: skip
    return {"cats_vs_dogs": zipped(files)}


def test_cuts_are_resumed(prepare: Prepare, server: Server, large: dict[str, bytes]) -> None:
    prepare("cats_vs_dogs", large, cuts=[150_000, 150_000])
    assert len(load_dataset("cats_vs_dogs")) == 4
    first, second, third = server.ranges()
    assert first is None
    assert second is not None
    assert third not in (None, second)


def test_a_cut_that_ends_the_call_is_resumed_by_the_next(
    prepare: Prepare, server: Server, large: dict[str, bytes]
) -> None:
    prepare("cats_vs_dogs", large, cuts=[150_000, 0, 0, 0])
    with pytest.raises(AssetError, match="connection was cut"):
        load_dataset("cats_vs_dogs")
    assert not set_folder("cats_vs_dogs").exists()
    asked = len(server.log)
    server.files[server.log[0].path].cuts.clear()
    load_dataset("cats_vs_dogs")
    (piece,) = server.ranges()[asked:]
    assert piece is not None
    assert int(piece.removeprefix("bytes=").rstrip("-")) > 60_000


@pytest.mark.parametrize("wrong", ["other bytes", "truncated", "a login page"])
def test_a_wrong_download_is_removed_and_the_error_helps(
    wrong: str, prepare: Prepare, server: Server, own_cache: Path
) -> None:
    entry = prepare("flower_photos", length=wrong != "truncated")
    (path,) = server.files
    good = server.files[path].body
    server.files[path].body = {
        "other bytes": bytes(len(good)), "truncated": good[:-100], "a login page": b"<html>Log in"
    }[wrong]  # fmt: skip
    with pytest.raises(AssetError) as caught:
        load_dataset("flower_photos")
    for words in (entry.files[0].hash, "tl.load_dataset('flower_photos', folder=", "assets unpack"):
        assert words in str(caught.value)
    assert list((own_cache / "datasets").iterdir()) == []
    assert not cached_path(entry.files[0]).exists()


def test_a_mirror_helps_out(
    prepare: Prepare, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = prepare("flower_photos")
    (asset,) = entry.files
    sources = (
        Source("url", server.url("/gone")),
        Source("url", server.serve("/bad", b"x")),
        *asset.sources,
    )
    mirrored = replace(entry, files=(replace(asset, sources=sources),))
    monkeypatch.setattr(catalogue, "CATALOGUE", write_catalogue(tmp_path / "two.toml", mirrored))
    assert len(load_dataset("flower_photos")) == 10
    assert [request.path for request in server.log][:2] == ["/gone", "/bad"]


def test_offline_is_said_with_the_ways_out(prepare: Prepare, server: Server) -> None:
    prepare("beans")
    server.shutdown()
    server.server_close()
    with pytest.raises(OfflineError, match=r"tl\.load_dataset\('beans', folder="):
        load_dataset("beans")


def test_a_classroom_without_internet_gets_its_sets_from_a_packed_archive(
    prepare: Prepare, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare("beans")
    pack(tmp_path / "room.zip", ["beans"])
    asked = len(server.log)
    monkeypatch.setenv("TLCOURSE_CACHE", str(tmp_path / "another computer"))
    unpack(tmp_path / "room.zip")
    assert list_datasets()[0].place == "the course's cache, still packed"
    assert counts("beans", load_dataset("beans")) == COUNTS["beans"]
    assert list_datasets()[0].place == "the course's cache"
    assert len(server.log) == asked


# Hostile and broken archives, whose hash is the published one


@pytest.mark.parametrize(
    ("name", "build", "extra", "reason"),
    [
        ("cats_vs_dogs", zipped, "../../evil.jpg", "leaves its folder"),
        ("cats_vs_dogs", zipped, "/tmp/evil.jpg", "absolute"),
        ("flower_photos", tarred, "flower_photos/../../evil.jpg", "leaves its folder"),
        ("flower_photos", tarred, "flower_photos/roses/NUL.jpg", "Windows"),
        ("flower_photos", tarred, "flower_photos/ROSES/1_ab.jpg", "more than once"),
    ],
)
def test_an_archive_with_a_hostile_member_leaves_nothing(
    name: str,
    build: Any,
    extra: str,
    reason: str,
    prepare: Prepare,
    own_cache: Path,
    tmp_path: Path,
) -> None:
    files = {"flower_photos/roses/1_ab.jpg": b"x", "cats_and_dogs_filtered/train/cats/1.jpg": b"x"}
    prepare(name, {name: build({**files, extra: b"evil"})})
    with pytest.raises(ArchiveError, match=reason):
        load_dataset(name)
    assert list((own_cache / "datasets").iterdir()) == []
    assert not list(tmp_path.rglob("evil*"))


def test_two_archives_with_one_file_are_refused(prepare: Prepare, own_cache: Path) -> None:
    contents = archives("beans")
    contents["beans/test"] = (
        contents["beans/train"][:-22] + contents["beans/train"][-22:-2] + b"\0\0"
    )
    file = {"train/healthy/0.jpg": b"x"}
    contents["beans/train"], contents["beans/test"] = zipped(file), zipped({**file, "x": b"y"})
    prepare("beans", contents)
    with pytest.raises(ArchiveError, match="was in another archive too"):
        load_dataset("beans")
    assert list((own_cache / "datasets").iterdir()) == []


# The disk


def test_too_small_a_disk_is_told_before_the_download(
    prepare: Prepare, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = prepare("flower_photos")
    needed = 2 * entry.bytes + 3670 * 4096
    usage = shutil.disk_usage(".")._replace(free=needed - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(AssetError, match="not enough room") as caught:
        load_dataset("flower_photos")
    assert f"{needed / 1e6:,.1f} MB free" in str(caught.value)
    assert server.log == []
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=needed))
    load_dataset("flower_photos")


def test_a_disk_that_fills_up_while_unpacking_leaves_the_archive_for_the_next_call(
    prepare: Prepare, server: Server, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare("flower_photos")
    real_open = Path.open

    def full(self: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if mode == "xb" and "tulips" in self.parts:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real_open(self, mode, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        with pytest.raises(AssetError, match="No space left on device"):
            load_dataset("flower_photos")
    assert list((own_cache / "datasets").iterdir()) == []
    assert len(load_dataset("flower_photos")) == 10
    assert len(server.log) == 1


# What lies in the cache


@pytest.mark.parametrize("damage", ["changed", "missing", "added", "contents", "half built"])
def test_a_damaged_set_is_unpacked_again_without_a_download(
    damage: str,
    prepare: Prepare,
    server: Server,
    own_cache: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    prepare("flower_photos")
    first = load_dataset("flower_photos")
    victim, folder = first.paths[3], own_cache / "datasets" / "flower_photos"
    good = victim.read_bytes()
    if damage == "changed":
        victim.write_bytes(bytes(len(good)))  # the size alone tells nothing
    elif damage == "missing":
        victim.unlink()
    elif damage == "added":
        victim.with_name("x.jpg").write_bytes(good)
    elif damage == "contents":
        (folder / "contents.json").write_text('{"origin": [], "files": []}')
    else:
        folder.rename(folder.with_name(".flower_photos.tmp"))
    again = load_dataset("flower_photos")
    assert again == first
    assert victim.read_bytes() == good
    assert len(server.log) == 1
    assert names_in(folder.parent) == ["flower_photos"]
    assert ("is not as it was" in capsys.readouterr().err) == (damage != "half built")


def test_a_set_whose_archive_is_published_anew_is_made_anew(
    prepare: Prepare, own_cache: Path
) -> None:
    entry = prepare("flower_photos")
    assert len(load_dataset("flower_photos")) == 10
    cached_path(entry.files[0]).unlink()
    prepare("flower_photos", {"flower_photos": tarred({"flower_photos/roses/1.jpg": b"x"})})
    assert len(load_dataset("flower_photos")) == 1


def test_a_copied_cache_is_read_once_and_used_as_it_is(
    prepare: Prepare,
    server: Server,
    tmp_path: Path,
    own_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepare("flower_photos")
    first = load_dataset("flower_photos")
    for path in first.paths:
        os.utime(path, (1, 1))
    read: list[Path] = []
    real = set_folders.file_hash
    monkeypatch.setattr(set_folders, "file_hash", lambda path: read.append(path) or real(path))
    for _ in range(2):
        assert load_dataset("flower_photos") == first
    assert Counter(read) == Counter(first.paths)
    assert len(server.log) == 1


# A cache that may only be read


@pytest.fixture
def read_only(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Make the cache unwritable, as a mounted folder is, also for a test that root runs."""

    def refuse(code: int) -> None:
        def check(path: Any) -> None:
            if own_cache in Path(os.fsdecode(path)).parents:
                raise OSError(code, os.strerror(code), str(path))

        real = {
            name: getattr(os, name)
            for name in ("open", "mkdir", "rename", "replace", "unlink", "utime")
        }
        for name, function in real.items():

            def guarded(
                path: Any, *rest: Any, _f: Any = function, _n: str = name, **more: Any
            ) -> Any:
                flags = rest[0] if _n == "open" and rest else os.O_WRONLY
                if not isinstance(path, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                    check(path)
                return _f(path, *rest, **more)

            monkeypatch.setattr(os, name, guarded)
        real_open = Path.open

        def path_open(self: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
            if set(mode) & set("wax+"):
                check(self)
            return real_open(self, mode, *rest, **more)

        monkeypatch.setattr(Path, "open", path_open)

    return refuse


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_complete_cache_may_be_read_only(
    code: int, prepare: Prepare, read_only: Callable[[int], None]
) -> None:
    prepare("flower_photos")
    first = load_dataset("flower_photos")
    for path in first.paths:
        os.utime(path, (1, 1))  # as the copy in a classroom has it
    read_only(code)
    with locked("anything"):  # nothing can be guarded, and nothing needs to be
        assert load_dataset("flower_photos") == first


def test_a_whole_set_needs_no_lock(prepare: Prepare, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare("flower_photos")
    first = load_dataset("flower_photos")
    monkeypatch.setattr(set_folders, "locked", lambda _: pytest.fail("took a lock"))
    assert load_dataset("flower_photos") == first


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_what_a_read_only_cache_lacks_is_named(
    code: int, prepare: Prepare, server: Server, own_cache: Path, read_only: Callable[[int], None]
) -> None:
    prepare("flower_photos")
    own_cache.mkdir()
    read_only(code)
    with pytest.raises(AssetError, match="'flower_photos' cannot be written to"):
        load_dataset("flower_photos")
    assert server.log == []


# Other processes

SCRIPT = """
import pathlib, sys
from tlcourse.assets import catalogue
catalogue.CATALOGUE = pathlib.Path(sys.argv[1])
from tlcourse.data import load_dataset, public_sets
{}
print(len(load_dataset("flower_photos")))
"""


def start(tmp_path: Path, number: int, extra: str = "") -> subprocess.Popen[str]:
    with (tmp_path / f"stderr-{number}").open("w") as stderr:
        command = [sys.executable, "-c", SCRIPT.format(extra), str(tmp_path / "catalogue.toml")]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)


def test_two_processes_at_once_make_a_set_once(
    prepare: Prepare, server: Server, tmp_path: Path
) -> None:
    gate = threading.Event()
    prepare("flower_photos", gate=gate)
    processes = [start(tmp_path, number) for number in range(2)]
    notes = [tmp_path / "stderr-0", tmp_path / "stderr-1"]
    end = time.monotonic() + 30
    while not any("Another process is at work on 'dataset" in note.read_text() for note in notes):
        assert time.monotonic() < end, "no process waits for the other"
        time.sleep(0.02)
    gate.set()
    assert [process.communicate(timeout=30)[0] for process in processes] == ["10\n", "10\n"]
    assert len(server.log) == 1
    assert not any("made anew" in note.read_text() for note in notes)


def test_after_a_kill_in_the_middle_of_unpacking_the_next_call_goes_on(
    prepare: Prepare, server: Server, tmp_path: Path, own_cache: Path
) -> None:
    prepare("flower_photos")
    kill = (
        "import os, signal\n"
        "from tlcourse.assets import unpacking\n"
        "real = unpacking._write\n"
        "def write(opened, member, target, path):\n"
        "    real(opened, member, target, path)\n"
        "    if 'roses' in target.parts: os.kill(os.getpid(), signal.SIGKILL)\n"
        "unpacking._write = write"
    )
    process = start(tmp_path, 0, kill)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    assert names_in(own_cache / "datasets") == [".flower_photos.tmp"]
    images = load_dataset("flower_photos")
    assert counts("flower_photos", images) == COUNTS["flower_photos"]
    assert len(server.log) == 1
    assert names_in(own_cache / "datasets") == ["flower_photos"]


# The list


def test_the_list_tells_what_is_here_and_writes_nothing(
    prepare: Prepare, own_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [known.name for known in list_datasets()]
    assert names[:3] == ["fleet", "digits", "faces"]
    assert set(names[3:]) == set(PUBLISHED)
    flowers = next(known for known in list_datasets() if known.name == "flower_photos")
    assert (flowers.pictures, flowers.classes, flowers.bytes) == (3670, 5, 228_813_984)
    assert (flowers.is_here, flowers.place, flowers.folder) == (False, "", None)
    assert not own_cache.exists()
    prepare("flower_photos")
    load_dataset("flower_photos")
    (flowers,) = list_datasets()
    assert flowers.is_here
    assert flowers.folder == set_folder("flower_photos")
    text, page = repr(list_datasets()), list_datasets()._repr_html_()
    for words in ("1 data set", "flower_photos", "3,670", "CC-BY-2.0", "the course", "folder="):
        assert words in text
        assert words in page
