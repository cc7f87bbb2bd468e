"""Batches hold the one decoder's pixels, in an order and with changes that the seed decides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pictures import write_set
from tlcourse.augmentation import Augmentation, make_dataset, normalise_light, pipeline
from tlcourse.data import ImageSet, load_images, open_picture, split
from tlcourse.errors import ArgumentError, DataError

keras = pytest.importorskip("keras")
SIZE = (32, 48)


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> ImageSet:
    return load_images(write_set(tmp_path_factory.mktemp("set"), 11))


@pytest.fixture(params=["in memory", "from files"])
def either_way(request, monkeypatch):
    """Pictures that fit into memory, or do not."""
    if request.param == "from files":
        monkeypatch.setattr(pipeline, "_IN_MEMORY_BYTES", 0)
    return request.param


def all_of(dataset) -> tuple[np.ndarray, np.ndarray]:
    batches = list(dataset.as_numpy_iterator())
    return tuple(np.concatenate(parts) for parts in zip(*batches, strict=True))


def pixels_of(images: ImageSet) -> np.ndarray:
    return np.stack([open_picture(path, SIZE) for path in images.paths])


def test_to_judge_pictures_come_in_their_order_as_the_decoder_gives_them(images, either_way):
    dataset = make_dataset(images, shuffle=False, size=SIZE, batch_size=4)
    pictures, labels = all_of(dataset)
    np.testing.assert_array_equal(pictures, pixels_of(images))
    np.testing.assert_array_equal(labels, images.labels)
    assert pictures.dtype == np.uint8
    assert labels.dtype == np.int64


def test_how_many_batches_there_are_is_known(images):
    for batch_size, batches in ((4, 6), (22, 1), (50, 1), (1, 22)):
        dataset = make_dataset(images, shuffle=True, size=SIZE, batch_size=batch_size)
        assert int(dataset.cardinality()) == batches == len(list(dataset))
        pictures, labels = dataset.element_spec
        assert tuple(pictures.shape) == (None, *SIZE, 3)
        assert (pictures.dtype.name, labels.dtype.name) == ("uint8", "int64")


def test_a_phone_held_upright_gives_upright_pictures(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    for number, name in enumerate("ab"):
        (tmp_path / name).mkdir()
        pixels = np.random.default_rng(number).integers(0, 256, (40, 60, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / name / "1.jpg", exif=exif)
    images = load_images(tmp_path)
    pictures, _ = all_of(make_dataset(images, shuffle=False, size=(60, 40)))
    np.testing.assert_array_equal(pictures[0], open_picture(images.paths[0]))


def test_every_pass_has_another_order_and_each_picture_once(images, either_way):
    dataset = make_dataset(images, shuffle=True, size=SIZE, batch_size=5)
    expected = pixels_of(images)
    orders = []
    for _ in range(3):
        pictures, labels = all_of(dataset)
        order = [int(np.flatnonzero((expected == p).all(axis=(1, 2, 3)))[0]) for p in pictures]
        assert sorted(order) == list(range(len(images)))
        np.testing.assert_array_equal(labels, images.labels[order])
        orders.append(tuple(order))
    assert len(set(orders)) == 3


def test_the_same_seed_gives_the_same_passes_whatever_the_batches(images, either_way):
    def passes(batch_size: int, seed: int = 3) -> np.ndarray:
        dataset = make_dataset(images, Augmentation(seed=1), shuffle=True, size=SIZE,
                               batch_size=batch_size, seed=seed)  # fmt: skip
        return np.stack([all_of(dataset)[0] for _ in range(2)])

    first = passes(4)
    np.testing.assert_array_equal(first, passes(7))
    assert not np.array_equal(first, passes(4, seed=4))
    assert not np.array_equal(np.sort(first[0].sum((1, 2, 3))), np.sort(first[1].sum((1, 2, 3))))


def test_each_picture_is_changed_by_its_own_number_and_epoch(images):
    augmentation = Augmentation(seed=8)
    dataset = make_dataset(images, augmentation, shuffle=False, size=SIZE, batch_size=6)
    for epoch in range(3):
        expected = augmentation(pixels_of(images), range(len(images)), epoch)
        np.testing.assert_array_equal(all_of(dataset)[0], expected)


def test_training_that_was_interrupted_goes_on_with_the_same_pictures(images):
    whole = make_dataset(images, Augmentation(), shuffle=True, size=SIZE)
    passes = [all_of(whole) for _ in range(3)]
    rest = make_dataset(images, Augmentation(), shuffle=True, size=SIZE, first_epoch=2)
    for before, after in zip(passes[2], all_of(rest), strict=True):
        np.testing.assert_array_equal(before, after)


def test_fit_begins_one_pass_an_epoch(images, monkeypatch):
    """Keras makes iterators that it never asks for a batch; they must not count."""
    seen: list[int] = []
    shuffled = np.random.RandomState

    def watched(key):
        seen.append(key[1])
        return shuffled(key)

    monkeypatch.setattr(pipeline.np.random, "RandomState", watched)
    dataset = make_dataset(images, shuffle=True, size=SIZE, batch_size=8)
    held_out = make_dataset(images, shuffle=False, size=SIZE)
    model = keras.Sequential([
        keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2, activation="softmax")
    ])  # fmt: skip
    model.compile(loss="sparse_categorical_crossentropy")
    model.fit(dataset, epochs=4, validation_data=held_out, verbose=0)
    assert seen == [0, 1, 2, 3]
    assert model.predict(held_out, verbose=0).shape == (22, 2)


def test_a_pass_that_is_given_up_leaves_no_thread_behind(images, monkeypatch):
    import gc
    import threading
    import time

    monkeypatch.setattr(pipeline, "_IN_MEMORY_BYTES", 0)
    dataset = make_dataset(images, shuffle=True, size=SIZE, batch_size=2)

    before = set(threading.enumerate())

    def decoders() -> int:
        started = set(threading.enumerate()) - before
        return sum("ThreadPool" in thread.name for thread in started)

    iterator = iter(dataset)
    next(iterator)
    assert decoders() > 0
    del iterator
    gc.collect()
    for _ in range(100):
        if decoders() == 0:
            break
        time.sleep(0.1)
    assert decoders() == 0


def test_files_that_cannot_be_read_are_named_and_left_out(tmp_path, either_way, capsys):
    images = load_images(write_set(tmp_path, 4))
    images.paths[1].write_bytes(b"\x89PNG\r\n\x1a\n and nothing more")
    images.paths[6].write_bytes(images.paths[6].read_bytes()[:-40])
    pictures, labels = all_of(make_dataset(images, shuffle=False, size=SIZE))
    kept = [0, 2, 3, 4, 5, 7]
    np.testing.assert_array_equal(pictures, pixels_of(images[kept]))
    np.testing.assert_array_equal(labels, images.labels[kept])
    told = capsys.readouterr().err
    assert "2 of 8 pictures cannot be read and are left out:" in told
    assert "1.png" in told


def test_a_class_without_a_readable_picture_is_named(tmp_path):
    images = load_images(write_set(tmp_path, 1))
    images.paths[0].write_bytes(b"nothing")
    with pytest.raises(DataError, match="green"):
        make_dataset(images, shuffle=False, size=SIZE)


def test_a_file_that_disappears_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "_IN_MEMORY_BYTES", 0)
    images = load_images(write_set(tmp_path, 4))
    dataset = make_dataset(images, shuffle=False, size=SIZE)
    images.paths[3].unlink()
    with pytest.raises(Exception, match=r"(?s)Cannot read the picture.*3\.png"):
        list(dataset)


def test_pictures_are_prepared_before_they_are_cut(images, either_way):
    dataset = make_dataset(images, shuffle=False, size=SIZE, prepare=normalise_light)
    expected = [open_picture(normalise_light(path), SIZE) for path in images.paths]
    np.testing.assert_array_equal(all_of(dataset)[0], expected)


def test_a_preparation_that_makes_no_picture_is_named(images):
    with pytest.raises(ArgumentError, match="'prepare' made no picture"):
        make_dataset(images, shuffle=False, prepare=lambda picture: picture / 255)


def test_a_split_set_is_handed_over_in_parts(images):
    whole = split(images)
    with pytest.raises(DataError, match=r"(?s)test, train.*images\.train"):
        make_dataset(whole, shuffle=True)
    assert len(all_of(make_dataset(whole.test, shuffle=False, size=SIZE))[1]) == len(whole.test)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("shuffle", {"shuffle": None}), ("batch_size", {"batch_size": 0}),
        ("batch_size", {"batch_size": 1.5}), ("size", {"size": 224}), ("size", {"size": (0, 5)}),
        ("seed", {"seed": -1}), ("first_epoch", {"first_epoch": "1"}),
        ("augmentation", {"augmentation": "rotation"}),
    ],
)  # fmt: skip
def test_arguments_that_make_no_sense_are_named(images, name, arguments):
    with pytest.raises(ArgumentError, match=f"'{name}'"):
        make_dataset(images, **{"shuffle": True, **arguments})


def test_other_things_than_sets_are_explained(images):
    with pytest.raises(ArgumentError, match="wrong kind"):
        make_dataset("folder", shuffle=True)
    with pytest.raises(DataError, match="no pictures"):
        make_dataset(images[:0], shuffle=True)
    with pytest.raises(TypeError, match="shuffle"):
        make_dataset(images)


def test_paths_with_every_kind_of_character_work(tmp_path):
    for name in ("naïve 日本", "new\nline"):
        folder: Path = tmp_path / name
        folder.mkdir()
        Image.fromarray(np.full((9, 9, 3), 7, np.uint8)).save(folder / "ü\n1.png")
    pictures, labels = all_of(make_dataset(load_images(tmp_path), shuffle=False, size=(9, 9)))
    assert pictures.shape == (2, 9, 9, 3)
    assert labels.tolist() == [0, 1]
