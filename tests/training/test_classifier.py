"""The classifier: one file, raw pixels in, names out, the same answers everywhere."""

import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from PIL import Image

from tests.pictures import COLOURS, write_picture, write_set
from tlcourse.data import load_images, open_picture, split
from tlcourse.errors import ArgumentError, DataError, ModelFileError
from tlcourse.features import extract_features, load_features
from tlcourse.training import load_classifier, train_head


@pytest.fixture(scope="module")
def small():
    from tlcourse.backbones import load_backbone

    return load_backbone("efficientnet_lite0", input_size=64)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = write_set(tmp_path_factory.mktemp("set"), 8, names=("red", "green", "blue"))
    return load_images(folder)


@pytest.fixture(scope="module")
def table(small, images):
    return extract_features(small, images, engine="keras")


@pytest.fixture(scope="module")
def classifier(table):
    return train_head(table, head="gap")


@pytest.mark.parametrize("head", ["gap", "dense", "svm"])
def test_what_was_saved_answers_as_what_was_trained(table, images, tmp_path, head):
    trained = train_head(table, head=head)
    read = load_classifier(trained.save(tmp_path / "modèle 1.keras"))
    assert read.class_names == ("blue", "green", "red")
    one, other = trained.predict(images), read.predict(images)
    assert one.probabilities == pytest.approx(other.probabilities, abs=1e-6)
    assert one.probabilities == pytest.approx(trained.head(table.features), abs=1e-3)
    assert [p.name for p in other] == [picture.class_name for picture in images]


def test_plain_keras_opens_the_file_and_takes_raw_pixels(classifier, images, tmp_path):
    """In a process that never imports tlcourse."""
    path = classifier.save(tmp_path / "model.keras")
    pixels = open_picture(images.paths[0], size=(64, 64))
    np.save(tmp_path / "pixels.npy", pixels[None])
    code = (
        "import keras, numpy, sys;"
        f"model = keras.models.load_model({str(path)!r});"
        f"print(model.predict(numpy.load({str(tmp_path / 'pixels.npy')!r}), verbose=0).tolist());"
        "assert not any(name.startswith('tlcourse') for name in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    row = json.loads(done.stdout.splitlines()[-1])[0]
    assert row == pytest.approx(classifier.predict(pixels).probabilities[0], abs=1e-5)


def test_every_way_to_hand_over_pictures_gives_the_same_answers(classifier, images, tmp_path):
    path = images.paths[0]
    pixels = open_picture(path)
    expected = classifier.predict(path).probabilities
    for given in (str(path), Image.open(path), pixels, pixels[None], [path], path.read_bytes()):
        assert classifier.predict(given).probabilities == pytest.approx(expected, abs=1e-6)
    two = classifier.predict([images.paths[0], images.paths[-1]])
    assert len(two) == 2
    folder = classifier.predict(path.parents[1])
    assert len(folder) == 24
    assert len(classifier.predict(images[:5])) == 5


def test_answers_come_in_the_order_of_the_pictures_across_batches(classifier, images):
    paths = [images.paths[i] for i in np.random.default_rng(0).permutation(24)] * 3
    predictions = classifier.predict(paths)
    assert predictions.pictures == tuple(map(str, paths))
    assert [p.name for p in predictions] == [path.parent.name for path in paths]


def test_files_that_cannot_be_read_are_named_and_the_rest_is_answered(classifier, tmp_path):
    good = write_picture(tmp_path / "good.png", COLOURS["red"], 1)
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no picture")
    predictions = classifier.predict([bad, good, tmp_path / "missing.png"])
    assert [p.name for p in predictions] == ["red"]
    assert [p.file.name for p in predictions.problems] == ["bad.jpg", "missing.png"]
    assert "bad.jpg" in repr(predictions)


def test_floats_are_refused_instead_of_being_misread(classifier):
    with pytest.raises(ArgumentError, match="uint8"):
        classifier.predict(np.random.default_rng(0).random((64, 64, 3)))


def test_a_folder_without_pictures_is_an_error(classifier, tmp_path):
    with pytest.raises(DataError):
        classifier.predict(tmp_path)


def test_csv_and_json_say_the_same(classifier, images, tmp_path):
    import csv
    import io

    predictions = classifier.predict(images[:3])
    text = io.StringIO()
    predictions.write_csv(text)
    rows = list(csv.DictReader(io.StringIO(text.getvalue())))
    for row, answer in zip(rows, predictions.to_dicts(), strict=True):
        assert row["class"] == answer["class"]
        assert float(row["probability"]) == pytest.approx(answer["probability"], abs=1e-5)
        assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-4)


