"""Maps of what speaks for an answer, held against sums by hand and finite differences."""

from __future__ import annotations

import hashlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.inside.networks import MODELS, nested_two_deep, random_picture, small_cnn
from tests.inside.test_network import nodes_of
from tests.pictures import write_set
from tlcourse.data import load_images, open_picture, photograph
from tlcourse.errors import ArgumentError
from tlcourse.features import extract_features
from tlcourse.inside import (
    METHODS,
    explain,
    grad_cam,
    grad_cam_plus_plus,
    integrated_gradients,
    occlusion,
    open_network,
    saliency,
    smooth_grad,
)
from tlcourse.inside.attribution import where_it_lies
from tlcourse.training import train_head

L = keras.layers
QUICK = {"smooth_grad": {"samples": 3}, "integrated_gradients": {"steps": 4}}


def linear(size: int = 8, classes: int = 3) -> tuple[keras.Model, np.ndarray]:
    """A model whose scores are sums of pixels times weights, and these weights."""
    pixels = keras.Input((size, size, 3))
    answer = L.Dense(classes, activation="softmax", name="answer")(L.Flatten()(pixels))
    model = keras.Model(pixels, answer, name="linear")
    weights = np.random.default_rng(0).normal(size=(size * size * 3, classes)).astype(np.float32)
    model.set_weights([weights / 1000, np.arange(classes, dtype=np.float32)])
    return model, (weights / 1000).reshape(size, size, 3, classes)


def smooth(size: int = 8) -> keras.Model:
    """A network without kinks, for finite differences."""
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((size, size, 3)),
            L.Rescaling(1 / 255),
            L.Conv2D(5, 3, activation="tanh", name="map"),
            L.Conv2D(4, 3, activation="softplus"),
            L.Flatten(),
            L.Dense(3, activation="softmax", name="answer"),
        ],
        name="smooth",
    )


def floats(size: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, (size, size, 3)).astype(np.float32)


# Gradients


def test_saliency_of_a_linear_model_is_its_weights():
    model, weights = linear()
    found = saliency(model, floats(8), target=2)
    np.testing.assert_allclose(found.map, np.abs(weights[..., 2]).max(axis=-1), rtol=1e-5)
    assert found.native.shape == found.map.shape == (8, 8)
    assert found.map.dtype == np.float32


def test_saliency_agrees_with_finite_differences():
    model, picture, step = smooth(), floats(8), 4.0
    body = keras.Model(model.inputs, model.layers[-2].output)
    kernel, bias = (w.numpy().astype(np.float64) for w in model.layers[-1].weights)

    def score(pixels):
        return (np.asarray(body(pixels), np.float64) @ kernel + bias)[:, 1]

    moved = np.eye(picture.size, dtype=np.float32).reshape(-1, *picture.shape) * step
    differences = (score(picture + moved) - score(picture - moved)) / (2 * step)
    expected = np.abs(differences.reshape(picture.shape)).max(axis=-1)
    found = saliency(model, picture, target=1)
    np.testing.assert_allclose(found.map, expected, atol=0.02 * expected.max())
    assert found.score == pytest.approx(score(picture[None])[0], abs=1e-4)


def test_smooth_grad_of_a_linear_model_is_its_saliency_whatever_the_noise():
    model, _ = linear()
    expected = saliency(model, floats(8), target=0)
    np.testing.assert_allclose(
        smooth_grad(model, floats(8), target=0, noise=0.5).map, expected.map, rtol=1e-4
    )


def test_smooth_grad_follows_its_seed_and_is_the_mean_over_its_samples():
    model = small_cnn()
    picture = random_picture(16)
    one, same = (smooth_grad(model, picture, 0, samples=20, seed=3) for _ in range(2))
    other = smooth_grad(model, picture, 0, samples=20, seed=4)
    assert np.array_equal(one.map, same.map)
    assert not np.array_equal(one.map, other.map)
    without = smooth_grad(model, picture, 0, samples=20, noise=0)
    np.testing.assert_allclose(without.map, saliency(model, picture, 0).map, rtol=1e-4, atol=1e-9)


def test_integrated_gradients_of_a_linear_model_are_weights_times_differences():
    model, weights = linear()
    picture, baseline = floats(8), floats(8, seed=1)
    found = integrated_gradients(model, picture, target=1, baseline=baseline, steps=1)
    expected = (weights[..., 1] * (picture - baseline)).sum(axis=-1)
    np.testing.assert_allclose(found.map, expected, atol=1e-4)
    assert found.completeness_gap < 1e-4


