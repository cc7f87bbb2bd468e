"""Typical wrong answers to the exercises of chapter 2, and words of the hint that each must get."""

from __future__ import annotations

from typing import Any

_RIGHT = ["ResNet", "AlexNet", "MobileNet", "VGG", "LeNet-5", "Vision Transformer"]

WRONG: dict[str, list[tuple[Any, str]]] = {
    "2.1": [
        (_RIGHT[1:], "All six"),
        (["VGG", "AlexNet", "MobileNet", "ResNet", *_RIGHT[4:]], "section 2.6"),
        (["ResNet", "MobileNet", "AlexNet", *_RIGHT[3:]], "a slope of 1"),
        (["ResNet", "AlexNet", "VGG", "MobileNet", *_RIGHT[4:]], "looking around"),
        (["ResNet", "AlexNet", "MobileNet", "LeNet-5", "VGG", "ViT"], "several small kernels"),
        ([*_RIGHT[:4], "Vision Transformer", "LeNet-5"], "Which is which"),
    ],
    "2.2": [
        (2_400, "add to its sum"),
        ("1,516", "as it was published"),
        (416, "At how many"),
        (2_496, "not one for each map"),
        (241_600, "Kernels are shared"),
        (7, "How many numbers has one kernel"),
    ],
    "2.3": [
        (9, "entirely free"),
        (256, "Who mixes the maps"),
        (0.115, "By what factor"),
        (8.0, "how many maps come in"),
        (57_802_752, "divided by the other"),
        (2, "Count one place"),
    ],
    "2.4": [
        ("ConvNeXtXLarge", "more than the app may grow"),
        ("MobileNetV2", "more accurate"),
        ("LeNet-5", "never judged"),
        ("EfficientNet Lite 17", "no network of this name"),
        (17, "name of a network"),
    ],
    "2.5": [
        ("overfitting", "words"),
        ("He is right that it is overfitting, and so he should train with more pictures and "
         "perhaps use a ResNet with many shortcuts, which is what most people would do here.",
         "by heart"),
        ("He should add a shortcut to every block of his network, because that is what people do "
         "nowadays and it has helped nearly everybody who has ever tried it with many layers.",
         "overfitting"),
        ("The error on the training pictures is as large as that on the test, so this cannot be "
         "learning by heart. I would look at the learning rate and at some of the pictures first.",
         "deep stacks"),
        ("I believe that more training pictures would help him very much, because networks need "
         "data to learn anything, and a residual network would need even more of it than his own.",
         "those that it has already"),
    ],
}  # fmt: skip
