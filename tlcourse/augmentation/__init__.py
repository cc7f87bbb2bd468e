"""More from the pictures at hand: random changes in training, and normalised light and size."""

from tlcourse.augmentation.figures import show_augmentations, show_before_after
from tlcourse.augmentation.normalise import normalise_light, normalise_size
from tlcourse.augmentation.pipeline import make_dataset
from tlcourse.augmentation.settings import Augmentation, Change

__all__ = [
    "Augmentation",
    "Change",
    "make_dataset",
    "normalise_light",
    "normalise_size",
    "show_augmentations",
    "show_before_after",
]
