"""Quiz of chapter 3."""

from tlcourse.classroom.quizzes import Option, Question

QUIZ = [
    Question(
        "The nine numbers of a kernel add up to 0. Without padding: what does it make of an even "
        "grey wall?",
        Option(
            "The same grey wall.",
            "For that they would have to add up to 1, as those of a blur do.",
        ),
        Option(
            "Zero everywhere.",
            "Every pixel of the window is the same, so their sum is that grey times 0.",
            right=True,
        ),
        Option(
            "A bright frame, and zero inside.",
            "With padding it would, where the made-up zeros meet the wall. Here there are none.",
        ),
        Option(
            "Negative numbers, which ReLU then removes.",
            "The negative and the positive products cancel each other before ReLU sees them.",
        ),
    ),
    Question(
        "A layer gets 16 channels and has 32 kernels of 3 × 3. How many numbers has *one* kernel, "
        "without bias?",
        Option("9", "That would look at one channel. It looks at all of them at once."),
        Option("144", "3 × 3 at each of the 16 channels that come in.", right=True),
        Option("288", "That is 9 for each channel that goes out. What does it look at?"),
        Option("4,608", "All 32 kernels together have so many."),
    ),
    Question(
        "Why ReLU between two convolutions?",
        Option(
            "Pixels cannot be negative, and neither may a feature map be.",
            "Feature maps are no pictures: before ReLU they are negative about as often as not.",
        ),
        Option(
            "It makes the network faster.",
            "It is cheap, but leaving it out would be cheaper still.",
        ),
        Option(
            "Without it, the two would do no more than one.",
            "Sums of sums are sums. The kink makes depth count.",
            right=True,
        ),
        Option(
            "It keeps the probabilities between 0 and 1.",
            "Softmax does that, and only at the end.",
        ),
    ),
    Question(
        "Two convolutions of 3 × 3, with stride 1 and without pooling. How many pixels of the "
        "picture does a unit behind the second one see?",
        Option("3 × 3", "So many units of the *first* layer. And each of these sees more."),
        Option("5 × 5", "One pixel more on each side.", right=True),
        Option("6 × 6", "The windows of neighbouring units overlap."),
        Option("9 × 9", "That would be windows side by side. They overlap."),
    ),
    Question(
        "A network for ten classes has a loss of 4.1. What do you conclude?",
        Option(
            "It has learned nothing yet.",
            "Then it would give each class about a tenth, and the loss would be log 10, or 2.30.",
        ),
        Option(
            "It is right in 41% of the cases.",
            "A loss is no share. It says how surely the true class was named.",
        ),
        Option(
            "It is wrong with confidence.",
            "Worse than no idea: it takes sureness to lose more than log 10.",
            right=True,
        ),
        Option(
            "It needs more epochs.",
            "Perhaps, but something pushes it the wrong way: look at the learning rate, the "
            "pixels and the labels first.",
        ),
    ),
    Question(
        "What does the gradient tell about one weight?",
        Option(
            "How large it should be when the training has come to its end.",
            "It knows only the slope where the network stands now, nothing of the goal.",
        ),
        Option(
            "How the loss changes when it is moved a little.",
            "And only a little: the slope may be another one a step away.",
            right=True,
        ),
        Option(
            "How important it is for the class.",
            "A weight that matters much may have slope 0: at the bottom of the valley.",
        ),
        Option(
            "How much it was changed in the last step.",
            "It is the other way round: the next change is computed from it.",
        ),
    ),
    Question(
        "Which of these makes the answer of a network the same wherever the digit stands?",
        Option(
            "Convolutions.",
            "Their maps move along with the digit. The answer depends on what comes behind.",
        ),
        Option(
            "Max pooling of 2 × 2 behind each of the convolutions, as in section 3.5.",
            "It forgets place within its window, and no further.",
        ),
        Option(
            "The largest value of each whole map, and no stride before it.",
            "Where it was found is thrown away, and no stride has cut the digit in another way.",
            right=True,
        ),
        Option(
            "A dense layer with more units.",
            "It has weights for places. More of them do not make it forget places.",
        ),
    ),
]
