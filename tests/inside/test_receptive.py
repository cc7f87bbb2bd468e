"""Receptive fields: no pixel outside can change a unit, and each side of the rectangle does."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.inside.networks import branched, nested_two_deep, random_picture, small_cnn
from tlcourse.errors import ArgumentError
from tlcourse.inside import (
    Rectangle,
    open_network,
    receptive_field,
    receptive_fields,
    show_receptive_field,
)

L = keras.layers
CHANNELS = 2


def make_positive(model: keras.Model) -> None:
    """Set all weights above 0: then nothing cancels out, and what can influence does."""
    random = np.random.default_rng(0)
    for layer in model._flatten_layers(include_self=False, recursive=True):
        if isinstance(layer, keras.Model) or not layer.weights:
            continue
        values = [random.uniform(0.2, 1, w.shape) for w in layer.weights]
        if isinstance(layer, L.BatchNormalization):
            values = [np.ones(w.shape) for w in layer.weights]
        layer.set_weights(values)


def value(network, layer: str, unit: tuple[int, ...] | None, pixels: np.ndarray) -> float:
    _, outputs = network.run(pixels[None], [layer])
    output = np.asarray(outputs[network.layer(layer).name], np.float64)[0]
    return float(output.sum() if unit is None else output[unit].sum())


def check(network, layer: str, unit: tuple[int, ...] | None, *, exact: bool = True) -> None:
    """Compare a field with what changes when pixels do; the network must be positive."""
    found = receptive_field(network, layer, unit)
    box = found.rectangle
    if box.area:
        wide = found.unclipped
        assert wide.top <= box.top < box.bottom <= wide.bottom
        assert wide.left <= box.left < box.right <= wide.right
    random = np.random.default_rng(1)
    height, width, channels = network.input_shape
    pixels = random.uniform(1, 2, (height, width, channels)).astype(np.float32)
    before = value(network, layer, unit, pixels)
    outside = random.uniform(50, 100, pixels.shape).astype(np.float32)
    box.cut(outside)[:] = box.cut(pixels)
    if box.area == 0:
        outside[:] = 100
    assert value(network, layer, unit, outside) == pytest.approx(before, rel=1e-5), found
    if not exact or box.area == 0:
        return
    sides = {
        "top": np.s_[box.top, box.left : box.right],
        "bottom": np.s_[box.bottom - 1, box.left : box.right],
        "left": np.s_[box.top : box.bottom, box.left],
        "right": np.s_[box.top : box.bottom, box.right - 1],
    }
    for name, side in sides.items():
        changed = pixels.copy()
        changed[side] += 1e5
        assert value(network, layer, unit, changed) > before * (1 + 1e-4) + 1e-6, (name, found)


def one_conv(draw):
    kernel = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    padding = draw(st.sampled_from(["valid", "same"]))
    strides = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    dilation = (1, 1)
    if strides == (1, 1):
        dilation = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    return L.Conv2D(CHANNELS, kernel, strides, padding, dilation_rate=dilation)


def one_layer(draw):
    pads = ((draw(st.integers(0, 2)), draw(st.integers(0, 3))), (draw(st.integers(0, 2)), 1))
    padding = draw(st.sampled_from(["valid", "same"]))
    side, stride = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    twice = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return draw(
        st.sampled_from([
            lambda: L.DepthwiseConv2D(side, stride, padding),
            lambda: L.SeparableConv2D(CHANNELS, side, stride, padding),
            lambda: L.Conv2DTranspose(CHANNELS, side, stride, padding),
            lambda: L.MaxPooling2D(side, stride, padding),
            lambda: L.AveragePooling2D(side, stride, padding),
            lambda: L.ZeroPadding2D(pads),
            lambda: L.Cropping2D(pads),
            lambda: L.UpSampling2D(twice),
            lambda: L.UpSampling2D(twice, interpolation="bilinear"),
            lambda: L.BatchNormalization(),
            lambda: L.ReLU(),
            lambda: L.Dense(CHANNELS),
        ])
    )()  # fmt: skip


def random_network(draw):
    """Stacks of layers of every kind that is known, with branches in between."""
    size = draw(st.integers(6, 24)), draw(st.integers(6, 24))
    pixels = x = keras.Input((*size, 3))
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["conv", "other", "other", "add", "join", "squeeze"]))
        if kind in ("conv", "other"):
            x = (one_conv if kind == "conv" else one_layer)(draw)(x)
        elif kind == "squeeze":
            channels = x.shape[-1]
            weights = L.Reshape((1, 1, channels))(L.GlobalAveragePooling2D()(x))
            x = L.Multiply()([x, L.Conv2D(channels, 1)(weights)])
        else:
            sides = draw(st.integers(1, 5)), draw(st.integers(1, 5))
            left = L.Conv2D(CHANNELS, sides, padding="same")(x)
            right = L.Conv2D(CHANNELS, sides[::-1], padding="same", dilation_rate=2)(x)
            x = (L.Add if kind == "add" else L.Concatenate)()([left, right])
        assume(0 not in x.shape[1:] and max(x.shape[1:]) < 80)
    unit = draw(st.integers(0, x.shape[1] - 1)), draw(st.integers(0, x.shape[2] - 1))
    return keras.Model(pixels, x), unit


@settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
@given(st.data())
def test_fields_are_what_pixels_change_on_random_networks(data):
    try:
        model, unit = random_network(data.draw)
    except ValueError:  # the draw made no network: a window larger than its input
        assume(False)
    make_positive(model)
    network = open_network(model)
    check(network, network.layers[-1].name, unit)


@pytest.mark.parametrize("unit", [(0, 0), (7, 7), (3, 0)])
@pytest.mark.parametrize("layer", ["drop", "middle/inner/conv:2"])
def test_nested_models_are_gone_through(layer, unit):
    model = nested_two_deep()
    make_positive(model)
    check(open_network(model), layer, unit)


def test_what_a_head_sees():
    model = small_cnn()
    make_positive(model)
    network = open_network(model)
    assert receptive_field(network, "average").rectangle == Rectangle(0, 0, 16, 16)
    found = receptive_field(network, "answer")
    assert (found.rectangle, found.stride, found.unit) == (Rectangle(0, 0, 16, 16), None, None)
    assert found.share == 1


def test_a_unit_of_a_flattened_map_sees_what_it_saw_in_the_map():
    pixels = keras.Input((10, 12, 3))
    x = L.Conv2D(4, 3, name="conv")(pixels)
    model = keras.Model(pixels, L.Dense(2, name="dense")(L.Flatten(name="flat")(x)))
    make_positive(model)
    network = open_network(model)
    position = np.ravel_multi_index((5, 2, 1), (8, 10, 4))
    flat = receptive_field(network, "flat", int(position))
    assert flat.rectangle == receptive_field(network, "conv", (5, 2)).rectangle
    check(network, "flat", (int(position),))
    assert receptive_field(network, "dense", 1).rectangle == Rectangle(0, 0, 10, 12)


def test_operations_are_known_and_an_unknown_one_is_named():
    pixels = keras.Input((10, 10, 3))
    x = keras.ops.flip(keras.ops.relu(pixels * 2.0 + 1.0), axis=-1)
    x = L.Conv2D(4, 3, name="known")(x)
    x = keras.ops.concatenate([x[..., :2], x[..., 2:]], axis=-1)
    x = L.Identity(name="still_known")(x)
    x = L.Permute((2, 1, 3), name="turned")(x)
    x = L.Conv2D(4, 3, name="behind")(x)
    model = keras.Model(pixels, x, name="odd")
    make_positive(model)
    network = open_network(model)
    assert receptive_field(network, "still_known", (2, 3)).rectangle == Rectangle(2, 3, 5, 6)
    with pytest.raises(ArgumentError, match=r"(?s)'behind'.*'turned' \(Permute\).*still_known"):
        receptive_field(network, "behind")


def test_the_split_of_a_map_is_refused_by_name():
    network = open_network(branched())
    assert receptive_field(network, "stem").size == (3, 3)
    with pytest.raises(ArgumentError, match=r"\(Split\)"):
        receptive_field(network, "sum")


class Blur(L.Conv2D):
    """Looks like a convolution, and is somebody's own."""

    def call(self, inputs):
        return super().call(keras.ops.roll(inputs, 3, axis=1))


