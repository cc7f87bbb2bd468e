"""`recommend_strategy`: where a problem lies in the size-similarity matrix, with the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np

from tlcourse.backbones import Backbone, load_backbone
from tlcourse.data import ImageSet
from tlcourse.errors import ArgumentError, must_be
from tlcourse.evaluation.similarity import Similarity, measure_similarity, old_answers
from tlcourse.features import FeatureTable, extract_features
from tlcourse.messages import say

if TYPE_CHECKING:
    from tlcourse.figures import Figure
    from tlcourse.training import Strategy

Judgement = Literal["similar", "different"]

LARGE = 1000
"""Pictures a class that divide small from large."""

KNOWN = 0.3
"""Mean confidence of the ImageNet head from which on pictures count as similar."""

_MEASURED_ON = 1000
_WITH_A_HEAD = "efficientnet_lite0"


class Reference(NamedTuple):
    """What was measured on a known set with EfficientNet-Lite0, to compare with."""

    name: str
    pictures_a_class: int
    judgement: Judgement
    similarity: Similarity


REFERENCES = (
    Reference("fleet", 72, "similar", Similarity(0.49, 37, 0.71, 0.09)),
    Reference("digits", 180, "different", Similarity(0.11, 283, 0.78, 0.86)),
    Reference("faces", 100, "different", Similarity(0.17, 253, 0.97, 0.68)),
)
"""Sets that come with the course, the training part of a split one; measured by bench/advice.py."""


class Quadrant(NamedTuple):
    """One field of the matrix: strategy, why, and what goes wrong there."""

    strategy: Strategy
    why: str
    watch: tuple[str, ...]


_OVERFITS = "More layers than pictures can teach: watch the validation loss, and stop early."
MATRIX: dict[tuple[bool, bool], Quadrant] = {
    (False, True): Quadrant(
        "freeze_base",
        "The features fit already, and few pictures would only disturb them: train a head on the "
        "frozen network.",
        (
            "The test is small too: report intervals.",
            "Pictures of one thing on both sides of the split fake accuracy: split by group.",
        ),
    ),
    (True, True): Quadrant(
        "train_top",
        "The features fit, and there is enough to refine the most specific of them: train the head "
        "first, then the top layers with a small learning rate.",
        (
            "Keep BatchNorm frozen.",
            "Compare with the frozen base: where it is as good, keep it.",
        ),
    ),
    (False, False): Quadrant(
        "train_top",
        "The hardest case: the top layers know other things, and there is little to teach them "
        "with. Train the head and a few top layers, with augmentation.",
        (
            _OVERFITS,
            "An earlier layer's features may serve better than the last one's.",
            "More pictures help more than any setting.",
        ),
    ),
    (True, False): Quadrant(
        "train_all",
        "There is enough to teach the whole network, and its early layers are a better start than "
        "random numbers: train the head first, then everything with a small learning rate.",
        (
            "Compare with from_scratch: with so many pictures it may be as good (He et al. 2019).",
            _OVERFITS,
        ),
    ),
}
"""By (large, similar)."""

REFERENCE_TEXT = (
    "Yosinski, Clune, Bengio and Lipson (2014). How transferable are features in deep neural "
    "networks? NeurIPS; Kornblith, Shlens and Le (2019). Do better ImageNet models transfer "
    "better? CVPR; He, Girshick and Dollár (2019). Rethinking ImageNet pre-training. ICCV."
)


@dataclass(frozen=True, repr=False)
class Recommendation:
    """The result of `recommend_strategy`; shows as text, and draws as the matrix.

    Attributes
    ----------
    strategy : str
        As `build_classifier` takes it.
    quadrant : str
        In words: "small and similar".
    why : str
    watch : tuple of str
        What goes wrong in this quadrant.
    pictures_a_class : int
        The median over the classes, of the pictures to learn from.
    measured : Similarity
    measured_by : str
        The network whose old head gave confidence and spread.
    judgement : str
        `"similar"` or `"different"`: the person's where it was given, else the measurement's.
    measured_judgement : str
        That of the measurement.
    reference : str
        Where the advice comes from.

    """

    strategy: Strategy
    quadrant: str
    why: str
    watch: tuple[str, ...]
    pictures_a_class: int
    measured: Similarity
    measured_by: str
    judgement: Judgement
    measured_judgement: Judgement
    reference: str = REFERENCE_TEXT

    @property
    def agrees(self) -> bool:
        """Whether person and measurement say the same."""
        return self.judgement == self.measured_judgement

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a JSON-able dictionary."""
        return {**vars(self), "watch": list(self.watch), "measured": self.measured._asdict()}

    def evidence(self) -> list[list[str]]:
        """Return the measured numbers beside those of known sets, as rows; the head first."""
        rows = [["set", "a class", "confidence", "spread", "separability", "from pixels", ""]]
        here = self.pictures_a_class, self.measured, self.measured_judgement
        for name, (count, seen, judged) in (
            ("these pictures", here),
            *((r.name, (r.pictures_a_class, r.similarity, r.judgement)) for r in REFERENCES),
        ):
            confidence = "–" if seen.confidence is None else f"{seen.confidence:.2f}"
            spread = "–" if seen.spread is None else f"{seen.spread:.0f}"
            shares = f"{seen.separability:.2f}", f"{seen.from_pixels:.2f}"
            rows.append([name, f"{count:,}", confidence, spread, *shares, judged])
        return rows

    def __repr__(self) -> str:
        table = self.evidence()
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [f"Strategy: {self.strategy} ({self.quadrant}). {self.why}"]
        if not self.agrees:
            lines.append(
                f"You say {self.judgement}; the measurement says {self.measured_judgement}. "
                "Your word counts here: try both on validation pictures."
            )
        lines += [f"Watch: {line}" for line in self.watch]
        lines += ["", f"Measured through {self.measured_by}, beside sets of the course:"]
        lines += [
            "  ".join([name.ljust(widths[0]), *map(str.rjust, cells, widths[1:])]).rstrip()
            for name, *cells in table
        ]
        return "\n".join([*lines, "", self.reference])

    def draw(self) -> Figure:
        """Draw the matrix with this set in it, and the known ones around."""
        from tlcourse.evaluation.advice_figures import draw_matrix

        return draw_matrix(self)


