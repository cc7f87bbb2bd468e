"""What is drawn for a picture follows from seed, number and epoch, and its pixels from the draw."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tlcourse.augmentation import Augmentation, show_augmentations
from tlcourse.augmentation.changes import plan
from tlcourse.augmentation.settings import KINDS
from tlcourse.data import open_picture, photograph
from tlcourse.errors import ArgumentError, PictureError

OFF = {
    "flip": False, "rotation": 0, "zoom": 0, "translation": 0,
    "brightness": 0, "contrast": 0, "saturation": 0, "hue": 0,
}  # fmt: skip


def only(**strengths: object) -> Augmentation:
    """Return an augmentation with nothing on but what is given."""
    return Augmentation(**{**OFF, "max_changes": 1, **strengths})


@pytest.fixture(scope="module")
def cat() -> np.ndarray:
    return open_picture(photograph("cat"), (64, 96))


def of_number(augmentation: Augmentation, kind: str, count: int = 200) -> list[int]:
    """Return numbers for which this kind of change, and no other, is drawn."""
    drawn = augmentation.changes(range(count))
    return [i for i, changes in enumerate(drawn) if [c.kind for c in changes] == [kind]]


def test_the_same_seed_gives_the_same_pictures_whatever_the_batch(cat):
    augmentation = Augmentation(seed=3)
    whole = augmentation(np.stack([cat] * 24), range(24), epoch=2)
    alone = [augmentation(cat[None], [i], epoch=2)[0] for i in range(24)]
    np.testing.assert_array_equal(whole, alone)
    order = np.random.default_rng(0).permutation(24)
    shuffled = augmentation(np.stack([cat] * 24), order, epoch=2)
    np.testing.assert_array_equal(shuffled, whole[order])


def test_another_number_epoch_or_seed_gives_other_changes(cat):
    pictures = np.stack([cat] * 32)
    first = Augmentation()(pictures)
    assert len({picture.tobytes() for picture in first}) > 16
    for other in (Augmentation()(pictures, epoch=1), Augmentation(seed=1)(pictures)):
        assert sum(np.array_equal(a, b) for a, b in zip(first, other, strict=True)) < 16


def test_another_process_with_one_thread_draws_the_same():
    code = (
        "import tensorflow as tf; tf.config.threading.set_intra_op_parallelism_threads(1);"
        "tf.config.threading.set_inter_op_parallelism_threads(1);"
        "import numpy as np, zlib; from tlcourse.augmentation import Augmentation;"
        "pictures = (np.arange(9 * 20 * 30 * 3) % 251).astype(np.uint8).reshape(9, 20, 30, 3);"
        "print(zlib.crc32(Augmentation(seed=5)(pictures, epoch=1).tobytes()))"
    )
    there = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    import zlib

    pictures = (np.arange(9 * 20 * 30 * 3) % 251).astype(np.uint8).reshape(9, 20, 30, 3)
    here = zlib.crc32(Augmentation(seed=5)(pictures, epoch=1).tobytes())
    assert int(there.split()[-1]) == here


@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_picture_is_changed_in_more_than_so_many_ways(most):
    counts = [len(changes) for changes in Augmentation(max_changes=most).changes(range(600))]
    shares = np.bincount(counts) / len(counts)
    assert len(shares) == most + 1
    np.testing.assert_allclose(shares, 1 / (most + 1), atol=0.07)


def test_every_kind_is_drawn_as_often_as_the_others():
    drawn = Augmentation().changes(range(2000))
    kinds = [change.kind for changes in drawn for change in changes]
    shares = np.array([kinds.count(kind) for kind in KINDS]) / len(kinds)
    np.testing.assert_allclose(shares, 1 / len(KINDS), atol=0.03)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "colour"])
def test_what_is_turned_off_never_happens_and_leaves_the_rest_as_it_was(kind):
    without = Augmentation(**{kind: type(getattr(Augmentation(), kind))(0)})
    drawn = without.changes(range(300))
    assert {c.kind for changes in drawn for c in changes} == set(KINDS) - {kind}
    full = Augmentation().changes(range(300))
    untouched = [i for i, changes in enumerate(full) if kind not in {c.kind for c in changes}]
    assert all(drawn[i] == full[i] for i in untouched if len(full[i]) == 1)


def test_the_picture_that_was_handed_over_stays_as_it_was(cat):
    pictures = np.stack([cat] * 8)
    before = pictures.copy()
    Augmentation(max_changes=7)(pictures)
    np.testing.assert_array_equal(pictures, before)


def test_pictures_for_which_nothing_is_drawn_are_untouched(cat):
    augmentation = Augmentation()
    untouched = [i for i, changes in enumerate(augmentation.changes(range(60))) if not changes]
    assert untouched
    for picture in augmentation(np.stack([cat] * len(untouched)), untouched):
        np.testing.assert_array_equal(picture, cat)


def test_a_flip_is_the_mirror_image(cat):
    for settings_, axis in (({"flip": True}, 1), ({"vertical_flip": True}, 0)):
        augmentation = only(**settings_)
        number = of_number(augmentation, "flip")[0]
        np.testing.assert_array_equal(augmentation(cat[None], [number])[0], np.flip(cat, axis=axis))


def test_both_flips_come_about_but_upside_down_only_when_allowed():
    words = [c.words for cs in Augmentation().changes(range(300)) for c in cs]
    assert "left and right swapped" in words
    assert "top and bottom swapped" not in words
    both = only(flip=True, vertical_flip=True).changes(range(300))
    assert {str(c) for cs in both for c in cs} == {
        "left and right swapped", "top and bottom swapped"
    }  # fmt: skip


def drawn_for(augmentation: Augmentation, number: int) -> dict[str, float]:
    drawn = plan(augmentation, [number], 0)
    return {name: float(values[0]) for name, values in drawn.items() if values.ndim == 1}


def test_turning_is_what_pillow_does_inside_the_picture(cat):
    augmentation = only(rotation=15)
    number = next(i for i in of_number(augmentation, "rotation")
                  if drawn_for(augmentation, i)["angle"] > 0.15)  # fmt: skip
    degrees = np.degrees(drawn_for(augmentation, number)["angle"])
    ours = augmentation(cat[None], [number])[0].astype(int)
    theirs = Image.fromarray(cat).rotate(degrees, Image.Resampling.BILINEAR)
    inside = np.s_[20:-20, 25:-25]
    assert np.abs(ours[inside] - np.asarray(theirs, int)[inside]).max() <= 1
    assert augmentation.changes([number])[0][0].words == f"turned {degrees:.0f}° left"


def test_shifting_moves_the_content_where_the_words_say(cat):
    augmentation = only(translation=0.2)
    number = of_number(augmentation, "translation")[0]
    drawn = drawn_for(augmentation, number)
    right, down = drawn["right"] * 96, drawn["down"] * 64
    ours = augmentation(cat[None], [number])[0].astype(int)
    data = (1, 0, -right, 0, 1, -down)
    theirs = Image.fromarray(cat).transform(
        (96, 64), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR
    )
    inside = np.s_[16:-16, 22:-22]
    assert np.abs(ours[inside] - np.asarray(theirs, int)[inside]).max() <= 1
    words = augmentation.changes([number])[0][0].words
    assert ("right" in words) == (right > 0)
    assert ("down" in words) == (down > 0)


def test_zooming_keeps_the_centre_and_its_share():
    """A square in the middle grows and shrinks with the factor that the words give."""
    picture = np.zeros((101, 101, 3), np.uint8)
    picture[40:61, 40:61] = 255
    augmentation = only(zoom=0.5)
    factors = []
    for number in of_number(augmentation, "zoom")[:20]:
        factor = drawn_for(augmentation, number)["zoom"]
        row = augmentation(picture[None], [number])[0, 50, :, 0] / 255
        assert row.sum() == pytest.approx(21 * factor, abs=0.6)
        assert np.abs(row - row[::-1]).max() < 0.02
        factors.append(factor)
    assert min(factors) < 0.8 < 1.25 < max(factors)


def test_what_comes_in_at_the_edges_is_the_mirror_image():
    picture = np.arange(100, dtype=np.uint8)[None, :, None].repeat(40, 0).repeat(3, 2)
    augmentation = only(translation=0.3)
    for number in of_number(augmentation, "translation")[:10]:
        changed = augmentation(picture[None], [number])[0, 20, :, 0].astype(int)
        assert np.abs(np.diff(changed)).max() <= 1  # black bars would be a jump


def test_brightness_adds_and_stops_at_the_ends(cat):
    augmentation = only(brightness=0.4)
    number = next(i for i in of_number(augmentation, "brightness")
                  if drawn_for(augmentation, i)["brightness"] > 30)  # fmt: skip
    added = drawn_for(augmentation, number)["brightness"]
    changed = augmentation(cat[None], [number])[0]
    expected = np.clip(cat + added, 0, 255)
    assert np.abs(changed - expected).max() <= 0.51


def test_contrast_turns_about_the_mean_brightness(cat):
    augmentation = only(contrast=0.5)
    number = of_number(augmentation, "contrast")[0]
    factor = drawn_for(augmentation, number)["contrast"]
    mean = float((cat.reshape(-1, 3).mean(0) * [0.299, 0.587, 0.114]).sum())
    expected = np.clip(mean + factor * (cat - mean), 0, 255)
    assert np.abs(augmentation(cat[None], [number])[0] - expected).max() <= 0.6


def test_colour_keeps_the_brightness_and_grey_stays_grey(cat):
    augmentation = only(saturation=0.5, hue=30)
    number = of_number(augmentation, "colour")[0]
    luma = np.array([0.299, 0.587, 0.114])
    soft = (64 + cat // 2).astype(np.uint8)  # away from both ends
    changed = augmentation(soft[None], [number])[0]
    assert np.abs(changed.astype(int) - soft).max() > 3
    assert np.abs((changed - soft.astype(float)) @ luma).max() < 1.1
    grey = np.full((8, 8, 3), 90, np.uint8)
    np.testing.assert_array_equal(augmentation(grey[None], [number])[0], grey)


def test_saturation_is_a_factor_on_the_distance_from_grey():
    augmentation = only(saturation=0.5)
    number = of_number(augmentation, "colour")[0]
    factor = drawn_for(augmentation, number)["saturation"]
    picture = np.full((4, 4, 3), (150, 120, 100), np.uint8)
    grey = np.dot((150, 120, 100), (0.299, 0.587, 0.114))
    expected = grey + factor * (np.array([150, 120, 100]) - grey)
    assert np.abs(augmentation(picture[None], [number])[0, 0, 0] - expected).max() <= 0.6


@settings(max_examples=25, deadline=None)
@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    count=st.integers(0, 4),
    seed=st.integers(0, 2**32 - 1),
    number=st.integers(-(2**62), 2**62),
    epoch=st.integers(0, 10_000),
)
def test_any_size_number_and_seed_works(height, width, count, seed, number, epoch):
    pictures = np.random.default_rng(0).integers(0, 256, (count, height, width, 3), np.uint8)
    augmentation = Augmentation(seed=seed, max_changes=7)
    changed = augmentation(pictures, [number + i for i in range(count)], epoch)
    assert changed.shape == pictures.shape
    assert changed.dtype == np.uint8


def test_strengths_stay_within_their_ranges():
    augmentation = Augmentation(max_changes=7)
    drawn = plan(augmentation, range(3000), 0)
    ends = {
        "angle": np.radians(15), "right": 0.1, "down": 0.1, "brightness": 51, "hue": np.radians(10)
    }  # fmt: skip
    for name, end in ends.items():
        assert -end <= drawn[name].min() < -0.9 * end
        assert 0.9 * end < drawn[name].max() <= end
    for name, share in {"zoom": 0.15, "contrast": 0.3, "saturation": 0.3}.items():
        assert 1 / (1 + share) <= drawn[name].min() + 1e-6
        assert drawn[name].max() <= 1 + share + 1e-6


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rotation", -1), ("rotation", 181), ("rotation", float("nan")), ("rotation", "15"),
        ("zoom", True), ("translation", 1.1), ("brightness", 2), ("max_changes", 0),
        ("max_changes", 1.5), ("seed", -1), ("seed", 2**32), ("flip", 1), ("hue", None),
    ],
)  # fmt: skip
def test_settings_out_of_range_are_named(name, value):
    with pytest.raises(ArgumentError, match=name):
        Augmentation(**{name: value})


def test_an_augmentation_that_does_nothing_is_refused():
    with pytest.raises(ArgumentError, match="turned off"):
        Augmentation(**OFF)


@pytest.mark.parametrize(
    "pictures",
    [np.zeros((4, 8, 8, 3)), np.zeros((8, 8, 3), np.uint8), np.zeros((2, 8, 8, 4), np.uint8)],
)
def test_only_batches_of_uint8_pictures_are_taken(pictures):
    with pytest.raises(ArgumentError, match="pictures"):
        Augmentation()(pictures)


@pytest.mark.parametrize("numbers", [[1], [0.5, 1.5], "ab", [[0, 1]]])
def test_numbers_must_fit_the_pictures(numbers):
    with pytest.raises(ArgumentError, match="numbers"):
        Augmentation()(np.zeros((2, 8, 8, 3), np.uint8), numbers)


def test_settings_survive_json():
    import json

    augmentation = Augmentation(rotation=3, vertical_flip=True, seed=9)
    assert Augmentation(**json.loads(json.dumps(augmentation.to_dict()))) == augmentation


def test_settings_need_no_tensorflow():
    code = (
        "import sys; from tlcourse.augmentation import Augmentation, normalise_light;"
        "Augmentation(); assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_preview_shows_the_original_first_and_names_each_change():
    augmentation = Augmentation(seed=2)
    figure = show_augmentations(photograph("cat"), augmentation, n=7)
    assert figure.alt.startswith("A picture and 7 changed by augmentation: ")
    for changes in augmentation.changes(range(7)):
        assert all(change.words in figure.alt for change in changes)
    assert figure.alt.count("unchanged") == sum(not c for c in augmentation.changes(range(7)))
    more = show_augmentations(photograph("cat"), augmentation, n=7, epoch=1)
    assert more.alt != figure.alt


def test_the_preview_takes_a_file_and_names_what_is_none(tmp_path):
    path = tmp_path / "ein Bild.png"
    Image.fromarray(photograph("coffee")[:30, :40]).save(path)
    assert show_augmentations(path, n=1).png
    with pytest.raises(PictureError, match="nothing"):
        show_augmentations(tmp_path / "nothing.png")
    with pytest.raises(ArgumentError, match="'n'"):
        show_augmentations(path, n=0)
    with pytest.raises(ArgumentError, match="wrong kind"):
        show_augmentations(path, "rotation")
