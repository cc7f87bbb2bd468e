"""Exercises and lab of chapter 4: VGG-16, layer by layer."""

from __future__ import annotations

from tlcourse.classroom.exercises import vgg_answers
from tlcourse.classroom.exercises.quiz_4 import QUIZ
from tlcourse.classroom.kinds import (
    Case,
    Choice,
    Function,
    Idea,
    Judged,
    Lab,
    Mistake,
    Number,
    Open,
    Parts,
)

__all__ = ["EXERCISES", "QUIZ"]

EXERCISES = [
    Parts(
        "4.1",
        Number(
            "body",
            answer=14_714_688,
            tolerance=2_000,
            hint="Take one row of the table in section 4.2 and count it by hand. Does the size of "
            "the picture occur in it?",
            because="The same kernels slide over more places: a convolution does not know the size "
            "of the picture.",
            mistakes=[
                Mistake(
                    lambda n: n == 4 * 14_714_688,
                    "There are four times as many places. Has each of them kernels of its own?",
                ),
                Mistake(
                    lambda n: n == 2 * 14_714_688,
                    "The picture is twice as wide. Which factor of a kernel's size is the "
                    "picture's width?",
                ),
                Mistake(
                    14_710_464, "The weights are all there. What is added to each channel's sum?"
                ),
                Mistake(
                    lambda n: 14.6e6 < n < 14.8e6,
                    "Right in millions. To the last unit, please: with the biases or without?",
                ),
                Mistake(138_357_544, "That is with the dense layers. Only the 13 convolutions."),
            ],
        ),
        Number(
            "fc1",
            answer=411_045_888,
            tolerance=1_000,
            hint="How many values has the last map, once the picture is twice as high and twice as "
            "wide? Each unit has a weight for each of them, and one number more.",
            because="14 × 14 × 512 values and a bias for each of 4,096 units. This is why a "
            "network with dense layers on the map takes pictures of one size only.",
            mistakes=[
                Mistake(
                    102_764_544,
                    "So many it has with the usual pictures. What has become of the last map?",
                ),
                Mistake(
                    205_524_992,
                    "The last map is larger in both directions, not only in one.",
                ),
                Mistake(411_041_792, "The weights are right. What does each unit add to its sum?"),
                Mistake(
                    lambda n: n == 4 * 102_764_544,
                    "Almost: the biases do not grow with the picture. How many are there?",
                ),
                Mistake(
                    lambda n: 410e6 < n < 412e6,
                    "Right in millions. To the last unit, please: the biases are in question.",
                ),
                Mistake(
                    2_101_248,
                    "That is one weight a channel, as behind global average pooling. The dense "
                    "layer of VGG-16 looks at every place of the map.",
                ),
            ],
        ),
        hint="Section 4.2 counts one layer of each kind. Which of the two knows how large the "
        "picture is?",
        because="Convolutions take pictures of any size, dense layers behind a map do not: one "
        "more reason to replace the head.",
    ),
    Number(
        "4.2",
        between=(10.95, 11.2),
        hint="Which rows of the table are computed in each epoch? Add their multiplications, and "
        "compare with those of all convolutions.",
        because="Block 5 does 3 × 462 of 15,347 million multiplications, less than a tenth: its "
        "maps are small. The rest is the same in every epoch, so it is computed once.",
        mistakes=[
            Mistake(
                lambda n: 4.2 < n < 4.5,
                "You have compared the numbers of layers. Do all layers cost the same?",
            ),
            Mistake(
                lambda n: 2.0 < n < 2.2,
                "You have compared parameters. Time goes into multiplications: the last column.",
            ),
            Mistake(
                lambda n: 1.05 < n < 1.15,
                "That is what would be saved if block 5 were left out. It is the other way round.",
            ),
            Mistake(
                lambda n: 0.08 < n < 0.1,
                "That is block 5's share of the work. By what factor does the work shrink, then?",
            ),
            Mistake(
                lambda n: 30 < n < 36,
                "You have counted one layer of block 5. How many convolutions has it?",
            ),
            Mistake(
                lambda n: 9 < n < 10.6,
                "You are near. Does your sum hold exactly the 13 convolutions?",
            ),
        ],
    ),
    Function(
        "4.3",
        cases=[
            Case(([(3, 1)],), 3, "One convolution sees as much as its kernel is wide."),
            Case(
                ([(3, 1), (3, 1)],),
                5,
                "With stride 1, units that are neighbours look at pixels that are neighbours.",
            ),
            Case(
                ([(3, 1), (3, 1), (2, 2)],),
                6,
                "The pooling has stride 2 itself. Does that widen its own field, or only the steps "
                "of the layers behind it?",
            ),
            Case(
                ([(3, 1), (3, 1), (2, 2), (3, 1), (3, 1)],),
                14,
                "Behind a pooling, neighbouring units are further apart in the picture.",
            ),
            Case(
                ([(7, 2), (3, 3), (1, 1), (3, 1)],),
                23,
                "Steps multiply: keep one number for how far apart neighbours are by now.",
            ),
            Case(([],), 1, "Without any layer, a unit is a pixel."),
        ],
        hint="Keep two numbers while you go through the list: the size so far, and how many pixels "
        "neighbouring units are apart.",
        because="Each layer adds (kernel - 1) times the distance so far, and then its stride "
        "multiplies the distance.",
        mistakes=[
            Mistake(
                vgg_answers.without_strides,
                "You add each kernel's reach, and leave out the strides.",
            ),
            Mistake(
                vgg_answers.stride_too_early,
                "A layer's own stride counts for the layers behind it, not for itself.",
            ),
            Mistake(
                vgg_answers.strides_added,
                "Draw two layers of stride 3, one behind the other. How far apart are neighbours "
                "behind the second?",
            ),
            Mistake(
                vgg_answers.kernels_multiplied,
                "Overlapping windows: does a second convolution of the same size see three times "
                "as far?",
            ),
        ],
    ),
    Judged(
        "4.4",
        judge_with=vgg_answers.judge_channel,
        expected="the number of a channel, 0 to 511",
        hint="Record `block5_conv3` for all eight photographs. You want a channel that is large "
        "for one of them, and small in the largest of all others.",
        because="Look at the picture made for it. And remember: eight photographs are few to name "
        "a channel by.",
    ),
    Choice(
        "4.5",
        answer="c",
        hint="What does it tell about a map if a network that has learned nothing draws nearly the "
        "same one?",
        because="A map that is there without learning cannot show what was learned. The network "
        "may well look at the lungs; these maps are no evidence for it, nor against it.",
        mistakes=[
            Mistake(
                "a",
                "A network with random weights knows no lungs. What else could draw a map that "
                "follows the shapes of a picture?",
            ),
            Mistake(
                "b",
                "That a proof fails does not prove the opposite. What do we know of where the "
                "network looks?",
            ),
            Mistake(
                "d",
                "How much of the map is due to the weights, if with *all* of them random so much "
                "of it is left?",
            ),
        ],
    ),
    Open(
        "4.6",
        least_words=40,
        ideas=[
            Idea(
                (
                    "block",
                    "layer",
                    "conv",
                    "pool",
                    "stage",
                    "deep",
                    "lower",
                    "upper",
                    "middle",
                    "before the head",
                ),
                "Name a layer or a block that you would take.",
            ),
            Idea(
                (
                    "probe",
                    "accura",
                    "measur",
                    "valid",
                    "held out",
                    "cross",
                    "compare",
                    "test",
                    "score",
                    "logistic",
                    "try several",
                    "which one is best",
                    "evaluat",
                    "folds",
                ),
                "How would you find out whether another layer is better?",
            ),
            Idea(
                (
                    "random",
                    "control",
                    "baseline",
                    "untrained",
                    "guess",
                    "majority",
                    "chance",
                    "noise",
                    "not trained",
                    "nothing learned",
                    "nothing was learned",
                    "shuffl",
                    "sanity",
                    "permut",
                ),
                "What would a network, or a rule, achieve that has learned nothing? Name what you "
                "compare with.",
            ),
        ],
        compare=[
            "How large are the things that matter in your pictures, in pixels, and how far does a "
            "unit of your layer mostly see (section 4.6)?",
            "Are your pictures near to ImageNet's photographs, or far from them?",
            "Which pictures do you choose the layer with, and which do you judge the result on?",
            "Would somebody else's pictures of the same thing give the same answer?",
        ],
        hint="Size of the things, likeness to photographs, a probe, a control.",
    ),
    Lab(
        "L4.1",
        Choice(
            "diagnosis",
            answer="b",
            hint="Go through the rows: what happens to black, how far is white from black, and in "
            "which place does red stand?",
            because="Black stays 0, so nothing is subtracted; white is 1, so the range is a 255th; "
            "and red comes first, where this network has blue.",
            mistakes=[
                Mistake("a", "That is there, too. But look at black and white: what else is?"),
                Mistake("c", "Look at what black turns into. Is anything subtracted at all?"),
                Mistake("d", "How far apart are black and white in the two columns?"),
            ],
        ),
        Function(
            "mended",
            cases=vgg_answers.PIXEL_CASES,
            tolerance=0.01,
            hint="Three things: the order of the colours, the range, and what is subtracted. "
            "`recipe` knows all of them; read its numbers there.",
            because="Better still: hand on the whole model, with its preprocessing inside, so that "
            "nobody has to know.",
            mistakes=[
                Mistake(vgg_answers.to_unit, "These are still the app's numbers."),
                Mistake(
                    vgg_answers.without_means,
                    "Order and range are right. What does black turn into, in the other column?",
                ),
                Mistake(
                    vgg_answers.red_first,
                    "Range and means are right, but look where red stands.",
                ),
                Mistake(
                    vgg_answers.means_swapped,
                    "The colours are in the right order, the means are not: each belongs to a "
                    "colour.",
                ),
                Mistake(
                    vgg_answers.scaled_after_all,
                    "Order and means are right. Is the range the one of the recipe?",
                ),
            ],
        ),
        hint="Known colours in, and compare what comes out with what the network was trained on.",
        because="Preprocessing belongs to the weights. Where it travels by itself, it gets lost.",
    ),
]