def recommend_strategy(
    images: ImageSet, backbone: Backbone, similarity: Judgement | None = None
) -> Recommendation:
    """Say how much of a network to train on a set of pictures, and why.

    Two questions decide. Is the set large: 1,000 pictures a class or more? Is it similar to what
    the network has learned from? The second is measured: by how confidently the network's own
    ImageNet head answers. Whoever knows the pictures may judge better, and says so.

    Parameters
    ----------
    images
        The pictures; of a split set only the part "train" is looked at.
    backbone
        From `load_backbone`. One without its ImageNet head is helped by EfficientNet-Lite0.
    similarity
        Your own judgement, `"similar"` or `"different"`; it counts more than the measurement, which
        is shown beside it.

    Returns
    -------
    A `Recommendation`.

    Raises
    ------
    ArgumentError
        When `similarity` is neither of the two.
    DataError
        When there is one class, or a class has one group only.

    References
    ----------
    J. Yosinski, J. Clune, Y. Bengio and H. Lipson (2014). How transferable are features in deep
    neural networks? NeurIPS.
    S. Kornblith, J. Shlens and Q. V. Le (2019). Do better ImageNet models transfer better? CVPR.
    K. He, R. Girshick and P. Dollár (2019). Rethinking ImageNet pre-training. ICCV.

    """
    must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
    must_be("backbone", backbone, Backbone, 'Write backbone = tl.load_backbone("vgg16") first.')
    if similarity is not None and similarity not in get_args(Judgement):
        raise ArgumentError(
            "The argument 'similarity' is your own judgement of the pictures.",
            expected="'similar', 'different', or None to go by the measurement",
            received=f"similarity={similarity!r}",
        )
    learned = images if images.splits is None else images.train
    counts = np.bincount(learned.labels)
    pictures_a_class = int(np.median(counts[counts > 0])) if len(counts) else 0
    some = learned[:: max(1, len(learned) // _MEASURED_ON)]
    measured, by = _measure(extract_features(backbone, some), backbone, some)
    confidence = measured.confidence
    measured_judgement: Judgement = (
        "similar" if confidence is not None and confidence >= KNOWN else "different"
    )
    judgement = similarity or measured_judgement
    large = pictures_a_class >= LARGE
    quadrant = MATRIX[large, judgement == "similar"]
    strategy, why, watch = quadrant
    if large and judgement == "different" and measured.separability <= measured.from_pixels:
        strategy = "from_scratch"
        why = (
            "There is enough to teach a whole network, and what this one knows tells the classes "
            "apart no better than bare thumbnails do: start from random weights, and compare with "
            "train_all."
        )
    return Recommendation(
        strategy=strategy,
        quadrant=f"{'large' if large else 'small'} and {judgement}",
        why=why,
        watch=watch,
        pictures_a_class=pictures_a_class,
        measured=measured,
        measured_by=by,
        judgement=judgement,
        measured_judgement=measured_judgement,
    )


def _measure(table: FeatureTable, backbone: Backbone, some: ImageSet) -> tuple[Similarity, str]:
    """Measure through the backbone; what only a head can say, through one that has it."""
    measured = measure_similarity(table, backbone)
    if measured.confidence is not None:
        return measured, backbone.name
    say(f"{backbone.name} has no ImageNet head here; {_WITH_A_HEAD} tells what it would say.")
    helper = load_backbone(_WITH_A_HEAD)
    helped = extract_features(helper, some)
    assert old_answers(helper, helped.features[:1]) is not None
    of_helper = measure_similarity(helped, helper)
    words = f"{backbone.name} (confidence and spread: {_WITH_A_HEAD})"
    return measured._replace(confidence=of_helper.confidence, spread=of_helper.spread), words
