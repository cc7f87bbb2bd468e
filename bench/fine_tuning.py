"""What fine-tuning costs and what it brings: tables against Keras' own way.

    python bench/fine_tuning.py epoch FOLDER [--pictures N]      # block 5 of VGG-16 at 224 pixels
    python bench/fine_tuning.py recipe FOLDER [--backbone NAME]  # files to a fine-tuned model
    python bench/fine_tuning.py fleet [--backbone NAME …] [--seeds N] [--learning-rate R]
    python bench/fine_tuning.py accuracy FOLDER [--backbone NAME] [--seeds N] [--input-size N]

FOLDER holds `train` and `val` or `test`, with a folder a class in each.

- `epoch`: seconds an epoch, ours on what the frozen layers gave, and `model.fit` through the whole
  network with the lower layers frozen; the two begin with the same head and take turns, epoch by
  epoch, so that other work on the machine meets both. Afterwards both are judged.
- `recipe`: ours, with all default settings, against the recipe of Keras' guide to transfer
  learning: the frozen network inside the loop for 10 epochs at 1e-3, then everything unfrozen for 5
  at 1e-5. Both from files to a model; each in a process and a cache of its own.
- `fleet`: judged on vessels never seen; the difference to the frozen network with an interval over
  the seeds. The best settings were chosen on the validation vessels.
- `accuracy`: the mean of several seeds on the test pictures, which nothing was chosen on.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tlcourse.augmentation import Augmentation
from tlcourse.backbones import Backbone, load_backbone
from tlcourse.data import ImageSet, load_dataset, load_images, open_picture
from tlcourse.evaluation import evaluate
from tlcourse.features import extract_features
from tlcourse.training import Classifier, build_classifier, fine_tune, train_head

BATCH = 16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    for name, work in {
        "epoch": epoch, "recipe": recipe, "fleet": fleet, "accuracy": accuracy, "one": one,
    }.items():  # fmt: skip
        command = commands.add_parser(name)
        command.set_defaults(work=work)
        if name != "fleet":
            command.add_argument("folder", type=Path)
        command.add_argument("--backbone", nargs="+", default=["efficientnet_lite0"])
        command.add_argument("--unfreeze", default=None)
        command.add_argument("--seeds", type=int, default=3)
        command.add_argument("--pictures", type=int, default=10**9)
        command.add_argument("--epochs", type=int, default=3)
        command.add_argument("--input-size", type=int, default=None)
        command.add_argument("--learning-rate", type=float, default=None)
        command.add_argument("--patience", type=int, default=5)
        command.add_argument("--way", choices=["ours", "guide"])
    arguments = parser.parse_args()
    arguments.work(arguments)


def parts(folder: Path) -> tuple[ImageSet, ImageSet]:
    """Return what to learn from, unsplit, and what to judge on."""
    test = next(folder / name for name in ("test", "val") if (folder / name).is_dir())
    return load_images(folder / "train"), load_images(test)


def epoch(arguments: argparse.Namespace) -> None:
    train, test = parts(arguments.folder)
    chosen = np.random.default_rng(0).permutation(len(train))[: arguments.pictures]
    train = train[chosen]
    backbone = load_backbone("vgg16")
    start = train_head(extract_features(backbone, train))
    model, fit = through_the_whole_network(start, backbone, train)
    seconds: dict[str, list[float]] = {"fit": [], "ours": []}

    def after_epoch(_: object) -> None:
        seconds["fit"].append(fit())

    began = time.perf_counter()
    tuned = fine_tune(
        start, train, unfreeze="block5", epochs=arguments.epochs, batch_size=BATCH, held_out=0,
        on_epoch=after_epoch,
    )  # fmt: skip
    assert tuned.history is not None
    seconds["ours"] = [e.seconds for e in tuned.history.epochs[1:]]
    before = time.perf_counter() - began - sum(map(sum, seconds.values()))
    ours, theirs = (float(np.median(seconds[name][1:])) for name in ("ours", "fit"))
    print(f"\nAn epoch of {len(train)} pictures, VGG-16 at 224 pixels, block 5 learns:\n")
    right = [evaluate(c, test).accuracy for c in (start, tuned)]
    right.append(evaluate(Classifier(model, start.class_names, start.record), test).accuracy)
    error = np.sqrt(right[1] * (1 - right[1]) / len(test))
    print("| | seconds an epoch | once before | accuracy |\n|---|---:|---:|---:|")
    print(f"| head alone | | | {right[0]:.1%} |")
    print(f"| `fine_tune` | {ours:.1f} | {before:.0f} | {right[1]:.1%} |")
    print(f"| `model.fit` | {theirs:.1f} | 0 | {right[2]:.1%} |")
    print(f"| ratio | {theirs / ours:.1f} | | standard error {error:.1%} |")


def through_the_whole_network(start: Classifier, backbone: Backbone, train: ImageSet):
    """Return a model with the same head, and a function that trains it for an epoch by `fit`.

    The function returns its seconds. The rate is that of `fine_tune`, without its schedule.
    """
    import keras

    from tlcourse.training.assembly import clone_backbone

    copy = clone_backbone(backbone)
    for layer in copy.network.layers:
        layer.trainable = layer.name.startswith("block5")
    model = build_classifier(copy, train.class_names).model
    model.set_weights(start.model.get_weights())
    optimiser = keras.optimizers.Adam(2e-5)
    model.compile(optimiser, "sparse_categorical_crossentropy", metrics=["accuracy"])
    pixels = np.stack([open_picture(path, size=copy.input_size) for path in train.paths])

    def fit() -> float:
        began = time.perf_counter()
        model.fit(pixels, train.labels, batch_size=BATCH, epochs=1, verbose=0)
        return time.perf_counter() - began

    return model, fit


def recipe(arguments: argparse.Namespace) -> None:
    print(f"\nFrom files to a fine-tuned {arguments.backbone[0]}, {arguments.folder.name}:\n")
    print("| | seconds | accuracy |\n|---|---:|---:|")
    found = {}
    for way in ("ours", "guide"):
        with tempfile.TemporaryDirectory() as cache:
            command = [sys.executable, __file__, "one", str(arguments.folder), "--way", way]
            command += ["--backbone", arguments.backbone[0]]
            done = subprocess.run(
                command, capture_output=True, text=True, check=True,
                env={**os.environ, "TLCOURSE_CACHE": cache},
            )  # fmt: skip
        found[way] = [float(x) for x in done.stdout.split()[-2:]]
        print(f"| {way} | {found[way][0]:.0f} | {found[way][1]:.1%} |", flush=True)
    print(f"| ratio | {found['guide'][0] / found['ours'][0]:.1f} | |")


def one(arguments: argparse.Namespace) -> None:
    """Print seconds and accuracy of one way; the network's weights are converted beforehand."""
    backbone = load_backbone(arguments.backbone[0])
    train, test = parts(arguments.folder)
    began = time.perf_counter()
    if arguments.way == "ours":
        start = build_classifier(backbone, train.class_names)
        classifier = fine_tune(start, train, unfreeze=as_unfreeze(arguments.unfreeze or 0.25))
    else:
        classifier = by_the_guide(backbone, train)
    seconds = time.perf_counter() - began
    predictions = classifier.predict(test)
    unread = {p.file for p in predictions.problems}
    labels = [label for path, label in zip(test.paths, test.labels, strict=True)
              if path not in unread]  # fmt: skip
    print(seconds, float((predictions.probabilities.argmax(1) == labels).mean()))


