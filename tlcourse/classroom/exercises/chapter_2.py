"""Exercises of chapter 2: the stories of pre-trained models."""

from __future__ import annotations

from tlcourse.classroom.exercises.quiz_2 import QUIZ
from tlcourse.classroom.kinds import Idea, Items, Judged, Mistake, Number, Open
from tlcourse.classroom.words import plain

__all__ = ["EXERCISES", "QUIZ"]

_ORDER = ["LeNet-5", "AlexNet", "VGG", "ResNet", "MobileNet", "Vision Transformer"]
_LENET, _ALEXNET, _VGG, _RESNET, _, _TRANSFORMER = map(plain, _ORDER)
_BUDGET = 500_000_000
"""Multiply-adds for a picture that the phone allows."""


def _judge_network(answer: object) -> bool | str:
    """Judge the name of a network: within the budget, and the most accurate there."""
    from tlcourse.errors import ArgumentError
    from tlcourse.experiments.counting import find_network, known_networks

    if not isinstance(answer, str):
        raise ValueError(answer)
    try:
        chosen = find_network(answer)
    except ArgumentError:
        return "There is no such name in the table. `[network.name for network in networks]`"
    if chosen.multiply_adds > _BUDGET:
        return f"{chosen.name} takes more work for a picture than the phone allows."
    if chosen.top1 is None:
        return f"{chosen.name} was never judged on ImageNet. Leave out rows without `top1`."
    within = [n for n in known_networks() if n.top1 and n.multiply_adds <= _BUDGET]
    better = sum((network.top1 or 0) > chosen.top1 for network in within)
    if better:
        return f"It fits, but {better} of the {len(within)} that fit are more accurate."
    return True


EXERCISES = [
    Items(
        "2.1",
        answer=_ORDER,
        ordered=True,
        hint="One was before ImageNet, one won its contest first. Who mended what had become worse "
        "with depth, and who came from language?",
        because="1998, 2012, 2014, 2015, 2017, 2020: reading, winning, stacking, shortcuts, "
        "phones, patches.",
        mistakes=[
            Mistake(
                lambda found: len(found) != len(_ORDER),
                "All six of them, each once, in one list.",
            ),
            Mistake(
                lambda found: found[0] == _TRANSFORMER and found[-1] == _LENET,
                "That is from the youngest to the oldest. Turn it round.",
            ),
            Mistake(
                lambda found: found[0] != _LENET,
                "Which of them read cheques, before there was ImageNet?",
            ),
            Mistake(
                lambda found: found[1] != _ALEXNET,
                "Which of them won ImageNet's contest first, on two graphics cards?",
            ),
            Mistake(
                lambda found: found.index(_RESNET) < found.index(_VGG),
                "Shortcuts mended what deep stacks of small kernels suffered from. Which came "
                "first?",
            ),
            Mistake(
                lambda found: found[-1] != _TRANSFORMER,
                "Which of them does without convolutions? It is the youngest here.",
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
        expected="the name of a network in quotation marks, as it stands in the table",
        hint="Keep the rows of `networks` whose `multiply_adds` fit, leave out those without "
        "`top1`, and take the largest `top1` of what is left.",
        because="It is on the edge that `frontier` draws, as it must be: the most accurate for its "
        "price.",
    ),
    Open(
        "2.5",
        least_words=25,
        ideas=[
            Idea(
                ("train", "both", "underfit", "optimi", "optimis"),
                "Which of the two errors would be small if it were overfitting?",
            ),
            Idea(
                ("shortcut", "residual", "skip", "shallow", "fewer layers", "resnet"),
                "Which change of the network lets deep stacks be trained?",
            ),
        ],
        compare=[
            "Would more pictures lower the error on those that it has already?",
            "What would you see if you trained a network of 10 layers in the same way?",
            "Could something else explain both errors: a learning rate, wrong labels?",
        ],
        hint="Compare the two errors, and think of section 2.6.",
    ),
]
