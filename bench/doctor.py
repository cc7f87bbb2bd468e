"""How much of what is wrong with a folder `diagnose` finds, how often it is wrong, how fast it is.

    python bench/doctor.py FOLDER [FOLDER ...] [--seeds 5] [--strangers FOLDER] [--many 10000]
                           [--thorough]

Each folder is spoilt by `make_messy` with several seeds. A fault counts as found when a finding of
its kind names its files; a false alarm is a picture that nothing was done to, named by a finding of
that kind. Real faults of the folders count as false alarms here: they are not told apart. Labels
that look wrong are listed with the likeliest first, for a person who goes through them from the
top: so it is also told how many of the first ones are wrong indeed.

The speed is measured on copies of the first folder's pictures that were cut and recoloured so that
no two are alike, with an empty cache of features.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from tlcourse.backbones import load_backbone
from tlcourse.data import ImageSet, load_images, open_picture
from tlcourse.diagnosis import KINDS, diagnose, make_messy
from tlcourse.diagnosis.views import DEFAULT

_GROUPS = ("duplicate", "near_duplicate", "conflict", "across_splits")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--strangers", type=Path, help="pictures that belong to no class")
    parser.add_argument("--many", type=int, default=10_000, help="pictures for the speed; 0: none")
    parser.add_argument("--thorough", action="store_true", help="judge labels by fine-tuning too")
    arguments = parser.parse_args()
    strangers = load_images(arguments.strangers) if arguments.strangers else None
    for folder in arguments.folders:
        judge(folder, load_images(folder), arguments.seeds, strangers, arguments.thorough)
    if arguments.many:
        measure_speed(load_images(arguments.folders[0]), arguments.many)


def judge(
    folder: Path, images: ImageSet, seeds: int, strangers: ImageSet | None, thorough: bool
) -> None:
    """Print what is found in a folder spoilt several times."""
    injected, found, false = Counter(), Counter(), Counter()
    clean, firsts, sizes, seconds = 0, [], [], 0.0
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as scratch:
            messy = make_messy(images, Path(scratch) / "messy", seed, strangers=strangers)
            diagnosis = diagnose(messy.folder, thorough=thorough)
            root = messy.folder.resolve()
            named = {
                kind: [
                    {f.resolve().relative_to(root).as_posix() for f in finding.files}
                    for finding in diagnosis.of(kind)
                ]
                for kind in KINDS
            }
            spoilt = {file for fault in messy.faults for file in fault.files}
            everything = {p.resolve().relative_to(root).as_posix() for p in diagnosis.images.paths}
            clean += len(everything - spoilt)
            sizes = diagnosis.record["input_sizes"]
            seconds += sum(diagnosis.record["seconds"].values()) / seeds
            wrong = {fault.files[0] for fault in messy.faults if fault.kind == "label_error"}
            listed = [next(iter(files)) for files in named["label_error"]]
            firsts.append([file in wrong for file in listed[: len(wrong)]])
            for fault in messy.faults:
                injected[fault.kind] += 1
                needed = 2 if fault.kind in _GROUPS else 1
                files = set(fault.files)
                # a file that was there twice already has a copy more now, not all of equal bytes
                kinds = _GROUPS[:2] if fault.kind == "duplicate" else (fault.kind,)
                hit = any(len(files & group) >= needed for kind in kinds for group in named[kind])
                found[fault.kind] += hit or (fault.kind == "imbalance" and bool(named["imbalance"]))
            for kind in KINDS:
                false[kind] += len(set().union(*named[kind]) & (everything - spoilt))
    print(f"\n{folder.name}: {len(images):,} pictures, {seeds} times spoilt\n")
    print("| kind | found | of | share | false alarms | of clean pictures |")
    print("|---|---:|---:|---:|---:|---:|")
    for kind in KINDS:
        if injected[kind] or false[kind]:
            share = f"{found[kind] / injected[kind]:.0%}" if injected[kind] else "–"
            print(
                f"| {kind} | {found[kind]} | {injected[kind]} | {share} | {false[kind]} "
                f"| {false[kind] / clean:.2%} |",
                flush=True,
            )
    how = ", and fine-tuned" if thorough else ""
    print(f"\nNetwork: {DEFAULT} at {' and '.join(map(str, sizes))} pixels{how}; {seconds:.0f} s.")
    for share in (0.25, 0.5, 1):
        parts = [first[: max(1, round(share * len(first)))] for first in firsts]
        right = np.mean([hit for part in parts for hit in part])
        print(
            f"Of the first {np.mean([len(part) for part in parts]):.0f} labels listed as perhaps "
            f"wrong ({share:.0%} of as many as there are wrong ones), {right:.0%} are.",
            flush=True,
        )


def measure_speed(images: ImageSet, count: int) -> None:
    """Print pictures a second with and without a network."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["TLCOURSE_CACHE"] = str(Path(scratch) / "cache")
        many = multiplied(images, Path(scratch), count)
        diagnose(many[:16], load_backbone(DEFAULT))  # converted for its engine, once for all sets
        print(f"\n{count:,} pictures, {os.cpu_count()} cores:\n")
        print("| what | seconds | pictures a second | processor seconds | load before, after |")
        print("|---|---:|---:|---:|---:|")
        for what, backbone in (("pixels alone", None), ("and features", DEFAULT)):
            load, busy = os.getloadavg()[0], time.process_time()
            started = time.perf_counter()
            diagnose(many, backbone)
            seconds = time.perf_counter() - started
            print(
                f"| {what} | {seconds:.0f} | {count / seconds:.0f} "
                f"| {time.process_time() - busy:.0f} | {load:.1f}, {os.getloadavg()[0]:.1f} |",
                flush=True,
            )


def multiplied(images: ImageSet, folder: Path, count: int) -> ImageSet:
    """Write pictures made of those of a set, each another part in other colours."""
    random = np.random.default_rng(0)
    paths, labels = [], []
    readable = [i for i, path in enumerate(images.paths) if path.suffix.lower() != ".gif"]
    for number in range(count):
        chosen = readable[number % len(readable)]
        image = Image.fromarray(open_picture(images.paths[chosen]))
        share = random.uniform(0.5, 0.75)
        width, height = (int(share * side) for side in image.size)
        left = int(random.integers(0, image.width - width + 1))
        top = int(random.integers(0, image.height - height + 1))
        part = image.crop((left, top, left + width, top + height)).resize(image.size)
        part = ImageEnhance.Color(part).enhance(random.uniform(0.5, 1.5))
        path = folder / f"{number}.jpg"
        part.save(path, quality=88)
        paths.append(path)
        labels.append(int(images.labels[chosen]))
    return ImageSet(tuple(paths), np.array(labels), images.class_names)


if __name__ == "__main__":
    main()
