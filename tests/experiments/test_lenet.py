"""LeNet-5: built as published, its loss, its training, and what it says to strange pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tlcourse.data import ImageSet, load_dataset, load_images, split
from tlcourse.errors import ArgumentError, DataError
from tlcourse.experiments import count_lenet, drawings, lenet_5, lenet_today, read_digits
from tlcourse.experiments.lenet import TAKES, on_lenets_paper
from tlcourse.experiments.lenet_reading import ReadDigits


@pytest.fixture(scope="module")
def digits() -> ImageSet:
    return split(load_dataset("digits"))


@pytest.fixture(scope="module")
def reading(digits: ImageSet) -> ReadDigits:
    return read_digits(digits, epochs=6)


def test_every_layer_has_the_parameters_and_connections_of_the_paper():
    counted = count_lenet(lenet_5())
    assert [tuple(layer[2:]) for layer in counted.layers] == [
        (156, 122_304), (12, 5_880), (1_516, 151_600), (32, 2_000), (48_120, 48_120),
        (10_164, 10_164), (0, 840),
    ]  # fmt: skip
    assert counted.parameters == 60_000
    assert counted.connections == 340_908
    assert "340,908" in repr(counted)
    assert "340,908" in counted._repr_html_()


def test_the_third_layer_is_connected_as_in_table_1_of_the_paper():
    # Maps 0-5 take three neighbours, 6-11 four, 12-14 four with a gap, 15 all; six of six.
    assert [len(taken) for taken in TAKES] == [3] * 6 + [4] * 9 + [6]
    assert [sum(source in taken for taken in TAKES) for source in range(6)] == [10] * 6


def test_a_map_of_the_third_layer_sees_only_its_own_sources():
    import keras

    network = lenet_5(seed=1)
    third = network.get_layer("C3")
    maps = np.random.default_rng(0).normal(size=(1, 14, 14, 6)).astype(np.float32)
    changed = maps.copy()
    changed[..., 5] += 1
    before, after = (np.asarray(third(keras.ops.convert_to_tensor(m))) for m in (maps, changed))
    moved = [map_ for map_ in range(16) if not np.allclose(before[..., map_], after[..., map_])]
    assert moved == [map_ for map_, taken in enumerate(TAKES) if 5 in taken]


def test_subsampling_begins_as_the_squashed_mean():
    layer = lenet_5().get_layer("S2")
    maps = np.arange(2 * 28 * 28 * 6, dtype=np.float32).reshape(2, 28, 28, 6) / 9000
    means = maps.reshape(2, 14, 2, 14, 2, 6).mean(axis=(2, 4))
    np.testing.assert_allclose(layer(maps), 1.7159 * np.tanh(2 / 3 * means), rtol=1e-5)


def test_the_squashing_leaves_one_where_it_is():
    from tlcourse.experiments.lenet_layers import squash

    assert float(squash(np.float32(1))) == pytest.approx(1, abs=1e-4)
    assert float(squash(np.float32(-50))) == pytest.approx(-1.7159)


def test_scores_are_minus_the_squared_distances_to_the_drawings():
    layer = lenet_5().get_layer("output")
    rows = drawings().reshape(10, 84)
    scores = np.asarray(layer(rows))
    assert np.allclose(np.diag(scores), 0)
    points = (rows[:, None] != rows[None]).sum(axis=2)
    np.testing.assert_allclose(scores, -4.0 * points)  # a point that differs is 2 off, squared
    assert points[~np.eye(10, dtype=bool)].min() >= 5, "two drawings are too much alike"


def test_the_loss_pulls_a_digit_to_its_drawing_and_no_farther():
    from tlcourse.experiments.lenet_layers import NONE_OF_THEM, criterion

    far = np.full((1, 10), -400, np.float32)
    far[0, 3] = -80
    near = np.full((1, 10), -400, np.float32)
    near[0, 3] = 0
    label = np.array([3])
    # Plain cross-entropy would be content with both: the right one is nearest by far.
    assert float(criterion(label, far)[0]) == pytest.approx(80 - NONE_OF_THEM, rel=1e-3)
    assert float(criterion(label, near)[0]) == pytest.approx(np.log1p(np.exp(-NONE_OF_THEM)))


def test_todays_parts_make_a_network_of_the_known_size():
    assert lenet_today().count_params() == 61_706
    assert lenet_today(3).output_shape == (None, 10)


def test_the_seed_decides_the_weights():
    first, same, other = (lenet_5(seed).get_weights() for seed in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("seed", [-1, 2**32, 0.5, "0"])
def test_a_seed_that_cannot_be_is_refused(seed):
    for build in (lenet_5, lenet_today):
        with pytest.raises(ArgumentError, match="'seed'"):
            build(seed)


def test_digits_lie_in_the_middle_of_the_paper_or_anywhere(digits: ImageSet):
    few = digits.test[np.arange(0, 400, 8)]
    middle, labels = on_lenets_paper(few)
    assert middle.shape == (50, 32, 32, 1)
    assert labels.tolist() == few.labels.tolist()
    assert middle.max() <= 255
    assert middle.min() == 0
    assert not middle[:, :6].any()
    assert not middle[:, 26:].any()
    anywhere, same = (on_lenets_paper(few, anywhere=True, seed=s)[0] for s in (1, 1))
    assert np.array_equal(anywhere, same)
    np.testing.assert_allclose(anywhere.sum(axis=(1, 2, 3)), middle.sum(axis=(1, 2, 3)), rtol=1e-5)
    assert anywhere[:, :6].any()
    assert anywhere[:, 26:].any()


def test_it_learns_to_read_and_its_report_is_about_the_test_digits(reading, digits):
    assert reading.report.n_test == len(digits.test)
    assert reading.report.paths == digits.test.paths
    assert reading.report.accuracy > 0.9
    assert reading.learned.errors[-1] < 0.05
    np.testing.assert_allclose(reading.report.probabilities.sum(axis=1), 1, rtol=1e-5)
    assert repr(reading) == repr(reading.report)


def test_a_picture_that_is_no_digit_is_far_from_every_drawing(reading, digits):
    of_digits = np.median(reading.distances(digits.test))
    of_others = np.median(reading.distances(load_dataset("faces")))
    assert of_others > 5 * of_digits


def test_the_figure_tells_how_each_digit_was_read(reading):
    figure = reading.draw_answers()
    assert figure.png.startswith(b"\x89PNG")
    assert all(f"a {digit} read as" in figure.alt for digit in range(10))


def test_a_set_that_is_not_split_or_no_digits_is_refused(digits, tmp_path: Path):
    with pytest.raises(DataError):
        read_digits(load_dataset("digits"), epochs=1)
    with pytest.raises(ArgumentError, match="ten digits"):
        read_digits(split(load_dataset("faces")), epochs=1)
    for number, size in enumerate([(8, 8), (9, 9)]):
        (tmp_path / "a").mkdir(exist_ok=True)
        Image.new("L", size, 50 * number).save(tmp_path / "a" / f"{number}.png")
    with pytest.raises(DataError, match="one array"):
        on_lenets_paper(load_images(tmp_path))