@pytest.mark.parametrize(
    "layer",
    [
        lambda: Blur(2, 3, padding="same"),
        lambda: L.Lambda(lambda x: x[:, ::-1]),
        lambda: L.Conv2D(2, 3, activation=lambda x: x[:, ::-1]),
        lambda: L.LayerNormalization(axis=(1, 2)),
        lambda: L.Softmax(axis=1),
        lambda: L.UpSampling2D(2, interpolation="bicubic"),
        lambda: L.Conv2DTranspose(2, 3, 2, output_padding=1),
        lambda: L.Reshape((64, 2)),
        lambda: L.Concatenate(axis=1),
    ],
)
def test_what_is_not_known_for_sure_is_refused(layer):
    pixels = keras.Input((8, 8, 3))
    x = L.Conv2D(2, 1)(pixels)
    made = layer()
    x = made([x, x]) if isinstance(made, L.Concatenate) else made(x)
    network = open_network(keras.Model(pixels, x))
    with pytest.raises(ArgumentError, match=f"'{network.layers[-1].name}'"):
        receptive_field(network, network.layers[-1].name)


PUBLISHED = {
    # Araujo, Norris and Sim (2019): size and stride of the last feature map
    "ResNet50V2": ("post_relu", 483, 32),
    "InceptionV3": ("mixed10", 1311, 32),
    "MobileNet": ("conv_pw_13_relu", 315, 32),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_sizes_are_those_published(name):
    layer, size, stride = PUBLISHED[name]
    model = getattr(keras.applications, name)(weights=None, include_top=False)
    found = receptive_field(model, layer)
    assert (found.size, found.stride) == ((size, size), (stride, stride))


def test_the_layers_of_vgg16(vgg16):
    sizes = {
        "preprocessing": 1, "block1_conv1": 3, "block1_conv2": 5, "block1_pool": 6,
        "block2_conv2": 14, "block3_conv3": 40, "block4_conv3": 92, "block5_conv3": 196,
        "block5_pool": 212,
    }  # fmt: skip
    network = open_network(vgg16)
    assert {name: receptive_field(network, name).size[0] for name in sizes} == sizes
    corner = receptive_field(network, "block5_conv3", (0, 13))
    assert corner.unclipped == Rectangle(-90, 118, 106, 314)
    assert corner.rectangle == Rectangle(0, 118, 106, 224)
    assert corner.centre == (7.5, 215.5)


@pytest.mark.parametrize(
    ("name", "layer", "units"),
    [
        ("VGG16", "block3_conv2", [(0, 0), (7, 3), (15, 15)]),
        ("VGG16", "block5_conv1", [(0, 3), (2, 2)]),
        ("ResNet50", "conv2_block3_out", [(0, 0), (15, 15), (8, 4)]),
        ("ResNet50", "conv3_block4_out", [(0, 0), (7, 7)]),
    ],
)
def test_large_networks_of_random_positive_weights(name, layer, units):
    """Of 64 pixels a side, so that fields end within the picture."""
    model = getattr(keras.applications, name)(
        weights=None, include_top=False, input_shape=(64, 64, 3)
    )
    for variable in model.weights:
        fan = max(1, int(np.prod(variable.shape[:-1])))
        if "kernel" in variable.path:  # the mean stays about the same from layer to layer
            variable.assign(np.random.default_rng(0).uniform(0.5, 1.5, variable.shape) / fan)
    network = open_network(model)
    for unit in units:
        check(network, layer, unit)


@pytest.mark.parametrize("layer", ["stage1_block1_project_bn", "stage3_block1_project_bn"])
def test_efficientnet_sees_nothing_outside(lite0, layer):
    network = open_network(lite0)
    shape = network.layer(layer).shape
    for unit in [(0, 0), (shape[0] // 2, 3), (shape[0] - 1, shape[1] - 1)]:
        check_with_signs(network, layer, unit)


def check_with_signs(network, layer, unit):
    """Of trained weights, which have both signs: gradients tell what influences the unit."""
    import tensorflow as tf

    found = receptive_field(network, layer, unit)
    pixels = tf.Variable(np.random.default_rng(0).uniform(100, 150, (1, *network.input_shape)))
    with tf.GradientTape() as tape:
        _, outputs = network.run(tf.cast(pixels, tf.float32), [layer])
        total = tf.reduce_sum(
            outputs[layer][0, unit[0], unit[1]] * np.arange(1.0, 1 + outputs[layer].shape[-1])
        )
    gradient = np.abs(np.asarray(tape.gradient(total, pixels)))[0].max(axis=-1)
    outside = gradient.copy()
    found.rectangle.cut(outside)[:] = 0
    assert outside.max() == 0
    assert found.rectangle.cut(gradient).max() > 0


def test_a_unit_that_sees_nothing_but_padding_sees_no_pixel():
    pixels = keras.Input((6, 6, 3))
    x = L.Conv2D(2, 3, padding="same", name="conv")(L.ZeroPadding2D(4)(pixels))
    model = keras.Model(pixels, x)
    make_positive(model)
    found = receptive_field(model, "conv", (0, 0))
    assert (found.rectangle.area, found.share) == (0, 0)
    assert found.unclipped == Rectangle(-5, -5, -2, -2)
    check(open_network(model), "conv", (0, 0))


def test_units_are_counted_and_others_refused():
    fields = receptive_fields(small_cnn(), "second")
    assert fields.at().unit == (4, 4)
    for unit, words in [((8, 0), "'row'.*0 to 7"), (3, "row, column"), ((1, 2, 3), "no such unit"),
                        ((0, -1), "'column'")]:  # fmt: skip
        with pytest.raises(ArgumentError, match=f"(?s){words}"):
            fields.at(unit)
    with pytest.raises(ArgumentError, match=r"(?s)first, pool.*'third'"):
        receptive_fields(small_cnn(), "third")


def test_a_field_is_drawn_and_told(tmp_path):
    field = receptive_field(small_cnn(), "second", (0, 7))
    figure = show_receptive_field(random_picture(64), field)
    assert "second (0, 7): 8 × 8 pixels, stride 2 × 2; in the picture rows 0–4" in figure.alt
    assert "reaches out of the picture" in figure.alt
    assert figure.save(tmp_path / "f.png").read_bytes()[:4] == b"\x89PNG"
    inside = show_receptive_field(random_picture(64), receptive_field(small_cnn(), "second"))
    assert "reaches out" not in inside.alt
    with pytest.raises(ArgumentError, match="'field' is of the wrong kind"):
        show_receptive_field(random_picture(64), (3, 3))
