"""Exercises of chapter 1: what is transfer learning?"""

from __future__ import annotations

from typing import Any

from tlcourse.classroom.exercises.quiz_1 import QUIZ
from tlcourse.classroom.kinds import (
    Choice,
    Idea,
    Items,
    Judged,
    Mistake,
    Number,
    Open,
    Parts,
    Words,
)
from tlcourse.classroom.numbers import read_number

__all__ = ["EXERCISES", "QUIZ"]

_DRAWS = 4
_WORST = 0.8
"""Two pictures of each kind gave 0.96 at worst in six draws; far below, something else is wrong."""


def _judge_draws(answer: Any) -> bool | str:
    """Judge the accuracies of four draws: whatever was measured is right, if it was measured."""
    values = [value[0] for value in map(read_number, answer) if value]
    shares = [value / 100 if 1 < value <= 100 else value for value in values]
    if len(shares) != _DRAWS:
        return "One accuracy for each of the seeds 0, 1, 2 and 3, in a list."
    if any(share > 1 or share < 0 for share in shares):
        return "An accuracy is a share of all test pictures. Did you count pictures?"
    if len(set(shares)) == 1:
        return "Not one draw differs from the others. Did each seed reach `tl.split`?"
    if min(shares) < _WORST:
        return (
            "One of them is far lower than any draw of ours. Are features and test pictures "
            "those of the same split?"
        )
    return True


_LEARNED_FROM = (
    "trained on", "training pic", "training set", "training data", "train pic", "training image",
    "training example", "training part", "train part", "training sample", "train sample",
    "train set", "train data", "train image", "trained with", "train with", "to train with",
    "used for training", "used to train", "fitted to", "fit on", "fitted on", "to learn from",
    "learned from", "learnt from", "learn from", "learns from", "learned on", "it learn",
    "two of each", "four images", "4 images",
)  # fmt: skip
_HONEST = (
    "know", "unknown", "neither", "none", "say nothing", "no answer", "never seen", "not seen",
    "not on my list", "not on the list", "out of distribution", "null", "no ship", "not a ship",
    "not a vessel", "not a boat", "no boat", "no vessel", "something else", "anything else",
    "other class", "another class", "other object", "not one of", "not in my", "no match",
    "does not match", "not applicable", "can t tell", "cannot tell", "can not tell", "not recogn",
    "don t recogn", "do not recogn", "unrecogn", "unclassif", "outside", "out of scope",
    "undecided", "low prob", "low confid", "all low", "unsure", "not sure", "uncertain", "refuse",
    "reject", "abstain", "no idea",
)  # fmt: skip

