"""VGG-16's first numbers beside those in print: the genuine one agrees, any other does not."""

from __future__ import annotations

import numpy as np
import pytest

from tests.inside.networks import small_cnn
from tlcourse.errors import ArgumentError
from tlcourse.experiments import compare_with_published
from tlcourse.training.assembly import clone_backbone


def test_the_genuine_network_agrees_in_all_layers(vgg16):
    compared = compare_with_published(vgg16)
    assert len(compared.layers) == 13
    assert compared.agrees.all()
    assert "13 of 13 layers agree" in repr(compared)


def test_one_changed_number_is_found(vgg16):
    changed = clone_backbone(vgg16)
    layer = changed.network.get_layer("block4_conv2")
    kernel, bias = layer.get_weights()
    kernel[0, 0, 0, 0] += 1e-5
    layer.set_weights([kernel, bias])
    compared = compare_with_published(changed)
    assert [n for n, same in zip(compared.layers, compared.agrees, strict=True) if not same] == [
        "block4_conv2"
    ]
    assert "differs" in compared._repr_html_()
    assert compare_with_published(vgg16).agrees.all()


def test_random_weights_agree_nowhere():
    from tlcourse.backbones import load_backbone

    random = load_backbone("vgg16", weights="random", input_size=32)
    assert not compare_with_published(random).agrees.any()


def test_broken_weights_do_not_agree(vgg16):
    broken = clone_backbone(vgg16)
    layer = broken.network.get_layer("block1_conv1")
    layer.set_weights([np.full_like(w, np.nan) for w in layer.get_weights()])
    assert not compare_with_published(broken).agrees[0]


def test_another_network_is_named():
    with pytest.raises(ArgumentError, match="is no VGG-16"):
        compare_with_published(small_cnn())
