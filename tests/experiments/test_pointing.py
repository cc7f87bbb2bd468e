"""The pointing game: a network whose evidence is known is found out, one without is at chance."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest

from tlcourse.errors import ArgumentError
from tlcourse.experiments import pointing_game
from tlcourse.experiments.pointing import cells
from tlcourse.inside import Network, grad_cam, open_network

L = keras.layers
NAMES = ("red", "green", "blue", "cyan")
COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 255, 255))
WHITE = (255, 255, 255)
CYAN = np.array([0.0, 0.0, 0.0, 1.0])
"""What is subtracted: of cyan 1 of 2, so that green or blue alone is not enough."""


def colour_network() -> Network:
    """Of each class it is known where its evidence lies: where the colour of that name is."""
    pixels = keras.Input((32, 32, 3))
    x = L.Rescaling(1 / 255)(pixels)
    colours = L.Conv2D(4, 1, activation="relu", name="colours")
    x = colours(x)
    # Each colour less what it has not; cyan only where green and blue come together.
    red, green, blue, cyan = (1, -1, -1), (-1, 1, -1), (-1, -1, 1), (-2, 1, 1)
    colours.set_weights([np.array([red, green, blue, cyan], float).T[None, None], -CYAN])
    x = L.AveragePooling2D(4, name="coarse")(x)
    x = L.GlobalAveragePooling2D()(x)
    answer = L.Dense(4, activation="softmax", name="answer")
    model = keras.Model(pixels, answer(x), name="colours")
    answer.set_weights([np.eye(4) * 10, np.zeros(4)])
    return replace(open_network(model), class_names=NAMES)


def plain(colour: tuple[int, int, int], side: int = 40) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.uint8), (side, side, 3)).copy()


def four() -> dict[str, np.ndarray]:
    return {name: plain(colour) for name, colour in zip(NAMES, COLOURS, strict=True)}


def test_maps_that_know_lie_in_the_right_cells():
    game = pointing_game(colour_network(), four(), ["grad_cam", "occlusion"])
    assert game.shares.shape == (2, 4)
    assert (game.shares[0] > 0.9).all()
    assert (game.shares[1] > 0.7).all()
    assert game.chance == 0.25
    assert "Grad-CAM" in repr(game)


def test_it_is_about_the_class_that_was_asked_for():
    """With the pictures the other way round, the maps lie elsewhere, and not in their cells."""
    swapped = dict(zip(NAMES, reversed(four().values()), strict=True))
    game = pointing_game(colour_network(), swapped, ["grad_cam"])
    assert (game.shares < 0.1).all()


def test_the_cells_cover_the_picture_once():
    covered = np.zeros((33, 20), int)
    for top, left, bottom, right in cells((33, 20)):
        covered[top:bottom, left:right] += 1
    assert (covered == 1).all()


def test_the_maps_are_those_of_the_method_itself():
    model = colour_network()
    game = pointing_game(model, four(), ["grad_cam"], layer="colours")
    own = grad_cam(model, game.picture, "green", layer="colours")
    np.testing.assert_allclose(game.attributions["grad_cam"][1].map, own.map)


def test_the_figure_tells_the_shares():
    figure = pointing_game(colour_network(), four()).draw()
    assert "by chance 25%" in figure.alt
    assert figure.png.startswith(b"\x89PNG")


@pytest.mark.parametrize("count", [0, 3])
def test_three_pictures_are_too_few(count):
    pictures = dict(list(four().items())[:count])
    with pytest.raises(ArgumentError, match="other arguments"):
        pointing_game(colour_network(), pictures)


@pytest.mark.parametrize("methods", ["grad_cam", []])
def test_methods_are_a_list_with_something_in_it(methods):
    with pytest.raises(ArgumentError, match="other arguments"):
        pointing_game(colour_network(), four(), methods)


def test_unknown_methods_and_classes_are_named():
    with pytest.raises(ArgumentError, match="no method"):
        pointing_game(colour_network(), four(), ["looking"])
    with pytest.raises(ArgumentError, match="no such class"):
        pointing_game(colour_network(), {**dict(list(four().items())[:3]), "4": plain(WHITE)})
