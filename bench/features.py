"""Files on disk to features: our engines against what people would use instead.

    python bench/features.py [--pictures 400] [--rounds 3] [--folder FOLDER]

Every way reads the same JPEG files, and runs in a process of its own, in turn, several rounds; the
table gives the median. "Warm" leaves out starting, tracing and compiling: each way first works
through 32 pictures. The cache of features is off.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

BACKBONES = ("efficientnet_lite0", "vgg16")
WARM_UP = 32


def ours(engine: str) -> Callable:
    def prepare(backbone, paths: Sequence[Path]) -> Callable[[Sequence[Path]], np.ndarray]:
        from tlcourse.data import ImageSet
        from tlcourse.features import extract_features

        def run(paths):
            images = ImageSet(tuple(paths), np.zeros(len(paths), int), ("any",))
            return extract_features(backbone, images, engine=engine, use_cache=False).features

        return run

    return prepare


def tensorflow_pictures(paths: Sequence[Path], size: tuple[int, int]):
    """Return a `tf.data` pipeline as `image_dataset_from_directory` builds it."""
    import tensorflow as tf

    def read(path):
        picture = tf.io.decode_image(tf.io.read_file(path), channels=3, expand_animations=False)
        picture.set_shape((None, None, 3))
        height, width = tf.shape(picture)[0], tf.shape(picture)[1]
        side = tf.minimum(height, width)  # crop_to_aspect_ratio=True
        top, left = (height - side) // 2, (width - side) // 2
        picture = picture[top : top + side, left : left + side]
        return tf.cast(tf.image.resize(picture, size), tf.uint8)

    files = tf.data.Dataset.from_tensor_slices([str(path) for path in paths])
    return files.map(read, num_parallel_calls=tf.data.AUTOTUNE).batch(32).prefetch(tf.data.AUTOTUNE)


def keras_predict(backbone, paths: Sequence[Path]) -> Callable:
    model = backbone.feature_model
    return lambda paths: model.predict(tensorflow_pictures(paths, backbone.input_size), verbose=0)


def tf_function(backbone, paths: Sequence[Path]) -> Callable:
    import tensorflow as tf

    model = backbone.feature_model
    step = tf.function(lambda x: model(x, training=False), reduce_retracing=True)

    def run(paths):
        pictures = tensorflow_pictures(paths, backbone.input_size)
        return np.concatenate([step(batch).numpy() for batch in pictures])

    return run


def pytorch(precision: str) -> Callable:
    def prepare(backbone, paths: Sequence[Path]) -> Callable:
        import torch
        from torch_networks import PictureFiles, build

        network = build(backbone)
        kind = torch.bfloat16 if precision == "bf16" else torch.float32

        def run(paths):
            files = PictureFiles(paths, backbone)
            loader = torch.utils.data.DataLoader(files, 32, num_workers=os.cpu_count() or 1)
            rows = []
            with torch.inference_mode(), torch.autocast("cpu", kind, enabled=kind != torch.float32):
                for batch in loader:
                    rows.append(network(batch.contiguous(memory_format=torch.channels_last)))
            return torch.cat(rows).float().numpy()

        return run

    return prepare


WAYS: dict[str, tuple[str, Callable]] = {
    "keras-predict": ("Keras `predict` over `tf.data`", keras_predict),
    "tf-function": ("`tf.function` over `tf.data`", tf_function),
    "torch-f32": ("PyTorch, channels last, float32", pytorch("f32")),
    "torch-bf16": ("PyTorch, channels last, bfloat16", pytorch("bf16")),
    "ours-keras": ("tlcourse, engine Keras, float32", ours("keras")),
    "ours-openvino": ("tlcourse, engine OpenVINO", ours("openvino")),
}


def work(way: str, backbone_name: str, paths: list[Path]) -> dict:
    """Run one way in this process."""
    import resource

    from tlcourse.backbones import load_backbone

    backbone = load_backbone(backbone_name)
    started = time.perf_counter()
    run = WAYS[way][1](backbone, paths)
    run(paths[:WARM_UP])
    cold = time.perf_counter() - started
    started = time.perf_counter()
    features = run(paths)
    seconds = time.perf_counter() - started
    return {
        "rate": len(paths) / seconds,
        "cold": cold,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "features": features[:WARM_UP].astype(float).tolist(),
    }


def make_pictures(folder: Path, count: int) -> None:
    """Write different 500 x 375 JPEG files, cut out of photographs that libraries carry."""
    from PIL import Image

    from tlcourse.data import photograph, photograph_names

    random = np.random.default_rng(0)
    photographs = [Image.fromarray(photograph(name)) for name in photograph_names()]
    for number in range(count):
        whole = photographs[number % len(photographs)]
        width = random.uniform(0.5, 1.0) * min(whole.width, whole.height * 4 / 3)
        left = random.uniform(0, whole.width - width)
        top = random.uniform(0, whole.height - width * 3 / 4)
        box = (left, top, left + width, top + width * 3 / 4)
        part = whole.resize((500, 375), Image.Resampling.BICUBIC, box)
        part.save(folder / f"{number:05}.jpg", quality=90)


def measure(way: str, backbone: str, folder: Path) -> dict | None:
    command = [sys.executable, __file__, "--work", way, "--backbone", backbone]
    done = subprocess.run([*command, "--folder", str(folder)], capture_output=True, text=True)
    if done.returncode != 0:
        print(f"{way}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def lowest_cosine(one: list, other: list) -> float:
    a, b = np.array(one), np.array(other)
    return float(((a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)).min())


def table(folder: Path, backbones: list[str], ways: list[str], rounds: int) -> None:
    from importlib import metadata

    count = len(list(folder.rglob("*.jpg")))
    print(f"{count} JPEG files, 224 x 224 pixels into the network, median of {rounds} rounds.")
    versions = ("tensorflow", "keras", "openvino", "torch", "pillow")
    installed = {d.metadata["Name"].lower(): d.version for d in metadata.distributions()}
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
          + ", ".join(f"{n} {installed[n]}" for n in versions if n in installed) + ".")  # fmt: skip
    for backbone in backbones:
        results: dict[str, list[dict]] = {}
        failed = set()
        for _ in range(rounds):
            for way in ways:
                if way in failed:
                    continue
                result = measure(way, backbone, folder)
                if result is None:
                    failed.add(way)
                else:
                    results.setdefault(way, []).append(result)
        rates = {w: statistics.median(r["rate"] for r in rs) for w, rs in results.items()}
        reference = results.get("ours-keras", results["keras-predict"])[0]["features"]
        print(f"\n### {backbone}\n")
        print("| way | pictures/s | against Keras `predict` | first 32 pictures | peak memory |"
              " lowest cosine to float32 |")  # fmt: skip
        print("|---|---:|---:|---:|---:|---:|")
        for way, rate in rates.items():
            runs = results[way]
            print(
                f"| {WAYS[way][0]} | {rate:.1f} | {rate / rates['keras-predict']:.2f} x "
                f"| {statistics.median(r['cold'] for r in runs):.1f} s "
                f"| {max(r['peak'] for r in runs) / 1e9:.2f} GB "
                f"| {lowest_cosine(runs[0]['features'], reference):.4f} |"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=400, help="how many files to make")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="use the JPEG files of this folder instead")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    parser.add_argument("--backbone", choices=BACKBONES, help="one of them only")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), help="some only")
    arguments = parser.parse_args()
    if arguments.work:
        paths = sorted(arguments.folder.rglob("*.jpg"))
        print(json.dumps(work(arguments.work, arguments.backbone, paths)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or Path(scratch)
        if arguments.folder is None:
            make_pictures(folder, arguments.pictures)
        ways = ["keras-predict", *(way for way in arguments.ways if way != "keras-predict")]
        backbones = [arguments.backbone] if arguments.backbone else list(BACKBONES)
        table(folder, backbones, ways, arguments.rounds)


if __name__ == "__main__":
    main()
