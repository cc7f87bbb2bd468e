"""Pre-trained networks, on genuine weights, that know their own pixels and their own past."""

from tlcourse.backbones.backbone import Backbone
from tlcourse.backbones.figures import show_guesses, show_new_head
from tlcourse.backbones.imagenet import Guess, Guesses, imagenet_classes
from tlcourse.backbones.loading import list_backbones, load_backbone
from tlcourse.backbones.preprocessing import Preprocessing
from tlcourse.backbones.weights import Provenance

__all__ = [
    "Backbone",
    "Guess",
    "Guesses",
    "Preprocessing",
    "Provenance",
    "imagenet_classes",
    "list_backbones",
    "load_backbone",
    "show_guesses",
    "show_new_head",
]
