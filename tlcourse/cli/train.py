"""`tlcourse train`: from a folder of pictures to a classifier and its report."""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tlcourse.cli.training_steps import Plan, Stages, train_frozen, train_tuned
from tlcourse.errors import ArgumentError
from tlcourse.messages import say

if TYPE_CHECKING:
    from tlcourse.data import ImageSet
    from tlcourse.evaluation import Report
    from tlcourse.training import Classifier

_CHECKED_PICTURES = 16


def train(
    folder: Annotated[
        Path, typer.Argument(help="A folder with one subfolder of pictures a class.")
    ],
    test: Annotated[
        Path | None,
        typer.Option(help="Pictures to judge on; else a quarter of FOLDER is held out."),
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(help="A CSV file with the columns file and label, instead of subfolders."),
    ] = None,
    backbone: Annotated[str, typer.Option(help="The pre-trained network.")] = "efficientnet_lite0",
    head: Annotated[str, typer.Option(help="gap, dense or svm.")] = "gap",
    engine: Annotated[str, typer.Option(help="auto, keras or openvino.")] = "auto",
    size: Annotated[
        int | None, typer.Option(help="Side of the pictures in pixels; else the network's own.")
    ] = None,
    strategy: Annotated[
        str,
        typer.Option(help="freeze_base (the head alone), train_top, train_all or from_scratch."),
    ] = "freeze_base",
    unfreeze: Annotated[
        str | None,
        typer.Option(
            help="What learns with the head: from a block on (block5), a number of layers, a share "
            "such as 0.25, or all; else by the strategy."
        ),
    ] = None,
    epochs: Annotated[int, typer.Option(help="Of fine-tuning, at most.")] = 10,
    seed: Annotated[int, typer.Option(help="For the split, the folds and the weights.")] = 0,
    out: Annotated[Path, typer.Option(help="Where to write the model.")] = Path("model.keras"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Train a classifier on a folder of pictures, judge it, and save it."""
    from tlcourse.backbones import load_backbone
    from tlcourse.evaluation import evaluate
    from tlcourse.training import ledger
    from tlcourse.training.strategies import check_strategy

    out = out.expanduser()
    _check_target(out)
    check_strategy(strategy)
    stages = Stages()
    with stages("read"):
        images, test_images = _read(folder, manifest, test, seed)
    with stages("backbone"):
        network = load_backbone(backbone, input_size=size)
    plan = Plan(network, head, strategy, _as_unfreeze(unfreeze), epochs, engine, seed)
    tunes = strategy != "freeze_base" or unfreeze is not None
    train_it = train_tuned if tunes else train_frozen
    classifier, judged, problems, computed = train_it(plan, images, test_images, stages)
    with stages("evaluate"):
        report = evaluate(classifier, judged)
    with stages("save"):
        classifier.save(out)
    with stages("check"):
        difference, changed = _read_back(out, classifier, judged)
    result = {
        "accuracy": report.accuracy,
        "interval": list(report.interval),
        "n_test": report.n_test,
        "n_train": sum(classifier.record["trained_on"].values()),
        "seconds": stages.seconds,
        "provenance": classifier.record["provenance"],
        "problems": [{"file": str(p.file), "reason": p.reason} for p in problems],
        "model": str(out),
        "engine": judged.record["engine"],
        "computed": computed,
        "largest_difference_when_read_back": difference,
        "answers_changed_when_read_back": changed,
        "report": report.to_dict(),
        "strategy": strategy,
        "learns": ledger(classifier).summary(),
        "history": classifier.history.to_dict() if classifier.history else None,
    }
    if as_json:
        print(json.dumps(result))
    else:
        _print(result, report, classifier)


def _read(
    folder: Path, manifest: Path | None, test: Path | None, seed: int
) -> tuple[ImageSet, ImageSet | None]:
    """Read the pictures to learn from and to judge on; split them where they come as one."""
    from tlcourse.data import load_images, split
    from tlcourse.evaluation import match_classes

    images = load_images(folder, manifest)
    say(repr(images))
    if test is not None:
        test_images = load_images(test)
        say(repr(test_images))
        match_classes(images.class_names, test_images.class_names)
        return images, test_images
    if images.splits is None:
        images = split(images, seed=seed)
        say(f"Held out for judging: {len(images.test):,} pictures, a quarter of each class.")
    return images, None


def _as_unfreeze(text: str | None) -> str | int | float | None:
    """Return a number where a number was typed: "3" layers, a share of "0.25"."""
    for kind in (int, float):
        try:
            return kind(text)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            continue
    return text


def _check_target(out: Path) -> None:
    """Refuse, before any work, a target that cannot be written or is not ours to overwrite."""
    if out.suffix != ".keras":
        problem, received = "The model is saved in Keras' own format.", str(out)
    elif out.is_dir() or (out.exists() and not _is_classifier(out)):
        problem, received = "The target exists and is not a model of this course.", str(out)
    else:
        _try_to_write(out.parent)
        return
    raise ArgumentError(
        problem,
        expected="--out with a name that ends in .keras, new or an earlier model",
        received=f"--out {received}",
        todo="Choose another name; nothing was overwritten.",
    )


def _try_to_write(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ArgumentError(
            "The model could not be written there.",
            expected="--out in a folder that you may write to",
            received=f"{folder}: {error.strerror}",
        ) from error


def _is_classifier(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "tlcourse.json" in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def _read_back(out: Path, classifier: Classifier, judged: Any) -> tuple[float, int]:
    """Read the model from its file; return how far it is from the report, and how many answers.

    That is the largest difference between probabilities, and the number of pictures that get
    another name.

    The report was computed on features of a fast engine, perhaps in half precision; the file holds
    the whole network in Keras. This shows on real pictures that they are the same classifier.
    """
    import numpy as np

    from tlcourse.training import load_classifier

    step = max(1, len(judged) // _CHECKED_PICTURES)
    some = judged.subset(np.arange(0, len(judged), step)[:_CHECKED_PICTURES])
    assert classifier.head is not None
    expected = classifier.head(some.features)
    received = load_classifier(out).predict(list(some.paths)).probabilities
    changed = expected.argmax(axis=1) != received.argmax(axis=1)
    return float(np.abs(expected - received).max()), int(changed.sum())


def _print(result: dict[str, Any], report: Report, classifier: Classifier) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(soft_wrap=True)
    table = Table(title="On pictures that the model has not seen")
    for heading in ("class", "learned from", "judged on", "precision", "recall"):
        table.add_column(heading, justify="left" if heading == "class" else "right")
    for score in report.per_class:
        rates = ("–" if v is None else f"{v:.1%}" for v in (score.precision, score.recall))
        learned = classifier.record["trained_on"][score.name]
        table.add_row(Text(score.name), f"{learned:,}", f"{score.pictures:,}", *rates)
    console.print(table)
    console.print(f"Strategy {result['strategy']}: {result['learns']}.", highlight=False)
    low, high = report.interval
    seconds = result["seconds"]
    console.print(
        f"Accuracy [bold]{report.accuracy:.1%}[/bold] on {report.n_test:,} pictures "
        f"(95% interval {low:.1%} to {high:.1%}); "
        f"always naming the most frequent class would give {report.baseline:.1%}.",
        highlight=False,
    )
    console.print(
        f"Time: {sum(seconds.values()):.1f} s ("
        + ", ".join(f"{name} {value:.1f}" for name, value in seconds.items())
        + f"); engine {result['engine']}.",
        highlight=False,
    )
    if result["problems"]:
        console.print(f"{len(result['problems'])} files were left out:", highlight=False)
        for problem in result["problems"][:10]:
            console.print(
                f"  {problem['file']}: {problem['reason']}", highlight=False, markup=False
            )
    changed = result["answers_changed_when_read_back"]
    console.print(
        f"Model: {result['model']} (read back from its file: "
        f"{f'{changed} answers differ' if changed else 'same answers'}, "
        f"probabilities within {result['largest_difference_when_read_back']:.3f})",
        highlight=False,
        markup=False,
    )
