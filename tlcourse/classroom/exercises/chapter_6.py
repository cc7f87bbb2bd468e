"""Exercises and labs of chapter 6: build and fine-tune."""

from __future__ import annotations

from tlcourse.classroom.exercises import tuning_answers
from tlcourse.classroom.exercises.labs_6 import LABS
from tlcourse.classroom.exercises.quiz_6 import QUIZ
from tlcourse.classroom.kinds import (
    Case,
    Choice,
    Function,
    Idea,
    Judged,
    Mistake,
    Number,
    Open,
    Parts,
    Words,
)

__all__ = ["EXERCISES", "QUIZ"]

EXERCISES = [
    Parts(
        "6.1",
        Number(
            "gap",
            answer=5_130,
            hint="A weight for each feature and each class. Does each class add something of its "
            "own?",
            because="10 × (512 + 1): the weights, and a bias for each kind of bird.",
            mistakes=[
                Mistake(5_120, "The weights are right. What is added to each class' sum?"),
                Mistake(513, "So many has one class. How many classes are there?"),
                Mistake(7_686, "That is the head of section 6.5. Here are other features."),
                Mistake(lambda n: n > 1_000_000, "That is the body. Count the head alone."),
            ],
        ),
        Number(
            "dense",
            answer=33_482,
            hint="Two layers: from the features to the hidden units, and from these to the "
            "classes. Each has weights and biases.",
            because="64 × (512 + 1) and 10 × (64 + 1): most of them in the hidden layer.",
            mistakes=[
                Mistake(33_408, "All the weights are there. What else has each unit?"),
                Mistake(32_832, "That is the hidden layer. What comes behind it?"),
                Mistake(32_768, "The first weights are right. What comes behind them?"),
                Mistake(
                    38_602,
                    "Do the classes still see the features themselves? They see the hidden units.",
                ),
            ],
        ),
        hint="A dense layer has a weight for each pair of what comes in and what goes out, and a "
        "bias for each that goes out.",
        because="The table of section 6.5 is counted in the same way.",
    ),
    Choice(
        "6.2",
        answer=("b", "train_top", "train top"),
        hint="Count first: on which side of the border? Then: does ImageNet show such things?",
        because="Small, and different: grey shadows of bones are no dogs and teapots. Train the "
        "head, then a few top layers, with augmentation, and compare with the frozen base.",
        mistakes=[
            Mistake(
                ("a", "freeze_base"),
                "That would do if the pictures were of a kind that ImageNet has. What do the top "
                "layers know of X-rays?",
            ),
            Mistake(
                ("c", "train_all"),
                "That is for pictures as different as these, but many more of them. How many has a "
                "class here?",
            ),
            Mistake(
                ("d", "from_scratch"),
                "With so few pictures nothing can be learned from the ground up. The lowest layers "
                "see edges, on X-rays as well.",
            ),
        ],
    ),
    Function(
        "6.3",
        cases=[
            Case(
                (9, 1),
                22 / 1024,
                "Ten throws of a coin. How likely are nine or ten heads? And as many tails?",
            ),
            Case(
                (1, 9),
                22 / 1024,
                "The same pictures with the models' names exchanged: the result may not change.",
            ),
            Case((13, 6), 0.16706848, "Here more outcomes are as uneven or more. Add up all."),
            Case(
                (4, 4),
                1.0,
                "Each wins half. Every result is as uneven as this or more, and no probability is "
                "larger than a certain one.",
            ),
            Case((0, 0), 1.0, "The two never differ: nothing speaks against 'equally good'."),
        ],
        tolerance=1e-6,
        hint="Among so many throws as there are pictures on which they differ: add up the "
        "probabilities of all results as uneven as this one or more, on both sides.",
        because="That is the exact test of McNemar, as `tl.compare_models` computes it.",
        mistakes=[
            Mistake(
                tuning_answers.one_sided,
                "That is one direction. The question was: in either direction.",
            ),
            Mistake(
                tuning_answers.exactly_so,
                "That is the probability of just this result. What of those that are still more "
                "uneven?",
            ),
            Mistake(
                tuning_answers.chi_square,
                "That is the approximation by chi-square, for many pictures. Count exactly.",
            ),
            Mistake(
                tuning_answers.not_capped,
                "Nearly: where each wins half, the two sides overlap, and the middle is counted "
                "twice.",
            ),
        ],
    ),
    Words(
        "6.4",
        ideas=[
            Idea(
                (
                    "random",
                    "untrained",
                    "meaningless",
                    "nonsense",
                    "not trained",
                    "knows nothing",
                    "noise",
                    "garbage",
                    "new head",
                    "initialis",
                    "initializ",
                    "fresh head",
                    "arbitrary",
                    "not know",
                ),
                "In what state was the head when the first gradients came through it?",
            ),
            Idea(
                (
                    "distort",
                    "destroy",
                    "spoil",
                    "damage",
                    "ruin",
                    "overwrit",
                    "lost",
                    "forget",
                    "forgot",
                    "wreck",
                    "dragged",
                    "pull",
                    "away from",
                    "corrupt",
                    "disturb",
                    "broke",
                    "harm",
                    "wash",
                ),
                "What became of the features that were good before?",
            ),
            Idea(
                (
                    "head first",
                    "first the head",
                    "head alone",
                    "freeze",
                    "frozen",
                    "before unfreez",
                    "train the head",
                    "fit the head",
                    "head before",
                    "only head",
                    "only the head",
                    "just the head",
                    "head by itself",
                ),
                "The first thing to change: the order. What should learn before the body does?",
            ),
            Idea(
                (
                    "small",
                    "lower",
                    "low rate",
                    "tenth",
                    "ten times",
                    "hundred",
                    "0 000",
                    "0 001",
                    "1e 4",
                    "1e 5",
                    "10 4",
                    "reduc",
                    "tiny",
                    "fraction",
                    "100",
                ),
                "The second thing: how long are the steps of the body?",
            ),
        ],
        hint="Follow the very first step: what does the head know, what does it hand down, and how "
        "long is the step?",
        because="A head that knows nothing sends meaningless gradients down, and long steps follow "
        "them: the features are distorted before the head has learned to use them. Head first, "
        "then everything at a rate ten to a hundred times smaller.",
        mistakes=[
            Mistake(
                ("more epochs", "longer", "more training"),
                "Training longer does not bring the old features back. What happened in the very "
                "first steps?",
            ),
            Mistake(
                ("test set", "leak"),
                "No test picture was touched. Look at the order in which things were trained.",
            ),
        ],
    ),
    Open(
        "6.5",
        least_words=60,
        ideas=[
            Idea(
                (
                    "light",
                    "weather",
                    "fog",
                    "night",
                    "angle",
                    "distance",
                    "camera",
                    "season",
                    "rain",
                ),
                "Under which conditions will the pictures differ from those it was trained on?",
            ),
            Idea(
                ("wrong", "harm", "mistak", "danger", "accident", "relies", "rely", "trust"),
                "What happens to whom when the answer is wrong?",
            ),
        ],
        compare=[
            "Would a stranger know from your text when *not* to use the app?",
            "For each condition that you name: was it tested apart, or does the card say that it "
            "was not?",
            "Who is harmed by a wrong answer: only the user, or also somebody who never chose it?",
            "How would you notice, a year from now, that the accuracy has fallen?",
            "Does anything in it claim more than the test of rendered pictures can show?",
        ],
        hint="Purpose and users; conditions under which it may work worse; who is harmed, and how "
        "one would notice.",
    ),
    Judged(
        "6.6",
        judge_with=tuning_answers.judge_export,
        expected="what tl.export returns",
        hint="Three arguments beside classifier and path: how many bits, pictures to learn the "
        "ranges from, pictures to be judged by.",
        because="A quarter of the size. Read its last lines: how many names differ from those of "
        "Keras, and is the accuracy lower by more than chance?",
    ),
    Open(
        "6.7",
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
            Idea(("validation",), "On which vessels did you compare? The test is no place to try."),
        ],
        compare=[
            "Did you change one thing only?",
            "Did both recipes have the same number of epochs, and the same pictures?",
            "Is the difference larger than that between two seeds of the same recipe?",
            "One validation picture is 0.7%. How many pictures is your difference?",
            "If you tried several changes: how many, and is the best of them still a surprise?",
        ],
        hint="What you changed, what you expected, six accuracies on validation vessels, and "
        "whether the change is larger than chance.",
        mistakes=[
            Mistake(
                ("on the test", "test vessels", "test accuracy"),
                "Who chooses a recipe by the test has no test any more. Which vessels are there "
                "for choosing?",
            ),
        ],
    ),
    *LABS,
]
