"""The ledger: what really learns, forgotten recompiles, and how far each layer moved."""

import numpy as np
import pytest

from tests.pictures import write_set
from tests.training.tiny import SIDE, tiny_backbone
from tlcourse.data import load_images
from tlcourse.errors import ArgumentError
from tlcourse.features import extract_features
from tlcourse.training import build_classifier, fine_tune, ledger, load_classifier, train_head


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return load_images(write_set(tmp_path_factory.mktemp("set"), 6))


@pytest.fixture(scope="module")
def tuned(images):
    start = build_classifier(tiny_backbone(), images.class_names)
    return fine_tune(
        start, images, unfreeze="block3", epochs=1, batch_size=4, held_out=0, learning_rate=1e-3,
        engine="keras",
    )  # fmt: skip


@pytest.fixture
def model():
    """A plain Keras model with the network nested in it, its lower part frozen, compiled."""
    import keras

    network = tiny_backbone().network
    network.trainable = False
    pixels = keras.Input((SIDE, SIDE, 3))
    x = keras.layers.GlobalAveragePooling2D()(network(pixels))
    model = keras.Model(pixels, keras.layers.Dense(2, name="head")(x))
    model.compile("adam", "mse")
    return model


def learn(model):
    model.fit(np.ones((4, SIDE, SIDE, 3)), np.ones((4, 2)), epochs=1, verbose=0)


def test_after_fine_tuning_it_tells_what_learned_at_which_rate_and_how_far_it_moved(tuned):
    rows = ledger(tuned)
    assert rows["block3_b_conv"].learns == "rate 1.0e-03"
    assert rows["block3_b_conv"].change > 0
    assert rows["probabilities"].learns == "rate 1.0e-02"
    for name in ("block1_conv", "block2_b_conv", "block3_b_bn"):
        assert (rows[name].learns, rows[name].change, rows[name].trainable) == ("no", 0.0, False)
    assert {row.batch_norm for row in rows if "bn" in row.layer} == {"frozen"}
    assert "4 of 13 layers learn" in rows.summary()
    assert "5 of 5 BatchNorm layers frozen" in rows.summary()
    assert not rows.problems


def test_it_is_saved_with_the_model(tuned, tmp_path):
    read = load_classifier(tuned.save(tmp_path / "tuned.keras"))
    assert repr(ledger(read)) == repr(ledger(tuned))


def test_of_a_frozen_backbone_the_head_alone_has_learned(images):
    trained = train_head(extract_features(tiny_backbone(), images, engine="keras"))
    rows = ledger(trained)
    assert [row.layer for row in rows if row.learns != "no"] == ["probabilities"]
    assert rows["probabilities"].learns == "closed form"


def test_a_forgotten_recompile_is_a_problem(model):
    learn(model)
    assert not ledger(model).problems
    model.layers[1].trainable = True
    rows = ledger(model)
    assert {row.layer for row in rows.problems} >= {"tiny/block1_conv", "tiny/block3_b_bn"}
    assert all("compile again" in row.problem for row in rows.problems)
    assert "PROBLEMS" in rows.summary()
    before = [np.array(w) for w in model.layers[1].weights]
    learn(model)  # and indeed
    kernels = [i for i, w in enumerate(model.layers[1].weights) if w.name == "kernel"]
    after = [np.array(w) for w in model.layers[1].weights]
    assert all(np.array_equal(before[i], after[i]) for i in kernels)
    model.compile("adam", "mse")
    assert not ledger(model).problems
    learn(model)
    assert not ledger(model).problems
    assert ledger(model)["block1_conv"].learns == "in the optimiser"


def test_a_layer_frozen_after_compiling_is_a_problem_too(model):
    learn(model)
    model.get_layer("head").trainable = False
    [row] = ledger(model).problems
    assert "still in the optimiser" in row.problem


def test_a_model_that_was_not_compiled_has_no_problem(model):
    import keras

    plain = keras.Model(model.input, model.output)
    assert not ledger(plain).problems
    assert all(row.learns == "no" for row in ledger(plain))


def test_batch_norm_that_may_move_is_told(model):
    model.layers[1].trainable = True
    assert ledger(model)["block1_bn"].batch_norm == "moves"


def test_the_change_of_a_keras_model_is_measured_since_another(model):
    import keras

    before = keras.models.clone_model(model)
    before.set_weights(model.get_weights())
    model.get_layer("head").set_weights([2 * w for w in model.get_layer("head").get_weights()])
    rows = ledger(model, since=before)
    assert rows["head"].change == pytest.approx(1)
    assert rows["block1_conv"].change == 0
    with pytest.raises(ArgumentError, match="another network"):
        ledger(model, since=keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]))


def test_names_are_escaped_and_problems_stand_out_in_html(model):
    learn(model)
    model.get_layer("head").trainable = False
    model.get_layer("head").name = "<b>head</b>"
    html = ledger(model)._repr_html_()
    assert "&lt;b&gt;head" in html
    assert "<b>head" not in html
    assert html.count("font-weight: bold") == 1


def test_wrong_kinds_and_names_are_explained(tuned):
    with pytest.raises(ArgumentError, match="model"):
        ledger("model.keras")
    with pytest.raises(ArgumentError, match="block1_conv"):
        ledger(tuned)["block9_conv"]
