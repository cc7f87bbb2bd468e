"""Exports are the same classifier in another program, or they are not there at all."""

from __future__ import annotations

import importlib.util
import json
import zipfile

import numpy as np
import pytest

from tests.pictures import COLOURS, write_set
from tlcourse.data import load_images, open_picture
from tlcourse.deployment import FORMATS, export, exporting
from tlcourse.deployment.correction import correct_biases, flat_layers
from tlcourse.deployment.runtimes import open_export
from tlcourse.errors import ArgumentError, DataError, EngineError
from tlcourse.features import extract_features
from tlcourse.training import load_classifier, train_head

NAMES = ("blue", "green", "rot wie Blut")


def needs(*packages: str):
    missing = [p for p in packages if importlib.util.find_spec(p) is None]
    return pytest.mark.skipif(
        bool(missing), reason=f"not installed: {missing}; pip install 'tlcourse[export]'"
    )


LITERT = needs("ai_edge_litert")
ONNX = needs("tf2onnx", "onnxruntime")
OPENVINO = needs("openvino")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = write_set(tmp_path_factory.mktemp("set"), 8, names=tuple(COLOURS))
    (folder / "red").rename(folder / NAMES[2])
    return load_images(folder)


@pytest.fixture(scope="module")
def classifier(pictures, tmp_path_factory):
    """Read from its file: there is no backbone object, only a Keras model."""
    from tlcourse.backbones import load_backbone

    backbone = load_backbone("efficientnet_lite0", input_size=64)
    made = train_head(extract_features(backbone, pictures, engine="keras"))
    return load_classifier(made.save(tmp_path_factory.mktemp("model") / "model.keras"))


@pytest.fixture(scope="module")
def vgg(pictures):
    """A network whose colours are turned round inside, and without batch normalisation."""
    from tlcourse.backbones import load_backbone

    backbone = load_backbone("vgg16", input_size=32)
    return train_head(extract_features(backbone, pictures, engine="keras"))


def read_probabilities(report, classifier, images):
    """Run an export by its runtime; return its answers and those of the Keras model."""
    pixels = np.stack([open_picture(p, size=classifier.input_size) for p in images.paths[::4]])
    run = open_export(report.path, FORMATS[report.path.suffix])
    return np.stack([run(picture) for picture in pixels]), classifier.model.predict_on_batch(pixels)


@pytest.mark.parametrize("suffix", [
    ".keras", pytest.param(".tflite", marks=LITERT), pytest.param(".onnx", marks=ONNX),
    pytest.param(".xml", marks=OPENVINO),
])  # fmt: skip
@pytest.mark.parametrize("which", ["classifier", "vgg"])
def test_every_format_answers_as_keras_does(suffix, which, request, pictures, tmp_path):
    model = request.getfixturevalue(which)
    path = tmp_path / "Über 船" / f"flotte 1{suffix}"
    report = export(model, path, test=pictures)
    assert report.path == path
    assert report.agreement == 1.0
    assert report.keras.accuracy == report.exported.accuracy == 1.0
    assert report.n_pictures == 24
    theirs, ours = read_probabilities(report, model, pictures)
    np.testing.assert_allclose(theirs, ours, atol=1e-4)
    assert sorted(path.parent.iterdir()) == sorted(report.files)


@pytest.mark.parametrize("suffix", [
    pytest.param(".tflite", marks=LITERT), pytest.param(".onnx", marks=ONNX),
    pytest.param(".xml", marks=[ONNX, OPENVINO]),
])  # fmt: skip
def test_eight_bits_are_a_third_of_the_size_and_answer_alike(
    suffix, classifier, pictures, tmp_path
):
    before = [v.numpy() for v in classifier.model.variables]
    path = tmp_path / f"small{suffix}"
    report = export(classifier, path, quantise="int8", calibration=pictures, test=pictures)
    assert report.agreement == 1.0
    assert report.exported.size < report.keras.size / 3
    assert 0 < report.largest_difference < 0.2
    for old, variable in zip(before, classifier.model.variables, strict=True):
        np.testing.assert_array_equal(old, variable.numpy())


