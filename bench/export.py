"""Exported models against Keras: does the file say what the model says, how large, how fast?

    python bench/export.py                      # the fleet, its test vessels
    python bench/export.py FOLDER               # with train and val or test in it
    python bench/export.py --backbone vgg16

Every format is run by its own runtime on all test pictures, one at a time. For eight bits the
ranges are learned from training pictures. The head is trained on frozen features; with `--tuned`
the upper quarter of the layers is fine-tuned as well.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tlcourse.backbones import load_backbone
from tlcourse.data import ImageSet, load_dataset, load_images
from tlcourse.deployment import export
from tlcourse.features import extract_features
from tlcourse.training import fine_tune, train_head

FILES = [
    ("model.tflite", None), ("model.onnx", None), ("model.xml", None), ("model.keras", None),
    ("dynamic.tflite", "dynamic"), ("int8.tflite", "int8"), ("int8.onnx", "int8"),
    ("int8.xml", "int8"),
]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--backbone", default="efficientnet_lite0")
    parser.add_argument("--tuned", action="store_true")
    arguments = parser.parse_args()
    train, test = parts(arguments.folder)
    backbone = load_backbone(arguments.backbone)
    classifier = train_head(extract_features(backbone, train))
    if arguments.tuned:
        classifier = fine_tune(classifier, train, unfreeze=0.25)
    name = arguments.folder.name if arguments.folder else "fleet"
    kind = "fine-tuned" if arguments.tuned else "frozen, new head"
    print(f"\n{arguments.backbone}, {kind}; {len(test)} test pictures of {name}\n")
    print("| format | runtime | same name as Keras | accuracy | size, MB | ms a picture |")
    print("|---|---|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for file, quantise in FILES:
            own = Path(folder) / file.replace(".", "-")
            own.mkdir()
            found = export(
                classifier, own / file, test=test, quantise=quantise,
                calibration=train if quantise else None,
            )  # fmt: skip
            if file == FILES[0][0]:
                show("Keras", "keras", 1.0, found.keras)
            show(f"{found.format} {quantise or ''}", found.runtime, found.agreement, found.exported)


def parts(folder: Path | None) -> tuple[ImageSet, ImageSet]:
    """Return what to learn from, and what to judge on."""
    if folder is None:
        fleet = load_dataset("fleet")
        return fleet.train, fleet.test
    test = next(folder / name for name in ("test", "val") if (folder / name).is_dir())
    return load_images(folder / "train"), load_images(test)


def show(what: str, runtime: str, agreement: float, measured) -> None:
    print(
        f"| {what} | {runtime} | {agreement:.1%} | {measured.accuracy:.1%} "
        f"| {measured.size / 1e6:.1f} | {measured.milliseconds:.1f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
