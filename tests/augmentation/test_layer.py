"""The Keras layer: the same changes, in training only, and nothing of it in a saved answer."""

from __future__ import annotations

import numpy as np
import pytest

from tlcourse.augmentation import Augmentation
from tlcourse.augmentation.layer import AugmentationLayer
from tlcourse.data import open_picture, photograph
from tlcourse.errors import ArgumentError

keras = pytest.importorskip("keras")


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return np.stack([open_picture(photograph(name), (32, 48)) for name in ("cat", "coffee")] * 6)


def model_of(augmentation: Augmentation, dtype: str = "uint8"):
    """A model that gives out what comes behind the layer: as a mean, and as it is."""
    entry = keras.Input((32, 48, 3), dtype=dtype)
    behind = augmentation.layer()(entry)
    values = keras.layers.Rescaling(1 / 255, dtype="float32")(behind)
    return keras.Model(entry, keras.layers.GlobalAveragePooling2D()(values))


def test_the_layer_makes_the_same_pictures_as_the_augmentation(pictures):
    augmentation = Augmentation(seed=4)
    expected = augmentation(pictures)
    for sizes in ([12], [5, 7], [1] * 12):
        layer = augmentation.layer()
        parts = np.split(pictures, np.cumsum(sizes)[:-1])
        made = np.concatenate([layer(part, training=True).numpy() for part in parts])
        np.testing.assert_array_equal(made, expected)


def test_the_next_pass_gets_other_changes(pictures):
    layer = Augmentation().layer()
    first, second = (layer(pictures, training=True).numpy() for _ in range(2))
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(second, Augmentation()(pictures, range(12, 24)))


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float16"])
def test_type_and_range_stay(pictures, dtype):
    values = pictures.astype(dtype)
    changed = Augmentation(brightness=1.0, max_changes=7).layer()(values, training=True).numpy()
    assert changed.dtype == dtype
    assert changed.min() >= 0
    assert changed.max() <= 255
    whole = Augmentation(brightness=1.0, max_changes=7)(pictures)
    tolerance = 0 if dtype == "uint8" else 0.6
    assert np.abs(changed.astype(float) - whole).max() <= tolerance


@pytest.mark.parametrize("training", [False, None])
def test_without_training_nothing_changes(pictures, training):
    layer = Augmentation().layer()
    np.testing.assert_array_equal(layer(pictures, training=training).numpy(), pictures)
    assert int(layer.seen) == 0


def test_predict_and_evaluate_see_untouched_pictures_and_fit_does_not(pictures):
    model = model_of(Augmentation(rotation=0, zoom=0, translation=0, flip=False, max_changes=3))
    means = (pictures / 255).mean(axis=(1, 2))
    model.compile(loss="mse", metrics=["mae"])
    np.testing.assert_allclose(model.predict(pictures, verbose=0), means, atol=1e-5)
    assert model.evaluate(pictures, means, verbose=0)[1] < 1e-5
    seen = model.fit(pictures, means, verbose=0).history["mae"][0]
    assert seen > 1e-3
    np.testing.assert_allclose(model.predict(pictures, verbose=0), means, atol=1e-5)


def test_it_is_saved_and_read_with_settings_and_count(pictures, tmp_path):
    augmentation = Augmentation(rotation=7, vertical_flip=True, max_changes=3, seed=11)
    model = model_of(augmentation)
    model.compile(loss="mse")
    means = (pictures / 255).mean(axis=(1, 2))
    model.fit(pictures, means, epochs=2, verbose=0)
    path = tmp_path / "with augmentation.keras"
    model.save(path)
    again = keras.models.load_model(path)
    np.testing.assert_allclose(again.predict(pictures, verbose=0), means, atol=1e-5)
    layer = next(x for x in again.layers if isinstance(x, AugmentationLayer))
    assert layer.augmentation == augmentation
    assert int(layer.seen) == 24
    np.testing.assert_array_equal(
        layer(pictures, training=True).numpy(), augmentation(pictures, range(24, 36))
    )


def test_a_graph_keeps_size_and_type_of_its_input():
    symbol = keras.Input((20, 30, 3), dtype="uint8")
    behind = Augmentation().layer()(symbol)
    assert behind.shape == symbol.shape
    assert behind.dtype == "uint8"


def test_it_works_on_batches_in_tf_data(pictures):
    import tensorflow as tf

    layer = Augmentation(seed=1).layer()
    data = tf.data.Dataset.from_tensor_slices(pictures).batch(5)
    made = np.concatenate(list(data.map(lambda x: layer(x, training=True)).as_numpy_iterator()))
    np.testing.assert_array_equal(made, Augmentation(seed=1)(pictures))


def test_what_is_no_batch_of_pictures_is_named():
    with pytest.raises(ArgumentError, match=r"\(n, height, width, 3\)"):
        Augmentation().layer()(np.zeros((32, 32, 3), np.uint8), training=True)


def test_compiling_by_xla_is_declined():
    model = model_of(Augmentation())
    model.compile(loss="mse", jit_compile="auto")
    assert model.jit_compile is False