@LITERT
def test_dynamic_quantisation_needs_no_pictures(classifier, pictures, tmp_path):
    report = export(classifier, tmp_path / "m.tflite", quantise="dynamic", test=pictures)
    assert report.exported.size < report.keras.size / 3
    assert report.agreement >= 0.9


@LITERT
def test_a_phone_finds_the_class_names_and_takes_raw_bytes(classifier, tmp_path):
    from ai_edge_litert.interpreter import Interpreter
    from tensorflow.lite.python import schema_py_generated as schema

    path = export(classifier, tmp_path / "m.tflite").path
    interpreter = Interpreter(str(path))
    [pixels], [output] = interpreter.get_input_details(), interpreter.get_output_details()
    assert pixels["dtype"] is np.uint8
    assert pixels["shape"].tolist() == [1, 64, 64, 3]
    assert output["dtype"] is np.float32
    assert zipfile.ZipFile(path).read("labels.txt").decode().splitlines() == list(NAMES)
    assert path.with_suffix(".labels.txt").read_text("utf-8").splitlines() == list(NAMES)
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes(), 0))
    [entry] = [m for m in model.metadata if m.name == b"TFLITE_METADATA"]
    content = bytes(model.buffers[entry.buffer].data)
    assert content[4:8] == b"M001"
    assert b"labels.txt" in content


@ONNX
def test_onnx_holds_the_class_names_and_any_number_of_pictures(classifier, tmp_path):
    import onnxruntime

    path = export(classifier, tmp_path / "m.onnx").path
    session = onnxruntime.InferenceSession(str(path))
    described = json.loads(session.get_modelmeta().custom_metadata_map["tlcourse"])
    assert described["class_names"] == list(NAMES)
    assert session.get_inputs()[0].type == "tensor(uint8)"
    for count in (1, 3):
        batch = np.zeros((count, 64, 64, 3), np.uint8)
        assert session.run(None, {"pixels": batch})[0].shape == (count, 3)


@OPENVINO
def test_openvino_goes_to_a_folder_and_holds_the_class_names(classifier, tmp_path):
    import openvino

    report = export(classifier, tmp_path / "fleet")
    assert report.path == tmp_path / "fleet" / "fleet.xml"
    model = openvino.Core().read_model(report.path)
    described = json.loads(model.get_rt_info(["tlcourse"]).astype(str))
    assert described["class_names"] == list(NAMES)
    assert model.inputs[0].element_type == openvino.Type.u8
    assert model.outputs[0].any_name == "probabilities"


def test_a_keras_export_is_a_classifier_again(classifier, pictures, tmp_path):
    report = export(classifier, tmp_path / "copy.keras")
    assert load_classifier(report.path).class_names == NAMES
    assert not report.on_test
    assert report.keras.accuracy is None
    assert "give test pictures" in repr(report)


def test_an_unknown_suffix_lists_what_there_is(classifier, tmp_path):
    with pytest.raises(ArgumentError, match=r"\.tflite \(LiteRT\), \.onnx \(ONNX\), \.xml"):
        export(classifier, tmp_path / "m.h5")
    assert not list(tmp_path.iterdir())


@LITERT
def test_nothing_is_overwritten_unasked(classifier, tmp_path):
    (tmp_path / "m.labels.txt").write_text("mine")
    with pytest.raises(ArgumentError, match="overwrite"):
        export(classifier, tmp_path / "m.tflite")
    assert (tmp_path / "m.labels.txt").read_text() == "mine"
    export(classifier, tmp_path / "m.tflite", overwrite=True)
    assert (tmp_path / "m.labels.txt").read_text("utf-8").startswith("blue")


@OPENVINO
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupted_export_leaves_nothing(classifier, tmp_path, monkeypatch, error):
    def stop(*_):
        raise error

    monkeypatch.setattr("tlcourse.deployment.labels.write_labels", stop)
    with pytest.raises(KeyboardInterrupt if error is KeyboardInterrupt else Exception) as caught:
        export(classifier, tmp_path / "new" / "m.xml")
    assert not (tmp_path / "new").exists()
    if error is not KeyboardInterrupt:
        assert "No space left" in str(caught.value)


