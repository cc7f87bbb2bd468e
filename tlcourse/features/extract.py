"""`extract_features`: a frozen backbone over a set of pictures, each picture once.

Threads read and decode while the network computes on the batch before. What was computed lies in
the cache after every batch, so that a kill loses one batch at most, and memory holds a few batches
of pixels whatever the number of pictures.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tlcourse.backbones import Backbone
from tlcourse.data import DECODER_VERSION, ImageSet, Problem, open_picture, read_picture
from tlcourse.errors import EngineError, PictureError, must_be
from tlcourse.features.cache import FeatureCache, picture_key
from tlcourse.features.engines import (
    BATCH,
    RECIPE_VERSION,
    Engine,
    EngineName,
    build_engine,
    engine_name,
)
from tlcourse.features.table import FeatureTable
from tlcourse.messages import progress, say, say_once
from tlcourse.parallel import map_ahead

_IN_MEMORY_BYTES = 256 * 2**20
_PROBLEMS_SHOWN = 5


def extract_features(
    backbone: Backbone,
    images: ImageSet,
    *,
    engine: EngineName = "auto",
    use_cache: bool = True,
) -> FeatureTable:
    """Run a frozen backbone over a set of pictures and average its last feature map.

    A picture that was seen before is not computed again: features are cached by the bytes of the
    picture, and by all that they depend on (weights, picture size, engine, precision).

    Parameters
    ----------
    backbone
        From `load_backbone`.
    images
        The pictures; unreadable ones are left out and listed in `problems`.
    engine
        `"auto"` takes OpenVINO where it is installed (`pip install 'tlcourse[fast]'`), in bfloat16
        where the processor computes it, else Keras in float32.
    use_cache
        Whether to look up and store features in the cache folder.

    Returns
    -------
    A `FeatureTable` with `(n, backbone.feature_size)` float32 features, in the order of `images`.

    Raises
    ------
    DataError
        When a class has no readable picture.
    EngineError
        When the engine that was asked for cannot run the network.

    """
    must_be("backbone", backbone, Backbone, 'Write backbone = tl.load_backbone("vgg16") first.')
    must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
    name = engine_name(engine)
    try:
        return _extract(backbone, images, name, use_cache)
    except EngineError as error:
        if engine != "auto":
            raise
        say_once(f"{error}\nGoing on with Keras.")
        return _extract(backbone, images, engine_name("keras"), use_cache)


@dataclass(frozen=True)
class _Loaded:
    """One picture out of the reading threads: its row from the cache, its pixels, or a reason."""

    position: int
    key: bytes = b""
    row: np.ndarray | None = None
    pixels: np.ndarray | None = None
    problem: str | None = None


def _extract(backbone: Backbone, images: ImageSet, engine: str, use_cache: bool) -> FeatureTable:
    started = time.perf_counter()
    weights_sha256 = backbone.weights_sha256
    cache = _open_cache(backbone, weights_sha256, engine) if use_cache else None
    features = _allocate(len(images), backbone.feature_size)
    problems: dict[int, str] = {}
    waiting: list[_Loaded] = []
    computed = 0
    run: Engine | None = None

    def compute() -> None:
        nonlocal run, computed
        run = run or build_engine(backbone, engine)
        rows = run(np.stack([item.pixels for item in waiting if item.pixels is not None]))
        features[[item.position for item in waiting]] = rows
        if cache is not None:
            cache.put((item.key, row) for item, row in zip(waiting, rows, strict=True))
        computed += len(waiting)
        waiting.clear()

    try:
        with progress(what=f"{backbone.name} features", total=len(images)) as bar:
            load = partial(_load, size=backbone.input_size, cache=cache)
            for item in map_ahead(load, enumerate(images.paths), ahead=4 * BATCH):
                if item.row is not None:
                    features[item.position] = item.row
                elif item.problem is not None:
                    problems[item.position] = item.problem
                else:
                    waiting.append(item)
                    if len(waiting) == BATCH:
                        compute()
                bar.update()
            if waiting:
                compute()
    finally:
        if cache is not None:
            cache.close()
    seconds = time.perf_counter() - started
    record = {
        "backbone": backbone.name,
        "weights_sha256": weights_sha256,
        "provenance": backbone.provenance.to_dict(),
        "input_size": list(backbone.input_size),
        "engine": engine,
        "computed": computed,
        "from_cache": len(images) - computed - len(problems),
        "seconds": round(seconds, 3),
        "images": images.record,
    }
    return _table(backbone, images, features, problems, record)


def _open_cache(backbone: Backbone, weights_sha256: str, engine: str) -> FeatureCache:
    recipe = [
        RECIPE_VERSION,
        weights_sha256,
        str(backbone.preprocessing),
        str(backbone.input_size),
        engine,
        DECODER_VERSION,
    ]
    return FeatureCache(backbone.name, "\n".join(recipe), backbone.feature_size)


def _allocate(rows: int, length: int) -> np.ndarray:
    """Return room for the features: on disk, without a name, where it would fill the memory."""
    if rows * length * 4 <= _IN_MEMORY_BYTES:
        return np.zeros((rows, length), np.float32)
    return np.memmap(tempfile.TemporaryFile(), np.float32, shape=(rows, length))


def _load(numbered: tuple[int, Path], size: tuple[int, int], cache: FeatureCache | None) -> _Loaded:
    """Return what is known of one picture, or its pixels; in a thread of its own."""
    position, path = numbered
    try:
        content = read_picture(path)
        key = picture_key(content)
        if cache is not None and (row := cache.get(key)) is not None:
            return _Loaded(position, key, row=row)
        return _Loaded(position, key, pixels=open_picture(content, size=size))
    except PictureError as error:
        return _Loaded(position, problem=error.received or error.what)


def _table(
    backbone: Backbone,
    images: ImageSet,
    features: np.ndarray,
    problems: dict[int, str],
    record: dict[str, Any],
) -> FeatureTable:
    """Put the table together, without the pictures that could not be read."""
    if problems:
        unreadable = [Problem(images.paths[i], why) for i, why in problems.items()]
        say(f"{len(unreadable)} of {len(images)} pictures cannot be read and are left out:")
        for problem in unreadable[:_PROBLEMS_SHOWN]:
            say(f"  {problem}")
        if len(unreadable) > _PROBLEMS_SHOWN:
            say(f"  … and {len(unreadable) - _PROBLEMS_SHOWN} more, in the table's 'problems'")
        features = np.delete(features, list(problems), axis=0)
        images = images.without(unreadable)
    return FeatureTable(
        features=features,
        labels=images.labels,
        class_names=images.class_names,
        paths=images.paths,
        groups=images.groups,
        splits=images.splits,
        problems=images.problems,
        record=record,
        backbone=backbone,
    )
