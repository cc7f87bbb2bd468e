"""Right answers in the many forms in which students give them."""

from __future__ import annotations

from typing import Any

import pytest

from tlcourse.classroom.checking import judge
from tlcourse.classroom.exercises import find_exercise
from tlcourse.classroom.feedback import SOLVED
from tlcourse.experiments import find_network

RIGHT: list[tuple[str, Any]] = [
    ("1.2", {"not_in_the_interval": "It accounts for the size of the test set, but not for which "
             "pictures the head learned from."}),
    ("1.3", {"can_answer": "aircraft_carrier, battleship, destroyer, frigate, motorboat, "
             "sailing_yacht"}),
    ("1.3", {"wished": "None of these categories."}),
    ("1.3", {"wished": "I do not know: coffee is not on my list"}),
    ("1.3", {"wished": "It is neither a frigate nor a cat"}),
    ("1.3", {"wished": "no answer"}),
    ("1.3", {"wished": "I can't tell"}),
    ("1.3", {"wished": "This is not one of my classes"}),
    ("1.3", {"can_answer": ["carrier", "Battleships", "destroyer", "frigate", "motor boat",
             "yacht"]}),
    ("1.2", {"not_in_the_interval": "The draw of the train set"}),
    ("1.2", {"not_in_the_interval": "the choice of the examples the head was fitted to"}),
    ("1.1", {"head": "12.810"}),
    ("2.1", ["resnet50", "alexnet", "MobileNets", "VGG16", "LeNet", "ViT"]),
    ("2.1", "1. ResNet\n2. AlexNet\n3. MobileNet\n4. VGG\n5. LeNet-5\n6. ViT"),
    ("2.1", "1) ResNet, 2) AlexNet, 3) MobileNet, 4) VGG, 5) LeNet-5, 6) Transformer"),
    ("2.4", find_network("EfficientNetB3")),
    ("2.4", ["EfficientNetB3"]),
    ("2.4", "EfficientNet-B3"),
    ("2.4", "efficientnet b3"),
    ("2.5", "It is not overfitting, as the gap between the two is tiny. The network cannot even "
     "fit what it was given to learn from. I would try fewer blocks first, or shortcuts."),
    ("2.5", "The error in training is nearly as high as on the test, so nothing was learned by "
     "heart. First I would reduce the number of layers to ten and look whether the training "
     "error falls."),
    ("4.6", "For X-rays of hands, where small things matter, I would cut early, at the third "
     "pooling. I would train logistic regression on features from several depths, with patients "
     "kept apart, and look at which one scores highest; as a sanity check I shuffle the labels and "
     "do it again."),
    ("3.5", "The dense head has weights tied to a position. Global pooling mends it, and so does "
     "more training data with moved digits."),
    ("3.5", "The convolutions are not to blame: the dense layer behind them ties a weight to each "
     "place. Global pooling does not."),
    ("6.2", "train_top"),
    ("6.4", "The untrained new head pushes noise through the layers, which corrupts the good "
     "features. I would fit the head before, and then unfreeze with a rate of 0.0003."),
]  # fmt: skip

WRONG: list[tuple[str, Any]] = [
    ("1.2", {"not_in_the_interval": "the learning rate"}),
    ("1.2", {"not_in_the_interval": "the training time"}),
    ("1.2", {"not_in_the_interval": "which pictures were in the test set"}),
    ("1.2", {"not_in_the_interval": "the sample size"}),
    ("3.5", "dense where averag"),
    ("4.6", "I would take block4_pool and random test " * 10),
]


@pytest.mark.parametrize(("id", "answer"), RIGHT)
def test_a_right_answer_is_taken_in_its_form(id: str, answer: Any):
    found = judge(find_exercise(id), answer)
    part = next(iter(answer)) if isinstance(answer, dict) else None
    if part is None:
        assert found.verdict in SOLVED, str(found)
    else:  # of several parts, only this one was answered
        lines = [line for line in str(found).splitlines() if line.strip("- ").startswith(part)]
        assert lines, str(found)
        assert "right" in lines[0].partition(":")[2].split(".")[0], str(found)


@pytest.mark.parametrize(("id", "answer"), WRONG)
def test_words_that_only_sound_alike_are_not_taken(id: str, answer: Any):
    found = str(judge(find_exercise(id), answer))
    assert "not_in_the_interval: right" not in found
    if isinstance(answer, str):
        assert judge(find_exercise(id), answer).verdict not in SOLVED
