"""Many pictures at once: found, decoded in order, checked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.data.hard_pictures import SCENE, jpeg, scene
from tests.data.test_load_images import put
from tlcourse.data import (
    PictureSource,
    Problem,
    check_pictures,
    find_pictures,
    load_images,
    load_pictures,
)
from tlcourse.errors import DataError


def test_a_folder_gives_its_pictures_in_natural_order_with_all_folders_in_it(
    tmp_path: Path,
) -> None:
    put(tmp_path, "10.jpg", "9.jpg", "deep/er/1.png", "notes.txt", "phone.heic")
    found = [path.relative_to(tmp_path).as_posix() for path in find_pictures(tmp_path)]
    assert found == ["9.jpg", "10.jpg", "deep/er/1.png", "phone.heic"]


def test_a_folder_without_pictures_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"1 × \.txt"):
        find_pictures(put(tmp_path, "notes.txt"))


def test_whatever_is_handed_over_becomes_a_list(tmp_path: Path) -> None:
    put(tmp_path, "ants/1.jpg", "bees/1.jpg")
    images = load_images(tmp_path)
    data, image, batch = jpeg(), scene(), np.stack([SCENE, SCENE])
    assert find_pictures(images) == list(images.paths)
    assert find_pictures(data) == [data]
    assert find_pictures(image) == [image]
    assert len(find_pictures(SCENE)) == 1
    assert len(find_pictures(batch)) == 2
    assert find_pictures([str(tmp_path), data]) == [*images.paths, data]
    assert find_pictures("no such file.jpg") == [Path("no such file.jpg")]


def test_pictures_come_in_order_with_problems_in_their_place(tmp_path: Path) -> None:
    put(tmp_path, "good.jpg")
    sources: list[PictureSource] = [tmp_path / "good.jpg", b"no picture", SCENE] * 40
    results = list(load_pictures(sources, (10, 12)))
    assert len(results) == 120
    names = [name for name, _ in results]
    assert names[:4] == [str(tmp_path / "good.jpg"), "picture 2", "picture 3", names[0]]
    for position, (_, result) in enumerate(results):
        if position % 3 == 1:
            assert isinstance(result, Problem)
            assert result.file == Path(f"picture {position + 1}")
        else:
            assert result.shape == (10, 12, 3)


def test_checking_leaves_the_unreadable_out_and_names_them(tmp_path: Path) -> None:
    put(tmp_path, "ants/1.jpg", "ants/2.jpg", "bees/1.jpg", "bees/notes.txt")
    (tmp_path / "ants/2.jpg").write_bytes(jpeg()[:-50])
    images = load_images(tmp_path)
    checked = check_pictures(images)
    assert checked.counts() == {"ants": 1, "bees": 1}
    assert [p.file.name for p in checked.problems] == ["notes.txt", "2.jpg"]
    assert "cut short" in checked.problems[1].reason
    assert checked.record == images.record


def test_checking_a_sound_set_changes_nothing(tmp_path: Path) -> None:
    images = load_images(put(tmp_path, "ants/1.jpg", "bees/1.jpg"))
    assert check_pictures(images) == images


def test_a_class_without_a_readable_picture_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, "ants/1.jpg", "bees/1.jpg")
    (tmp_path / "bees/1.jpg").write_bytes(b"")
    with pytest.raises(DataError, match=r"(?s)bees.*empty file"):
        check_pictures(load_images(tmp_path))


def test_real_photographs_are_all_readable(real_data: Path) -> None:
    images = load_images(real_data / "hymenoptera")
    assert check_pictures(images) == images
