"""Contact sheets: everything that is shown is also told."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.pictures import write_picture, write_set
from tlcourse.data import ImageSet, load_images, show_pictures
from tlcourse.errors import ArgumentError, DataError
from tlcourse.figures import Figure


def pixels_of(figure: Figure) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(figure.png)).convert("RGB"))


def share_of_colour(figure: Figure, colour: tuple[int, int, int]) -> float:
    return float((np.abs(pixels_of(figure).astype(int) - colour).max(axis=-1) < 40).mean())


def plain(colour: tuple[int, int, int], height: int = 40, width: int = 60) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


def test_a_list_is_shown_with_its_titles():
    figure = show_pictures([plain((255, 0, 0)), plain((0, 0, 255))], ["a rose", "the sea"])
    assert figure.alt == "2 pictures of 40 × 60 pixels, enlarged: a rose; the sea."
    for colour in [(255, 0, 0), (0, 0, 255)]:
        assert share_of_colour(figure, colour) > 0.2


def test_a_single_picture_is_a_list_of_one():
    assert show_pictures(plain((255, 0, 0), 200, 100)).alt == "1 picture of 200 × 100 pixels."


def test_rows_are_filled_one_after_the_other():
    picture = plain((255, 0, 0))
    wide, high = (pixels_of(show_pictures([picture] * 4, columns=n)).shape for n in (4, 2))
    assert wide[1] > high[1]
    assert wide[0] < high[0]


def test_pixels_of_tiny_pictures_are_enlarged_as_squares():
    chessboard = (np.indices((8, 8)).sum(axis=0) % 2 * 255).astype(np.uint8)
    shown = pixels_of(show_pictures(chessboard))
    pure = np.isin(shown, (0, 255)).all(axis=-1).mean()
    assert pure > 0.9  # a smooth enlargement is mostly grey


def test_a_set_is_shown_class_by_class(tmp_path: Path):
    images = load_images(write_set(tmp_path, count=5))
    figure = show_pictures(images, columns=3)
    assert figure.alt == (
        "Example pictures of 96 × 96 pixels, a row for each class: 3 of green; 3 of red."
    )
    assert share_of_colour(figure, (200, 40, 30)) > 0.2
    assert share_of_colour(figure, (40, 170, 60)) > 0.2


def test_the_seed_chooses_the_pictures_of_a_set(tmp_path: Path):
    images = load_images(write_set(tmp_path, count=9))
    first, again, other = (show_pictures(images, columns=2, seed=s).png for s in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_class_without_pictures_has_no_row(tmp_path: Path):
    images = load_images(write_set(tmp_path))
    assert "green" not in show_pictures(images[images.labels == 1]).alt


def test_of_very_many_classes_the_figure_tells_how_many_it_leaves_out(tmp_path: Path):
    for number in range(15):
        write_picture(tmp_path / f"kind {number}" / "0.png", (90, 90, 90), number, size=16)
    alt = show_pictures(load_images(tmp_path)).alt
    assert "1 of kind 11; 3 classes more are not shown." in alt


def test_a_file_that_cannot_be_read_keeps_its_place(tmp_path: Path):
    images = load_images(write_set(tmp_path, count=2))
    images.paths[0].write_bytes(b"no picture at all")
    figure = show_pictures(images)
    assert "of 96 × 96 pixels, 1 of which cannot be read, a row" in figure.alt
    assert share_of_colour(figure, (40, 170, 60)) > 0.05


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([],), "no picture to show"),
        ((plain((0, 0, 0)), ["one", "two"]), "'titles' does not fit"),
        ((plain((0, 0, 0)), "x"), "'titles' does not fit"),
        ((ImageSet((), np.zeros(0, np.int64), ("a", "b")),), "no picture to show"),
    ],
)
def test_what_does_not_fit_is_named(arguments: tuple, said: str):
    with pytest.raises(ArgumentError, match=said):
        show_pictures(*arguments)


@pytest.mark.parametrize("columns", [0, -1, 2.5, True])
def test_columns_are_a_whole_number(columns):
    with pytest.raises(ArgumentError, match="'columns'"):
        show_pictures(plain((0, 0, 0)), columns=columns)


def test_the_rows_of_a_set_have_names_already(tmp_path: Path):
    with pytest.raises(ArgumentError, match="names of its classes"):
        show_pictures(load_images(write_set(tmp_path)), ["red", "green"])


def test_an_empty_folder_is_an_error(tmp_path: Path):
    with pytest.raises(DataError, match="holds no pictures"):
        show_pictures(tmp_path)
