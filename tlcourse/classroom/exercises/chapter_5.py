"""Exercises and labs of chapter 5: get image data ready."""

from __future__ import annotations

from tlcourse.classroom.exercises import preparing
from tlcourse.classroom.exercises.quiz_5 import QUIZ
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
)

__all__ = ["EXERCISES", "QUIZ"]

EXERCISES = [
    Items(
        "5.1",
        answer=[150, 125, 25],
        ordered=True,
        hint="Stratified means that each class is divided by itself. Three parts to learn from for "
        "one part to judge with: how many parts are there?",
        because="Four parts, of which the test gets one, and that of each class by itself.",
        mistakes=[
            Mistake(
                [200, 167, 33],
                "That is one of three parts. Three to learn from *and* one to judge with: how many "
                "are there together?",
            ),
            Mistake([450, 375, 75], "So many of each are learned from. Asked is for the others."),
            Mistake(
                [100, 100, 100],
                "That would be the same *number* of each class, and no ferret would be left to "
                "learn from. Stratified keeps the same *share* of each.",
            ),
            Mistake([300, 250, 50], "That is one to one: a half."),
            Mistake(
                lambda found: len(found) != 3,
                "Three numbers, one for each class: cats, dogs, ferrets.",
            ),
        ],
    ),
    Function(
        "5.2",
        cases=preparing.KAPPA,
        hint="Two shares are needed. By chance they agree on a label with the share of it in the "
        "one list times its share in the other; add that up over the labels.",
        because="What is left of the agreement when chance is taken out, as a share of what could "
        "be left.",
        mistakes=[
            Mistake(
                preparing.agreed_only,
                "That is the share on which they agree, with chance still in it.",
            ),
            Mistake(
                preparing.not_divided,
                "Chance is taken out. Now compare with what is possible: what would be left if "
                "they agreed on everything?",
            ),
            Mistake(
                preparing.with_equal_chances,
                "You take chance to be the same for all labels. Each person keeps their own "
                "shares: who calls nearly everything an a agrees with another of that kind by "
                "chance alone.",
            ),
        ],
    ),
    Choice(
        "5.3",
        answer="b",
        hint="The network will meet people whom it has never seen. In which of the tests does it?",
        because="The patient is the group: a mole, its skin, its hair and its camera come back in "
        "every picture of one person. (The newest of *new* patients would be better still.)",
        mistakes=[
            Mistake(
                "a",
                "Stratified, that is good. But most patients then have pictures on both sides, and "
                "the test asks about skins that are known.",
            ),
            Mistake(
                "c",
                "Time is a good thing to split by. But patients come back over the years: many of "
                "the newest pictures are of people who were learned from.",
            ),
            Mistake(
                "d",
                "Two pictures of one mole a year apart are no copies, and yet they are not "
                "independent.",
            ),
        ],
    ),
    Judged(
        "5.4",
        judge_with=preparing.judge_signs,
        expected="an augmentation, as tl.Augmentation(…) makes one",
        hint="Take the kinds one by one. Is the sign still the same sign, and could the car have "
        "taken that picture? What is not said has a default: look at them with "
        "`tl.Augmentation()`.",
        because="A mirror turns left into right, so the label would lie in half of the pictures. A "
        "little turned, moved, brighter or paler is what a moving car sees.",
    ),
    Number(
        "5.5",
        answer=0.811,
        tolerance=0.0025,
        share=True,
        hint="Two groups of pictures: those whose label in the test is right, and those whose "
        "label is wrong. How many of each group are counted as right?",
        because="Of the nine tenths with a right label, 90% are counted as right, which is 81%. Of "
        "the others, one in fifty is wrong in just the way of the label: 0.2% more.",
        mistakes=[
            Mistake(0.9, "That is what the network is worth. The ruler says something else."),
            Mistake(
                0.8,
                "Nearly: you have taken away the wrong labels from the right answers. But on some "
                "of these pictures the network was wrong anyway.",
            ),
            Mistake(
                lambda share: 0.815 < share <= 0.9,
                "A bit high: how many of the answers that are right meet a label that is right, "
                "too? And how often does a wrong answer hit just the wrong label?",
            ),
            Mistake(
                lambda share: share > 0.9,
                "Can wrong labels make a good network look better than it is?",
            ),
        ],
    ),
    Open(
        "5.6",
        least_words=60,
        ideas=[
            Idea(
                ("split", "group", "together", "held back", "test"),
                "What belongs together in your set, and how will you split it?",
            ),
            Idea(
                ("shortcut", "background", "light", "camera", "season", "weather", "fog", "place"),
                "What could a network learn in place of your question? Think of who takes the "
                "pictures of each class, and where.",
            ),
            Idea(
                ("decide", "label", "doubt", "annotat", "rate", "expert", "agree"),
                "Who says what a picture shows, and what happens where two people disagree?",
            ),
        ],
        compare=[
            "Would a stranger, with your page in hand, give your borderline case the same label?",
            "Is there a class whose pictures all come from one place, day or person?",
            "What is the group: the thing, the person, the day, the camera? Is it written down "
            "with each picture?",
            "How many pictures of the smallest class will be in the test, and how wide is the "
            "interval then?",
            "May you use these pictures at all? Who is on them, and who owns them?",
        ],
        hint="Classes and doubtful cases; who, when, with what; what belongs together; the "
        "shortcut, and what you will do about it.",
    ),
    Lab(
        "L5.1",
        Choice(
            "diagnosis",
            answer="c",
            hint="Is the network confused, or is it consistent? Look at a row of the matrix: how "
            "many names does one class get?",
            because="Each row has one large number, in the wrong column: the network is as sure as "
            "ever, and names are given by place. Sorting the *new* names put them in another "
            "order than the columns.",
            mistakes=[
                Mistake(
                    "a",
                    "The numbers are those of the classifier, from the same pixels. And wrong "
                    "pixels confuse: they do not send a whole class to one wrong name.",
                ),
                Mistake(
                    "b",
                    "A network that was trained too little spreads its answers. How are they "
                    "spread in a row of this matrix?",
                ),
                Mistake("d", "That would make the accuracy too good. Is it?"),
            ],
        ),
        Items(
            "mended",
            answer=["carrier", "battleship", "destroyer", "frigate", "boat", "yacht"],
            ordered=True,
            hint="The names have to stand in the order of `classifier.class_names`, each made "
            "short in its place.",
            because="The same numbers, the same pictures; only the names stand where they belong. "
            "A model of this course carries its names in its file, so that they cannot part.",
            mistakes=[
                Mistake(
                    lambda found: found == sorted(found),
                    "They are still in the order of the alphabet. What does `sorted` do in that "
                    "line, and does it have to be there?",
                ),
                Mistake(
                    lambda found: any(" " in name for name in found),
                    "The app's team wanted short names. Make each short where it stands.",
                ),
            ],
        ),
        hint="Compare `names` with `classifier.class_names`, place by place.",
        because="Nothing crashed, since six names fit six columns in any order.",
    ),
    Lab(
        "L5.2",
        Choice(
            "diagnosis",
            answer="a",
            hint="Ask `tl.find_leaks(hers)` how many there are, and show the pictures of the "
            "first.",
            because="Half of the test pictures are in the training as well, a little darker and "
            "saved anew: neither names nor bytes tell, only the pictures do.",
            mistakes=[
                Mistake(
                    "c",
                    "Both tests have as many pictures. How wide is the interval of an accuracy on "
                    "so many (`.interval` of a report), and how far apart are the two numbers?",
                ),
                Mistake(
                    "b",
                    "The classes are the same six. Look at the counts of both sets.",
                ),
                Mistake(
                    "d",
                    "Then it would do badly on *both* tests, for she has learned from neither. "
                    "Has she?",
                ),
            ],
        ),
        Judged(
            "mended",
            judge_with=preparing.judge_cleaned,
            expected="the cleaned set with its parts, as clean() returns it",
            hint="`tl.diagnose(hers, backbone=None).clean()` leaves out the copies, and keeps the "
            "one that judges.",
            because="Train a new head on it: the number falls far, and on new vessels the network "
            "hardly loses, only what the copies were worth as pictures to learn from. The rest "
            "was never there.",
        ),
        hint="Two tests of the same size and the same classes: what is different between them? "
        "Ask what she has learned from.",
        because="Look for copies before you believe a number that is too good, and above all "
        "when it is your own.",
    ),
]
