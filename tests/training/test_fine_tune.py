"""`fine_tune`: what learns, what stays, and that the fast way ends where the slow one does."""

import threading

import numpy as np
import pytest

from tests.pictures import write_set
from tests.training.tiny import SIDE, same, tiny_backbone, weights_of
from tlcourse.augmentation import Augmentation
from tlcourse.data import load_images, split
from tlcourse.evaluation import evaluate
from tlcourse.features import extract_features
from tlcourse.training import build_classifier, fine_tune, load_classifier, train_head

COLOURS = ("red", "green", "blue")
QUICK = {"epochs": 2, "batch_size": 4, "engine": "keras", "held_out": 0}


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = write_set(tmp_path_factory.mktemp("set"), 8, names=COLOURS)
    return split(load_images(folder), test=0.25, validation=0.25)


@pytest.fixture(scope="module")
def train(images):
    """To learn from whole: without held-out pictures the last epoch counts."""
    return images.train.with_splits(None)


@pytest.fixture(scope="module")
def backbone():
    return tiny_backbone()


@pytest.fixture(scope="module")
def untrained(backbone, images):
    return build_classifier(backbone, images.class_names, strategy="train_top", seed=1)


@pytest.fixture(scope="module")
def tuned(untrained, train):
    return fine_tune(untrained, train, unfreeze="block3", learning_rate=1e-3, **QUICK)


def moved(before, after) -> set[str]:
    """Return the layers of a network whose weights changed."""
    pairs = zip(before.network.layers, after.network.layers, strict=True)
    return {a.name for a, b in pairs if not same(weights_of(a), weights_of(b))}


def test_the_layers_asked_for_learn_and_no_other(backbone, tuned):
    assert moved(backbone, tuned.backbone) == {
        "block3_a_conv", "block3_b_conv", "block3_shortcut_conv"
    }  # fmt: skip


def test_the_classifier_and_the_backbone_of_the_caller_stay_as_they_are(images, train):
    backbone = tiny_backbone(seed=3)
    start = build_classifier(backbone, images.class_names, seed=1)
    before = weights_of(start.model), backbone.weights_sha256, start.head
    trainable = [layer.trainable for layer in backbone.network.layers]
    fine_tune(start, train, unfreeze="all", learning_rate=1e-2, **QUICK)
    assert same(weights_of(start.model), before[0])
    assert backbone.weights_sha256 == before[1]
    assert start.head is before[2]
    assert [layer.trainable for layer in backbone.network.layers] == trainable


def test_the_result_is_a_classifier_like_any_other(tuned, images, tmp_path):
    answers = tuned.predict(images.test).probabilities
    table = extract_features(tuned.backbone, images.test, engine="keras")
    assert tuned.head(table.features) == pytest.approx(answers, abs=1e-5)
    assert evaluate(tuned, table).n_test == len(images.test)
    assert tuned.record["weights_sha256"] == tuned.backbone.weights_sha256
    read = load_classifier(tuned.save(tmp_path / "tuned.keras"))
    assert read.predict(images.test).probabilities == pytest.approx(answers, abs=1e-6)


def test_batch_norm_statistics_stay_bit_by_bit_even_where_everything_learns(
    backbone, images, train
):
    start = build_classifier(backbone, images.class_names)
    tuned = fine_tune(start, train, unfreeze="all", learning_rate=1e-2, **QUICK)
    assert "block1_conv" in moved(backbone, tuned.backbone)
    assert not any("bn" in name for name in moved(backbone, tuned.backbone))


def test_calling_with_training_false_alone_does_not_freeze_batch_norm_under_fit():
    """The trap that `fine_tune` avoids; the guide's advice does not hold in Keras 3.15."""
    import keras

    if not keras.__version__.startswith("3.15."):
        pytest.skip("known of Keras 3.15")
    network = tiny_backbone().network
    pixels = keras.Input((SIDE, SIDE, 3))
    x = keras.layers.GlobalAveragePooling2D()(network(pixels, training=False))
    model = keras.Model(pixels, keras.layers.Dense(2)(x))
    model.compile("sgd", "mse")
    before = weights_of(network.get_layer("block1_bn"))[2:]
    model.fit(np.ones((8, SIDE, SIDE, 3)), np.ones((8, 2)), epochs=1, verbose=0)
    assert not same(before, weights_of(network.get_layer("block1_bn"))[2:])


