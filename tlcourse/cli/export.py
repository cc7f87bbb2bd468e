"""`tlcourse export`: a saved classifier as a file for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def export(
    model: Annotated[Path, typer.Argument(help="A model that 'tlcourse train' wrote.")],
    out: Annotated[
        Path,
        typer.Argument(
            help="What to write: its suffix is .tflite, .onnx, .xml (OpenVINO) or .keras; "
            "without one, a folder for OpenVINO."
        ),
    ],
    test: Annotated[
        Path | None,
        typer.Option(help="A folder with one subfolder of pictures a class, to compare on."),
    ] = None,
    quantise: Annotated[
        str | None, typer.Option(help="int8 (needs --calibrate), or dynamic (.tflite).")
    ] = None,
    calibrate: Annotated[
        Path | None, typer.Option(help="Pictures that --quantise learns the ranges from.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier export of this name.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Export a classifier, run the file by its own runtime, and compare it with Keras."""
    from tlcourse.data import load_images
    from tlcourse.deployment import export
    from tlcourse.deployment.targets import choose_target
    from tlcourse.training import load_classifier

    choose_target(out, quantise, overwrite)  # type: ignore[arg-type]
    report = export(
        load_classifier(model),
        out,
        quantise=quantise,  # type: ignore[arg-type]
        calibration=calibrate,
        test=None if test is None else load_images(test),
        overwrite=overwrite,
    )
    print(json.dumps(report.to_dict()) if as_json else report)
