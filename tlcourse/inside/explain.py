"""`explain`: which parts of a picture speak for an answer, by the method of your choice."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from tlcourse.errors import ArgumentError
from tlcourse.inside.attribution import Attribution
from tlcourse.inside.cam import grad_cam, grad_cam_plus_plus
from tlcourse.inside.gradients import integrated_gradients, saliency, smooth_grad
from tlcourse.inside.network import Model
from tlcourse.inside.occlusion import occlusion

if TYPE_CHECKING:
    from tlcourse.data import PictureSource

Method = Literal[
    "saliency",
    "smooth_grad",
    "integrated_gradients",
    "grad_cam",
    "grad_cam_plus_plus",
    "occlusion",
]

METHODS: dict[str, Callable[..., Attribution]] = {
    function.__name__: function
    for function in (
        saliency,
        smooth_grad,
        integrated_gradients,
        grad_cam,
        grad_cam_plus_plus,
        occlusion,
    )
}
"""From the name of a method to its function."""


def explain(
    model: Model,
    picture: PictureSource,
    target: int | str | None = None,
    method: Method = "grad_cam",
    **settings: Any,
) -> Attribution:
    """Show which parts of a picture speak for an answer of a network.

    Parameters
    ----------
    model
        A `Backbone`, a `Classifier`, a functional or Sequential Keras model, or a `Network`. It is
        not changed.
    picture
        Anything that `open_picture` takes (its centre is used), or floats of the network's input
        shape that are ready for it.
    target
        The position or name of a class; None for the likeliest. For a network that ends with
        features, the number of a feature.
    method
        `"saliency"` (Simonyan, Vedaldi and Zisserman 2014), `"smooth_grad"` (Smilkov et al. 2017),
        `"integrated_gradients"` (Sundararajan, Taly and Yan 2017), `"grad_cam"` (Selvaraju et al.
        2017), `"grad_cam_plus_plus"` (Chattopadhay et al. 2018) or `"occlusion"` (Zeiler and Fergus
        2014). Each is a function of its own too, which says what it does.
    **settings
        Settings of the method: `layer` for the two of Grad-CAM, `window` for occlusion, and so on.

    Returns
    -------
    An `Attribution`.

    Raises
    ------
    ArgumentError
        When there is no such method, setting or class; the message lists what there is.
    PictureError
        When the picture cannot be read.

    """
    return find_method(method, settings)(model, picture, target, **settings)


def find_method(method: str, settings: dict[str, Any]) -> Callable[..., Attribution]:
    """Return the function of a method, or raise an ArgumentError; settings must be its own."""
    if method not in METHODS:
        raise ArgumentError(
            "There is no method of this name.",
            expected="one of: " + ", ".join(METHODS),
            received=f"method={method!r}",
        )
    parameters = inspect.signature(METHODS[method]).parameters.values()
    known = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    unknown = [name for name in settings if name not in known]
    if unknown:
        raise ArgumentError(
            f"The method '{method}' has no such setting.",
            expected="some of: " + ", ".join(known),
            received=", ".join(f"{name}={settings[name]!r}" for name in unknown),
        )
    return METHODS[method]
