"""Figures of feature maps and kernels: contact sheets that say how they are scaled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tlcourse.data.tables import counted
from tlcourse.errors import ArgumentError, must_be_whole
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.inside.activations import Activations, Channel, Measure
from tlcourse.inside.graph import Layer
from tlcourse.inside.kernels import Kernels, kernels
from tlcourse.inside.maps import Scale, Scaling, scale_of, short
from tlcourse.inside.sheets import contact_sheet

if TYPE_CHECKING:
    from tlcourse.inside.network import Model

_MOST_TILES = 256
_TOLD = 3
_KERNEL_COLUMNS = 8


def show_activations(
    activations: Activations,
    layer: str | Layer,
    n: int = 16,
    *,
    scaling: Scaling = "shared",
    by: Measure = "mean",
) -> Figure:
    """Draw the feature maps of a layer that answer most strongly, the strongest first.

    Parameters
    ----------
    activations
        From `record_activations`.
    layer
        The name of a recorded layer; of one that answers with a vector, bars are drawn.
    n
        How many channels.
    scaling
        `"shared"`: one scale for the layer, from 0 to its largest number, so that maps can be
        compared, and weak ones are dark. `"channel"`: a scale for each map, so that weak ones show
        their shape too; their strength then stands in the numbers below.
    by
        What makes a channel strong: its `"mean"`, `"max"` or standard `"deviation"`.

    Returns
    -------
    A `Figure`. The colour bar says what the colours stand for; negative numbers, which there are
    before ReLU, are blue, positive ones red, and 0 is white.

    Raises
    ------
    ArgumentError
        When the layer was not recorded, or an argument is out of range.

    """
    _must_scale(scaling)
    must_be_whole("n", n, 1, _MOST_TILES)
    top = activations.top_channels(layer, n, by)
    found = activations.layer(layer)
    values = activations[layer]
    if not found.is_map:
        return _bars(activations, found, top)
    maps = [np.asarray(values[..., channel.number], np.float32) for channel in top]
    whole = scale_of(values)
    scales = [whole if scaling == "shared" else _of_kind(whole, scale_of(x)) for x in maps]
    tiles = [scale.levels(x) for scale, x in zip(scales, maps, strict=True)]
    labels = [_label(channel, x, by) for channel, x in zip(top, maps, strict=True)]
    height, width, channels = found.shape
    silent = int(np.count_nonzero(~values.astype(bool).any(axis=(0, 1))))
    how = f"one scale for all, {whole}" if scaling == "shared" else "each map on a scale of its own"
    title = f"{found.name}: {len(top)} of {counted(channels, 'channel')}, highest {by} first; {how}"
    told = "; ".join(f"channel {c.number}, {by} {short(c.value)}" for c in top[:_TOLD])
    alt = (
        f"Feature maps of layer {found.name} ({found.kind}), {height} × {width}: the {len(top)} of "
        f"{counted(channels, 'channel')} with the highest {by}, {how}. Strongest: {told}. "
        f"{silent} of {counted(channels, 'channel')} are 0 everywhere."
    )
    return contact_sheet(tiles, labels, title, alt, scale=whole, ends=_ends(whole, scaling))


def show_kernels(
    model: Model | Kernels,
    layer: str | Layer | None = None,
    n: int = 32,
    *,
    scaling: Scaling = "shared",
) -> Figure:
    """Draw the kernels of a layer, those of the largest norm first.

    A layer that looks at the picture itself is drawn in colour, middle grey being weight 0. Of a
    deeper one each row is a kernel, cut into the slices for the input channels to which it gives
    most weight; blue is negative, red positive.

    Parameters
    ----------
    model
        As for `kernels`, or what `kernels` returned.
    layer
        The name of a convolution; not with `Kernels`.
    n
        How many pictures: kernels of a first layer, else slices, 8 a row.
    scaling
        `"shared"`: one scale for all kernels of the layer; `"channel"`: one for each.

    Raises
    ------
    ArgumentError
        When the layer has no kernels, or an argument is out of range.

    """
    _must_scale(scaling)
    must_be_whole("n", n, 1, _MOST_TILES)
    if isinstance(model, Kernels):
        found = model
    elif layer is not None:
        found = kernels(model, layer)
    else:
        raise ArgumentError(
            "The argument 'layer' is missing.",
            expected="the name of a convolution",
            todo='Write show_kernels(model, "block1_conv1").',
        )
    return (
        _in_colour(found, n, scaling) if found.colours is not None else _slices(found, n, scaling)
    )


def _in_colour(found: Kernels, n: int, scaling: Scaling) -> Figure:
    order = found.order[:n]
    pictures = found.pictures(scaling)
    labels = [f"{i}\nnorm {short(found.norms[i])}" for i in order]
    height, width = found.values.shape[:2]
    how = "one scale for all" if scaling == "shared" else "each on a scale of its own"
    title = (
        f"{found.layer.name}: {len(order)} of {counted(len(found), 'kernel')} in the colours that "
        f"they look for, largest norm first; grey is 0; {how}"
    )
    alt = (
        f"Kernels of layer {found.layer.name}, {height} × {width} pixels in colour: {len(order)} "
        f"of {len(found)}, largest norm first, middle grey is weight 0, {how}. "
        + _norms_in_words(found, order)
    )
    return contact_sheet([pictures[i] for i in order], labels, title, alt)


def _slices(found: Kernels, n: int, scaling: Scaling) -> Figure:
    height, width, channels, _ = found.values.shape
    columns = min(_KERNEL_COLUMNS, channels)
    order = found.order[: max(1, n // columns)] if channels > 1 else found.order[:n]
    whole = scale_of(found.values)
    whole = Scale(-whole.high, whole.high)  # of kernels, always about 0
    tiles, labels = [], []
    for kernel in order:
        part = found.values[..., kernel]
        largest = float(np.abs(part).max())
        scale = whole if scaling == "shared" else Scale(-largest, largest)
        for channel in found.strongest_inputs(int(kernel), columns):
            tiles.append(scale.levels(part[..., channel]))
            below = f"input {channel}" if channels > 1 else f"norm {short(found.norms[kernel])}"
            labels.append(f"{'kernel ' if channels > 1 else ''}{kernel}\n{below}")
    what = f"slices for the {columns} of {channels} input channels with most weight, a row a kernel"
    what = f" in {what}" if channels > 1 else ", each for a channel of its own"
    how = (
        f"one scale for all, {whole}"
        if scaling == "shared"
        else "each kernel on a scale of its own"
    )
    title = (
        f"{found.layer.name}: {len(order)} of {counted(len(found), 'kernel')}, largest norm first"
        f"{what}; {how}"
    )
    alt = (
        f"Kernels of layer {found.layer.name}, {height} × {width}: {len(order)} of {len(found)}, "
        f"largest norm first{what}; blue is negative, white 0, red positive, {how}. "
        + _norms_in_words(found, order)
    )
    columns = columns if channels > 1 else _KERNEL_COLUMNS
    ends = _ends(whole, scaling)
    return contact_sheet(tiles, labels, title, alt, scale=whole, ends=ends, columns=columns)


def _norms_in_words(found: Kernels, order: np.ndarray) -> str:
    told = "; ".join(f"kernel {i}, norm {short(found.norms[i])}" for i in order[:_TOLD])
    return f"Norms from {short(found.norms.min())} to {short(found.norms.max())}. First: {told}."


def _bars(activations: Activations, layer: Layer, top: tuple[Channel, ...]) -> Figure:
    """Draw the strongest values of a vector as bars, by class where they are the answer."""
    network = activations.network
    names = network.class_names
    is_answer = layer is network.layers[-1] and names is not None
    words = [names[c.number] if is_answer and names else f"{c.number}" for c in top]
    with drawing(6.5, 0.26 * len(top) + 1.0) as canvas:
        axes = canvas.subplots()
        bars = axes.barh(range(len(top)), [c.value for c in top], color=PALETTE[0])
        axes.bar_label(bars, [short(c.value) for c in top], padding=3)
        axes.set_yticks(range(len(top)), words)
        axes.invert_yaxis()
        axes.margins(x=0.12)
        axes.set_ylabel("class" if is_answer else "feature")
        axes.set_title(f"{layer.name}: the {len(top)} strongest of {layer.shape[-1]:,}")
        told = "; ".join(f"{word}: {short(c.value)}" for word, c in zip(words, top, strict=True))
        return finish(
            canvas,
            f"Bars of the {len(top)} strongest of {layer.shape[-1]:,} values of layer {layer.name} "
            f"({layer.kind}): {told}.",
        )


def _of_kind(whole: Scale, own: Scale) -> Scale:
    """Return a map's own scale, in the colours of the layer's."""
    return Scale(-own.high, own.high) if whole.diverges else own


def _label(channel: Channel, values: np.ndarray, by: Measure) -> str:
    second = f"max {short(values.max())}" if by != "max" else f"mean {short(values.mean())}"
    return f"{channel.number}\n{by} {short(channel.value)}\n{second}"


def _ends(scale: Scale, scaling: Scaling) -> tuple[str, str]:
    if scaling == "shared":
        return short(scale.low), short(scale.high)
    return ("the furthest below 0" if scale.diverges else "0"), "each one's largest"


def _must_scale(scaling: str) -> None:
    if scaling not in ("shared", "channel"):
        raise ArgumentError(
            "The argument 'scaling' has an unknown value.",
            expected='"shared" (one scale for all) or "channel" (one for each)',
            received=f"scaling={scaling!r}",
        )
