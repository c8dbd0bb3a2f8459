"""Otak on the device: a brain-MRI slice in, one of four answers out, without internet."""

from edge_app.classifier import Classifier, Prediction
from edge_app.errors import BundleError, ImageTooLarge, NotAnImage, OtakError, UnreadableImage
from edge_app.study import StudyPrediction

__version__ = "0.2.0"

__all__ = [
    "BundleError",
    "Classifier",
    "ImageTooLarge",
    "NotAnImage",
    "OtakError",
    "Prediction",
    "StudyPrediction",
    "UnreadableImage",
]
