"""Typical wrong answers to the exercises of chapter 4, and words of the hint that each must get."""

from __future__ import annotations

from typing import Any

import numpy as np


def _only_kernels(steps: list[tuple[int, int]]) -> int:
    size = 1
    for kernel, _ in steps:
        size = size + kernel - 1
    return size


def _own_stride_first(steps: list[tuple[int, int]]) -> int:
    size = jump = 1
    for kernel, stride in steps:
        jump = jump * stride
        size = size + (kernel - 1) * jump
    return size


def _product_of_kernels(steps: list[tuple[int, int]]) -> int:
    size = 1
    for kernel, _ in steps:
        size = size * kernel
    return size


def _starts_with_nothing(steps: list[tuple[int, int]]) -> int:
    size, jump = 0, 1
    for kernel, stride in steps:
        size, jump = size + (kernel - 1) * jump, jump * stride
    return size


def _strides_added_up(steps: list[tuple[int, int]]) -> int:
    size, jump = 1, 1
    for kernel, stride in steps:
        size += (kernel - 1) * jump
        if stride > 1:
            jump = stride if jump == 1 else jump + stride
    return size


def _forgets_to_return(steps: list[tuple[int, int]]) -> None:
    for _ in steps:
        pass


def _unit_range(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype("float32") / 255


def _bgr_alone(pixels: np.ndarray) -> np.ndarray:
    return pixels[..., ::-1].astype("float32")


def _rgb_less_means(pixels: np.ndarray) -> np.ndarray:
    return pixels - np.array([123.68, 116.779, 103.939])


def _bgr_less_rgb_means(pixels: np.ndarray) -> np.ndarray:
    return pixels[..., ::-1] - np.array([123.68, 116.779, 103.939])


def _rgb_less_bgr_means(pixels: np.ndarray) -> np.ndarray:
    return pixels - np.array([103.939, 116.779, 123.68])


def _right(pixels: np.ndarray) -> np.ndarray:
    return pixels[..., ::-1] - np.array([103.939, 116.779, 123.68])


def _right_by_255(pixels: np.ndarray) -> np.ndarray:
    return _right(pixels) / 255


_MEASURED = (
    "I would take block4_pool, since my road signs are large in the picture and the last block "
    "knows ImageNet rather than signs. To find out I train a linear probe on several layers and "
    "compare the accuracy on held out pictures."
)

WRONG: dict[str, list[tuple[Any, str]]] = {
    "4.1": [
        ({"body": 58_858_752, "fc1": 411_045_888}, "kernels of its own"),
        ({"body": "29,429,376", "fc1": 411_045_888}, "factor of a kernel's size"),
        ({"body": 138_357_544, "fc1": 411_045_888}, "Only the 13 convolutions"),
        ({"body": 14_710_464, "fc1": 411_045_888}, "added to each channel's sum"),
        ({"body": "14.7 million", "fc1": 411_045_888}, "To the last unit"),
        ({"body": 14_714_688, "fc1": "411 million"}, "To the last unit"),
        ({"body": 14_714_688, "fc1": 102_764_544}, "become of the last map"),
        ({"body": 14_714_688, "fc1": 205_524_992}, "both directions"),
        ({"body": 14_714_688, "fc1": 411_041_792}, "each unit add to its sum"),
        ({"body": 14_714_688, "fc1": 411_058_176}, "biases do not grow"),
        ({"body": 14_714_688, "fc1": 2_101_248}, "every place of the map"),
        ({"body": 1, "fc1": 2}, "How many values has the last map"),
    ],
    "4.2": [
        (13 / 3, "Do all layers cost the same"),
        ("2.08", "the last column"),
        (1.1, "other way round"),
        (0.09, "block 5's share"),
        (33.2, "How many convolutions"),
        (10.2, "exactly the 13"),
        (2, "computed in each epoch"),
    ],
    "4.3": [
        (_only_kernels, "leave out the strides"),
        (_own_stride_first, "counts for the layers behind it"),
        (_strides_added_up, "How far apart are neighbours"),
        (_product_of_kernels, "Overlapping windows"),
        (_starts_with_nothing, "as its kernel is wide"),
        (_forgets_to_return, "return"),
    ],
    "4.4": [
        (286, "says nothing at all"),
        (384, "excites this channel even more"),
        (447, "astronaut excites"),
        (512, "number of a channel"),
        ("the loudest", "number of a channel"),
    ],
    "4.5": [
        ("a", "knows no lungs"),
        ("b)", "does not prove the opposite"),
        ("D", "so much of it is left"),
    ],
    "4.6": [
        ("block 4", "words"),
        (_MEASURED, "what you compare with"),
        (_MEASURED.replace("a linear probe", "nothing").replace("accuracy", "x")
         .replace("compare", "y").replace("held out", "z")
         + " The control is a network with random weights.", "whether another layer is better"),
    ],
    "L4.1": [
        ({"diagnosis": "a", "mended": _right}, "what else is"),
        ({"diagnosis": "c", "mended": _right}, "black turns into"),
        ({"diagnosis": "d", "mended": _right}, "How far apart"),
        ({"diagnosis": "b", "mended": _unit_range}, "still the app's"),
        ({"diagnosis": "b", "mended": _bgr_alone}, "What does black turn into"),
        ({"diagnosis": "b", "mended": _rgb_less_means}, "look where red stands"),
        ({"diagnosis": "b", "mended": _bgr_less_rgb_means}, "each belongs to a colour"),
        ({"diagnosis": "b", "mended": _rgb_less_bgr_means}, "does the network have red"),
        ({"diagnosis": "b", "mended": _right_by_255}, "range the one of the recipe"),
    ],
}  # fmt: skip
