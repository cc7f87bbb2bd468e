"""A picture to be optimised: painted in frequencies and natural colours, moved a little."""

from __future__ import annotations

from typing import Any

import numpy as np

# Principal axes of the colours of the seven photographs in colour that `photograph` knows, as
# columns, each times its standard deviation: light, blue to red, and green to purple. Red, green
# and blue go up and down together in photographs, and steps along these axes are independent.
_COLOURS = np.array([[0.28, 0.13, 0.01], [0.25, -0.04, -0.04], [0.23, -0.12, 0.03]], np.float32)

_CONTRAST = 0.1
"""Of what a step can do: with more, pictures soon consist of black and full colours only."""

_MEAN_COLOUR = 8
"""How much further than a wave a step takes the mean colour, which is a single number."""

_START = 0.01
_BORDER = 8
"""Pixels that are painted beyond each edge, for shifts."""


class Canvas:
    """A picture as coefficients of a discrete Fourier transform.

    Amplitudes in natural pictures fall with the frequency (Field 1987, 'Relations between the
    statistics of natural images and the response properties of cortical cells'); with that fall
    built in, a step of gradient ascent changes shapes as readily as single pixels.

    Attributes
    ----------
    variables : list
        What is optimised.

    """

    def __init__(self, size: tuple[int, int], channels: int, random: np.random.RandomState) -> None:
        import tensorflow as tf

        self._size = tuple(side + 2 * _BORDER for side in size)
        height, width = self._size
        across, down = np.fft.rfftfreq(width), np.fft.fftfreq(height)[:, None]
        frequency = np.maximum(np.hypot(across, down), 1 / max(height, width))
        frequency[0, 0] /= _MEAN_COLOUR
        self._fall = tf.constant(np.sqrt(height * width) * _CONTRAST / frequency, tf.float32)
        shape = (2, channels, height, len(across))
        start = random.standard_normal(shape).astype(np.float32) * _START
        self._coefficients = tf.Variable(start)
        self.variables = [self._coefficients]

    def pixels(self) -> Any:
        """Return the picture with its border, a tensor `(1, height, width, channels)`, 0 to 255."""
        import tensorflow as tf

        real, imaginary = (self._coefficients[part] * self._fall for part in range(2))
        planes = tf.signal.irfft2d(tf.complex(real, imaginary), self._size)
        values = tf.transpose(planes, (1, 2, 0))
        if values.shape[-1] == 3:
            values = tf.matmul(values, tf.constant(_COLOURS / _COLOURS.max()), transpose_b=True)
        return 255 * tf.sigmoid(values)[None]

    def picture(self) -> np.ndarray:
        """Return the picture as it is now, without border, `(height, width, channels)` uint8."""
        whole = np.rint(np.asarray(self.pixels())[0]).astype(np.uint8)
        return whole[_BORDER:-_BORDER, _BORDER:-_BORDER]


class Wobble:
    """Small random turns, changes of size and shifts, so that no single pixel can matter."""

    def __init__(self, size: tuple[int, int], random: np.random.RandomState) -> None:
        self._size, self._random = size, random

    def draw(self) -> np.ndarray:
        """Return the next move, `(1, 8)` float32, as TensorFlow's projective transform takes it."""
        angle = np.deg2rad(self._random.uniform(-5, 5))
        scale = self._random.uniform(0.95, 1.05)
        shift = self._random.uniform(-_BORDER, _BORDER, 2)
        cosine, sine = np.cos(angle) / scale, np.sin(angle) / scale
        to_middle = np.array([side / 2 for side in self._size[::-1]])
        from_middle = to_middle + _BORDER + shift
        x = from_middle[0] - cosine * to_middle[0] + sine * to_middle[1]
        y = from_middle[1] - sine * to_middle[0] - cosine * to_middle[1]
        return np.array([[cosine, -sine, x, sine, cosine, y, 0, 0]], np.float32)

    def apply(self, pixels: Any, move: Any) -> Any:
        """Return the moved picture, cut to its size: a tensor `(1, height, width, channels)`."""
        import tensorflow as tf

        return tf.raw_ops.ImageProjectiveTransformV3(
            images=pixels,
            transforms=move,
            output_shape=tf.constant(self._size, tf.int32),
            fill_value=0.0,
            interpolation="BILINEAR",
            fill_mode="REFLECT",
        )
