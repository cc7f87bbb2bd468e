"""`explore_activations`: what every channel of every layer answers to a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import traitlets

from tlcourse.data import Pictures
from tlcourse.errors import ArgumentError, must_be_whole
from tlcourse.figures import Figure
from tlcourse.inside import Layer, Network, open_network, show_activations
from tlcourse.inside.choosing import CONVOLUTIONS, Choice
from tlcourse.inside.network import Model
from tlcourse.widgets.packing import pack_maps, pack_picture, pack_stored, palettes
from tlcourse.widgets.pictures import offered
from tlcourse.widgets.recordings import Recordings
from tlcourse.widgets.shell import Answer, Shell, key_of

STORED_BYTES = 450_000
"""Of maps in a saved notebook; base64 makes a third more of it."""

_MOST_STORED = 6


class ActivationExplorer(Shell):
    """Every channel of every layer, for some pictures; made by `explore_activations`.

    The maps of a layer go to the browser once, and every slider is answered there.

    Attributes
    ----------
    picture : int
        The place of the chosen picture.
    layer : str
        The name of the chosen layer.
    channel : int
        The chosen channel, from 0.
    order : str
        `"strongest"` or `"natural"`.
    scaling : str
        `"channel"` or `"layer"`: what dark and bright stand for.
    overlay : int
        How far the picture shines through, in percent.
    row, column : int
        The chosen unit of the map, from 0; -1 for none.

    """

    picture = traitlets.Int(0).tag(sync=True)
    layer = traitlets.Unicode().tag(sync=True)
    channel = traitlets.Int(0).tag(sync=True)
    order = traitlets.Enum(["strongest", "natural"], "strongest").tag(sync=True)
    scaling = traitlets.Enum(["channel", "layer"], "channel").tag(sync=True)
    overlay = traitlets.Int(0, min=0, max=100).tag(sync=True)
    row = traitlets.Int(-1, min=-1).tag(sync=True)
    column = traitlets.Int(-1, min=-1).tag(sync=True)

    def __init__(
        self, recordings: Recordings, names: Sequence[str], stored: Sequence[Layer]
    ) -> None:
        self._recordings, self._names = recordings, names
        first = stored[0]
        _, order = recordings.maps(0, 0, first)
        about = {
            "models": list(recordings.names),
            "pictures": list(names),
            "layers": [
                {"name": layer.name, "kind": layer.kind, "shape": list(layer.shape)}
                for layer in recordings.layers
            ],
            "input": list(recordings.networks[0].input_shape[:2]),
            "palettes": palettes(),
            "strength": "by the mean of their map",
        }
        super().__init__(
            about,
            _to_store(recordings, stored),
            _sheet(recordings, first),
            view="activations",
            layer=first.name,
            channel=order[0],
        )

    @traitlets.validate("picture")
    def _check_picture(self, proposal: dict[str, Any]) -> int:
        return must_be_whole("picture", proposal["value"], 0, len(self._names) - 1)

    @traitlets.validate("layer")
    def _check_layer(self, proposal: dict[str, Any]) -> str:
        return self._layer(proposal["value"]).name

    @traitlets.validate("channel")
    def _check_channel(self, proposal: dict[str, Any]) -> int:
        count = self._layer(self.layer).shape[-1]
        return must_be_whole("channel", proposal["value"], 0, count - 1)

    def _layer(self, name: str) -> Layer:
        for layer in self._recordings.layers:
            if name == layer.name:
                return layer
        raise ArgumentError(
            "The explorer has no such layer.",
            expected="one of: " + ", ".join(layer.name for layer in self._recordings.layers),
            received=repr(name),
        )

    def answer(self, question: dict[str, Any]) -> Answer:
        """Return the maps of a layer, or a picture."""
        recordings = self._recordings
        last = len(self._names) - 1
        picture = must_be_whole("picture", question.get("picture"), 0, last)
        if question.get("kind") == "picture":
            return pack_picture(recordings.pixels(picture))
        last = len(recordings.networks) - 1
        network = must_be_whole("model", question.get("model"), 0, last)
        number = must_be_whole("layer", question.get("layer"), 0, len(recordings.layers) - 1)
        layer = recordings.layers[number]
        record, data = pack_maps(*recordings.maps(network, picture, layer))
        return Answer({**record, "field": recordings.fields(layer)}, data)


def explore_activations(
    model: Model,
    pictures: Pictures,
    *,
    compare: Model | None = None,
    names: Sequence[str] | None = None,
    layers: Choice = "maps",
    stored: Sequence[str] | None = None,
) -> ActivationExplorer:
    """Show what each channel of each layer answers to a picture, with sliders.

    The maps of a layer are sent to the browser once; channels, order, brightness and the values of
    single units are answered there. With a kernel, every layer of every picture can be chosen. What
    is saved with the notebook, and works on a page without a kernel, are the 64 strongest channels
    of a few layers for the first picture, made smaller, in 450 kB at most.

    Parameters
    ----------
    model
        A `Backbone`, a `Classifier`, a functional or Sequential Keras model, or a `Network`.
    pictures
        In any form that `find_pictures` takes; the first is shown first, 100 can be chosen.
    compare
        Another network, shown beside: the same one before fine-tuning, for example. Layers that
        both have, by name and shape, can be chosen.
    names
        What the networks are called, `["before", "after"]`; their own names without.
    layers
        Which layers can be chosen: `"maps"` for all with feature maps, `"convolutions"`, or names.
    stored
        The layers that are saved with the notebook; the first is shown first. Without it, the last
        convolution (or the last layer) before each step to smaller maps.

    Returns
    -------
    ActivationExplorer
        A widget; what is chosen can be read and set, `explorer.layer = "block3_conv1"`.

    Raises
    ------
    ArgumentError
        When there is no such layer, or the networks have none in common.
    PictureError
        When the first picture cannot be read; for others, the widget says so when it is chosen.

    References
    ----------
    M. D. Zeiler and R. Fergus (2014). Visualizing and Understanding Convolutional Networks. ECCV.

    """
    networks = [open_network(x) for x in ([model] if compare is None else [model, compare])]
    sources, picture_names = offered(pictures)
    recordings = Recordings(networks, sources, layers, _names(names, networks))
    kept = _landmarks(recordings.layers)
    if stored is not None:
        by_name = {layer.name: layer for layer in recordings.layers}
        unknown = [name for name in stored if name not in by_name]
        if unknown or not stored:
            raise ArgumentError(
                "The argument 'stored' names layers that cannot be chosen.",
                expected="one or more of: " + ", ".join(by_name),
                received=repr(list(stored)),
            )
        kept = [by_name[name] for name in stored]
    return ActivationExplorer(recordings, picture_names, kept)


def _names(names: Sequence[str] | None, networks: Sequence[Network]) -> list[str]:
    """Return what the networks are called, each differently."""
    if names is None:
        own = [network.name for network in networks]
        return own if len(set(own)) == len(own) else [f"{own[0]} (model)", f"{own[1]} (compare)"]
    listed = [] if isinstance(names, str) else list(names)
    if len(listed) == len(networks) == len(set(listed)) and all(isinstance(n, str) for n in listed):
        return listed
    raise ArgumentError(
        "The argument 'names' does not fit the networks.",
        expected=f"{len(networks)} different name{'s' if len(networks) > 1 else ''}",
        received=f"names={names!r}",
    )


def _landmarks(layers: Sequence[Layer]) -> list[Layer]:
    """Return a few layers to keep: of each size of map, the last convolution, or the last layer."""
    by_size: dict[tuple[int, ...], Layer] = {}
    for layer in layers:
        kept = by_size.get(layer.shape[:2])
        if kept is None or layer.kind in CONVOLUTIONS or kept.kind not in CONVOLUTIONS:
            by_size[layer.shape[:2]] = layer
    return list(by_size.values())[:_MOST_STORED]


def _to_store(recordings: Recordings, layers: Sequence[Layer]) -> dict[str, Answer]:
    """Return what is saved with the notebook: the first picture, and a few layers made small."""
    places = [(network, layer) for layer in layers for network in range(len(recordings.networks))]
    packed = pack_stored([recordings.maps(n, 0, layer) for n, layer in places], STORED_BYTES)
    kept = {
        key_of({"kind": "picture", "picture": 0}): pack_picture(recordings.pixels(0), stored=True)
    }
    for (network, layer), answer in zip(places, packed, strict=False):
        number = recordings.layers.index(layer)
        question = {"kind": "maps", "model": network, "picture": 0, "layer": number}
        record = {**answer.record, "field": recordings.fields(layer)}
        kept[key_of(question)] = Answer(record, answer.data)
    return kept


def _sheet(recordings: Recordings, layer: Layer) -> Figure:
    """Return the strongest channels of a layer of the first network."""
    sheet = show_activations(recordings.activations(0, 0), layer.name, scaling="channel")
    words = "Where this notebook runs, every channel of every layer can be chosen."
    return Figure(sheet.png, f"{recordings.names[0]}: {sheet.alt} {words}")
