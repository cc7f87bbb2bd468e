"""`Attribution`: which parts of a picture speak for an answer, as a map, a figure and words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tlcourse.figures import Figure, drawing, finish
from tlcourse.inside.maps import overlay
from tlcourse.inside.network import Network
from tlcourse.inside.targets import Target

METHOD_NAMES = {
    "saliency": "Gradient saliency",
    "smooth_grad": "SmoothGrad",
    "integrated_gradients": "Integrated gradients",
    "grad_cam": "Grad-CAM",
    "grad_cam_plus_plus": "Grad-CAM++",
    "occlusion": "Occlusion",
}

_BRIGHTEST = 99.5
"""Percentile of a map that is drawn at full strength: single pixels of gradients lie far above all
others (Smilkov et al. 2017)."""
_OPACITY = 0.8
_SMOOTHING = 100
"""A map of pixels is drawn smoothed by a bell as wide as its longer side divided by this."""


@dataclass(frozen=True, eq=False, repr=False)
class Attribution:
    """How much each part of a picture speaks for one answer of a network.

    Shows itself as the picture with the map laid over it.

    Attributes
    ----------
    map : np.ndarray
        `(height, width)` float32, of the size of `picture`; larger: speaks more for the answer.
        Integrated gradients and occlusion have negative values too, where something speaks against
        it; the others are 0 or more. In units of the method: compare maps by their order.
    native : np.ndarray
        The same as the method computed it, float32: `(7, 7)` for Grad-CAM of many networks; for
        occlusion a value for each position of the window.
    picture : np.ndarray
        `(height, width, 3)` uint8, what the network saw.
    target : int
        The column of the answer that is explained.
    target_name : str
        The name of its class; `"class 3"` or `"feature 3"` where there is none.
    score : float
        The answer before the last softmax or sigmoid: what the map takes apart.
    probability : float or None
        After it, 0 to 1; None where the network ends without one.
    method : str
        As for `explain`.
    layer : str or None
        The layer whose feature map was used; None for methods that look at the pixels.
    network : str
        The name of the network.
    completeness_gap : float or None
        For integrated gradients: by how much the map's sum misses the difference of the scores of
        picture and baseline. More steps make it smaller.

    """

    map: np.ndarray
    native: np.ndarray
    picture: np.ndarray
    target: int
    target_name: str
    score: float
    probability: float | None
    method: str
    layer: str | None
    network: str
    completeness_gap: float | None = None

    @property
    def where(self) -> str:
        """Where the map lies, in words: `"63% of it in the upper left quarter"`."""
        return where_it_lies(self.map)

    def share_in(self, box: tuple[int, int, int, int]) -> float:
        """Return the share, 0 to 1, of what speaks for the answer that lies in a box.

        Parameters
        ----------
        box
            `(top, left, bottom, right)` in pixels of `picture`, bottom and right excluded.

        """
        top, left, bottom, right = box
        positive = np.maximum(self.map.astype(np.float64), 0)
        total = positive.sum()
        return float(positive[top:bottom, left:right].sum() / total) if total > 0 else 0.0

    @cached_property
    def drawn(self) -> np.ndarray:
        """The map as it is drawn, `(height, width)` float32.

        Maps that have a value for each pixel are smoothed for the eye, since single pixels could
        not be told apart.
        """
        from scipy.ndimage import gaussian_filter

        if not self._by_pixel:
            return self.map
        return gaussian_filter(self.map, max(self.map.shape) / _SMOOTHING)

    @property
    def scale(self) -> tuple[float, float]:
        """The values of `drawn` that get the first and the last colour; what is beyond gets it too.

        From 0 up, or where `drawn` has negative values, as far to both sides of 0.
        """
        sizes = np.abs(self.drawn)
        high = float(np.percentile(sizes, _BRIGHTEST)) or float(sizes.max())
        return (-high if self.drawn.min() < 0 else 0.0, high)

    def overlay(self) -> np.ndarray:
        """Return the picture with the map laid over it, `(height, width, 3)` uint8.

        The picture is grey; the more a place speaks for the answer, the more yellow it is. Where a
        map has negative values, red speaks for the answer and blue against it.
        """
        return overlay(self.picture, self.drawn, opacity=_OPACITY, scale=self.scale)

    @property
    def _by_pixel(self) -> bool:
        return self.method in ("saliency", "smooth_grad", "integrated_gradients")

    def draw(self) -> Figure:
        """Draw the picture, and beside it the picture with the map laid over it."""
        with drawing(5.2, 3.0) as canvas:
            left, right = canvas.subplots(1, 2)
            left.imshow(self.picture)
            right.imshow(self.overlay())
            how = ", smoothed" if self._by_pixel else ""
            if self.map.min() < 0:
                how += ": red for it, blue against"
            titles = "what the network saw", f"{self._method_in_words}{how}"
            for axes, title in zip((left, right), titles, strict=True):
                axes.set_title(title, fontsize=10)
                axes.set_axis_off()
            canvas.suptitle(self._answer_in_words)
            return finish(canvas, f"{self!r}.")

    @property
    def _method_in_words(self) -> str:
        name = METHOD_NAMES[self.method]
        return f"{name} at {self.layer}" if self.layer else name

    @property
    def _answer_in_words(self) -> str:
        if self.probability is not None:
            return f"{self.target_name}: {_percent(self.probability)}"
        return f"{self.target_name}: {self.score:.3g}"

    def __repr__(self) -> str:
        gap = ""
        if self.completeness_gap is not None:
            gap = f"; its sum misses the difference of scores by {self.completeness_gap:.2g}"
        return (
            f"{self._method_in_words} for {self._answer_in_words} (score {self.score:.3g}) "
            f"by {self.network}: {self.where}{gap}"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.draw()._repr_mimebundle_(**kwargs)


def make_attribution(
    network: Network,
    pixels: np.ndarray,
    target: Target,
    native: np.ndarray,
    method: str,
    *,
    layer: str | None = None,
    full: np.ndarray | None = None,
    completeness_gap: float | None = None,
) -> Attribution:
    """Put an `Attribution` together; `full`, the map at picture size, is resized from `native`."""
    if full is None:
        full = enlarge(native, network.input_shape[:2])
    return Attribution(
        map=full.astype(np.float32),
        native=native.astype(np.float32),
        picture=shown_pixels(pixels[0]),
        target=target.index,
        target_name=target.name,
        score=target.score,
        probability=target.probability,
        method=method,
        layer=layer,
        network=network.name,
        completeness_gap=completeness_gap,
    )


def enlarge(small: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a map at another size, linear between the centres of its cells, float32."""
    from PIL import Image

    if small.shape == size:
        return small.astype(np.float32)
    image = Image.fromarray(np.ascontiguousarray(small, np.float32))
    return np.asarray(image.resize(size[::-1], Image.Resampling.BILINEAR))


