"""Widgets: thin shells over the functions of the other rooms, answered in the browser."""

from tlcourse.widgets.activations import ActivationExplorer, explore_activations
from tlcourse.widgets.annotation import Annotator, annotate
from tlcourse.widgets.attribution import AttributionExplorer, explore_attribution
from tlcourse.widgets.augmentation import AugmentationExplorer, explore_augmentation
from tlcourse.widgets.convolution import ConvolutionExplorer, explore_convolution
from tlcourse.widgets.mistakes import MistakeExplorer, explore_mistakes
from tlcourse.widgets.networks import NetworkExplorer, NetworkRecord, explore_networks
from tlcourse.widgets.strategy import StrategyExplorer, explore_strategy
from tlcourse.widgets.watching import TrainingWatch, watch_training

__all__ = [
    "ActivationExplorer",
    "Annotator",
    "AttributionExplorer",
    "AugmentationExplorer",
    "ConvolutionExplorer",
    "MistakeExplorer",
    "NetworkExplorer",
    "NetworkRecord",
    "StrategyExplorer",
    "TrainingWatch",
    "annotate",
    "explore_activations",
    "explore_attribution",
    "explore_augmentation",
    "explore_convolution",
    "explore_mistakes",
    "explore_networks",
    "explore_strategy",
    "watch_training",
]
