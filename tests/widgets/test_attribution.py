"""Attributions: what the browser gets is what `explain` says."""

from __future__ import annotations

import numpy as np
import pytest

from tests.widgets.helpers import asked, maps_in, stored_answer
from tlcourse.errors import ArgumentError
from tlcourse.inside import METHODS, explain
from tlcourse.widgets import explore_attribution


@pytest.fixture
def explorer(model, picture):
    return explore_attribution(model, [picture, 255 - picture], targets=[2, 0])


def question(**changes):
    whole = {"kind": "attribution", "picture": 1, "method": "grad_cam", "target": 2, "layer": ""}
    return {"id": "1", **whole, **changes}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("target", [0, 2])
def test_every_map_comes_with_its_words(model, picture, explorer, method, target):
    content, [data] = asked(explorer, question(method=method, target=target))
    expected = explain(model, 255 - picture, target, method)
    record = content["record"]
    assert record["words"] == f"{expected!r}."
    assert (record["height"], record["width"]) == (32, 32)
    assert record["scale"] == list(expected.scale)
    low, high = record["scale"]
    assert (low == -high) if expected.map.min() < 0 else (low == 0)
    found = maps_in(record, data)[0]
    assert np.allclose(found, expected.drawn, atol=np.ptp(expected.drawn) / 60_000 + 1e-9)
    assert found.sum() == pytest.approx(expected.map.sum(), rel=0.02, abs=1e-3)


@pytest.mark.parametrize("method", ["saliency", "grad_cam", "occlusion"])
def test_what_is_drawn_and_its_scale_make_the_overlay(model, picture, method):
    from tlcourse.inside.maps import overlay

    found = explain(model, picture, 2, method)
    smoothed = method == "saliency"  # a value for each pixel: single ones could not be told apart
    assert np.array_equal(found.drawn, found.map) != smoothed
    assert found.drawn.sum() == pytest.approx(found.map.sum(), rel=0.02, abs=1e-3)
    again = overlay(picture, found.drawn, opacity=0.8, scale=found.scale)
    assert np.array_equal(found.overlay(), again)


def test_a_layer_can_be_chosen(model, picture, explorer):
    content, _ = asked(explorer, question(layer="first"))
    assert "at first" in content["record"]["words"]


def test_the_classes_are_those_asked_for_or_the_likeliest(model, picture, explorer):
    content, _ = asked(explorer, {"id": "1", "kind": "classes", "picture": 1})
    assert content["record"]["classes"] == [[2, "number 2"], [0, "number 0"]]
    free = explore_attribution(model, picture)
    record, _ = stored_answer(free, "classes/0")
    answer = np.asarray(model(picture[None].astype(np.float32)))[0]
    assert [column for column, _ in record["classes"]] == np.argsort(-answer).tolist()


def test_stored_maps_are_there_without_a_kernel(model, picture):
    explorer = explore_attribution(model, picture, stored=["grad_cam", "saliency"])
    keys = [record["key"] for record in explorer.about["stored"]]
    likeliest = stored_answer(explorer, "classes/0")[0]["classes"][0][0]
    assert keys == [
        "picture/0", "classes/0", f"attribution/0/grad_cam/{likeliest}/",
        f"attribution/0/saliency/{likeliest}/",
    ]  # fmt: skip
    record, data = stored_answer(explorer, keys[2])
    expected = explain(model, picture).map
    assert np.allclose(maps_in(record, data)[0], expected, atol=np.ptp(expected) / 250)


@pytest.mark.parametrize(
    "wrong", [{"method": "magic"}, {"target": 3}, {"target": None}, {"layer": "none"},
              {"picture": 9}],
)  # fmt: skip
def test_questions_that_make_no_sense_get_a_sentence(explorer, wrong):
    content, _ = asked(explorer, question(**wrong))
    assert ("error" in content) or wrong == {"target": None}  # None is the likeliest


@pytest.mark.parametrize(
    "arguments",
    [{"methods": []}, {"methods": ["magic"]}, {"methods": "grad_cam"}, {"targets": [7]},
     {"stored": ["occlusion"], "methods": ["grad_cam"]}, {"stored": []}],
)  # fmt: skip
def test_bad_arguments_are_named(model, picture, arguments):
    with pytest.raises(ArgumentError):
        explore_attribution(model, picture, **arguments)


def test_a_network_without_classes_says_what_to_do(picture):
    import keras

    features = keras.Sequential([
        keras.Input((32, 32, 3)), keras.layers.Conv2D(4, 3), keras.layers.GlobalAveragePooling2D()
    ])  # fmt: skip
    with pytest.raises(ArgumentError, match="classes"):
        explore_attribution(features, picture)
    explorer = explore_attribution(features, picture, targets=[1])
    assert "number 1" in str(stored_answer(explorer, "classes/0")[0])
