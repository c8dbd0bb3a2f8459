"""What a file says of every slice of the test part, and how that compares with the truth and with Keras."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.candidates import Candidate
from benchmarks.reference import Reference
from benchmarks.statistics import Estimate, bootstrap


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
    """

    accuracy: Estimate
    keras: float
    lost: Estimate
    flipped: int
    verdicts: dict[str, int]


def ask(candidate: Candidate, data: Path, advance: Callable[[], None]) -> list[Answer]:
    """Puts every slice of the test part to a file.

    Args:
        candidate: The file.
        data: The folder that the slices lie in.
        advance: Called after each slice.

    Returns:
        One answer a slice, in the reference's order.

    Raises:
        OtakError: A picture is unreadable, or the file gave no finite numbers.
    """
    answers = []
    for slice_ in candidate.reference.slices:
        prediction = candidate.classifier.predict(data / slice_.path)
        predicted = max(prediction.probabilities, key=prediction.probabilities.__getitem__)
        answers.append(Answer(predicted, prediction.verdict, prediction.probabilities))
        advance()
    return answers


def judge(answers: list[Answer], reference: Reference) -> Accuracy:
    """Compares a file's answers with the truth and with its Keras model."""
    truth = [slice_.label for slice_ in reference.slices]
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
    )