def by_the_guide(backbone: Backbone, train: ImageSet) -> Classifier:
    """Train as Keras' guide 'Transfer learning & fine-tuning' does, on the same decoded pictures.

    Random flips, batches of 16, Adam at 1e-3 on the head for 10 epochs, then all unfrozen, compiled
    again, and 5 epochs at 1e-5, BatchNorm called with `training=False`.
    """
    import keras

    from tlcourse.augmentation import make_dataset

    start = build_classifier(backbone, train.class_names)
    flips = Augmentation(rotation=0, zoom=0, translation=0, brightness=0, contrast=0,
                         saturation=0, hue=0, max_changes=1)  # fmt: skip
    dataset = make_dataset(train, flips, shuffle=True, batch_size=BATCH, size=backbone.input_size)
    network, model = backbone.network, start.model
    for trainable, rate, epochs in [(False, 1e-3, 10), (True, 1e-5, 5)]:
        network.trainable = trainable
        model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
        model.fit(dataset, epochs=epochs, verbose=0, shuffle=False)
    return Classifier(model, start.class_names, start.record)


def as_unfreeze(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return text


def fleet(arguments: argparse.Namespace) -> None:
    images = load_dataset("fleet")
    print(f"\nAccuracy on {len(images.test)} pictures of vessels never seen, "
          f"{arguments.seeds} seeds (half the width of a 95% interval):\n")  # fmt: skip
    print("| network | frozen | fine-tuned | difference |\n|---|---:|---:|---:|")
    for name in arguments.backbone:
        backbone = load_backbone(name)
        table = extract_features(backbone, images)
        pairs = []
        for seed in range(arguments.seeds):
            frozen = train_head(table, seed=seed)
            tuned = fine_tune(
                frozen, images, unfreeze=as_unfreeze(arguments.unfreeze),
                augmentation=Augmentation(seed=seed), seed=seed, patience=arguments.patience,
                learning_rate=arguments.learning_rate or "auto",
            )  # fmt: skip
            pairs.append([evaluate(c, images.test).accuracy for c in (frozen, tuned)])
            print(f"<!-- seed {seed}: {pairs[-1]} -->", flush=True)
        frozen_mean, tuned_mean = np.mean(pairs, axis=0)
        low_high = interval(np.diff(pairs, axis=1)[:, 0])
        print(f"| {name} | {frozen_mean:.1%} | {tuned_mean:.1%} | "
              f"{tuned_mean - frozen_mean:+.1%} (± {low_high:.1%}) |", flush=True)  # fmt: skip


def accuracy(arguments: argparse.Namespace) -> None:
    train, test = parts(arguments.folder)
    print(f"\nAccuracy on {len(test)} pictures of {arguments.folder.name}:\n")
    print("| network | frozen | fine-tuned | seeds |\n|---|---:|---:|---|")
    for name in arguments.backbone:
        backbone = load_backbone(name, input_size=arguments.input_size)
        frozen = train_head(extract_features(backbone, train))
        before = evaluate(frozen, test).accuracy
        found = []
        for seed in range(arguments.seeds):
            tuned = fine_tune(
                frozen, train, unfreeze=as_unfreeze(arguments.unfreeze),
                augmentation=Augmentation(seed=seed), seed=seed,
            )  # fmt: skip
            found.append(evaluate(tuned, test).accuracy)
        listed = ", ".join(f"{x:.1%}" for x in found)
        print(f"| {name} | {before:.1%} | {np.mean(found):.1%} | {listed} |", flush=True)


def interval(values: np.ndarray) -> float:
    """Return half the width of the 95% interval of a mean, by Student's distribution."""
    from scipy.stats import t

    if len(values) < 2:
        return float("nan")
    return float(t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))


if __name__ == "__main__":
    main()
