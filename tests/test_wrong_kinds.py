"""Handing over the result of the wrong step is explained, for every verb."""

import numpy as np
import pytest

import tlcourse as tl
from tests.pictures import write_set
from tlcourse.errors import ArgumentError, TLCourseError


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    images = tl.load_images(write_set(tmp_path_factory.mktemp("set"), 8))
    backbone = tl.load_backbone("efficientnet_lite0", input_size=64)
    features = tl.extract_features(backbone, images, engine="keras")
    return {"images": images, "backbone": backbone, "features": features,
            "classifier": tl.train_head(features)}  # fmt: skip


@pytest.mark.parametrize(
    "call",
    [
        "tl.train_head(images)",
        "tl.train_head(features.features)",
        "tl.evaluate(features, classifier)",
        "tl.evaluate(classifier, 'folder')",
        "tl.evaluate(backbone, images)",
        "tl.extract_features('vgg16', images)",
        "tl.extract_features(backbone, 'folder')",
        "tl.extract_features(images, backbone)",
        "tl.split('folder')",
        "tl.load_backbone(3)",
        "tl.load_classifier(None)",
        "tl.load_images(None)",
        "tl.load_images(['a', 'b'])",
        "tl.load_features(None)",
        "features.save(None)",
        "classifier.save(None)",
        "classifier.predict(None)",
        "classifier.predict(5)",
        "classifier.predict([images.paths[0], 5])",
    ],
)
def test_the_wrong_kind_of_thing_is_named_with_what_to_do(made, call):
    with pytest.raises(ArgumentError, match="wrong kind") as caught:
        eval(call, {"tl": tl, **made})
    assert "What to do" in str(caught.value)


@pytest.mark.parametrize(
    "call", ["backbone.predict_classes('no.jpg')", "backbone.predict_classes(pixels)",
             "tl.load_images('nope')", "tl.photograph('dog')", "tl.load_dataset('cifar')"]
)  # fmt: skip
def test_other_mistakes_are_ours_to_explain_too(made, call):
    with pytest.raises(TLCourseError):
        eval(call, {"tl": tl, "pixels": np.zeros((8, 8, 3)), **made})


@pytest.mark.parametrize(
    "call",
    [
        "tl.load_backbone('efficientnet_lite0', input_size='224')",
        "tl.load_backbone('efficientnet_lite0', input_size=(224, 224))",
        "tl.load_backbone('efficientnet_lite0', input_size=224.0)",
        "tl.load_backbone('efficientnet_lite0', seed=-1)",
        "tl.train_head(features, seed='x')",
        "tl.train_head(features, seed=-1)",
        "backbone.predict_classes(pixels, top=0)",
        "backbone.predict_classes(pixels, top=-3)",
        "backbone.predict_classes(pixels, top='3')",
    ],
)
def test_a_number_out_of_range_is_named_with_its_bounds(made, call):
    with pytest.raises(ArgumentError, match="whole number from"):
        eval(call, {"tl": tl, "pixels": np.zeros((8, 8, 3), np.uint8), **made})


def test_the_usual_name_of_the_weights_is_explained(made):
    with pytest.raises(ArgumentError, match="Leave the argument out"):
        tl.load_backbone("vgg16", weights="imagenet")


def test_scaled_pixels_are_refused_and_not_taken_for_a_broken_file(made):
    with pytest.raises(ArgumentError, match="uint8, 0 to 255"):
        made["classifier"].predict(np.zeros((2, 64, 64, 3), np.float32))


def test_one_picture_of_a_set_is_a_picture(made):
    predictions = made["classifier"].predict(made["images"][0])
    assert len(predictions) == 1


def test_judging_on_what_was_learned_from_is_said(made, capsys):
    tl.evaluate(made["classifier"], made["images"])
    assert "16 of these 16 pictures were learned from" in capsys.readouterr().err
    split = tl.split(made["images"])
    features = tl.extract_features(made["backbone"], split, engine="keras")
    tl.evaluate(tl.train_head(features), features)
    assert "learned from." not in capsys.readouterr().err.replace("trained", "")
