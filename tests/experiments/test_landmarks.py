"""AlexNet and the vision transformer, built as published."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tlcourse.errors import ArgumentError
from tlcourse.experiments import alexnet, vision_transformer


def test_alexnets_maps_have_the_sizes_of_the_paper():
    network = alexnet()
    sizes = [
        tuple(layer.output.shape[1:]) for layer in network.layers if layer.name.startswith("conv")
    ]
    assert sizes == [(55, 55, 96), (27, 27, 256), (13, 13, 384), (13, 13, 384), (13, 13, 256)]
    assert network.get_layer("row").output.shape[1] == 9216
    counted = [layer.count_params() for layer in network.layers if layer.count_params()]
    assert counted == [34_944, 307_456, 885_120, 663_936, 442_624, 37_752_832, 16_781_312,
                       4_097_000]  # fmt: skip


def small(**changes: int) -> keras.Model:
    settings = {"patch": 2, "width": 8, "depth": 1, "heads": 2, "channels": 1, "classes": 3}
    return vision_transformer(**{"side": 8, **settings, **changes})


def test_a_picture_becomes_its_patches_and_one_token_more():
    network = small()
    assert network.get_layer("tokens").output.shape == (None, 17, 8)
    assert network.output_shape == (None, 3)


def test_positions_are_what_tells_patches_apart():
    """Without them, a transformer gives the same answer whatever the order of the patches."""
    network = small(seed=4)
    pixels = np.random.default_rng(0).uniform(0, 255, (2, 8, 8, 1)).astype(np.float32)
    turned = pixels[:, [2, 3, 0, 1, 4, 5, 6, 7]]  # two rows of patches change places
    assert not np.allclose(network(pixels), network(turned), atol=1e-6)
    tokens = network.get_layer("tokens")
    tokens.positions.assign(np.zeros(tokens.positions.shape))
    np.testing.assert_allclose(network(pixels), network(turned), atol=1e-4)


def test_the_seed_decides_the_weights():
    first, same, other = (small(seed=s).get_weights() for s in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    assert any(not np.array_equal(a, b) for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"side": 9}, "side"),
        ({"width": 9}, "width"),
        ({"patch": 0}, "patch"),
        ({"seed": -1}, "seed"),
    ],
)
def test_sizes_that_do_not_fit_are_named(changes, named):
    with pytest.raises(ArgumentError, match=f"'{named}'"):
        small(**changes)
