"""A split is fair to each class, keeps groups whole, and is the same everywhere."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlcourse.data import ImageSet, split
from tlcourse.errors import ArgumentError, DataError


def images_of(sizes: dict[str, int], root: str = "photos") -> ImageSet:
    """Return a set with that many pictures a class, which are not there."""
    names = tuple(sizes)
    return ImageSet(
        paths=tuple(Path(root) / name / f"{i}.jpg" for name in names for i in range(sizes[name])),
        labels=np.repeat(np.arange(len(names)), list(sizes.values())),
        class_names=names,
        record={"folder": root},
    )


def grouped(groups_per_class: dict[str, int], pictures_per_group: int = 6) -> ImageSet:
    """Return a set like the fleet: each class has some vessels, each seen several times."""
    images = images_of({name: n * pictures_per_group for name, n in groups_per_class.items()})
    groups = [
        f"{name} {i}"
        for name, n in groups_per_class.items()
        for i in range(n)
        for _ in range(pictures_per_group)
    ]
    return ImageSet(images.paths, images.labels, images.class_names, groups=np.array(groups))


def by_path(images: ImageSet) -> dict[str, str]:
    return {path.as_posix(): name for path, name in zip(images.paths, images.splits, strict=True)}


def test_the_default_is_three_to_one_in_each_class() -> None:
    images = split(images_of({"ants": 124, "bees": 40}))
    assert images.train.counts() == {"ants": 93, "bees": 30}
    assert images.test.counts() == {"ants": 31, "bees": 10}


def test_nothing_but_the_splits_and_the_record_changes() -> None:
    before = images_of({"ants": 8, "bees": 8})
    after = split(before)
    assert after.with_splits(None) == before
    assert before.splits is None


def test_validation_is_a_third_part() -> None:
    images = split(images_of({"ants": 100, "bees": 50}), test=0.2, validation=0.1)
    sizes = [part.counts() for part in (images.train, images.validation, images.test)]
    assert sizes == [{"ants": 70, "bees": 35}, {"ants": 10, "bees": 5}, {"ants": 20, "bees": 10}]
    only = split(images_of({"ants": 100}), test=0, validation=0.25)
    assert (len(only.train), len(only.validation)) == (75, 25)


def test_the_same_seed_gives_the_same_split_on_every_machine() -> None:
    images = split(images_of({"ants": 12, "bees": 8}), seed=7)
    names = [f"{path.parent.name}/{path.name}" for path in images.test.paths]
    assert names == ["ants/5.jpg", "ants/8.jpg", "ants/10.jpg", "bees/1.jpg", "bees/7.jpg"]
    fleet = split(grouped({"a": 6, "b": 5}, pictures_per_group=2), seed=7)
    assert sorted(set(fleet.test.groups)) == ["a 4", "a 5", "b 4"]


def test_another_seed_gives_another_split() -> None:
    images = images_of({"ants": 40, "bees": 40})
    assert split(images, seed=0) == split(images, seed=0)
    assert split(images, seed=0) != split(images, seed=1)


@pytest.mark.parametrize("images", [images_of({"a": 30, "b": 20}), grouped({"a": 9, "b": 7})])
def test_neither_the_order_nor_the_place_of_the_files_matters(images: ImageSet) -> None:
    order = np.random.default_rng(1).permutation(len(images))
    assert by_path(split(images[order])) == by_path(split(images))
    moved = ImageSet(
        tuple(Path("/data/elsewhere") / path for path in images.paths),
        images.labels,
        images.class_names,
        groups=images.groups,
    )
    assert split(moved).splits.tolist() == split(images).splits.tolist()


def test_no_group_lies_in_two_splits_and_the_shares_are_kept() -> None:
    fleet = grouped({"carrier": 20, "destroyer": 20, "yacht": 20})
    images = split(fleet, test=0.2, validation=0.2)
    for group in set(fleet.groups):
        assert len(set(images.splits[fleet.groups == group])) == 1
    assert images.test.counts() == {"carrier": 24, "destroyer": 24, "yacht": 24}
    assert images.validation.counts() == {"carrier": 24, "destroyer": 24, "yacht": 24}


@pytest.mark.parametrize("test", [0.1, 0.25, 0.3, 0.4, 0.5, 0.8])
def test_the_fraction_is_nearly_reached_with_groups(test: float) -> None:
    images = split(grouped({"a": 30, "b": 20, "c": 10}), test=test)
    for name, count in images.test.counts().items():
        whole = {"a": 180, "b": 120, "c": 60}[name]
        assert abs(count - test * whole) <= 12  # two vessels


def test_groups_that_span_classes_stay_whole() -> None:
    random = np.random.default_rng(0)
    images = images_of({"healthy": 100, "ill": 60})
    patients = np.array([f"patient {i}" for i in random.integers(0, 25, 160)])
    images = split(ImageSet(images.paths, images.labels, images.class_names, groups=patients))
    for patient in set(patients):
        assert len(set(images.splits[patients == patient])) == 1
    assert 0.15 <= (images.splits == "test").mean() <= 0.35
    assert all(images.test.counts().values())


@pytest.mark.parametrize("fewest", [2, 3, 4])
def test_a_class_with_few_groups_is_in_every_split(fewest: int) -> None:
    images = split(grouped({"many": 30, "few": fewest}))
    assert images.test.counts()["few"] >= 6
    assert images.train.counts()["few"] >= 6
    alone = split(grouped({"a": fewest, "b": fewest}))
    assert all(alone.test.counts().values())
    assert all(alone.train.counts().values())


def test_each_small_class_gets_a_picture_to_judge_with() -> None:
    images = split(images_of({str(i): 3 for i in range(10)}))
    assert set(images.test.counts().values()) == {1}
    images = split(images_of({"many": 2000, "few": 2}))
    assert images.test.counts() == {"many": 500, "few": 1}


def test_two_pictures_are_too_few_for_three_splits() -> None:
    with pytest.raises(DataError, match="few: 2 pictures"):
        split(images_of({"many": 20, "few": 2}), validation=0.25)


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (images_of({"ants": 50, "bees": 1, "wasps": 1}), r"(?s)bees: 1 picture.*wasps: 1 picture"),
        (grouped({"carrier": 9, "yacht": 1}), r"yacht: 6 pictures"),
    ],
)
def test_classes_too_small_to_split_are_listed(images: ImageSet, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        split(images)
    assert "ants:" not in str(caught.value)


def test_a_set_without_pictures_cannot_be_split() -> None:
    with pytest.raises(DataError, match="no pictures"):
        split(images_of({"ants": 0}))


def test_what_is_split_already_is_left_alone() -> None:
    images = split(images_of({"ants": 8}))
    with pytest.raises(DataError, match="6 train, 2 test"):
        split(images)
    assert split(images.with_splits(None)) == images


@pytest.mark.parametrize(
    "fractions", [(0, 0), (1, 0), (0.6, 0.4), (-0.1, 0.5), (float("nan"), 0), ("a", 0)]
)
def test_fractions_that_leave_nothing_are_refused(fractions: tuple[float, float]) -> None:
    with pytest.raises(ArgumentError, match="test"):
        split(images_of({"ants": 8}), *fractions)


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, None])
def test_a_seed_that_is_none_is_refused(seed: object) -> None:
    with pytest.raises(ArgumentError, match="seed"):
        split(images_of({"ants": 8}), seed=seed)


def test_how_it_was_split_is_recorded() -> None:
    images = split(grouped({"a": 8, "b": 8}), test=0.25, seed=5)
    assert json.loads(json.dumps(images.record))["split"] == {
        "rule": "stratified, groups kept together",
        "seed": 5,
        "asked": {"train": 0.75, "test": 0.25, "validation": 0.0},
        "got": {"train": 0.75, "test": 0.25},
        "counts": {"train": {"a": 36, "b": 36}, "test": {"a": 12, "b": 12}},
    }
    assert split(images_of({"ants": 8})).record["folder"] == "photos"


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.integers(4, 40), min_size=1, max_size=5),
    test=st.floats(0.2, 0.6),
    seed=st.integers(0, 2**31),
)
def test_each_class_is_on_both_sides_in_its_share(sizes: list[int], test: float, seed: int) -> None:
    images = split(images_of({f"c{i}": n for i, n in enumerate(sizes)}), test=test, seed=seed)
    for name, size in images.counts().items():
        assert abs(images.test.counts()[name] - test * size) <= 0.5 + 1e-9
        assert images.train.counts()[name] >= 1
