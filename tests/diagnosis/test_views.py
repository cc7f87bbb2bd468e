"""At which sizes a set is looked at, and that each picture keeps its own features."""

import numpy as np
import pytest

from tests.diagnosis.scenes import as_set, scene
from tlcourse.diagnosis import diagnose, views
from tlcourse.diagnosis.views import BUDGET, look, sides_for


@pytest.mark.parametrize(
    ("pictures", "sides"),
    [(1, (320, 416)), (2700, (320, 416)), (2800, (320,)), (7300, (320,)), (7400, (None,)),
     (10_000, (None,)), (1_000_000, (None,))],
)  # fmt: skip
def test_the_larger_the_set_the_smaller_the_pictures(pictures, sides):
    assert sides_for(pictures) == sides


def test_what_is_added_by_larger_pictures_stays_within_the_budget():
    for pictures in range(1, 20_000, 37):
        sides = [side for side in sides_for(pictures) if side is not None]
        assert pictures * sum((side / 224) ** 2 for side in sides) <= BUDGET


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(14):
        scene(number).save(folder / f"{number:02}.png")
    return sorted(folder.iterdir())


def test_the_default_network_looks_at_two_sizes_and_says_so(pictures):
    seen = look(views.DEFAULT, as_set(pictures), np.arange(14), (pictures[0],))
    assert [len(own) for own in seen.own] == [14, 14]
    for own, foreign in zip(seen.own, seen.foreign, strict=True):
        assert np.allclose(own[0], foreign[0])  # the same picture
    small, large = seen.own
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (small, large)]
    assert not np.allclose(small, large, atol=0.01)
    assert ((unit[0] @ unit[1].T).argmax(axis=1) == np.arange(14)).all()  # in the same order
    assert (seen.record["backbone"], seen.record["input_sizes"]) == (views.DEFAULT, [320, 416])


def test_a_network_that_is_handed_over_is_used_as_it_is(pictures, lite0):
    diagnosis = diagnose(as_set(pictures), lite0)
    assert diagnosis.record["input_sizes"] == [224]
    assert diagnosis.judged_by().endswith("by efficientnet_lite0 at 224 pixels.")


def test_a_picture_that_vanishes_between_two_sizes_is_left_out_of_both(
    pictures, tmp_path, monkeypatch
):
    copies = [tmp_path / path.name for path in pictures]
    for path, copy in zip(pictures, copies, strict=True):
        copy.write_bytes(path.read_bytes())
    extract = views._features

    def extract_and_delete(network, paths):
        table = extract(network, paths)
        copies[3].unlink(missing_ok=True)
        return table

    whole = look(views.DEFAULT, as_set(copies), np.arange(14), (pictures[0],))
    monkeypatch.setattr(views, "_features", extract_and_delete)
    seen = look(views.DEFAULT, as_set(copies), np.arange(14), (pictures[0],))
    assert seen.positions.tolist() == [i for i in range(14) if i != 3]
    for own, before, foreign in zip(seen.own, whole.own, seen.foreign, strict=True):
        assert np.allclose(own, before[seen.positions])
        assert len(foreign) == 1
