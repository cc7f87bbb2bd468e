"""Quiz of chapter 2."""

from tlcourse.classroom.quizzes import Option, Question

QUIZ = [
    Question(
        "LeNet-5 has 60,000 parameters and 340,908 connections. How can there be more connections?",
        Option(
            "Each kernel is used at many places of the picture.",
            "That is what sliding means: learned once, used everywhere.",
            right=True,
        ),
        Option(
            "The connections of the training are counted as well.",
            "Both numbers are about the finished network. Where is a number used more than once?",
        ),
        Option(
            "Most parameters are zero and are not counted.",
            "None is left out. Where in the picture is a kernel used?",
        ),
    ),
    Question(
        "A weighted sum of the pixels hardly gains from ever more digits that lie anywhere. Why?",
        Option(
            "The pictures are still too few: it would take a hundred thousand of such digits.",
            "It has few numbers to learn. What can it not express, however many it sees?",
        ),
        Option(
            "It has a weight for each place, and no idea of the same stroke elsewhere.",
            "So a shifted digit is a new picture to it. Data does not help what cannot use it.",
            right=True,
        ),
        Option(
            "The learning rate was too small.",
            "Longer training would not let it move a stroke. What does a weight belong to?",
        ),
    ),
    Question(
        "A stack of eight layers with sigmoids stays at guessing. What is missing?",
        Option(
            "Pictures: eight layers need many more of them than these digits.",
            "The others learned from the same ones.",
        ),
        Option(
            "Parameters: a sigmoid leaves each layer fewer of them to learn.",
            "All three stacks have equally many.",
        ),
        Option(
            "News: hardly any of the correction reaches the first layers.",
            "Each sigmoid passes on a quarter at most, and eight of them multiply.",
            right=True,
        ),
        Option(
            "A nonlinearity.",
            "The sigmoid is one. What happens to the gradient on its way down?",
        ),
    ),
    Question(
        "A plain network of 38 layers does worse than one of 8, on the training pictures too. "
        "What is it *not*?",
        Option(
            "Overfitting.",
            "That would show as a small error in training and a large one in the test.",
            right=True,
        ),
        Option(
            "A difficulty of training.",
            "It is just that: a good solution exists, and training does not find it.",
        ),
        Option(
            "Something that shortcuts can mend.",
            "They mended it in front of your eyes.",
        ),
    ),
    Question(
        "What does a Vision Transformer *not* know when its training begins?",
        Option(
            "How to compare two patches.",
            "Comparing patches is what its attention does from the start, only not yet usefully.",
        ),
        Option(
            "That patches which lie side by side belong together.",
            "It has to learn it, and therefore it does not mind when they are shuffled.",
            right=True,
        ),
        Option(
            "How many classes there are, and which picture belongs to which.",
            "The head is built for the classes, and the labels tell the rest, as with every "
            "network.",
        ),
    ),
    Question(
        "Network A has half the multiply-adds of B. On your laptop A is slower. Can that be?",
        Option(
            "No: half the work is half the time, so one of them was counted wrongly.",
            "Work is not time. What else does a layer have to do but multiply?",
        ),
        Option(
            "Yes: reading and writing memory takes time as well.",
            "Depthwise convolutions are a known case. So measure where it will run.",
            right=True,
        ),
        Option(
            "Only if A has more parameters.",
            "That is one possible reason among several. Is it the only one?",
        ),
    ),
]
