"""What layers cost: counts that were done by hand, and those that papers and Keras tell."""

from __future__ import annotations

import keras
import pytest

from tests.inside.networks import nested_two_deep, small_cnn
from tlcourse.errors import ArgumentError
from tlcourse.experiments import layer_costs

L = keras.layers


def test_a_small_network_counted_by_hand():
    costs = layer_costs(small_cnn())
    by_name = {layer.name: layer for layer in costs.layers}
    assert by_name["first"].parameters == 4 * (3 * 3 * 3 + 1)
    assert by_name["first"].multiply_adds == 16 * 16 * 3 * 3 * 3 * 4
    assert by_name["second"].multiply_adds == 8 * 8 * 3 * 3 * 4 * 6
    assert by_name["pool"].multiply_adds == 0
    assert by_name["answer"].multiply_adds == 6 * 3
    assert costs.parameters == small_cnn().count_params()


def test_vgg16_with_its_top_has_the_published_number_of_parameters(vgg16):
    costs = layer_costs(vgg16, dense_top=(4096, 4096, 1000))
    assert costs.parameters == 138_357_544
    assert [layer.name for layer in costs.layers[-3:]] == ["fc1", "fc2", "predictions"]
    assert costs.layers[-3].parameters == 102_764_544
    assert len(costs.layers) == 13 + 5 + 3
    assert layer_costs(vgg16).parameters == 14_714_688
    assert "138,357,544" in repr(costs)


def test_a_depthwise_convolution_multiplies_each_channel_by_its_own_kernel(lite0):
    depthwise = [x for x in layer_costs(lite0).layers if x.kind == "DepthwiseConv2D"]
    height, width, channels = depthwise[0].shape
    assert depthwise[0].multiply_adds == height * width * channels * 3 * 3
    assert layer_costs(lite0).parameters == lite0.count_parameters()


def test_a_convolution_with_a_stride_is_counted_at_the_places_of_its_output():
    pixels = keras.Input((9, 9, 3))
    model = keras.Model(pixels, L.Conv2D(5, 3, strides=2, padding="same", name="c")(pixels))
    assert layer_costs(model).layers[0].multiply_adds == 5 * 5 * 3 * 3 * 3 * 5


def test_nested_models_are_counted_through():
    names = [layer.name for layer in layer_costs(nested_two_deep()).layers]
    assert len(names) == len(set(names))
    assert "answer" in names


def test_a_kind_that_is_not_counted_is_named_instead_of_counted_as_nothing():
    pixels = keras.Input((8, 8, 3))
    model = keras.Model(pixels, L.Conv2DTranspose(3, 2, name="up")(pixels))
    with pytest.raises(ArgumentError, match="'up'"):
        layer_costs(model)


@pytest.mark.parametrize("units", [(0,), (-4,), (2.5,)])
def test_a_dense_layer_needs_a_whole_number_of_units(units):
    with pytest.raises(ArgumentError, match="dense_top"):
        layer_costs(small_cnn(), dense_top=units)


def test_the_figure_says_what_the_table_says():
    figure = layer_costs(small_cnn()).draw()
    assert figure.png.startswith(b"\x89PNG")
    assert "first" in figure.alt
    assert "parameters" in figure.alt
