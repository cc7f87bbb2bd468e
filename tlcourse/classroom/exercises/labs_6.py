"""The break-it labs of chapter 6."""

from __future__ import annotations

from typing import Any

from tlcourse.classroom.kinds import Choice, Judged, Lab, Mistake, Number

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
        return "Now BatchNorm moves, too: that was the fault of the lab before."
    if sum(row.learns == "in the optimiser" for row in rows) < 5:
        return (
            "There is hardly a layer in the optimiser. Are the upper blocks unfrozen, and was "
            "there a step of training since?"
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
        Number(
            "mended",
            between={"smoke": (0.15, 1), "laptop": (0.6, 0.95)},
            share=True,
            hint="The accuracy on `first.new_pixels` with `first.new_labels`, which "
            "`model.evaluate` gives as its second number.",
            because="The same pictures, blocks, rate and batches; the BatchNorm layers kept their "
            "stored numbers, so training and use compute the same.",
            mistakes=[
                Mistake(
                    lambda share: share < 0.6,
                    "It is still lost. Are the BatchNorm layers frozen, and was the head trained "
                    "first?",
                ),
                Mistake(
                    lambda share: 0.95 < share <= 1,
                    "That is what the *training* pictures give. Ask about the new ones.",
                ),
                Mistake(lambda share: share > 1, "An accuracy is a share of all new pictures."),
            ],
        ),
        hint="Compare three numbers: what `fit` told, the same pictures asked again, new pictures. "
        "Then ask the ledger about BatchNorm.",
        because="No curve shows it: during training all is well. It shows where the model is used.",
    ),
    Lab(
        "L6.2",
        Choice(
            "diagnosis",
            answer="c",
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
                Mistake("b", "How many layers may learn, does the output say?"),
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
