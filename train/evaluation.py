"""Judging a trained net on its test part."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, roc_auc_score

from evaluation.labels import NAMES, NO_TUMOUR_INDEX
from evaluation.statistics import bootstrap

ECE_BINS = 15


def evaluate(
    truth: NDArray[np.int64], probabilities: NDArray[np.float32], groups: list[str]
) -> dict[str, Any]:
    """Measures a net's answers.

    Args:
        truth: int64 (N,), the index of the true label in ``NAMES``.
        probabilities: float32 (N, labels).
        groups: The group of each slice; intervals come from a bootstrap over groups.

    Returns:
        Accuracy with its 95% interval, balanced accuracy, the paper's precision, recall, F1 and support by
        class, the confusion matrix (rows are the truth), tumour or not, and the calibration error.
    """
    answers = probabilities.argmax(axis=1)
    labels = list(range(len(NAMES)))
    precision, recall, f1, support = precision_recall_fscore_support(
        truth, answers, labels=labels, zero_division=0.0
    )
    present = support > 0
    return {
        "slices": len(truth),
        "groups": len(set(groups)),
        "accuracy": asdict(bootstrap((answers == truth).astype(float).tolist(), groups)),
        "balanced_accuracy": float(recall[present].mean()),
        "macro_f1": float(f1[present].mean()),
        "classes": {
            name: {
                "precision": float(precision[i]),
                "recall": float(recall[i]),
                "f1": float(f1[i]),
                "support": int(support[i]),
            }
            for i, name in enumerate(NAMES)
        },
        "confusion": confusion_matrix(truth, answers, labels=labels).tolist(),
        "tumour": tumour_or_not(truth, probabilities),
        "ece": calibration_error(truth, probabilities),
    }


def tumour_or_not(truth: NDArray[np.int64], probabilities: NDArray[np.float32]) -> dict[str, float] | None:
    """Measures how well tumours of any type are told from none; None where one kind is missing."""
    tumour = truth != NO_TUMOUR_INDEX
    if tumour.all() or not tumour.any():
        return None
    scores = 1 - probabilities[:, NO_TUMOUR_INDEX]
    called = probabilities.argmax(axis=1) != NO_TUMOUR_INDEX
    return {
        "sensitivity": float(called[tumour].mean()),
        "specificity": float((~called[~tumour]).mean()),
        "auc": float(roc_auc_score(tumour, scores)),
    }


def calibration_error(truth: NDArray[np.int64], probabilities: NDArray[np.float32]) -> float:
    """Returns the expected calibration error of the top answer over equal-width bins (Guo et al. 2017)."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = [
        abs(right[bins == b].mean() - confidence[bins == b].mean()) * (bins == b).mean()
        for b in np.unique(bins)
    ]
    return float(sum(gaps))
