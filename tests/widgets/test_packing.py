"""Maps as bytes: what the browser reads is what the network said, within the promised error."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.widgets.helpers import maps_in
from tlcourse.errors import DataError
from tlcourse.widgets.packing import pack_maps, pack_picture, pack_stored, shrink


def some_maps(height: int, width: int, channels: int, seed: int = 0) -> np.ndarray:
    return np.random.RandomState(seed).normal(0, 3, (height, width, channels)).astype(np.float32)


def order_of(maps: np.ndarray) -> list[int]:
    return np.argsort(-maps.mean(axis=(0, 1)), kind="stable").tolist()


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 1, 3), (7, 7, 512), (5, 9, 2), (30, 30, 3)])
def test_every_unit_comes_back_within_half_a_step(shape, bits):
    maps = some_maps(*shape)
    record, data = pack_maps(maps, order_of(maps), bits)
    spread = maps.max(axis=(0, 1)) - maps.min(axis=(0, 1))
    error = np.abs(np.moveaxis(maps_in(record, data), 0, -1) - maps)
    assert (error <= spread / (2**bits - 1) * 0.51 + 1e-5).all()
    assert len(data) == shape[2] * (8 + shape[0] * shape[1] * bits // 8)


def test_a_channel_that_is_the_same_everywhere_keeps_its_value():
    maps = np.zeros((4, 4, 3), np.float16)
    maps[..., 1], maps[..., 2] = -2.5, 7
    record, data = pack_maps(maps, [2, 0, 1])
    assert maps_in(record, data)[:, 0, 0].tolist() == [0.0, -2.5, 7.0]
    assert record["range"] == [-2.5, 7.0]
    assert record["order"] == [2, 0, 1]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_refused_by_name(value):
    maps = np.ones((3, 3, 2), np.float32)
    maps[1, 1, 1] = value
    with pytest.raises(DataError, match="1 of 18"):
        pack_maps(maps, [0, 1])


@pytest.mark.parametrize("limit", [0, 100, 1_000, 5_000, 20_000, 100_000, 10**7])
def test_what_is_stored_never_exceeds_its_limit(limit):
    layers = [(maps := some_maps(112, 112, 96), order_of(maps)), (some_maps(7, 7, 5), [*range(5)])]
    packed = pack_stored(layers, limit)
    assert sum(len(answer.data) for answer in packed) <= limit
    assert len(packed) in (0, 2)


def test_stored_maps_are_the_strongest_as_means_of_their_units():
    maps = np.abs(some_maps(112, 112, 96))
    order = order_of(maps)
    [(record, data)] = pack_stored([(maps, order)], 10**7)
    assert record["channels"] == order[:64]
    assert record["order"] == order
    means = maps.reshape(56, 2, 56, 2, 96).mean(axis=(1, 3))
    for place, channel in enumerate(record["channels"]):
        spread = np.ptp(means[..., channel])
        assert np.allclose(maps_in(record, data)[place], means[..., channel], atol=spread / 500)
    assert record["range"] == [float(maps.min()), float(maps.max())]


def test_of_two_limits_the_larger_keeps_at_least_as_much():
    maps = some_maps(64, 64, 64)
    kept = []
    for limit in (2_000, 20_000, 60_000, 300_000):
        packed = pack_stored([(maps, order_of(maps))], limit)
        record = packed[0].record if packed else {"count": 0, "height": 0}
        kept.append((record["count"], record["height"]))
    assert kept == sorted(kept)


@pytest.mark.parametrize(("height", "width"), [(300, 10), (10, 300), (57, 56), (1, 100), (56, 56)])
def test_shrinking_keeps_the_shape_and_the_limit(height, width):
    small = shrink(some_maps(height, width, 2), 56)
    assert max(small.shape[:2]) <= 56
    assert min(small.shape[:2]) >= 1
    assert small.shape[2] == 2


def test_a_picture_is_exact_where_it_is_not_stored():
    pixels = np.random.RandomState(3).randint(0, 256, (20, 30, 3)).astype(np.uint8)
    record, data = pack_picture(pixels)
    assert record["type"] == "image/png"
    assert np.array_equal(np.array(Image.open(io.BytesIO(data))), pixels)
    record, data = pack_picture(pixels, stored=True)
    assert Image.open(io.BytesIO(data)).format == "JPEG"