@pytest.mark.parametrize("build", [small_cnn, smooth, nested_two_deep])
def test_integrated_gradients_add_up_to_the_difference_of_the_scores(build):
    model = build()
    network = open_network(model)
    picture = random_picture(network.input_shape[0])
    found = integrated_gradients(model, picture, target=0, steps=256)
    scores = [
        float(network.run(pixels, scores=True)[0][0, 0])
        for pixels in (network.pixels(picture), np.zeros((1, *network.input_shape), np.float32))
    ]
    difference = scores[0] - scores[1]
    assert found.map.sum() == pytest.approx(difference, abs=0.02 * abs(difference))
    gap = abs(found.native.sum(dtype=np.float64) - difference)
    assert found.completeness_gap == pytest.approx(gap, abs=1e-3 * abs(difference))


def test_few_steps_leave_a_gap_that_is_told():
    gaps = [
        integrated_gradients(smooth(), floats(8), target=0, steps=steps).completeness_gap
        for steps in (1, 8, 64)
    ]
    assert gaps[0] > 4 * gaps[1] > 16 * gaps[2]


# Class activation maps


def hand_made() -> tuple[keras.Model, np.ndarray]:
    """Three maps, each a multiple of one colour; classes are weighted means of maps."""
    pixels = keras.Input((6, 6, 3))
    maps = L.Conv2D(3, 1, use_bias=False, name="maps")(pixels)
    answer = L.Dense(2, use_bias=False, name="answer")(L.GlobalAveragePooling2D()(maps))
    model = keras.Model(pixels, answer, name="hand_made")
    head = np.array([[2.0, -1.0], [-1.0, 1.0], [0.5, 3.0]], np.float32)
    model.set_weights([np.diag([1.0, 2.0, 3.0]).astype(np.float32)[None, None], head])
    return model, head


def test_grad_cam_of_a_network_made_by_hand():
    model, head = hand_made()
    picture = floats(6)
    maps = picture * [1, 2, 3]
    for target in (0, 1):
        expected = np.maximum(maps @ head[:, target] / 36, 0)  # the mean over 36 places
        found = grad_cam(model, picture, target)
        np.testing.assert_allclose(found.native, expected, rtol=1e-4, atol=1e-4)
        assert found.layer == "maps"
        assert found.target_name == f"class {target}"
        assert found.probability is None  # nothing squashes the scores
        means = maps.mean(axis=(0, 1), dtype=np.float64)
        assert found.score == pytest.approx(means @ head[:, target], rel=1e-5)


def test_grad_cam_plus_plus_is_the_formula_of_the_paper():
    """Equations 10 and 19 of Chattopadhay et al., with Y = exp(S), one place after the other."""
    model = smooth()
    picture = floats(8)
    network = open_network(model)
    tensor = tf.constant(picture[None])
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        scores, outputs = network.run(tensor, ["map"], scores=True)
        score = scores[0, 2]
    gradient = tape.gradient(score, outputs["map"])[0].numpy().astype(np.float64)
    maps = outputs["map"][0].numpy().astype(np.float64)
    y = np.exp(float(score))
    first, second, third = y * gradient, y * gradient**2, y * gradient**3
    weights = np.zeros(maps.shape[-1])
    for k in range(maps.shape[-1]):
        total = maps[..., k].sum()
        for i, j in np.ndindex(*maps.shape[:2]):
            alpha = second[i, j, k] / (2 * second[i, j, k] + total * third[i, j, k])
            weights[k] += alpha * max(first[i, j, k], 0)
    expected = np.maximum((maps * weights).sum(axis=-1), 0)
    found = grad_cam_plus_plus(model, picture, 2, layer="map").native
    np.testing.assert_allclose(found / found.max(), expected / expected.max(), atol=1e-3)


def test_the_layer_is_the_last_with_places_unless_named():
    model = small_cnn()
    assert grad_cam(model, random_picture(16)).layer == "relu"
    early = grad_cam(model, random_picture(16), layer="first")
    assert early.native.shape == (16, 16)
    with pytest.raises(ArgumentError, match="first, pool, second, bn, relu"):
        grad_cam(model, random_picture(16), layer="average")
    with pytest.raises(ArgumentError, match="no such layer"):
        grad_cam(model, random_picture(16), layer="block9")


def test_a_network_without_maps_is_told_what_else_there_is():
    with pytest.raises(ArgumentError, match='method="occlusion"'):
        grad_cam(
            keras.Sequential([keras.Input((8, 8, 3)), L.Flatten(), L.Dense(2)]), random_picture(8)
        )


# Occlusion


