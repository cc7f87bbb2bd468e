"""Likeness of layers and pictures, held against the definition and what must not change it."""

from __future__ import annotations

from itertools import permutations

import keras
import numpy as np
import pytest

from tests.inside.networks import nested_two_deep, small_cnn
from tests.inside.test_attribution import state_of
from tests.pictures import write_set
from tlcourse.data import load_images, photograph
from tlcourse.errors import ArgumentError, DataError
from tlcourse.inside import compare_layers, compare_pictures, linear_cka, open_network
from tlcourse.inside.recording import as_rows, record_rows, spread_layers


def features(n: int = 30, width: int = 8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, width))


def orthogonal(width: int, seed: int = 1) -> np.ndarray:
    return np.linalg.qr(features(width, width, seed))[0]


def hsic_by_counting(K: np.ndarray, L: np.ndarray) -> float:
    """The U-statistic itself (Song et al. 2012, equation 4): a mean over all tuples of four."""
    n, total, count = len(K), 0.0, 0
    for i, j, q, r in permutations(range(n), 4):
        total += K[i, j] * (L[i, j] + L[q, r] - 2 * L[i, q])
        count += 1
    return total / count


def test_it_is_the_ratio_of_unbiased_independence_criteria():
    X, Y = features(8, 3), features(8, 5, seed=2) + np.hstack([features(8, 3)] * 2)[:, :5]
    K, L = X @ X.T, Y @ Y.T
    expected = hsic_by_counting(K, L) / np.sqrt(hsic_by_counting(K, K) * hsic_by_counting(L, L))
    assert linear_cka(X, Y) == pytest.approx(expected, abs=1e-9)


def test_with_many_pictures_it_comes_to_the_formula_of_kornblith():
    X = features(3000, 6)
    Y = X @ features(6, 4, seed=3) + features(3000, 4, seed=4)
    A, B = X - X.mean(axis=0), Y - Y.mean(axis=0)
    plain = np.linalg.norm(B.T @ A) ** 2 / np.linalg.norm(A.T @ A) / np.linalg.norm(B.T @ B)
    assert linear_cka(X, Y) == pytest.approx(plain, abs=0.005)


def test_turns_scales_shifts_and_reflections_change_nothing():
    X, Y = features(), features(seed=7) + features() / 2
    before = linear_cka(X, Y)
    assert 0.05 < before < 0.95
    assert linear_cka(X @ orthogonal(8), Y) == pytest.approx(before)
    assert linear_cka(X, 1000 * Y) == pytest.approx(before)
    assert linear_cka(X + 5, -Y) == pytest.approx(before)
    order = np.random.default_rng(0).permutation(30)
    assert linear_cka(X[order], Y[order]) == pytest.approx(before)
    assert linear_cka(X, X @ orthogonal(8) * 3) == pytest.approx(1)


def test_other_linear_maps_do_change_it():
    X = features()
    assert linear_cka(X, X * [100, 1, 1, 1, 1, 1, 1, 1]) < 0.9


def test_unrelated_features_have_nothing_in_common_even_where_they_are_many():
    values = [linear_cka(features(20, 500, s), features(20, 500, s + 99)) for s in range(10)]
    assert abs(np.mean(values)) < 0.05


def test_what_never_changes_is_no_number():
    assert np.isnan(linear_cka(features(), np.ones((30, 4))))


def test_tables_of_other_pictures_are_refused():
    with pytest.raises(ArgumentError, match="the same n"):
        linear_cka(features(30), features(20))
    with pytest.raises(ArgumentError, match="4 or more"):
        linear_cka(features(3), features(3))


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    return load_images(write_set(tmp_path_factory.mktemp("similarity") / "set", 10))


def test_a_network_is_like_itself(images):
    model = small_cnn()
    before = state_of(model)
    found = compare_layers(model, model, images)
    assert found.layers_a == found.layers_b
    np.testing.assert_allclose(np.diag(found.matrix), 1)
    np.testing.assert_allclose(found.matrix, found.matrix.T)
    assert found.pictures == 20
    assert state_of(model) == before


