"""How often a test set was used, and for how many models.

Whoever tries models on one test set and keeps the best has chosen it by the test: its accuracy
there is too good (Dwork et al. 2015, 'The reusable holdout'). The count lies in the cache folder,
under a hash of the test's pictures and names, so that it is the same set wherever it lies.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tlcourse.assets import atomic_write, cache_folder, file_hash, locked
from tlcourse.data import ImageSet
from tlcourse.errors import AssetError, must_be
from tlcourse.evaluation.answers import part_or_all
from tlcourse.features import FeatureTable
from tlcourse.training import Classifier

_hashes: dict[tuple[Path, int, int], str] = {}
"""Of files that this process has read, by path, size and time."""


class Uses(NamedTuple):
    """How often a test set was judged on, and how many different models that were."""

    times: int
    models: int

    def __str__(self) -> str:
        if not self.times:
            return "This test set has not been used yet."
        times = "once" if self.times == 1 else f"{self.times:,} times"
        models = "one model" if self.models == 1 else f"{self.models:,} models"
        return f"This test set has been used {times}, by {models}."


def test_uses(images: ImageSet | FeatureTable) -> Uses:
    """Tell how often a test set was used by `evaluate` on this machine.

    Parameters
    ----------
    images
        The test; of a split set its part "test".

    Returns
    -------
    `Uses`; zeros where it was not used, or where its files cannot be read any more.

    """
    todo = "Write tl.test_uses(images), with pictures as from tl.load_images."
    must_be("images", images, (ImageSet, FeatureTable), todo)
    asked = part_or_all(images, "test")
    try:
        return _count(_read(_file(content_hash(asked.paths, asked.labels, asked.class_names))))
    except (OSError, AssetError):
        return Uses(0, 0)


def count_use(
    classifier: Classifier, paths: Sequence[Path], labels: np.ndarray, class_names: tuple[str, ...]
) -> Uses:
    """Count one use of a test set by a model, and return how many there are now.

    A cache that cannot be written, or files that cannot be read, stop nobody from judging: then
    nothing is counted.
    """
    try:
        digest = content_hash(paths, labels, class_names)
        model = _model_hash(classifier)
        with locked(f"test-{digest}"):
            uses = _read(_file(digest))
            uses[model] = uses.get(model, 0) + 1
            with atomic_write(_file(digest)) as file:
                file.write(json.dumps({"models": uses}).encode())
        return _count(uses)
    except (OSError, AssetError):
        return Uses(0, 0)


def content_hash(paths: Sequence[Path], labels: np.ndarray, class_names: tuple[str, ...]) -> str:
    """Return the SHA-256 over pictures and their names, whatever their order and folder."""
    rows = [
        f"{_hash_of(path)} {class_names[label]}" for path, label in zip(paths, labels, strict=True)
    ]
    return hashlib.sha256("\n".join(sorted(rows)).encode("utf-8", "surrogateescape")).hexdigest()


def _hash_of(path: Path) -> str:
    about = path.stat()
    key = path, about.st_size, about.st_mtime_ns
    if key not in _hashes:
        _hashes[key] = file_hash(path)
    return _hashes[key]


def _model_hash(classifier: Classifier) -> str:
    digest = hashlib.sha256()
    for variable in classifier.model.variables:
        digest.update(np.ascontiguousarray(variable.numpy()).data)
    return digest.hexdigest()[:32]


def _file(digest: str) -> Path:
    return cache_folder() / "tests" / f"{digest}.json"


def _read(path: Path) -> dict[str, int]:
    """Return the uses by model; a damaged file counts as none."""
    try:
        uses = json.loads(path.read_bytes())["models"]
        return {str(model): int(number) for model, number in uses.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _count(uses: dict[str, int]) -> Uses:
    return Uses(sum(uses.values()), len(uses))
