"""What a torn split fakes is measured where there is a leak, and nothing where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tlcourse.errors import ArgumentError, DataError
from tlcourse.evaluation import measure_leak
from tlcourse.features import FeatureTable


def vessels(own: float, count: int = 24, views: int = 6, classes: int = 3) -> FeatureTable:
    """Return features of vessels seen several times; `own` is how much each is like itself only."""
    random = np.random.default_rng(0)
    vessel = np.repeat(np.arange(count), views)
    label = (np.arange(count) % classes)[vessel]
    values = (
        0.4 * random.normal(size=(classes, 40))[label]
        + own * random.normal(size=(count, 40))[vessel]
        + random.normal(size=(len(vessel), 40))
    )
    return FeatureTable(
        values.astype(np.float32),
        label,
        ("a", "b", "c"),
        tuple(Path(f"{i}.jpg") for i in range(len(vessel))),
        groups=np.array([f"vessel {v}" for v in vessel]),
    )


@pytest.fixture(scope="module")
def leaking():
    return measure_leak(vessels(own=2.0), rounds=5, unit="vessel")


def test_a_leak_is_measured(leaking):
    low, high = leaking.interval
    assert 0 < low < leaking.gain < high
    assert leaking.torn.mean() > 0.9
    assert leaking.whole.mean() < 0.7
    assert leaking.gain == pytest.approx((leaking.torn - leaking.whole).mean())
    assert (leaking.n_train, leaking.n_test) == (108, 36)


def test_where_groups_are_only_names_nothing_is_faked():
    low, high = measure_leak(vessels(own=0.0), rounds=5).interval
    assert low < 0 < high


def test_the_interval_is_wider_than_independent_rounds_would_make_it(leaking):
    from scipy.stats import t

    differences = leaking.torn - leaking.whole
    naive = t.ppf(0.975, 4) * differences.std(ddof=1) / np.sqrt(5)
    low, high = leaking.interval
    expected = naive * np.sqrt((1 / 5 + 36 / 108) / (1 / 5))
    assert min(high, 2 * leaking.gain - low) == pytest.approx(leaking.gain + expected)


def test_both_ways_learn_from_and_judge_on_as_many_pictures_of_each_class(monkeypatch):
    from tlcourse.evaluation import leakage

    seen = []

    def accuracy(features, test, groups, head, seed):
        seen.append((np.bincount(features.labels[test]).tolist(), groups is None, test))
        return 0.5 + seed % 2 / 10

    monkeypatch.setattr(leakage, "_accuracy", accuracy)
    table = vessels(own=1.0)
    result = measure_leak(table, rounds=4, test=0.3)
    assert [torn for _, torn, _ in seen] == [True, False] * 4
    for torn, whole in zip(seen[::2], seen[1::2], strict=True):
        assert torn[0] == whole[0]
        tested = set(table.groups[whole[2]])
        assert not tested & set(table.groups[~whole[2]])
        assert set(table.groups[torn[2]]) & set(table.groups[~torn[2]])
    assert result.interval is None
    assert "too little to tell" in repr(result)


def test_the_same_seed_gives_the_same_numbers(leaking):
    again = measure_leak(vessels(own=2.0), rounds=5, unit="vessel")
    np.testing.assert_array_equal(again.torn, leaking.torn)
    np.testing.assert_array_equal(again.whole, leaking.whole)
    other = measure_leak(vessels(own=2.0), rounds=5, seed=100)
    assert not np.array_equal(other.whole, leaking.whole)


def test_it_shows_as_a_table_a_figure_and_json(leaking):
    text = repr(leaking)
    assert "5 rounds of learning from 108 pictures and judging on 36" in text
    assert f"{leaking.torn.mean():6.1%}" in text
    assert "vessel" in text
    figure = leaking.draw()
    assert f"split by vessel {leaking.whole.mean():.1%}" in figure.alt
    assert figure.png.startswith(b"\x89PNG")
    assert json.loads(json.dumps(leaking.to_dict()))["gain"] == leaking.gain


def test_a_class_that_is_named_but_has_no_picture_does_no_harm():
    table = vessels(own=2.0)
    kept = table.subset(table.labels != 1)
    assert measure_leak(kept, rounds=2).whole.shape == (2,)


def test_without_groups_there_is_nothing_to_measure():
    table = vessels(own=0.0)
    lone = FeatureTable(table.features, table.labels, table.class_names, table.paths)
    with pytest.raises(DataError, match="no groups"):
        measure_leak(lone)
    single = vessels(own=0.0, count=30, views=1)
    with pytest.raises(DataError, match="a group of its own"):
        measure_leak(single)


def test_a_class_with_one_group_is_named():
    table = vessels(own=0.0, count=3)
    with pytest.raises(DataError, match="a: 6 pictures"):
        measure_leak(table)


@pytest.mark.parametrize(
    ("name", "value"), [("test", 0.0), ("test", 1), ("rounds", 1), ("rounds", 2.5), ("seed", -1)]
)
def test_numbers_that_make_no_sense_are_named(name, value):
    with pytest.raises(ArgumentError, match=name):
        measure_leak(vessels(own=0.0), **{name: value})


def test_the_wrong_kind_of_thing_is_explained():
    with pytest.raises(ArgumentError, match="wrong kind"):
        measure_leak("features")
