"""Where the time of an input pipeline goes: read, decode, change, batch, and the network."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from tlcourse.augmentation import Augmentation, make_dataset
from tlcourse.data import ImageSet, open_picture, read_picture
from tlcourse.data.tables import as_text, counted
from tlcourse.errors import DataError, must_be, must_be_whole
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.messages import progress
from tlcourse.parallel import map_ahead

if TYPE_CHECKING:
    from tlcourse.backbones import Backbone

STAGES = ("read", "decode", "augment", "batch")
"""The steps from a file to a batch, in their order."""

_TODO = 'Write images = tl.load_dataset("fleet") first.'


@dataclass(frozen=True, repr=False)
class PipelineTimes:
    """How long the stages of a pipeline take; shows as a table.

    Attributes
    ----------
    name : str
        Of the set.
    stages : dict of str to float
        Milliseconds a picture of each stage by itself, on one thread; the augmentation on all
        cores, as it always is.
    in_threads : float
        Pictures a second, read and decoded in a thread a processor core.
    network : float
        Pictures a second that the network takes.
    pictures : int
        How many were measured.

    """

    name: str
    stages: dict[str, float]
    in_threads: float
    network: float
    pictures: int

    @property
    def one_by_one(self) -> float:
        """Pictures a second where each stage waits for the one before."""
        return 1000 / sum(self.stages.values())

    def share(self, stage: str) -> float:
        """Return how much of the time of all stages goes into one, 0..1."""
        return self.stages[stage] / sum(self.stages.values())

    def __repr__(self) -> str:
        head = ["stage", "ms a picture", "share"]
        rows = [
            [stage, f"{self.stages[stage]:.2f}", f"{self.share(stage):.0%}"] for stage in STAGES
        ]
        notes = [
            f"All stages one after another: {self.one_by_one:,.0f} pictures a second; read and "
            f"decoded in threads: {self.in_threads:,.0f}.",
            f"The network takes {self.network:,.0f} pictures a second.",
        ]
        return as_text(f"{self.name}: {counted(self.pictures, 'picture')}", [head, *rows], notes)


def enlarge(images: ImageSet, folder: str | Path, size: tuple[int, int] = (3000, 4000)) -> ImageSet:
    """Write pictures anew as large as a camera writes them.

    They show no more than before, but their files take as long to read and decode.

    Parameters
    ----------
    images
        The pictures.
    folder
        Where to write the JPEG files.
    size
        `(height, width)` in pixels; 12 million of them without.

    Returns
    -------
    The same set with the new files.

    """
    must_be("images", images, ImageSet, _TODO)
    root = Path(folder)
    root.mkdir(parents=True, exist_ok=True)

    def work(numbered: tuple[int, Path]) -> Path:
        number, path = numbered
        target = root / f"IMG_{number:04}.jpg"
        large = Image.fromarray(open_picture(path)).resize(size[::-1], Image.Resampling.BILINEAR)
        large.save(target, quality=92)
        return target

    paths = list(
        progress(map_ahead(work, enumerate(images.paths)), what="Enlarging", total=len(images))
    )
    return ImageSet(tuple(paths), images.labels, images.class_names, images.groups, images.splits)


def time_pipeline(
    images: ImageSet,
    backbone: Backbone,
    name: str,
    *,
    augmentation: Augmentation | None = None,
    batch_size: int = 32,
    rounds: int = 3,
) -> PipelineTimes:
    """Measure each stage from a file to a batch by itself, and the network that waits for it.

    Parameters
    ----------
    images
        Pictures, enough for a batch.
    backbone
        The network that waits for them; its input size is that of the batches.
    name
        What to call the set.
    augmentation
        The default one without.
    batch_size
        Pictures in a batch.
    rounds
        How often everything is measured; the median counts, so that what else the machine does
        matters less.

    Returns
    -------
    `PipelineTimes`.

    Raises
    ------
    DataError
        When there are fewer pictures than a batch has.

    """
    must_be("images", images, ImageSet, _TODO)
    must_be_whole("rounds", rounds, 1, 100)
    images = images.with_splits(None)
    if len(images) < batch_size:
        raise DataError(
            "There are too few pictures to fill a batch.",
            expected=f"at least {batch_size}",
            received=counted(len(images), "picture"),
        )
    augmentation = Augmentation() if augmentation is None else augmentation
    times: dict[str, list[float]] = {name: [] for name in (*STAGES, "threads", "network")}
    for _ in progress(range(rounds), what="Timing", unit="round"):
        for what, seconds in _one_round(images, backbone, augmentation, batch_size).items():
            times[what].append(seconds)
    medians = {what: statistics.median(seconds) for what, seconds in times.items()}
    return PipelineTimes(
        name=name,
        stages={stage: 1000 * medians[stage] for stage in STAGES},
        in_threads=1 / medians["threads"],
        network=1 / medians["network"],
        pictures=len(images),
    )


def time_passes(
    images: ImageSet, augmentation: Augmentation | None = None, *, passes: int = 3
) -> list[float]:
    """Return how many pictures a second come out of `make_dataset`, pass by pass.

    Parameters
    ----------
    images
        Pictures to learn from.
    augmentation
        None for no change.
    passes
        How many.

    Returns
    -------
    list of float
        The first pass is timed with the making of the dataset, which reads and decodes.

    """
    must_be("images", images, ImageSet, _TODO)
    must_be_whole("passes", passes, 1, 100)
    images = images.with_splits(None)
    rates = []
    started = time.perf_counter()
    dataset = make_dataset(images, augmentation, shuffle=True)
    for _ in range(passes):
        for _ in dataset:
            pass
        rates.append(len(images) / (time.perf_counter() - started))
        started = time.perf_counter()
    return rates


def show_pipelines(times: Sequence[PipelineTimes]) -> Figure:
    """Draw the time of each stage a picture, a bar for each set, and what a network takes."""
    if not times:
        raise DataError("There are no times to draw.", expected="what time_pipeline returned")
    with drawing(8.0, 1.1 + 0.7 * len(times)) as canvas:
        axes = canvas.subplots()
        rows = np.arange(len(times))
        left = np.zeros(len(times))
        for stage, colour, hatch in zip(STAGES, PALETTE, ("", "///", "...", "xx"), strict=False):
            widths = np.array([one.stages[stage] for one in times])
            axes.barh(
                rows, widths, 0.55, left=left, label=stage, color=colour, hatch=hatch,
                edgecolor="white", linewidth=0.5,
            )  # fmt: skip
            left += widths
        for row, one in zip(rows, times, strict=True):
            axes.plot([1000 / one.network] * 2, [row - 0.4, row + 0.4], c="black", lw=2)
            words = f"{left[row]:.1f} ms"
            axes.annotate(
                words, (max(left[row], 1000 / one.network), row), (5, 0),
                textcoords="offset points", va="center",
            )  # fmt: skip
        axes.plot([], [], c="black", lw=2, label="the network")
        axes.set_yticks(rows, [one.name for one in times])
        axes.invert_yaxis()
        axes.set_xlabel("milliseconds a picture, one stage after another")
        axes.margins(x=0.12)
        axes.legend(ncols=5, loc="upper center", bbox_to_anchor=(0.5, -0.35))
        told = "; ".join(
            f"{one.name}: "
            + ", ".join(f"{stage} {one.stages[stage]:.2f} ms" for stage in STAGES)
            + f", while the network takes {1000 / one.network:.1f} ms"
            for one in times
        )
        return finish(canvas, f"Where the time of a picture goes. {told}.")


def _one_round(
    images: ImageSet, backbone: Backbone, augmentation: Augmentation, batch_size: int
) -> dict[str, float]:
    """Return seconds a picture of each stage and of the whole."""
    size, count = backbone.input_size, len(images)
    seconds = {}

    def timed(what: str, work: Callable[[], Any], pictures: int = count) -> Any:
        started = time.perf_counter()
        result = work()
        seconds[what] = (time.perf_counter() - started) / pictures
        return result

    files = timed("read", lambda: [read_picture(path) for path in images.paths])
    decoded = timed("decode", lambda: [open_picture(data, size) for data in files])
    batch = timed("batch", lambda: _batches(decoded, batch_size))[0]
    augmentation(batch)  # TensorFlow traces its graph at the first call
    timed("augment", lambda: augmentation(batch), len(batch))

    load = partial(open_picture, size=size)
    timed("threads", lambda: list(map_ahead(load, images.paths)))
    network = backbone.feature_model
    network.predict_on_batch(batch)
    timed("network", lambda: network.predict_on_batch(batch), len(batch))
    return seconds


def _batches(pictures: list[np.ndarray], batch_size: int) -> list[np.ndarray]:
    return [
        np.stack(pictures[start : start + batch_size])
        for start in range(0, len(pictures), batch_size)
    ]
