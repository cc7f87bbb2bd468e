"""The generator of the fleet, without Blender: what is planned, shaped and developed."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from datasets.render import film
from datasets.render.manifest import COLUMNS, write_manifest
from datasets.render.plan import CLASSES, SPLITS, VESSELS, VIEWS, make_plan, make_vessels

ROOT = Path(__file__).parents[2]
PLAIN = {
    "exposure": 0.0, "warmth": 0.0, "tint": 0.0, "fringe": 0.2, "blur": 0.3, "motion": 0.0,
    "motion_angle": 0.0, "vignette": 0.1, "veil": 0.0, "noise": 0.02, "grain": 0.5,
    "contrast": 1.1, "saturation": 1.0, "sharpen": 0.2,
}  # fmt: skip


@pytest.fixture(scope="module")
def plan():
    return make_plan()


def test_each_class_has_its_vessels_and_each_vessel_its_views(plan):
    assert len(plan) == len(CLASSES) * VESSELS * VIEWS == 720
    assert len({view.file for view in plan}) == 720
    assert set(Counter(view.vessel.name for view in plan).values()) == {VIEWS}


def test_a_vessel_is_in_one_split_and_every_class_in_all(plan):
    splits = {(v.vessel.label, v.vessel.name, v.vessel.split) for v in plan}
    assert len(splits) == len(CLASSES) * VESSELS
    counted = Counter((label, split) for label, _, split in splits)
    assert counted == {(label, split): n for label in CLASSES for split, n in SPLITS.items()}


def test_the_plan_follows_from_its_seed_alone(plan):
    again = make_plan()
    assert [v.sight for v in again] == [v.sight for v in plan]
    assert [v.vessel.design for v in again] == [v.vessel.design for v in plan]
    assert [v.sight for v in make_plan(seed=21)] != [v.sight for v in plan]


def test_no_two_vessels_of_a_class_and_no_two_views_are_alike(plan):
    designs = {repr(sorted(v.vessel.design.items(), key=str)) for v in plan}
    assert len(designs) == len(CLASSES) * VESSELS
    assert len({repr(v.sight) for v in plan}) == len(plan)


@pytest.mark.parametrize("label", CLASSES)
def test_a_vessel_has_the_same_shape_at_every_call(label):
    vessel = next(v for v in make_vessels() if v.label == label)
    first, second = (vessel.build().mesh.vertices() for _ in range(2))
    assert len(first) > 500
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(first, second)


def test_a_picture_is_developed_the_same_twice_and_in_full_size():
    light = np.random.default_rng(0).random((96, 96, 3)) * 2
    one, two = (film.develop(light, PLAIN, np.random.default_rng(1), 64) for _ in range(2))
    assert one.size == (64, 64)
    assert film.encode(one, 88) == film.encode(two, 88)


def test_light_that_is_no_number_leaves_a_picture():
    light = np.full((96, 96, 3), 0.5)
    light[10:20, 10:20] = np.nan
    light[30:40, 30:40] = np.inf
    developed = np.asarray(film.develop(light, PLAIN, np.random.default_rng(1), 64))
    assert developed.std() > 0


def test_a_dull_scene_gets_contrast_and_a_usual_one_stays_as_it_is():
    ramp = np.linspace(0, 1, 256).reshape(16, 16, 1) * np.ones(3)
    dull = 0.45 + 0.1 * ramp
    assert np.ptp(film._levels(dull)) > 1.8 * np.ptp(dull)
    np.testing.assert_allclose(film._levels(ramp), ramp, atol=1e-12)


def test_the_manifest_lists_what_is_there_with_hashes(plan, tmp_path):
    views = plan[:3]
    for view in views[:2]:
        path = tmp_path / view.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(view.file.encode())
    lines = write_manifest(views, tmp_path).read_text("utf-8").splitlines()
    assert lines[0].startswith(",".join(COLUMNS))
    assert [line.split(",")[0] for line in lines[1:]] == [view.file for view in views[:2]]


@pytest.mark.parametrize(
    ("option", "value"), [("--classes", "submarine"), ("--views", "9"), ("--vessels", "x")]
)
def test_a_selection_that_does_not_exist_is_refused(option, value, tmp_path):
    command = [sys.executable, "-m", "datasets.render", "--out", str(tmp_path), option, value]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert value in done.stderr
    assert "Traceback" not in done.stderr
