"""Random changes of pictures, and batches of them for Keras: our way against Keras' layers.

    python bench/augmentation.py [--pictures 400] [--rounds 5] [--folder FOLDER]

Every way changes the same uint8 pictures in memory, 224 x 224 pixels, in a `tf.data` pipeline, in
batches of 32; the rounds take turns, and the tables give medians. Each of Keras' layers computes
its operation for every picture of every batch; `RandAugment`, which draws once a call, is measured
picture by picture as well, the only way in which it draws for each. Ours draws for each picture,
and computes what was drawn.

The second table is about batches from JPEG files on disk, without changes.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from features import make_pictures

from tlcourse.augmentation import Augmentation, make_dataset
from tlcourse.data import load_images, open_picture
from tlcourse.quiet import start_tensorflow

BATCH = 32
SIZE = (224, 224)


def pipelines(pictures: np.ndarray) -> dict[str, Callable]:
    """Return functions that make a dataset of changed batches."""
    import keras
    import tensorflow as tf

    from tlcourse.augmentation.changes import augmented

    layers = keras.layers
    source = tf.data.Dataset.from_tensor_slices(pictures)
    numbered = tf.data.Dataset.zip(source, tf.data.Dataset.range(len(pictures))).batch(BATCH)
    parallel = {"num_parallel_calls": tf.data.AUTOTUNE}

    def keras_layers(*changes) -> Callable:
        def apply(batch):
            for change in changes:
                batch = change(batch, training=True)
            return batch

        return lambda: source.batch(BATCH).map(apply, **parallel)

    def ours(augmentation: Augmentation) -> Callable:
        def apply(batch, numbers):
            return augmented(augmentation, batch, numbers, 0)

        return lambda: numbered.map(apply, **parallel)

    def only(**strength) -> Callable:
        nothing = dict.fromkeys(("rotation", "zoom", "translation", "brightness", "contrast",
                                 "saturation", "hue"), 0)  # fmt: skip
        return ours(Augmentation(**{"flip": False, **nothing, "max_changes": 1, **strength}))

    one_each = {
        "RandomFlip": layers.RandomFlip("horizontal"),
        "RandomRotation": layers.RandomRotation(15 / 360),
        "RandomZoom": layers.RandomZoom(0.15),
        "RandomTranslation": layers.RandomTranslation(0.1, 0.1),
        "RandomBrightness": layers.RandomBrightness(0.2),
        "RandomContrast": layers.RandomContrast(0.3),
        "RandomSaturation and RandomHue": (layers.RandomSaturation(0.5), layers.RandomHue(0.05)),
    }
    chains = {name: c if isinstance(c, tuple) else (c,) for name, c in one_each.items()}
    everything = [layer for chain in chains.values() for layer in chain]
    rand_augment = layers.RandAugment(value_range=(0, 255), num_ops=2, factor=0.3)
    return {
        "nothing": lambda: source.batch(BATCH),
        **{f"Keras `{name}`": keras_layers(*chain) for name, chain in chains.items()},
        "Keras, all of these, one after the other": keras_layers(*everything),
        "Keras `RandAugment(num_ops=2)`, one draw a batch": keras_layers(rand_augment),
        "Keras `RandAugment(num_ops=2)`, picture by picture": lambda: source.map(
            lambda picture: rand_augment(picture, training=True), **parallel
        ).batch(BATCH),
        "tlcourse, flip alone": only(flip=True),
        "tlcourse, rotation alone": only(rotation=15),
        "tlcourse, colour alone": only(saturation=0.3, hue=10),
        "tlcourse, all kinds, up to 1 a picture": ours(Augmentation(max_changes=1)),
        "tlcourse, all kinds, up to 2 a picture": ours(Augmentation()),
        "tlcourse, all kinds, up to 7 a picture": ours(Augmentation(max_changes=7)),
    }


def rate(dataset, count: int) -> float:
    """Return pictures a second, once everything is traced and running."""
    iterator = iter(dataset.repeat(2).prefetch(2))
    warm = -(-count // BATCH)
    for _ in range(warm):
        next(iterator)
    started = time.perf_counter()
    for _ in range(warm):
        next(iterator)
    return count / (time.perf_counter() - started)


def table_of_changes(pictures: np.ndarray, rounds: int) -> None:
    ways = pipelines(pictures)
    datasets = {name: make() for name, make in ways.items()}
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, dataset in datasets.items():
            rates[name].append(rate(dataset, len(pictures)))
    middle = {name: statistics.median(values) for name, values in rates.items()}
    ours = middle["tlcourse, all kinds, up to 2 a picture"]
    print("| changes | pictures/s | lowest to highest | tlcourse, up to 2, is faster by |")
    print("|---|---:|---:|---:|")
    for name, value in middle.items():
        low, high = min(rates[name]), max(rates[name])
        print(f"| {name} | {value:,.0f} | {low:,.0f} to {high:,.0f} | {ours / value:.2f} x |")


def table_of_batches(folder: Path, rounds: int) -> None:
    import keras

    images = load_images(folder)

    def seconds(dataset) -> float:
        started = time.perf_counter()
        assert sum(len(labels) for _, labels in dataset) == len(images)
        return time.perf_counter() - started

    def ours():
        return make_dataset(images, shuffle=True, size=SIZE, batch_size=BATCH)

    def from_directory():
        return keras.utils.image_dataset_from_directory(
            folder, image_size=SIZE, crop_to_aspect_ratio=True, batch_size=BATCH, verbose=False
        )

    ways = {
        "Keras `image_dataset_from_directory`": from_directory,
        "the same, with `.cache()`": lambda: from_directory().cache(),
        "tlcourse `make_dataset`": ours,
    }
    first, later = {name: [] for name in ways}, {name: [] for name in ways}
    for _ in range(rounds):
        for name, make in ways.items():
            started = time.perf_counter()
            dataset = make()
            seconds(dataset)
            first[name].append(time.perf_counter() - started)
            later[name].append(len(images) / seconds(dataset))
    print("| batches from files | made, and the first pass | later passes, pictures/s |")
    print("|---|---:|---:|")
    for name in ways:
        print(f"| {name} | {statistics.median(first[name]):.2f} s "
              f"| {statistics.median(later[name]):,.0f} |")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=400, help="how many files to make")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="use this folder of class folders instead")
    arguments = parser.parse_args()
    start_tensorflow()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or Path(scratch)
        if arguments.folder is None:
            for name in ("one", "two"):
                (folder / name).mkdir()
                make_pictures(folder / name, arguments.pictures // 2)
        images = load_images(folder)
        named = ("tensorflow", "keras", "pillow")
        versions = ", ".join(f"{name} {metadata.version(name)}" for name in named)
        print(f"{len(images)} JPEG files, {SIZE[0]} x {SIZE[1]} pixels, median of "
              f"{arguments.rounds} rounds; {os.cpu_count()} cores, {platform.machine()}, "
              f"{versions}.\n")  # fmt: skip
        pictures = np.stack([open_picture(path, SIZE) for path in images.paths])
        table_of_changes(pictures, arguments.rounds)
        print()
        table_of_batches(folder, arguments.rounds)


if __name__ == "__main__":
    main()
