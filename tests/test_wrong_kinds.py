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


def test_judging_on_what_was_learned_from_is_said(made, capsys):
    tl.evaluate(made["classifier"], made["images"])
    assert "16 of these 16 pictures were learned from" in capsys.readouterr().err
    split = tl.split(made["images"])
    features = tl.extract_features(made["backbone"], split, engine="keras")
    tl.evaluate(tl.train_head(features), features)
    assert "learned from." not in capsys.readouterr().err.replace("trained", "")
