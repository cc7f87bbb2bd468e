"""A classifier on pixels that somebody prepared: right ones are right, wrong ones collapse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tlcourse.backbones import load_backbone
from tlcourse.data import load_images
from tlcourse.errors import ArgumentError, DataError
from tlcourse.experiments import prepare_as_the_app, prepare_colours, retrain_and_serve, serve
from tlcourse.features import extract_features
from tlcourse.training import train_head

COLOURS = {"red": (200, 30, 30), "green": (30, 180, 40), "blue": (20, 40, 210)}


@pytest.fixture(scope="module")
def tiny():
    return load_backbone("vgg16", input_size=32)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Noisy pictures of three colours, which even a tiny VGG-16 tells apart."""
    folder = tmp_path_factory.mktemp("colours")
    random = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (folder / name).mkdir()
        for number in range(8):
            noise = random.normal(0, 25, (40, 40, 3))
            pixels = (np.array(colour) + noise).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return load_images(folder)


@pytest.fixture(scope="module")
def classifier(tiny, images):
    return train_head(extract_features(tiny, images[::2], engine="keras"))


def test_the_right_pixels_give_what_the_classifier_gives(classifier, tiny, images):
    rest = images[1::2]
    served = serve(classifier, rest, tiny.preprocessing.apply)
    own = classifier.predict(rest).probabilities.argmax(axis=1)
    assert served.accuracy == pytest.approx((own == rest.labels).mean())
    assert served.accuracy > 0.9
    assert served.actual == rest.counts()
    assert sum(served.named.values()) == len(rest)


def test_the_apps_pixels_spoil_it_without_an_error(classifier, images):
    served = serve(classifier, images[1::2], prepare_as_the_app)
    assert served.accuracy < 0.7
    assert "named so" in repr(served)


def test_a_new_head_hides_it(tiny, images):
    served = retrain_and_serve(tiny, images[::2], images[1::2], prepare_as_the_app)
    assert served.accuracy > 0.9


def test_known_colours_show_order_range_and_means(tiny):
    shown = prepare_colours(right=tiny.preprocessing.apply, app=prepare_as_the_app)
    right, app = shown.values["right"], shown.values["app"]
    np.testing.assert_allclose(right[0], (-103.939, -116.779, -123.68), rtol=1e-5)
    assert right[1].argmax() == 2  # red comes last
    assert app[1].argmax() == 0
    assert (app[0] == 0).all()
    assert (app[4] == 1).all()
    assert "red" in shown._repr_html_()


def test_a_function_cannot_change_the_pixels_of_others(classifier, tiny, images):
    def in_place(pixels):
        right = tiny.preprocessing.apply(pixels)
        pixels[:] = 0
        return right

    some = images[1::2]
    assert (
        serve(classifier, some, in_place).named
        == serve(classifier, some, tiny.preprocessing.apply).named
    )


@pytest.mark.parametrize(
    "wrong",
    [
        lambda pixels: pixels[..., 0],
        lambda pixels: pixels[:1],
        lambda pixels: np.full(pixels.shape, np.nan),
        lambda pixels: None,
        lambda pixels: "red",
    ],
    ids=["grey", "one-picture", "no-numbers", "nothing", "text"],
)
def test_what_cannot_enter_the_network_is_named(classifier, images, wrong):
    with pytest.raises(ArgumentError, match="cannot enter the network"):
        serve(classifier, images[1::2], wrong)


def test_other_classes_are_refused(classifier, tiny, images):
    others = replace(images, class_names=("one", "two", "three"))
    with pytest.raises(ArgumentError, match="not of the classes"):
        serve(classifier, others, tiny.preprocessing.apply)
    with pytest.raises(ArgumentError, match="not of the classes"):
        retrain_and_serve(tiny, images, others, tiny.preprocessing.apply)


def test_broken_pictures_are_named_and_left_out(classifier, tiny, tmp_path: Path):
    for name, colour in COLOURS.items():
        (tmp_path / name).mkdir()
        for number in range(2):
            Image.new("RGB", (40, 40), colour).save(tmp_path / name / f"{number}.png")
    images = load_images(tmp_path)
    images.paths[0].write_bytes(b"overwritten")
    served = serve(classifier, images, tiny.preprocessing.apply)
    assert sum(served.actual.values()) == 5
    assert served.problems[0].file == images.paths[0]
    for path in images.paths:
        path.write_bytes(b"")
    with pytest.raises(DataError, match="no picture to look at"):
        serve(classifier, images, tiny.preprocessing.apply)


def test_things_of_the_wrong_kind_are_refused(classifier, tiny, images):
    with pytest.raises(ArgumentError, match="classifier"):
        serve(tiny, images, prepare_as_the_app)
    with pytest.raises(ArgumentError, match="images"):
        serve(classifier, "folder", prepare_as_the_app)
    with pytest.raises(ArgumentError, match="backbone"):
        retrain_and_serve(classifier, images, images, prepare_as_the_app)
    with pytest.raises(ArgumentError, match="nothing to try"):
        prepare_colours()
