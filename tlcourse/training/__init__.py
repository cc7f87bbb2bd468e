"""From features to a classifier for your own classes."""

from tlcourse.training.classifier import Classifier, load_classifier
from tlcourse.training.heads import Head
from tlcourse.training.predictions import Prediction, Predictions
from tlcourse.training.train import train_head

__all__ = [
    "Classifier",
    "Head",
    "Prediction",
    "Predictions",
    "load_classifier",
    "train_head",
]