@pytest.mark.parametrize(("window", "stride"), [(2, 2), (3, 2), (5, 4), (8, 1)])
def test_occlusion_of_a_linear_model_is_what_the_window_held(window, stride):
    model, weights = linear()
    picture = floats(8)
    found = occlusion(model, picture, target=1, window=window, stride=stride, fill=10)
    held = (weights[..., 1] * (picture - 10)).sum(axis=-1)
    starts = sorted({*range(0, 8 - window + 1, stride), 8 - window})
    expected = [[held[y : y + window, x : x + window].sum() for x in starts] for y in starts]
    np.testing.assert_allclose(found.native, expected, atol=1e-3)
    assert np.isfinite(found.map).all()
    assert found.map.shape == (8, 8)


def test_windows_of_one_pixel_give_each_pixel_its_own_part():
    model, weights = linear()
    picture = floats(8)
    found = occlusion(model, picture, target=0, window=1, fill=0)
    np.testing.assert_allclose(found.map, (weights[..., 0] * picture).sum(axis=-1), atol=1e-3)


# Every method on every kind of network


@pytest.fixture(scope="module")
def classifier(lite0, tmp_path_factory):
    images = load_images(write_set(tmp_path_factory.mktemp("attribution") / "set", 4))
    return train_head(extract_features(lite0, images, engine="keras", use_cache=False))


def state_of(model: keras.Model) -> tuple:
    digest = hashlib.sha256(b"".join(w.numpy().tobytes() for w in model.weights)).hexdigest()
    flags = [layer.trainable for layer in model._flatten_layers()]
    return digest, flags, nodes_of(model), model.to_json()


def must_work(model, keras_model: keras.Model, method: str) -> None:
    before = state_of(keras_model)
    found = explain(model, photograph("coffee"), method=method, **QUICK.get(method, {}))
    height, width, _ = open_network(model).input_shape
    assert found.map.shape == (height, width)
    assert found.picture.shape == (height, width, 3)
    assert found.picture.dtype == np.uint8
    assert np.isfinite(found.map).all()
    if method in ("saliency", "smooth_grad", "grad_cam", "grad_cam_plus_plus"):
        assert found.map.min() >= 0
    assert state_of(keras_model) == before


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", MODELS)
def test_every_method_works_on_every_kind_of_network_and_leaves_it_alone(name, method):
    model = MODELS[name]()
    must_work(model, model, method)


@pytest.mark.parametrize("method", ["grad_cam", "saliency", "integrated_gradients"])
def test_classifiers_that_were_trained_here_are_explained_by_name(classifier, method):
    must_work(classifier, classifier.model, method)
    found = explain(classifier, photograph("coffee"), "green", method, **QUICK.get(method, {}))
    assert (found.target, found.target_name) == (classifier.class_names.index("green"), "green")
    predicted = classifier.predict(photograph("coffee")).probabilities[0, found.target]
    assert found.probability == pytest.approx(predicted, abs=1e-4)


def test_a_picture_of_a_set_is_taken_as_it_is(classifier, tmp_path):
    images = load_images(write_set(tmp_path / "set", 1))
    found = explain(classifier, images[0])
    assert np.array_equal(found.picture, open_picture(images[0].path, (224, 224)))


# Other weights for one pass


@pytest.mark.parametrize("method", METHODS)
def test_other_weights_count_as_if_the_model_had_them(method):
    model, picture = small_cnn(), random_picture(16)
    network = open_network(model)
    before = state_of(model)
    random = np.random.default_rng(5)
    weights = {
        layer: [random.uniform(0.1, 1, w.shape).astype(np.float32) for w in layer.weights]
        for layer in network.layers
        if layer.parameters
    }
    settings = QUICK.get(method, {})
    found = explain(network, picture, 1, method, weights=weights, **settings)
    other = keras.models.clone_model(model)
    for layer, arrays in weights.items():
        other.get_layer(layer.name).set_weights(arrays)
    expected = explain(other, picture, 1, method, **settings)
    assert found.score == pytest.approx(expected.score, rel=1e-4)
    assert found.probability == pytest.approx(expected.probability, abs=1e-4)
    scale = np.abs(expected.map).max()
    np.testing.assert_allclose(found.map, expected.map, atol=1e-3 * scale)
    assert state_of(model) == before


# Truth on a real network


def test_the_likeliest_class_of_a_photograph_is_explained_on_the_cats_face(lite0):
    """The face, eyes to chin, fills less than half of the picture."""
    found = explain(lite0, photograph("cat"))
    face = (60, 45, 200, 205)
    area = (200 - 60) * (205 - 45) / 224**2
    assert (found.target, found.target_name, found.layer) == (285, "Egyptian cat", "head_relu")
    assert found.native.shape == (7, 7)
    assert found.share_in(face) > 1.25 * area


