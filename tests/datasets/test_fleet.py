"""The committed pictures against their manifest, and against the plan of the render."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import pytest
from PIL import Image

from datasets.render.manifest import COLUMNS, SCENE
from datasets.render.plan import CLASSES, PIXELS, SPLITS, VESSELS, VIEWS, make_plan

FLEET = Path(__file__).parents[2] / "datasets" / "fleet"
MOST_BYTES = 15_000_000


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (FLEET / "labels.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_manifest_lists_every_picture_and_the_folder_holds_no_other(rows):
    assert list(rows[0]) == [*COLUMNS, *SCENE]
    listed = [row["file"] for row in rows]
    there = sorted(p.relative_to(FLEET).as_posix() for p in FLEET.rglob("*") if p.is_file())
    assert sorted([*listed, "labels.csv", "README.md"]) == there
    assert len(set(listed)) == len(CLASSES) * VESSELS * VIEWS


def test_every_picture_is_the_one_that_the_manifest_describes(rows):
    for row in rows:
        data = (FLEET / row["file"]).read_bytes()
        assert len(data) == int(row["bytes"]), row["file"]
        assert hashlib.sha256(data).hexdigest() == row["sha256"], row["file"]
    assert len({row["sha256"] for row in rows}) == len(rows)


def test_the_pictures_are_small_rgb_jpegs_without_a_word_about_their_making(rows):
    total = 0
    for row in rows:
        with Image.open(FLEET / row["file"]) as image:
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (PIXELS, PIXELS))
            assert not image.getexif()
            image.load()
        total += int(row["bytes"])
    assert total <= MOST_BYTES


def test_each_vessel_is_in_one_class_and_one_split_and_seen_six_times(rows):
    vessels: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        vessels.setdefault(row["group"], []).append((row["label"], row["split"]))
    assert {len(seen) for seen in vessels.values()} == {VIEWS}
    assert all(len(set(seen)) == 1 for seen in vessels.values())
    for label in CLASSES:
        of_class = [seen[0][1] for seen in vessels.values() if seen[0][0] == label]
        assert {split: of_class.count(split) for split in SPLITS} == SPLITS


def test_the_manifest_says_what_the_plan_says(rows):
    for row, view in zip(rows, make_plan(), strict=True):
        vessel = view.vessel
        expected = [view.file, vessel.label, vessel.name, vessel.split]
        assert [row[name] for name in ("file", "label", "group", "split")] == expected
        assert [row[name] for name in SCENE] == [str(view.sight[name]) for name in SCENE]