def test_the_numbers_are_those_of_the_layers_by_hand(images):
    one, other = small_cnn(), nested_two_deep()
    found = compare_layers(one, other, images, ["first", "relu"], ["bn", "answer"], grid=2)
    assert found.matrix.shape == (2, 2)
    pictures = [picture.load() for picture in images]

    def rows(model, name):
        network = open_network(model)
        pixels = np.concatenate([network.pixels(picture) for picture in pictures])
        output = network.run(pixels, [name])[1][name].numpy()
        if output.ndim == 4:
            n, h, w, c = output.shape
            output = output.reshape(n, 2, h // 2, 2, w // 2, c).mean(axis=(2, 4)).reshape(n, -1)
        return output

    for (i, a), (j, b) in [((0, "first"), (0, "bn")), ((1, "relu"), (1, "answer"))]:
        assert found.matrix[i, j] == pytest.approx(
            linear_cka(rows(one, a), rows(other, b)), abs=1e-3
        )


def test_networks_with_pictures_of_other_sizes_are_compared(images):
    found = compare_layers(small_cnn(16), small_cnn(24), images, "convolutions")
    assert found.layers_a == found.layers_b == ("first", "second")
    assert (found.name_a, found.name_b) == ("small (first)", "small (second)")


def test_pictures_that_cannot_be_read_are_left_out(tmp_path):
    folder = write_set(tmp_path / "set", 3)
    (folder / "red" / "broken.png").write_bytes(b"nothing")
    paths = sorted(folder.rglob("*.png"))
    found = compare_layers(small_cnn(), small_cnn(), paths)
    assert found.pictures == 6
    assert [problem.file.name for problem in found.problems] == ["broken.png"]


def test_too_few_pictures_are_refused():
    with pytest.raises(ArgumentError, match="at least 4"):
        compare_layers(small_cnn(), small_cnn(), [photograph("cat")] * 3)
    with pytest.raises(DataError):
        compare_layers(small_cnn(), small_cnn(), [])


def test_figures_tell_in_words_what_they_show(images):
    found = compare_layers(small_cnn(), small_cnn(), images, ["first", "second"])
    assert "first is most like" in found.draw().alt
    assert "20 pictures" in found.draw().alt


# Which layers, and how they are averaged


def test_the_ends_of_blocks_are_chosen_or_a_dozen_at_equal_steps(vgg16, lite0):
    names = [layer.name for layer in spread_layers(open_network(lite0), None)]
    assert names[0] == "stem_relu"
    assert "stage3_block2_add" in names
    assert names[-1] == "head_relu"
    names = [layer.name for layer in spread_layers(open_network(vgg16), None)]
    assert names == [f"block{number}_pool" for number in range(1, 6)]
    assert len(spread_layers(open_network(long_row()), None)) == 12


def long_row() -> keras.Model:
    return keras.Sequential(
        [keras.Input((8, 8, 3)), *(keras.layers.Conv2D(2, 1) for _ in range(30))]
    )


def test_averages_over_a_grid_are_exact_also_where_it_does_not_divide_the_map():
    output = np.arange(2 * 5 * 4 * 3, dtype=np.float32).reshape(2, 5, 4, 3)
    np.testing.assert_allclose(as_rows(output, 1), output.mean(axis=(1, 2)), rtol=1e-6)
    halves = as_rows(output, 2).numpy().reshape(2, 2, 2, 3)
    weights = np.array([1, 1, 0.5])[:, None, None]
    top = (output[0, :3, :2] * weights).sum(axis=(0, 1)) / 5
    np.testing.assert_allclose(halves[0, 0, 0], top, rtol=1e-5)
    np.testing.assert_allclose(as_rows(output, 64), output.reshape(2, -1))
    vector = np.ones((2, 7), np.float32)
    np.testing.assert_allclose(as_rows(vector, 4), vector)


def test_rows_stand_in_the_order_of_the_pictures(images):
    network = open_network(small_cnn())
    layer = network.layer("answer")
    rows, problems = record_rows(network, images, (layer,), 1)
    assert not problems
    for position in (0, 7, 19):
        alone = network.run(network.pixels(images[position]))[0].numpy()[0]
        np.testing.assert_allclose(rows[layer][position], alone, atol=1e-5)


# Two pictures


def test_two_pictures_are_compared_layer_by_layer():
    model = small_cnn()
    cat, coffee = photograph("cat"), photograph("coffee")
    same = compare_pictures(model, cat, cat)
    np.testing.assert_allclose(same.pooled, 1, atol=1e-6)
    np.testing.assert_allclose(same.by_place, 1, atol=1e-6)
    other = compare_pictures(model, cat, coffee, ["first", "average"])
    network = open_network(model)
    a, b = (
        network.run(network.pixels(picture), ["first"])[1]["first"].numpy()[0].astype(float)
        for picture in (cat, coffee)
    )
    cosine = (a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b)
    assert other.by_place[0] == pytest.approx(cosine, abs=1e-5)
    a, b = a.mean(axis=(0, 1)), b.mean(axis=(0, 1))
    assert other.pooled[0] == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), abs=1e-5)
    assert other.pooled[1] == pytest.approx(other.by_place[1])


def test_a_picture_in_the_mirror_shows_the_same_things_in_other_places(lite0):
    cat = photograph("cat")
    found = compare_pictures(lite0, cat, cat[:, ::-1], ["stage3_block2_add", "head_relu"])
    assert (found.pooled > found.by_place + 0.05).all()
    assert found.pooled.min() > 0.8


def test_a_silent_layer_has_no_angle():
    model = small_cnn()
    model.get_layer("first").set_weights([np.zeros((3, 3, 3, 4)), -np.ones(4)])
    found = compare_pictures(model, photograph("cat"), photograph("coffee"), ["first", "answer"])
    assert np.isnan(found.pooled[0])
    assert "–" in repr(found)
    assert found.draw().png
