"""Quiz of chapter 1."""

from tlcourse.classroom.quizzes import Option, Question

QUIZ = [
    Question(
        "The rocket was named 'missile'. Why not 'rocket'?",
        Option(
            "The photograph is too dark.",
            "A child would know it in this light. Another "
            "photograph of the rocket would fare no better.",
        ),
        Option(
            "The name 'rocket' is not on its list.",
            "Its list is closed: it gives the nearest name that it has.",
            right=True,
        ),
        Option(
            "It has seen too few rockets in training.",
            "However many it had seen: without the name it cannot say it.",
        ),
        Option(
            "Its probabilities are not to be trusted.",
            "That may be so, but no probability brings in a name that is missing.",
        ),
    ),
    Question(
        "What does the *head* of a classification network do?",
        Option(
            "It finds edges and textures in the pixels of the picture.",
            "That is the work of the first layers, which belong to the body.",
        ),
        Option(
            "It scales the picture to the right size.",
            "That happens before the network sees anything.",
        ),
        Option(
            "It turns features into probabilities for names.",
            "And so it is the part to swap when the names change.",
            right=True,
        ),
        Option(
            "It keeps the features on disk.",
            "`tlcourse` does that, so that each picture goes through the body once.",
        ),
    ),
    Question(
        "The body is *frozen*. What does that mean?",
        Option(
            "Its parameters stay as they are while the head is trained.",
            "And so the features of a picture stay the same, and need to be computed once.",
            right=True,
        ),
        Option("It is left out.", "Then there would be no features. It works, but does not learn."),
        Option(
            "It is trained along with the head, at a small learning rate, so that it changes "
            "little.",
            "That is called fine-tuning, and comes in chapter 6.",
        ),
        Option(
            "It is stored in eight bits.",
            "That is called quantisation, and makes files "
            "smaller. It has nothing to do with learning.",
        ),
    ),
    Question(
        "All of fifty test pictures are named rightly. What may you say?",
        Option(
            "It makes no mistakes.",
            "It made none in fifty tries; one that errs now and then often gets through fifty.",
        ),
        Option(
            "It is right in most cases like these, and the interval says how sure that is.",
            "A result is worth as much as its number of test pictures, and counts for pictures "
            "like these.",
            right=True,
        ),
        Option(
            "It works on any photograph.", "The test says nothing of pictures unlike those in it."
        ),
        Option(
            "Nothing: a perfect score is always a bug.",
            "It is a reason to look closely. But the job may just be easy.",
        ),
    ),
    Question(
        "95 of 100 pictures are of one class, and a classifier has an accuracy of 95%. Is it good?",
        Option(
            "Yes: only five mistakes in a hundred.",
            "Compare: how often is somebody right who "
            "names the most frequent class without a look?",
        ),
        Option(
            "It may have learned nothing: the baseline is as high.",
            "Always naming the frequent class scores as much. Compare with that, class by class.",
            right=True,
        ),
        Option(
            "No: a classifier that is used in earnest has to reach an accuracy of 99%.",
            "It depends on the task, and on what guessing would give.",
        ),
    ),
    Question(
        "Most patches without a face have a black edge. What could a classifier learn from that?",
        Option(
            "Nothing, for edges are only a few pixels.",
            "A few pixels that tell the class each time are the easiest thing to learn.",
        ),
        Option(
            "To look for the edge instead of the face.",
            "A shortcut. It works until "
            "the pictures come from elsewhere, and this test set cannot reveal it.",
            right=True,
        ),
        Option(
            "To recognise faces better.",
            "The edge tells nothing about faces. What "
            "happens with a face in front of a black wall?",
        ),
    ),
    Question(
        "The detector of section 1.10 called half of all windows a face. What mended it?",
        Option(
            "A larger network.",
            "The network was the same before and after. What had it been shown?",
        ),
        Option(
            "More faces to learn from, larger and smaller ones, and in colour as in the portrait.",
            "It found the face already. Which kind of window had it never seen?",
        ),
        Option(
            'Windows of photographs without a face, to learn from as "no face".',
            "A classifier that looks everywhere must have seen what everywhere looks like.",
            right=True,
        ),
    ),
    Question(
        "With 16 pictures of each class, a pre-trained body is far ahead of a network from "
        "scratch. Will the gap stay with a hundred thousand?",
        Option(
            "No: it is largest where pictures are few, and closes as they become many.",
            "So He, Girshick and Dollár measured it, for detectors: what was left was time.",
            right=True,
        ),
        Option(
            "Yes: what was learned from a million photographs is never caught up with.",
            "With enough pictures and time it is. Section 1.9 names who measured it.",
        ),
        Option(
            "It grows: a pre-trained body makes more of every picture than one from scratch does.",
            "Look at both curves of section 1.9 from left to right. Which one rises faster in the "
            "end?",
        ),
    ),
]
