"""A network opened up: its layers are those of the model, and the model stays as it was."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.inside.networks import ALL, branched, nested_two_deep, random_picture, small_cnn
from tlcourse.data import load_images, photograph
from tlcourse.errors import ArgumentError, PictureError
from tlcourse.features import extract_features
from tlcourse.inside import open_network
from tlcourse.training import train_head


def nodes_of(model: keras.Model) -> dict[str, int]:
    found = {model.name: len(model._inbound_nodes)}
    for layer in model.layers:
        found[f"{model.name}/{layer.name}"] = len(layer._inbound_nodes)
        if isinstance(layer, keras.Model):
            found |= nodes_of(layer)
    return found


def floats(network, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, (2, *network.input_shape)).astype(np.float32)


@pytest.mark.parametrize("name", ALL)
def test_the_answer_is_the_models_own(name):
    model = ALL[name]()
    network = open_network(model)
    pixels = floats(network)
    answer, _ = network.run(pixels)
    np.testing.assert_allclose(answer, model(pixels, training=False), atol=1e-5)


@pytest.mark.parametrize("name", ALL)
def test_the_model_is_as_it_was(name):
    model = ALL[name]()
    before = nodes_of(model), [w.numpy().copy() for w in model.weights], model.to_json()
    network = open_network(model)
    network.run(floats(network), network.layers)
    assert nodes_of(model) == before[0]
    assert all(np.array_equal(a, b) for a, b in zip(model.weights, before[1], strict=True))
    assert model.to_json() == before[2]


def test_outputs_are_those_of_a_model_cut_there():
    model = small_cnn()
    network = open_network(model)
    pixels = floats(network)
    _, outputs = network.run(pixels, ["first", "bn", "average"])
    for name, output in outputs.items():
        cut = keras.Model(model.inputs, model.get_layer(name).output)
        np.testing.assert_allclose(output, cut(pixels), atol=1e-4, err_msg=name)
    assert list(outputs) == ["first", "bn", "average"]


def test_layers_of_nested_models_are_named_by_what_tells_them_apart():
    network = open_network(nested_two_deep())
    assert [layer.name for layer in network.layers] == [
        "scale", "middle/conv", "middle/inner/conv", "drop", "bn", "middle/inner/conv:2", "drop:2",
        "average", "answer",
    ]  # fmt: skip
    assert network.layer("middle/inner/drop") is network.layer("drop")
    assert network.layer("middle/conv").shape == (8, 8, 4)


def test_a_layer_that_is_called_twice_says_two_things():
    network = open_network(nested_two_deep())
    _, outputs = network.run(floats(network), ["middle/inner/conv", "middle/inner/conv:2"])
    first, second = outputs.values()
    assert not np.allclose(first, second)


def test_an_operation_with_two_outputs_is_gone_through():
    network = open_network(branched())
    [split] = [layer for layer in network.layers if layer.kind == "Split"]
    _, outputs = network.run(floats(network), [split])
    seen = []
    network.walk(object(), lambda layer, args, kwargs: seen.append(layer.name) or object())
    assert seen == names(network)
    assert len(outputs[split.name]) == 2


def names(network) -> list[str]:
    return [layer.name for layer in network.layers]


def test_watching_ends_with_the_last_layer_that_is_watched():
    network = open_network(small_cnn())
    seen: dict[str, tuple] = {}
    network.watch(floats(network), ["pool", "first"], lambda x, y: seen.update({x.name: y.shape}))
    assert seen == {"first": (2, 16, 16, 4), "pool": (2, 8, 8, 4)}
    calls = []
    dense = network.layer("answer").operation
    dense.call = lambda *args: calls.append(args)
    network.watch(floats(network), ["pool"], lambda *_: None)
    assert not calls


def test_outputs_that_nobody_needs_any_more_are_let_go():
    import gc
    import weakref

    model = keras.Sequential([keras.Input((8, 8, 3)), *(keras.layers.ReLU() for _ in range(6))])
    functional = keras.Model(model.inputs, model.outputs)
    network = open_network(functional)
    alive: list[weakref.ref] = []
    most = 0

    def see(_, output):
        nonlocal most
        gc.collect()
        most = max(most, sum(x() is not None for x in alive))
        alive.append(weakref.ref(output))

    network.watch(floats(network), network.layers, see)
    assert len(alive) == 6
    assert most <= 1


def test_gradients_flow_back_through_nested_models():
    network = open_network(nested_two_deep())
    pixels = tf.constant(floats(network))
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        answer, outputs = network.run(pixels, ["middle/inner/conv"])
    inside, outside = tape.gradient(answer, [outputs["middle/inner/conv"], pixels])
    assert np.abs(inside).max() > 0
    assert np.abs(outside).max() > 0


@pytest.mark.parametrize("name", ["small", "sequential"])
def test_scores_become_the_answer_by_its_last_squashing(name):
    network = open_network(ALL[name]())
    scores, _ = network.run(floats(network), scores=True)
    answer, _ = network.run(floats(network))
    squash = keras.ops.softmax if name == "small" else keras.ops.sigmoid
    np.testing.assert_allclose(squash(scores), answer, atol=1e-6)


def test_a_softmax_that_is_an_operation_is_taken_off_too():
    pixels = keras.Input((4, 4, 3))
    logits = keras.layers.Dense(3)(keras.layers.Flatten()(pixels))
    network = open_network(keras.Model(pixels, keras.ops.softmax(logits)))
    scores, _ = network.run(floats(network), scores=True)
    assert not np.allclose(np.sum(scores, axis=-1), 1)


def test_other_weights_hold_for_one_pass_alone():
    network = open_network(small_cnn())
    first = network.layer("first")
    pixels = floats(network)
    before, _ = network.run(pixels)
    other = {first: [np.zeros_like(w) for w in first.weights]}
    _, outputs = network.run(pixels, [first], weights=other)
    assert not np.any(outputs["first"])
    np.testing.assert_array_equal(network.run(pixels)[0], before)


def test_other_weights_reach_the_last_layer_before_its_squashing():
    network = open_network(small_cnn())
    last = network.layers[-1]
    kernel, bias = last.weights
    scores, _ = network.run(floats(network), weights={last: [0 * kernel, bias + 7]}, scores=True)
    np.testing.assert_allclose(scores, 7)


def test_a_layer_of_another_opening_is_found_again():
    model = small_cnn()
    one, other = open_network(model), open_network(model)
    _, outputs = one.run(floats(one), [other.layer("pool")])
    assert list(outputs) == ["pool"]


def test_missing_layers_and_classes_are_answered_with_those_there_are(lite0):
    network = open_network(small_cnn())
    with pytest.raises(ArgumentError, match=r"(?s)first, pool, second.*'block1_conv1'"):
        network.layer("block1_conv1")
    with pytest.raises(ArgumentError, match="from 0 to 2"):
        network.class_index(3)
    imagenet = open_network(lite0)
    assert imagenet.class_index("tabby") == 281
    with pytest.raises(ArgumentError, match=r"(?s)tench.*1000 in all.*'tabbies'"):
        imagenet.class_index("tabbies")


def test_backbones_take_raw_pixels(lite0):
    network = open_network(lite0)
    answer, _ = network.run(network.pixels(photograph("cat")))
    best = lite0.predict_classes(photograph("cat"), top=1)[0]
    assert network.class_names[int(np.argmax(answer))] == best.name


def test_a_classifier_is_opened_with_its_classes(tmp_path, lite0):
    from tests.pictures import write_set

    images = load_images(write_set(tmp_path, count=4))
    classifier = train_head(extract_features(lite0, images))
    network = open_network(classifier)
    assert network.class_names == ("green", "red")
    answer, _ = network.run(network.pixels(images.paths[0]))
    np.testing.assert_allclose(answer, classifier.predict(images.paths[0]).probabilities, atol=1e-4)
    assert "stage1_block1_project_conv" in names(network)


@pytest.mark.parametrize(
    ("picture", "error"),
    [
        (np.zeros((16, 16), np.float32), ArgumentError),
        (np.full((16, 16, 3), np.nan, np.float32), ArgumentError),
        (np.zeros((16, 16, 5), np.uint8), PictureError),
        ("gone.jpg", PictureError),
    ],
)
def test_what_is_no_picture_is_refused(picture, error):
    with pytest.raises(error):
        open_network(small_cnn()).pixels(picture)


def test_a_grey_network_takes_colour_pictures():
    network = open_network(small_cnn(channels=1))
    assert network.pixels(random_picture(40)).shape == (1, 16, 16, 1)


class OwnModel(keras.Model):
    def call(self, inputs):
        return inputs


def two_inputs() -> keras.Model:
    a, b = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
    return keras.Model([a, b], keras.layers.Add()([a, b]))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (OwnModel, "subclass"),
        (two_inputs, "does not take one picture"),
        (lambda: keras.Sequential([keras.layers.ReLU()]), "does not take one picture"),
        (lambda: keras.Sequential([keras.Input((7,)), keras.layers.ReLU()]), "one picture"),
        (lambda: "vgg16", "nothing that can be looked into"),
    ],
)
def test_what_cannot_be_looked_into_is_refused(make, words):
    with pytest.raises(ArgumentError, match=words):
        open_network(make())


def test_a_network_for_any_size_is_opened_at_224():
    pixels = keras.Input((None, None, 3))
    model = keras.Model(pixels, keras.layers.Conv2D(2, 3, name="conv")(pixels))
    assert open_network(model).layer("conv").shape == (222, 222, 2)
