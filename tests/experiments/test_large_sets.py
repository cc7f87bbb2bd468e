"""Sets with as many pictures as asked for: windows of photographs, and drawn cells."""

from __future__ import annotations

import numpy as np
import pytest

from tlcourse.data import open_picture, photograph
from tlcourse.errors import ArgumentError
from tlcourse.experiments import drawn_cells, windows_of_photographs


@pytest.mark.parametrize(
    ("make", "classes"),
    [
        (windows_of_photographs, ("cat", "coffee", "motorcycle")),
        (drawn_cells, ("crescents", "round")),
    ],
)
def test_there_are_as_many_as_asked_for_and_all_differ(tmp_path, make, classes):
    images = make(tmp_path, each=6, judged=2)
    assert images.class_names == classes
    assert np.bincount(images.train.labels).tolist() == [6] * len(classes)
    assert np.bincount(images.validation.labels).tolist() == [2] * len(classes)
    assert len({path.read_bytes() for path in images.paths}) == len(images)
    assert all(open_picture(path).shape == (64, 64, 3) for path in images.paths)
    assert all(
        path.parent.name == classes[label]
        for path, label in zip(images.paths, images.labels, strict=True)
    )


@pytest.mark.parametrize("make", [windows_of_photographs, drawn_cells])
def test_a_seed_gives_the_same_pictures_whatever_their_number(tmp_path, make):
    first = make(tmp_path / "first", each=3, judged=1, seed=1)
    again = make(tmp_path / "again", each=5, judged=1, seed=1)
    other = make(tmp_path / "other", each=3, judged=1, seed=2)
    pixels = [open_picture(images.paths[2]) for images in (first, again, other)]
    assert np.array_equal(pixels[0], pixels[1])
    assert not np.array_equal(pixels[0], pixels[2])


def test_no_pixel_is_both_learned_from_and_judged_on(tmp_path, monkeypatch):
    # Two halves of one colour each: a window over the middle would show both.
    halves = np.zeros((300, 450, 3), np.uint8)
    halves[:, 225:] = 100
    monkeypatch.setattr("tlcourse.experiments.large_sets.photograph", lambda _: halves)
    images = windows_of_photographs(tmp_path, ("a", "b"), each=20, judged=20)
    assert all(open_picture(path).max() == 0 for path in images.train.paths)
    assert all(open_picture(path).min() >= 79 for path in images.validation.paths)


def test_every_photograph_has_room_for_the_largest_window():
    for name in ("cat", "coffee", "motorcycle", "rocket", "astronaut", "china", "flower"):
        height, width = photograph(name).shape[:2]
        assert min(height, width // 2) >= 200


def test_crescents_are_the_only_difference(tmp_path):
    """The two kinds have the same light and colour on average: only the shape tells."""
    images = drawn_cells(tmp_path, each=60, judged=1).train
    pixels = np.stack([open_picture(path) for path in images.paths]).astype(float)
    crescents, round_ones = (pixels[images.labels == label].mean() for label in (0, 1))
    assert abs(crescents - round_ones) < 8


@pytest.mark.parametrize("arguments", [{"each": 0}, {"judged": 0}, {"each": 10**6}, {"seed": -1}])
@pytest.mark.parametrize("make", [windows_of_photographs, drawn_cells])
def test_arguments_out_of_range_are_refused(tmp_path, make, arguments):
    with pytest.raises(ArgumentError):
        make(tmp_path, **arguments)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("names", ["cat", ("cat",), ("cat", "cat"), (), ("cat", "no such")])
def test_photographs_that_there_are_not_are_refused(tmp_path, names):
    with pytest.raises(ArgumentError):
        windows_of_photographs(tmp_path, names, each=1, judged=1)
