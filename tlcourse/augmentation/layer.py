"""The Keras layer of an `Augmentation`."""

from __future__ import annotations

from typing import Any

from tlcourse.augmentation.settings import Augmentation
from tlcourse.errors import ArgumentError
from tlcourse.quiet import start_tensorflow

start_tensorflow()
import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

from tlcourse.augmentation.changes import augmented  # noqa: E402


@keras.saving.register_keras_serializable("tlcourse")
class AugmentationLayer(keras.layers.Layer):
    """Changes pictures while a model is trained; hands them on untouched at any other time.

    Pictures are numbered in the order in which training meets them: the changes of the k-th are
    those that `Augmentation` draws for number k, whatever the batches. The count is saved with the
    model, so that resumed training goes on where it was.

    A model that holds this layer opens where `tlcourse.augmentation.layer` was imported, and is not
    compiled by XLA. Augmenting in `make_dataset` avoids both, and works while the model computes.

    Input and output: `(n, height, width, 3)`, 0..255, uint8 or float; the type stays.

    Parameters
    ----------
    augmentation
        The settings; a dictionary of them too, as `get_config` gives.

    """

    def __init__(self, augmentation: Augmentation | dict[str, Any], **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        if isinstance(augmentation, dict):
            augmentation = Augmentation(**augmentation)
        self.augmentation = augmentation
        self.supports_jit = False  # pictures are picked out of the batch: shapes that XLA refuses
        self.seen = self.add_weight(
            shape=(), initializer="zeros", dtype="int64", trainable=False, name="seen"
        )
        self.built = True

    def call(self, pictures: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Return the pictures, changed if `training` is true."""
        if pictures.shape.rank != 4 or pictures.shape[-1] not in (3, None):
            raise ArgumentError(
                "The augmentation layer was given something other than a batch of pictures.",
                expected="a tensor of shape (n, height, width, 3)",
                received=f"shape {tuple(pictures.shape)}",
            )
        if not training:
            return pictures
        count = tf.shape(pictures, out_type=tf.int64)[0]
        numbers = self.seen.value + tf.range(count)
        changed = augmented(self.augmentation, pictures, numbers, 0)
        self.seen.assign_add(count)
        return changed

    def compute_output_spec(self, pictures: Any, training: bool | None = None) -> Any:
        """Return the spec of the input: neither shape nor type changes."""
        return keras.KerasTensor(pictures.shape, dtype=pictures.dtype)

    def get_config(self) -> dict[str, Any]:
        """Return what makes the layer anew."""
        return {**super().get_config(), "augmentation": self.augmentation.to_dict()}
