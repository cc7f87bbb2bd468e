"""What happened in each epoch of training, as numbers, a table and curves."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from tlcourse.figures import PALETTE, Figure, drawing, finish

Ending = Literal["all epochs", "early stopping", "stopped by hand", "loss exploded"]


@dataclass(frozen=True)
class Epoch:
    """One pass over the training pictures.

    Attributes
    ----------
    number
        From 1; 0 is the state before the first.
    learning_rate
        Of the highest layers of the backbone, at the end of the epoch.
    loss, accuracy
        On the training pictures, as they were learned from: augmented, labels smoothed, with the
        weights of the moment. None for number 0.
    validation_loss, validation_accuracy
        On the held-out pictures at the end of the epoch: mean cross-entropy, and the share of right
        answers. None where nothing was held out.
    seconds
        Wall-clock time.

    """

    number: int
    learning_rate: float
    loss: float | None
    accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    seconds: float


@dataclass(frozen=True)
class History:
    """The epochs of a training, in order.

    Attributes
    ----------
    epochs
        The first is number 0, the state before training.
    best
        The number of the epoch whose weights were kept.
    ended
        Why it ended: `"all epochs"`, `"early stopping"`, `"stopped by hand"` or
        `"loss exploded"`.

    """

    epochs: tuple[Epoch, ...]
    best: int
    ended: Ending

    def __len__(self) -> int:
        return len(self.epochs)

    def __getitem__(self, number: int) -> Epoch:
        return self.epochs[number]

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        return asdict(self)

    @property
    def seconds(self) -> float:
        """Wall-clock time of all epochs."""
        return sum(epoch.seconds for epoch in self.epochs)

    def __repr__(self) -> str:
        head = ("epoch", "rate", "loss", "accuracy", "val. loss", "val. accuracy", "seconds")
        rows = [
            (
                f"{epoch.number}{' *' if epoch.number == self.best else '  '}",
                f"{epoch.learning_rate:.1e}",
                _number(epoch.loss, ".3f"),
                _number(epoch.accuracy, ".1%"),
                _number(epoch.validation_loss, ".3f"),
                _number(epoch.validation_accuracy, ".1%"),
                f"{epoch.seconds:.1f}",
            )
            for epoch in self.epochs
        ]
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        lines = ["  ".join(map(str.rjust, row, widths)) for row in (head, *rows)]
        return "\n".join([*lines, f"* weights kept; ended: {self.ended}"])

    def figure(self) -> Figure:
        """Draw loss and accuracy against the epochs, for training and for held-out pictures."""
        with drawing(8.0, 3.2) as canvas:
            axes = canvas.subplots(1, 2)
            for panel, (name, title) in zip(
                axes, {"loss": "cross-entropy", "accuracy": "accuracy"}.items(), strict=True
            ):
                self._curve(panel, name, "training", PALETTE[0], "o")
                self._curve(panel, f"validation_{name}", "validation", PALETTE[5], "s")
                panel.axvline(self.best, color="0.6", linewidth=1, linestyle=":")
                panel.set(xlabel="epoch", title=title)
                panel.xaxis.get_major_locator().set_params(integer=True)
            axes[1].yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
            axes[0].legend()
            return finish(canvas, self._in_words())

    def _curve(self, axes: Any, name: str, label: str, colour: str, marker: str) -> None:
        points = [(e.number, getattr(e, name)) for e in self.epochs if getattr(e, name) is not None]
        if points:
            axes.plot(*zip(*points, strict=True), color=colour, marker=marker, ms=4, label=label)

    def _in_words(self) -> str:
        last, best = self.epochs[-1], self.epochs[self.best]
        words = f"Loss and accuracy over {last.number} epochs; epoch {self.best} was kept"
        if best.validation_accuracy is not None:
            words += f", validation accuracy {best.validation_accuracy:.1%}"
        return words + f". Training loss ended at {_number(last.loss, '.3f')}; {self.ended}."


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
