"""Predictions as tests need them."""

from __future__ import annotations

from typing import Any

from evaluation.predictions import SlicePrediction

NONE = "no_tumor"


def row(label: str, predicted: str, index: int = 0, **more: Any) -> SlicePrediction:
    """Makes a row whose confidence is 1 where nothing else is given."""
    given: dict[str, Any] = {
        "file": "net",
        "path": f"{index}.jpg",
        "sha256": f"{index:064x}",
        "label": label,
        "group": str(index),
        "predicted": predicted,
        "confidence": 1.0,
        "tumour": float(predicted != NONE),
        "probabilities": {},
        "keras": predicted,
        "verdict": "answer",
    }
    return SlicePrediction(**given | more)


def rows(truth: str, predicted: str, keras: str = "", **more: Any) -> list[SlicePrediction]:
    """Makes rows of one letter a slice; ``-`` stands for no tumour, a list gives each row its own value."""
    keras = keras or predicted
    return [
        row(
            _label(truth[i]),
            _label(predicted[i]),
            i,
            **{"keras": _label(keras[i])}
            | {key: value[i] if isinstance(value, list) else value for key, value in more.items()},
        )
        for i in range(len(truth))
    ]


def _label(letter: str) -> str:
    return NONE if letter == "-" else letter
