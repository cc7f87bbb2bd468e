"""The networks of `keras.applications`: what each expects, and how to build it on a file we have.

The table holds what Keras knows but does not export: the input size that a network was trained at,
and its pixel recipe. `tests/backbones/test_applications.py` holds it against the installed Keras.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple
from unittest import mock

from tlcourse.backbones.preprocessing import CAFFE, INSIDE, STANDARDISED, SYMMETRIC, Preprocessing

if TYPE_CHECKING:
    import keras


class Application(NamedTuple):
    """A network of `keras.applications`: its function there, input size in pixels, pixel recipe."""

    function: str
    input_size: int
    preprocessing: Preprocessing


def _family(preprocessing: Preprocessing, **sizes: int) -> dict[str, Application]:
    return {f.lower(): Application(f, size, preprocessing) for f, size in sizes.items()}


APPLICATIONS: dict[str, Application] = {
    **_family(CAFFE, VGG16=224, VGG19=224, ResNet50=224, ResNet101=224, ResNet152=224),
    **_family(
        SYMMETRIC,
        ResNet50V2=224, ResNet101V2=224, ResNet152V2=224,
        InceptionV3=299, InceptionResNetV2=299, Xception=299,
        MobileNet=224, MobileNetV2=224, NASNetMobile=224, NASNetLarge=331,
    ),
    **_family(STANDARDISED, DenseNet121=224, DenseNet169=224, DenseNet201=224),
    **_family(
        INSIDE,
        MobileNetV3Small=224, MobileNetV3Large=224,
        EfficientNetB0=224, EfficientNetB1=240, EfficientNetB2=260, EfficientNetB3=300,
        EfficientNetB4=380, EfficientNetB5=456, EfficientNetB6=528, EfficientNetB7=600,
        EfficientNetV2B0=224, EfficientNetV2B1=240, EfficientNetV2B2=260, EfficientNetV2B3=300,
        EfficientNetV2S=384, EfficientNetV2M=480, EfficientNetV2L=480,
        ConvNeXtTiny=224, ConvNeXtSmall=224, ConvNeXtBase=224, ConvNeXtLarge=224,
        ConvNeXtXLarge=224,
    ),
}  # fmt: skip


def build_application(
    application: Application, *, include_top: bool, input_size: tuple[int, int]
) -> keras.Model:
    """Build a network of `keras.applications` as it is for ImageNet, with random weights.

    Keras adds a rescaling layer to EfficientNet only when it is asked for `weights="imagenet"`;
    asked for no weights, or for those in a file, it builds a network that sees wrong pixels. So it
    is asked for "imagenet" always, and kept from fetching and loading anything: filling the network
    is the caller's work, from a file that was verified.
    """
    import keras

    function = getattr(keras.applications, application.function)
    with (
        warnings.catch_warnings(),
        mock.patch("keras.src.utils.file_utils.get_file", return_value=""),
        mock.patch.object(keras.Model, "load_weights"),
    ):
        # About sizes for which there are no weights: there are, networks of convolutions fit all.
        warnings.simplefilter("ignore", UserWarning)
        return function(weights="imagenet", include_top=include_top, input_shape=(*input_size, 3))


def feature_map_model(application: Application, full: keras.Model) -> keras.Model:
    """Cut a network with its top at the last feature map; layers and weights are shared."""
    import keras

    bare = build_application(application, include_top=False, input_size=full.input_shape[1:3])
    return keras.Model(full.input, full.get_layer(bare.layers[-1].name).output, name=full.name)
