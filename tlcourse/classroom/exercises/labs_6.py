"""The break-it labs of chapter 6."""

from __future__ import annotations

from typing import Any

from tlcourse.classroom.kinds import Choice, Judged, Lab, Mistake

__all__ = ["LABS"]


def _judge_mended(model: Any) -> bool | str:
    """Say what is wrong with the mended model of the second lab."""
    import keras

    from tlcourse.training import ledger

    if not isinstance(model, keras.Model):
        return "Hand over the model itself, the one that you trained."
    rows = ledger(model)
    if rows.problems:
        return (
            "The ledger still finds layers that may learn and do not. Which call tells the "
            "optimiser of them?"
        )
    if any(row.batch_norm == "moves" for row in rows):
        return (
            "BatchNorm moves: its stored numbers follow the batches, and fit neither them nor use."
        )
    if sum(row.learns == "in the optimiser" for row in rows) < 5:
        return (
            "There is hardly a layer in the optimiser. Are the upper blocks unfrozen, and was "
            "there a step of training since?"
        )
    return True


def _judge_new_vessels(model: Any) -> bool | str:
    """Say what is wrong with the mended model of the first lab: look inside, then at new ships."""
    if (found := _judge_mended(model)) is not True:
        return found
    import numpy as np

    from tlcourse.classroom.profiles import pick
    from tlcourse.data import load_dataset, open_picture

    vessels = load_dataset("fleet").validation[:: pick(smoke=6, laptop=1)]
    side = model.input_shape[1:3]
    pixels = np.stack([open_picture(path, size=side) for path in vessels.paths])
    answers = model.predict(pixels, verbose=0).argmax(axis=1)
    accuracy = (answers == vessels.labels).mean()
    if accuracy < pick(smoke=0.15, laptop=0.6):
        return (
            f"On new vessels it is right in {accuracy:.0%}: still lost. Was the head trained first?"
        )
    return True


LABS = [
    Lab(
        "L6.1",
        Choice(
            "diagnosis",
            answer="c",
            hint="The same pictures, the same weights, two results. What differs between `fit` and "
            "`evaluate`?",
            because="`fit` counts in training mode, with the mean of each batch of two; in use the "
            "stored numbers count, which have moved and fit neither. The ledger says "
            "'moves' for the unfrozen blocks.",
            mistakes=[
                Mistake(
                    "a",
                    "Who knows pictures by heart knows them when asked again. Look at the second "
                    "number.",
                ),
                Mistake(
                    "b",
                    "Then the training pictures, at least, would still be right when asked again. "
                    "Are they?",
                ),
                Mistake(
                    "d",
                    "Then `fit` itself would have told of a high loss. It told of hardly any "
                    "mistakes.",
                ),
            ],
        ),
        Judged(
            "mended",
            judge_with=_judge_new_vessels,
            expected="the Keras model after mending and training",
            hint="Head first, then the upper blocks without their BatchNorm layers, with the same "
            "rate and batches. `tl.ledger(model)` says whether BatchNorm moves.",
            because="The same pictures, blocks, rate and batches; the BatchNorm layers kept their "
            "stored numbers, so training and use compute the same.",
        ),
        hint="Compare three numbers: what `fit` told, the same pictures asked again, new pictures. "
        "Then ask the ledger about BatchNorm.",
        because="No curve shows it: during training all is well. It shows where the model is used.",
    ),
    Lab(
        "L6.2",
        Choice(
            "diagnosis",
            answer="b",
            hint="The layers may learn, and have not moved by the smallest amount. Who would have "
            "had to move them?",
            because="The model was compiled while the body was frozen; the optimiser knows the "
            "head alone, and nobody told it otherwise. The loss fell because the head went "
            "on learning.",
            mistakes=[
                Mistake(
                    "a",
                    "Then the weights would have moved a little. Look at the number once more.",
                ),
                Mistake("c", "How many layers may learn, does the output say?"),
                Mistake(
                    "d",
                    "Perhaps, but nobody knows yet: it has not taken place. Look at the weights.",
                ),
            ],
        ),
        Judged(
            "mended",
            judge_with=_judge_mended,
            expected="the Keras model after mending and training",
            hint="One call between unfreezing and `fit`; then an epoch of training.",
            because="Compiled again, the optimiser knows every layer that may learn; the ledger "
            "finds no problem.",
        ),
        hint="Ask `tl.ledger(second.model)`, and read the column *problem*.",
        because="After each change of `trainable`: compile.",
    ),
]
