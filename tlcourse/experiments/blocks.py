"""Building blocks compared: what a few layers cost, and how far they see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tlcourse.data.tables import as_html, as_text
from tlcourse.errors import ArgumentError, must_be_whole
from tlcourse.experiments.counting import count

if TYPE_CHECKING:
    import keras


class BlockCost(NamedTuple):
    """What a block costs, and what it sees.

    Attributes
    ----------
    name : str
    maps : int
        That come out.
    sees : int
        Side of the square of pixels that one place of the output depends on.
    parameters, multiply_adds : int

    """

    name: str
    maps: int
    sees: int
    parameters: int
    multiply_adds: int


@dataclass(frozen=True, repr=False)
class BlockComparison:
    """Blocks that take the same maps; shows as a table.

    Attributes
    ----------
    blocks : tuple of BlockCost
    side, maps : int
        Of what they take.

    """

    blocks: tuple[BlockCost, ...]
    side: int
    maps: int

    def __getitem__(self, name: str) -> BlockCost:
        for block in self.blocks:
            if block.name == name:
                return block
        raise ArgumentError(
            "There is no such block.",
            expected="one of: " + ", ".join(block.name for block in self.blocks),
            received=repr(name),
        )

    def _summary(self) -> tuple[str, list[list[str]], list[str]]:
        rows = [["block", "sees", "maps out", "parameters", "multiply-adds", "of the first"]]
        first = self.blocks[0].multiply_adds
        rows += [
            [
                block.name,
                f"{block.sees} × {block.sees}",
                f"{block.maps:,}",
                f"{block.parameters:,}",
                f"{block.multiply_adds:,}",
                f"{block.multiply_adds / first:.0%}",
            ]
            for block in self.blocks
        ]
        return f"Blocks on {self.maps:,} maps of {self.side} × {self.side}", rows, []

    def __repr__(self) -> str:
        return as_text(*self._summary())

    def _repr_html_(self) -> str:
        return as_html(*self._summary())


def compare_blocks(
    blocks: Mapping[str, Sequence[keras.Layer]], *, side: int = 28, maps: int = 192
) -> BlockComparison:
    """Build blocks of layers one by one, count them, and work out how far they see.

    Parameters
    ----------
    blocks
        For each name, Keras layers that were not used before, one after the other.
    side
        Height and width of the maps that they take.
    maps
        How many maps they take.

    Returns
    -------
    A `BlockComparison`, in the order of `blocks`; its items are found by name.

    Raises
    ------
    ArgumentError
        When there is no block, one is empty, or a layer is of a kind that is not counted.

    """
    must_be_whole("side", side, 1, 4096)
    must_be_whole("maps", maps, 1, 65_536)
    if not blocks or not all(len(layers) for layers in blocks.values()):
        raise ArgumentError(
            "A block without layers costs nothing.",
            expected="for each name at least one Keras layer",
            received=repr(dict(blocks))[:200],
        )
    from tlcourse.quiet import start_tensorflow

    start_tensorflow()
    import keras

    costs = []
    for name, layers in blocks.items():
        network = keras.Sequential([keras.Input((side, side, maps)), *layers])
        counted = count(network, shape=(side, side, maps))
        costs.append(BlockCost(name, int(network.output_shape[-1]), _sees(layers), *counted))
    return BlockComparison(tuple(costs), side, maps)


def _sees(layers: Sequence[keras.Layer]) -> int:
    """Return the side of the receptive field: each kernel adds its reach, in steps so far."""
    sees, step = 1, 1
    for layer in layers:
        window = getattr(layer, "kernel_size", getattr(layer, "pool_size", (1,)))[0]
        dilation = getattr(layer, "dilation_rate", (1,))[0]
        sees += (window - 1) * dilation * step
        step *= getattr(layer, "strides", (1,))[0]
    return sees
