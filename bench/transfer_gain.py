"""What pre-training is worth: accuracy against the number of pictures per class.

    python bench/transfer_gain.py [--seeds N] [--pictures 1 2 …] [--figure PNG] [--manifest CSV]

On the fleet, judged on vessels that none of the three has seen: a frozen EfficientNet-Lite0 and a
frozen VGG-16, each with a softmax head, and a small convolutional network that learns from scratch
with flips, rotations, shifts and changes of light. Each row is the mean of several seeds, which
choose the pictures to learn from; the three learn from the same ones.

The network from scratch has its fair chance: it is small enough for few pictures, normalises its
batches, sees changed pictures in every epoch, chooses its epoch on the validation vessels, and
trains until that no longer helps. The frozen networks do not look at the validation vessels.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from tlcourse.augmentation import Augmentation
from tlcourse.backbones import load_backbone
from tlcourse.data import ImageSet, load_dataset, load_images, open_picture
from tlcourse.evaluation import evaluate
from tlcourse.features import FeatureTable, extract_features
from tlcourse.messages import progress, say
from tlcourse.quiet import start_tensorflow
from tlcourse.training import train_head

BACKBONES = {"efficientnet_lite0": "frozen EfficientNet-Lite0", "vgg16": "frozen VGG-16"}
SCRATCH = "small network from scratch"
SIDE = 96
"""Pixels: small enough for a laptop, and the best of 64, 96 and 128 for the small network."""
STEPS, BATCH = 1200, 32
CHECKS, PATIENCE = 40, 12
"""Looks at the validation vessels, 30 steps apart; after so many without a better one it ends."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--pictures", type=int, nargs="+", default=[1, 2, 4, 8, 16, 32, 64])
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--manifest", type=Path, help="labels.csv of another set of this kind")
    arguments = parser.parse_args()
    fleet = (
        load_images(arguments.manifest.parent, arguments.manifest)
        if arguments.manifest
        else load_dataset("fleet")
    )
    results: dict[str, dict[int, list[float]]] = {}
    tables = {name: extract_features(load_backbone(name), fleet) for name in BACKBONES}
    for name, label in BACKBONES.items():
        results[label] = {
            count: [frozen(tables[name], count, seed) for seed in range(arguments.seeds)]
            for count in arguments.pictures
        }
    pixels = load_pixels(fleet)
    runs = [(count, seed) for count in arguments.pictures for seed in range(arguments.seeds)]
    results[SCRATCH] = {count: [] for count in arguments.pictures}
    for count, seed in progress(runs, what="from scratch", unit="run"):
        found = from_scratch(fleet, pixels, count, seed)
        results[SCRATCH][count].append(found)
        say(f"from scratch, {count} pictures a class, seed {seed}: {found:.1%}")
    print_table(results, arguments.seeds, int((fleet.splits == "test").sum()))
    if arguments.figure:
        draw(results, arguments.figure)


def chosen(labels: np.ndarray, splits: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return positions of `count` training pictures of each class, the same for every network."""
    random = np.random.default_rng([seed, count])
    train = np.flatnonzero(splits == "train")
    return np.concatenate(
        [random.permutation(train[labels[train] == label])[:count] for label in np.unique(labels)]
    )


def frozen(table: FeatureTable, count: int, seed: int) -> float:
    rows = chosen(table.labels, table.splits, count, seed)
    kept = np.union1d(rows, np.flatnonzero(table.splits == "test"))
    part = table.subset(kept)
    return evaluate(train_head(part, seed=seed), part.test).accuracy


def load_pixels(fleet: ImageSet) -> np.ndarray:
    return np.stack(
        [open_picture(path, size=(SIDE, SIDE)) for path in progress(fleet.paths, what="pixels")]
    )


def from_scratch(fleet: ImageSet, pixels: np.ndarray, count: int, seed: int) -> float:
    start_tensorflow()
    import keras

    keras.utils.set_random_seed(seed)
    model = small_network(len(fleet.class_names))
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    rows = chosen(fleet.labels, fleet.splits, count, seed)
    validation, test = (np.flatnonzero(fleet.splits == part) for part in ("validation", "test"))
    random = np.random.default_rng(seed)
    change = Augmentation(seed=seed)
    best, weights, waited = -1.0, model.get_weights(), 0
    for _ in range(CHECKS):
        for _ in range(STEPS // CHECKS):
            batch = random.choice(rows, BATCH)
            model.train_on_batch(change(pixels[batch]), fleet.labels[batch])
        score = accuracy(model, pixels[validation], fleet.labels[validation])
        if score > best:
            best, weights, waited = score, model.get_weights(), 0
        else:
            waited += 1
            if waited == PATIENCE:
                break
    model.set_weights(weights)
    return accuracy(model, pixels[test], fleet.labels[test])


def small_network(classes: int):
    """Seven convolutions with batch normalisation in four blocks, 0.42 million parameters."""
    import keras
    from keras import layers

    x = pixels = keras.Input((SIDE, SIDE, 3), dtype="uint8")
    x = layers.Rescaling(1 / 127.5, offset=-1)(x)
    x = block(x, [24], size=5, stride=2)
    for filters in (48, 96, 128):
        x = block(x, [filters, filters])
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(pixels, layers.Dense(classes, activation="softmax")(x))


def block(x, filters: list[int], size: int = 3, stride: int = 1):
    from keras import layers

    for count in filters:
        x = layers.Conv2D(count, size, strides=stride, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    return layers.MaxPooling2D()(x)


def accuracy(model, pixels: np.ndarray, labels: np.ndarray) -> float:
    return float((model.predict(pixels, verbose=0).argmax(1) == labels).mean())


def print_table(results: dict[str, dict[int, list[float]]], seeds: int, judged: int) -> None:
    print(f"Accuracy on {judged} pictures of vessels never seen, mean of {seeds} choices of the "
          "pictures (standard deviation):\n")  # fmt: skip
    print("| pictures per class | " + " | ".join(results) + " |")
    print("|---:|" + "---:|" * len(results))
    for count in next(iter(results.values())):
        cells = [f"{np.mean(r[count]):.1%} ({np.std(r[count]):.1%})" for r in results.values()]
        print(f"| {count} | " + " | ".join(cells) + " |")


def draw(results: dict[str, dict[int, list[float]]], path: Path) -> None:
    from tlcourse.figures import PALETTE, drawing, finish

    with drawing(7.2, 4.2) as canvas:
        axes = canvas.add_subplot()
        for (name, found), colour, marker in zip(results.items(), PALETTE, "osD", strict=False):
            counts = list(found)
            mean, spread = (np.array([f(found[c]) for c in counts]) for f in (np.mean, np.std))
            axes.fill_between(counts, mean - spread, mean + spread, color=colour, alpha=0.2, lw=0)
            axes.plot(counts, mean, marker=marker, color=colour, label=name)
        axes.set_xscale("log", base=2)
        axes.set_xticks(counts, [str(c) for c in counts])
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.set(xlabel="pictures per class to learn from", ylabel="accuracy on unseen vessels")
        axes.set_ylim(0, 1)
        axes.legend(loc="lower right", frameon=False)
        finish(canvas, "Accuracy against pictures per class for three networks").save(path)


if __name__ == "__main__":
    main()
