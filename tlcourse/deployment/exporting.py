"""`export`: a file that other programs run, and the proof that it is the same model."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from tlcourse.data import ImageSet, Pictures, Problem, find_pictures, load_pictures
from tlcourse.deployment.conversion import convert
from tlcourse.deployment.correction import correct_biases
from tlcourse.deployment.report import ExportReport, Measured
from tlcourse.deployment.runtimes import Runner, keras_runner, open_export
from tlcourse.deployment.targets import Quantisation, Target, choose_target, put_in_place
from tlcourse.errors import ArgumentError, DataError, must_be
from tlcourse.evaluation import match_classes
from tlcourse.messages import progress, say
from tlcourse.training import Classifier

_CALIBRATING = 64
"""Pictures that are enough to learn ranges and shifts from; more take minutes."""

_CHUNK = 32
_PATTERNS = 8
_WARM_UP = 2

Answers = list[tuple[np.ndarray, float]]
"""Probabilities of a picture, and the seconds that they took."""


def export(
    classifier: Classifier,
    path: str | Path,
    *,
    quantise: Quantisation | None = None,
    calibration: Pictures | None = None,
    test: ImageSet | None = None,
    overwrite: bool = False,
) -> ExportReport:
    """Write a classifier for another program, run it there, and compare it with Keras.

    Every format takes `uint8` RGB pictures and gives probabilities: preprocessing is inside, and so
    are the class names, which also lie next to the file, one a line.

    Parameters
    ----------
    classifier
        From `train_head` or `load_classifier`.
    path
        Its suffix says the format: `.tflite` (LiteRT, for phones; one picture a call), `.onnx`
        (ONNX, 2022's opset 17), `.xml` (OpenVINO, with a `.bin`), `.keras`; without a suffix a
        folder that gets an OpenVINO model.
    quantise
        None keeps the numbers as they are. `"int8"` computes in eight bits: a quarter of the size;
        weights have a scale for each channel, activations one each, learned from `calibration`, and
        the shifts that rounding causes are taken out of the biases (Nagel et al. 2019). `"dynamic"`
        (`.tflite` only) stores weights in eight bits and learns no ranges of activations; biases
        are corrected where there is a `calibration`.
    calibration
        Pictures like those that the model will see, not those of the test: about 64, evenly taken
        from what is given.
    test
        Pictures to compare on; of a split set its part "test". Without it the two are compared on a
        few generated patterns.
    overwrite
        Whether an earlier export of this name may be replaced.

    Returns
    -------
    An `ExportReport`.

    Raises
    ------
    ArgumentError
        When there is no such format or quantisation, a package is missing, or files are in the way.
    EngineError
        When a converter or a runtime fails.
    ModelFileError
        When the files cannot be written; nothing half-written is left.

    References
    ----------
    M. Nagel, M. van Baalen, T. Blankevoort and M. Welling (2019). Data-free quantization through
    weight equalization and bias correction. ICCV.

    """
    must_be("classifier", classifier, Classifier, "Write tl.load_classifier('model.keras') first.")
    must_be("path", path, (str, Path), "Give the path of the file to write, 'model.tflite'.")
    target = choose_target(Path(path), quantise, overwrite)
    if test is not None:
        must_be("test", test, ImageSet, "Write test = tl.load_images('folder') first.")
        if test.splits is not None and (test.splits == "test").any():
            test = test.test
        match_classes(classifier.class_names, test.class_names)
    pictures = _calibrating(classifier, quantise, calibration)
    with put_in_place(target) as made:
        size = _write(classifier, target, made, quantise, pictures)
    return _compare(classifier, target, size, quantise, test)


def _write(
    classifier: Classifier,
    target: Target,
    made: Path,
    quantise: Quantisation | None,
    pictures: np.ndarray | None,
) -> int:
    """Write the export into its scratch folder, and return the size of the Keras file in bytes."""
    import keras

    with tempfile.TemporaryDirectory(dir=made.parent) as scratch:
        saved = classifier.save(Path(scratch) / "model.keras")
        size = saved.stat().st_size
        if target.format.suffix == ".keras":
            saved.replace(made)
            return size
        model = classifier.model
        if quantise is not None and pictures is not None:
            model = keras.models.load_model(saved, compile=False)
            correct_biases(model, pictures)
    say(f"Writing {target.path.name} ({target.format.name})…")
    convert(model, classifier.class_names, target, made, quantise, pictures)
    return size


def _calibrating(
    classifier: Classifier, quantise: Quantisation | None, given: Pictures | None
) -> np.ndarray | None:
    """Return `(n, height, width, 3)` uint8 pictures, evenly taken from those given."""
    if given is None:
        if quantise == "int8":
            raise ArgumentError(
                "Eight bits need pictures to learn the ranges of the numbers from.",
                expected="calibration: a folder or an ImageSet, such as images.train",
                received="calibration=None",
                todo="Give pictures that the test does not hold (--calibrate FOLDER).",
            )
        return None
    sources = find_pictures(given)
    step = max(1, len(sources) // _CALIBRATING)
    loaded = load_pictures(sources[::step][:_CALIBRATING], classifier.input_size)
    pictures = [pixels for _, pixels in loaded if not isinstance(pixels, Problem)]
    if not pictures:
        raise DataError(
            "There is no picture to calibrate with.",
            expected="at least one readable picture",
            received=f"{len(sources):,} that cannot be read",
        )
    return np.stack(pictures)


def _compare(
    classifier: Classifier,
    target: Target,
    size: int,
    quantise: Quantisation | None,
    test: ImageSet | None,
) -> ExportReport:
    """Run both models on the same pictures, one at a time, in turns of a few dozen."""
    both: tuple[Runner, Runner] = (
        keras_runner(classifier.model),
        open_export(target.path, target.format),
    )
    answers: tuple[Answers, Answers] = ([], [])
    truth: list[int | None] = []
    source = _tested(classifier, test)
    with progress(what=f"running {target.path.name}", total=len(test) if test else None) as bar:
        while chunk := list(islice(source, _CHUNK)):
            truth += [label for _, label in chunk]
            for run, kept in zip(both, answers, strict=True):
                if not kept:
                    for picture, _ in chunk[:_WARM_UP]:
                        run(picture)
                kept += [_timed(run, picture) for picture, _ in chunk]
            bar.update(len(chunk))
    if not truth:
        raise DataError(
            "There is no picture to compare on; the export itself is written.",
            expected="at least one readable test picture",
            received="none",
        )
    ours, theirs = (np.stack([row for row, _ in kept]) for kept in answers)
    names = "Keras", f"{target.format.name}{f' {quantise}' if quantise else ''}"
    sizes = size, sum(f.stat().st_size for f in target.files if not f.name.endswith(".txt"))
    measured = [
        Measured(name, bytes_, 1000 * float(np.median([s for _, s in kept])), _share(rows, truth))
        for name, bytes_, kept, rows in zip(names, sizes, answers, (ours, theirs), strict=True)
    ]
    return ExportReport(
        path=target.path,
        files=target.files,
        format=target.format.name,
        runtime=target.format.runtime,
        quantise=quantise,
        keras=measured[0],
        exported=measured[1],
        n_pictures=len(truth),
        on_test=test is not None,
        agreement=float((ours.argmax(axis=1) == theirs.argmax(axis=1)).mean()),
        largest_difference=float(np.abs(ours - theirs).max()),
    )


def _timed(run: Runner, picture: np.ndarray) -> tuple[np.ndarray, float]:
    started = time.perf_counter()
    answer = run(picture)
    return answer, time.perf_counter() - started


def _share(rows: np.ndarray, truth: list[int | None]) -> float | None:
    """Return the accuracy, where the truth is known."""
    return None if truth[0] is None else float((rows.argmax(axis=1) == truth).mean())


def _tested(
    classifier: Classifier, test: ImageSet | None
) -> Iterator[tuple[np.ndarray, int | None]]:
    """Yield pictures with the columns of their classes; unreadable ones are left out."""
    if test is None:
        yield from ((pattern, None) for pattern in _patterns(classifier.input_size))
        return
    columns = match_classes(classifier.class_names, test.class_names)[test.labels]
    loaded: Any = load_pictures(find_pictures(test), classifier.input_size)
    for (_, pixels), column in zip(loaded, columns.tolist(), strict=True):
        if not isinstance(pixels, Problem):
            yield pixels, column


def _patterns(size: tuple[int, int]) -> Iterator[np.ndarray]:
    """Yield smooth coloured patterns, the same each time."""
    from PIL import Image

    random = np.random.RandomState(0)  # the generator whose numbers never change
    for side in np.linspace(2, 16, _PATTERNS).astype(int):
        coarse = Image.fromarray(random.randint(0, 256, (side, side, 3)).astype(np.uint8))
        yield np.asarray(coarse.resize((size[1], size[0]), Image.Resampling.BICUBIC))
