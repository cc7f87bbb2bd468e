"""What pre-training is worth: accuracy against the number of pictures per class.

    python bench/transfer_gain.py [--seeds N] [--pictures 1 2 …] [--figure PNG] [--manifest CSV]

On the fleet, judged on vessels that none of the three has seen: a frozen EfficientNet-Lite0 and a
frozen VGG-16, each with a softmax head, and a small convolutional network that learns from scratch
with flips, rotations, shifts and changes of light. Each row is the mean of several seeds, which
choose the pictures to learn from; the three learn from the same ones. Chapter 1 measures the same
with the same functions, on fewer seeds: `tlcourse.experiments.measure_transfer_gain` says how.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from tlcourse.backbones import load_backbone
from tlcourse.data import load_dataset, load_images
from tlcourse.experiments import TransferGain, measure_transfer_gain
from tlcourse.features import extract_features

SIDE = 256
"""Pixels of a picture's shorter side: the frozen networks see what is there."""

BACKBONES = {"frozen EfficientNet-Lite0": "efficientnet_lite0", "frozen VGG-16": "vgg16"}


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
    tables = {
        label: extract_features(load_backbone(name, input_size=SIDE), fleet)
        for label, name in BACKBONES.items()
    }
    gain = measure_transfer_gain(fleet, tables, counts=arguments.pictures, draws=arguments.seeds)
    print_table(gain, arguments.seeds)
    if arguments.figure:
        gain.draw().save(arguments.figure)


def print_table(gain: TransferGain, seeds: int) -> None:
    print(f"Accuracy on {gain.n_test} pictures of vessels never seen, mean of {seeds} choices of "
          "the pictures (standard deviation):\n")  # fmt: skip
    print("| pictures per class | " + " | ".join(gain.accuracies) + " |")
    print("|---:|" + "---:|" * len(gain.accuracies))
    for count in gain.counts:
        found = [gain.accuracies[name][count] for name in gain.accuracies]
        cells = [f"{np.mean(values):.1%} ({np.std(values):.1%})" for values in found]
        print(f"| {count} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
