"""Copies of a set in which every picture was changed, or is there more than once."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from tlcourse.augmentation import Augmentation
from tlcourse.data import ImageSet, open_picture
from tlcourse.errors import ArgumentError, DataError, must_be, must_be_whole
from tlcourse.messages import progress
from tlcourse.parallel import map_ahead

Change = Callable[[np.ndarray], np.ndarray]
"""From `(height, width, 3)` uint8 to the same, of any size."""

FILM = Augmentation(max_changes=3, rotation=8, zoom=0.1)
"""How much the frames of a film differ: a little moved, turned and relit."""

_SIDE = 256
_DARKER = 0.9
_TODO = 'Write images = tl.load_dataset("fleet") first.'


def write_changed(images: ImageSet, folder: str | Path, change: Change) -> ImageSet:
    """Write every picture of a set anew, after something was done to it.

    Parameters
    ----------
    images
        The pictures.
    folder
        Where to write them, as PNG files with numbers for names; what lies there under such a name
        is written over.
    change
        What is done to each.

    Returns
    -------
    The same set with the new files: labels, groups and splits stay.

    Raises
    ------
    PictureError
        When a picture cannot be read, or `change` made none.

    """
    must_be("images", images, ImageSet, _TODO)

    def work(numbered: tuple[int, Path]) -> Path:
        number, path = numbered
        return _write(change(open_picture(path)), Path(folder) / f"{number:05}.png")

    Path(folder).mkdir(parents=True, exist_ok=True)
    made = map_ahead(work, enumerate(images.paths))
    paths = tuple(progress(made, what="Writing pictures", total=len(images)))
    return replace(images, paths=paths)


def make_near_copies(
    images: ImageSet,
    folder: str | Path,
    copies: int = 6,
    augmentation: Augmentation = FILM,
    *,
    seed: int = 0,
) -> ImageSet:
    """Write several near copies of each picture, as the frames of a film are near copies.

    Parameters
    ----------
    images
        The pictures; their groups and splits are not used.
    folder
        Where to write them, as PNG files.
    copies
        How many of each picture, 2 or more. Some stay as the picture was.
    augmentation
        By how much they differ.
    seed
        Another number makes other copies.

    Returns
    -------
    ImageSet
        All copies, those of one picture one after another, and a group of their own.

    Raises
    ------
    PictureError
        When a picture cannot be read.

    """
    must_be("images", images, ImageSet, _TODO)
    must_be_whole("copies", copies, 2, 1000)
    drawn = replace(augmentation, seed=seed)
    root = Path(folder)
    root.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, path in enumerate(progress(images.paths, what="Writing near copies")):
        pixels = np.stack([open_picture(path, (_SIDE, _SIDE))] * copies)
        numbers = range(number * copies, (number + 1) * copies)
        for copy, changed in enumerate(drawn(pixels, numbers)):
            paths.append(_write(changed, root / f"{number:05}_{copy}.png"))
    return ImageSet(
        paths=tuple(paths),
        labels=np.repeat(images.labels, copies),
        class_names=images.class_names,
        groups=np.repeat([f"{number:05}" for number in range(len(images))], copies),
        record={"folder": str(root), "copies": copies, "seed": seed},
    )


def leak_into_training(
    learned: ImageSet, test: ImageSet, folder: str | Path, share: float = 0.5, *, seed: int = 0
) -> ImageSet:
    """Return a split set of which some test pictures are also in the training, saved anew.

    Every such copy is a little darker and of lower quality, as a picture that came by another way:
    its bytes are others. Nothing else tells it.

    Parameters
    ----------
    learned, test
        Pictures to learn from and to judge with, of the same classes.
    folder
        Where to write the copies, as JPEG files.
    share
        How much of the test pictures, 0 to 1.
    seed
        Which pictures.

    Returns
    -------
    ImageSet
        With the parts "train", which has the copies, and "test"; without groups.

    Raises
    ------
    ArgumentError
        When the share is none.
    DataError
        When the two sets have other classes.

    """
    must_be("learned", learned, ImageSet, _TODO)
    must_be("test", test, ImageSet, _TODO)
    if not 0 <= share <= 1:
        raise ArgumentError(
            "The argument 'share' is none.", expected="0 to 1", received=f"share={share!r}"
        )
    if learned.class_names != test.class_names:
        raise DataError(
            "The two sets have other classes.",
            expected=", ".join(learned.class_names),
            received=", ".join(test.class_names),
        )
    root = Path(folder)
    root.mkdir(parents=True, exist_ok=True)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(test))[: round(share * len(test))])
    copies = []
    for position in chosen.tolist():
        darker = np.rint(_DARKER * open_picture(test.paths[position])).astype(np.uint8)
        copies.append(_write(darker, root / f"IMG_{2000 + position}.jpg", "JPEG", quality=60))
    return ImageSet(
        paths=(*learned.paths, *copies, *test.paths),
        labels=np.concatenate([learned.labels, test.labels[chosen], test.labels]),
        class_names=learned.class_names,
        splits=np.repeat(["train", "test"], [len(learned) + len(copies), len(test)]),
    )


def _write(pixels: np.ndarray, path: Path, kind: str = "PNG", **options: int) -> Path:
    """Write a picture, over what lies there under this name."""
    if kind == "PNG":
        options = {"compress_level": 1}
    buffer = io.BytesIO()
    Image.fromarray(open_picture(pixels)).save(buffer, kind, **options)
    path.write_bytes(buffer.getvalue())
    return path
