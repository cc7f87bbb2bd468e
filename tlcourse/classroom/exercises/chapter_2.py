"""Exercises of chapter 2: the stories of pre-trained models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tlcourse.classroom.exercises.quiz_2 import QUIZ
from tlcourse.classroom.kinds import Idea, Items, Judged, Mistake, Number, Open
from tlcourse.classroom.words import plain, speaks_of

if TYPE_CHECKING:
    from tlcourse.experiments import KnownNetwork

__all__ = ["EXERCISES", "QUIZ"]

_NETWORKS = {
    "ResNet": ("ResNet", "ResNet-50", "ResNet50", "ResNets", "Residual network"),
    "AlexNet": ("AlexNet", "Alex Net"),
    "MobileNet": ("MobileNet", "MobileNets", "Mobile Net", "MobileNetV1"),
    "VGG": ("VGG", "VGG-16", "VGG16", "VGGNet", "VGG Net"),
    "LeNet-5": ("LeNet-5", "LeNet", "LeNet5"),
    "Vision Transformer": (
        "Vision Transformer",
        "Transformer",
        "ViT",
        "ViT-B/16",
        "VisionTransformer",
    ),
}
"""By the problem that each solved, in the order of the exercise; and how else they are written."""
_LESS_DEPTH = (
    "shortcut", "residual", "skip", "shallow", "fewer", "less deep", "resnet", "number of layers",
    "layers to", "layers away", "layers out", "remove layers", "ten layers", "10 layers",
    "20 layers", "not so deep", "shorter", "smaller network", "too deep",
)  # fmt: skip
_MORE_DATA = (
    "more training pictures would", "more pictures would help", "more data would help",
    "more pictures help", "needs more", "need more",
)  # fmt: skip
_MEGABYTES = 50
_FLOAT_BYTES = 4


def _is(name: str, network: str) -> bool:
    return name in {plain(form) for form in _NETWORKS[network]}


def _judge_network(answer: Any) -> bool | str:
    """Judge the name of a network: small enough for the app, and the most accurate there."""
    from tlcourse.experiments.counting import known_networks

    if isinstance(answer, list | tuple) and len(answer) == 1:
        answer = answer[0]
    answer = getattr(answer, "name", answer)
    if not isinstance(answer, str):
        raise ValueError(answer)
    asked = _bare(answer)
    found = [n for n in known_networks() if asked in (_bare(n.name), _bare(n.key))]
    if not found:
        return (
            "There is no network of this name. `[network.name for network in networks]` lists them."
        )
    chosen = found[0]
    if _weighs(chosen) > _MEGABYTES:
        return f"{chosen.name} weighs {_weighs(chosen):.0f} MB, more than the app may grow."
    if chosen.top1 is None:
        return f"{chosen.name} was never judged on ImageNet. Leave out rows without `top1`."
    within = [n for n in known_networks() if n.top1 and _weighs(n) <= _MEGABYTES]
    better = sum((network.top1 or 0) > chosen.top1 for network in within)
    if better:
        return f"It fits, but {better} of the {len(within)} that fit are more accurate."
    return True


def _bare(name: str) -> str:
    return plain(name).replace(" ", "")


def _weighs(network: KnownNetwork) -> float:
    return _FLOAT_BYTES * network.parameters / 1e6


EXERCISES = [
    Items(
        "2.1",
        answer=list(_NETWORKS.values()),
        ordered=True,
        hint="The headings from 2.1 to 2.8 name one each. Which sentence below them tells what "
        "went wrong before?",
        because="Shortcuts, ReLU, depthwise convolutions, small kernels, sliding, attention: each "
        "name stands for an answer.",
        mistakes=[
            Mistake(
                lambda found: len(found) != len(_NETWORKS),
                "All six of them, each once, in one list.",
            ),
            Mistake(
                lambda found: not _is(found[0], "ResNet"),
                "The first problem is that of section 2.6: a deep plain network is bad even on the "
                "pictures that it learned from. What mended it?",
            ),
            Mistake(
                lambda found: not _is(found[1], "AlexNet"),
                "The second: where an S is flat, nothing of the correction passes. Who used a "
                "function with a bend and a slope of 1?",
            ),
            Mistake(
                lambda found: not _is(found[2], "MobileNet"),
                "The third: who took looking around and looking across apart?",
            ),
            Mistake(
                lambda found: not _is(found[3], "VGG"),
                "The fourth: who saw as far with several small kernels?",
            ),
            Mistake(
                lambda found: not _is(found[4], "LeNet-5"),
                "The fifth and the sixth: one slides a detector over the paper, the other does "
                "without the assumption that neighbours belong together. Which is which?",
            ),
        ],
    ),
    Number(
        "2.2",
        answer=2_416,
        hint="How many numbers has one kernel that looks at 5 × 5 places of each map? And what is "
        "added to its sum?",
        because="16 × (6 × 25 + 1). The table of the paper saves more than a third of that.",
        mistakes=[
            Mistake(2_400, "The weights are right. What does each kernel add to its sum?"),
            Mistake(1_516, "So many it has as it was published, with the table in the paper."),
            Mistake(416, "That would look at one map only. At how many does it look?"),
            Mistake(2_496, "One bias a kernel, not one for each map that it looks at."),
            Mistake(lambda n: n > 10_000, "Does the number of places count? Kernels are shared."),
        ],
    ),
    Number(
        "2.3",
        answer=8.694,
        tolerance=0.05,
        hint="Count one place, for the number of places is the same. How much does it cost to look "
        "around, map by map, and how much to mix the maps?",
        because="9 × 128 × 256 against 9 × 128 + 128 × 256. Of the rest, mixing is nearly all.",
        mistakes=[
            Mistake(
                lambda n: abs(n - 9) < 0.01,
                "Nearly. Is looking around entirely free?",
            ),
            Mistake(
                lambda n: abs(n - 256) < 0.5,
                "You have counted the depthwise part alone. Who mixes the maps?",
            ),
            Mistake(
                lambda n: 0.1 < n < 0.13,
                "That is the share that is left. By what factor has it shrunk?",
            ),
            Mistake(
                lambda n: 7.5 < n < 8.65,
                "You are near. In the depthwise part each of the incoming maps has one kernel; how "
                "many maps come in?",
            ),
            Mistake(
                lambda n: n > 1000,
                "A factor is asked for: one number of multiply-adds divided by the other.",
            ),
        ],
    ),
    Judged(
        "2.4",
        judge_with=_judge_network,
        expected="the name of a network in quotation marks, as in `network.name`",
        hint="What does a parameter weigh, and how many fit? Leave out rows without `top1`, and "
        "take the largest `top1` of what is left.",
        because="Small enough to be fetched over a telephone network; how fast it answers is "
        "another question, and the chart has another axis for it.",
    ),
    Open(
        "2.5",
        least_words=25,
        ideas=[
            Idea(
                (
                    "train",
                    "both",
                    "underfit",
                    "optimi",
                    "gap",
                    "cannot fit",
                    "can not fit",
                    "learn from",
                    "learned from",
                    "learnt",
                    "close to",
                    "same error",
                ),
                "Which of the two errors would be small if it were overfitting?",
            ),
            Idea(
                _LESS_DEPTH,
                "Which change of the network lets deep stacks be trained?",
            ),
        ],
        compare=[
            "Would more pictures lower the error on those that it has already?",
            "What would you see if you trained a network of 10 layers in the same way?",
            "Could something else explain both errors: a learning rate, wrong labels?",
        ],
        hint="Compare the two errors, and think of section 2.6.",
        mistakes=[
            Mistake(
                lambda text: (
                    speaks_of(text, ("he is right", "i agree", "is overfitting"))
                    and not speaks_of(text, ("no overfit", "not overfit", "is not", "not right"))
                ),
                "How large is the error on the pictures that it would know by heart, if it knew "
                "any by heart?",
            ),
            Mistake(
                lambda text: (
                    speaks_of(text, _MORE_DATA)
                    and not speaks_of(text, ("no", "hardly", "would lower the training"))
                ),
                "Would more pictures lower the error on those that it has already?",
            ),
        ],
    ),
]
