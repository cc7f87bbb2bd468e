"""A classifier put together from a backbone and a head, and taken apart again."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.backbones import Backbone, Preprocessing, Provenance, load_backbone
from tlcourse.backbones.preprocessing import (
    CAFFE,
    EFFICIENTNET_LITE,
    INSIDE,
    STANDARDISED,
    SYMMETRIC,
)
from tlcourse.errors import ArgumentError
from tlcourse.training.classifier import Classifier
from tlcourse.training.heads import Head, Layer

if TYPE_CHECKING:
    import keras

_RECIPES = (CAFFE, SYMMETRIC, STANDARDISED, EFFICIENTNET_LITE, INSIDE)
_RECORDED = ("tlcourse", "keras", "tensorflow", "scikit-learn", "numpy", "pillow")


def assemble(
    backbone: Backbone, head: Head, class_names: tuple[str, ...], record: dict[str, Any]
) -> Classifier:
    """Put backbone and head together into one Keras model from raw pixels to probabilities."""
    import keras

    feature_model = backbone.feature_model
    model = keras.Model(
        feature_model.input,
        head.keras_layers(feature_model.output),
        name=f"{backbone.name}_{head.name}",
    )
    return Classifier(model, class_names, record, backbone=backbone, head=head)


def versions() -> dict[str, str]:
    """Return the versions of all that a model's numbers depend on, for its record."""
    return {name: metadata.version(name) for name in _RECORDED}


def take_apart(classifier: Classifier) -> tuple[Backbone, Head]:
    """Return the backbone and the head of a classifier, also of one read from a file.

    Raises
    ------
    ArgumentError
        When the model in the file is not built as `assemble` builds one.

    """
    if classifier.backbone is not None and classifier.head is not None:
        return classifier.backbone, classifier.head
    import keras

    layers = classifier.model.layers
    networks = [layer for layer in layers if isinstance(layer, keras.Model)]
    scalings = [layer for layer in layers if isinstance(layer, keras.layers.Rescaling)]
    dense = [layer for layer in layers if isinstance(layer, keras.layers.Dense)]
    if len(networks) != 1 or len(scalings) != 1 or not 1 <= len(dense) <= 2:
        raise ArgumentError(
            "The model of this classifier is not built from a backbone and a head.",
            expected="pixels, preprocessing, one network, an average, one or two dense layers",
            received=", ".join(type(layer).__name__ for layer in layers),
            todo="Start from tl.train_head or tl.build_classifier.",
        )
    turned = any(type(step).__name__ == "Flip" for step in classifier.model.operations)
    provenance = classifier.record.get("provenance", {})
    backbone = Backbone(
        classifier.record.get("backbone", networks[0].name),
        networks[0],
        preprocessing=_preprocessing(scalings[0], turned),
        provenance=Provenance(**provenance),
    )
    numbers = []
    for layer in dense:
        weights, bias = layer.get_weights()
        numbers.append(Layer(weights, bias, layer.activation.__name__))
    name, fitted = (classifier.record.get(key, {}) for key in ("head", "fitted"))
    return backbone, Head(name or "gap", tuple(numbers), fitted)


def _preprocessing(scaling: keras.layers.Rescaling, turned: bool) -> Preprocessing:
    """Return the pixel recipe that a layer holds, under the name that it has in the course."""
    order = "BGR" if turned else "RGB"
    scale, offset = (
        np.broadcast_to(np.asarray(numbers, np.float32), 3)
        for numbers in (scaling.scale, scaling.offset)
    )
    for known in _RECIPES:
        same = np.allclose(known.scale, scale) and np.allclose(known.offset, offset)
        if known.channel_order == order and same:
            return known
    return Preprocessing(tuple(scale.tolist()), tuple(offset.tolist()), order, "read from a model")  # type: ignore[arg-type]


def clone_backbone(backbone: Backbone, provenance: Provenance | None = None) -> Backbone:
    """Return a copy with weights of its own, without the ImageNet top.

    Parameters
    ----------
    backbone
        It stays as it is.
    provenance
        Of the copy, where it is about to become another network.

    """
    import keras

    network = keras.models.clone_model(backbone.network)
    network.set_weights(backbone.network.get_weights())
    return Backbone(
        backbone.name,
        network,
        preprocessing=backbone.preprocessing,
        provenance=provenance or backbone.provenance,
    )


def without_knowledge(backbone: Backbone, seed: int) -> Backbone:
    """Return a network of the same shape on random weights."""
    return load_backbone(
        backbone.name, weights="random", include_top=False, input_size=backbone.input_size[0],
        seed=seed,
    )  # fmt: skip
