"""Otak on the device: a brain-MRI slice in, one of four answers out, without internet."""

from datetime import UTC, datetime

from edge_app.classifier import Classifier, Prediction
from edge_app.errors import BundleError, ImageTooLarge, NotAnImage, OtakError, UnreadableImage
from edge_app.study import StudyPrediction

__version__ = "0.2.0"
# No clock that shows an earlier day is believed; renewed with the version.
RELEASED = datetime(2026, 11, 26, tzinfo=UTC)

__all__ = [
    "RELEASED",
    "BundleError",
    "Classifier",
    "ImageTooLarge",
    "NotAnImage",
    "OtakError",
    "Prediction",
    "StudyPrediction",
    "UnreadableImage",
]
