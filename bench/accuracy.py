"""What a frozen backbone and a new head reach on sets that need no download.

    python bench/accuracy.py [FOLDER ...]

Each set is split 3:1 by class, seed 0, with the default settings of `tlcourse train`. Folders of
your own, one subfolder a class, are judged as well.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from tlcourse.data import load_dataset, load_images, split
from tlcourse.evaluation import evaluate
from tlcourse.features import extract_features
from tlcourse.training import train_head

BACKBONES = ("efficientnet_lite0", "vgg16")
HEADS = ("gap", "dense", "svm")


def main() -> None:
    from tlcourse.backbones import load_backbone

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path)
    folders = parser.parse_args().folders
    sets = {name: load_dataset(name) for name in ("faces", "digits")}
    sets |= {folder.name: load_images(folder) for folder in folders}
    print("| set | learned from | judged on | backbone | head | accuracy | 95% interval | log loss "
          "| head trained in |\n|---|---:|---:|---|---|---:|---:|---:|---:|")  # fmt: skip
    for name, images in sets.items():
        images = images if images.splits is not None else split(images)
        for backbone in BACKBONES:
            table = extract_features(load_backbone(backbone), images)
            for head in HEADS:
                started = time.perf_counter()
                classifier = train_head(table, head=head)
                seconds = time.perf_counter() - started
                report = evaluate(classifier, table.test)
                low, high = report.interval
                print(
                    f"| {name} | {len(table.train):,} | {report.n_test:,} | {backbone} | {head} "
                    f"| {report.accuracy:.1%} | {low:.1%} to {high:.1%} | {report.log_loss:.3f} "
                    f"| {seconds:.1f} s |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
