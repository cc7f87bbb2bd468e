"""Every odd or broken file is either read right or reported by name."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.data.hard_pictures import (
    HARD_PICTURES,
    HardPicture,
    LeftOut,
    Refused,
    Shows,
    jpeg,
    oriented,
)
from tlcourse.data import check_pictures, load_images, open_picture
from tlcourse.errors import PictureError

READABLE = [kind for kind in HARD_PICTURES if isinstance(kind.becomes, Shows)]
REFUSED = [kind for kind in HARD_PICTURES if isinstance(kind.becomes, Refused)]
LEFT_OUT = [kind for kind in HARD_PICTURES if isinstance(kind.becomes, LeftOut)]

# pytest takes away the filter that keeps Pillow's warnings from the reader
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


def each(kinds: list[HardPicture]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("kind", kinds, ids=[ascii(kind.name) for kind in kinds])


def centres(pixels: np.ndarray) -> np.ndarray:
    """Return the colours at the centres of the four quarters."""
    height, width = pixels.shape[:2]
    rows, columns = [height // 4, height * 3 // 4], [width // 4, width * 3 // 4]
    return pixels[np.ix_(rows, columns)].astype(int)


def write(kind: HardPicture, folder: Path) -> Path:
    path = folder / kind.name
    kind.write(path)
    return path


@each(READABLE)
def test_an_odd_picture_is_read_right(kind: HardPicture, tmp_path: Path) -> None:
    path = write(kind, tmp_path)
    shows = kind.becomes
    pixels = open_picture(path)
    assert pixels.shape == (shows.height, shows.width, 3)
    assert pixels.dtype == np.uint8
    np.testing.assert_allclose(centres(pixels), shows.quarters, atol=shows.tolerance)
    np.testing.assert_array_equal(open_picture(path.read_bytes()), pixels)


@each(READABLE)
def test_an_odd_picture_is_resized(kind: HardPicture, tmp_path: Path) -> None:
    pixels = open_picture(write(kind, tmp_path), size=(20, 30))
    assert pixels.shape == (20, 30, 3)
    np.testing.assert_allclose(centres(pixels), kind.becomes.quarters, atol=kind.becomes.tolerance)


@each(REFUSED)
@pytest.mark.parametrize("size", [None, (8, 8)], ids=["own size", "small"])
def test_a_broken_picture_is_refused_with_its_name_and_the_reason(
    kind: HardPicture, size: tuple[int, int] | None, tmp_path: Path
) -> None:
    path = write(kind, tmp_path)
    with pytest.raises(PictureError) as caught:
        open_picture(path, size)
    assert re.search(kind.becomes.words, caught.value.received)
    assert kind.name in str(caught.value)
    assert caught.value.todo
    with pytest.raises(PictureError, match=re.escape(caught.value.received)):
        open_picture(path.read_bytes(), size)


@pytest.mark.timeout(60)
def test_a_folder_of_all_of_them_gives_the_good_ones_and_names_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    for kind in HARD_PICTURES:
        write(kind, folder)
    listed = load_images(tmp_path)
    checked = check_pictures(listed)
    assert {path.name for path in checked.paths} == {kind.name for kind in READABLE}
    assert {path.name for path in listed.paths} == {k.name for k in [*READABLE, *REFUSED]}
    reasons = {problem.file.name: problem.reason for problem in checked.problems}
    assert len(reasons) == len(checked.problems)
    assert set(reasons) == {kind.name for kind in [*REFUSED, *LEFT_OUT]}
    for kind in [*REFUSED, *LEFT_OUT]:
        assert re.search(kind.becomes.words, reasons[kind.name]), kind.name


def test_there_are_as_many_kinds_as_promised() -> None:
    assert len({kind.name for kind in HARD_PICTURES}) == len(HARD_PICTURES) >= 25
    assert min(len(READABLE), len(REFUSED), len(LEFT_OUT)) >= 10


def test_all_eight_ways_to_hold_a_camera_give_one_picture() -> None:
    upright = open_picture(oriented(1)).astype(int)
    for orientation in range(2, 9):
        assert np.abs(open_picture(oriented(orientation)) - upright).max() <= 3


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything may be read here")
def test_a_file_without_the_right_to_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.jpg"
    path.write_bytes(jpeg())
    path.chmod(0)
    with pytest.raises(PictureError, match="may not read"):
        open_picture(path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pipe.jpg", "a pipe"),
        ("dangling.jpg", "leads nowhere"),
        ("folder.jpg", "a folder"),
        ("nothing.jpg", "no such file"),
        ("\0", "null character"),
        ("n" * 5000, "too long"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="no pipes and links")
@pytest.mark.timeout(20)
def test_what_is_no_file_is_refused_at_once(name: str, words: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "dangling.jpg").symlink_to("nowhere")
    (tmp_path / "folder.jpg").mkdir()
    with pytest.raises(PictureError) as caught:
        open_picture(tmp_path / name)
    assert words in caught.value.received
    assert caught.value.todo


def test_nothing_is_printed_and_no_warning_reaches_the_reader(tmp_path: Path) -> None:
    for kind in [*READABLE, *REFUSED]:
        write(kind, tmp_path)
    script = (
        "import sys, pathlib\n"
        "from tlcourse.data import open_picture\n"
        "from tlcourse.errors import PictureError\n"
        "for path in pathlib.Path(sys.argv[1]).iterdir():\n"
        "    try: open_picture(path)\n"
        "    except PictureError: pass\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_threads_see_the_same_pixels(tmp_path: Path) -> None:
    paths = [write(kind, tmp_path) for kind in READABLE]
    alone = [open_picture(path, (24, 24)) for path in paths]
    at_once = threading.Barrier(8)

    def work(_: int) -> list[np.ndarray]:
        at_once.wait()
        return [open_picture(path, (24, 24)) for path in paths]

    with ThreadPoolExecutor(8) as pool:
        for together in pool.map(work, range(8)):
            for one, other in zip(alone, together, strict=True):
                np.testing.assert_array_equal(one, other)
