"""Figures of channels: what excites them, how silent they are, several attributions."""

from __future__ import annotations

import pytest

from tests.inside.networks import random_picture, small_cnn
from tlcourse.errors import ArgumentError
from tlcourse.experiments import show_attributions, show_excitement, show_silence
from tlcourse.inside import channel_statistics, exciting_patches, explain, maximise_activation


@pytest.fixture
def pictures():
    return [random_picture(16, seed) for seed in range(4)]


@pytest.fixture
def model():
    return small_cnn(size=32)


def test_made_and_found_pictures_stand_in_one_figure(model, pictures):
    made = [maximise_activation(model, "first", c, steps=2, size=32) for c in (0, 1)]
    found = [exciting_patches(model, pictures, "first", c, n=3) for c in (0, 1)]
    figure = show_excitement(made, found)
    assert "Channel 0 of first" in figure.alt
    assert "picture 1" in figure.alt
    assert figure.alt.count("4 real pictures") == 2


def test_rows_of_unlike_length_fit(model, pictures):
    made = [maximise_activation(model, "first", c, steps=1, size=32) for c in (0, 1)]
    found = [exciting_patches(model, pictures, "first", c, n=n) for c, n in ((0, 1), (1, 4))]
    assert show_excitement(made, found).png.startswith(b"\x89PNG")


def test_pictures_of_other_channels_are_refused(model, pictures):
    made = [maximise_activation(model, "first", 0, steps=1, size=32)]
    found = [exciting_patches(model, pictures, "first", 1, n=1)]
    with pytest.raises(ArgumentError, match="not of the same channels"):
        show_excitement(made, found)
    with pytest.raises(ArgumentError):
        show_excitement([], [])


def test_silence_is_drawn_for_each_network(pictures, model):
    chosen = ["first", "pool", "relu"]
    one, other = (channel_statistics(x, pictures, chosen) for x in (model, small_cnn(size=32)))
    figure = show_silence({"one": one, "other": other})
    for words in ("one, over 4 pictures", "other, over 4 pictures", "relu"):
        assert words in figure.alt
    zeros = f"first {one['first'].zeros.mean():.0%}"
    assert zeros in figure.alt


def test_statistics_of_other_layers_are_refused(pictures, model):
    one = channel_statistics(model, pictures, ["first"])
    other = channel_statistics(model, pictures, ["second"])
    with pytest.raises(ArgumentError, match="drawn together"):
        show_silence({"one": one, "other": other})
    with pytest.raises(ArgumentError):
        show_silence({})
    with pytest.raises(ArgumentError):
        show_silence({str(n): one for n in range(6)})


def test_attributions_stand_side_by_side(pictures, model):
    maps = {f"picture {n}": explain(model, p, 1) for n, p in enumerate(pictures)}
    figure = show_attributions(maps, columns=3)
    assert "picture 3: Grad-CAM at relu for class 1" in figure.alt


@pytest.mark.parametrize("columns", [0, -1])
def test_no_columns_or_no_maps_are_refused(columns, pictures, model):
    with pytest.raises(ArgumentError, match="nothing to draw"):
        show_attributions({"one": explain(model, pictures[0], 1)}, columns=columns)
    with pytest.raises(ArgumentError, match="nothing to draw"):
        show_attributions({})
