"""The quiz of chapter 4: VGG-16, layer by layer."""

from __future__ import annotations

from tlcourse.classroom.quizzes import Option, Question

QUIZ = [
    Question(
        "Where does VGG-16, as published, keep most of its parameters?",
        Option(
            "In the last block of convolutions.",
            "It has the largest of the convolutions, and yet they are few beside another layer.",
        ),
        Option(
            "In the first dense layer.",
            "It has a weight from every value of the last map to each of its units.",
            right=True,
        ),
        Option(
            "In the first block, whose maps are the largest.",
            "The size of a map does not count for the parameters, only for the work.",
        ),
        Option(
            "Evenly over all layers.",
            "The *work* is spread rather evenly over blocks 1 to 4. Parameters are another matter.",
        ),
    ),
    Question(
        "Why are the kernels of `block3_conv1` not drawn in colour?",
        Option(
            "They are 3 × 3, too small to show anything.",
            "So are those of the first layer, which can be drawn.",
        ),
        Option(
            "They do not look at red, green and blue, but at 128 channels of the layer below.",
            "What a weight there means depends on what the channel means.",
            right=True,
        ),
        Option(
            "The network has no colours left at that depth: it has turned them into greys on the "
            "way.",
            "It has: some channels answer to orange and to nothing else. But they are channels.",
        ),
    ),
    Question(
        "With random weights half of the answers is zero; in the trained block 5 nearly all are. "
        "What does that say?",
        Option(
            "Training has killed most units.",
            "A unit that is silent on most pictures may be loud on some. Did you show it those?",
        ),
        Option(
            "The network is far too large for its job and needs few of its channels.",
            "Perhaps, but this does not show it: which units speak differs between pictures.",
        ),
        Option(
            "Channels of upper layers have become selective.",
            "Each is silent nearly everywhere, so that it means something when it speaks.",
            right=True,
        ),
    ),
    Question(
        "A linear probe on an untrained network names ships far better than guessing would. What "
        "follows?",
        Option(
            "Training is hardly worth it.",
            "Compare with the trained network, and look at what happens with depth.",
        ),
        Option(
            "Mean colours alone tell a good deal about these pictures; only what lies above counts "
            "as learned.",
            "This is what a control is for.",
            right=True,
        ),
        Option(
            "There must be a leak between training and test pictures.",
            "Vessels are never torn apart here. Think of what random kernels let through.",
        ),
        Option(
            "The probe has overfitted.",
            "It is judged on pictures that it has not seen, so that would lower the number.",
        ),
    ),
    Question(
        "A heat map changes altogether when the top layer's weights are randomised. What is shown?",
        Option(
            "That the map is right, and shows the places which the answer rests on.",
            "It may depend on the weights and still be wrong. Which test asks for being right?",
        ),
        Option(
            "That it depends on what was learned, and is no mere edge detector.",
            "So much, and no more: it may still point to the wrong place.",
            right=True,
        ),
        Option(
            "That the network is unstable.",
            "With a random top it is another network. It should answer something else.",
        ),
    ),
    Question(
        "CKA of two trained networks is high in the first layers. So is CKA of a trained and a "
        "random one. What do you claim?",
        Option(
            "The two trained networks have learned the same features in their first layers.",
            "Then the random one would have learned them, too.",
        ),
        Option(
            "CKA is useless.",
            "At the upper end it told trained and random apart clearly.",
        ),
        Option(
            "For the first layers this measure shows nothing that was learned.",
            "Their averages are mostly colour and brightness, with any weights.",
            right=True,
        ),
    ),
    Question(
        "A classifier works in the notebook and calls everything one class in the app. Where do "
        "you look first?",
        Option(
            "At the pixels that enter the network, with pictures of known colours.",
            "Same weights and same pictures, so that what lies between them is suspect.",
            right=True,
        ),
        Option(
            "At the number of training pictures of each class, and whether they are balanced.",
            "The same classifier did well a moment ago. What differs between the two places?",
        ),
        Option(
            "At the learning rate.",
            "Nothing learns in the app. What happens to a photograph on its way into the network?",
        ),
        Option(
            "I train a new head on the app's pixels and see whether that helps.",
            "It would help, and hide the fault: the features stay worse than they could be.",
        ),
    ),
]
