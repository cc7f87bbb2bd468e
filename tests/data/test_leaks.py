"""Whatever belongs together is found on both sides of a split, and told in plain words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from tests.data.test_split import images_of
from tlcourse.data import ImageSet, Leak, find_leaks, load_dataset, load_images, photograph, split
from tlcourse.errors import ArgumentError, DataError

# Parts of photographs that libraries carry: real texture, and no two parts alike.
_SOURCES = ("cat", "coffee", "rocket", "astronaut")


def part(number: int) -> Image.Image:
    """Return the part of a photograph that belongs to a number; no two overlap."""
    source, place = _SOURCES[number % 4], number // 4
    whole = Image.fromarray(photograph(source))
    top, left = 96 * (place // 3), 96 * (place % 3)
    return whole.crop((left, top, left + 96, top + 96))


def write_parts(folder: Path, counts: dict[str, int]) -> Path:
    """Write that many different pictures a class."""
    number = 0
    for name, count in counts.items():
        (folder / name).mkdir(parents=True)
        for i in range(count):
            part(number).save(folder / name / f"{i}.png")
            number += 1
    return folder


def brighter(path: Path, to: Path, quality: int = 85) -> Path:
    with Image.open(path) as image:
        ImageEnhance.Brightness(image).enhance(1.2).resize((80, 80)).save(to, quality=quality)
    return to


def splits_by_name(images: ImageSet) -> dict[str, str]:
    return {p.name: s for p, s in zip(images.paths, images.splits, strict=True)}


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """Folders train and val of a user, with nothing wrong in them."""
    write_parts(tmp_path / "all", {"ants": 8, "bees": 8})
    for name in ("ants", "bees"):
        for i in range(8):
            to = tmp_path / "set" / ("val" if i < 2 else "train") / name / f"{i}.png"
            to.parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "all" / name / f"{i}.png").rename(to)
    return tmp_path / "set"


def test_a_clean_set_leaks_nothing(folders):
    assert find_leaks(load_images(folders)) == ()


def test_the_same_file_in_train_and_val_is_found_even_under_another_name_and_class(folders):
    data = (folders / "train/ants/5.png").read_bytes()
    (folders / "val/bees/ünicode\nname.png").write_bytes(data)
    [leak] = find_leaks(load_images(folders))
    assert leak.kind == "same file"
    assert leak.pictures == {
        "train": (folders / "train/ants/5.png",),
        "validation": (folders / "val/bees/ünicode\nname.png",),
    }
    assert str(leak).startswith("the same file: 1 picture in train and 1 picture in validation ('")
    assert "\n" not in str(leak)


def test_a_brightened_and_smaller_copy_is_found(folders):
    brighter(folders / "train/bees/6.png", folders / "val/bees/copy.jpg")
    [leak] = find_leaks(load_images(folders))
    assert (leak.kind, leak.name) == ("copy", "")
    assert [p.name for paths in leak.pictures.values() for p in paths] == ["6.png", "copy.jpg"]


def test_a_leak_of_a_file_is_told_once_and_further_copies_too(folders):
    source = folders / "train/ants/5.png"
    (folders / "val/ants/same.png").write_bytes(source.read_bytes())
    assert [leak.kind for leak in find_leaks(load_images(folders))] == ["same file"]
    brighter(source, folders / "val/ants/copy.jpg")
    kinds = [leak.kind for leak in find_leaks(load_images(folders))]
    assert kinds == ["same file", "copy"]


def test_copies_on_one_side_only_are_no_leak(folders):
    brighter(folders / "train/ants/5.png", folders / "train/ants/copy.jpg")
    assert find_leaks(load_images(folders)) == ()


def test_a_group_in_two_splits_is_found_without_any_file():
    images = images_of({"a": 3, "b": 3})
    images = ImageSet(
        images.paths, images.labels, images.class_names,
        groups=np.array(["v1", "v1", "v2", "v3", "v3", "v4"]),
        splits=np.array(["train", "test", "train", "test", "test", "train"]),
    )  # fmt: skip
    leak = Leak("group", "v1", {"train": images.paths[:1], "test": images.paths[1:2]})
    assert find_leaks(images) == (leak,)
    assert str(leak) == "the group 'v1' has 1 picture in train and 1 picture in test"


def test_files_that_cannot_be_read_are_like_none(folders):
    for name in ("train/ants/broken.png", "val/ants/broken.png"):
        (folders / name).write_bytes(b"\x89PNG\r\n\x1a\n and nothing more")
    for name in ("train/ants/empty.png", "val/ants/empty.png"):
        (folders / name).write_bytes(b"")
    images = load_images(folders)
    (folders / "train/bees/7.png").unlink()
    assert {leak.kind for leak in find_leaks(images)} == {"same file"}  # the damaged ones


def test_tiny_pictures_are_not_taken_for_copies(own_cache):
    digits = load_dataset("digits")[::9]
    images = digits.with_splits(["train" if i % 2 else "test" for i in range(len(digits))])
    assert find_leaks(images) == ()


def test_a_set_that_is_not_split_cannot_leak():
    with pytest.raises(DataError, match="not split"):
        find_leaks(images_of({"a": 3}))
    with pytest.raises(ArgumentError, match="wrong kind"):
        find_leaks("folder")


def test_split_keeps_copies_together_and_is_fair(tmp_path, capsys):
    folder = write_parts(tmp_path / "set", {"ants": 12, "bees": 12})
    pairs = []
    for name in ("ants", "bees"):
        for i in range(6):
            pairs.append((f"{i}.png", f"{i} {name}.jpg", name))
            brighter(folder / name / f"{i}.png", folder / name / f"{i} {name}.jpg")
    images = load_images(folder)
    for seed in range(5):
        result = split(images, seed=seed)
        where = {(p.parent.name, p.name): s
                 for p, s in zip(result.paths, result.splits, strict=True)}  # fmt: skip
        assert all(where[name, one] == where[name, other] for one, other, name in pairs)
        assert find_leaks(result) == ()
        assert all(3 <= n <= 6 for n in result.test.counts().values())
    assert result.record["split"]["rule"] == "stratified, copies kept together"
    assert capsys.readouterr().err == ""
    torn = [split(images, seed=s, copies_together=False) for s in range(5)]
    assert any(find_leaks(result) for result in torn)


def test_copies_across_groups_join_the_groups(tmp_path):
    folder = write_parts(tmp_path / "set", {"a": 12})
    brighter(folder / "a/0.png", folder / "a/12.jpg")
    images = load_images(folder)  # 0.png … 11.png, 12.jpg
    groups = np.array([f"v{i // 2}" for i in range(12)] + ["v9"])
    images = ImageSet(images.paths, images.labels, images.class_names, groups=groups)
    for seed in range(6):
        splits = splits_by_name(split(images, seed=seed))
        assert splits["0.png"] == splits["1.png"] == splits["12.jpg"]


def test_neither_the_order_of_files_matters_where_copies_are_joined(tmp_path):
    folder = write_parts(tmp_path / "set", {"ants": 10, "bees": 10})
    for i in range(3):
        brighter(folder / f"ants/{i}.png", folder / f"ants/copy {i}.jpg")
    images = load_images(folder)
    order = np.random.default_rng(0).permutation(len(images))
    by_path = [
        dict(zip(result.paths, result.splits, strict=True))
        for result in (split(images), split(images[order]))
    ]
    assert by_path[0] == by_path[1]


def test_a_class_of_copies_alone_is_torn_apart_and_that_is_said(tmp_path, capsys):
    folder = write_parts(tmp_path / "set", {"ants": 8, "bees": 1})
    for i in range(3):
        brighter(folder / "bees/0.png", folder / f"bees/{i + 1}.jpg", quality=80 + i)
    result = split(load_images(folder))
    assert result.test.counts()["bees"] == 1
    told = capsys.readouterr().err
    assert "Careful: 1 leak between the splits." in told
    assert "copies of one picture: 3 pictures in train and 1 picture in test" in told
    assert [leak.kind for leak in find_leaks(result)] == ["copy"]


def test_many_leaks_are_told_in_a_few_lines(tmp_path, capsys):
    for number, name in enumerate("abcde"):
        folder = tmp_path / name
        folder.mkdir()
        part(number).save(folder / "0.png")
        (folder / "1.png").write_bytes((folder / "0.png").read_bytes())
    split(load_images(tmp_path), test=0.5)
    told = capsys.readouterr().err
    assert "5 leaks" in told
    assert "… and 2 more: tl.find_leaks(images) lists them" in told


@pytest.mark.real_data
def test_real_photographs_leak_nothing_and_a_planted_copy_is_found(real_data, tmp_path):
    images = load_images(real_data / "hymenoptera")
    assert find_leaks(images) == ()
    planted = brighter(images.train.paths[3], tmp_path / "copy.jpg")
    images = ImageSet(
        (*images.paths, planted), np.append(images.labels, images.labels[3]), images.class_names,
        splits=np.append(images.splits, "validation"),
    )  # fmt: skip
    [leak] = find_leaks(images)
    assert leak.pictures["train"] == (images.train.paths[3],)
