"""What moving a picture does to a network: five networks that learn from centred digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.data.tables import as_html, as_text
from tlcourse.errors import HIGHEST_SEED, ArgumentError, must_be_whole
from tlcourse.experiments.small_networks import pixels_and_labels
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.messages import progress

if TYPE_CHECKING:
    import keras

_RATE = 0.005
_BATCH = 32
_MARKERS = "osD^v"
_LINES = ("-", "--", ":", "-.", "-")


@dataclass(frozen=True, eq=False, repr=False)
class ShiftComparison:
    """Accuracy on digits that lie elsewhere than those learned from; shows as a table.

    Attributes
    ----------
    accuracies : dict
        From a network's name to `(farthest + 1,)` float64: its accuracy on test digits moved by 0,
        1, 2 … pixels; the mean over the four directions.
    parameters : dict
        From a network's name to how many it has.
    n_test : int
        Number of test digits.

    """

    accuracies: dict[str, np.ndarray]
    parameters: dict[str, int]
    n_test: int

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        shifts = len(next(iter(self.accuracies.values())))
        head = ["network", "parameters", *(f"moved by {shift}" for shift in range(shifts))]
        rows = [
            [name, f"{self.parameters[name]:,}", *(f"{share:.1%}" for share in shares)]
            for name, shares in self.accuracies.items()
        ]
        sentence = f"Accuracy on {self.n_test:,} digits, moved by so many pixels"
        return sentence, [head, *rows], ["The mean over up, down, left and right."]

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())

    def draw(self) -> Figure:
        """Draw accuracy against the shift, a line a network."""
        with drawing(7.0, 4.0) as canvas:
            axes = canvas.subplots()
            for number, (name, shares) in enumerate(self.accuracies.items()):
                axes.plot(
                    shares, c=PALETTE[number], marker=_MARKERS[number], ls=_LINES[number],
                    label=name,
                )  # fmt: skip
            axes.axhline(0.1, c="0.6", lw=1, ls=":")
            axes.set(xlabel="digits moved by … pixels", ylabel="accuracy", ylim=(0, 1.03))
            axes.set_xticks(range(len(next(iter(self.accuracies.values())))))
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
            axes.set_title("Learned from centred digits, tested on moved ones")
            axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
            told = "; ".join(
                f"{name}: {', '.join(f'{share:.0%}' for share in shares)}"
                for name, shares in self.accuracies.items()
            )
            shifts = len(next(iter(self.accuracies.values()))) - 1
            return finish(
                canvas, f"Accuracy with the digits moved by 0 to {shifts} pixels. {told}."
            )


def on_paper(pixels: np.ndarray, side: int = 16, *, down: int = 0, right: int = 0) -> np.ndarray:
    """Put pictures in the middle of larger ones that are black, or beside the middle.

    Parameters
    ----------
    pixels
        `(height, width)`, or `(n, height, width, channels)`.
    side
        Height and width of the larger pictures.
    down, right
        Pixels from the middle; negative ones move up and left.

    Returns
    -------
    An array of the same type and number of dimensions.

    Raises
    ------
    ArgumentError
        When the pictures would stick out.

    """
    array = np.asarray(pixels)
    if array.ndim not in (2, 4):
        raise ArgumentError(
            "The argument 'pixels' is no picture.",
            expected="shape (height, width) or (n, height, width, channels)",
            received=f"shape {array.shape}",
        )
    first = 0 if array.ndim == 2 else 1
    places = [slice(None)] * array.ndim
    shape = list(array.shape)
    for axis, move in ((first, down), (first + 1, right)):
        start = (side - array.shape[axis]) // 2 + move
        if start < 0 or start + array.shape[axis] > side:
            raise ArgumentError(
                "The picture would stick out of the paper.",
                expected=f"pictures and moves that fit into {side} × {side} pixels",
                received=f"shape {array.shape}, down={down}, right={right}",
            )
        places[axis], shape[axis] = slice(start, start + array.shape[axis]), side
    paper = np.zeros(shape, array.dtype)
    paper[tuple(places)] = array
    return paper


def compare_shifts(
    train: ImageSet, test: ImageSet, *, farthest: int = 4, epochs: int = 12, seed: int = 0
) -> ShiftComparison:
    """Train five networks on centred digits, and test them on digits that are moved.

    The digits are put on black paper with `farthest` pixels of margin on each side. All networks
    learn with Adam at the same rate from the same pictures, and have never seen a moved one.

    Parameters
    ----------
    train, test
        Grey pictures of digits, all of one size.
    farthest
        How far the test digits are moved at most, in pixels.
    epochs
        Passes over the training pictures.
    seed
        Of the random weights and of the order of the pictures.

    Returns
    -------
    A `ShiftComparison`.

    References
    ----------
    A. Azulay and Y. Weiss (2019). Why do deep convolutional networks generalize so poorly to small
    image transformations? Journal of Machine Learning Research 20(184). R. Zhang (2019). Making
    convolutional networks shift-invariant again. ICML.

    """
    from tlcourse.quiet import start_tensorflow

    must_be_whole("farthest", farthest, 1, 64)
    must_be_whole("epochs", epochs, 1, 1000)
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    pixels, labels = pixels_and_labels(train)
    tested, true = pixels_and_labels(test)
    side = max(pixels.shape[1:3]) + 2 * farthest
    start_tensorflow()
    import keras

    accuracies, parameters = {}, {}
    for name, between in progress(_networks().items(), what="Five networks", unit="network"):
        keras.utils.set_random_seed(seed)
        network = _assembled(side, between)
        optimizer = keras.optimizers.Adam(_RATE)
        network.compile(optimizer, "sparse_categorical_crossentropy")
        network.fit(on_paper(pixels, side), labels, batch_size=_BATCH, epochs=epochs, verbose=0)
        accuracies[name] = np.array(
            [_accuracy(network, tested, true, side, shift) for shift in range(farthest + 1)]
        )
        parameters[name] = network.count_params()
    return ShiftComparison(accuracies, parameters, len(true))


def _networks() -> dict[str, Callable[[], list[Any]]]:
    """Return what stands between the pixels and the head, by the name of the network."""
    from keras import layers

    def convolution(kernels: int, dilation: int = 1) -> Any:
        return layers.Conv2D(kernels, 3, padding="same", activation="relu", dilation_rate=dilation)

    return {
        "dense only": lambda: [layers.Flatten(), layers.Dense(32, activation="relu")],
        "convolutions": lambda: [convolution(16), convolution(32), layers.Flatten()],
        "convolutions, pooling": lambda: [
            convolution(16), layers.MaxPooling2D(), convolution(32), layers.MaxPooling2D(),
            layers.Flatten(),
        ],
        "convolutions, pooling, global": lambda: [
            convolution(16), layers.MaxPooling2D(), convolution(32), layers.GlobalMaxPooling2D(),
        ],
        "convolutions, dilated, global": lambda: [
            convolution(16), convolution(32, dilation=2), layers.GlobalMaxPooling2D(),
        ],
    }  # fmt: skip


def _assembled(side: int, between: Callable[[], list[Any]]) -> keras.Model:
    import keras
    from keras import layers

    ends = keras.Input((side, side, 1)), layers.Rescaling(1 / 255)
    return keras.Sequential([*ends, *between(), layers.Dense(10, activation="softmax")])


def _accuracy(
    network: keras.Model, pixels: np.ndarray, labels: np.ndarray, side: int, shift: int
) -> float:
    """Return the share of pictures named rightly that are moved, the mean of four directions."""
    moves = [(shift, 0), (-shift, 0), (0, shift), (0, -shift)] if shift else [(0, 0)]
    shares = []
    for down, right in moves:
        moved = on_paper(pixels, side, down=down, right=right)
        answers = np.asarray(network.predict(moved, batch_size=256, verbose=0))
        shares.append((answers.argmax(axis=1) == labels).mean())
    return float(np.mean(shares))
