"""How the files that devices use do on corrupted slices, and whether they refuse other pictures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import util
from pathlib import Path

import numpy as np

from benchmarks.errors import BenchmarkError
from benchmarks.measure import evaluation_part
from benchmarks.measure.models import ModelUnderTest
from benchmarks.measure.predictions import Progress, row_of
from benchmarks.measure.resume import key_of, resumed
from benchmarks.robustness.corruptions import CORRUPTIONS
from edge_app.image import decode
from edge_app.verdict import NO_TUMOUR
from evaluation.predictions import SlicePrediction

SEED = 7
# Kinds of other pictures that come with code or the data set, not from the folder of them.
SAMPLES = (
    "generated",
    "scikit-learn",
    "scikit-image",
    "several slices",
    "screenshots",
    "photographs",
    "photographs in grey",
)


@dataclass(frozen=True)
class Verdicts:
    """What is answered of some slices, and how wrong that is; shares without slices are None.

    Attributes:
        slices: How many.
        right: Share whose most probable answer is the true one.
        answered: Share that gets an answer.
        refused: Share that is refused.
        wrong: Share of the answers that is wrong.
        missed: Share of the tumours that is answered *no tumour*.
    """

    slices: int
    right: float
    answered: float
    refused: float
    wrong: float | None
    missed: float | None


@dataclass(frozen=True)
class Step:
    """One strength of a corruption; None for slices as they are."""

    strength: float | None
    verdicts: Verdicts


@dataclass(frozen=True)
class OutOfDistribution:
    """What a file says of pictures that are no slice of a brain MRI.

    Attributes:
        kind: Of pictures.
        pictures: How many.
        verdicts: Number of them by verdict.
        let_in: Names of those that were not refused.
    """

    kind: str
    pictures: int
    verdicts: dict[str, int]
    let_in: tuple[str, ...]


@dataclass(frozen=True)
class FileRobustness:
    """One file.

    Attributes:
        file: The file's name in the report.
        corruptions: By kind, the strengths in order, the slices as they are first.
        out_of_distribution: By kind of picture.
    """

    file: str
    corruptions: dict[str, tuple[Step, ...]]
    out_of_distribution: tuple[OutOfDistribution, ...]


@dataclass(frozen=True)
class Robustness:
    """All files that devices use."""

    files: tuple[FileRobustness, ...]


def missing() -> str | None:
    """Tells what is not installed that sample images of other things come with."""
    if util.find_spec("sklearn") is None:
        return "scikit-learn is not installed: pip install scikit-learn."
    if util.find_spec("skimage") is None:
        return "scikit-image is not installed: pip install scikit-image."
    return None


def measure(
    under_test: Sequence[ModelUnderTest],
    data: Path,
    others: Path | None,
    stride: int,
    parts: Path,
    progress: Progress,
) -> Robustness:
    """Corrupts every slice of known type, and shows other pictures.

    What an earlier, interrupted call finished is taken from ``parts``.

    Args:
        under_test: All files; those trained here that their bundle names for devices are measured.
        data: The folder that the slices lie in; may hold a folder ``not_mri`` of photographs.
        others: A folder of other pictures with a ``sources.csv``; None to do without.
        stride: Takes every slice, or one in so many.
        parts: Where each file's figures are kept.
        progress: Told what is measured, how many are done and all of them.

    Raises:
        OtakError: Something is not installed, no bundle has trained weights, or a slice is missing or
            changed.
    """
    if lack := missing():
        raise BenchmarkError(lack)
    chosen = [model for model in under_test if model.trained and model.is_default and not model.adopted]
    if not chosen:
        raise BenchmarkError("No bundle has trained weights; there is nothing to corrupt slices for.")
    return Robustness(
        tuple(
            resumed(
                parts / f"robustness-{key_of(model.name, model.file.sha256, stride, str(others))}.json",
                FileRobustness,
                partial(_measure, model, data, others, stride, progress),
            )
            for model in chosen
        )
    )


def _measure(
    model: ModelUnderTest, data: Path, others: Path | None, stride: int, progress: Progress
) -> FileRobustness:
    asked = evaluation_part.read(model.bundle).typed[::stride]
    evaluation_part.verify(asked, data)
    return FileRobustness(
        file=model.name,
        corruptions=_corruptions(model, asked, data, progress),
        out_of_distribution=tuple(_out_of_distribution(model, asked, data, others, progress)),
    )


def _corruptions(
    model: ModelUnderTest, asked: Sequence[SlicePrediction], data: Path, progress: Progress
) -> dict[str, tuple[Step, ...]]:
    classifier = model.open()
    whole: list[SlicePrediction] = []
    rows: dict[tuple[str, float], list[SlicePrediction]] = defaultdict(list)
    for index, each in enumerate(asked):
        image = decode(data / each.path).convert("RGB")
        whole.append(row_of(classifier.predict(image), each, model.name))
        for name, (corrupt, strengths) in CORRUPTIONS.items():
            for strength in strengths:
                corrupted = corrupt(image, strength, np.random.default_rng((SEED, index)))
                rows[name, strength].append(row_of(classifier.predict(corrupted), each, model.name))
        progress(f"{model.name}: corruptions", index + 1, len(asked))
    return {
        name: (
            Step(None, verdicts_of(whole)),
            *(Step(strength, verdicts_of(rows[name, strength])) for strength in strengths),
        )
        for name, (_, strengths) in CORRUPTIONS.items()
    }


def _out_of_distribution(
    model: ModelUnderTest,
    asked: Sequence[SlicePrediction],
    data: Path,
    others: Path | None,
    progress: Progress,
) -> Iterator[OutOfDistribution]:
    # Its sample images come with libraries of the workshop, which need not be there to time a bundle.
    from benchmarks.robustness.out_of_distribution import inputs

    classifier = model.open()
    rejection = model.provenance.rejection
    seen = set(rejection.photographs if rejection else ())
    slices = [data / each.path for each in asked]
    for kind, pictures in inputs(data, seen, others, slices).items():
        # One at a time: screens would fill the memory.
        verdicts = {name: classifier.predict(image).verdict for name, image in pictures}
        progress(f"{model.name}: {kind}", len(verdicts), len(verdicts))
        yield OutOfDistribution(
            kind=kind,
            pictures=len(verdicts),
            verdicts=dict(Counter(verdicts.values())),
            let_in=tuple(name for name, verdict in verdicts.items() if verdict != "refused"),
        )


def verdicts_of(rows: Sequence[SlicePrediction]) -> Verdicts:
    """Counts what is answered of slices of known type, at least one."""
    answered = [row for row in rows if row.verdict == "answer"]
    tumours = [row for row in rows if row.label != NO_TUMOUR]
    missed = [row for row in tumours if row.verdict == "answer" and row.predicted == NO_TUMOUR]
    return Verdicts(
        slices=len(rows),
        right=sum(row.right for row in rows) / len(rows),
        answered=len(answered) / len(rows),
        refused=sum(row.verdict == "refused" for row in rows) / len(rows),
        wrong=sum(not row.right for row in answered) / len(answered) if answered else None,
        missed=len(missed) / len(tumours) if tumours else None,
    )
