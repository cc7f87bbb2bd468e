"""Widgets: thin shells over the functions of the other rooms, answered in the browser."""

from tlcourse.widgets.activations import ActivationExplorer, explore_activations
from tlcourse.widgets.annotation import Annotator, annotate
from tlcourse.widgets.attribution import AttributionExplorer, explore_attribution
from tlcourse.widgets.augmentation import AugmentationExplorer, explore_augmentation
from tlcourse.widgets.convolution import ConvolutionExplorer, explore_convolution

__all__ = [
    "ActivationExplorer",
    "Annotator",
    "AttributionExplorer",
    "AugmentationExplorer",
    "ConvolutionExplorer",
    "annotate",
    "explore_activations",
    "explore_attribution",
    "explore_augmentation",
    "explore_convolution",
]
