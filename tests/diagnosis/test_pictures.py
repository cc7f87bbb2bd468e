"""What is wrong with single pictures is found, each kind alone, and good ones are left alone."""

import numpy as np
import pytest
from PIL import Image

from tests.data.hard_pictures import HARD_PICTURES, Refused
from tests.diagnosis.scenes import as_set, scene, write_scenes
from tlcourse.diagnosis import KINDS, diagnose
from tlcourse.diagnosis.spoiling import SPOILERS

ALONE = {kind for kind in SPOILERS if kind != "huge"}  # a picture of 26 million pixels takes long


def kinds_of(diagnosis, file):
    return {finding.kind for finding in diagnosis.findings if file in finding.files}


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = write_scenes(tmp_path_factory.mktemp("good"), 20)
    return sorted(folder.rglob("*.jpg"))


def test_nothing_is_wrong_with_good_pictures(good):
    diagnosis = diagnose(as_set(good), backbone=None)
    assert diagnosis.findings == ()
    assert diagnosis.summary() == "40 pictures, and nothing is wrong with them."


@pytest.mark.parametrize("kind", sorted(ALONE))
def test_a_spoilt_picture_is_named_among_good_ones(good, tmp_path, kind):
    random = np.random.default_rng(7)
    for number in range(6):
        spoilt = SPOILERS[kind](scene(500 + number), random)
        (tmp_path / f"{number}{spoilt.ending}").write_bytes(spoilt.data)
    bad = sorted(tmp_path.iterdir())
    diagnosis = diagnose(as_set([*good, *bad]), backbone=None)
    found = {file for finding in diagnosis.of(kind) for file in finding.files}
    # A camera that moved along the outline of a drawn bar leaves it as sharp as it was.
    assert len(set(bad) - found) <= (1 if kind == "blurred" else 0)
    assert not any(kinds_of(diagnosis, file) for file in good)
    for finding in diagnosis.of(kind):
        assert finding.detail
        assert finding.advice == KINDS[kind].advice
        assert finding.classes == ("a",)
        assert 0 <= finding.strength <= 1


def test_a_huge_picture_is_named(good, tmp_path):
    file = tmp_path / "huge.jpg"
    Image.new("RGB", (6000, 4100)).save(file)
    assert "huge" in kinds_of(diagnose(as_set([*good, file]), backbone=None), file)


@pytest.mark.parametrize("hard", HARD_PICTURES, ids=lambda hard: hard.name)
def test_whatever_a_file_is_the_diagnosis_names_it_or_reads_it(good, tmp_path, hard):
    file = tmp_path / hard.name
    hard.write(file)
    diagnosis = diagnose(as_set([*good[:3], file]), backbone=None)
    unreadable = {"unreadable", "truncated"} & kinds_of(diagnosis, file)
    if isinstance(hard.becomes, Refused):
        assert unreadable
    if "cut" in hard.name and "header" not in hard.name and "5 bytes" not in hard.name:
        assert unreadable <= {"truncated", "unreadable"}


@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_half_a_file_is_said_to_be_cut_short(good, tmp_path, ending):
    whole = tmp_path / f"whole.{ending}"
    scene(1).save(whole)
    half = tmp_path / f"half.{ending}"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert kinds_of(diagnose(as_set([*good, half]), backbone=None), half) == {"truncated"}


def test_a_picture_deleted_after_the_set_was_read_is_named(good, tmp_path):
    file = tmp_path / "gone.jpg"
    diagnosis = diagnose(as_set([*good, file]), backbone=None)
    assert kinds_of(diagnosis, file) == {"unreadable"}
    assert diagnosis.of("unreadable")[0].detail == "no such file"


def test_what_all_pictures_of_a_set_are_is_not_odd(tmp_path):
    for number in range(8):
        grey = scene(number).convert("L").resize((40, 30))
        grey.quantize(64).save(tmp_path / f"{number}.png")
    diagnosis = diagnose(as_set(sorted(tmp_path.iterdir())), backbone=None)
    assert not diagnosis.of("grey")
    assert not diagnosis.of("tiny")
    assert not diagnosis.of("mode")


def test_one_odd_way_among_usual_ones_is_told_though_another_is_usual(tmp_path):
    for number in range(8):
        picture = scene(number)
        if number == 7:
            picture.putalpha(Image.linear_gradient("L").resize(picture.size))
        picture.quantize(64).save(tmp_path / f"{number}.png")
    diagnosis = diagnose(as_set(sorted(tmp_path.iterdir())), backbone=None)
    (finding,) = diagnosis.of("mode")
    assert finding.files[0].name == "7.png"
    assert finding.detail == "transparency"


def test_a_soft_background_behind_a_sharp_thing_is_not_blurred(good, tmp_path):
    from PIL import ImageFilter

    sharp = scene(3)
    soft = sharp.filter(ImageFilter.GaussianBlur(6))
    soft.paste(sharp.crop((60, 40, 180, 140)), (60, 40))
    soft.save(tmp_path / "portrait.png")
    file = tmp_path / "portrait.png"
    assert "blurred" not in kinds_of(diagnose(as_set([*good, file]), backbone=None), file)


def test_a_set_that_is_soft_as_a_whole_is_not_all_blurred(tmp_path):
    from PIL import ImageFilter

    for number in range(20):
        radius = 1.6 if number else 7
        scene(number).filter(ImageFilter.GaussianBlur(radius)).save(tmp_path / f"{number}.png")
    found = diagnose(as_set(sorted(tmp_path.iterdir())), backbone=None).of("blurred")
    assert [finding.files[0].name for finding in found] == ["0.png"]


def test_all_pictures_may_be_unreadable(tmp_path):
    for number in range(5):
        (tmp_path / f"{number}.jpg").write_bytes(b"" if number % 2 else b"words")
    for backbone in (None, "efficientnet_lite0"):
        diagnosis = diagnose(as_set(sorted(tmp_path.iterdir())), backbone)
        assert len(diagnosis.of("unreadable")) == 5
        assert diagnosis.record["readable"] == 0


def test_one_picture_is_looked_at(good):
    assert diagnose(as_set(good[:1]), backbone=None).findings == ()


def test_an_upright_picture_with_an_orientation_is_told_and_one_without_is_not(good, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 1
    file = tmp_path / "upright.jpg"
    scene(5555).save(file, exif=exif)
    assert not kinds_of(diagnose(as_set([*good, file]), backbone=None), file)
