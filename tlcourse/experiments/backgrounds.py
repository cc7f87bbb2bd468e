"""Backgrounds that give a classifier away, and backgrounds that it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from tlcourse.data import ImageSet, Pictures, PictureSource, find_pictures, open_picture
from tlcourse.errors import HIGHEST_SEED, ArgumentError, must_be, must_be_whole
from tlcourse.experiments.detection import cut_windows, slide_windows


def blacken_edges(pictures: Pictures, width: int = 3) -> np.ndarray:
    """Return pictures of one size with a black edge each: left, right, top and bottom in turn.

    Parameters
    ----------
    pictures
        As for `find_pictures`; all of the same size.
    width
        Of the edge, in pixels.

    Returns
    -------
    `(n, height, width, 3)` uint8.

    """
    must_be_whole("width", width, 1, 10_000)
    edged = np.stack([open_picture(source) for source in find_pictures(pictures)])
    edged[0::4, :, :width] = 0
    edged[1::4, :, -width:] = 0
    edged[2::4, :width] = 0
    edged[3::4, -width:] = 0
    return edged


def add_background(
    images: ImageSet,
    photographs: Mapping[str, PictureSource],
    class_name: str,
    folder: Path,
    *,
    each: int = 25,
    seed: int = 0,
) -> ImageSet:
    """Add windows of photographs to the training part of a set: pictures of what is *not* wanted.

    Parameters
    ----------
    images
        A split set of small grey patches.
    photographs
        By name; on none of them is what the class says that there is not.
    class_name
        What the windows are: one of the set's classes.
    folder
        Where to write them, as PNG files.
    each
        How many to draw from each photograph.
    seed
        Of the draw.

    Returns
    -------
    An `ImageSet`: the old one, with `each` × `len(photographs)` more pictures to learn from. The
    test part is what it was.

    Raises
    ------
    ArgumentError
        When there is no such class, or a photograph has fewer windows than asked for.

    """
    must_be("images", images, ImageSet, "Write images = tl.split(faces) first.")
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    if class_name not in images.class_names or images.splits is None:
        raise ArgumentError(
            "The windows cannot be added to this set.",
            expected=f"a split set, and one of its classes: {', '.join(images.class_names)}",
            received=f"class_name={class_name!r}, {'no split' if images.splits is None else ''}",
        )
    random = np.random.default_rng(seed)
    files = []
    for name, photograph in photographs.items():
        pixels = open_picture(photograph)
        windows = slide_windows(pixels.shape[0], pixels.shape[1])
        must_be_whole("each", each, 1, len(windows))
        drawn = random.permutation(len(windows))[:each]
        patches = cut_windows(pixels, [windows[at] for at in drawn])
        for number, patch in enumerate(patches):
            files.append(Path(folder) / f"{name}-{number:03}.png")
            Image.fromarray(patch).convert("L").save(files[-1])
    labels = np.full(len(files), images.class_names.index(class_name))
    return replace(
        images,
        paths=(*images.paths, *files),
        labels=np.concatenate([images.labels, labels]),
        splits=np.concatenate([images.splits, np.full(len(files), "train")]),
        groups=None,
    )
