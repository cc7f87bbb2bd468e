"""Exercises and lab of chapter 3: inside a convolutional network."""

from __future__ import annotations

import numpy as np

from tlcourse.classroom.exercises import sliding
from tlcourse.classroom.exercises.mended_training import judge_mended
from tlcourse.classroom.exercises.quiz_3 import QUIZ
from tlcourse.classroom.kinds import (
    Choice,
    Function,
    Idea,
    Items,
    Judged,
    Lab,
    Mistake,
    Number,
    Open,
    Parts,
    Words,
)

__all__ = ["EXERCISES", "QUIZ"]

_HEADS = (
    "head", "dense", "flatten", "last layer", "fully connected", "classifier", "final layer",
    "output layer", "top layer", "layer behind", "layer after", "layers behind",
)  # fmt: skip
_PLACES = (
    "place", "position", "location", "spatial", "fixed", "shift", "moved", "spot", "tied",
    "same pixel", "old pixels", "pixel", "coordinate", "where it", "where to", "in the middle",
    "centre", "center", "translat",
)  # fmt: skip
_MENDS = (
    "global", "gap", "averag", "maximum", "largest", "max pool", "augment", "moved digits",
    "whole map", "entire map", "max over", "pooling over", "pool over", "random translation",
    "translated", "moved train", "shifted digits", "shifted train", "random shift",
    "train on moved", "train with moved",
)  # fmt: skip

