"""What chapter 4's exercises compare with: receptive fields, a loud channel, pixels for VGG-16."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from tlcourse.classroom.functions import Case

LAYER = "block5_conv3"
WANTED = "motorcycle"
LEAST = 100.0
"""How large the largest answer to the motorcycle must be."""

FACTOR = 2.0
"""By how much it must exceed those to all other photographs."""

MEANS = (123.68, 116.779, 103.939)
"""Of ImageNet's training pictures: red, green, blue."""

Steps = Sequence[tuple[int, int]]


def without_strides(steps: Steps) -> int:
    """Add up the kernels as if all strides were 1."""
    return 1 + sum(kernel - 1 for kernel, _ in steps)


def stride_too_early(steps: Steps) -> int:
    """Let a layer's own stride widen its own field."""
    size, distance = 1, 1
    for kernel, stride in steps:
        distance *= stride
        size += (kernel - 1) * distance
    return size


def strides_added(steps: Steps) -> int:
    """Add strides instead of multiplying them."""
    size, distance = 1, 1
    for kernel, stride in steps:
        size += (kernel - 1) * distance
        distance = stride if distance == 1 else distance + (stride if stride > 1 else 0)
    return size


def kernels_multiplied(steps: Steps) -> int:
    """Multiply the kernels."""
    return int(np.prod([kernel for kernel, _ in steps], dtype=np.int64))


def judge_channel(answer: object) -> bool | str:
    """Judge a channel: loud for the motorcycle, and at most half as loud for all others."""
    channel = int(answer)  # type: ignore[call-overload]
    if channel != answer or isinstance(answer, bool):
        raise ValueError(answer)
    loudest = loudest_answers()
    if not 0 <= channel < next(iter(loudest.values())).size:
        raise ValueError(answer)
    own = float(loudest[WANTED][channel])
    others = {name: float(values[channel]) for name, values in loudest.items() if name != WANTED}
    rival = max(others, key=lambda name: others[name])
    if own == 0:
        return "This channel says nothing at all to the motorcycle. Which are loud for it?"
    if own <= others[rival]:
        return f"The {rival} excites this channel even more. Compare with all eight photographs."
    if own < LEAST:
        return "It prefers the motorcycle, but in a low voice: its largest answer is too small."
    if own < FACTOR * others[rival]:
        return f"It is loud, but the {rival} comes too near. Divide by the largest of the others."
    return True


@cache
def loudest_answers() -> dict[str, np.ndarray]:
    """Return the largest answer of each channel of the layer to each photograph, by name."""
    from tlcourse.backbones import load_backbone
    from tlcourse.data import photograph
    from tlcourse.data.photographs import photograph_names
    from tlcourse.inside import open_network, record_activations

    network = open_network(load_backbone("vgg16"))
    return {
        name: record_activations(network, photograph(name), LAYER).strengths(LAYER, by="max")
        for name in photograph_names()
    }


def to_unit(pixels: np.ndarray) -> np.ndarray:
    """Return what the app makes of pixels: 0 to 1."""
    return np.asarray(pixels, np.float32) / 255


def without_means(pixels: np.ndarray) -> np.ndarray:
    """Return blue, green, red, and nothing subtracted."""
    return np.asarray(pixels, np.float32)[..., ::-1]


def red_first(pixels: np.ndarray) -> np.ndarray:
    """Subtract the means, and leave the colours in their order."""
    return np.asarray(pixels, np.float32) - np.array(MEANS, np.float32)


def means_swapped(pixels: np.ndarray) -> np.ndarray:
    """Return blue, green, red, less the means of red, green, blue."""
    return np.asarray(pixels, np.float32)[..., ::-1] - np.array(MEANS, np.float32)


def scaled_after_all(pixels: np.ndarray) -> np.ndarray:
    """Return the right numbers, a 255th of them."""
    return _right(pixels) / 255


def _right(pixels: np.ndarray) -> np.ndarray:
    """Return blue, green, red, less their means: what VGG-16 was trained on."""
    return (np.asarray(pixels, np.float32) - np.array(MEANS, np.float32))[..., ::-1]


def _pixel(red: int, green: int, blue: int) -> np.ndarray:
    return np.array([[[[red, green, blue]]]], np.uint8)


def _case(pixels: np.ndarray, hint: str) -> Case:
    return Case((pixels,), _right(pixels), hint)


PIXEL_CASES = [
    _case(_pixel(0, 0, 0), "This is a black pixel: only what is subtracted is left."),
    _case(_pixel(255, 0, 0), "This is a red pixel: in which place does the network have red?"),
    _case(_pixel(0, 0, 255), "This is a blue pixel: in which place does the network have blue?"),
    _case(_pixel(255, 255, 255), "This is a white pixel: it shows the range."),
    _case(
        np.arange(24, dtype=np.uint8).reshape(2, 2, 2, 3),
        "Here are two small pictures at once, all pixels different: shape `(n, height, width, 3)`.",
    ),
]
