"""A pre-trained network that knows its own pixels, its old job and where it came from."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from tlcourse.backbones.imagenet import Guesses, best_guesses, imagenet_classes
from tlcourse.backbones.preprocessing import Preprocessing
from tlcourse.backbones.tensors import tensors_of, tensors_sha256
from tlcourse.backbones.weights import Provenance
from tlcourse.data import open_picture
from tlcourse.errors import ArgumentError, must_be_whole

if TYPE_CHECKING:
    import keras

    from tlcourse.data import PictureSource


class Backbone:
    """A convolutional network, pre-trained on ImageNet, ready for a new head.

    Callers hand over `uint8` RGB pictures; the network's own preprocessing is part of every model
    that this class returns.

    Attributes
    ----------
    name : str
        As given to `load_backbone`, for example `"vgg16"`.
    input_size : tuple of int
        Height and width in pixels.
    network : keras.Model
        From preprocessed float32 pixels `(n, height, width, 3)` to the last feature map
        `(n, h, w, feature_size)`. Its layers carry the field's names (`block1_conv1`, …).
    classifier : keras.Model or None
        The same layers with the ImageNet top, to `(n, 1000)` probabilities, where it was loaded.
    preprocessing : Preprocessing
        The pixel recipe.
    provenance : Provenance
        Which source gave the weights.

    """

    def __init__(
        self,
        name: str,
        network: keras.Model,
        *,
        preprocessing: Preprocessing,
        provenance: Provenance,
        classifier: keras.Model | None = None,
    ) -> None:
        self.name = name
        self.network = network
        self.classifier = classifier
        self.preprocessing = preprocessing
        self.provenance = provenance

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width in pixels of the pictures that the network takes."""
        return self.network.input_shape[1:3]

    @property
    def feature_size(self) -> int:
        """Length of the pooled feature vector: the channels of the last feature map."""
        return self.network.output_shape[-1]

    @property
    def weights_sha256(self) -> str:
        """SHA-256 over all tensors of `network` as they are now, fine-tuned or not."""
        return tensors_sha256(tensors_of(self.network))

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """The 1,000 classes of its old job, where its ImageNet top was loaded."""
        return imagenet_classes() if self.classifier is not None else None

    @property
    def picture_model(self) -> keras.Model:
        """All of it from `(n, height, width, 3)` uint8 pictures on, to look inside.

        It ends with the ImageNet probabilities where the top was loaded, else with the features.
        """
        return self.feature_model if self.classifier is None else self._probability_model

    def count_parameters(self) -> int:
        """Return the number of parameters, of the whole network where its top was loaded."""
        return (self.classifier or self.network).count_params()

    @cached_property
    def feature_model(self) -> keras.Model:
        """A Keras model from `(n, height, width, 3)` uint8 to `(n, feature_size)` float32.

        The last feature map is averaged over its positions (global average pooling: Lin, Chen and
        Yan 2014, 'Network in Network').
        """
        import keras

        pixels = self._input()
        feature_map = self.network(self.preprocessing.layers(pixels))
        pooled = keras.layers.GlobalAveragePooling2D(name="average_pool", dtype="float32")(
            feature_map
        )
        return keras.Model(pixels, pooled, name=f"{self.name}_features")

    @cached_property
    def _probability_model(self) -> keras.Model:
        import keras

        if self.classifier is None:
            raise ArgumentError(
                f"This '{self.name}' was loaded without its ImageNet top, so it has no class names"
                " to answer with.",
                todo=f'Load it with load_backbone("{self.name}", include_top=True), which needs the'
                ' official weight file, or use load_backbone("efficientnet_lite0").',
            )
        pixels = self._input()
        return keras.Model(pixels, self.classifier(self.preprocessing.layers(pixels)))

    def predict_classes(self, picture: PictureSource, top: int = 5) -> Guesses:
        """Name what is in a picture, in the words of the network's old job.

        Parameters
        ----------
        picture
            A path, bytes, a Pillow image or a uint8 array `(height, width, 3)`; its centre square
            is used.
        top
            How many answers to return.

        Returns
        -------
        The likeliest ImageNet classes with their probabilities, best first.

        Raises
        ------
        ArgumentError
            When the backbone has no ImageNet top, or `top` is not 1 to 1,000.
        PictureError
            When the picture cannot be read.

        """
        must_be_whole("top", top, 1, 1000)
        model = self._probability_model
        pixels = open_picture(picture, size=self.input_size)
        return best_guesses(model(pixels[None], training=False).numpy()[0], top)

    def _input(self) -> Any:
        import keras

        return keras.Input((*self.input_size, 3), dtype="uint8", name="pixels")

    def __repr__(self) -> str:
        height, width = self.input_size
        return (
            f"Backbone {self.name}: {self.count_parameters():,} parameters, "
            f"{height}x{width} pixels in, {self.feature_size} features out; "
            f"weights from {self.provenance.detail}"
        )
