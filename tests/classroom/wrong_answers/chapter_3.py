"""Typical wrong answers to the exercises of chapter 3, and words of the hint that each must get."""

from __future__ import annotations

from typing import Any

import numpy as np


def _no_stride(picture: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    """The loop of the chapter, for any kernel, with an argument that is not used."""
    height, width = (p - k + 1 for p, k in zip(picture.shape, kernel.shape, strict=True))
    result = np.zeros((height, width))
    for row in range(height):
        for column in range(width):
            window = picture[row : row + kernel.shape[0], column : column + kernel.shape[1]]
            result[row, column] = (window * kernel).sum()
    return result


def _right(picture: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    return _no_stride(picture, kernel, stride)[::stride, ::stride]


def _turned(picture: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    return _right(picture, kernel[::-1, ::-1], stride)


def _too_few(picture: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    height, width = ((p - k) // stride for p, k in zip(picture.shape, kernel.shape, strict=True))
    return _right(picture, kernel, stride)[:height, :width]


def _wrong_start(picture: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    height, width = _right(picture, kernel, stride).shape
    return _no_stride(picture, kernel, stride)[:height, :width]


def _square_kernels_only(picture: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    k = len(kernel)
    height, width = (picture.shape[0] - k) // stride + 1, (picture.shape[1] - k) // stride + 1
    result = np.zeros((height, width))
    for row in range(height):
        for column in range(width):
            top, left = row * stride, column * stride
            result[row, column] = (picture[top : top + k, left : left + k] * kernel).sum()
    return result


def _returns_nothing(picture: np.ndarray, kernel: np.ndarray, stride: int) -> None:
    _right(picture, kernel, stride)


WRONG: dict[str, list[tuple[Any, str]]] = {
    "3.1": [
        ([109, 54], "zeros around the picture, twice"),
        ("112, 112", "moves in steps as well"),
        ((111, 55), "before its first step"),
        ([224, 224], "stride 1"),
        ([112, 56, 64], "Two numbers"),
        ([115, 58], "once for each step"),
    ],
    "3.2": [
        ({"layer": "73,728", "larger": 295_424}, "added to each sum"),
        ({"layer": 1_280, "larger": 5_120}, "one channel came in"),
        ({"layer": 577, "larger": 577}, "one kernel with its bias"),
        ({"layer": 73_856, "larger": 295_424}, "four times as many places"),
        ({"layer": 73_856, "larger": 147_712}, "Slide the kernel"),
    ],
    "3.3": [
        (_no_stride, "stride is not used"),
        (_turned, "as mathematicians do"),
        (_too_few, "a row and a column too few"),
        (_wrong_start, "window for row 1 of the result start"),
        (_square_kernels_only, "height and width are two numbers"),
        (_returns_nothing, "return"),
    ],
    "3.4": [
        (np.eye(3), "an even area as well"),
        ([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], "at least as strongly"),
        (np.fliplr(3 * np.eye(3) - 1), "rises"),
        (np.zeros((3, 3)), "answers to nothing"),
        (np.ones((5, 5)), "Three rows of three"),
    ],
    "3.5": [
        ("It was not trained long enough, more epochs would mend it.", "Would longer training"),
        ("The network overfits the centred digits.", "*which* digits"),
        ("The zeros of the padding confuse it at the border.", "four black pixels"),
        ("The dense layer has a weight for each position.", "what mends it"),
        ("Global pooling mends it.", "behind the maps"),
    ],
    "3.6": [
        ("I made the kernels larger and it was better.", "at least 40 words"),
        (
            "I replaced max pooling by average pooling in both places and trained the two networks "
            "with the digits of the chapter for twenty epochs each, and the network with average "
            "pooling had 97.8% while that with max pooling had 98.4%, so max pooling is better.",
            "expect before you measured",
        ),
        (
            "I expected that more kernels help, so I doubled them in both layers, trained once, "
            "and found 98.9% instead of 98.4% on the test digits. So more kernels help, as I had "
            "expected from the start, and everybody should always use more kernels than here.",
            "between seeds alone",
        ),
    ],
    "L3.1": [
        ({"diagnosis": "a", "mended": None}, "Is the scale wrong"),
        ({"diagnosis": "b)", "mended": None}, "Read the titles"),
        ({"diagnosis": "d", "mended": None}, "hardly anything would happen"),
        ({"diagnosis": "c", "mended": 0.98}, "the mended network itself"),
    ],
}
