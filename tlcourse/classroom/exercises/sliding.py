"""What is right and what goes wrong where a kernel slides: for the exercises of chapter 3."""

from __future__ import annotations

from typing import Any

import numpy as np

from tlcourse.classroom.kinds import Case

RAMP = np.arange(20.0).reshape(4, 5)
DOT = np.eye(7)[3][:, np.newaxis] * np.eye(7)[3]
SLANTED = np.array([[1.0, 2.0], [3.0, 4.0]])
_LINES = {
    "falls": np.eye(9),
    "rises": np.eye(9)[::-1],
    "is upright": np.eye(9)[4] * np.ones((9, 1)),
    "is level": np.eye(9)[4][:, np.newaxis] * np.ones(9),
}


def _slide(picture: Any, kernel: Any, stride: int = 1) -> np.ndarray:
    """Return what sliding a kernel over a picture gives, `(height, width)` float64."""
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(picture), np.shape(kernel))
    return np.einsum("ijkl,kl->ij", windows[::stride, ::stride], np.asarray(kernel, float))


def turned(picture: Any, kernel: Any, stride: int) -> np.ndarray:
    """Turn the kernel round first."""
    return _slide(picture, np.asarray(kernel)[::-1, ::-1], stride)


def without_stride(picture: Any, kernel: Any, stride: int) -> np.ndarray:
    """Move by one pixel, whatever the stride."""
    return _slide(picture, kernel)


def divided(picture: Any, kernel: Any, stride: int) -> np.ndarray:
    """Divide the room by the stride without the place where the kernel starts."""
    height, width = (
        (p - k) // stride for p, k in zip(np.shape(picture), np.shape(kernel), strict=True)
    )
    return _slide(picture, kernel, stride)[:height, :width]


def windows_side_by_side(picture: Any, kernel: Any, stride: int) -> np.ndarray:
    """Count in strides, and look at every place for all that."""
    height, width = _slide(picture, kernel, stride).shape
    return _slide(picture, kernel)[:height, :width]


def case(picture: np.ndarray, kernel: np.ndarray, stride: int, hint: str) -> Case:
    """Return a case with what sliding gives."""
    return Case((picture, kernel, stride), _slide(picture, kernel, stride), hint)


def judge_kernel(answer: Any) -> bool | str:
    """Judge a kernel for falling lines by its strongest answers to four kinds of lines."""
    kernel = np.asarray(answer, dtype=float)
    if kernel.size == 9 and kernel.shape != (3, 3):
        kernel = kernel.reshape(3, 3)
    if kernel.shape != (3, 3) or not np.isfinite(kernel).all():
        return "Three rows of three numbers, please: a list of lists will do."
    if not kernel.any():
        return "It answers to nothing at all. Where must the positive numbers stand?"
    if abs(kernel.sum()) > 1e-6 * np.abs(kernel).max():
        return "It answers to an even area as well. What must the nine numbers add up to?"
    strongest = {name: float(_slide(line, kernel).max()) for name, line in _LINES.items()}
    falls = strongest.pop("falls")
    other = max(strongest, key=lambda name: strongest[name])
    if falls <= 0:
        return "It does not answer to the line at all. Lay the kernel on it: what meets what?"
    if falls <= strongest[other] * (1 + 1e-6):
        return (
            f"It answers at least as strongly to a line that {other}. On which of the nine places "
            "does that line lie, and the falling one does not?"
        )
    return True
