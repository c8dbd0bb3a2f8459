"""What a file says of every slice of the test part, and how that compares with the truth and with Keras."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.candidates import Candidate
from benchmarks.reference import Reference, all_slices
from benchmarks.statistics import Estimate, bootstrap

NO_TUMOR = "no_tumor"


@dataclass(frozen=True)
class Answer:
    """One file's answer to one slice.

    Attributes:
        predicted: The most probable label, whatever the verdict.
        verdict: What a user would be told.
        probabilities: By label.
    """

    predicted: str
    verdict: str
    probabilities: dict[str, float]


@dataclass(frozen=True)
class Accuracy:
    """How well a file answers.

    Attributes:
        accuracy: Share of slices whose most probable label is the true one.
        keras: The Keras model's accuracy on the same slices.
        lost: ``keras`` minus ``accuracy``.
        flipped: Number of slices that the file and the Keras model answer differently.
        verdicts: Number of slices by verdict.
        tumour: Share of the tumours that are called one, at the threshold that calls 95% of the slices
            without one rightly; None where the test part has no such slices.
        mixed: Likewise of the tumours of unknown type and of all sequences, at the same threshold.
    """

    accuracy: Estimate
    keras: float
    lost: Estimate
    flipped: int
    verdicts: dict[str, int]
    tumour: float | None
    mixed: float | None


def ask(candidate: Candidate, data: Path, advance: Callable[[], None]) -> list[Answer]:
    """Puts every slice of the test part to a file.

    Args:
        candidate: The file.
        data: The folder that the slices lie in.
        advance: Called after each slice.

    Returns:
        One answer a slice, in the reference's order, the mixed tumours last.

    Raises:
        OtakError: A picture is unreadable, or the file gave no finite numbers.
    """
    answers = []
    for slice_ in all_slices(candidate.reference):
        prediction = candidate.classifier.predict(data / slice_.path)
        predicted = max(prediction.probabilities, key=prediction.probabilities.__getitem__)
        answers.append(Answer(predicted, prediction.verdict, prediction.probabilities))
        advance()
    return answers


def judge(answers: list[Answer], reference: Reference) -> Accuracy:
    """Compares a file's answers with the truth and with its Keras model."""
    answers, mixed = answers[: len(reference.slices)], answers[len(reference.slices) :]
    truth = [slice_.label for slice_ in reference.slices]
    tumour, tumour_mixed = sensitivities(answers, truth, mixed)
    groups = [slice_.group for slice_ in reference.slices]
    predicted = [answer.predicted for answer in answers]
    right = [float(a == b) for a, b in zip(predicted, truth, strict=True)]
    keras_right = [float(a == b) for a, b in zip(reference.keras, truth, strict=True)]
    lost = [a - b for a, b in zip(keras_right, right, strict=True)]
    return Accuracy(
        accuracy=bootstrap(right, groups),
        keras=sum(keras_right) / len(keras_right),
        lost=bootstrap(lost, groups),
        flipped=sum(a != b for a, b in zip(predicted, reference.keras, strict=True)),
        verdicts=dict(Counter(answer.verdict for answer in answers)),
        tumour=tumour,
        mixed=tumour_mixed,
    )


def sensitivities(
    answers: list[Answer], truth: list[str], mixed: list[Answer]
) -> tuple[float | None, float | None]:
    """Returns the shares of typed and of mixed tumours called a tumour, at 95% specificity."""
    scores = np.array([1 - answer.probabilities.get(NO_TUMOR, 0.0) for answer in answers])
    tumour = np.array([label != NO_TUMOR for label in truth])
    if tumour.all() or not tumour.any():
        return None, None
    threshold = np.quantile(scores[~tumour], 0.95)
    others = [1 - answer.probabilities[NO_TUMOR] > threshold for answer in mixed]
    return float((scores[tumour] > threshold).mean()), float(np.mean(others)) if others else None