@LITERT
def test_a_failed_export_leaves_the_old_one_alone(classifier, tmp_path, monkeypatch):
    path = export(classifier, tmp_path / "m.tflite").path
    before = path.read_bytes()

    def fail(*_):
        raise ValueError("operation 'Quux' is unknown\nand much more")

    monkeypatch.setattr("tlcourse.deployment.conversion.write_litert", fail)
    with pytest.raises(EngineError, match="'Quux' is unknown"):
        export(classifier, path, overwrite=True)
    assert path.read_bytes() == before
    assert {p.name for p in tmp_path.iterdir()} == {"m.tflite", "m.labels.txt"}


def test_a_missing_package_is_named_before_any_work(classifier, tmp_path, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "tf2onnx" else find(name, *a)
    )
    with pytest.raises(ArgumentError, match=r"tlcourse\[export\]"):
        export(classifier, tmp_path / "m.onnx")


@LITERT
def test_eight_bits_without_pictures_or_in_a_format_without_them_are_refused(classifier, tmp_path):
    with pytest.raises(ArgumentError, match="calibration"):
        export(classifier, tmp_path / "m.tflite", quantise="int8")
    with pytest.raises(ArgumentError, match=r"\.tflite: dynamic, int8"):
        export(classifier, tmp_path / "m.keras", quantise="int8")
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    with pytest.raises(DataError, match="calibrate"):
        export(classifier, tmp_path / "m.tflite", quantise="int8", calibration=tmp_path / "bad.jpg")


def test_a_test_with_unknown_classes_is_refused_before_any_work(classifier, pictures, tmp_path):
    other = pictures.rename_classes({"blue": "azure"})
    with pytest.raises(DataError, match="azure"):
        export(classifier, tmp_path / "m.keras", test=other)
    assert not list(tmp_path.iterdir())


def test_calibration_pictures_come_from_all_over_the_set(classifier, pictures, monkeypatch):
    monkeypatch.setattr(exporting, "_CALIBRATING", 6)
    chosen = exporting._calibrating(classifier, "int8", pictures)
    means = chosen.mean(axis=(1, 2)).argmax(axis=1)
    assert set(means.tolist()) == {0, 1, 2}
    assert chosen.shape == (6, 64, 64, 3)


def test_corrected_biases_keep_the_means_that_rounding_would_shift():
    """Rounding the kernels shifts a network's outputs less once its biases are corrected."""
    import keras

    keras.utils.set_random_seed(1)
    inputs = keras.Input((16, 16, 3), dtype="uint8")
    x = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.Conv2D(8, 3, use_bias=False, name="plain")(x)
    x = keras.layers.BatchNormalization(name="norm")(x)
    inner = keras.Sequential([keras.layers.DepthwiseConv2D(3, activation="relu", name="deep")])
    model = keras.Model(inputs, keras.layers.Conv2D(4, 1, name="last")(inner(x)))
    pictures = np.random.default_rng(0).integers(0, 256, (16, 16, 16, 3)).astype(np.uint8)
    before = model.predict_on_batch(pictures)

    def rounded() -> np.ndarray:
        kernels = {}
        for layer in flat_layers(model):
            if hasattr(layer, "kernel"):
                kernels[layer.name] = layer, layer.kernel.numpy()
                axes = (0, 1) if layer.name == "deep" else (0, 1, 2)
                kernel = kernels[layer.name][1]
                scale = np.abs(kernel).max(axis=axes, keepdims=True) / 127
                layer.kernel.assign(np.round(kernel / scale) * scale)
        answers = np.asarray(model(pictures, training=False))
        for layer, kernel in kernels.values():
            layer.kernel.assign(kernel)
        return answers

    shift = np.abs((rounded() - before).mean(axis=(0, 1, 2))).max()
    correct_biases(model, pictures)
    left = np.abs((rounded() - before).mean(axis=(0, 1, 2))).max()
    assert left < shift / 4
    assert "call" not in vars(model.get_layer("plain"))
