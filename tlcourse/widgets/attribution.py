"""`explore_attribution`: which parts of a picture speak for an answer, by several methods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import traitlets

from tlcourse.data import Pictures, PictureSource
from tlcourse.errors import ArgumentError, must_be_whole
from tlcourse.inside import METHODS, Attribution, Network, explain, open_network
from tlcourse.inside.attribution import METHOD_NAMES, shown_pixels
from tlcourse.inside.explain import Method
from tlcourse.inside.network import Model
from tlcourse.widgets.packing import pack_maps, pack_picture, pack_stored, palettes
from tlcourse.widgets.pictures import offered
from tlcourse.widgets.shell import Answer, Shell, key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIKELIEST = 10
_STORED_BYTES = 200_000
_AT_LAYERS = ("grad_cam", "grad_cam_plus_plus")


class AttributionExplorer(Shell):
    """Maps of what speaks for an answer; made by `explore_attribution`.

    Attributes
    ----------
    picture : int
        The place of the chosen picture.
    method : str
        As for `explain`.
    target : int
        The column of the answer that is explained; -1 for the likeliest.
    layer : str
        For the methods of Grad-CAM; "" for the last feature map.
    opacity : int
        Of the map over the picture, in percent.

    """

    picture = traitlets.Int(0).tag(sync=True)
    method = traitlets.Enum(list(METHODS), "grad_cam").tag(sync=True)
    target = traitlets.Int(-1, min=-1).tag(sync=True)
    layer = traitlets.Unicode("").tag(sync=True)
    opacity = traitlets.Int(80, min=0, max=100).tag(sync=True)

    def __init__(
        self,
        network: Network,
        sources: Sequence[PictureSource],
        names: Sequence[str],
        methods: Sequence[str],
        targets: Sequence[int] | None,
        stored: Sequence[str],
    ) -> None:
        self._network, self._sources = network, sources
        self._methods, self._targets = methods, targets
        classes = self._classes(0)
        found = [explain(network, sources[0], classes[0][0], name) for name in stored]  # type: ignore[arg-type]
        about = {
            "network": network.name,
            "pictures": list(names),
            "methods": [{"name": name, "words": METHOD_NAMES[name]} for name in methods],
            "layers": [layer.name for layer in network.maps],
            "layered": list(_AT_LAYERS),
            "input": list(network.input_shape[:2]),
            "palettes": palettes(),
        }
        first = found[0]
        super().__init__(
            about,
            self._to_store(classes, found),
            first.draw(),
            view="attribution",
            method=first.method,
        )

    def answer(self, question: dict[str, Any]) -> Answer:
        """Return a map, a picture, or the classes that can be explained."""
        last = len(self._sources) - 1
        picture = must_be_whole("picture", question.get("picture"), 0, last)
        if question.get("kind") == "picture":
            return pack_picture(self._pixels(picture))
        if question.get("kind") == "classes":
            return _listed(self._classes(picture))
        settings = {"layer": question["layer"]} if question.get("layer") else {}
        found = explain(
            self._network,
            self._sources[picture],
            question["target"],
            question["method"],
            **settings,
        )
        return _described(found, pack_maps(found.drawn[..., None], [0]))

    def _pixels(self, picture: int) -> np.ndarray:
        return shown_pixels(self._network.pixels(self._sources[picture])[0])

    def _classes(self, picture: int) -> list[tuple[int, str]]:
        """Return the classes that can be chosen for a picture: columns and names."""
        names = self._network.class_names
        if self._targets is not None:
            columns = list(self._targets)
        else:
            answer, _ = self._network.run(self._network.pixels(self._sources[picture]))
            row = np.asarray(answer)[0]
            columns = np.argsort(-row, kind="stable")[:_LIKELIEST].tolist()
        return [(column, names[column] if names else f"number {column}") for column in columns]

    def _to_store(
        self, classes: list[tuple[int, str]], found: Sequence[Attribution]
    ) -> Mapping[str, Answer]:
        """Return what is saved with the notebook: the first picture, with some maps."""
        kept = {
            key_of({"kind": "picture", "picture": 0}): pack_picture(self._pixels(0), stored=True),
            key_of({"kind": "classes", "picture": 0}): _listed(classes),
        }
        packed = pack_stored([(x.drawn[..., None], [0]) for x in found], _STORED_BYTES, side=112)
        for attribution, answer in zip(found, packed, strict=False):
            question = _question(0, attribution.method, attribution.target)
            kept[key_of(question)] = _described(attribution, answer)
        return kept


def explore_attribution(
    model: Model,
    pictures: Pictures,
    *,
    methods: Sequence[Method] = get_args(Method),
    targets: Sequence[int | str] | None = None,
    stored: Sequence[Method] | None = None,
) -> AttributionExplorer:
    """Show which parts of a picture speak for an answer, by method, class and layer.

    A map is computed when it is first chosen, and kept in the browser; how much of it lies over the
    picture is a slider that the browser answers. Some methods take half a minute and more.

    Parameters
    ----------
    model
        A network that ends with classes: a `Classifier`, a `Backbone` with its top, a Keras model.
    pictures
        In any form that `find_pictures` takes; the first is shown first, 100 can be chosen.
    methods
        Those of `explain` that can be chosen.
    targets
        The classes that can be chosen, by name or position; the 10 likeliest of each picture
        without. For a network that ends with features, their numbers.
    stored
        The methods whose maps of the first picture are computed now and saved with the notebook;
        None for Grad-CAM, or the first of `methods` where that is not among them.

    Returns
    -------
    AttributionExplorer
        A widget; what is chosen can be read and set, `explorer.method = "occlusion"`.

    Raises
    ------
    ArgumentError
        When there is no such method or class, or the network has no classes and none was named.
    PictureError
        When the first picture cannot be read; for others, the widget says so when it is chosen.

    """
    network = open_network(model)
    _must_be_methods("methods", methods, list(METHODS))
    if stored is None:
        stored = ["grad_cam"] if "grad_cam" in methods else list(methods)[:1]
    _must_be_methods("stored", stored, list(methods))
    sources, names = offered(pictures)
    columns = None
    if targets is not None:
        columns = [network.class_index(target) for target in targets]
    elif network.class_names is None:
        explain(network, sources[0])  # says what is wrong where there are no classes
    return AttributionExplorer(network, sources, names, methods, columns, stored)


def _must_be_methods(argument: str, names: Sequence[str], known: Sequence[str]) -> None:
    listed = [names] if isinstance(names, str) else list(names)
    if listed and not set(listed) - set(known) and not isinstance(names, str):
        return
    raise ArgumentError(
        f"The argument '{argument}' is no list of methods.",
        expected="one or more of: " + ", ".join(known),
        received=f"{argument}={names!r}",
    )


def _question(picture: int, method: str, target: int) -> dict[str, Any]:
    return {
        "kind": "attribution",
        "picture": picture,
        "method": method,
        "target": target,
        "layer": "",
    }


def _listed(classes: list[tuple[int, str]]) -> Answer:
    return Answer({"classes": [list(one) for one in classes], "complete": True}, b"")


def _described(found: Attribution, answer: Answer) -> Answer:
    """Add what the map is about, in words, and the numbers of the first and the last colour."""
    record = {**answer.record, "words": f"{found!r}.", "scale": list(found.scale)}
    return Answer(record, answer.data)
