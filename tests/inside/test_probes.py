"""Linear probes: they find what a layer knows, and nothing by looking at the test."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
from scipy.stats import binomtest

from tests.inside.networks import small_cnn
from tests.inside.test_attribution import state_of
from tests.pictures import write_set
from tlcourse.data import ImageSet, load_images
from tlcourse.errors import ArgumentError, DataError
from tlcourse.inside import probe_layers
from tlcourse.inside.probes import _wilson, folds_of

L = keras.layers


def colour_blind() -> keras.Model:
    """First the colours, then a sum in which red and green are alike."""
    pixels = keras.Input((16, 16, 3))
    x = L.Conv2D(3, 1, use_bias=False, name="colours")(pixels)
    x = L.Conv2D(1, 1, use_bias=False, name="grey")(x)
    model = keras.Model(pixels, L.Flatten(name="flat")(x), name="colour_blind")
    weights = np.array([1 / 160, 1 / 130, 0]).reshape(1, 1, 3, 1)
    model.set_weights([np.eye(3)[None, None] / 255, weights])
    return model


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return load_images(write_set(tmp_path_factory.mktemp("probes") / "set", 15))


def test_a_layer_that_sees_colours_tells_them_apart_and_one_behind_it_does_not(images):
    model = colour_blind()
    before = state_of(model)
    found = probe_layers(model, images, ["colours", "grey"])
    assert found.accuracy[0] == 1
    assert found.accuracy[1] < 0.85
    assert found.best == "colours"
    assert found.features.tolist() == [3, 1]
    assert (found.baseline, found.pictures) == (0.5, 30)
    assert state_of(model) == before


def test_pictures_of_a_group_are_never_on_both_sides(images):
    """Labels by chance and ten copies of each picture: only a torn group could be recognised."""
    paths = tuple(path for path in images.paths[:12] for _ in range(5))
    groups = np.repeat(np.arange(12), 5).astype(str)
    labels = np.repeat(np.random.RandomState(0).permutation(np.tile([0, 1], 6)), 5)
    grouped = ImageSet(paths, labels, ("a", "b"), groups)
    torn = ImageSet(paths, labels, ("a", "b"))
    settings = {"layers": ["relu"], "grid": 8}
    honest = probe_layers(small_cnn(), grouped, **settings)
    fooled = probe_layers(small_cnn(), torn, **settings)
    assert fooled.accuracy[0] > 0.95
    assert honest.accuracy[0] < 0.8
    assert honest.groups == 12
    # Sixty pictures of twelve things tell as much as twelve.
    assert np.ptp(honest.interval[0]) > 0.35


def test_folds_judge_every_picture_once_and_keep_groups_together():
    labels = np.tile([0, 1, 2], 20)
    groups = np.repeat(np.arange(15), 4).astype(str)
    folds = folds_of(labels, groups, 0)
    assert sorted(np.concatenate([held for _, held in folds])) == list(range(60))
    for learned, held in folds:
        assert not set(groups[learned]) & set(groups[held])


def test_the_part_to_learn_from_is_used_and_no_other(images):
    splits = np.where(np.arange(30) % 3 == 0, "test", "train")
    found = probe_layers(small_cnn(), images.with_splits(splits), ["first"])
    assert found.pictures == 20


def test_pictures_that_cannot_be_read_are_left_out_and_named(tmp_path):
    folder = write_set(tmp_path / "set", 6)
    images = load_images(folder)
    (folder / "red" / "3.png").write_bytes((folder / "red" / "3.png").read_bytes()[:200])
    found = probe_layers(small_cnn(), images, ["first"])
    assert found.pictures == 11
    assert found.problems[0].file.name == "3.png"
    assert "1 picture left out" in repr(found)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_intervals_are_wilsons(share):
    expected = binomtest(round(share * 40), 40).proportion_ci(0.95, method="wilson")
    assert _wilson(share, 40) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_the_result_is_told_drawn_and_kept(images):
    found = probe_layers(small_cnn(), images)
    assert found.layers == ("first", "pool", "second", "bn", "relu")  # not the answer itself
    data = json.loads(json.dumps(found.to_dict()))
    assert data["accuracy"] == found.accuracy.tolist()
    assert found.draw().alt.startswith("Linear probes on the layers of small")
    assert "<table>" in found._repr_html_()
    same = probe_layers(small_cnn(), images, seed=0)
    assert same.layers == found.layers


def test_errors_say_what_is_wrong(images):
    with pytest.raises(DataError, match="too few pictures"):
        probe_layers(small_cnn(), images.subset([0, 1, 29]))
    with pytest.raises(DataError, match="too few pictures"):
        probe_layers(small_cnn(), images.subset(np.arange(15)))
    with pytest.raises(ArgumentError, match="load_images"):
        probe_layers(small_cnn(), list(images.paths))
    with pytest.raises(ArgumentError, match="no such layer"):
        probe_layers(small_cnn(), images, ["block1"])
    with pytest.raises(ArgumentError, match="grid"):
        probe_layers(small_cnn(), images, grid=0)
