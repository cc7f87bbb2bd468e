"""Where the weights of a backbone come from: a source after the other, each one verified.

The order: a path that the user gives; the Keras cache; an installed package; a verified download.
Only the last needs a network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from tlcourse.assets import Asset, cache_folder, fetch, get_asset, locate, locked, matches
from tlcourse.backbones.efficientnet_lite import tensors_from_torch
from tlcourse.backbones.tensors import (
    Tensors,
    load_tensors,
    save_tensors,
    tensors_sha256,
    vgg16_from_onnx,
)
from tlcourse.backbones.torch_file import read_torch_file
from tlcourse.errors import WeightsError
from tlcourse.messages import say

Source = Literal["file", "keras cache", "package", "download", "random"]


@dataclass(frozen=True)
class Provenance:
    """Where the weights of a backbone came from.

    Parameters
    ----------
    source
        `"file"` (a path that the user gave), `"keras cache"`, `"package"`, `"download"` or
        `"random"`.
    detail
        The source in plain words: which package, which file, which seed.
    check
        How the weights were verified: by the SHA-256 of their tensors, by the publisher's hash of
        the file, or not at all (a user's own file).
    licence, citation
        Under what terms they may be used, and the paper to cite.

    """

    source: Source
    detail: str
    check: str
    licence: str
    citation: str

    def __str__(self) -> str:
        return f"{self.detail} ({self.check})\n  licence: {self.licence}\n  cite: {self.citation}"

    def to_dict(self) -> dict[str, str]:
        """Return the fields as a JSON-able dictionary."""
        return asdict(self)


@dataclass(frozen=True)
class Weights:
    """Weights that were found: as a file that Keras loads by itself, as tensors, or neither."""

    provenance: Provenance
    keras_file: Path | None = None
    tensors: Tensors | None = None


@dataclass(frozen=True)
class _Packaged:
    """A network whose weights an installable package carries, in a format of their own."""

    asset: str
    convert: Callable[[Path], Tensors]
    sha256: str
    """Of the converted tensors, as `tensors_sha256` computes it."""


_PACKAGED = {
    "vgg16": _Packaged(
        asset="vgg16_onnx",
        convert=vgg16_from_onnx,
        sha256="0e13a8efbb3de7b9b47723fd12eca6dcac2ff7cde53bcc79c4ad7a789ff5d48f",
    ),
    "efficientnet_lite0": _Packaged(
        asset="efficientnet_lite0_torch",
        convert=lambda path: tensors_from_torch(read_torch_file(path)),
        sha256="29a5714ae3cb3f72a597b7dd5fb76eed81c2c2f1a9200cd887f8996418e2a3b5",
    ),
}


def find_weights(name: str, *, include_top: bool, given: str | Path | None, seed: int) -> Weights:
    """Return the weights of a network from the first source that has them.

    Parameters
    ----------
    name
        A canonical name out of `list_backbones()`.
    include_top
        Whether the ImageNet classifier is wanted.
    given
        The path of a user's own file, `"random"`, or None for the published weights.
    seed
        Recorded for `"random"`.

    Raises
    ------
    WeightsError
        When a given file is missing or cannot be read.
    OfflineError, AssetError
        When the published weights are nowhere and cannot be downloaded.

    """
    if given == "random":
        words = f"random numbers, seed {seed}"
        return Weights(Provenance("random", words, "it has learned nothing", "none", "none"))
    # The package carries VGG-16 without its top, and Keras has no EfficientNet-Lite0.
    packaged = None if name == "vgg16" and include_top else _PACKAGED.get(name)
    if name == "efficientnet_lite0":
        official = None
    else:
        official = get_asset(f"keras/{name}/{'top' if include_top else 'notop'}")
    if given is not None:
        return _from_file(name, Path(given), official, packaged)
    if official is not None and (located := locate(official)) is not None:
        source: Source = "keras cache" if located.source.kind == "keras_cache" else "download"
        return _from_keras(official, located.path, source, f"in {located.source}")
    if packaged is not None:
        return _from_package(name, packaged)
    assert official is not None  # every network is in one of the two tables
    return _from_keras(official, fetch(official), "download", "downloaded")


def _from_keras(official: Asset, path: Path, source: Source, where: str) -> Weights:
    words = f"the official Keras file {official.filename}, {where}"
    return Weights(_published(source, words, "verified by the published hash", official), path)


def _from_package(name: str, packaged: _Packaged) -> Weights:
    """Convert what the package carries, once; later starts read the converted file."""
    asset = get_asset(packaged.asset)
    converted = cache_folder() / "backbones" / f"{name}-{packaged.sha256[:12]}.npz"
    with locked(f"convert-{name}"):
        tensors = _load_converted(converted, packaged.sha256)
        if tensors is None:
            tensors = packaged.convert(fetch(asset))
            if (received := tensors_sha256(tensors)) != packaged.sha256:
                raise WeightsError(
                    f"The weights of '{name}' in {asset.filename} are not the genuine ones.",
                    expected=f"tensors with SHA-256 {packaged.sha256}",
                    received=received,
                    todo="Reinstall the package that carries them.",
                )
            save_tensors(converted, tensors)
    words = f"the installed package {asset.sources[0].package}, {asset.filename}"
    provenance = _published("package", words, "tensors verified by SHA-256", asset)
    return Weights(provenance, tensors=tensors)


def _load_converted(path: Path, sha256: str) -> Tensors | None:
    """Return the converted tensors, or None where there are none that can be trusted."""
    if not path.exists():
        return None
    try:
        tensors = load_tensors(path)
        if tensors_sha256(tensors) == sha256:
            return tensors
    except WeightsError:
        pass
    say(f"The converted weights in {path} are damaged; they are made anew.")
    return None


def _from_file(
    name: str, path: Path, official: Asset | None, packaged: _Packaged | None
) -> Weights:
    """Take a user's own file: Keras' formats, or the format of the package."""
    if not path.is_file():
        raise WeightsError(
            f"The weight file of '{name}' is not there.",
            expected="a path of a file, None (the published weights) or 'random'",
            received=f"weights='{path}'",
            todo="Check the path.",
        )
    if path.suffix == ".h5":
        genuine = official is not None and matches(official, path)
        known, tensors = official, None
    elif packaged is not None and path.suffix in (".onnx", ".pth"):
        tensors = packaged.convert(path)
        genuine = tensors_sha256(tensors) == packaged.sha256
        known = get_asset(packaged.asset)
    else:
        raise WeightsError(
            f"A weight file of this format cannot be read for '{name}'.",
            expected="an .h5 or .weights.h5 file that Keras wrote",
            received=f"weights='{path}'",
            todo="In Keras, write one with model.save_weights('name.weights.h5').",
        )
    if genuine and known is not None:
        provenance = _published("file", f"your file {path}", "it is the published one", known)
    else:
        words = "not the published weights, so not verified"
        provenance = Provenance("file", f"your file {path}", words, "yours to know", "its author")
    return Weights(provenance, None if tensors else path, tensors)


def _published(source: Source, detail: str, check: str, asset: Asset) -> Provenance:
    return Provenance(source, detail, check, asset.licence, asset.citation)
