"""The table of networks, held against the networks themselves and against the papers."""

from __future__ import annotations

import csv

import keras
import pytest

from tlcourse.backbones.applications import APPLICATIONS
from tlcourse.errors import ArgumentError
from tlcourse.experiments import (
    build_network,
    count,
    find_network,
    frontier,
    known_networks,
    recount,
    show_years,
)
from tlcourse.experiments.counting import TABLE

BUILT_HERE = ["LeNet-5", "AlexNet", "VGG16", "MobileNetV2", "NASNetMobile", "EfficientNetB0",
              "DenseNet121", "ResNet50V2", "Xception", "ConvNeXtTiny", "DeiT-B"]  # fmt: skip
"""Of every kind of layer that is counted."""


@pytest.fixture(autouse=True)
def _forget_networks():
    yield
    keras.backend.clear_session()


@pytest.mark.parametrize("name", BUILT_HERE)
def test_the_table_is_what_is_counted_anew(name):
    known = find_network(name)
    assert recount(name) == (known.parameters, known.multiply_adds)


def test_vgg16_has_its_parameters_to_the_last_one():
    assert find_network("vgg16").parameters == 138_357_544


@pytest.mark.parametrize(
    ("name", "parameters", "billions"),
    [  # as the papers, or the documentation of their authors' networks, tell
        ("AlexNet", 60_965_224, None),
        ("ResNet50", 25_636_712, 3.8),
        ("ResNet101", 44_707_176, 7.6),
        ("ResNet152", 60_419_944, 11.3),
        ("MobileNet", 4_253_864, 0.569),
        ("MobileNetV2", 3_538_984, 0.300),
        ("EfficientNetB0", 5_330_571, 0.39),
        ("EfficientNetB7", 66_658_687, 37),
        ("ConvNeXtTiny", 28_589_128, 4.5),
        ("ConvNeXtXLarge", 350_196_968, 60.9),
        ("DeiT-B", 86_567_656, 17.6),
    ],
)
def test_counts_agree_with_what_was_published(name, parameters, billions):
    known = find_network(name)
    assert known.parameters == parameters
    if billions is not None:
        assert known.multiply_adds / 1e9 == pytest.approx(billions, rel=0.03)


def test_the_table_holds_every_network_of_keras_applications_once():
    keys = [network.key for network in known_networks()]
    assert len(keys) == len(set(keys))
    assert set(APPLICATIONS) < set(keys)
    names = [network.name for network in known_networks()]
    assert len(names) == len(set(names))


def test_every_row_is_complete_and_possible():
    for network in known_networks():
        assert 1998 <= network.year <= 2022, network
        assert str(network.year) in network.paper, network
        assert 0 < network.parameters < 10**9, network
        assert network.top1 is None or 0.5 < network.top1 < 0.9, network
        assert (network.top1 is None) == (network.source == ""), network
        assert network.trained_on in ("MNIST", "ImageNet-1k", "ImageNet-21k"), network
        if network.key in APPLICATIONS:
            assert network.input_size == APPLICATIONS[network.key].input_size, network


def test_the_file_is_plain_and_in_order_of_years():
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == [network.name for network in known_networks()]
    assert [int(row["year"]) for row in rows] == sorted(int(row["year"]) for row in rows)


@pytest.mark.parametrize("name", ["resnet50", "ResNet50", "RESNET50"])
def test_capitals_do_not_matter(name):
    assert find_network(name).name == "ResNet50"


@pytest.mark.parametrize("name", ["resnet", "", None, "VGG 16"])
def test_an_unknown_network_is_told_those_that_there_are(name):
    with pytest.raises(ArgumentError, match="EfficientNetB0"):
        build_network(name)


def test_groups_strides_and_places_count():
    layers = keras.layers
    network = keras.Sequential(
        [
            keras.Input((8, 8, 4)),
            layers.Conv2D(6, 3, strides=2, padding="same", groups=2),  # 4 × 4 places
            layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2),
            layers.SeparableConv2D(5, 3, padding="same"),
            layers.Dense(7),  # at every place
            layers.Flatten(),
            layers.Dense(3),
        ]
    )
    expected = [16 * 9 * 2 * 6, 16 * 9 * 12, 16 * (9 * 12 + 12 * 5), 16 * 5 * 7, 112 * 3]
    assert count(network, shape=(8, 8, 4)).multiply_adds == sum(expected)
    assert count(network, shape=(8, 8, 4)).parameters == network.count_params()


def test_attention_counts_projections_and_pairs():
    tokens = keras.Input((8, 8, 1))
    row = keras.layers.Reshape((16, 4))(tokens)
    network = keras.Model(tokens, keras.layers.MultiHeadAttention(2, 3)(row, row))
    assert count(network).multiply_adds == 16 * 4 * (4 * 6) + 2 * 16 * 16 * 6


def test_nested_networks_are_counted_through():
    inner = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Conv2D(2, 3, padding="same")])
    outer = keras.Sequential([keras.Input((4, 4, 3)), inner, keras.layers.Conv2D(1, 1)])
    assert count(outer).multiply_adds == 16 * 27 * 2 + 16 * 2


def test_a_kind_of_layer_that_is_not_counted_is_named():
    network = keras.Sequential(
        [keras.Input((8, 8, 1)), keras.layers.Conv2DTranspose(2, 3, name="up")]
    )
    with pytest.raises(ArgumentError, match="'up'"):
        count(network)


def test_a_layer_of_ones_own_may_count_itself():
    class Own(keras.layers.Layer):
        def build(self, shape):
            self.w = self.add_weight(shape=(1,))

        def call(self, x):
            return x * self.w

        def multiply_adds(self, shape):
            return 5

    network = keras.Sequential([keras.Input((2, 2, 1)), Own()])
    assert count(network).multiply_adds == 5


@pytest.mark.parametrize("by", ["parameters", "multiply_adds"])
def test_the_frontier_holds_those_that_nobody_beats(by):
    kept = frontier(known_networks(), by)
    costs = [getattr(network, by) for network in kept]
    accuracies = [network.top1 for network in kept]
    assert costs == sorted(costs)
    assert accuracies == sorted(set(accuracies))
    for other in known_networks():
        if other.top1 is not None:
            assert any(k.top1 >= other.top1 and getattr(k, by) <= getattr(other, by) for k in kept)


def test_the_frontier_is_not_measured_in_something_unknown():
    with pytest.raises(ArgumentError, match="'by'"):
        frontier(known_networks(), "price")


def test_the_figure_of_the_years_names_the_landmarks():
    figure = show_years()
    assert "AlexNet (2012) 59.3%" in figure.alt
    assert "LeNet" not in figure.alt  # it was never judged on ImageNet
    one = show_years([find_network("VGG16")])
    assert "Accuracy of 1 networks" in one.alt or "VGG16 (2014)" in one.alt
