"""The table of Keras' networks agrees with the Keras that is installed."""

import importlib
import inspect

import numpy as np
import pytest

from tlcourse.backbones import list_backbones, load_backbone
from tlcourse.backbones.applications import APPLICATIONS, build_application
from tlcourse.errors import ArgumentError, AssetError, WeightsError


def test_every_network_of_keras_is_in_the_table_and_no_other():
    import keras

    functions = {
        name
        for name, thing in vars(keras.applications).items()
        if inspect.isfunction(thing) and "include_top" in inspect.signature(thing).parameters
    }
    assert {application.function for application in APPLICATIONS.values()} == functions
    assert set(list_backbones()) == {f.lower() for f in functions} | {"efficientnet_lite0"}


@pytest.mark.parametrize("name", APPLICATIONS)
def test_the_pixel_recipe_is_the_one_of_keras(name):
    import keras

    application = APPLICATIONS[name]
    function = getattr(keras.applications, application.function)
    module = importlib.import_module(function.__module__)
    pixels = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3), dtype=np.uint8)
    expected = module.preprocess_input(pixels.astype("float32"))
    assert application.preprocessing.apply(pixels) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("name", ["vgg16", "mobilenetv2", "densenet121", "efficientnetb0"])
def test_the_recipe_in_the_graph_is_the_recipe_in_numpy(name):
    import keras

    recipe = APPLICATIONS[name].preprocessing
    inside = keras.Input((4, 4, 3), dtype="uint8")
    model = keras.Model(inside, recipe.layers(inside))
    pixels = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3), dtype=np.uint8)
    assert np.asarray(model(pixels)) == pytest.approx(recipe.apply(pixels), abs=1e-5)


# MobileNetV3 alone is built for any size by default.
@pytest.mark.parametrize("name", [n for n in APPLICATIONS if not n.startswith("mobilenetv3")])
def test_the_input_size_is_the_one_that_keras_builds_by_default(name, monkeypatch):
    """Built without weights and cut short: the input shape is known before the first layer."""
    import keras

    class SeenError(Exception):
        pass

    def catch(shape=None, **_):
        raise SeenError(shape)

    monkeypatch.setattr("keras.src.layers.Input", catch)
    with pytest.raises(SeenError) as seen:
        getattr(keras.applications, APPLICATIONS[name].function)(weights=None)
    assert seen.value.args[0] == (APPLICATIONS[name].input_size,) * 2 + (3,)


def test_efficientnet_is_built_as_it_is_for_imagenet():
    """Keras leaves a rescaling layer out when it is not asked for weights="imagenet"."""
    import keras

    ours = build_application(APPLICATIONS["efficientnetb0"], include_top=False, input_size=(64, 64))
    bare = keras.applications.EfficientNetB0(weights=None, include_top=False)
    rescaling = [layer for layer in ours.layers if isinstance(layer, keras.layers.Rescaling)]
    assert len(rescaling) == 2
    assert len(ours.layers) == len(bare.layers) + 1


@pytest.fixture(scope="module")
def mobilenet_file(tmp_path_factory):
    import keras

    keras.utils.set_random_seed(7)
    model = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(96, 96, 3))
    path = tmp_path_factory.mktemp("weights") / "own.weights.h5"
    model.save_weights(path)
    return path, model


def test_a_file_of_your_own_is_used_and_said_to_be_unverified(mobilenet_file):
    path, model = mobilenet_file
    backbone = load_backbone("MobileNet_V2", weights=path, input_size=96)
    for ours, theirs in zip(backbone.network.weights, model.weights, strict=True):
        assert np.array_equal(np.asarray(ours), np.asarray(theirs))
    assert backbone.provenance.source == "file"
    assert "not verified" in backbone.provenance.check


def test_the_keras_cache_is_used_when_the_file_there_is_the_published_one(
    mobilenet_file, tmp_path, monkeypatch
):
    from dataclasses import replace

    from tlcourse.assets import file_hash, get_asset
    from tlcourse.backbones import weights

    path, model = mobilenet_file
    genuine = get_asset("keras/mobilenetv2/notop")
    in_cache = tmp_path / "models" / genuine.filename.replace(".h5", ".weights.h5")
    in_cache.parent.mkdir()
    in_cache.write_bytes(path.read_bytes())
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    sources = (replace(genuine.sources[0], location=in_cache.name),)
    stand_in = replace(
        genuine, hash=f"md5:{file_hash(path, 'md5')}", filename=in_cache.name, sources=sources
    )
    monkeypatch.setattr(weights, "get_asset", lambda _: stand_in)
    backbone = load_backbone("mobilenetv2", input_size=96)
    assert backbone.provenance.source == "keras cache"
    assert np.array_equal(np.asarray(backbone.network.weights[0]), np.asarray(model.weights[0]))

    in_cache.write_bytes(path.read_bytes()[:-1] + b"!")  # damaged: must not be used
    with pytest.raises(AssetError):
        load_backbone("mobilenetv2", input_size=96)


def test_a_file_of_another_network_is_refused(mobilenet_file):
    with pytest.raises(WeightsError, match="does not fit"):
        load_backbone("vgg16", weights=mobilenet_file[0])


def test_missing_weights_are_named_with_hash_and_place():
    with pytest.raises(AssetError) as caught:
        load_backbone("resnet50")
    words = str(caught.value)
    assert "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5" in words
    assert "4d473c1dd8becc155b73f8504c6f6626" in words
    assert "Copy the file" in words


def test_unknown_names_and_sizes_are_explained():
    with pytest.raises(ArgumentError, match="efficientnet_lite0"):
        load_backbone("resnet51")
    with pytest.raises(ArgumentError, match="one size only"):
        load_backbone("vgg16", weights="random", include_top=True, input_size=160)
    with pytest.raises(WeightsError, match="not there"):
        load_backbone("vgg16", weights="no/such/file.h5")


def test_random_weights_are_the_same_for_the_same_seed():
    one, same, other = (
        load_backbone("mobilenetv2", weights="random", seed=seed, input_size=64)
        for seed in (1, 1, 2)
    )
    assert one.weights_sha256 == same.weights_sha256 != other.weights_sha256


def test_a_network_with_its_top_shares_its_layers_with_the_backbone():
    backbone = load_backbone("mobilenetv2", weights="random", include_top=True)
    assert backbone.network.output_shape == (None, 7, 7, 1280)
    assert backbone.network.get_layer("Conv1") is backbone.classifier.get_layer("Conv1")