@pytest.mark.parametrize("augmentation", [None, Augmentation(seed=5)])
def test_the_frozen_part_computed_once_gives_what_the_plain_loop_gives(
    untrained, images, augmentation
):
    start = build_classifier(tiny_backbone(dropout=0.0), images.class_names, seed=1)
    arguments = {
        **QUICK, "epochs": 4, "unfreeze": "block3", "learning_rate": 1e-3, "variants": 3,
        "augmentation": augmentation,
    }  # fmt: skip
    fast, slow = (fine_tune(start, images, cache_frozen=c, **arguments) for c in (True, False))
    for a, b in zip(fast.history.epochs, slow.history.epochs, strict=True):
        assert (a.validation_loss, a.loss or 0) == pytest.approx(
            (b.validation_loss, b.loss or 0), abs=2e-2
        )
    assert fast.predict(images.test).probabilities == pytest.approx(
        slow.predict(images.test).probabilities, abs=2e-2
    )


def test_the_versions_of_a_picture_are_itself_and_then_changed_ones(images):
    from tlcourse.training.rows import PixelRows

    pixels = np.random.default_rng(0).integers(0, 256, (5, SIDE, SIDE, 3), np.uint8)
    augmentation = Augmentation(seed=2)
    rows, some = PixelRows(pixels, augmentation, 3), np.array([3, 1])
    assert np.array_equal(rows.batch(some, 0), pixels[some])
    for epoch, version in [(1, 1), (2, 2), (4, 1)]:
        expected = augmentation(pixels[some], [3, 1], version)
        assert np.array_equal(rows.batch(some, epoch), expected)
    assert np.array_equal(rows.batch(some, 3), pixels[some])


def test_numbers_too_large_for_float16_are_kept_whole(capsys):
    from tlcourse.training.rows import FrozenRows, PixelRows

    class Engine:
        name = "test"

        def __call__(self, batch):
            return batch.astype(np.float32) * 1000

    pixels = np.zeros((12, 4, 4, 3), np.uint8)
    pixels[10] = 250
    kept = FrozenRows(PixelRows(pixels), Engine(), (4, 4, 3), 1)
    assert np.array_equal(kept.batch(np.arange(12), 0), pixels * np.float32(1000))
    assert "float32" in capsys.readouterr().err


@pytest.mark.parametrize("head", ["gap", "dense", "svm"])
def test_every_kind_of_head_is_fitted_first_and_learns_on(backbone, images, train, head):
    start = build_classifier(backbone, images.class_names, head=head)
    still = fine_tune(start, images, unfreeze="block3", learning_rate=1e-9, **QUICK)
    assert still.history[0].validation_accuracy > 0.5  # the head was there before the first epoch
    tuned = fine_tune(start, train, unfreeze="block3", learning_rate=1e-3, **QUICK)
    assert tuned.head.name == head
    assert not np.array_equal(tuned.head.layers[-1].weights, start.head.layers[-1].weights)
    probabilities = tuned.predict(images.test).probabilities
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("head", ["gap", "dense", "svm"])
def test_a_classifier_read_from_a_file_learns_as_the_one_that_was_saved(
    backbone, train, tmp_path, head
):
    trained = train_head(extract_features(backbone, train, engine="keras"), head)
    read = load_classifier(trained.save(tmp_path / "model.keras"))
    one, other = (
        fine_tune(c, train, unfreeze="block3", learning_rate=1e-3, **QUICK) for c in (trained, read)
    )
    assert same(weights_of(one.model), weights_of(other.model))
    assert other.backbone.preprocessing == backbone.preprocessing


def test_a_file_with_vgg_keeps_its_order_of_channels(images, tmp_path):
    from tlcourse.backbones import load_backbone

    vgg = load_backbone("vgg16", weights="random", input_size=32)
    start = build_classifier(vgg, images.class_names)
    read = load_classifier(start.save(tmp_path / "vgg.keras"))
    tuned = fine_tune(read, images, unfreeze=1, learning_rate=1e-9, **QUICK)
    assert tuned.backbone.preprocessing == vgg.preprocessing


