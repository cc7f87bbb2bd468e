"""How a network is fine-tuned, in numbers, each one checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tlcourse.backbones import Backbone
from tlcourse.errors import HIGHEST_SEED, ArgumentError, must_be_whole

_BATCH = 16
_MOST_EPOCHS = 10_000
_HEAD_FACTOR = 10.0
"""How many times faster than the backbone the head learns."""

_RATE_FROM_SCRATCH = 1e-3
_RATE = 3e-4
_RATE_WITHOUT_BATCH_NORM = 2e-5
"""VGG: nothing in it evens out what a step does to the next layer."""


@dataclass(frozen=True)
class Settings:
    """How a network learns; see `fine_tune`."""

    epochs: int
    batch_size: int
    learning_rate: float
    head_rate: float
    layer_decay: float
    gradual: bool
    warmup: float
    label_smoothing: float
    class_weights: Literal["balanced"] | None
    patience: int
    versions: int
    seed: int


def checked_settings(
    backbone: Backbone,
    from_scratch: bool,
    *,
    epochs: int,
    versions: int,
    learning_rate: float | Literal["auto"] = "auto",
    layer_decay: float = 1.0,
    gradual: bool = False,
    warmup: float = 0.0,
    label_smoothing: float = 0.0,
    class_weights: Literal["balanced"] | None = None,
    patience: int = 1,
    seed: int = 0,
) -> Settings:
    """Return settings, with what is `"auto"` chosen; the size of a batch is still 0.

    Raises
    ------
    ArgumentError
        When one makes no sense.

    """
    must_be_whole("epochs", epochs, 1, _MOST_EPOCHS)
    must_be_whole("patience", patience, 1, _MOST_EPOCHS)
    must_be_whole("variants", versions, 1, 1000)
    must_be_whole("seed", seed, 0, HIGHEST_SEED)
    for name, share in {"warmup": warmup, "label_smoothing": label_smoothing}.items():
        check_share(name, share)
    if not _is_number(layer_decay) or not 0 < layer_decay <= 1:
        raise _unfit("layer_decay", "a number above 0, up to 1", layer_decay)
    if not isinstance(gradual, bool):
        raise _unfit("gradual", "True or False", gradual)
    if class_weights not in ("balanced", None):
        raise _unfit("class_weights", "'balanced' or None", class_weights)
    if learning_rate == "auto":
        rate = _rate_for(backbone, from_scratch)
    elif _is_number(learning_rate) and 0 < learning_rate <= 10:
        rate = float(learning_rate)
    else:
        raise _unfit("learning_rate", "'auto', or a number above 0 such as 1e-4", learning_rate)
    return Settings(
        epochs=epochs,
        batch_size=0,
        learning_rate=rate,
        head_rate=rate if from_scratch else rate * _HEAD_FACTOR,
        layer_decay=float(layer_decay),
        gradual=gradual,
        warmup=float(warmup),
        label_smoothing=float(label_smoothing),
        class_weights=class_weights,
        patience=patience,
        versions=versions,
        seed=seed,
    )


def batch_of(wanted: int | Literal["auto"], pictures: int) -> int:
    """Return the size of a batch for so many training pictures.

    Raises
    ------
    ArgumentError
        When it is larger than the set.

    """
    if wanted == "auto":
        return min(_BATCH, pictures)
    must_be_whole("batch_size", wanted, 1, 2**20)
    if wanted > pictures:
        raise ArgumentError(
            "The batch is larger than the set.",
            expected=f"batch_size of at most {pictures}, the number of training pictures",
            received=f"batch_size={wanted}",
            todo="Leave batch_size='auto'.",
        )
    return int(wanted)


def check_share(name: str, value: Any) -> None:
    """Raise an ArgumentError unless a value is a share from 0 to below 1."""
    if not _is_number(value) or not 0 <= value < 1:
        raise _unfit(name, "a share from 0 to below 1", value)


def _rate_for(backbone: Backbone, from_scratch: bool) -> float:
    """Return the rate to begin with: a hundredth of a head's for networks without BatchNorm."""
    import keras

    if from_scratch:
        return _RATE_FROM_SCRATCH
    has_norm = any(
        isinstance(layer, keras.layers.BatchNormalization | keras.layers.LayerNormalization)
        for layer in backbone.network.layers
    )
    return _RATE if has_norm else _RATE_WITHOUT_BATCH_NORM


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _unfit(name: str, expected: str, value: object) -> ArgumentError:
    return ArgumentError(
        f"The argument '{name}' is out of its range.",
        expected=expected,
        received=f"{name}={value!r}"[:200],
    )
