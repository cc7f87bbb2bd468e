"""LeNet-5 trained on real digits, and what it draws for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tlcourse.data import ImageSet
from tlcourse.errors import ArgumentError
from tlcourse.evaluation import Report, judge
from tlcourse.experiments.digit_runs import Learned, Training, scores_of, steps_of
from tlcourse.experiments.lenet import drawings, lenet_5, on_lenets_paper
from tlcourse.figures import Figure, drawing, finish

if TYPE_CHECKING:
    import keras

_RATE = 0.002


@dataclass(frozen=True, eq=False, repr=False)
class ReadDigits:
    """LeNet-5 after its training; shows its report.

    Attributes
    ----------
    network : keras.Model
    learned : Learned
        Loss and error, epoch by epoch.
    report : Report
        On the test digits.
    pixels : np.ndarray
        `(n, 32, 32, 1)` float32: the test digits, in the order of `report.paths`.

    """

    network: keras.Model
    learned: Learned
    report: Report
    pixels: np.ndarray

    def __repr__(self) -> str:
        return repr(self.report)

    def distances(self, images: ImageSet) -> np.ndarray:
        """Return how far some pictures are from the nearest drawing, `(n,)` float32.

        Squared distances: 0 is the drawing itself, 4 one wrong point of the 84.
        """
        pixels, _ = on_lenets_paper(images)
        return -scores_of(self.network, pixels).max(axis=1)

    def draw_answers(self) -> Figure:
        """Draw a test digit of each class, what LeNet-5 draws for it, and the nearest drawing.

        The 84 values of its last hidden layer are seen as a picture of 7 × 12 points. Of each class
        the test digit is taken for which it is least sure, so that its mistakes are among them.
        """
        labels = self.report.labels
        of_true = self.report.probabilities[np.arange(len(labels)), labels]
        hardest = [
            rows[of_true[rows].argmin()]
            for rows in map(np.flatnonzero, np.arange(10)[:, None] == labels)
        ]
        values = self.network.layers[-1].input
        drawn = scores_of(_from_input_to(self.network, values), self.pixels[hardest])
        answers = self.report.probabilities[hardest].argmax(axis=1)
        ideal = drawings()
        with drawing(9.2, 3.9) as canvas:
            panels = canvas.subplots(3, 10)
            for column, (row, answer) in enumerate(zip(hardest, answers, strict=True)):
                top, middle, bottom = panels[:, column]
                top.imshow(self.pixels[row, ..., 0], cmap="gray_r", vmin=0, vmax=255)
                middle.imshow(drawn[column].reshape(12, 7), cmap="gray_r", vmin=-1, vmax=1)
                bottom.imshow(ideal[answer], cmap="gray_r", vmin=-1, vmax=1)
                wrong = answer != labels[row]
                bottom.set_xlabel(str(answer), weight="bold", c="#D55E00" if wrong else "black")
            for axes in panels.flat:
                axes.set(xticks=[], yticks=[])
                axes.spines[:].set_visible(False)
            for axes, name in zip(panels[:, 0], ("digit", "its 84 values", "nearest"), strict=True):
                axes.set_ylabel(name)
            told = ", ".join(
                f"a {labels[row]} read as {answer}"
                for row, answer in zip(hardest, answers, strict=True)
            )
            return finish(
                canvas,
                "The hardest test digit of each class; below it the 84 values of LeNet-5's last "
                f"hidden layer as a picture, and the nearest of the ten drawings: {told}.",
            )


def _from_input_to(network: keras.Model, values: object) -> keras.Model:
    import keras

    return keras.Model(network.inputs[0], values)


def read_digits(images: ImageSet, *, epochs: int = 20, seed: int = 0) -> ReadDigits:
    """Train LeNet-5 on digits, and judge it on those put aside.

    The loss is the paper's (equation 9), in which a class 'none of them' takes part; the way there
    is not: momentum and a sinking rate instead of the paper's second derivatives, and the digits of
    `images` instead of 60,000 of MNIST.

    Parameters
    ----------
    images
        A split set of digits in ten classes.
    epochs
        Passes over the training digits.
    seed
        Of weights and order.

    Raises
    ------
    ArgumentError
        When there are other than ten classes.
    DataError
        When the set is not split.

    """
    if len(images.class_names) != 10:
        raise ArgumentError(
            "LeNet-5 reads the ten digits.",
            expected="a set with 10 classes",
            received=f"{len(images.class_names)} classes",
            todo='Take tl.split(tl.load_dataset("digits")).',
        )
    network = lenet_5(seed)
    from tlcourse.experiments.lenet_layers import criterion

    given = on_lenets_paper(images.train)
    steps = steps_of(len(given[0]), epochs)
    training = Training(network, steps=steps, rate=_RATE, loss=criterion)
    learned = training(*given, epochs=epochs, seed=seed)
    pixels, labels = on_lenets_paper(images.test)
    scores = scores_of(network, pixels).astype(np.float64)
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities = shares / shares.sum(axis=1, keepdims=True)
    report = judge(probabilities, labels, images.class_names, images.test.paths)
    return ReadDigits(network, learned, report, pixels)
