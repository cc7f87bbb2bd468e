"""Photographs and sets that installed packages carry, without a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tlcourse.data import load_dataset, photograph, photograph_credit, photograph_names
from tlcourse.errors import ArgumentError, AssetError

SHAPES = {
    "astronaut": (512, 512, 3),
    "camera": (512, 512, 3),
    "cat": (300, 451, 3),
    "china": (427, 640, 3),
    "coffee": (400, 600, 3),
    "flower": (427, 640, 3),
    "motorcycle": (500, 741, 3),
    "rocket": (427, 640, 3),
}


def test_all_photographs_are_known() -> None:
    assert photograph_names() == tuple(SHAPES)


@pytest.mark.parametrize("name", SHAPES)
def test_a_photograph_is_there_with_its_credit(name: str) -> None:
    pixels = photograph(name)
    assert pixels.shape == SHAPES[name]
    assert pixels.dtype == np.uint8
    assert pixels.std() > 20
    assert len(photograph_credit(name)) > 20


def test_the_photographs_are_those_of_the_packages() -> None:
    from skimage import data

    np.testing.assert_array_equal(photograph("cat"), data.chelsea())
    np.testing.assert_array_equal(photograph("rocket"), data.rocket())
    np.testing.assert_array_equal(photograph("camera")[..., 1], data.camera())


def test_an_unknown_photograph_is_answered_with_the_list() -> None:
    with pytest.raises(ArgumentError, match="astronaut, camera, cat"):
        photograph("dog")
    with pytest.raises(ArgumentError, match="astronaut, camera, cat"):
        photograph_credit("dog")


def test_the_digits_are_those_of_scikit_learn(own_cache: Path) -> None:
    from sklearn.datasets import load_digits

    images = load_dataset("digits")
    assert images.class_names == tuple("0123456789")
    assert len(images) == 1797
    assert own_cache in images.paths[0].parents
    digits, labels = load_digits(return_X_y=True)
    for picture in images[::50]:
        position = int(picture.path.stem)
        assert picture.label == labels[position]
        values = picture.load()[..., 0] / 255 * 16
        np.testing.assert_array_equal(np.rint(values), digits[position].reshape(8, 8))


def test_the_faces_are_those_of_scikit_image(own_cache: Path) -> None:
    images = load_dataset("faces")
    assert images.counts() == {"face": 100, "no face": 100}
    assert images[0].load().shape == (25, 25, 3)
    from skimage.data import lfw_subset

    for picture, patch in zip(images, lfw_subset(), strict=True):
        np.testing.assert_allclose(picture.load()[..., 0] / 255, patch, atol=0.51 / 255)
    assert images.record["dataset"] == "faces"
    assert "Labeled Faces in the Wild" in images.record["citation"]
    assert images.record["licence"]


def test_a_set_is_written_once(own_cache: Path) -> None:
    first = load_dataset("faces")
    times = [path.stat().st_mtime_ns for path in first.paths]
    assert load_dataset("faces") == first
    assert [path.stat().st_mtime_ns for path in first.paths] == times


@pytest.mark.parametrize("damage", ["changed", "cut", "missing", "added", "contents", "half built"])
def test_a_damaged_set_is_noticed_and_written_anew(damage: str, own_cache: Path) -> None:
    first = load_dataset("faces")
    good = first.paths[3].read_bytes()
    folder = own_cache / "datasets" / "faces"
    if damage == "changed":
        first.paths[3].write_bytes(bytes(len(good)))
    elif damage == "cut":
        first.paths[3].write_bytes(good[:-20])
    elif damage == "missing":
        first.paths[3].unlink()
    elif damage == "added":
        first.paths[3].with_name("x.png").write_bytes(good)
    elif damage == "contents":
        (folder / "contents.json").write_text("{")
    else:
        first.paths[3].with_name("x.png").write_bytes(good)
        folder.rename(folder.with_name(".faces.tmp"))
    again = load_dataset("faces")
    assert again == first
    assert again.paths[3].read_bytes() == good
    assert [path.name for path in folder.parent.iterdir()] == ["faces"]


def test_its_source_and_licence_are_said_once(
    own_cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tlcourse.messages._said", set())
    load_dataset("faces")
    load_dataset("faces")
    assert capsys.readouterr().err.count("Labeled Faces in the Wild") == 1


def test_an_unknown_set_is_answered_with_the_list() -> None:
    with pytest.raises(ArgumentError, match="fleet, digits, faces, cats_vs_dogs"):
        load_dataset("fleets")


def test_a_cache_that_cannot_be_written_is_named(own_cache: Path) -> None:
    own_cache.mkdir()
    (own_cache / "datasets").write_text("in the way")
    with pytest.raises(AssetError, match="faces"):
        load_dataset("faces")