EXERCISES = [
    Items(
        "3.1",
        answer=[112, 56],
        ordered=True,
        hint="Put the numbers into the formula of section 3.3, once for each step; what comes out "
        "of the first goes into the second. The brackets with feet and no heads mean: round down.",
        because="(224 + 6 - 7) / 2 is rounded down to 111, and 1 is added; with that, "
        "(112 + 2 - 3) / 2 is rounded down to 55, and 1 is added.",
        mistakes=[
            Mistake([109, 54], "You have left out the zeros around the picture, twice."),
            Mistake([109, 55], "You have left out the zeros in front of the convolution."),
            Mistake([112, 55], "The first is right. The pooling has zeros around it, too."),
            Mistake([111, 55], "Almost: where does the kernel stand before its first step?"),
            Mistake([224, 224], "So it would be with stride 1. How far does the window move?"),
            Mistake(
                [112, 112],
                "The first is right. The pooling moves in steps as well: which?",
            ),
            Mistake(
                lambda found: len(found) != 2,
                "Two numbers: the height after the convolution, and that after the pooling.",
            ),
        ],
    ),
    Parts(
        "3.2",
        Number(
            "layer",
            answer=73_856,
            hint="How many numbers does one kernel have, over all channels that come in? What is "
            "added to its sum? How many kernels are there?",
            because="128 kernels of 3 × 3 × 64 numbers, and a bias for each.",
            mistakes=[
                Mistake(73_728, "All the weights are there. What is added to each sum?"),
                Mistake(
                    73_792,
                    "The weights are right. There is one bias for each channel that goes out, not "
                    "for each that comes in.",
                ),
                Mistake(
                    1_280,
                    "That would be right if one channel came in. A kernel looks at all of them.",
                ),
                Mistake(
                    1_152,
                    "That would be kernels for a single channel, and without bias. How many "
                    "channels come in?",
                ),
                Mistake(577, "So many has one kernel with its bias. How many kernels are there?"),
                Mistake(
                    lambda n: n > 1_000_000,
                    "Does every place of the picture have weights of its own? That would be a "
                    "dense layer.",
                ),
            ],
        ),
        Number(
            "larger",
            answer=73_856,
            hint="Go through your product once more: which factor is a size of the picture?",
            because="The size of the picture does not occur: the same kernels slide over more "
            "places. (The work is four times as much, the parameters are not.)",
            mistakes=[
                Mistake(295_424, "There are four times as many places. Has each its own kernel?"),
                Mistake(147_712, "What would the new parameters be for? Slide the kernel."),
                Mistake(
                    lambda n: n > 73_856,
                    "More places, yes. Does a convolution have weights for each place?",
                ),
            ],
        ),
        hint="Section 3.5 counts two convolutions by hand. Put other numbers in.",
        because="That a convolution has the same weights at every place is what makes it small.",
    ),
    Function(
        "3.3",
        cases=[
            sliding.case(
                sliding.RAMP,
                np.ones((2, 2)),
                1,
                "Here the stride is 1: all should be as in `convolve_by_hand`. The picture has "
                "more columns than rows.",
            ),
            sliding.case(
                sliding.RAMP,
                sliding.SLANTED,
                1,
                "Does each number of the kernel meet the pixel that lies under it?",
            ),
            sliding.case(
                sliding.RAMP,
                np.ones((2, 3)),
                1,
                "This kernel has 2 rows and 3 columns: height and width are two numbers.",
            ),
            sliding.case(
                sliding.DOT,
                np.arange(9.0).reshape(3, 3),
                2,
                "The window starts at row 0, and then? And how many rows does the result have by "
                "the formula of section 3.3?",
            ),
            sliding.case(
                np.arange(80.0).reshape(8, 10) ** 2,
                sliding.SLANTED,
                3,
                "Check the size with `tl.output_size`, for rows and columns by themselves.",
            ),
        ],
        hint="Two things change: how many rows and columns result, and where the window for each "
        "of them starts.",
        because="The size by the formula, and each window starts `stride` times its place.",
        mistakes=[
            Mistake(
                sliding.turned,
                "You turn the kernel round, as mathematicians do. Networks leave it as it is.",
            ),
            Mistake(sliding.without_stride, "The stride is not used: these are all the windows."),
            Mistake(
                sliding.windows_side_by_side,
                "The size is right. But where does the window for row 1 of the result start?",
            ),
            Mistake(
                sliding.divided,
                "There is a row and a column too few: the kernel has a place before its first "
                "step, too.",
            ),
        ],
    ),
    Judged(
        "3.4",
        judge_with=sliding.judge_kernel,
        expected="a table of 3 × 3 numbers, as an array or a list of lists",
        hint="Draw the line into a field of 3 × 3 places. Which of them should count for it, and "
        "which against it? And together?",
        because="Such a kernel is a small picture of what it looks for. Compare it with the "
        "learned ones in section 3.10.",
    ),
    Words(
        "3.5",
        ideas=[
            Idea(
                _HEADS,
                "The maps move along with the digit, faithfully. Which part of the network comes "
                "behind the maps?",
            ),
            Idea(
                _PLACES,
                "What does that part have its weights for? Think of what one weight is tied to.",
            ),
            Idea(
                _MENDS,
                "And what mends it? In section 3.11 two networks held; what do both of them have?",
            ),
        ],
        hint="Follow a bright spot in a map on its way to the answer, once for a digit in the "
        "middle, once for a moved one. Which weight does it meet?",
        because="The maps move with the digit, but the head behind them has a weight for each "
        "place. Where place is thrown away before the head, the answer holds. Equivariant is not "
        "yet invariant.",
        mistakes=[
            Mistake(
                ("epoch", "longer", "more training", "undertrain", "learning rate"),
                "On centred digits it was good, so it has learned well. Would longer training "
                "with digits in the middle tell it anything about the edge?",
            ),
            Mistake(
                ("overfit", "by heart", "memoris", "memoriz"),
                "New digits in the middle were read well. So it is not about *which* digits. What "
                "is it tied to, then?",
            ),
            Mistake(
                ("padding", "zeros", "border", "edge of the paper"),
                "There are four black pixels on each side, and one step to the side was enough to "
                "fail. What lies behind the convolutions?",
            ),
            Mistake(
                ("convolutions are not", "convolution is not", "not equivariant"),
                "The first cells of section 3.11 test just that. The convolutions keep their "
                "word. What comes behind them?",
            ),
        ],
    ),
    Open(
        "3.6",
        least_words=40,
        ideas=[
            Idea(
                ("expect", "predict", "thought", "guess", "assum", "hypothes"),
                "What did you expect before you measured?",
            ),
            Idea(
                ("seed", "three runs", "three times", "repeat", "each run", "average", "mean"),
                "How much do the accuracies differ between seeds alone?",
            ),
        ],
        compare=[
            "Did you change one thing only? Count the parameters of both networks.",
            "Did both networks see the same digits, for the same number of epochs?",
            "Is the difference larger than that between two seeds of the same network?",
            "One digit of the test is 0.2%. How many digits is your difference?",
            "What would you do next if somebody's money depended on the answer?",
        ],
        hint="What you changed, what you expected, six accuracies, and whether the change is "
        "larger than chance.",
        mistakes=[
            Mistake(
                ("training accuracy", "accuracy on the training"),
                "On the training digits both come close to everything. Compare on the test digits.",
            ),
        ],
    ),
    Lab(
        "L3.1",
        Choice(
            "diagnosis",
            answer="c",
            hint="Where does the loss go in the first epoch, compared with log 10? Then look at "
            "how the steps were taken: `failed.network.optimizer.get_config()`.",
            because="The loss jumps far above log 10 at once: the steps leap across the valley, "
            "until ReLU has silenced most of the network. The rate is 20, a hundred times that of "
            "the chapter.",
            mistakes=[
                Mistake(
                    "a",
                    "Look at what goes in, and at the first layer, which divides by 255. Is the "
                    "scale wrong?",
                ),
                Mistake(
                    "b",
                    "Read the titles over the pictures: do they fit? And a network with wrong "
                    "labels learns to have no idea; can it be worse than that?",
                ),
                Mistake(
                    "d",
                    "Then hardly anything would happen, and the curve would stay where it starts. "
                    "Does it?",
                ),
            ],
        ),
        Judged(
            "mended",
            judge_with=judge_mended,
            expected="the mended network itself, a Keras model",
            hint="Build a fresh network, compile and fit it as in section 3.9, for as many epochs.",
            because="The same pictures, the same labels, the same network: one number was wrong.",
        ),
        hint="Ask the four questions one after the other, and look for proof of each answer: the "
        "pixels, the titles over the pictures, the curve, the optimizer.",
        because="It starts at log 10, where it belongs: all was well until the first step. And "
        "your other lines? Pixels far too large: off before the first step. Pixels divided twice, "
        "shuffled labels, too low a rate: all three stay near log 10, so that no curve tells them "
        "apart; only what goes in does.",
    ),
]