def shown_pixels(pixels: np.ndarray) -> np.ndarray:
    """Return `(height, width, 3)` uint8 for pixels as a network takes them.

    Values outside 0 to 255, as of floats that somebody prepared, are stretched to that range.
    """
    low, high = float(pixels.min()), float(pixels.max())
    if low < 0 or high > 255 or (high <= 1 and low < high):
        pixels = (pixels - low) * (255 / max(high - low, 1e-12))
    whole = np.rint(pixels).astype(np.uint8)
    return np.repeat(whole, 3, axis=2) if whole.shape[2] == 1 else whole


def where_it_lies(values: np.ndarray) -> str:
    """Say where the positive part of a map lies, for those who do not see it."""
    positive = np.maximum(values.astype(np.float64), 0)
    total = positive.sum()
    if total <= 0:
        return "nothing in the picture speaks for it"
    height, width = values.shape
    upper, lower = slice(0, (height + 1) // 2), slice(height // 2, height)
    left, right = slice(0, (width + 1) // 2), slice(width // 2, width)
    middle = (
        slice(height // 4, height - height // 4),
        slice(width // 4, width - width // 4),
    )
    every = slice(None)
    regions = {
        "the upper left quarter": (upper, left),
        "the upper right quarter": (upper, right),
        "the lower left quarter": (lower, left),
        "the lower right quarter": (lower, right),
        "the middle": middle,
        "the upper half": (upper, every),
        "the lower half": (lower, every),
        "the left half": (every, left),
        "the right half": (every, right),
    }

    def concentration(region: tuple[slice, slice]) -> float:
        part = positive[region]
        return float(part.sum() / total) - part.size / positive.size

    name = max(regions, key=lambda name: concentration(regions[name]))
    part = positive[regions[name]]
    share, area = part.sum() / total, part.size / positive.size
    if share - area < _EVEN:
        return "it lies evenly over the picture"
    return f"{share:.0%} of it in {name}, {area:.0%} of the picture"


_EVEN = 0.1


def _percent(share: float) -> str:
    return "under 1%" if 0 < share < 0.005 else f"{share:.0%}"
