"""How large the gradient is in each layer of a network, before any training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.experiments.depth import KINDS, LOOKS, deep_network
from tlcourse.experiments.small_networks import pixels_and_labels
from tlcourse.figures import Figure, drawing, finish

if TYPE_CHECKING:
    import keras

_PICTURES = 256


@dataclass(frozen=True, eq=False, repr=False)
class GradientSizes:
    """How large the gradient is in each layer before any training; draws itself.

    Attributes
    ----------
    depth : int
    plain, residual : np.ndarray
        `(depth - 1,)` float64: for each convolution, the root of the mean square of the loss's
        derivatives by its weights, the first layer first.

    """

    depth: int
    plain: np.ndarray
    residual: np.ndarray

    def spread(self, *, residual: bool) -> float:
        """Return how many times larger the largest layer's gradient is than the smallest's."""
        sizes = self.residual if residual else self.plain
        return float(sizes.max() / sizes.min())

    def __repr__(self) -> str:
        return (
            f"Gradients of {self.depth} layers before training: from the layer with the smallest "
            f"to the one with the largest a factor of {self.spread(residual=False):.3g} in the "
            f"plain network, {self.spread(residual=True):.3g} in the residual one."
        )

    def draw(self) -> Figure:
        """Draw the size of the gradient against the layer, for both kinds."""
        with drawing(6.4, 3.2) as canvas:
            axes = canvas.subplots()
            for residual, kind in KINDS.items():
                sizes = self.residual if residual else self.plain
                axes.semilogy(range(1, self.depth), sizes, label=kind, ms=4, **LOOKS[residual])
            axes.set(xlabel="convolution, counted from the picture", ylabel="size of the gradient")
            axes.set_title(f"Before training, {self.depth} layers")
            axes.legend()
            return finish(canvas, f"Logarithmic axis. {self!r}")


def gradient_sizes(
    images: ImageSet, depth: int = 38, *, width: int = 8, seed: int = 0
) -> GradientSizes:
    """Measure how large the gradient is in each layer of untrained networks of one depth.

    Parameters
    ----------
    images
        Pictures of one size, looked at in grey; of a split set the part "train". Up to 256 of them,
        evenly spread over the set, make the batch.
    depth, width, seed
        As for `deep_network`.

    """
    pixels, labels = pixels_and_labels(images.train if images.splits is not None else images)
    sides = {"side": pixels.shape[1], "classes": len(images.class_names)}
    networks = (
        deep_network(depth, residual=kind, width=width, seed=seed, **sides) for kind in KINDS
    )
    plain, residual = (gradients_by_layer(network, pixels, labels) for network in networks)
    return GradientSizes(depth, plain, residual)


def gradients_by_layer(network: keras.Model, pixels: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the size of the gradient in each convolution of a network, on one batch.

    Parameters
    ----------
    network
        From pixels to scores before softmax; its convolutions are named "conv_1", "conv_2" …
    pixels, labels
        As the network takes them; up to 256, evenly spread over the pictures, make the batch.

    Returns
    -------
    `(convolutions,)` float64, the first layer first: the root of the mean square of the loss's
    derivatives by the kernel's weights. Batch normalisation works as in training.

    """
    import keras
    import tensorflow as tf

    step = -(-len(pixels) // _PICTURES)
    kernels = [
        variable
        for variable in network.trainable_variables
        if "conv_" in variable.path and variable.path.endswith("kernel")
    ]
    with tf.GradientTape() as tape:
        scores = network(pixels[::step], training=True)
        losses = keras.losses.sparse_categorical_crossentropy(
            labels[::step], scores, from_logits=True
        )
        loss = tf.reduce_mean(losses)
    gradients = tape.gradient(loss, [kernel.value for kernel in kernels])
    return np.array([np.sqrt(np.mean(np.square(g, dtype=np.float64))) for g in gradients])