def test_the_record_tells_how_the_model_was_made(classifier, tmp_path):
    read = load_classifier(classifier.save(tmp_path / "model.keras"))
    assert read.record["backbone"] == "efficientnet_lite0"
    assert read.record["provenance"]["licence"] == "Apache-2.0"
    assert read.record["trained_on"] == {"blue": 8, "green": 8, "red": 8}
    assert read.record["versions"]["keras"]


@pytest.mark.parametrize("damage", ["cut", "text", "plain keras", "empty", "folder", "missing"])
def test_a_file_that_is_no_classifier_is_explained(classifier, tmp_path, damage):
    path = classifier.save(tmp_path / "model.keras")
    content = path.read_bytes()
    if damage == "plain keras":
        classifier.model.save(path)
    elif damage == "folder":
        path = tmp_path
    elif damage == "missing":
        path = tmp_path / "other.keras"
    else:
        path.write_bytes({"cut": content[: len(content) // 2], "text": b"x", "empty": b""}[damage])
    with pytest.raises(ModelFileError, match="What to do"):
        load_classifier(path)


def test_saving_is_all_or_nothing(classifier, tmp_path, monkeypatch):
    path = classifier.save(tmp_path / "model.keras")
    before = path.read_bytes()

    def fail(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(zipfile.ZipFile, "writestr", fail)
    with pytest.raises(KeyboardInterrupt):
        classifier.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_explained(classifier, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelFileError, match="cannot be written"):
        classifier.save(tmp_path / "file" / "model.keras")


def test_other_endings_are_refused(classifier, tmp_path):
    with pytest.raises(ArgumentError, match=r"\.keras"):
        classifier.save(tmp_path / "model.h5")


def test_only_the_training_part_is_learned_from(small, images):
    table = extract_features(small, split(images, seed=0), engine="keras")
    trained = train_head(table)
    assert trained.record["trained_on"] == {"blue": 6, "green": 6, "red": 6}
    changed = table.features.copy()
    changed[table.splits == "test"] = 1e6
    from dataclasses import replace

    same = train_head(replace(table, features=changed))
    assert np.array_equal(same.head.layers[0].weights, trained.head.layers[0].weights)


def test_a_table_read_from_a_file_trains_the_same_classifier(images, tmp_path):
    from tlcourse.backbones import load_backbone

    backbone = load_backbone("efficientnet_lite0")
    table = extract_features(backbone, images, engine="keras")
    read = load_features(table.save(tmp_path / "table.npz"))
    one, other = train_head(table), train_head(read)
    assert one.predict(images[:4]).probabilities == pytest.approx(
        other.predict(images[:4]).probabilities, abs=1e-6
    )


def test_a_table_of_other_weights_is_refused(images, tmp_path):
    from tlcourse.backbones import load_backbone

    random = load_backbone("efficientnet_lite0", weights="random", input_size=64)
    table = extract_features(random, images, engine="keras", use_cache=False)
    read = load_features(table.save(tmp_path / "table.npz"))
    with pytest.raises(DataError, match="other weights"):
        train_head(read)


def test_one_class_is_nothing_to_tell_apart(small, tmp_path):
    images = load_images(write_set(tmp_path, names=("red",)))
    with pytest.raises(DataError, match="two classes"):
        train_head(extract_features(small, images, engine="keras"))
