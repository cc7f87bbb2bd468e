"""`explore_strategy`: the size-similarity matrix, and what each field of it means for a network."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, get_args

import traitlets

from tlcourse.backbones import Backbone, load_backbone
from tlcourse.errors import must_be, must_be_whole
from tlcourse.evaluation import Recommendation
from tlcourse.evaluation.strategy import KNOWN, LARGE, MATRIX, REFERENCE_TEXT, REFERENCES, Quadrant
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.training import Strategy
from tlcourse.training.freezing import block_of, layers_with_weights, learning_layers
from tlcourse.training.strategies import unfreeze_by
from tlcourse.widgets.shell import Shell

_NETWORK = "vgg16"
_FEWEST, _MOST = 1, 100_000
_MOST_CLASSES = 1000

_WORDS: dict[Strategy, str] = {
    "freeze_base": "The head alone learns, on what the frozen network gives.",
    "train_top": "The head learns first, then the top quarter of the layers as well, slowly.",
    "train_all": "The head learns first, then every layer as well, slowly.",
    "from_scratch": "Every layer learns, from random numbers: what the network knew is not used.",
}


class Block(NamedTuple):
    """Layers of a network that belong together, and how much of them each strategy trains.

    `layers` do not count BatchNorm; `parameters` count everything. `trained` holds, by strategy,
    layers and parameters that learn.
    """

    name: str
    layers: int
    parameters: int
    trained: dict[str, tuple[int, int]]


class StrategyExplorer(Shell):
    """A point in the size-similarity matrix; made by `explore_strategy`.

    Attributes
    ----------
    pictures : int
        Pictures to learn from, a class.
    similarity : float
        To what the network knows, 0..1: the mean confidence of its ImageNet head.
    judgement : str
        What decides on similar or different: `"measured"`, the similarity; or your own word,
        `"similar"` or `"different"`.
    classes : int
        How many there are: the size of the head.

    """

    pictures = traitlets.Int(100, min=_FEWEST).tag(sync=True)
    similarity = traitlets.Float(0.5, min=0, max=1).tag(sync=True)
    judgement = traitlets.Enum(["measured", "similar", "different"], "measured").tag(sync=True)
    classes = traitlets.Int(2, min=2, max=_MOST_CLASSES).tag(sync=True)

    def __init__(
        self, backbone: Backbone, recommendation: Recommendation | None, classes: int
    ) -> None:
        self.blocks = blocks_by_strategy(backbone)
        self._features = backbone.feature_size
        self._quadrants = dict(MATRIX)
        start: dict[str, Any] = {"classes": classes}
        if recommendation is not None:
            start |= self._begin_at(recommendation)
        about = {
            "network": backbone.name,
            "features": self._features,
            "blocks": [block._asdict() for block in self.blocks],
            "quadrants": {in_words(*key): one._asdict() for key, one in self._quadrants.items()},
            "strategies": _WORDS,
            "large": LARGE,
            "known": KNOWN,
            "most": _MOST,
            "start": start.get("pictures"),
            "references": [
                [r.name, r.pictures_a_class, r.similarity.confidence or 0.0] for r in REFERENCES
            ],
            "reference": REFERENCE_TEXT,
        }
        sheet = _sheet(backbone.name, self._quadrants, self.blocks, recommendation)
        super().__init__(about, {}, sheet, view="strategy", **start)

    def _begin_at(self, found: Recommendation) -> dict[str, Any]:
        """Return where a recommendation lies; what it advises there counts more than the matrix."""
        large, similar = found.pictures_a_class >= LARGE, found.judgement == "similar"
        self._quadrants[large, similar] = Quadrant(found.strategy, found.why, found.watch)
        return {
            "pictures": max(_FEWEST, found.pictures_a_class),
            "similarity": found.measured.confidence or 0.0,
            "judgement": "measured" if found.agrees else found.judgement,
        }

    @property
    def quadrant(self) -> str:
        """The field of the matrix, "small and similar"."""
        return in_words(*self._key)

    @property
    def strategy(self) -> Strategy:
        """What is recommended there, as `build_classifier` takes it."""
        return self._quadrants[self._key].strategy

    @property
    def trained_parameters(self) -> int:
        """How many numbers that strategy trains, of the network and of the new head."""
        of_blocks = sum(block.trained[self.strategy][1] for block in self.blocks)
        return of_blocks + (self._features + 1) * self.classes

    @property
    def frozen_parameters(self) -> int:
        """How many numbers stay as they are."""
        every = sum(block.parameters for block in self.blocks)
        return every + (self._features + 1) * self.classes - self.trained_parameters

    @property
    def _key(self) -> tuple[bool, bool]:
        if self.judgement == "measured":
            return self.pictures >= LARGE, self.similarity >= KNOWN
        return self.pictures >= LARGE, self.judgement == "similar"


def explore_strategy(
    backbone: Backbone | None = None,
    recommendation: Recommendation | None = None,
    *,
    classes: int = 2,
) -> StrategyExplorer:
    """Show the size-similarity matrix, and which layers of a network learn in each field of it.

    Two sliders, pictures a class and similarity, move a point through the matrix; the strategy of
    its field is named with the reason and what to watch, the network's blocks are drawn frozen or
    trained, and the parameters counted. It needs no kernel. The advice is that of
    `recommend_strategy`.

    Parameters
    ----------
    backbone
        From `load_backbone`; VGG-16 without.
    recommendation
        From `recommend_strategy`: the point starts where the pictures lie.
    classes
        How many there are; it can be changed in the widget.

    Returns
    -------
    StrategyExplorer
        A widget; the point can be read and set, `explorer.pictures = 2000`.

    Raises
    ------
    ArgumentError
        When `classes` is not 2 to 1,000, or another argument is of the wrong kind.

    References
    ----------
    J. Yosinski, J. Clune, Y. Bengio and H. Lipson (2014). How transferable are features in deep
    neural networks? NeurIPS.

    """
    if isinstance(backbone, Recommendation) and recommendation is None:
        backbone, recommendation = None, backbone
    todo = 'Write backbone = tl.load_backbone("vgg16") first.'
    must_be("backbone", backbone, (Backbone, type(None)), todo)
    todo = "Write recommendation = tl.recommend_strategy(images, backbone) first."
    must_be("recommendation", recommendation, (Recommendation, type(None)), todo)
    classes = must_be_whole("classes", classes, 2, _MOST_CLASSES)
    return StrategyExplorer(backbone or load_backbone(_NETWORK), recommendation, classes)


def in_words(large: bool, similar: bool) -> str:
    """Return the name of a field of the matrix, as a `Recommendation` has it."""
    return f"{'large' if large else 'small'} and {'similar' if similar else 'different'}"


def blocks_by_strategy(backbone: Backbone) -> tuple[Block, ...]:
    """Return the blocks of a network, and how many layers and parameters of each would learn."""
    network = backbone.network
    counted = {layer.name for layer in layers_with_weights(network)}
    learning = {
        strategy: set(
            learning_layers(network, unfreeze_by(strategy), batch_norm=strategy == "from_scratch")
        )
        for strategy in get_args(Strategy)
    }
    blocks: dict[str, list[Any]] = {}
    for layer in network.layers:
        if layer.weights:
            blocks.setdefault(block_of(layer.name), []).append(layer)

    def count(layers: Iterable[Any]) -> tuple[int, int]:
        listed = list(layers)
        return sum(x.name in counted for x in listed), sum(x.count_params() for x in listed)

    return tuple(
        Block(
            name,
            *count(layers),
            {s: count(x for x in layers if x.name in names) for s, names in learning.items()},
        )
        for name, layers in blocks.items()
    )


def _sheet(
    network: str,
    quadrants: dict[tuple[bool, bool], Quadrant],
    blocks: tuple[Block, ...],
    recommendation: Recommendation | None,
) -> Figure:
    """Return the matrix with the trained share of each strategy, for where no script runs."""
    if recommendation is not None:
        sheet = recommendation.draw()
        return Figure(sheet.png, f"{sheet.alt} Where scripts run, the point can be moved.")
    every = sum(block.parameters for block in blocks)
    told = []
    with drawing(6.4, 3.6) as canvas:
        axes = canvas.subplots()
        axes.set(xlim=(0, 2), ylim=(0, 2))
        axes.axvline(1, c="0.4", lw=1)
        axes.axhline(1, c="0.4", lw=1)
        for (large, similar), field in quadrants.items():
            trained = sum(block.trained[field.strategy][1] for block in blocks)
            share = f"the head and {trained / every:.0%} of {network}" if trained else "the head"
            axes.text(large + 0.5, similar + 0.55, field.strategy, ha="center", c=PALETTE[0],
                      weight="bold", fontsize=13)  # fmt: skip
            axes.text(large + 0.5, similar + 0.38, f"trains {share}", ha="center",
                      fontsize=9)  # fmt: skip
            told.append(f"{in_words(large, similar)}: {field.strategy}, trains {share}")
        axes.set_xticks([0.5, 1.5], [f"below {LARGE:,}", f"{LARGE:,} and more"])
        axes.set_yticks([0.5, 1.5], ["different", "similar"])
        axes.tick_params(length=0)
        axes.set_xlabel("pictures a class")
        axes.set_title("The size-similarity matrix")
        words = f"The size-similarity matrix. {'; '.join(told)}."
        return finish(canvas, f"{words} Where scripts run, a point can be moved through it.")
