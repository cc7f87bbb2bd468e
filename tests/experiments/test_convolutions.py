"""Maps side by side, and the formula of output sizes held against Keras."""

from __future__ import annotations

import numpy as np
import pytest

from tlcourse.errors import ArgumentError
from tlcourse.experiments import compare_sizes, convolutions, show_maps


def test_the_formula_agrees_with_keras_and_says_in_how_many_settings():
    found = compare_sizes(size=(5, 9), kernel=(2, 3), stride=(1, 2), padding=("valid", "same", 2))
    assert found.wrong == ()
    # 2 × 2 × 3 with both dilations at stride 1, with one at stride 2
    assert len(found.sizes) == 2 * 2 * 3 * 2 + 2 * 2 * 3
    assert "agree in all 36 settings" in repr(found)
    assert "agree in all 36 settings" in found._repr_html_()


def test_a_wrong_formula_is_found_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(convolutions, "output_size", lambda n, k, s, p, d: n // s)
    found = compare_sizes(size=(8,), kernel=(1, 3), stride=(1,), padding=("valid",), dilation=(1,))
    assert [(one.kernel, one.formula, one.keras) for one in found.wrong] == [(3, 8, 6)]
    assert "differ in 1 of 2 settings" in repr(found)


def test_what_does_not_fit_or_keras_does_not_compute_is_left_out():
    found = compare_sizes(size=(4,), kernel=(3, 5), stride=(1, 2), padding=("valid",))
    assert {(one.kernel, one.stride, one.dilation) for one in found.sizes} == {
        (3, 1, 1),
        (3, 2, 1),
    }
    with pytest.raises(ArgumentError, match="no setting to compare"):
        compare_sizes(size=(2,), kernel=(3,), padding=("valid",))


def test_padding_for_rows_and_columns_counts_for_the_rows():
    found = compare_sizes(size=(6,), kernel=(3,), stride=(1,), padding=((2, 0),), dilation=(1,))
    assert [one.keras for one in found.sizes] == [8]
    assert not found.wrong


def test_maps_say_their_names_sizes_and_spans():
    maps = {"grey": np.full((6, 4), 2.0), "edges": np.array([[-3.0, 1.0], [0.5, 0.0]])}
    figure = show_maps(maps)
    assert "grey, 6 × 4, 2 to 2" in figure.alt
    assert "edges, 2 × 2, -3 to 1" in figure.alt
    assert "one scale for all, -3 to 3" in figure.alt
    assert "a scale of its own" in show_maps(maps, scaling="each").alt


def test_a_smaller_map_is_enlarged_number_by_number():
    tile = convolutions._enlarged(np.array([[1, 2], [3, 4]], np.uint8), [4, 6])
    assert tile.tolist() == [[1, 1, 1, 2, 2, 2]] * 2 + [[3, 3, 3, 4, 4, 4]] * 2


@pytest.mark.parametrize(
    ("maps", "options"),
    [
        ({}, {}),
        ({"a": np.zeros((2, 2))}, {"scaling": "own"}),
        ({"a": np.zeros((2, 2, 3))}, {}),
        ({"a": np.zeros((0, 2))}, {}),
        ({"a": np.array([["x"]])}, {}),
    ],
)
def test_what_is_no_map_is_refused(maps, options):
    with pytest.raises(ArgumentError):
        show_maps(maps, **options)
