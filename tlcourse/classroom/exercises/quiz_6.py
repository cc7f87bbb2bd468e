"""Quiz of chapter 6."""

from tlcourse.classroom.quizzes import Option, Question

QUIZ = [
    Question(
        "Why is the new head trained before anything else is unfrozen?",
        Option(
            "The head is small and quickly trained, so that the long run can begin with something "
            "good.",
            "It is quick, but that would be no reason not to train all at once.",
        ),
        Option(
            "Gradients through an untrained head point nowhere, and would spoil good features.",
            "The layers below would be pulled about until the head knows what it wants.",
            right=True,
        ),
        Option(
            "Keras cannot train head and body together.",
            "It can, and afterwards it does.",
        ),
        Option(
            "So that the test set is used only once.",
            "The test set has no part in training at all.",
        ),
    ),
    Question(
        "400 pictures a class, and the network's old head names them with confidence. What does "
        "the matrix advise?",
        Option("Freeze the base.", "Small, and similar: the features fit already.", right=True),
        Option("Train the top.", "That is for large similar sets, or small different ones."),
        Option("Train everything.", "That asks for many pictures, unlike what the network knows."),
        Option(
            "Begin with random weights.",
            "So few pictures cannot teach eyes, and here there are eyes already.",
        ),
    ),
    Question(
        "You set `layer.trainable = True` on some layers of a compiled Keras model, and call `fit` "
        "again. What happens to these layers?",
        Option(
            "They learn from now on, at the rate that the optimiser was given.",
            "So everybody expects. But what learns was noted in the first fit, and stays so until "
            "the model is compiled anew.",
        ),
        Option("They learn, but more slowly.", "The optimiser does not know of them."),
        Option(
            "Nothing, and nobody says so.",
            "Compile again after each change; the ledger shows what is forgotten.",
            right=True,
        ),
        Option(
            "An error is raised.", "If only it were. In Keras 3.15 there is not even a warning."
        ),
    ),
    Question(
        "Where do the mean and the variance come from that a frozen BatchNorm layer uses?",
        Option("From the batch at hand.", "That is training mode, which freezing forbids."),
        Option(
            "From what was stored when the network was pre-trained.",
            "They stay as they are, and the layer computes the same in training and in use.",
            right=True,
        ),
        Option(
            "From your training pictures, gathered while the head was being trained.",
            "They would have to move for that, and they are frozen.",
        ),
        Option("From the test pictures.", "Nothing may come from there."),
    ),
    Question(
        "A test of 144 pictures: model A names 110 rightly, model B 117. They differ on 19. What "
        "can you say?",
        Option(
            "B is better: 117 is more than 110.",
            "On these pictures it is. Nineteen throws of a coin are often as uneven as that.",
        ),
        Option(
            "They are equally good.",
            "That has not been shown either. The test is too small to tell.",
        ),
        Option(
            "B may be better; this test alone does not prove it.",
            "13 against 6 of 19 is no rare result for a coin.",
            right=True,
        ),
        Option(
            "Nothing, until both have been trained for more epochs.",
            "Epochs belong to training. More test pictures would help.",
        ),
    ),
    Question(
        "A temperature of 0.6 is folded into the head. What changes?",
        Option(
            "The accuracy rises.", "The order of the answers stays, so which is first does too."
        ),
        Option(
            "The probabilities become more extreme, the answers stay.",
            "Scores are divided by a number below 1, so their differences grow.",
            right=True,
        ),
        Option("All probabilities become smaller.", "They still sum to 1."),
        Option("The network learns faster from now on.", "Nothing learns any more."),
    ),
    Question(
        "The exported file runs on the phone, but gives other names than Keras for every third "
        "picture. What would you look at first?",
        Option(
            "The pixels that the app hands over, and how.",
            "Size, order of the colours, and whether the app scales what the file scales again.",
            right=True,
        ),
        Option(
            "The learning rate of the fine-tuning.",
            "It is the same model: what was learned cannot depend on where it runs.",
        ),
        Option(
            "Rounding: the phone computes with fewer digits than Keras does.",
            "In float32 it moves the last digits of a probability, and seldom a name.",
        ),
        Option(
            "More epochs of fine-tuning, so that it is surer of what it says.",
            "Keras, with the same weights, does well.",
        ),
    ),
]
