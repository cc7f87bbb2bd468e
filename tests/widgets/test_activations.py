"""The explorer's answers, over everything that can be chosen in it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.widgets.helpers import asked, maps_in, state_bytes, stored_answer
from tlcourse.errors import ArgumentError, DataError, PictureError
from tlcourse.inside import open_network, receptive_field, record_activations
from tlcourse.widgets import explore_activations

LAYERS = ["preprocessing", "first", "pooled", "second"]


@pytest.fixture
def explorer(model, picture):
    return explore_activations(model, [picture, 255 - picture])


def question(**changes):
    return {"kind": "maps", "model": 0, "picture": 0, "layer": 0, **changes}


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("layer", range(len(LAYERS)))
def test_every_channel_of_every_layer_is_what_the_network_says(
    model, picture, explorer, layer, place
):
    content, [data] = asked(explorer, {"id": "1", **question(layer=layer, picture=place)})
    record = content["record"]
    said = record_activations(model, [picture, 255 - picture][place], "maps")
    expected = said[LAYERS[layer]].astype(np.float32)
    found = np.moveaxis(maps_in(record, data), 0, -1)
    assert np.allclose(found, expected, atol=np.ptp(expected) / 100_000)
    strongest = [c.number for c in said.top_channels(LAYERS[layer], expected.shape[-1])]
    assert record["order"] == strongest
    assert record["channels"] == list(range(expected.shape[-1]))
    assert record["bits"] == 16


@pytest.mark.parametrize("layer", range(len(LAYERS)))
def test_every_unit_is_told_what_it_sees(model, explorer, layer):
    field = explorer.answer(question(layer=layer)).record["field"]
    height, width, _ = explorer.about["layers"][layer]["shape"]
    assert (len(field["rows"]), len(field["columns"])) == (height, width)
    for unit in [(0, 0), (height // 2, 1), (height - 1, width - 1)]:
        seen = receptive_field(model, LAYERS[layer], unit)
        assert field["rows"][unit[0]] == [seen.rectangle.top, seen.rectangle.bottom - 1]
        assert field["columns"][unit[1]] == [seen.rectangle.left, seen.rectangle.right - 1]
        assert tuple(field["size"]) == seen.size


def test_a_field_that_is_not_known_says_why(picture):
    import keras

    inputs = keras.Input((32, 32, 3))
    rolled = keras.ops.roll(inputs, 3, axis=1)
    model = keras.Model(inputs, keras.layers.Conv2D(2, 3, name="after")(rolled))
    explorer = explore_activations(model, picture, layers=["after"])
    assert "not known" in explorer.answer(question()).record["field"]["unknown"]


def test_the_picture_is_the_one_that_the_network_gets(model, explorer, picture):
    _, [data] = asked(explorer, {"id": "1", "kind": "picture", "picture": 1})
    from tlcourse.data import open_picture

    assert np.array_equal(open_picture(data), 255 - picture)


def test_a_network_runs_once_for_all_layers_of_a_picture(model, picture, monkeypatch):
    from tlcourse.widgets import recordings

    runs = []
    record = recordings.record_activations
    monkeypatch.setattr(recordings, "record_activations", lambda *a: runs.append(a) or record(*a))
    explorer = explore_activations(model, [picture, picture])
    for layer in range(len(LAYERS)):
        explorer.answer(question(layer=layer))
        explorer.answer(question(layer=layer, picture=1))
    assert len(runs) == 2


def test_what_was_recorded_is_let_go_when_it_is_too_much(model, picture, monkeypatch):
    from tlcourse.widgets import recordings

    monkeypatch.setattr(recordings, "_MEMORY_BYTES", 1)
    explorer = explore_activations(model, [picture] * 5)
    for place in range(5):
        explorer.answer(question(picture=place))
    assert len(explorer._recordings._kept) == 1


def test_two_networks_are_compared_on_the_layers_that_they_share(model, other_model, picture):
    explorer = explore_activations(model, picture, compare=other_model, names=["before", "after"])
    assert explorer.about["models"] == ["before", "after"]
    one, other = (explorer.answer(question(model=place, layer=1)) for place in (0, 1))
    assert one.data != other.data
    expected = record_activations(other_model, picture, ["first"])["first"].astype(np.float32)
    found = np.moveaxis(maps_in(*other), 0, -1)
    assert np.allclose(found, expected, atol=np.ptp(expected) / 100_000)
    keys = [record["key"] for record in explorer.about["stored"]]
    assert {key.split("/")[1] for key in keys if key.startswith("maps")} == {"0", "1"}


def test_two_networks_of_one_name_can_be_told_apart(model, picture):
    explorer = explore_activations(model, picture, compare=model)
    assert explorer.about["models"] == ["small (model)", "small (compare)"]


def test_networks_without_a_layer_in_common_are_refused(model, picture):
    import keras

    stranger = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Conv2D(4, 3, name="odd")])
    with pytest.raises(ArgumentError, match="in common"):
        explore_activations(model, picture, compare=stranger)


def test_the_saved_notebook_holds_landmarks_and_stays_small(model, explorer, picture):
    kept = [record["key"] for record in explorer.about["stored"]]
    assert kept == ["picture/0", "maps/0/0/1", "maps/0/0/2", "maps/0/0/3"]
    record, data = stored_answer(explorer, "maps/0/0/3")
    said = record_activations(model, picture, ["second"])["second"].astype(np.float32)
    assert record["channels"] == [c.number for c in record_activations(
        model, picture, ["second"]
    ).top_channels("second", 64)]  # fmt: skip
    for place, channel in enumerate(record["channels"]):
        expected = said[..., channel]
        assert np.allclose(maps_in(record, data)[place], expected, atol=np.ptp(expected) / 500)
    assert len(explorer.stored) < 460_000
    assert state_bytes(explorer) < 700_000


def test_what_is_stored_can_be_chosen(model, picture):
    explorer = explore_activations(model, picture, stored=["second", "first"])
    assert explorer.layer == "second"
    assert {r["key"] for r in explorer.about["stored"]} == {
        "picture/0", "maps/0/0/3", "maps/0/0/1"
    }  # fmt: skip


def test_it_begins_with_the_strongest_channel(model, picture, explorer):
    said = record_activations(model, picture, "maps")
    assert explorer.channel == said.top_channels(explorer.layer, 1)[0].number


def test_a_broken_picture_is_a_sentence_in_the_widget(model, picture, write):
    broken = write("broken.jpg", b"\xff\xd8\xff\xe0 cut short")
    explorer = explore_activations(model, [picture, broken])
    for kind in ("maps", "picture"):
        content, _ = asked(explorer, {"id": "1", **question(kind=kind, picture=1)})
        assert "broken.jpg" in content["error"]
    assert "record" in asked(explorer, {"id": "1", **question()})[0]
    with pytest.raises(PictureError, match=r"broken\.jpg"):
        explore_activations(model, [broken, picture])


@pytest.mark.parametrize(
    "wrong",
    [
        {"picture": 2}, {"picture": -1}, {"picture": None}, {"picture": "0"}, {"model": 1},
        {"layer": 99}, {"layer": "first"}, {"model": 0.5},
    ],
)  # fmt: skip
def test_a_question_out_of_range_gets_an_answer_that_says_so(explorer, wrong):
    content, _ = asked(explorer, {"id": "1", **question(**wrong)})
    assert next(iter(wrong)) in content["error"]


def test_a_network_gone_astray_is_a_sentence(picture):
    import keras

    layer = keras.layers.Conv2D(2, 3, name="astray", bias_initializer=keras.initializers.Constant(
        float("nan")
    ))  # fmt: skip
    model = keras.Sequential([keras.Input((32, 32, 3)), layer])
    with pytest.raises(DataError, match="no finite numbers"):
        explore_activations(model, picture)


def test_pictures_have_names_that_tell_them_apart(model, picture, write):
    paths = [write(name, picture) for name in ("a/1.png", "b/1.png", "c/ünïcode 日本.png")]
    explorer = explore_activations(model, [*paths, picture, paths[0]])
    assert explorer.about["pictures"] == [
        "a/1.png (1)", "b/1.png", "ünïcode 日本.png", "picture 4", "a/1.png (5)"
    ]  # fmt: skip


def test_of_very_many_pictures_the_first_are_offered(model, picture, capsys):
    explorer = explore_activations(model, [picture] * 130)
    assert len(explorer.about["pictures"]) == 100
    assert "Of 130 pictures the first 100" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("layer", "third"), ("channel", 8), ("channel", -1), ("picture", 2), ("order", "random"),
        ("scaling", ""), ("overlay", 101), ("row", -2),
    ],
)  # fmt: skip
def test_settings_out_of_range_are_refused(explorer, name, value):
    explorer.layer = "first"
    before = getattr(explorer, name)
    with pytest.raises(Exception, match=r"."):
        setattr(explorer, name, value)
    assert getattr(explorer, name) == before


@pytest.mark.parametrize(
    "arguments",
    [
        {"stored": []}, {"stored": ["third"]}, {"layers": ["average"]}, {"layers": "third"},
        {"names": ["a", "b"]}, {"names": "one"}, {"pictures": []},
    ],
)  # fmt: skip
def test_bad_arguments_are_named(model, picture, arguments):
    with pytest.raises((ArgumentError, DataError)):
        explore_activations(**{"model": model, "pictures": picture, **arguments})


def test_the_model_stays_as_it_was(model, picture):
    before = [weights.copy() for weights in model.get_weights()]
    explore_activations(model, picture).answer(question())
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert open_network(model).layers


def test_a_classifier_before_and_after_fine_tuning_stands_side_by_side(tmp_path, picture):
    from tests.pictures import write_set
    from tests.training.tiny import tiny_backbone
    from tlcourse.data import load_images
    from tlcourse.training import build_classifier, fine_tune

    images = load_images(write_set(tmp_path / "set", 4, names=("red", "green")))
    before = build_classifier(tiny_backbone(), images.class_names)
    after = fine_tune(
        before, images, unfreeze="block3", learning_rate=1e-2, epochs=1, held_out=0,
        batch_size=4, engine="keras",
    )  # fmt: skip
    explorer = explore_activations(before, picture, compare=after, names=["before", "after"])
    assert explorer.about["models"] == ["before", "after"]
    names = [layer["name"] for layer in explorer.about["layers"]]
    for layer, moved in (("block1_conv", False), ("block3_b_conv", True)):
        number = next(n for n, name in enumerate(names) if name.endswith(layer))
        maps = []
        for model in (0, 1):
            question = {"id": "1", "kind": "maps", "model": model, "picture": 0, "layer": number}
            content, [data] = asked(explorer, question)
            maps.append(maps_in(content["record"], data))
        assert np.allclose(*maps, atol=1e-3) != moved, layer
