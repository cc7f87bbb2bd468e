"""The ledger: which layers really learn, and how far each has moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.backbones import Backbone
from tlcourse.errors import ArgumentError, must_be
from tlcourse.quiet import start_tensorflow
from tlcourse.training.classifier import Classifier

if TYPE_CHECKING:
    import keras

    from tlcourse.training.heads import Head

FORGOTTEN = "trainable, but not in the optimiser: compile again"
STILL_LEARNING = "frozen after compiling, but still in the optimiser: compile again"


@dataclass(frozen=True)
class LedgerRow:
    """One layer with weights.

    Attributes
    ----------
    layer
        Its name; with the names of the models that it is nested in.
    kind
        Its class: "Conv2D".
    parameters
        How many numbers it holds.
    trainable
        Whether it may learn.
    batch_norm
        `"frozen"` (uses its stored statistics, which stay) or `"moves"` (uses those of the batch,
        and its stored ones follow); None for other layers.
    learns
        What it learned with: `"rate 1.0e-05"`, `"closed form"`, `"in the optimiser"`; `"no"`.
    change
        Length of the difference to the start, divided by the length of the start; None where the
        start is not known.
    problem
        What is wrong, or None.

    """

    layer: str
    kind: str
    parameters: int
    trainable: bool
    batch_norm: str | None
    learns: str
    change: float | None = None
    problem: str | None = None


@dataclass(frozen=True, repr=False)
class Ledger:
    """The layers of a model, in the order in which they compute, and what became of each."""

    rows: tuple[LedgerRow, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[LedgerRow]:
        return iter(self.rows)

    def __getitem__(self, layer: str) -> LedgerRow:
        """Return the row of a layer, by its name."""
        for row in self.rows:
            if layer in (row.layer, row.layer.rpartition("/")[2]):
                return row
        raise ArgumentError(
            "The model has no such layer.",
            expected=", ".join(row.layer for row in self.rows),
            received=repr(layer),
        )

    @property
    def problems(self) -> tuple[LedgerRow, ...]:
        """The rows with something wrong."""
        return tuple(row for row in self.rows if row.problem)

    def summary(self) -> str:
        """Return in a sentence how much of the model learns."""
        learning = [row for row in self.rows if row.learns != "no"]
        count, total = (sum(r.parameters for r in rows) for rows in (learning, self.rows))
        norms = [row for row in self.rows if row.batch_norm]
        moving = sum(row.batch_norm == "moves" for row in norms)
        words = (
            f"{len(learning)} of {len(self.rows)} layers learn, {count:,} of {total:,} parameters"
        )
        if norms:
            words += f"; {len(norms) - moving} of {len(norms)} BatchNorm layers frozen"
        if self.problems:
            words += f"; {len(self.problems)} PROBLEMS"
        return words

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (
                row.layer,
                row.kind,
                f"{row.parameters:,}",
                "yes" if row.trainable else "no",
                row.batch_norm or "",
                row.learns,
                "" if row.change is None else f"{row.change:.2%}",
                row.problem or "",
            )
            for row in self.rows
        ]

    _HEAD = ("layer", "kind", "parameters", "trainable", "BatchNorm", "learns", "change", "problem")

    def __repr__(self) -> str:
        table = [self._HEAD, *self._cells()]
        used = [i for i in range(len(self._HEAD)) if any(row[i] for row in table[1:])]
        widths = {i: max(len(row[i]) for row in table) for i in used}
        right = {2, 6}
        lines = [
            "  ".join(
                row[i].rjust(widths[i]) if i in right else row[i].ljust(widths[i]) for i in used
            ).rstrip()
            for row in table
        ]
        return "\n".join([*lines, self.summary()])

    def _repr_html_(self) -> str:
        parts = ["<table><caption>", escape(self.summary()), "</caption><thead><tr>"]
        parts += [f'<th scope="col">{escape(name)}</th>' for name in self._HEAD]
        parts.append("</tr></thead><tbody>")
        for row, (name, *cells) in zip(self.rows, self._cells(), strict=True):
            mark = ' style="font-weight: bold; background: #fbe3d6; color: #000"'
            parts.append(f"<tr{mark if row.problem else ''}>")
            parts.append(f'<th scope="row">{escape(name)}</th>')
            parts += [f"<td>{escape(cell)}</td>" for cell in cells]
            parts.append("</tr>")
        parts.append("</tbody></table>")
        return "".join(parts)


def ledger(
    model: Classifier | keras.Model, *, since: Classifier | keras.Model | None = None
) -> Ledger:
    """Tell for each layer whether it learns, and how far it has moved.

    Parameters
    ----------
    model
        A classifier of this course, or any Keras model. Of a Keras model that is compiled it is
        looked up whether what is trainable is in its optimiser: Keras takes note of `trainable`
        when it is compiled, and says nothing when it is changed afterwards.
    since
        The same network before training, for the change of a plain Keras model; a classifier that
        was fine-tuned here knows its own.

    Returns
    -------
    A `Ledger`; rows with something wrong have a `problem`.

    Raises
    ------
    ArgumentError
        When `since` is another network.

    """
    start_tensorflow()
    import keras

    todo = "Hand over what tl.fine_tune returned, or a Keras model."
    must_be("model", model, (Classifier, keras.Model), todo)
    if isinstance(model, Classifier):
        network, rows = model.model, _classifier_rows(model)
    else:
        network, rows = model, _keras_rows(model)
    if since is not None:
        must_be("since", since, (Classifier, keras.Model), "Hand over the model before training.")
        before = since.model if isinstance(since, Classifier) else since
        rows = _with_changes(rows, network, before)
    return Ledger(tuple(rows))


def layer_changes(
    before: Backbone, head_before: Head, after: Backbone, head_after: Head, rates: dict[str, float]
) -> list[dict[str, Any]]:
    """Return the ledger of a fine-tuning, ready for JSON.

    Parameters
    ----------
    before, head_before, after, head_after
        The network and its head at the start and at the end.
    rates
        The highest learning rate of each layer that learned, by name.

    """
    rows = []
    for layer in after.network.layers:
        if layer.weights:
            old = before.network.get_layer(layer.name)
            change = _change(old.get_weights(), layer.get_weights())
            rows.append(_row(layer, layer.name, _rate_in_words(rates.get(layer.name)), change))
    for number, (old, new) in enumerate(
        zip(head_before.layers, head_after.layers, strict=True), start=1
    ):
        name = "probabilities" if number == len(head_after.layers) else f"head_dense{number}"
        change = _change([old.weights, old.bias], [new.weights, new.bias])
        count = new.weights.size + new.bias.size
        learns = _rate_in_words(rates.get(name))
        rows.append(LedgerRow(name, "Dense", count, True, None, learns, change))
    return [asdict(row) for row in rows]


def _rate_in_words(rate: float | None) -> str:
    return "no" if rate is None else f"rate {rate:.1e}"


def _classifier_rows(classifier: Classifier) -> list[LedgerRow]:
    """Return what was written down by the fine-tuning; else the head alone has learned."""
    written = classifier.record.get("fine_tuning", {}).get("layers")
    if written:
        return [LedgerRow(**row) for row in written]
    rows = []
    for path, layer in _layers(classifier.model):
        of_head = "/" not in path
        fitted = of_head and bool(classifier.record.get("fitted"))
        row = _row(layer, path.rpartition("/")[2], "closed form" if fitted else "no", None)
        # Nothing trains the assembled model as it is: what may learn is decided by fine_tune.
        frozen = "frozen" if row.batch_norm else None
        rows.append(LedgerRow(row.layer, row.kind, row.parameters, of_head, frozen, row.learns))
    return rows


def _keras_rows(model: keras.Model) -> list[LedgerRow]:
    optimiser = getattr(model, "optimizer", None) if getattr(model, "compiled", False) else None
    # An optimiser takes its variables at the first step; before that it is going to take those
    # that are trainable then.
    known = None
    if optimiser is not None and optimiser.built:
        known = {id(variable) for variable in optimiser._trainable_variables}
    rows = []
    for path, layer in _layers(model):
        learning = [id(variable) for variable in layer.trainable_variables]
        every = [id(v) for v in layer.weights]
        problem, learns = None, "no"
        if known is not None:
            inside = known.intersection(every)
            learns = "in the optimiser" if inside else "no"
            if not known.issuperset(learning):
                problem = FORGOTTEN
            elif inside - set(learning):
                problem = STILL_LEARNING
        elif optimiser is not None and learning:
            learns = "from the first step on"
        rows.append(_row(layer, path, learns, None, problem))
    return rows


def _row(
    layer: Any, path: str, learns: str, change: float | None, problem: str | None = None
) -> LedgerRow:
    import keras

    mode = None
    if isinstance(layer, keras.layers.BatchNormalization):
        mode = "moves" if layer.trainable else "frozen"
    count = sum(int(np.prod(weight.shape)) for weight in layer.weights)
    trainable = bool(layer.trainable_variables)
    kind = type(layer).__name__
    return LedgerRow(path, kind, count, trainable, mode, learns, change, problem)


def _layers(model: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the layers with weights of their own, with their path, however models are nested."""
    for layer in model.layers:
        if getattr(layer, "layers", None):
            yield from _layers(layer, f"{prefix}{layer.name}/")
        elif layer.weights:
            yield prefix + layer.name, layer


def _with_changes(rows: list[LedgerRow], model: Any, before: Any) -> list[LedgerRow]:
    now, old = ([layer for _, layer in _layers(m)] for m in (model, before))
    if [[w.shape for w in x.weights] for x in now] != [[w.shape for w in x.weights] for x in old]:
        raise ArgumentError(
            "The argument 'since' is another network.",
            expected=f"the {len(now)} layers with weights of the model, in the same shapes",
            received=f"{len(old)} layers with weights",
        )
    return [
        LedgerRow(**{**asdict(row), "change": _change(y.get_weights(), x.get_weights())})
        for row, x, y in zip(rows, now, old, strict=True)
    ]


def _change(before: list[np.ndarray], after: list[np.ndarray]) -> float:
    """Return the relative length of the difference; 1 where everything started at zero."""
    moved = sum(float(((b - a) ** 2).sum()) for a, b in zip(before, after, strict=True))
    start = sum(float((a**2).sum()) for a in before)
    if start == 0:
        return float(moved > 0)
    return float(np.sqrt(moved / start))
