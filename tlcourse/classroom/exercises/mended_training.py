"""Whether a training was mended: for the lab of chapter 3."""

from __future__ import annotations

from typing import Any

from tlcourse.classroom.profiles import pick

_GUESSING = 0.2


def judge_mended(network: Any) -> bool | str:
    """Judge the network itself on the test digits."""
    import keras

    from tlcourse import experiments
    from tlcourse.data import load_dataset, split

    if not isinstance(network, keras.Model):
        raise TypeError(network)
    plan = experiments.small_network()
    if network.input_shape != plan.input_shape or network.count_params() != plan.count_params():
        return (
            "That is another network. Build a fresh one with `experiments.small_network(seed=1)`."
        )
    digits = split(load_dataset("digits"))
    accuracy = experiments.judge_network(network, digits.test).accuracy
    if accuracy < _GUESSING:
        return (
            f"On the test digits it is right in {accuracy:.0%}, which is guessing. Is it a fresh "
            "network, and trained? The old one is past help: units that are silent for every "
            "picture learn no more."
        )
    if accuracy < pick(smoke=0.8, laptop=0.95):
        return (
            f"It learns, and is right in {accuracy:.0%} of the test digits: less than in the "
            "chapter. Is the rate that of section 3.9, and the number of epochs?"
        )
    return True
