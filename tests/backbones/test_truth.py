"""The weights are the genuine ones: against published values, and by what the networks see."""

import numpy as np
import pytest

from tlcourse.backbones import load_backbone
from tlcourse.data import photograph

# First kernel value and first bias of each convolution, from public prints of the authors' model.
VGG16_FIRST_VALUES = {
    "block1_conv1": (0.42947057, 0.73429835),
    "block1_conv2": (0.16621928, -0.30912212),
    "block2_conv1": (-0.008902963, -0.04577766),
    "block2_conv2": (-0.0023012366, -0.06418542),
    "block3_conv1": (0.002486315, -0.074358866),
    "block3_conv2": (-0.0103266295, 0.019675018),
    "block3_conv3": (0.0024918285, 0.035415243),
    "block4_conv1": (-0.012453815, 0.013485669),
    "block4_conv2": (0.007116542, 0.023680462),
    "block4_conv3": (-0.0041355654, 0.03757768),
    "block5_conv1": (-0.0006068934, 0.09722325),
    "block5_conv2": (-0.0011261065, 0.21327873),
    "block5_conv3": (0.00040788297, 0.18837857),
}


@pytest.mark.parametrize("layer", VGG16_FIRST_VALUES)
def test_vgg16_has_the_published_values_in_every_convolution(vgg16, layer):
    kernel, bias = vgg16.network.get_layer(layer).get_weights()
    assert (kernel[0, 0, 0, 0], bias[0]) == pytest.approx(VGG16_FIRST_VALUES[layer], rel=1e-6)


def test_vgg16_first_layer_and_last_bias_are_the_published_ones(vgg16):
    kernel, bias = vgg16.network.get_layer("block1_conv1").get_weights()
    assert kernel[0, 0, 0, :3] == pytest.approx([0.42947057, 0.11727387, 0.03401296], rel=1e-6)
    assert bias[:3] == pytest.approx([0.73429835, 0.09340367, 0.06775674], rel=1e-6)
    last = vgg16.network.get_layer("block5_conv3").get_weights()[1]
    assert last.mean() == pytest.approx(0.149864, abs=1e-6)
    assert last.min() == pytest.approx(-0.50036746, rel=1e-6)


def test_parameter_counts_are_the_published_ones(vgg16, lite0):
    assert vgg16.count_parameters() == 14_714_688
    assert lite0.count_parameters() == 4_694_024
    assert load_backbone("vgg16", weights="random", include_top=True).count_parameters() == (
        138_357_544
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cat", {285: 0.39}),
        ("coffee", {967: 0.94}),
        ("motorcycle", {665: 0.72}),
        ("rocket", {657: 0.22, 540: 0.15}),
    ],
)
def test_efficientnet_lite0_sees_what_it_is_known_to_see(lite0, name, expected):
    guesses = lite0.predict_classes(photograph(name))
    found = {guess.number: guess.probability for guess in guesses}
    assert guesses[0].number == next(iter(expected))
    for index, probability in expected.items():
        assert found[index] == pytest.approx(probability, abs=0.02)


def test_the_order_of_the_answers_is_known_for_cat_and_rocket(lite0):
    assert {g.number for g in lite0.predict_classes(photograph("cat"), top=3)} == {285, 282, 281}
    names = [g.name for g in lite0.predict_classes(photograph("rocket"), top=3)]
    assert names == ["missile", "drilling platform", "projectile"]


def test_the_backbone_without_its_top_gives_what_the_whole_network_pools(lite0):
    pixels = lite0.preprocessing.apply(photograph("coffee")[:224, :224])[None]
    feature_map = np.asarray(lite0.network(pixels, training=False))
    kernel, bias = lite0.classifier.get_layer("imagenet_top").get_weights()
    scores = feature_map.mean(axis=(1, 2)) @ kernel + bias
    by_hand = np.exp(scores) / np.exp(scores).sum()
    assert np.asarray(lite0.classifier(pixels, training=False)) == pytest.approx(by_hand, abs=1e-5)
