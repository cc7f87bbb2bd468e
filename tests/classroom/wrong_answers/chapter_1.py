"""Typical wrong answers to the exercises of chapter 1, and words of the hint that each must get."""

WRONG = {
    "1.1": [
        ({"head": 12_800}, "Each class has one more number"),
        ({"head": "2,562"}, "for two classes"),
        ({"head": 1_290, "changed": 0}, "added features and classes"),
        ({"head": "1 281 000"}, "the old head"),
        ({"head": 3_413_024}, "The head alone is asked for"),
        ({"head": 12_810, "changed": "2,562 parameters"}, "of the head were learned"),
        ({"head": "12,810", "changed": 12_810}, "What happened to the body?"),
        ({"changed": "3.4 million"}, "two hundred pictures would have been few"),
        ({"head": 11_520}, "what else has each class?"),
    ],
    "1.2": [
        ({"accuracies": [0.995, 0.964]}, "One accuracy for each of the seeds"),
        ({"accuracies": [0.995] * 4}, "Did each seed reach"),
        ({"accuracies": [195, 189, 195, 194]}, "Did you count pictures?"),
        ({"accuracies": ["99.5%", "96.4%", "50%", "99.0%"]}, "of the same split"),
        ({"not_in_the_interval": "Rounding differs between processors."}, "last digit, no more"),
        (
            {"not_in_the_interval": "The random initial weights of the head"},
            "without a random start",
        ),
        ({"not_in_the_interval": "the small number of test pictures"}, "does account for"),
        ({"not_in_the_interval": "It may be wrong."}, "What else does"),
    ],
    "1.3": [
        ({"can_answer": ["cat", "coffee", "rocket", "astronaut"]}, "ever been given"),
        ({"can_answer": "frigate, destroyer, I don't know"}, "is it on its list?"),
        ({"can_answer": ["frigate"]}, "Which others does its list hold?"),
        ({"wished": "It should be more confident."}, "Surer of what?"),
        ({"wished": "It should say coffee, or cat."}, "*without* them"),
        ({"wished": "an error"}, "stops the program"),
        ({"wished": "The right thing."}, "an honest person"),
        ({"section": "1.2"}, "how firm a probability is"),
        ({"section": "1.4"}, "was found before"),
        ({"section": 1.6}, "labels were in doubt"),
    ],
    "1.4": [
        ("Cats and dogs.", "That is short"),
        (
            "I would tell ripe tomatoes from unripe ones with a camera above the belt. The "
            "pictures come from my own greenhouse, taken in the morning and in the evening, two "
            "hundred of each, and the light changes in the day, so that it might learn the light.",
            "two people name differently",
        ),
        (
            "I would tell ripe tomatoes from unripe ones. The pictures come from my greenhouse, "
            "two hundred of each kind. A tomato that is half red needs a decision: I call it ripe "
            "when more than half of what is to be seen of it is red, and note that down.",
            "something that has nothing to do with them",
        ),
        (
            "I would tell ripe tomatoes from unripe ones. The pictures come from my greenhouse, "
            "two hundred of each kind. Half red ones need a decision before labelling. A shortcut "
            "is the background: ripe ones lie in baskets. I would look at the training accuracy.",
            "may know by heart",
        ),
    ],
}
