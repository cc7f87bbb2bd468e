"""The two backbones in PyTorch, on the same weights, for the comparison in features.py."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import nn


class PictureFiles(torch.utils.data.Dataset):
    """Decoded as PyTorch's guides do it: Pillow, centre crop, bicubic, in worker processes."""

    def __init__(self, paths: Sequence[Path], backbone) -> None:
        self.paths, self.size = paths, backbone.input_size
        self.recipe = backbone.preprocessing

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, position: int) -> torch.Tensor:
        with Image.open(self.paths[position]) as image:
            part = ImageOps.fit(image.convert("RGB"), self.size, Image.Resampling.BICUBIC)
        return torch.from_numpy(self.recipe.apply(np.asarray(part)).transpose(2, 0, 1))


class Pooled(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x).mean((2, 3))


class SamePadding(nn.Module):
    """TensorFlow's "same": where the padding is odd, the extra row and column come last."""

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.convolution = convolution

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        kernel, stride = self.convolution.kernel_size[0], self.convolution.stride[0]
        sides = []
        for length in (x.shape[3], x.shape[2]):
            need = max((-(-length // stride) - 1) * stride + kernel - length, 0)
            sides += [need // 2, need - need // 2]
        return self.convolution(nn.functional.pad(x, sides))


class Residual(nn.Module):
    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.block = block

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.block(x)


def build(backbone) -> nn.Module:
    """Build the backbone in PyTorch, with the Keras network's weights."""
    weights = {layer.name: layer.get_weights() for layer in backbone.network.layers}
    network = _vgg16(weights) if backbone.name == "vgg16" else _efficientnet_lite0(weights)
    return Pooled(network).eval().to(memory_format=torch.channels_last)


def _convolution(kernel: np.ndarray, bias: np.ndarray | None, stride: int, depthwise: bool):
    axes = (2, 3, 0, 1) if depthwise else (3, 2, 0, 1)
    kernel = torch.from_numpy(np.ascontiguousarray(kernel.transpose(axes)))
    channels = kernel.shape[0]
    layer = nn.Conv2d(
        channels if depthwise else kernel.shape[1], channels, kernel.shape[2], stride,
        groups=channels if depthwise else 1, bias=bias is not None,
    )  # fmt: skip
    layer.weight.data = kernel
    if bias is not None:
        layer.bias.data = torch.from_numpy(bias)
    return SamePadding(layer)


def _vgg16(weights: dict) -> nn.Module:
    layers: list[nn.Module] = []
    for block, count in enumerate((2, 2, 3, 3, 3), start=1):
        for number in range(1, count + 1):
            kernel, bias = weights[f"block{block}_conv{number}"]
            layers += [_convolution(kernel, bias, 1, depthwise=False), nn.ReLU(inplace=True)]
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)


def _efficientnet_lite0(weights: dict) -> nn.Module:
    def convolve(name: str, stride: int = 1, depthwise: bool = False, relu: bool = True):
        stem = name.removesuffix("_conv")
        gamma, beta, mean, variance = weights[f"{stem}_bn"]
        norm = nn.BatchNorm2d(len(gamma), eps=1e-3)
        targets = (norm.weight, norm.bias, norm.running_mean, norm.running_var)
        for target, values in zip(targets, (gamma, beta, mean, variance), strict=True):
            target.data = torch.from_numpy(values)
        layers = [_convolution(weights[f"{stem}_conv"][0], None, stride, depthwise), norm]
        return [*layers, nn.ReLU6(inplace=True)] if relu else layers

    layers: list[nn.Module] = convolve("stem", stride=2)
    stages = [(1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1)]  # repeats, stride
    for stage, (repeats, stride) in enumerate(stages, start=1):
        for repeat in range(1, repeats + 1):
            name = f"stage{stage}_block{repeat}"
            block = convolve(f"{name}_expand") if f"{name}_expand_conv" in weights else []
            first = stride if repeat == 1 else 1
            block += convolve(f"{name}_depthwise", stride=first, depthwise=True)
            block += convolve(f"{name}_project", relu=False)
            whole = nn.Sequential(*block)
            layers.append(Residual(whole) if repeat > 1 else whole)
    return nn.Sequential(*layers, *convolve("head"))
