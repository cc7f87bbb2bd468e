"""The steps of fine-tuning: one compiled function, one Adam for each depth of the network.

Keras' own `fit` has one learning rate for all layers, and lets BatchNorm move in ways of its own;
here both are in plain sight.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tlcourse.training.freezing import block_of
from tlcourse.training.heads import Head, Layer
from tlcourse.training.rows import Rows, in_order
from tlcourse.training.settings import Settings

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, eq=False)
class Group:
    """Layers of one depth, which learn at one rate.

    Attributes
    ----------
    name
        Of the block; `"head"`.
    variables
        Keras variables.
    rate
        The highest learning rate, after the warm-up.
    first_epoch
        The epoch, counted from 0, in which they begin to learn.
    optimiser
        Adam with a rate that rises in the warm-up and falls along a cosine.

    """

    name: str
    layers: tuple[str, ...]
    variables: tuple[Any, ...]
    rate: float
    first_epoch: int
    optimiser: Any


class Trainer:
    """The learning part of a network with its optimisers.

    Parameters
    ----------
    prepare
        Makes what `upper` takes of the rows that it is given, inside the compiled step; None where
        the rows are that already.
    upper
        From the tensor at the cut to the last feature map.
    learning
        Names of the layers of `upper` that learn, in the order in which they compute.
    head
        Its numbers are the start.
    class_weights
        `(classes,)` float32.
    settings
        How to learn.
    steps
        In an epoch.

    """

    def __init__(
        self,
        prepare: keras.Model | None,
        upper: keras.Model,
        learning: tuple[str, ...],
        head: Head,
        class_weights: np.ndarray,
        settings: Settings,
        steps: int,
    ) -> None:
        import keras

        pooled = keras.layers.GlobalAveragePooling2D(dtype="float32")(upper.output)
        self.model = keras.Model(upper.input, head.keras_layers(pooled, scores=True))
        self.pooled = keras.Model(upper.input, pooled)
        self.prepare = prepare
        self.settings = settings
        self._class_weights = class_weights
        dense = [x for x in self.model.layers if isinstance(x, keras.layers.Dense)]
        self._head_layers = dense[-len(head.layers) :]
        self.groups = self._make_groups(learning, steps)
        self._steps: dict[int, Callable[..., Any]] = {}
        self._scores = self._compiled(self.model)
        self._reseed()

    def _make_groups(self, learning: tuple[str, ...], steps: int) -> tuple[Group, ...]:
        """Return the head, then the blocks from the top down."""
        settings = self.settings
        blocks: dict[str, list[str]] = {}
        for name in reversed(learning):
            blocks.setdefault(block_of(name), []).insert(0, name)
        if settings.layer_decay == 1 and not settings.gradual and blocks:
            blocks = {"backbone": list(learning)}
        groups = [self._group("head", self._head_layers, settings.head_rate, 0, steps)]
        for depth, (name, names) in enumerate(blocks.items()):
            layers = [self.model.get_layer(layer) for layer in names]
            rate = settings.learning_rate * settings.layer_decay**depth
            first = min(depth + 1, settings.epochs - 1) if settings.gradual else 0
            groups.append(self._group(name, layers, rate, first, steps))
        return tuple(groups)

    def _group(self, name: str, layers: list, rate: float, first: int, steps: int) -> Group:
        import keras

        total = max((self.settings.epochs - first) * steps, 1)
        warm = round(self.settings.warmup * total)
        schedule = keras.optimizers.schedules.CosineDecay(
            0.0 if warm else rate,
            max(total - warm, 1),
            warmup_target=rate if warm else None,
            warmup_steps=warm,
        )
        optimiser = keras.optimizers.Adam(schedule)
        variables = tuple(v for layer in layers for v in layer.trainable_variables)
        optimiser.build(variables)
        names = tuple(layer.name for layer in layers)
        return Group(name, names, variables, rate, first, optimiser)

    def _reseed(self) -> None:
        """Give dropout inside the network seeds that follow from the seed of the training."""
        generators = (
            generator
            for layer in self.model._flatten_layers()
            for generator in getattr(layer, "_seed_generators", ())
        )
        for number, generator in enumerate(generators):
            generator.state.assign([self.settings.seed, number])

    def step(self, rows: np.ndarray, labels: np.ndarray, epoch: int) -> tuple[float, int]:
        """Learn from one batch; return its mean loss, and how many answers were right.

        Parameters
        ----------
        rows
            `(b, …)` from a `Rows`.
        labels
            `(b,)` integers.
        epoch
            Counted from 0: which groups learn already.

        """
        active = sum(group.first_epoch <= epoch for group in self.groups)
        if active not in self._steps:
            self._steps[active] = self._make_step(self.groups[:active])
        weights = self._class_weights[labels] / len(labels)
        # Batches of one size, filled up with rows of no weight: another would be traced anew.
        size = self.settings.batch_size
        filled = (filled_up(part, size) for part in (rows, labels))
        loss, right = self._steps[active](*filled, np.pad(weights, (0, size - len(weights))))
        return float(loss), int(right)

    def rates(self, epoch: int) -> dict[str, float]:
        """Return the learning rate, as it is now, of each group that learns in an epoch from 0."""
        learning = [group for group in self.groups if group.first_epoch <= epoch]
        return {group.name: float(np.array(group.optimiser.learning_rate)) for group in learning}

    def _make_step(self, groups: tuple[Group, ...]) -> Callable[..., Any]:
        import tensorflow as tf

        variables = [variable for group in groups for variable in group.variables]
        smoothing, classes = self.settings.label_smoothing, len(self._class_weights)

        @tf.function
        def step(rows: Any, labels: Any, weights: Any) -> tuple[Any, Any]:
            inputs = self._enter(rows)
            wanted = tf.one_hot(labels, classes) * (1 - smoothing) + smoothing / classes
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch([variable.value for variable in variables])
                scores = self.model(inputs, training=True)
                losses = tf.nn.softmax_cross_entropy_with_logits(wanted, scores)
                loss = tf.reduce_sum(weights * losses)
            gradients = tape.gradient(loss, [variable.value for variable in variables])
            for group in groups:
                group.optimiser.apply(gradients[: len(group.variables)])
                gradients = gradients[len(group.variables) :]
            right = tf.reduce_sum(
                tf.cast((tf.argmax(scores, 1) == labels) & (weights > 0), tf.int32)
            )
            return loss, right

        return step

    def _enter(self, rows: Any) -> Any:
        import tensorflow as tf

        if self.prepare is None:
            return tf.cast(rows, tf.float32)
        return tf.stop_gradient(self.prepare(rows, training=False))

    def _compiled(self, model: keras.Model) -> Callable[[np.ndarray], Any]:
        import tensorflow as tf

        run = tf.function(lambda rows: model(self._enter(rows), training=False))
        size = self.settings.batch_size
        return lambda rows: run(filled_up(rows, size))[: len(rows)]

    def features(self, rows: Rows) -> np.ndarray:
        """Return `(n, d)` float32: the averaged last feature map of version 0 of each picture."""
        compute = self._compiled(self.pooled)
        return np.concatenate(list(in_order(rows, compute, self.settings.batch_size)))

    def judge(self, rows: Rows, labels: np.ndarray) -> tuple[float, float]:
        """Return the mean cross-entropy and the share of right answers, without augmentation."""
        scores = np.concatenate(list(in_order(rows, self._scores, self.settings.batch_size)))
        scores = scores.astype(np.float64)
        scores -= scores.max(axis=1, keepdims=True)
        losses = np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(labels)), labels]
        return float(losses.mean()), float((scores.argmax(axis=1) == labels).mean())

    @property
    def changing(self) -> list[Any]:
        """All variables that training changes: weights, statistics, states of dropout."""
        layers = [x for x in self.model._flatten_layers(include_self=False) if x.trainable]
        seen: dict[int, Any] = {id(v): v for layer in layers for v in layer.variables}
        return list(seen.values())

    @property
    def optimiser_state(self) -> list[Any]:
        """The variables of all optimisers."""
        return [variable for group in self.groups for variable in group.optimiser.variables]

    def set_head(self, head: Head) -> None:
        """Put other numbers into the head."""
        for layer, numbers in zip(self._head_layers, head.layers, strict=True):
            layer.set_weights([numbers.weights, numbers.bias])

    def head_like(self, head: Head, fitted: dict[str, Any]) -> Head:
        """Return the head as it is now, of the kind of another one."""
        numbers = []
        for layer, before in zip(self._head_layers, head.layers, strict=True):
            weights, bias = layer.get_weights()
            numbers.append(Layer(weights, bias, before.activation))
        return Head(head.name, tuple(numbers), fitted)


def filled_up(rows: np.ndarray, size: int) -> np.ndarray:
    """Return rows repeated from the first on, until there are `size`."""
    return rows if len(rows) == size else rows[np.arange(size) % len(rows)]


def copied(variables: list[Any]) -> list[np.ndarray]:
    """Return the values of variables."""
    return [np.array(variable) for variable in variables]


def assign(variables: list[Any], values: list[np.ndarray]) -> None:
    """Put values into variables."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
