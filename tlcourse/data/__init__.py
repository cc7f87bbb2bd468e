"""From pictures on disk to labelled sets: one decoder, loading, checking, splitting."""

from tlcourse.data.annotation import AnnotationLog, Opinion
from tlcourse.data.annotation_entries import Annotation
from tlcourse.data.datasets import DatasetList, KnownDataset, list_datasets, load_dataset
from tlcourse.data.decode import DECODER_VERSION, MAX_PIXELS, PictureSource, open_picture
from tlcourse.data.figures import show_pictures
from tlcourse.data.images import ImageSet
from tlcourse.data.leakage import Leak, find_leaks
from tlcourse.data.load import load_images
from tlcourse.data.parts import LabelledPicture, Problem
from tlcourse.data.photographs import photograph, photograph_credit, photograph_names
from tlcourse.data.rating import Agreement, Majority, agreement, drop_worst, majority, relabel
from tlcourse.data.reading import read_picture
from tlcourse.data.sources import (
    Pictures,
    check_pictures,
    find_pictures,
    load_pictures,
    reason_of,
)
from tlcourse.data.splitting import leave_out, split

__all__ = [
    "DECODER_VERSION",
    "MAX_PIXELS",
    "Agreement",
    "Annotation",
    "AnnotationLog",
    "DatasetList",
    "ImageSet",
    "KnownDataset",
    "LabelledPicture",
    "Leak",
    "Majority",
    "Opinion",
    "PictureSource",
    "Pictures",
    "Problem",
    "agreement",
    "check_pictures",
    "drop_worst",
    "find_leaks",
    "find_pictures",
    "leave_out",
    "list_datasets",
    "load_dataset",
    "load_images",
    "load_pictures",
    "majority",
    "open_picture",
    "photograph",
    "photograph_credit",
    "photograph_names",
    "read_picture",
    "reason_of",
    "relabel",
    "show_pictures",
    "split",
]
