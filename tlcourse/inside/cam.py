"""Class activation maps: which places of a feature map speak for an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tlcourse.errors import ArgumentError
from tlcourse.inside.attribution import Attribution, make_attribution
from tlcourse.inside.choosing import map_layer
from tlcourse.inside.graph import Layer
from tlcourse.inside.network import Model, Network, open_network
from tlcourse.inside.targets import Weights, find_target, scores_of

if TYPE_CHECKING:
    from tlcourse.data import PictureSource

_TINY = 1e-12


def grad_cam(
    model: Model,
    picture: PictureSource,
    target: int | str | None = None,
    *,
    layer: str | Layer | None = None,
    weights: Weights | None = None,
) -> Attribution:
    """Weigh the channels of a feature map by the mean gradient of the score, and add them up.

    What is positive in the sum speaks for the answer (Selvaraju, Cogswell, Das, Vedantam, Parikh
    and Batra 2017, 'Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
    Localization').

    Parameters
    ----------
    model, picture, target, weights
        As for `saliency`.
    layer
        Whose feature map to use; None for the last that has more than one position.

    Returns
    -------
    An `Attribution`; its `native` map has the size of the feature map and values of 0 or more.

    Raises
    ------
    ArgumentError
        When there is no such class or layer, the layer answers with no feature map, or the score
        does not depend on it.
    PictureError
        When the picture cannot be read.

    """
    network = open_network(model)
    chosen = _cam_layer(network, layer)
    pixels = network.pixels(picture)
    aim = find_target(network, pixels, target, weights)
    maps, gradients = _map_and_gradient(network, chosen, pixels, aim.index, weights)
    native = np.maximum(maps @ gradients.mean(axis=(0, 1)), 0)
    return make_attribution(network, pixels, aim, native, "grad_cam", layer=chosen.name)


def grad_cam_plus_plus(
    model: Model,
    picture: PictureSource,
    target: int | str | None = None,
    *,
    layer: str | Layer | None = None,
    weights: Weights | None = None,
) -> Attribution:
    """Weigh places within each channel too, so that several things of a class are all found.

    Chattopadhay, Sarkar, Howlader and Balasubramanian (2018), 'Grad-CAM++: Generalized
    Gradient-Based Visual Explanations for Deep Convolutional Networks'. The higher derivatives are
    those of the exponential of the score, so that they are powers of the first; its common factor
    is left out.

    Parameters
    ----------
    model, picture, target, layer, weights
        As for `grad_cam`.

    Returns
    -------
    An `Attribution`, as of `grad_cam`.

    Raises
    ------
    ArgumentError
        When there is no such class or layer, the layer answers with no feature map, or the score
        does not depend on it.
    PictureError
        When the picture cannot be read.

    """
    network = open_network(model)
    chosen = _cam_layer(network, layer)
    pixels = network.pixels(picture)
    aim = find_target(network, pixels, target, weights)
    maps, gradients = _map_and_gradient(network, chosen, pixels, aim.index, weights)
    largest = np.abs(gradients).max()
    # The weights of places do not change when all gradients are scaled alike with the map's sums;
    # scaled to 1 their third powers do not vanish in float64.
    scaled = gradients / largest if largest > 0 else gradients
    below = 2 * scaled**2 + (maps.sum(axis=(0, 1)) * largest) * scaled**3
    places = np.where(np.abs(below) > _TINY, scaled**2 / np.where(below == 0, 1, below), 0)
    channels = (places * np.maximum(gradients, 0)).sum(axis=(0, 1))
    native = np.maximum(maps @ channels, 0)
    return make_attribution(network, pixels, aim, native, "grad_cam_plus_plus", layer=chosen.name)


def _cam_layer(network: Network, layer: str | Layer | None) -> Layer:
    """Return the layer whose feature map to use."""
    if layer is not None:
        return map_layer(network, layer)
    if network.maps:
        return network.maps[-1]
    raise ArgumentError(
        f"The network '{network.name}' has no feature map with more than one position.",
        expected="a convolutional network",
        received=", ".join(f"{x.name} {x.shape}" for x in network.layers[:8]),
        todo='Take a method that looks at the pixels: method="occlusion".',
    )


def _map_and_gradient(
    network: Network, layer: Layer, pixels: np.ndarray, index: int, weights: Weights | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return a feature map and the score's gradient by it, `(h, w, channels)` float64 each."""
    import keras
    import tensorflow as tf

    tensor = keras.ops.convert_to_tensor(pixels)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        scores, outputs = scores_of(network, tensor, index, [layer], weights)
    maps = keras.tree.flatten(outputs[layer.name])[0]
    gradients = tape.gradient(scores, maps)
    if gradients is None:
        raise ArgumentError(
            f"The score does not depend on what the layer '{layer.name}' answers.",
            expected="a layer on the way from the picture to the answer, behind the preprocessing",
            received=f"layer={layer.name!r}",
        )
    return np.asarray(maps, np.float64)[0], np.asarray(gradients, np.float64)[0]
