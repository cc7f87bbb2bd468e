from .backbones import Backbone as Backbone
from .backbones import list_backbones as list_backbones
from .backbones import load_backbone as load_backbone
from .backbones import show_guesses as show_guesses
from .backbones import show_new_head as show_new_head
from .data import ImageSet as ImageSet
from .data import load_dataset as load_dataset
from .data import load_images as load_images
from .data import open_picture as open_picture
from .data import photograph as photograph
from .data import show_pictures as show_pictures
from .data import split as split
from .evaluation import Report as Report
from .evaluation import evaluate as evaluate
from .features import FeatureTable as FeatureTable
from .features import extract_features as extract_features
from .features import load_features as load_features
from .training import Classifier as Classifier
from .training import load_classifier as load_classifier
from .training import train_head as train_head

__version__: str
