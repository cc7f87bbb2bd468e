"""From features to a classifier for your own classes."""

from tlcourse.training.classifier import Classifier, load_classifier
from tlcourse.training.fine_tuning import fine_tune
from tlcourse.training.forecasting import Forecast, forecast
from tlcourse.training.heads import Head
from tlcourse.training.history import Epoch, History
from tlcourse.training.ledger import Ledger, LedgerRow, ledger
from tlcourse.training.predictions import Prediction, Predictions
from tlcourse.training.strategies import Strategy, build_classifier
from tlcourse.training.train import train_head

__all__ = [
    "Classifier",
    "Epoch",
    "Forecast",
    "Head",
    "History",
    "Ledger",
    "LedgerRow",
    "Prediction",
    "Predictions",
    "Strategy",
    "build_classifier",
    "fine_tune",
    "forecast",
    "ledger",
    "load_classifier",
    "train_head",
]
