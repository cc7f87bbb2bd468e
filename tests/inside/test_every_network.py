"""All that can be asked of a network can be asked of every kind of network."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.inside.networks import MODELS
from tests.pictures import write_set
from tlcourse.data import load_images, photograph
from tlcourse.errors import ArgumentError
from tlcourse.inside import (
    channel_statistics,
    compare_layers,
    compare_pictures,
    exciting_patches,
    kernels,
    maximise_activation,
    open_network,
    probe_layers,
    receptive_field,
    record_activations,
)
from tlcourse.widgets import explore_activations, explore_attribution


@pytest.fixture(scope="module", params=list(MODELS))
def model(request) -> keras.Model:
    return MODELS[request.param]()


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return load_images(write_set(tmp_path_factory.mktemp("every") / "set", 6))


@pytest.fixture(scope="module")
def convolution(model) -> str:
    """Return the name of the last convolution."""
    layers = [layer for layer in open_network(model).layers if layer.kind == "Conv2D"]
    return layers[-1].name


def test_its_activations_are_recorded_and_ranked(model, convolution):
    before = [weight.numpy() for weight in model.weights]
    tour = record_activations(model, photograph("cat"), "all")
    assert tour[convolution].ndim == 3
    strengths = [found.value for found in tour.top_channels(convolution, 2)]
    assert strengths == sorted(strengths, reverse=True)
    assert all(
        np.array_equal(old, new.numpy()) for old, new in zip(before, model.weights, strict=True)
    )


def test_its_channels_are_measured_over_a_set(model, convolution, images):
    statistics = channel_statistics(model, images, convolution)[convolution]
    assert statistics.mean.shape == (record_activations(model, images[0], convolution)
                                     [convolution].shape[2],)  # fmt: skip
    assert np.isfinite(statistics.deviation).all()


def test_a_channel_has_patches_and_a_picture_made_for_it(model, convolution, images):
    found = exciting_patches(model, images, convolution, 0, n=3)
    assert len(found) == 3
    assert found[0].value >= found[-1].value
    shape = open_network(model).input_shape
    if shape[2] == 3 and shape[0] >= 32:
        assert np.isfinite(maximise_activation(model, convolution, 0, steps=2).picture).all()


def test_kernels_and_receptive_fields_are_those_of_the_layer(model, convolution):
    assert kernels(model, convolution).values.ndim == 4
    size = receptive_field(model, convolution).size
    assert min(size) >= 1


def test_layers_are_compared_and_probed(model, convolution, images):
    itself = compare_layers(model, model, images, convolution, convolution)
    assert itself.matrix[0, 0] == pytest.approx(1, abs=1e-3)
    assert compare_pictures(model, images[0], images[-1]) is not None
    probes = probe_layers(model, images, convolution)
    assert 0 <= probes.accuracy[0] <= 1


def test_its_explorers_open(model, convolution):
    assert explore_activations(model, [photograph("cat")], layers=[convolution]) is not None
    assert explore_attribution(model, [photograph("cat")], methods=["saliency"]) is not None


def test_a_layer_that_is_not_there_is_answered_with_those_that_are(model, convolution):
    with pytest.raises(ArgumentError, match=convolution.split("/")[-1]):
        record_activations(model, photograph("cat"), "no_such_layer")
