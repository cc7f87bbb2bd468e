"""A classifier for your own classes: from raw pictures to named probabilities, in one file.

The file is an ordinary `.keras` archive with one more member, `tlcourse.json`: class names, and how
the model was made. Plain Keras opens it too, and the preprocessing is inside the graph, so pixels
or labels cannot be mixed up.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.data import Pictures, Problem, find_pictures, load_pictures
from tlcourse.errors import ArgumentError, ModelFileError, must_be
from tlcourse.messages import progress
from tlcourse.quiet import start_tensorflow
from tlcourse.training.predictions import Predictions

if TYPE_CHECKING:
    import keras

    from tlcourse.backbones import Backbone
    from tlcourse.training.heads import Head
    from tlcourse.training.history import History

_MEMBER = "tlcourse.json"
_FORMAT = "tlcourse classifier 1"
_BATCH = 32


class Classifier:
    """A Keras model from `uint8` pictures to probabilities, with the names of its classes.

    Attributes
    ----------
    model : keras.Model
        From `(n, height, width, 3)` uint8 RGB to `(n, classes)` float32 probabilities.
    class_names : tuple of str
        The columns of the probabilities.
    record : dict
        How it was made: backbone and its provenance, head, data, versions.
    backbone, head
        The backbone and the head that the model was put together from, where this process made it;
        None for a classifier read from a file.
    learned_from : frozenset of Path
        The pictures that it has learned from, as far as this process knows; not saved.
    history : History or None
        The epochs of `fine_tune`, in the process that trained it; not saved.

    """

    def __init__(
        self,
        model: keras.Model,
        class_names: tuple[str, ...],
        record: dict[str, Any],
        *,
        backbone: Backbone | None = None,
        head: Head | None = None,
    ) -> None:
        self.model = model
        self.class_names = class_names
        self.record = record
        self.backbone = backbone
        self.head = head
        self.learned_from: frozenset[Path] = frozenset()
        self.history: History | None = None

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width in pixels of the pictures that the model takes."""
        return self.model.input_shape[1:3]

    def predict(self, pictures: Pictures) -> Predictions:
        """Name what is in pictures.

        Parameters
        ----------
        pictures
            A file, a folder (searched through with its subfolders), a Pillow image, a uint8 array
            `(height, width, 3)` or `(n, height, width, 3)`, an `ImageSet`, or a list of these.

        Returns
        -------
        `Predictions`; files that cannot be read stand in its `problems`.

        Raises
        ------
        DataError
            When a folder holds no pictures.

        """
        sources = find_pictures(pictures)
        names: list[str] = []
        problems: list[Problem] = []
        waiting: list[np.ndarray] = []
        rows = [np.zeros((0, len(self.class_names)), np.float32)]

        def compute() -> None:
            rows.append(self.model.predict_on_batch(np.stack(waiting)))
            waiting.clear()

        loaded = load_pictures(sources, self.input_size)
        for name, pixels in progress(loaded, what="predicting", total=len(sources)):
            if isinstance(pixels, Problem):
                problems.append(pixels)
                continue
            names.append(name)
            waiting.append(pixels)
            if len(waiting) == _BATCH:
                compute()
        if waiting:
            compute()
        return Predictions(tuple(names), np.concatenate(rows), self.class_names, tuple(problems))

    def save(self, path: str | Path) -> Path:
        """Write everything that prediction needs to one `.keras` file, all or nothing.

        Raises
        ------
        ArgumentError
            When the name does not end in `.keras`.
        ModelFileError
            When the file cannot be written; one that was there before is untouched.

        """
        must_be("path", path, (str, Path), "Give the path of a .keras file.")
        path = Path(path).expanduser()
        if path.suffix != ".keras":
            raise ArgumentError(
                "A classifier is saved in Keras' own format.",
                expected="a path that ends in .keras",
                received=f"path='{path}'",
            )
        described = {"format": _FORMAT, "class_names": self.class_names, "record": self.record}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=path.parent, prefix=".tlcourse-") as scratch:
                made = Path(scratch) / "model.keras"
                self.model.save(made)
                with zipfile.ZipFile(made, "a") as archive:
                    archive.writestr(_MEMBER, json.dumps(described, indent=1))
                made.replace(path)
        except OSError as error:
            raise ModelFileError(
                f"The model cannot be written to '{path}'.",
                received=error.strerror or str(error),
                todo="Choose a folder that you may write to, on a disk with room for it.",
            ) from error
        return path

    def __repr__(self) -> str:
        names = ", ".join(self.class_names[:8]) + (" …" if len(self.class_names) > 8 else "")
        height, width = self.input_size
        backbone, head = self.record.get("backbone", "?"), self.record.get("head", "?")
        return (
            f"Classifier of {len(self.class_names)} classes ({names}): {head} head on {backbone}, "
            f"{height}x{width} pixels in, {self.model.count_params():,} parameters"
        )


def load_classifier(path: str | Path) -> Classifier:
    """Read a classifier that `Classifier.save` wrote.

    Raises
    ------
    ModelFileError
        When the file is missing, damaged, or a model without class names.

    """
    must_be("path", path, (str, Path), "Give the path of a .keras file.")
    path = Path(path).expanduser()
    if not path.is_file():
        raise ModelFileError(
            f"There is no model at '{path}'.",
            expected="a .keras file",
            received="a folder" if path.is_dir() else "nothing",
            todo="Make one with 'tlcourse train FOLDER --out model.keras'.",
        )
    try:
        with zipfile.ZipFile(path) as archive:
            described = json.loads(archive.read(_MEMBER))
        if described["format"] != _FORMAT:
            raise ValueError(f"format {described['format']!r}")
        start_tensorflow()
        import keras

        model = keras.models.load_model(path, compile=False)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, TypeError, EOFError) as error:
        raise ModelFileError(
            f"The model '{path}' cannot be read.",
            expected=f"a file that Classifier.save wrote ({_FORMAT})",
            received=f"{type(error).__name__}: {str(error).strip().splitlines()[0]}",
            todo="Train it again, or copy the file anew.",
        ) from error
    return Classifier(model, tuple(described["class_names"]), described["record"])
