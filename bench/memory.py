"""Memory does not grow with the number of pictures: peak while features are extracted.

    python bench/memory.py [--most 20000] [--backbone efficientnet_lite0] [--engine auto]

The same 200 JPEG files are handed over again and again, with the cache of features off, so that
each is read, decoded and computed every time. Each row is a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from features import make_pictures

FILES = 200


def work(backbone_name: str, engine: str, folder: Path, count: int) -> dict:
    from tlcourse.backbones import load_backbone
    from tlcourse.data import ImageSet
    from tlcourse.features import extract_features

    files = sorted(folder.glob("*.jpg"))
    paths = tuple(files[i % len(files)] for i in range(count))
    images = ImageSet(paths, np.zeros(count, int), ("any",))
    backbone = load_backbone(backbone_name)
    started = time.perf_counter()
    extract_features(backbone, images, engine=engine, use_cache=False)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"rate": count / seconds, "peak": peak}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=20_000)
    parser.add_argument("--backbone", default="efficientnet_lite0")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        folder, count = Path(arguments.work[0]), int(arguments.work[1])
        print(json.dumps(work(arguments.backbone, arguments.engine, folder, count)))
        return
    print(f"{arguments.backbone}, engine {arguments.engine}\n")
    print("| pictures | pictures/s | peak memory |\n|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as scratch:
        make_pictures(Path(scratch), FILES)
        for count in (arguments.most // 100, arguments.most // 10, arguments.most):
            command = [sys.executable, __file__, "--backbone", arguments.backbone]
            command += ["--engine", arguments.engine, "--work", scratch, str(count)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            result = json.loads(done.stdout.splitlines()[-1])
            print(
                f"| {count:,} | {result['rate']:.0f} | {result['peak'] / 1e9:.2f} GB |", flush=True
            )


if __name__ == "__main__":
    main()