EXERCISES = [
    Parts(
        "1.1",
        Number(
            "head",
            answer=12_810,
            hint="How many features come in, how many classes go out, what else has each class?",
            because="For each of ten classes 1,280 weights, and one number to start from.",
            mistakes=[
                Mistake(12_800, "These are the weights. Each class has one more number: which?"),
                Mistake(2_562, "So large is the head for two classes. Here there are ten."),
                Mistake(
                    1_290,
                    "You have added features and classes. Does not each class have a "
                    "weight for every feature?",
                ),
                Mistake(1_281_000, "So large is the old head, with its thousand classes."),
                Mistake(
                    lambda n: n > 2_000_000, "That counts the body. The head alone is asked for."
                ),
            ],
        ),
        Number(
            "changed",
            answer=0,
            hint="Section 1.4 calls the body by a word from the freezer. What did the training see "
            "of the body?",
            because="The body is frozen: the training saw nothing but the table of features.",
            mistakes=[
                Mistake(2_562, "That many numbers of the head were learned. And of the body?"),
                Mistake(12_810, "That is the head again. What happened to the body?"),
                Mistake(
                    lambda n: n > 1_000_000,
                    "Had all of the body been trained, two hundred "
                    "pictures would have been few, and a minute short. Read 1.4 again.",
                ),
            ],
        ),
        hint="The size of the new head is worked out below its figure in section 1.4. Do the same "
        "for ten classes.",
        because="Few numbers to learn: so few pictures suffice.",
    ),
    Parts(
        "1.2",
        Judged(
            "accuracies",
            judge_with=_judge_draws,
            expected="a list of four accuracies",
            hint="Put split, extract_features, train_head and evaluate into one cell, with "
            "`seed=` in the first; `report.accuracy` is the number.",
            because="Measured on your machine.",
        ),
        Words(
            "not_in_the_interval",
            ideas=[
                Idea(
                    _LEARNED_FROM,
                    "The test pictures are drawn at random, and the interval knows that. What else "
                    "does `tl.split` draw?",
                ),
            ],
            hint="Two sets are drawn at random by `tl.split`. The interval is about one of them.",
            because="The interval takes the trained classifier as given, and asks what other test "
            "pictures would say of it. Which pictures it was trained on is drawn as well, and with "
            "two of each kind that matters.",
            mistakes=[
                Mistake(
                    ("processor", "rounding", "round ", "hardware"),
                    "Rounding moves the last "
                    "digit, no more. What is drawn at random anew with each seed?",
                ),
                Mistake(
                    ("initial weight", "initialis", "initializ", "starting weight"),
                    "The head is fitted without a random start, and the body is loaded as it "
                    "is. What does the seed of `tl.split` decide?",
                ),
                Mistake(
                    ("number of test", "size of the test", "few test", "how many test"),
                    "Their number is just what the interval does account for. What is drawn "
                    "besides the test pictures?",
                ),
                Mistake(
                    ("test set", "test sample", "test pictures", "sample size"),
                    "The interval is about just that: other test pictures. What else does "
                    "`tl.split` draw?",
                ),
            ],
        ),
        hint="Run section 1.6 in one cell with the seed as a variable, then ask what differs "
        "between two runs.",
        because="One draw is an anecdote, too: repeat it before you trust a small difference.",
    ),
    Parts(
        "1.3",
        Items(
            "can_answer",
            answer=[
                ("aircraft carrier", "aircraft carriers", "carrier", "carriers"),
                ("battleship", "battleships"),
                ("destroyer", "destroyers"),
                ("frigate", "frigates"),
                ("motorboat", "motorboats", "motor boat", "motor boats"),
                ("sailing yacht", "sailing yachts", "yacht", "yachts"),
            ],
            hint="What did the photographs get, and which other names does the list hold? "
            "`fleet.class_names`",
            because="Six names, and nothing else, whatever the picture.",
            mistakes=[
                Mistake(
                    lambda found: any(
                        name in ("cat", "coffee", "rocket", "astronaut", "person", "face")
                        for name in found
                    ),
                    "You would say so. Which names has this head ever been given?",
                ),
                Mistake(
                    lambda found: any("know" in name or "unknown" in name for name in found),
                    "That would be a good answer, but is it on its list?",
                ),
                Mistake(
                    lambda found: 0 < len(found) < 6,
                    "Those are the ones that it gave. Which others does its list hold?",
                ),
            ],
        ),
        Words(
            "wished",
            ideas=[
                Idea(
                    _HONEST,
                    "For a cup of coffee all six names are beside the point. What would an honest "
                    "person say?",
                ),
            ],
            hint="What would you say to a cup of coffee, asked 'which kind of ship'?",
            because="No closed list holds an 'I don't know', unless somebody puts it there.",
            mistakes=[
                Mistake(
                    lambda text: text in ("other", "others"), "Other than what? Say a sentence."
                ),
                Mistake(
                    ("higher prob", "more confiden", "more certain", "sure of"),
                    "Surer of what? Think of the coffee: is one of the names a good answer?",
                ),
                Mistake(
                    ("cat", "coffee", "rocket"),
                    "For that it would need these names. What could it say *without* them?",
                ),
                Mistake(
                    ("error", "crash"),
                    "That stops the program, and says nothing of the "
                    "picture. What would help whoever asked?",
                ),
            ],
        ),
        Choice(
            "section",
            answer=("1.3", "1 3", "section 1.3", "section 1 3"),
            hint="Where did a network have to answer without the right name on its list?",
            because="The rocket got a missile's name for the same reason.",
            mistakes=[
                Mistake(
                    "1.2",
                    "That one is about how firm a probability is. Here the *names* are "
                    "the trouble.",
                ),
                Mistake("1.4", "There the head was swapped; that it is closed was found before."),
                Mistake("1.5", "There all pictures were of the two kinds. Where was one of none?"),
                Mistake("1.6", "There the labels were in doubt, not the list of names."),
            ],
        ),
        hint='Try the three pictures first: `sailor.predict(tl.photograph("coffee"))`.',
        because="Swapping the head gives other names, and closes the list again.",
    ),
    Open(
        "1.4",
        least_words=40,
        ideas=[
            Idea(
                (
                    "decid",
                    "decision",
                    "label",
                    "border",
                    "doubt",
                    "unclear",
                    "ambiguous",
                    "count as",
                    "rule",
                ),
                "Which of your pictures would two people name differently? Say what you would "
                "decide.",
            ),
            Idea(
                (
                    "shortcut",
                    "background",
                    "light",
                    "edge",
                    "camera",
                    "colour",
                    "color",
                    "watermark",
                    "always",
                    "only because",
                    "coincid",
                    "same place",
                    "cheat",
                ),
                "Could the classes be told apart by something that has nothing to do with them?",
            ),
            Idea(
                ("test",),
                "Which pictures would tell you whether the classifier took a shortcut?",
            ),
        ],
        compare=[
            "Would another person, with your rule alone, label the doubtful case as you would?",
            "Does the shortcut come with the class in your pictures, and not in the world?",
            "Does your test set come from another place, day or camera than the training pictures?",
            "How many pictures of each class could you really get, and may you use them?",
        ],
        hint="Say what is told apart, where the pictures come from, a case that needs a decision, "
        "one shortcut, and which test pictures would reveal it.",
        mistakes=[
            Mistake(
                ("accuracy on the training", "training accuracy", "test on the training"),
                "What was learned from, a classifier may know by heart. Which test pictures "
                "could still surprise it?",
            ),
        ],
    ),
]
