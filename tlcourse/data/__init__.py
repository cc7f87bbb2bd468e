"""From pictures on disk to labelled sets: one decoder, loading, checking, splitting."""

from tlcourse.data.decode import DECODER_VERSION, MAX_PIXELS, PictureSource, open_picture
from tlcourse.data.figures import show_pictures
from tlcourse.data.images import ImageSet
from tlcourse.data.library_sets import load_dataset
from tlcourse.data.load import load_images
from tlcourse.data.parts import LabelledPicture, Problem
from tlcourse.data.photographs import photograph, photograph_credit, photograph_names
from tlcourse.data.reading import read_picture
from tlcourse.data.sources import (
    Pictures,
    check_pictures,
    find_pictures,
    load_pictures,
    reason_of,
)
from tlcourse.data.splitting import split

__all__ = [
    "DECODER_VERSION",
    "MAX_PIXELS",
    "ImageSet",
    "LabelledPicture",
    "PictureSource",
    "Pictures",
    "Problem",
    "check_pictures",
    "find_pictures",
    "load_dataset",
    "load_images",
    "load_pictures",
    "open_picture",
    "photograph",
    "photograph_credit",
    "photograph_names",
    "read_picture",
    "reason_of",
    "show_pictures",
    "split",
]
