"""Networks of the story that `keras.applications` lacks: AlexNet and the vision transformer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tlcourse.errors import HIGHEST_SEED, ArgumentError, must_be_whole

if TYPE_CHECKING:
    import keras


def alexnet() -> keras.Model:
    """Return AlexNet with random weights: 60,965,224 parameters.

    Krizhevsky, Sutskever and Hinton (2012), 'ImageNet classification with deep convolutional neural
    networks'. The halves that ran on two graphics cards are groups of the second, fourth and fifth
    convolution. The paper says 224 pixels; its sizes come out with 227. Local response
    normalisation, which has no parameters and which nobody uses any more, is left out, so this is
    for counting, not for training.

    Returns
    -------
    A Keras model from `(n, 227, 227, 3)` pixels to `(n, 1000)` probabilities.

    """
    from tlcourse.quiet import start_tensorflow

    start_tensorflow()
    import keras
    from keras import layers

    def convolution(
        maps: int, side: int, name: str, *, stride: int = 1, groups: int = 1
    ) -> keras.Layer:
        padding = "valid" if stride > 1 else "same"
        return layers.Conv2D(
            maps, side, stride, padding, groups=groups, activation="relu", name=name
        )

    return keras.Sequential(
        [
            keras.Input((227, 227, 3)),
            convolution(96, 11, "conv_1", stride=4),
            layers.MaxPooling2D(3, 2, name="pool_1"),
            convolution(256, 5, "conv_2", groups=2),
            layers.MaxPooling2D(3, 2, name="pool_2"),
            convolution(384, 3, "conv_3"),
            convolution(384, 3, "conv_4", groups=2),
            convolution(256, 3, "conv_5", groups=2),
            layers.MaxPooling2D(3, 2, name="pool_5"),
            layers.Flatten(name="row"),
            layers.Dense(4096, activation="relu", name="dense_6"),
            layers.Dropout(0.5, name="dropout_6"),
            layers.Dense(4096, activation="relu", name="dense_7"),
            layers.Dropout(0.5, name="dropout_7"),
            layers.Dense(1000, activation="softmax", name="dense_8"),
        ],
        name="alexnet",
    )


def vision_transformer(
    side: int = 224,
    *,
    patch: int = 16,
    width: int = 768,
    depth: int = 12,
    heads: int = 12,
    channels: int = 3,
    classes: int = 1000,
    seed: int = 0,
) -> keras.Model:
    """Return a vision transformer with random weights; without arguments ViT-B/16.

    Dosovitskiy and others (2021), 'An image is worth 16x16 words'. Patches become tokens by one
    linear map, a token for the class comes first, learned positions are added, and blocks of
    attention and of two dense layers follow, each with layer normalisation before and a shortcut
    around.

    Parameters
    ----------
    side
        Of the picture in pixels, a multiple of `patch`.
    patch
        Side of a patch in pixels.
    width
        Numbers in a token, a multiple of `heads`.
    depth
        Blocks.
    heads
        Of the attention.
    channels, classes
        Of the picture, and of the answer.
    seed
        Of the random weights.

    Returns
    -------
    A Keras model from `(n, side, side, channels)` pixels, 0 to 255, to `(n, classes)` scores before
    softmax.

    Raises
    ------
    ArgumentError
        When the side is no multiple of the patch, or the width of the heads.

    """
    for name, value in (("side", side), ("patch", patch), ("width", width), ("heads", heads)):
        must_be_whole(name, value, 1, 4096)
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    for whole, part in (("side", "patch"), ("width", "heads")):
        values = {"side": side, "patch": patch, "width": width, "heads": heads}
        if values[whole] % values[part]:
            raise ArgumentError(
                f"The argument '{whole}' does not divide into equal parts.",
                expected=f"a multiple of {part}={values[part]}",
                received=f"{whole}={values[whole]}",
            )
    from tlcourse.quiet import start_tensorflow

    start_tensorflow()
    import keras
    from keras import layers

    from tlcourse.experiments.token_layers import ClassTokenAndPositions

    keras.utils.set_random_seed(seed)
    pixels = keras.Input((side, side, channels))
    scaled = layers.Rescaling(1 / 127.5, -1, name="scale")(pixels)
    tokens = layers.Conv2D(width, patch, strides=patch, name="patches")(scaled)
    tokens = layers.Reshape((-1, width), name="row")(tokens)
    tokens = ClassTokenAndPositions(name="tokens")(tokens)
    for block in range(1, depth + 1):
        seen = layers.LayerNormalization(epsilon=1e-6, name=f"norm_{block}a")(tokens)
        attention = layers.MultiHeadAttention(heads, width // heads, name=f"attention_{block}")
        tokens = layers.Add(name=f"add_{block}a")([tokens, attention(seen, seen)])
        seen = layers.LayerNormalization(epsilon=1e-6, name=f"norm_{block}b")(tokens)
        seen = layers.Dense(4 * width, activation="gelu", name=f"dense_{block}a")(seen)
        seen = layers.Dense(width, name=f"dense_{block}b")(seen)
        tokens = layers.Add(name=f"add_{block}b")([tokens, seen])
    tokens = layers.LayerNormalization(epsilon=1e-6, name="norm")(tokens)
    scores = layers.Dense(classes, name="scores")(tokens[:, 0])
    return keras.Model(pixels, scores, name="vision_transformer")