def test_the_same_seed_gives_the_same_network_and_another_one_another(untrained, train, tuned):
    arguments = {"unfreeze": "block3", "learning_rate": 1e-3, **QUICK}
    again = fine_tune(untrained, train, **arguments)
    other = fine_tune(untrained, train, **arguments, seed=1)
    assert same(weights_of(tuned.model), weights_of(again.model))
    assert not same(weights_of(tuned.model), weights_of(other.model))


def test_labels_are_matched_by_name_whatever_the_order_of_the_classes(backbone, images, train):
    turned = images.class_names[::-1]
    one, other = (
        fine_tune(build_classifier(backbone, names), train, unfreeze=1, learning_rate=1e-9, **QUICK)
        for names in (images.class_names, turned)
    )
    assert other.class_names == turned
    probabilities = [c.predict(images.test).probabilities for c in (one, other)]
    assert probabilities[0] == pytest.approx(probabilities[1][:, ::-1], abs=1e-3)


def test_strategies_say_what_learns(backbone, images, train):
    names = images.class_names
    tuned = {
        strategy: fine_tune(
            build_classifier(backbone, names, strategy=strategy),
            train, **{**QUICK, "learning_rate": 1e-2},
        )
        for strategy in ("freeze_base", "train_top", "train_all")
    }  # fmt: skip
    assert tuned["freeze_base"].backbone is backbone
    assert tuned["freeze_base"].head.is_trained
    assert len(moved(backbone, tuned["train_top"].backbone)) == 2
    assert len(moved(backbone, tuned["train_all"].backbone)) == 7


def test_from_scratch_starts_from_random_weights_and_trains_batch_norm(images, train):
    from tlcourse.backbones import load_backbone

    lite = load_backbone("efficientnet_lite0", input_size=32)
    start = build_classifier(lite, images.class_names, strategy="from_scratch", seed=4)
    assert start.backbone.weights_sha256 != lite.weights_sha256
    assert start.backbone.provenance.source == "random"
    tuned = fine_tune(start, train, **{**QUICK, "epochs": 1})
    assert {"stem_conv", "stem_bn", "head_bn"} <= moved(start.backbone, tuned.backbone)


def test_gradual_unfreezing_sets_a_block_free_each_epoch(backbone, images, train):
    start = build_classifier(backbone, images.class_names)
    seen = []
    arguments = {
        **QUICK, "epochs": 4, "unfreeze": "all", "learning_rate": 1e-2,
        "gradual": True,
    }  # fmt: skip
    for epochs in (1, 2, 3):
        stop = threading.Event()
        tuned = fine_tune(
            start, train, **arguments, stop=stop,
            on_epoch=lambda h, n=epochs, s=stop: s.set() if h.epochs[-1].number == n else None,
        )  # fmt: skip
        seen.append({name.partition("_")[0] for name in moved(backbone, tuned.backbone)})
    assert seen == [set(), {"block3"}, {"block2", "block3"}]


def test_lower_blocks_learn_at_lower_rates(backbone, images, train):
    start = build_classifier(backbone, images.class_names)
    tuned = fine_tune(start, train, unfreeze="all", learning_rate=1e-3, layer_decay=0.1, **QUICK)
    rows = {row["layer"]: row for row in tuned.record["fine_tuning"]["layers"]}
    rates = [rows[f"block{n}{part}_conv"]["learns"] for n, part in ((3, "_b"), (2, "_b"), (1, ""))]
    assert rates == ["rate 1.0e-03", "rate 1.0e-04", "rate 1.0e-05"]
    assert rows["block3_b_conv"]["change"] > 5 * rows["block1_conv"]["change"]


def test_the_head_alone_learns_by_steps_where_no_layer_is_set_free(backbone, images):
    start = build_classifier(backbone, images.class_names)
    tuned = fine_tune(
        start, images, augmentation=Augmentation(), learning_rate=1e-3, variants=2, **QUICK
    )
    assert moved(backbone, tuned.backbone) == set()
    assert len(tuned.history) == 3
