"""The small network, its pictures, its judge, and the training that fails."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from tlcourse.data import ImageSet, load_dataset, load_images
from tlcourse.errors import ArgumentError, DataError, PictureError
from tlcourse.experiments import (
    failed_training,
    judge_network,
    pixels_and_labels,
    show_training,
    small_network,
)


@pytest.fixture(scope="module")
def digits() -> ImageSet:
    return load_dataset("digits")


def folder_of(place: Path, sizes: dict[str, tuple[int, int]]) -> ImageSet:
    """Write one grey picture for each name, `class/number`, brighter from one to the next."""
    for brightness, (name, size) in enumerate(sizes.items()):
        path = place / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", size, 50 * brightness).save(path)
    return load_images(place)


def test_the_network_has_the_parameters_that_the_chapter_counts():
    network = small_network()
    counts = [layer.count_params() for layer in network.layers if layer.count_params()]
    assert counts == [160, 4_640, 1_290]
    assert small_network(16).output_shape == (None, 10)


def test_the_seed_decides_the_weights():
    first, same, other = (small_network(seed=seed).get_weights() for seed in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("arguments", [{"side": 3}, {"side": 8.5}, {"seed": -1}])
def test_a_network_that_cannot_be_is_refused(arguments):
    with pytest.raises(ArgumentError):
        small_network(**arguments)


def test_pixels_come_in_the_order_of_the_set_as_they_lie_on_disk(digits: ImageSet):
    chosen = digits[[1700, 3, 900]]
    pixels, labels = pixels_and_labels(chosen)
    assert pixels.shape == (3, 8, 8, 1)
    assert pixels.dtype == np.float32
    for picture, path in zip(pixels, chosen.paths, strict=True):
        with Image.open(path) as opened:
            assert np.array_equal(picture[..., 0], np.asarray(opened))
    assert labels.tolist() == chosen.labels.tolist()


def test_colours_become_their_mean(tmp_path: Path):
    (tmp_path / "red").mkdir()
    Image.new("RGB", (4, 4), (255, 0, 30)).save(tmp_path / "red" / "a.png")
    pixels, _ = pixels_and_labels(load_images(tmp_path))
    assert (pixels == 95).all()


def test_pictures_of_several_sizes_are_named_not_stacked(tmp_path: Path):
    images = folder_of(tmp_path, {"a/1": (4, 4), "b/1": (5, 4)})
    with pytest.raises(DataError, match="2 sizes"):
        pixels_and_labels(images)
    with pytest.raises(DataError, match="0 pictures"):
        pixels_and_labels(images[[]])
    with pytest.raises(ArgumentError, match="ImageSet"):
        pixels_and_labels(tmp_path)


def test_a_broken_file_is_named(tmp_path: Path):
    images = folder_of(tmp_path, {"a/1": (4, 4), "b/1": (4, 4)})
    images.paths[1].write_bytes(b"not a picture")
    with pytest.raises(PictureError, match=r"1\.png"):
        pixels_and_labels(images)


def test_the_judge_counts_what_the_network_says(tmp_path: Path):
    images = folder_of(tmp_path, {"dark/1": (4, 4), "dark/2": (4, 4), "light/1": (4, 4)})
    network = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    # Brightnesses 0, 50 and 100: above 30 it says "light", so that one of the dark ones is wrong.
    network.set_weights([np.array([[-1.0, 1.0]]), np.array([30.0, -30.0])])
    report = judge_network(network, images)
    assert report.accuracy == pytest.approx(2 / 3)
    assert report.confusion.tolist() == [[1, 1], [0, 1]]
    assert report.confident_mistakes[0].path.name == "2.png"


def test_the_curves_tell_the_loss_of_knowing_nothing(digits: ImageSet):
    pixels, labels = pixels_and_labels(digits[::30])
    network = small_network()
    network.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    fitted = network.fit(pixels, labels, epochs=2, verbose=0, validation_data=(pixels, labels))
    alt = show_training(fitted, before=2.31).alt
    assert "over 2 epochs" in alt
    assert "before training 2.31" in alt
    assert "held out" in alt
    assert "log 10 = 2.30" in alt
    alone = network.fit(pixels, labels, epochs=1, verbose=0)
    assert "held out" not in show_training(alone).alt


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_failed_training_has_the_symptoms_that_the_lab_speaks_of(digits: ImageSet, seed: int):
    failed = failed_training(digits[::2], epochs=2, seed=seed)
    losses = failed.fitted.history["loss"]
    assert failed.before == pytest.approx(np.log(10), abs=0.15)
    assert losses[0] > np.log(10) + 0.5
    assert failed.accuracy < 0.25
    assert f"{failed.accuracy:.1%}" in repr(failed)
    assert "before training" in failed.draw().alt


def test_nothing_but_the_rate_is_wrong_with_the_failed_training(digits: ImageSet):
    failed = failed_training(digits[::2], epochs=1)
    pixels, labels = pixels_and_labels(digits[::2])
    assert np.array_equal(failed.pixels, pixels)
    assert np.array_equal(failed.labels, labels)
    network = small_network(seed=1)
    network.compile(
        keras.optimizers.SGD(float(failed.network.optimizer.learning_rate) / 100),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    fitted = network.fit(failed.pixels, failed.labels, batch_size=32, epochs=12, verbose=0)
    assert fitted.history["accuracy"][-1] > 0.85
