"""Quiz of chapter 5."""

from tlcourse.classroom.quizzes import Option, Question

QUIZ = [
    Question(
        "One label in ten is wrong, at random. Where does that do most harm?",
        Option(
            "In the training part: the network learns wrong things, and makes more and more of "
            "them.",
            "Random slips point in all directions, and the right labels all in one. It costs "
            "little.",
        ),
        Option(
            "In the test part: right answers are counted as mistakes.",
            "The ruler is broken: nothing good can be measured with it, nor two good networks be "
            "told apart.",
            right=True,
        ),
        Option(
            "In both the same.",
            "Section 5.5 measures it, and the two curves part at once.",
        ),
        Option(
            "Nowhere, if there are pictures enough.",
            "More pictures help the learning. The test stays as wrong as it is, however large.",
        ),
    ),
    Question(
        "A file is called `ship.jpg` and begins with the bytes of a PNG. What do you do?",
        Option(
            "Delete it: it is damaged.",
            "It is whole. Only its name is wrong.",
        ),
        Option(
            "Nothing: the ending is for people.",
            "A reader that looks at the content will manage. Many believe the name, and stop.",
        ),
        Option(
            "Give it the right ending.",
            "The picture is good; the next tool will read it, too.",
            right=True,
        ),
        Option(
            "Change the first bytes to those of a JPEG.",
            "Then name and first bytes agree, and the rest can be read by nobody.",
        ),
    ),
    Question(
        "Two people label pictures of which nine in ten show a cat. They agree on 82 of 100. What "
        "is that worth?",
        Option(
            "Much: it is over 80%.",
            "Who says cat nine times out of ten, without looking, agrees with another who does so "
            "on as many.",
        ),
        Option(
            "Next to nothing.",
            "0.9 × 0.9 + 0.1 × 0.1 is 0.82: chance alone gives as much, and kappa is 0.",
            right=True,
        ),
        Option(
            "It cannot be said without the true labels.",
            "Agreement needs no truth. It compares two people, and what chance would give is known "
            "from their own shares.",
        ),
        Option(
            "82% of the labels are right.",
            "They may agree and both be wrong, or disagree and one of them be right.",
        ),
    ),
    Question(
        "A set comes from 40 short films, 50 frames each. How is it split?",
        Option(
            "Frame by frame at random, stratified.",
            "Nearly every frame of the test then has a twin in the training.",
        ),
        Option(
            "The first 40 frames of each film for training, the last 10 for the test.",
            "Later in the same film: the same thing, the same light, the same background.",
        ),
        Option(
            "Film by film.",
            "What belongs together stays together, and the test asks about films never seen.",
            right=True,
        ),
        Option(
            "At random, after exact duplicates are removed.",
            "No two frames have the same bytes. Nearly the same is what leaks.",
        ),
    ),
    Question(
        "In the fleet no leak between views of one vessel could be measured. So for your own set "
        "of views …",
        Option(
            "… a split by picture is fine, and gives more pictures to learn from.",
            "That was measured on other pictures. And the question 'new vessels?' is another one "
            "than 'known vessels?', leak or no leak.",
        ),
        Option(
            "… you measure it again, and split by what the network will meet.",
            "How much a leak fakes depends on how alike the pictures are.",
            right=True,
        ),
        Option(
            "… the measurement must be wrong.",
            "It has an interval, and 0 lies in it. It says what it can say.",
        ),
        Option(
            "… groups need not be written down.",
            "Then nobody could measure it. Groups that were not written down cannot be had back.",
        ),
    ),
    Question(
        "All pictures of one class were taken indoors, all others outdoors. What helps?",
        Option(
            "More pictures of the same kind.",
            "The network would learn the room from more examples.",
        ),
        Option(
            "A stratified split.",
            "Then the test has the same flaw as the training, and cannot see it.",
        ),
        Option(
            "Normalised light.",
            "It makes the rooms brighter. They are still rooms.",
        ),
        Option(
            "Pictures of each class from both.",
            "What has nothing to do with the label must not go along with the label.",
            right=True,
        ),
    ),
    Question(
        "Which augmentation is wrong for telling 6 from 9 on house numbers?",
        Option("A shift of a tenth.", "It stays a 6, and the camera could have stood there."),
        Option("A half turn.", "A 6 becomes a 9, and keeps the label 6.", right=True),
        Option("A little more contrast.", "Another time of day. The label survives."),
        Option("A zoom by a tenth.", "A step closer. The label survives."),
    ),
    Question(
        "The graphics processor is idle most of the time. What do you do first?",
        Option(
            "Get a faster one.",
            "It would wait, only faster.",
        ),
        Option(
            "Make the batches larger.",
            "The same pictures have to be read and decoded, in larger heaps.",
        ),
        Option(
            "Time the stages of the pipeline.",
            "Something keeps it waiting, decoding most often. Find out which stage before you "
            "speed up another.",
            right=True,
        ),
        Option(
            "Leave out the augmentation, which costs more than everything else.",
            "Perhaps that is the slow stage; perhaps not. Measure first.",
        ),
    ),
]
