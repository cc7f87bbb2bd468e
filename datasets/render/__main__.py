"""Command line: `python -m datasets.render --out DIR`, from the repository's root."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from .manifest import write_manifest
from .plan import CLASSES, SEED, VESSELS, VIEWS, View, make_plan
from .worker import SAMPLES, make_picture

# Blender keeps some memory of every scene; a fresh process now and then keeps it small.
PICTURES_A_PROCESS = 40


def _numbers(text: str, count: int) -> list[int]:
    """Return the numbers that `0,3,7-9` names; each must be below `count`."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        try:
            found += range(int(first), int(last or first) + 1)
        except ValueError:
            raise argparse.ArgumentTypeError(
                f"expected numbers like 0,3,7-9; received {text!r}"
            ) from None
    if not found or max(found) >= count or min(found) < 0:
        raise argparse.ArgumentTypeError(
            f"expected numbers from 0 to {count - 1}; received {text!r}"
        )
    return found


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in CLASSES]:
        raise argparse.ArgumentTypeError(
            f"expected some of {', '.join(CLASSES)}; received {unknown[0]!r}"
        )
    return names


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m datasets.render",
        description="Render the fleet; pictures that are there are kept.",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the set")
    parser.add_argument("--classes", type=_names, default=list(CLASSES), help="a,b,c")
    parser.add_argument(
        "--vessels",
        type=partial(_numbers, count=VESSELS),
        default=list(range(VESSELS)),
        help="0,3,7-9",
    )
    parser.add_argument(
        "--views", type=partial(_numbers, count=VIEWS), default=list(range(VIEWS)), help="0,3-5"
    )
    parser.add_argument("--samples", type=int, default=SAMPLES, help="light paths a pixel")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=SEED)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Render what the options ask for and write `labels.csv`."""
    options = _options(arguments)
    plan = make_plan(options.seed)
    wanted = [
        view
        for view in plan
        if view.vessel.label in options.classes
        and view.vessel.number in options.vessels
        and view.number in options.views
    ]
    missing = [view for view in wanted if not (options.out / view.file).exists()]
    print(f"{len(wanted)} pictures, {len(wanted) - len(missing)} of them there already", flush=True)
    # The first picture of every vessel comes first: a broken run still covers the fleet.
    missing.sort(key=lambda view: view.number)
    _render(missing, options)
    manifest = write_manifest(plan, options.out)
    size = sum((options.out / view.file).stat().st_size for view in wanted)
    print(f"{manifest}: {len(wanted)} pictures, {size / 1e6:.1f} MB")
    return 0


def _render(views: list[View], options: argparse.Namespace) -> None:
    if not views:
        return
    started = time.perf_counter()
    work = partial(make_picture, folder=options.out, samples=options.samples)
    context = multiprocessing.get_context("spawn")
    with context.Pool(options.processes, maxtasksperchild=PICTURES_A_PROCESS) as pool:
        for done, path in enumerate(pool.imap_unordered(work, views), 1):
            seconds = (time.perf_counter() - started) / done
            left = seconds * (len(views) - done) / 60
            print(
                f"{done}/{len(views)} {path.name} {seconds:.1f} s a picture, {left:.0f} min left",
                flush=True,
            )


if __name__ == "__main__":
    sys.exit(main())
