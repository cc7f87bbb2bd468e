"""`load_backbone`: from a name to a network on genuine weights."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.backbones.applications import APPLICATIONS, build_application, feature_map_model
from tlcourse.backbones.backbone import Backbone
from tlcourse.backbones.efficientnet_lite import FEATURE_LAYER, build_efficientnet_lite0
from tlcourse.backbones.preprocessing import EFFICIENTNET_LITE
from tlcourse.backbones.tensors import assign_tensors
from tlcourse.backbones.weights import Weights, find_weights
from tlcourse.errors import (
    HIGHEST_SEED,
    ArgumentError,
    WeightsError,
    must_be,
    must_be_whole,
)
from tlcourse.messages import say_once
from tlcourse.quiet import start_tensorflow

if TYPE_CHECKING:
    import keras

_LITE = "efficientnet_lite0"
_SMALLEST, _LARGEST = 32, 1024
"""Below, the last feature map of most networks is empty; above, a batch fills a laptop's memory."""


def list_backbones() -> tuple[str, ...]:
    """Return the names that `load_backbone` knows; the first two need no download."""
    return (_LITE, "vgg16", *(name for name in APPLICATIONS if name != "vgg16"))


def load_backbone(
    name: str,
    *,
    weights: str | Path | None = None,
    include_top: bool | None = None,
    input_size: int | None = None,
    seed: int = 0,
) -> Backbone:
    """Load a pre-trained network, and say once where its weights came from.

    Parameters
    ----------
    name
        `"vgg16"` (Simonyan and Zisserman 2015), `"efficientnet_lite0"` (Tan and Le 2019; Liu 2020)
        or any network of `keras.applications`, such as `"resnet50"`; see `list_backbones()`.
    weights
        None for the published ImageNet weights; a path to a weight file of your own; `"random"`
        for a network that has learned nothing.
    include_top
        Whether to load the ImageNet classifier too, for `predict_classes`. None loads it where it
        comes with the weights (`efficientnet_lite0`), and leaves it out elsewhere.
    input_size
        Side in pixels of the square pictures; None takes the size that the network was trained at.
    seed
        For `weights="random"`.

    Returns
    -------
    A `Backbone`; its `provenance` tells source, check, licence and citation.

    Raises
    ------
    ArgumentError
        When the name is unknown or an argument does not fit it.
    WeightsError, OfflineError
        When the weights cannot be had; the message names the file, its hash and where to put it.

    """
    name = _canonical(name)
    is_lite = name == _LITE
    top = is_lite if include_top is None else include_top
    if input_size is not None:
        must_be_whole("input_size", input_size, _SMALLEST, _LARGEST)
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    if weights == "imagenet":
        raise ArgumentError(
            "The published ImageNet weights have no name of their own here.",
            expected="weights=None for them, a path, or 'random'",
            received="weights='imagenet'",
            todo=f'Leave the argument out: tl.load_backbone("{name}").',
        )
    start_tensorflow()
    found = find_weights(name, include_top=top, given=weights, seed=seed)
    if weights == "random":
        _seed_keras(seed)
    build = _build_lite if is_lite else _build_application
    backbone = build(name, found, top, input_size)
    say_once(f"{name}: weights from {backbone.provenance}")
    return backbone


def _canonical(name: str) -> str:
    """Accept the spellings that people use: `ResNet50V2`, `resnet50_v2`, `efficientnet-lite0`."""

    def plain(text: str) -> str:
        return "".join(character for character in text.lower() if character.isalnum())

    must_be("name", name, str, 'Write tl.load_backbone("vgg16"), for example.')
    for known in list_backbones():
        if plain(known) == plain(name):
            return known
    raise ArgumentError(
        "There is no backbone of this name.",
        expected=", ".join(list_backbones()),
        received=f"name={name!r}",
    )


def _seed_keras(seed: int) -> None:
    """Make random weights, and every later draw of Keras, the same in each run."""
    import keras

    keras.utils.set_random_seed(seed)


def _build_lite(name: str, found: Weights, top: bool, input_size: int | None) -> Backbone:
    import keras

    side = input_size or 224
    full = build_efficientnet_lite0((side, side))
    _fill(full, found)
    return Backbone(
        name,
        keras.Model(full.input, full.get_layer(FEATURE_LAYER).output, name=name),
        preprocessing=EFFICIENTNET_LITE,
        provenance=found.provenance,
        classifier=full if top else None,
    )


def _build_application(name: str, found: Weights, top: bool, input_size: int | None) -> Backbone:
    application = APPLICATIONS[name]
    side = input_size or application.input_size
    if top and side != application.input_size:
        raise ArgumentError(
            f"The ImageNet top of '{name}' works at one size only.",
            expected=f"input_size={application.input_size}, or include_top=False",
            received=f"input_size={side}, include_top=True",
        )
    model = build_application(application, include_top=top, input_size=(side, side))
    _fill(model, found)
    return Backbone(
        name,
        feature_map_model(application, model) if top else model,
        preprocessing=application.preprocessing,
        provenance=found.provenance,
        classifier=model if top else None,
    )


def _fill(model: keras.Model, found: Weights) -> None:
    """Put the weights that were found into a freshly built network, into all of it."""
    if found.tensors is not None:
        assign_tensors(model, found.tensors)
    if found.keras_file is None:
        return
    # Keras only warns where a file has nothing for a layer, which then keeps its random numbers.
    for variable in model.variables:
        variable.assign(np.full(variable.shape, np.nan))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            model.load_weights(found.keras_file)
        problem = (
            ""
            if all(np.isfinite(v.numpy()).all() for v in model.variables)
            else "only a part of them"
        )
    except (ValueError, OSError, KeyError, TypeError) as error:
        problem = str(error).strip().splitlines()[0]
    if problem:
        raise WeightsError(
            f"The weight file '{found.keras_file}' does not fit the network '{model.name}'.",
            expected=f"weights of {model.name}, as Keras saves them",
            received=problem,
            todo="Check the network's name and whether the file holds the ImageNet top.",
        )
