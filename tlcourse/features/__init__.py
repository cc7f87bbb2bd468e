"""Features: a frozen backbone over a set of pictures, each picture once."""

from tlcourse.features.extract import extract_features
from tlcourse.features.table import FeatureTable, load_features

__all__ = ["FeatureTable", "extract_features", "load_features"]
