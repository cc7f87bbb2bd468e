"""What a network expects of its pixels, written down once and applied inside the model.

Every pre-trained network was trained on pixels in one particular range and channel order. Feeding
it any other is the classic silent bug of transfer learning: nothing crashes, accuracy just drops.
Here the recipe belongs to the backbone and becomes part of the model's graph, so that callers hand
over plain `uint8` RGB pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Preprocessing:
    """Pixel recipe: `value = pixel * scale + offset`, per channel, in the given channel order.

    Parameters
    ----------
    scale, offset
        One number for all channels, or three, in the order of `channel_order`.
    channel_order
        `"RGB"`, or `"BGR"` for networks trained with OpenCV's order (the VGG family).
    description
        The recipe in words, with the value range that results.

    """

    scale: tuple[float, float, float]
    offset: tuple[float, float, float]
    channel_order: Literal["RGB", "BGR"]
    description: str

    def apply(self, pixels: np.ndarray) -> np.ndarray:
        """Return a new float32 array; `pixels` is uint8 or float in 0..255, `(…, 3)`, RGB."""
        import numpy as np

        ordered = pixels if self.channel_order == "RGB" else pixels[..., ::-1]
        scale, offset = (np.array(numbers, np.float32) for numbers in (self.scale, self.offset))
        return ordered.astype(np.float32) * scale + offset

    def layers(self, pixels: Any) -> Any:
        """Add the recipe to a functional Keras model; `pixels` is its uint8 input tensor.

        Only built-in layers are used, so a saved model opens in plain Keras.
        """
        import keras

        if self.channel_order == "BGR":
            pixels = keras.ops.flip(pixels, axis=-1)
        return keras.layers.Rescaling(
            list(self.scale), list(self.offset), name="preprocessing", dtype="float32"
        )(pixels)


_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_STD = (0.229, 0.224, 0.225)

CAFFE = Preprocessing(
    scale=(1.0, 1.0, 1.0),
    offset=(-103.939, -116.779, -123.68),
    channel_order="BGR",
    description="BGR, ImageNet channel means subtracted; about -124 to 152",
)
SYMMETRIC = Preprocessing(
    scale=(1 / 127.5,) * 3,
    offset=(-1.0,) * 3,
    channel_order="RGB",
    description="RGB, scaled to -1..1",
)
STANDARDISED = Preprocessing(
    scale=tuple(1 / (255 * s) for s in _IMAGENET_STD),  # type: ignore[arg-type]
    offset=tuple(-m / s for m, s in zip(_IMAGENET_MEAN, _IMAGENET_STD, strict=True)),  # type: ignore[arg-type]
    channel_order="RGB",
    description="RGB, ImageNet mean subtracted, divided by its standard deviation; about -2.1..2.6",
)
EFFICIENTNET_LITE = Preprocessing(
    scale=(1 / 128,) * 3,
    offset=(-127 / 128,) * 3,
    channel_order="RGB",
    description="RGB, (pixel - 127) / 128; -0.99..1",
)
INSIDE = Preprocessing(
    scale=(1.0, 1.0, 1.0),
    offset=(0.0, 0.0, 0.0),
    channel_order="RGB",
    description="RGB, 0..255; the network rescales by itself",
)
