"""How much accuracy a split fakes that tears groups apart.

    python bench/leakage.py [FOLDER] [--manifest FILE] [--views 6] [--rounds 10] [--figure FILE]

For a set with groups (the column `group` of a manifest) the groups are compared with single
pictures. Any other set is given groups: of each of its pictures several views are made, as frames
of a film are, moved, turned and relit a little, and a group is what one picture became. Without a
folder, the set "fleet" is taken where it is there, else the faces of scikit-image.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from tlcourse.augmentation import Augmentation
from tlcourse.backbones import load_backbone
from tlcourse.data import ImageSet, load_dataset, load_images, open_picture
from tlcourse.errors import TLCourseError
from tlcourse.evaluation import measure_leak
from tlcourse.features import extract_features

BACKBONES = ("efficientnet_lite0", "vgg16")
HEADS = ("gap", "svm")


def views_of(images: ImageSet, count: int, folder: Path) -> ImageSet:
    """Write several views of each picture, and return them as a set with groups."""
    augmentation = Augmentation(max_changes=3, rotation=8, zoom=0.1)
    paths, labels, groups = [], [], []
    for number, picture in enumerate(images):
        pixels = np.stack([open_picture(picture.path, (224, 224))] * count)
        for view, changed in enumerate(
            augmentation(pixels, range(number * count, (number + 1) * count))
        ):
            path = folder / f"{number:05}-{view}.png"
            Image.fromarray(changed).save(path)
            paths.append(path)
            labels.append(picture.label)
            groups.append(f"{number:05}")
    return ImageSet(tuple(paths), np.array(labels), images.class_names, groups=np.array(groups))


def chosen_set(arguments: argparse.Namespace) -> tuple[str, ImageSet]:
    if arguments.folder:
        return arguments.folder.name, load_images(arguments.folder, arguments.manifest)
    try:
        return "fleet", load_dataset("fleet")
    except TLCourseError:
        return "faces", load_dataset("faces")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--manifest", help="a CSV file with the column 'group'")
    parser.add_argument("--views", type=int, default=6, help="of each picture without a group")
    parser.add_argument("--pictures", type=int, default=200, help="at most, to make views of")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--figure", type=Path, help="draw the first row of the table")
    arguments = parser.parse_args()
    name, images = chosen_set(arguments)
    images = replace(images, splits=None)
    with tempfile.TemporaryDirectory() as scratch:
        made = ""
        if images.groups is None:
            order = np.random.RandomState(0).permutation(len(images))[: arguments.pictures]
            images = views_of(images[np.sort(order)], arguments.views, Path(scratch))
            made = f" (the {arguments.views} views of a picture)"
        print(
            f"{name}: {len(images):,} pictures of {len(np.unique(images.groups)):,} groups"
            f"{made}, {arguments.rounds} rounds, one in four to judge with.\n"
        )
        print("| backbone | head | split by picture | split by group | faked | 95% interval |")
        print("|---|---|---:|---:|---:|---:|")
        for backbone in BACKBONES:
            table = extract_features(load_backbone(backbone), images)
            for head in HEADS:
                measured = measure_leak(table, head=head, rounds=arguments.rounds)
                interval = "all rounds the same"
                if measured.interval is not None:
                    low, high = measured.interval
                    interval = f"{100 * low:+.1f} to {100 * high:+.1f}"
                print(
                    f"| {backbone} | {head} | {measured.torn.mean():.1%} "
                    f"| {measured.whole.mean():.1%} | {100 * measured.gain:+.1f} points "
                    f"| {interval} |",
                    flush=True,
                )
                if arguments.figure:
                    measured.draw().save(arguments.figure)
                    arguments.figure = None


if __name__ == "__main__":
    main()
