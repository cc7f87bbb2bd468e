"""Looking into a network: time and peak memory, against plain Keras and tf-keras-vis.

    python bench/inside.py [--rounds 7] [--backbone vgg16]

Each row is a process of its own: it loads the network, computes one answer, so that everything is
warm, and then does its work. Memory is what the process had at its peak beyond what it held
before; the time is the median of the rounds, the first apart. For all activations, plain Keras is
what tutorials write: a model with every layer's output, and `predict`. It stops at a model that is
nested in another, so it gets the bare network, without what prepares the pixels. tf-keras-vis,
which is measured where it is installed, stops there too; its Grad-CAM and ours explain the same
class of EfficientNet-Lite0 by the same layer.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from importlib import metadata, util

import numpy as np
import psutil

from tlcourse.backbones import load_backbone
from tlcourse.data import load_pictures, photograph
from tlcourse.inside import grad_cam, open_network, record_activations


def plain_keras(backbone, picture: np.ndarray) -> Callable[[], int]:
    import keras

    network = backbone.network
    pixels = backbone.preprocessing.apply(picture)[None]
    model = keras.Model(network.inputs, [layer.output for layer in network.layers[1:]])

    def record() -> int:
        return sum(array.nbytes for array in model.predict(pixels, verbose=0))

    return record


def ours(backbone, picture: np.ndarray) -> Callable[[], int]:
    network = open_network(backbone)
    return lambda: record_activations(network, picture).nbytes


CAM_BACKBONE, CAM_LAYER = "efficientnet_lite0", "head_relu"


def keras_vis(backbone, picture: np.ndarray) -> Callable[[], int]:
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.utils.scores import CategoricalScore

    pixels = backbone.preprocessing.apply(picture)[None]
    best = int(backbone.classifier.predict(pixels, verbose=0).argmax())
    explain = Gradcam(backbone.classifier, clone=True)  # or it would change the network
    score = CategoricalScore(best)
    named = {"penultimate_layer": CAM_LAYER, "seek_penultimate_conv_layer": False}
    return lambda: explain(score, pixels, **named).nbytes


def our_cam(backbone, picture: np.ndarray) -> Callable[[], int]:
    network = open_network(backbone)
    return lambda: grad_cam(network, picture, layer=CAM_LAYER).native.nbytes


ACTIVATIONS = {
    "Keras, `Model(inputs, all outputs).predict`": plain_keras,
    "tlcourse `record_activations`": ours,
}
GRAD_CAM = {"tf-keras-vis `Gradcam`": keras_vis, "tlcourse `grad_cam`": our_cam}
WAYS = {**ACTIVATIONS, **GRAD_CAM}


class Peak(threading.Thread):
    """Follows how much memory the process holds, a thousand times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.process = psutil.Process()
        self.before = self.highest = self.process.memory_info().rss
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(0.001):
            self.highest = max(self.highest, self.process.memory_info().rss)

    def stop(self) -> int:
        self.ended.set()
        self.join()
        return self.highest - self.before


def work(backbone_name: str, way: str, rounds: int) -> dict:
    backbone = load_backbone(backbone_name)
    [(_, picture)] = load_pictures([photograph("cat")], backbone.input_size)
    # The answer alone, twice, so that what the network itself needs is not counted.
    pixels = backbone.preprocessing.apply(picture)[None]
    for _ in range(2):
        backbone.network.predict(pixels, verbose=0)
        backbone.network(pixels)
    peak = Peak()
    peak.start()
    act = WAYS[way](backbone, picture)
    seconds = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        kept = act()
        seconds.append(time.perf_counter() - started)
    later = statistics.median(seconds[1:])
    return {"first": seconds[0], "later": later, "kept": kept, "peak": peak.stop()}


def table(title: str, ways: Iterable[str], backbone: str, rounds: int) -> None:
    print(f"{title} of {backbone}, one photograph\n")
    print("| way | first time | later | result | peak memory beyond the network |")
    print("|---|---:|---:|---:|---:|")
    for way in ways:
        if WAYS[way] is keras_vis and util.find_spec("tf_keras_vis") is None:
            print(f"| {way} | not installed | | | |")
            continue
        command = [sys.executable, __file__, "--backbone", backbone, "--rounds", str(rounds)]
        done = subprocess.run([*command, "--work", way], capture_output=True, text=True, check=True)
        row = json.loads(done.stdout.splitlines()[-1])
        print(
            f"| {way} | {row['first']:.2f} s | {row['later']:.2f} s "
            f"| {row['kept'] / 1e6:.3g} MB | {row['peak'] / 1e6:.0f} MB |",
            flush=True,
        )
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--backbone", default="vgg16")
    parser.add_argument("--work", choices=WAYS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        print(json.dumps(work(arguments.backbone, arguments.work, arguments.rounds)))
        return
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("tensorflow", "keras"))
    print(f"{os.cpu_count()} cores, {platform.machine()}, {versions}; median of "
          f"{arguments.rounds} rounds.\n")  # fmt: skip
    table("All activations", ACTIVATIONS, arguments.backbone, arguments.rounds)
    table("Grad-CAM", GRAD_CAM, CAM_BACKBONE, arguments.rounds)


if __name__ == "__main__":
    main()