CORNERS = {"upper left": (0, 0), "upper right": (0, 112), "lower left": (112, 0)}


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("method", ["grad_cam", "occlusion", "smooth_grad"])
def test_maps_follow_the_cat_through_the_picture(lite0, method, corner):
    top, left = CORNERS[corner]
    scene = open_picture(photograph("rocket")[:200, :200], (224, 224)).copy()
    scene[top : top + 112, left : left + 112] = open_picture(photograph("cat"), (112, 112))
    settings = {"smooth_grad": {"samples": 8}, "occlusion": {"window": 56}}.get(method, {})
    found = explain(lite0, scene, "Egyptian cat", method, **settings)
    assert found.share_in((top, left, top + 112, left + 112)) > 0.4  # its area is 0.25
    assert corner in found.where


# What people get wrong


def test_a_network_without_classes_says_what_to_do(vgg16):
    with pytest.raises(ArgumentError, match=r"512 features(.|\n)*train_head(.|\n)*lite0"):
        explain(vgg16, photograph("cat"))
    with pytest.raises(ArgumentError, match="512 features"):
        explain(vgg16, photograph("cat"), "tiger")


def test_a_feature_can_be_explained_where_there_are_no_classes():
    model = small_cnn()
    features = keras.Model(model.inputs, model.get_layer("average").output)
    found = explain(features, random_picture(16), 4)
    assert (found.target_name, found.probability) == ("feature 4", None)
    maps = open_network(features).run(open_network(features).pixels(random_picture(16)), ["relu"])
    np.testing.assert_allclose(found.native, maps[1]["relu"][0, ..., 4] / 64, atol=1e-5)


def test_a_network_that_ends_with_a_map_is_explained_by_its_mean_channel():
    model = small_cnn()
    cut = keras.Model(model.inputs, model.get_layer("relu").output)
    pooled = keras.Model(model.inputs, model.get_layer("average").output)
    one, other = (explain(m, random_picture(16), 2, "saliency") for m in (cut, pooled))
    np.testing.assert_allclose(one.map, other.map, rtol=1e-4, atol=1e-9)


def test_errors_list_what_there_is():
    model = small_cnn()
    with pytest.raises(ArgumentError, match="saliency, smooth_grad, integrated_gradients"):
        explain(model, random_picture(16), method="lime")
    with pytest.raises(ArgumentError, match="window, stride, fill"):
        explain(model, random_picture(16), method="occlusion", layer="first")
    with pytest.raises(ArgumentError, match="0 to 2"):
        explain(model, random_picture(16), 3)
    with pytest.raises(ArgumentError, match="samples"):
        smooth_grad(model, random_picture(16), samples=0)
    with pytest.raises(ArgumentError, match="noise"):
        smooth_grad(model, random_picture(16), noise=-1)
    with pytest.raises(ArgumentError, match="steps"):
        integrated_gradients(model, random_picture(16), steps=0)
    with pytest.raises(ArgumentError, match="window"):
        occlusion(model, random_picture(16), window=17)
    with pytest.raises(ArgumentError, match="fill"):
        occlusion(model, random_picture(16), fill=float("nan"))


# What is shown


def test_words_say_where_a_map_lies():
    values = np.zeros((10, 10), np.float32)
    assert where_it_lies(values) == "nothing in the picture speaks for it"
    assert where_it_lies(np.ones((10, 10))) == "it lies evenly over the picture"
    values[1:4, 6:9] = 1
    assert where_it_lies(values) == "100% of it in the upper right quarter, 25% of the picture"
    values[:] = -1
    values[3:7, 3:7] = 2
    assert "the middle" in where_it_lies(values)
    values[:] = 0
    values[5:] = 1
    assert where_it_lies(values) == "100% of it in the lower half, 50% of the picture"


def test_it_shows_itself_as_a_picture_with_words(lite0):
    found = explain(lite0, photograph("cat"))
    data, metadata = found._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    words = metadata["image/png"]["alt"]
    assert "Grad-CAM at head_relu for Egyptian cat" in words
    assert found.where in words
    overlay = found.overlay()
    assert (overlay.shape, overlay.dtype) == ((224, 224, 3), np.uint8)


def test_an_empty_map_can_be_drawn():
    model, _ = hand_made()
    model.set_weights([w * 0 for w in model.get_weights()])
    found = grad_cam(model, floats(6))
    assert "nothing in the picture speaks for it" in found.draw().alt
