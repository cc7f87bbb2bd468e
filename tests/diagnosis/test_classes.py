"""Slips in class names are told from names that are merely alike."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlcourse.data import ImageSet
from tlcourse.diagnosis.classes import class_findings, edit_distance


def found(counts):
    names = tuple(counts)
    labels = np.repeat(np.arange(len(names)), list(counts.values()))
    images = ImageSet(tuple(f"{i}.jpg" for i in range(len(labels))), labels, names)
    return list(class_findings(images))


def slips(counts):
    return {(f.kind, f.classes[0], f.suggestion) for f in found(counts) if f.suggestion}


@pytest.mark.parametrize(
    ("name", "slip"),
    [("ants", "ant"), ("bees", "beees"), ("destroyer", "destryoer"), ("frigate", "frgaite"),
     ("aircraft carrier", "aircraft carier"), ("schildkröte", "schildkrote")],
)  # fmt: skip
def test_a_slip_with_few_pictures_is_found(name, slip):
    assert slips({name: 50, slip: 3, "else": 50}) == {("class_name", slip, name)}


@pytest.mark.parametrize("other", ["ANTS", "ants ", "_ants", "a nts", "Ants", "ａｎｔｓ"])
def test_another_spelling_is_found_whatever_the_sizes(other):
    assert slips({"ants": 30, other: 25, "bees": 30}) == {("class_spelling", other, "ants")}


@pytest.mark.parametrize(
    "counts",
    [
        {"cat": 50, "rat": 40},  # as many pictures: two classes
        {"ship 1": 50, "ship 2": 3},  # numbers
        {"n01440764": 50, "n01440765": 2},
        {"10": 50, "1": 2},
        {"ant": 50, "bee": 3},  # another word
        {"a": 50, "b": 2},
        {"oak": 50, "elm": 2},
        {"horse": 50, "mouse": 3},  # short words: two letters are too many
    ],
)
def test_different_names_are_no_slips(counts):
    assert slips(counts) == set()


def test_the_nearest_of_several_is_suggested():
    assert slips({"frigates": 60, "frigate": 60, "frigat": 2}) == {
        ("class_name", "frigat", "frigate")
    }


def test_a_class_with_a_fifth_of_the_pictures_of_the_largest_is_told():
    (finding,) = found({"tugs": 50, "yachts": 40, "canoes": 10, "gondolas": 2})
    assert finding.kind == "imbalance"
    assert finding.classes == ("gondolas", "canoes")
    assert finding.detail == "gondolas (2), canoes (10); the largest class, tugs, has 50"
    assert not found({"tugs": 50, "yachts": 11})


def test_a_slip_is_not_told_twice():
    assert [f.kind for f in found({"yachts": 50, "yacht": 2})] == ["class_name"]


def test_one_class_has_no_neighbours():
    assert found({"ants": 5}) == []


def test_ten_thousand_class_names_are_compared():
    random = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    names = {"".join(random.choice(letters, 12)): 1 + 9 * (i % 2) for i in range(10_000)}
    first = next(name for name, count in names.items() if count == 10)
    names[first[:-1]] = 1
    started = time.process_time()
    assert slips(names) == {("class_name", first[:-1], first)}
    assert time.process_time() - started < 120  # not fifty million comparisons letter by letter


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_the_distance_is_a_count_of_slips(one, other):
    distance = edit_distance(one, other, 10)
    assert distance == edit_distance(other, one, 10)
    assert (distance == 0) == (one == other)
    assert distance <= max(len(one), len(other))
    for most in range(distance):
        assert edit_distance(one, other, most) == most + 1


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("ants", "ant", 1), ("ants", "atns", 1), ("ants", "bees", 3), ("", "ab", 2), ("ab", "ba", 1)],
)
def test_the_distance_of_some_words(one, other, slips):
    assert edit_distance(one, other, 9) == slips
